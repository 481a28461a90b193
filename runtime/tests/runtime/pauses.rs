// SPDX-License-Identifier: Apache-2.0
//! What stops in safe mode and in a pause of a call, what never stops, and how it ends.

use frame_support::{assert_ok, traits::Contains};
use keel_change_control::periods::*;
use keel_emergency::{Act, Power};
use keel_primitives::MarketId;
use sp_keyring::Sr25519Keyring;
use sp_runtime::{DispatchError, DispatchResult, MultiAddress};

use super::{
	chain::*,
	governance::{CouncilInstance, TechInstance},
};
use keel_runtime::{configs::emergency::*, *};

type SecInstance = pallet_collective::Instance4;
type Errors = keel_emergency::Error<Runtime>;

fn filtered() -> DispatchResult {
	Err(frame_system::Error::<Runtime>::CallFiltered.into())
}

fn transfer() -> RuntimeCall {
	pallet_balances::Call::<Runtime>::transfer_keep_alive {
		dest: MultiAddress::Id(Bob.to_account_id()),
		value: 1,
	}
	.into()
}

/// Each of these approves: what the last was answered.
fn approve(members: &[Sr25519Keyring], act: &Act<AccountId>) -> DispatchResult {
	let call = || keel_emergency::Call::<Runtime>::approve { act: act.clone() };
	let (last, others) = members.split_last().expect("somebody");
	for member in others {
		assert_ok!(send(*member, call()));
	}
	send(*last, call())
}

fn is_safe() -> bool {
	pallet_safe_mode::EnteredUntil::<Runtime>::exists()
}

#[test]
fn safe_mode_stops_transfers_keeps_blocks_and_ends_by_itself() {
	on("dev", || {
		assert_ok!(send(Alice, transfer()));
		assert_ok!(approve(&[Alice], &Act::EnterSafeMode));
		assert_eq!(send(Alice, transfer()), filtered());
		// G11: the mandatory inherents of these blocks are calls that the filter sees.
		pass_blocks(10);
		assert_eq!(send(Alice, transfer()), filtered());
		pass_blocks(SafeModeDuration::<Runtime>::get());
		assert_ok!(send(Alice, transfer()));
		// D2: entered once and left, it was entered again in the next block, for ever.
		assert_eq!(approve(&[Alice], &Act::EnterSafeMode), Err(Errors::NotArmed.into()));
		assert_ok!(approve(&[Alice], &Act::Rearm { power: Power::SafeMode }));
		assert_ok!(approve(&[Alice], &Act::EnterSafeMode));
	});
}

/// On `local` the Security Council are Alice, Bob, Charlie, Dave and Eve; the Council and the Technical Committee three
/// each.
#[test]
fn safe_mode_takes_two_thirds_of_one_body_and_ends_by_another() {
	on("local", || {
		assert_ok!(approve(&[Alice, Bob, Charlie], &Act::EnterSafeMode));
		assert!(!is_safe(), "three of five");
		assert_ok!(approve(&[Dave], &Act::EnterSafeMode));
		assert!(is_safe());
		let technical = pallet_collective::Members::<Runtime, TechInstance>::get();
		let seats: Vec<_> = [Alice, Bob, Charlie, Dave, Eve, Sr25519Keyring::Ferdie]
			.into_iter()
			.filter(|key| technical.contains(&key.to_account_id()))
			.collect();
		assert_eq!(seats.len(), 3);
		assert_ok!(approve(&seats[..1], &Act::ExitSafeMode));
		assert!(is_safe(), "one of three");
		assert_ok!(approve(&seats[1..2], &Act::ExitSafeMode));
		assert!(!is_safe());
	});
}

/// 3.16: a motion that one member has proposed with a threshold nobody meets kept all others from proposing it.
#[test]
fn one_hostile_member_keeps_nobody_from_entering_safe_mode() {
	on("local", || {
		let enter: RuntimeCall = pallet_safe_mode::Call::<Runtime>::force_enter {}.into();
		let length_bound = codec::Encode::encoded_size(&enter) as u32;
		let motion = pallet_collective::Call::<Runtime, SecInstance>::propose {
			threshold: 5,
			proposal: Box::new(enter),
			length_bound,
		};
		assert_ok!(send(Eve, motion));
		for blocks in 1..20 {
			assert_ok!(approve(&[Eve], &Act::HaltMarket { market: MarketId(0), blocks }));
		}
		assert_ok!(approve(&[Alice, Bob, Charlie, Dave], &Act::EnterSafeMode));
		assert!(is_safe());
	});
}

#[test]
fn no_motion_of_any_body_and_nobody_alone_stops_anything_past_the_budgets() {
	on("dev", || {
		let full_name = name("Balances", "transfer_keep_alive");
		let (market, blocks) = (MarketId(0), 5);
		let calls: Vec<RuntimeCall> = vec![
			pallet_safe_mode::Call::force_enter {}.into(),
			pallet_safe_mode::Call::force_extend {}.into(),
			pallet_safe_mode::Call::force_exit {}.into(),
			pallet_tx_pause::Call::pause { full_name: full_name.clone() }.into(),
			pallet_tx_pause::Call::unpause { ident: full_name }.into(),
			keel_circuit_breaker::Call::guard_market { market, blocks }.into(),
			keel_circuit_breaker::Call::halt_market { market, blocks }.into(),
			keel_circuit_breaker::Call::resume_market { market }.into(),
			keel_emergency::Call::act { act: Act::EnterSafeMode }.into(),
		];
		for call in calls {
			let refused = Err(DispatchError::BadOrigin);
			assert_eq!(motion::<SecInstance>(Alice, call.clone()), refused, "{call:?}");
			assert_eq!(motion::<CouncilInstance>(Alice, call.clone()), refused, "{call:?}");
			assert_eq!(motion::<TechInstance>(Alice, call.clone()), refused, "{call:?}");
			assert_eq!(answer(Alice, call.clone()), refused, "{call:?}");
		}
	});
}

/// 3.5: half of the Council extended it 200 times in one motion, for 33 days.
#[test]
fn safe_mode_is_extended_by_two_bodies_within_a_budget() {
	on("local", || {
		let four = [Alice, Bob, Charlie, Dave];
		assert_ok!(approve(&four, &Act::EnterSafeMode));
		let council = pallet_collective::Members::<Runtime, CouncilInstance>::get();
		let seats: Vec<_> = [Alice, Bob, Charlie, Dave, Eve, Sr25519Keyring::Ferdie]
			.into_iter()
			.filter(|key| council.contains(&key.to_account_id()))
			.collect();
		let ends = || pallet_safe_mode::EnteredUntil::<Runtime>::get().expect("it is on");
		let before = ends();
		assert_ok!(approve(&seats, &Act::ExtendSafeMode));
		assert_eq!(ends(), before, "the Council alone does not");
		let missing: Vec<_> = four.into_iter().filter(|key| !seats.contains(key)).collect();
		assert_ok!(approve(&missing, &Act::ExtendSafeMode));
		assert_eq!(ends(), before + SafeModeExtension::<Runtime>::get());
	});
	on("dev", || {
		assert_ok!(approve(&[Alice], &Act::EnterSafeMode));
		let most = StopBudget::get() - 2 * SafeModeExtension::<Runtime>::get();
		let budget = keel_math::Budget::default().charge(
			System::block_number(),
			most,
			StopWindow::get(),
			StopBudget::get(),
		);
		keel_emergency::SafeModeBudget::<Runtime>::put(budget.expect("it is less"));
		// What is left is for two extensions.
		assert_ok!(approve(&[Alice, Alice], &Act::ExtendSafeMode));
		assert_eq!(approve(&[Alice], &Act::ExtendSafeMode), Err(Errors::BudgetExhausted.into()));
	});
}

#[test]
fn one_member_alone_halts_a_market_for_minutes_once() {
	on("local", || {
		let alone = |key| send(key, keel_emergency::Call::<Runtime>::halt_alone { market: MarketId(0) });
		let stranger =
			answer(Sr25519Keyring::Ferdie, keel_emergency::Call::halt_alone { market: MarketId(0) });
		assert_eq!(stranger, Err(Errors::NoSay.into()));
		assert_ok!(alone(Eve));
		let standing = CircuitBreaker::market(MarketId(0)).expect("it is known");
		assert_eq!(standing.guardian.halted_until, System::block_number() + AloneBlocks::get());
		assert_eq!(alone(Eve), Err(Errors::NotArmed.into()));
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
		assert_ok!(approve(&[Alice], &Act::EnterSafeMode));
		let batch = pallet_utility::Call::<Runtime>::batch_all { calls: vec![transfer()] };
		assert_eq!(send(Alice, batch), filtered());
	});
}

/// All calls of the runtime against safe mode: the pallets that live, by name; every other is refused.
#[test]
fn safe_mode_lets_exactly_these_pallets_live() {
	let lives = [
		"ChangeControl",
		"Emergency",
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
	let stops = ["Balances", "Faucet", "Identity", "StressTest", "Treasury"];
	// Some calls live: those that can only make an account or the fund safer, and what holders of USDK do with it.
	let mixed = ["Margin", "InsuranceFund", "Assets"];
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
		(RuntimeCall::from(keel_emergency::Call::<Runtime>::approve { act: Act::ExitSafeMode }), true),
		(
			pallet_assets::Call::<Runtime>::transfer {
				id: codec::Compact(constants::USDK),
				target: MultiAddress::Id(Bob.to_account_id()),
				amount: 1,
			}
			.into(),
			true,
		),
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

/// A call, as an act names it.
fn called(pallet: &str, call: &str) -> keel_emergency::CallName {
	let (pallet, call) = name(pallet, call);
	keel_emergency::CallName { pallet, call }
}

fn name(pallet: &str, call: &str) -> pallet_tx_pause::RuntimeCallNameOf<Runtime> {
	(pallet.as_bytes().to_vec().try_into().unwrap(), call.as_bytes().to_vec().try_into().unwrap())
}

#[test]
fn a_call_is_paused_by_name_resumed_by_another_body_and_goes_on_by_itself() {
	on("dev", || {
		let call = called("Balances", "transfer_keep_alive");
		let (pause, resume) = (Act::PauseCall { call: call.clone() }, Act::ResumeCall { call: call.clone() });
		assert_ok!(approve(&[Alice], &pause));
		assert_eq!(send(Alice, transfer()), filtered());
		let other = pallet_balances::Call::<Runtime>::transfer_allow_death {
			dest: MultiAddress::Id(Bob.to_account_id()),
			value: 1,
		};
		assert_ok!(send(Alice, other));
		assert_ok!(approve(&[Alice], &resume));
		assert_ok!(send(Alice, transfer()));
		// Again, when the Council has given the right back; left alone it ends by itself.
		assert_eq!(approve(&[Alice], &pause), Err(Errors::NotArmed.into()));
		assert_ok!(approve(&[Alice], &Act::Rearm { power: Power::Pause(call.clone()) }));
		assert_ok!(approve(&[Alice], &pause));
		let pause = keel_emergency::Paused::<Runtime>::get(&call).expect("it is paused");
		assert_eq!(pause.until, System::block_number() + CallPause::get());
		keel_emergency::Paused::<Runtime>::mutate(&call, |pause| {
			pause.as_mut().expect("it is paused").until = System::block_number() + 2;
		});
		pass_blocks(1);
		assert_eq!(send(Alice, transfer()), filtered());
		pass_blocks(1);
		assert_ok!(send(Alice, transfer()));
	});
}

/// A vote that lifts a pause at its source left it in the list of `Emergency` till its end: people saw a pause that was
/// none, and it took one of the few places.
#[test]
fn a_pause_that_a_vote_has_lifted_is_over_in_the_next_block() {
	on("dev", || {
		let call = called("Balances", "transfer_keep_alive");
		assert_ok!(approve(&[Alice], &Act::PauseCall { call: call.clone() }));
		assert_ok!(TxPause::unpause(RuntimeOrigin::root(), call.names()));
		assert_ok!(send(Alice, transfer()));
		next_block();
		assert!(keel_emergency::Pallet::<Runtime>::pauses().is_empty());
		assert!(events().contains(&keel_emergency::Event::PauseEnded { call }.into()));
	});
}

/// 3.6: what lives in safe mode could be paused call by call: multisigs, proxies, debts.
#[test]
fn what_goes_on_in_safe_mode_is_what_nobody_can_pause() {
	use frame_support::traits::GetCallMetadata;
	on("dev", || {
		let (mut goes, mut stops) = (0, 0);
		for pallet in RuntimeCall::get_module_names() {
			for call in RuntimeCall::get_call_names(pallet) {
				let unpausable = CannotBePaused::contains(&name(pallet, call));
				assert_eq!(unpausable, goes_on(pallet, call), "{pallet}.{call}");
				*(if unpausable { &mut goes } else { &mut stops }) += 1;
			}
		}
		assert!(goes > 100 && stops > 50, "{goes} go on, {stops} stop");
		for (pallet, call) in [
			("Multisig", "as_multi"),
			("Proxy", "proxy"),
			("Democracy", "vote"),
			("Margin", "repay_debt"),
			("InsuranceFund", "contribute"),
			("Assets", "transfer"),
			("Emergency", "approve"),
		] {
			let pause = Act::PauseCall { call: called(pallet, call) };
			let unpausable = Err(pallet_tx_pause::Error::<Runtime>::Unpausable.into());
			assert_eq!(approve(&[Alice], &pause), unpausable, "{pallet}.{call}");
		}
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
			let pause = Act::PauseCall { call: called(pallet, call) };
			let unpausable = Err(pallet_tx_pause::Error::<Runtime>::Unpausable.into());
			assert_eq!(approve(&[Alice], &pause), unpausable, "{why}");
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
		assert_ok!(approve(&[Alice], &Act::EnterSafeMode));
		assert!(!Filter::contains(&transfer()));
	});
}
