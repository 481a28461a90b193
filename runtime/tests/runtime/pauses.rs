// SPDX-License-Identifier: Apache-2.0
//! What stops in safe mode and in a pause of a call, what never stops, and how it ends.

use frame_support::{assert_ok, traits::Contains};
use keel_change_control::periods::*;
use sp_runtime::{DispatchError, MultiAddress};

use super::{
	chain::*,
	governance::{CouncilInstance, TechInstance},
};
use keel_runtime::{configs::emergency::*, *};

type SecInstance = pallet_collective::Instance4;

fn filtered() -> sp_runtime::DispatchResult {
	Err(frame_system::Error::<Runtime>::CallFiltered.into())
}

fn transfer() -> RuntimeCall {
	pallet_balances::Call::<Runtime>::transfer_keep_alive {
		dest: MultiAddress::Id(Bob.to_account_id()),
		value: 1,
	}
	.into()
}

fn enter() -> pallet_safe_mode::Call<Runtime> {
	pallet_safe_mode::Call::force_enter {}
}

#[test]
fn safe_mode_stops_transfers_keeps_blocks_and_ends_by_itself() {
	on("dev", || {
		assert_ok!(send(Alice, transfer()));
		assert_ok!(motion::<SecInstance>(Alice, enter()));
		assert_eq!(send(Alice, transfer()), filtered());
		// G11: the mandatory inherents of these blocks are calls that the filter sees.
		pass_blocks(10);
		assert_eq!(send(Alice, transfer()), filtered());
		pass_blocks(SafeModeDuration::<Runtime>::get());
		assert_ok!(send(Alice, transfer()));
	});
}

#[test]
fn safe_mode_is_left_early_by_the_technical_committee() {
	on("dev", || {
		assert_ok!(motion::<SecInstance>(Alice, enter()));
		assert_ok!(motion::<TechInstance>(Alice, pallet_safe_mode::Call::<Runtime>::force_exit {}));
		assert_ok!(send(Alice, transfer()));
	});
}

#[test]
fn safe_mode_is_extended_by_another_body_than_the_one_that_entered_it() {
	on("dev", || {
		let extend = || pallet_safe_mode::Call::<Runtime>::force_extend {};
		assert_ok!(motion::<SecInstance>(Alice, enter()));
		assert_eq!(motion::<SecInstance>(Alice, extend()), Err(DispatchError::BadOrigin));
		assert_ok!(motion::<CouncilInstance>(Alice, extend()));
		pass_blocks(SafeModeDuration::<Runtime>::get() + 1);
		assert_eq!(send(Alice, transfer()), filtered());
		pass_blocks(SafeModeExtension::<Runtime>::get());
		assert_ok!(send(Alice, transfer()));
	});
}

#[test]
fn nobody_buys_a_pause() {
	on("dev", || {
		let enter = pallet_safe_mode::Call::<Runtime>::enter {};
		assert_eq!(send(Alice, enter), Err(pallet_safe_mode::Error::<Runtime>::NotConfigured.into()));
	});
}

#[test]
fn wrappers_live_in_safe_mode_but_what_they_wrap_is_filtered_again() {
	on("dev", || {
		assert_ok!(motion::<SecInstance>(Alice, enter()));
		let batch = pallet_utility::Call::<Runtime>::batch_all { calls: vec![transfer()] };
		assert_eq!(send(Alice, batch), filtered());
	});
}

/// All calls of the runtime against safe mode: the pallets that live, by name; every other is refused.
#[test]
fn safe_mode_lets_exactly_these_pallets_live() {
	let lives = [
		"ChangeControl",
		"Oracle",
		"CircuitBreaker",
		"Liquidation",
		"System",
		"Timestamp",
		"Scheduler",
		"ValidatorMembership",
		"Session",
		"Grandpa",
		"Utility",
		"Multisig",
		"Proxy",
		"Preimage",
		"Council",
		"TechnicalCommittee",
		"RiskCommittee",
		"SecurityCouncil",
		"Parameters",
		"SafeMode",
		"TxPause",
		"Migrations",
		"Democracy",
	];
	let stops = ["Balances", "Assets", "Faucet", "Identity", "Treasury"];
	// Some calls live: those that can only make an account or the fund safer.
	let mixed = ["Margin", "InsuranceFund"];
	type MarginCall = keel_margin::Call<Runtime>;
	type FundCall = keel_insurance_fund::Call<Runtime>;
	use frame_support::traits::GetCallMetadata;
	use keel_primitives::{MarketId, Quote, SubAccount};
	let (sub, amount) = (SubAccount(0), Quote::ONE);
	let with_calls: Vec<&str> = RuntimeCall::get_module_names()
		.iter()
		.copied()
		.filter(|pallet| call_names(pallet).is_some_and(|calls| !calls.is_empty()))
		.collect();
	for pallet in &with_calls {
		let lists = [lives.contains(pallet), stops.contains(pallet), mixed.contains(pallet)];
		assert_eq!(lists.iter().filter(|is_in| **is_in).count(), 1, "{pallet} is in {lists:?}");
	}
	for (call, expected) in [
		(RuntimeCall::from(enter()), true),
		(transfer(), false),
		(pallet_timestamp::Call::<Runtime>::set { now: 0 }.into(), true),
		(pallet_democracy::Call::<Runtime>::remove_vote { index: 0 }.into(), true),
		(pallet_faucet_drip(), false),
		(MarginCall::deposit { sub, amount }.into(), true),
		(MarginCall::withdraw { sub, amount }.into(), false),
		(MarginCall::transfer { from: sub, to: SubAccount(1), amount }.into(), false),
		(MarginCall::accept_trade { offer: 0, sub }.into(), false),
		(MarginCall::accept_reduce { offer: 0, sub }.into(), true),
		(MarginCall::cancel_offer { offer: 0 }.into(), true),
		(MarginCall::repay_debt { market: MarketId(0), amount }.into(), true),
		(keel_liquidation::Call::<Runtime>::fund_backstop { market: MarketId(0), amount }.into(), true),
		(FundCall::contribute { pot: keel_insurance_fund::Pot::Fund, amount }.into(), true),
		(
			FundCall::withdraw { pot: keel_insurance_fund::Pot::Fund, to: Bob.to_account_id(), amount }
				.into(),
			false,
		),
	] {
		assert_eq!(LivesInSafeMode::contains(&call), expected, "{call:?}");
	}
}

fn pallet_faucet_drip() -> RuntimeCall {
	keel_faucet::Call::<Runtime>::drip { who: MultiAddress::Id(Bob.to_account_id()) }.into()
}

fn name(pallet: &str, call: &str) -> pallet_tx_pause::RuntimeCallNameOf<Runtime> {
	(pallet.as_bytes().to_vec().try_into().unwrap(), call.as_bytes().to_vec().try_into().unwrap())
}

#[test]
fn a_call_is_paused_by_name_and_resumed_by_another_body() {
	on("dev", || {
		let transfer_name = || name("Balances", "transfer_keep_alive");
		let pause = pallet_tx_pause::Call::<Runtime>::pause { full_name: transfer_name() };
		let unpause = pallet_tx_pause::Call::<Runtime>::unpause { ident: transfer_name() };
		assert_ok!(motion::<SecInstance>(Alice, pause));
		assert_eq!(send(Alice, transfer()), filtered());
		let other = pallet_balances::Call::<Runtime>::transfer_allow_death {
			dest: MultiAddress::Id(Bob.to_account_id()),
			value: 1,
		};
		assert_ok!(send(Alice, other));
		assert_eq!(motion::<SecInstance>(Alice, unpause.clone()), Err(DispatchError::BadOrigin));
		assert_ok!(motion::<TechInstance>(Alice, unpause));
		assert_ok!(send(Alice, transfer()));
	});
}

#[test]
fn a_misspelt_or_vital_call_cannot_be_paused() {
	on("dev", || {
		// G13: the SDK alone would accept any name and stop nothing.
		for (why, pallet, call) in [
			("no such call", "Balances", "transfer_keepalive"),
			("no such pallet", "Balance", "transfer_keep_alive"),
			("the clock", "Timestamp", "set"),
			("the way out", "SafeMode", "force_exit"),
			("the vote", "Democracy", "vote"),
		] {
			let pause = pallet_tx_pause::Call::<Runtime>::pause { full_name: name(pallet, call) };
			assert_eq!(
				motion::<SecInstance>(Alice, pause),
				Err(pallet_tx_pause::Error::<Runtime>::Unpausable.into()),
				"{why}"
			);
		}
	});
}

#[test]
fn pauses_are_wired_into_the_filter() {
	// G14: a pause pallet that is not in the filter stops nothing.
	use frame_support::traits::Contains;
	type Filter = <Runtime as frame_system::Config>::BaseCallFilter;
	on("dev", || {
		assert!(Filter::contains(&transfer()));
		assert_ok!(motion::<SecInstance>(Alice, enter()));
		assert!(!Filter::contains(&transfer()));
	});
}
