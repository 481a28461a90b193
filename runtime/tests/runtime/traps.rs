// SPDX-License-Identifier: Apache-2.0
//! Traps of the SDK's governance pallets, each with what holds here.

use frame_support::{assert_ok, dispatch::DispatchClass};
use sp_keyring::Sr25519Keyring;
use sp_runtime::{
	transaction_validity::{InvalidTransaction, TransactionValidityError},
	MultiAddress,
};

use super::{chain::*, governance::*};
use keel_runtime::*;

/// G9: with a prime's default vote, one Aye and a time-out would count as unanimity.
#[test]
fn silence_is_no_in_every_body() {
	on("local", || {
		// A prime who says Aye, alone.
		pallet_collective::Prime::<Runtime, TechInstance>::put(Alice.to_account_id());
		let proposal = note(Alice, &frame_system::Call::<Runtime>::remark { remark: vec![1] }.into());
		let call: RuntimeCall =
			pallet_democracy::Call::<Runtime>::external_propose_majority { proposal }.into();
		let length = codec::Encode::encoded_size(&call) as u32;
		let hash = <<Runtime as frame_system::Config>::Hashing as sp_runtime::traits::Hash>::hash_of(&call);
		assert_ok!(send(
			Alice,
			pallet_collective::Call::<Runtime, TechInstance>::propose {
				threshold: 3,
				proposal: Box::new(call),
				length_bound: length
			}
		));
		assert_ok!(send(
			Alice,
			pallet_collective::Call::<Runtime, TechInstance>::vote {
				proposal: hash,
				index: 0,
				approve: true
			}
		));
		pass_blocks(period::<keel_change_control::periods::MotionDuration<Runtime>>() + 1);
		assert_ok!(send(
			Alice,
			pallet_collective::Call::<Runtime, TechInstance>::close {
				proposal_hash: hash,
				index: 0,
				proposal_weight_bound: frame_support::weights::Weight::from_parts(1_000_000_000, 100_000),
				length_bound: length
			}
		));
		assert!(events().iter().any(|event| matches!(
			event,
			RuntimeEvent::TechnicalCommittee(pallet_collective::Event::Disapproved { .. })
		)));
	});
}

/// G10: anybody closes a motion as soon as it has the Ayes it asked for itself. One that asked for too few is used up with an
/// origin that is too small.
#[test]
fn a_motion_that_asked_for_too_few_changes_nothing_and_may_come_again() {
	on("local", || {
		type Call = pallet_collective::Call<Runtime, CouncilInstance>;
		type Error = pallet_collective::Error<Runtime, CouncilInstance>;
		// All three of the Council must want it.
		let proposal = note(Alice, &frame_system::Call::<Runtime>::remark { remark: vec![1] }.into());
		let call: RuntimeCall =
			pallet_democracy::Call::<Runtime>::external_propose_default { proposal }.into();
		let length_bound = codec::Encode::encoded_size(&call) as u32;
		let hash = <<Runtime as frame_system::Config>::Hashing as sp_runtime::traits::Hash>::hash_of(&call);
		let tabled = pallet_democracy::NextExternal::<Runtime>::exists;
		let propose = |threshold| {
			let proposal = Box::new(call.clone());
			send(Alice, Call::propose { threshold, proposal, length_bound })
		};
		let vote = |who, index| send(who, Call::vote { proposal: hash, index, approve: true });
		let closing = |index, weight| {
			let proposal_weight_bound = frame_support::weights::Weight::from_parts(weight, 100_000);
			Call::close { proposal_hash: hash, index, proposal_weight_bound, length_bound }
		};
		let close = |index, weight| send(Eve, closing(index, weight));
		// The pool takes none that is too early; nor would the body.
		let early = |index, weight| answer(Eve, closing(index, weight));
		let enough = 1_000_000_000;

		assert_ok!(propose(2));
		assert_ok!(vote(Alice, 0));
		assert_eq!(early(0, enough), Err(Error::TooEarly.into()), "a stranger ends no motion that is open");
		assert_ok!(vote(Bob, 0));
		// Who closes it cannot spoil it by paying for too little.
		assert_eq!(close(0, 1), Err(Error::WrongProposalWeight.into()));
		assert_ok!(close(0, enough));
		let executed = events().into_iter().find_map(|event| match event {
			RuntimeEvent::Council(pallet_collective::Event::Executed { result, .. }) => Some(result),
			_ => None,
		});
		assert_eq!(executed, Some(Err(sp_runtime::DispatchError::BadOrigin)));
		assert!(!tabled());

		// It asks for as many as the act needs, and waits for them.
		assert_ok!(propose(3));
		assert_ok!(vote(Alice, 1));
		assert_ok!(vote(Bob, 1));
		assert_eq!(early(1, enough), Err(Error::TooEarly.into()));
		assert_ok!(vote(Charlie, 1));
		assert_ok!(close(1, enough));
		assert!(tabled());
	});
}

/// G1: in a block in which a referendum is launched or matures, democracy takes all normal weight.
/// Operational calls still land.
#[test]
fn operational_calls_land_in_a_block_that_democracy_fills() {
	on("dev", || {
		let proposal = note(Alice, &frame_system::Call::<Runtime>::remark { remark: vec![1; 200] }.into());
		let deposit = keel_runtime::configs::governance::MinimumDeposit::get();
		assert_ok!(send(Bob, pallet_democracy::Call::<Runtime>::propose { proposal, value: deposit }));
		to_block(period::<keel_change_control::periods::LaunchPeriod<Runtime>>());
		let weight = System::block_weight();
		let limit = configs::system::Weights::get();
		assert!(weight.total().any_gte(limit.get(DispatchClass::Normal).max_total.unwrap()));

		let normal = pallet_balances::Call::<Runtime>::transfer_keep_alive {
			dest: MultiAddress::Id(Bob.to_account_id()),
			value: 1,
		};
		// Normal ones find the reserve that is theirs, and no more.
		assert_eq!(submit(Alice, normal), Ok(Ok(())));
		let reserve = limit.get(DispatchClass::Normal).reserved.unwrap();
		let transfer: RuntimeCall = pallet_balances::Call::<Runtime>::transfer_keep_alive {
			dest: MultiAddress::Id(Alice.to_account_id()),
			value: 1,
		}
		.into();
		let mut refused = None;
		for _ in 0..1_000 {
			refused =
				submit(Bob, pallet_utility::Call::<Runtime>::batch { calls: vec![transfer.clone(); 200] })
					.err();
			if refused.is_some() {
				break;
			}
		}
		assert_eq!(
			refused,
			Some(TransactionValidityError::Invalid(InvalidTransaction::ExhaustsResources)),
			"{reserve:?}"
		);
		// A motion that is executed at once is operational.
		let operational = pallet_collective::Call::<Runtime, CouncilInstance>::execute {
			proposal: Box::new(frame_system::Call::<Runtime>::remark { remark: vec![] }.into()),
			length_bound: 100,
		};
		assert_eq!(submit(Alice, operational), Ok(Ok(())));
	});
}

/// G2: the act of a referendum runs in the scheduler, before any heavy hook, with its own share.
#[test]
fn an_approved_act_is_enacted_in_the_block_another_referendum_is_tabled() {
	on("dev", || {
		let remark = frame_system::Call::<Runtime>::remark { remark: vec![1; 150] }.into();
		let launch = period::<keel_change_control::periods::LaunchPeriod<Runtime>>();
		// A block between two motions of one member, a vote of three blocks and a delay of two end where the public
		// proposal is tabled.
		to_block(launch - 6);
		let proposal = note(Bob, &remark);
		let value = keel_runtime::configs::governance::MinimumDeposit::get();
		assert_ok!(send(Bob, pallet_democracy::Call::<Runtime>::propose { proposal, value }));
		let due = through_the_council(act());
		assert_eq!(due, launch);
		to_block(due);
		assert_eq!(pallet_democracy::ReferendumCount::<Runtime>::get(), 2, "the other one is tabled");
		assert!(enacted());
	});
}

/// G7: the scheduler's own cancellation lets go of no bytes, and they would stay for ever.
#[test]
fn a_cancelled_change_lets_go_of_its_bytes() {
	use frame_support::traits::QueryPreimage;
	on("dev", || {
		let calls = vec![act(), frame_system::Call::remark { remark: vec![1; 200] }.into()];
		let call: RuntimeCall = pallet_utility::Call::batch_all { calls }.into();
		let hash = <<Runtime as frame_system::Config>::Hashing as sp_runtime::traits::Hash>::hash_of(&call);
		let due = through_the_council(call);
		to_block(due - 1);
		assert!(Preimage::is_requested(&hash), "it waits");
		let cancel = keel_change_control::Call::<Runtime>::cancel { referendum: 0 };
		assert_ok!(motion::<pallet_collective::Instance4>(Alice, cancel));
		assert!(!Preimage::is_requested(&hash));
		// Whoever stored them gets the deposit back.
		assert_ok!(send(Alice, pallet_preimage::Call::<Runtime>::unnote_preimage { hash }));
		assert!(Preimage::len(&hash).is_none());
		to_block(due + 1);
		assert!(!enacted());
	});
}

/// G15: a failed migration leaves a state that is half of one form and half of another.
#[test]
fn a_failed_migration_stops_trade_for_a_while_and_lets_governance_repair() {
	use frame_support::migrations::{FailedMigrationHandler, FailedMigrationHandling};
	use keel_primitives::{MarketId, MarketStatus};
	type Handler = configs::system::ContainFailedMigration;
	on("dev", || {
		let incidents = || keel_circuit_breaker::Incidents::<Runtime>::iter().count();
		let before = incidents();
		let markets = keel_margin::Markets::<Runtime>::iter_keys().count();
		assert!(markets > 1);
		for _ in 0..2 {
			// Twice: the second finds safe mode entered.
			assert!(matches!(Handler::failed(Some(0)), FailedMigrationHandling::ForceUnstuck));
		}
		assert_eq!(incidents(), before + markets);
		let status = <CircuitBreaker as keel_traits::MarketGate>::status(MarketId(0));
		assert_eq!(status, MarketStatus::Halted);
		let transfer = || pallet_balances::Call::<Runtime>::transfer_keep_alive {
			dest: MultiAddress::Id(Bob.to_account_id()),
			value: 1,
		};
		assert!(send(Alice, transfer()).is_err());
		// Governance repairs.
		through_the_council(act());
		pass_blocks(2 * period::<keel_change_control::periods::SafeModeDuration<Runtime>>() + 1);
		assert!(enacted());
		assert_ok!(send(Alice, transfer()));
	});
}

/// An account that was emptied and comes back: whatever it signed before, for ever as it was, is not good once more.
#[test]
fn what_an_emptied_account_has_signed_is_not_good_again() {
	on("dev", || {
		let (late, to) = (Sr25519Keyring::One, MultiAddress::Id(Bob.to_account_id()));
		let fund = || {
			let dest = MultiAddress::Id(late.to_account_id());
			assert_ok!(send(
				Alice,
				pallet_balances::Call::<Runtime>::transfer_allow_death {
					dest,
					value: 100 * constants::currency::KEEL
				}
			));
		};
		pass_blocks(3);
		fund();
		let first = System::account_nonce(late.to_account_id());
		assert!(*first > 0, "it begins further on than a chain's first accounts");
		let payment = signed(
			late,
			pallet_balances::Call::<Runtime>::transfer_allow_death {
				dest: to.clone(),
				value: constants::currency::KEEL,
			},
		);
		assert_eq!(Executive::apply_extrinsic(payment.clone()), Ok(Ok(())));
		assert_ok!(send(
			late,
			pallet_balances::Call::<Runtime>::transfer_all { dest: to, keep_alive: false }
		));
		assert!(!System::account_exists(&late.to_account_id()));
		next_block();
		fund();
		assert_eq!(
			Executive::apply_extrinsic(payment),
			Err(TransactionValidityError::Invalid(InvalidTransaction::Stale))
		);
		// Its next one is.
		assert_ok!(send(late, frame_system::Call::<Runtime>::remark { remark: vec![1] }));
	});
}

/// Fees answer to full blocks while they are full, and do not price out those who have to add margin.
#[test]
fn fees_rise_by_30_percent_a_minute_and_no_further_than_a_thousand_times() {
	use sp_runtime::{
		traits::{Convert, One},
		FixedPointNumber,
	};
	type Update = <Runtime as pallet_transaction_payment::Config>::FeeMultiplierUpdate;
	type Multiplier = pallet_transaction_payment::Multiplier;

	on("dev", || {
		let full = configs::system::Weights::get().get(DispatchClass::Normal).max_total.unwrap();
		let minutes = |weight, minutes: u32, from: Multiplier| {
			System::set_block_consumed_resources(weight, 0);
			(0..minutes * constants::time::MINUTES).fold(from, |multiplier, _| Update::convert(multiplier))
		};
		let percent = |parts: u32| Multiplier::saturating_from_rational(parts, 100);
		let risen = minutes(full, 1, Multiplier::one());
		assert!(risen > percent(129) && risen <= percent(131), "{risen:?}");
		let fallen = minutes(Default::default(), 1, Multiplier::one());
		assert!(fallen > percent(91) && fallen < percent(93), "{fallen:?}");
		assert_eq!(minutes(full, 60, Multiplier::one()), Multiplier::saturating_from_integer(1_000));
		assert_eq!(minutes(Default::default(), 60, Multiplier::one()), percent(10));
	});
}
