// SPDX-License-Identifier: Apache-2.0
//! No way round the timelock: what votes were used for elsewhere, and what becomes of it here.

use codec::Compact;
use frame_support::{assert_noop, assert_ok, traits::schedule::v3::Named, weights::Weight};
use keel_change_control::{periods::*, Changes, Class, Event, Reason, Referenda};
use keel_emergency::Act;
use keel_primitives::{MarketId, Quote, SubAccount};
use pallet_democracy::{AccountVote, Conviction, ReferendumInfoOf, Vote};
use sp_runtime::{DispatchError, MultiAddress};

use super::{chain::*, governance::*};
use keel_runtime::{
	configs::{
		assets::UsdkIssuer,
		changes::MOST_MINTED,
		governance::{dynamic_params, FeePerByte, ProductionTimetable, RuntimeParameters, FEE_PER_BYTE},
		referenda::Votes,
	},
	constants::{
		currency::{KEEL, MICRO},
		USDK,
	},
	*,
};

type DemocracyCall = pallet_democracy::Call<Runtime>;
type SecInstance = pallet_collective::Instance4;

/// Act for `who`.
fn act_for(who: AccountId, call: impl Into<RuntimeCall>) -> RuntimeCall {
	let as_origin = Box::new(OriginCaller::system(frame_system::RawOrigin::Signed(who)));
	pallet_utility::Call::dispatch_as { as_origin, call: Box::new(call.into()) }.into()
}

fn mint(to: AccountId, amount: u128) -> pallet_assets::Call<Runtime> {
	pallet_assets::Call::mint { id: Compact(USDK), beneficiary: MultiAddress::Id(to), amount }
}

/// The shortest way to Root there was: the Council proposes, all of the Technical Committee make the vote a block long and
/// the delay none, and one account votes. Returns the referendum.
fn hurry(call: &RuntimeCall, stake: Balance) -> u32 {
	let proposal = note(Alice, call);
	let proposal_hash = proposal.hash();
	let index = pallet_democracy::ReferendumCount::<Runtime>::get();
	assert_ok!(motion::<CouncilInstance>(Alice, DemocracyCall::external_propose_majority { proposal }));
	assert_ok!(motion::<TechInstance>(
		Alice,
		DemocracyCall::fast_track { proposal_hash, voting_period: 1, delay: 0 }
	));
	let vote = Vote { aye: true, conviction: Conviction::None };
	assert_ok!(send(
		Alice,
		DemocracyCall::vote { ref_index: index, vote: AccountVote::Standard { vote, balance: stake } }
	));
	index
}

/// Why a referendum was refused in this block, and which call in it.
fn refused(index: u32) -> Option<(String, Reason)> {
	events().into_iter().find_map(|event| match event {
		RuntimeEvent::ChangeControl(Event::Refused { referendum, call, reason }) if referendum == index => {
			Some((String::from_utf8(call.to_vec()).unwrap(), reason))
		}
		_ => None,
	})
}

/// In which block a change is due.
fn due(index: u32) -> Option<BlockNumber> {
	match Changes::<Runtime>::get(index)?.stage {
		keel_change_control::Stage::Waiting { due, .. } => Some(due),
		keel_change_control::Stage::Open => None,
	}
}

const ENOUGH: Balance = 1_000 * KEEL;

#[test]
fn custody_is_not_moved_by_two_bodies_and_one_vote() {
	on("dev", || {
		let custody = Margin::custody_account();
		let held = Assets::balance(USDK, &custody);
		assert!(held > 0);
		let transfer = pallet_assets::Call::<Runtime>::transfer {
			id: Compact(USDK),
			target: MultiAddress::Id(Eve.to_account_id()),
			amount: held / 2,
		};
		let index = hurry(&act_for(custody.clone(), transfer), 100);
		next_block();
		assert_eq!(refused(index), Some(("Utility.dispatch_as".into(), Reason::ActsForAnother)));
		assert!(ReferendumInfoOf::<Runtime>::get(index).is_none(), "nobody votes on it any more");
		pass_blocks(5);
		assert_eq!(Assets::balance(USDK, &custody), held);
	});
}

#[test]
fn what_no_vote_may_carry_is_refused_with_its_name_and_reason() {
	let somebody = || Eve.to_account_id();
	let batch = |call: RuntimeCall| -> RuntimeCall {
		let inner = pallet_utility::Call::batch_all { calls: vec![call] }.into();
		let fallback = Box::new(frame_system::Call::remark { remark: vec![] }.into());
		pallet_utility::Call::if_else { main: Box::new(inner), fallback }.into()
	};
	let cases: Vec<(RuntimeCall, &str, Reason)> = vec![
		(
			frame_system::Call::set_code_without_checks { code: vec![1] }.into(),
			"System.set_code_without_checks",
			Reason::NeverAllowed,
		),
		(
			frame_system::Call::authorize_upgrade_without_checks { code_hash: Default::default() }.into(),
			"System.authorize_upgrade_without_checks",
			Reason::NeverAllowed,
		),
		(
			frame_system::Call::set_storage { items: vec![(b":code".to_vec(), vec![1])] }.into(),
			"System.set_storage",
			Reason::NeverAllowed,
		),
		(
			frame_system::Call::kill_prefix { prefix: vec![], subkeys: 1 }.into(),
			"System.kill_prefix",
			Reason::NeverAllowed,
		),
		(
			pallet_scheduler::Call::schedule {
				when: 9,
				maybe_periodic: None,
				priority: 0,
				call: Box::new(frame_system::Call::remark { remark: vec![] }.into()),
			}
			.into(),
			"Scheduler.schedule",
			Reason::NeverAllowed,
		),
		(
			keel_change_control::Call::enact { referendum: 0, weight: Weight::zero() }.into(),
			"ChangeControl.enact",
			Reason::NeverAllowed,
		),
		(
			pallet_preimage::Call::request_preimage { hash: Default::default() }.into(),
			"Preimage.request_preimage",
			Reason::NeverAllowed,
		),
		(
			pallet_preimage::Call::unrequest_preimage { hash: Default::default() }.into(),
			"Preimage.unrequest_preimage",
			Reason::NeverAllowed,
		),
		(
			pallet_balances::Call::force_transfer {
				source: MultiAddress::Id(Bob.to_account_id()),
				dest: MultiAddress::Id(somebody()),
				value: 1,
			}
			.into(),
			"Balances.force_transfer",
			Reason::NeverAllowed,
		),
		(
			keel_margin::Call::withdraw { sub: SubAccount(0), amount: Quote::dollars(10) }.into(),
			"Margin.withdraw",
			Reason::NeedsAnAccount,
		),
		(act_for(UsdkIssuer::get(), mint(somebody(), MOST_MINTED)), "", Reason::Unlisted),
		(
			act_for(UsdkIssuer::get(), mint(somebody(), MOST_MINTED + 1)),
			"Utility.dispatch_as",
			Reason::AboveItsCap { asked: MOST_MINTED + 1, most: MOST_MINTED },
		),
		(
			{
				let half = act_for(UsdkIssuer::get(), mint(somebody(), MOST_MINTED / 2 + 1));
				pallet_utility::Call::batch { calls: vec![half.clone(), half] }.into()
			},
			"whole",
			Reason::AboveItsCap { asked: MOST_MINTED + 2, most: MOST_MINTED },
		),
		(
			{
				let extend = RuntimeCall::from(keel_emergency::Call::act { act: Act::ExtendSafeMode });
				pallet_utility::Call::batch { calls: vec![extend.clone(), extend] }.into()
			},
			"whole",
			Reason::MoreThanOnce,
		),
		(
			pallet_migrations::Call::force_set_cursor {
				cursor: Some(pallet_migrations::MigrationCursor::Stuck),
			}
			.into(),
			"Migrations.force_set_cursor",
			Reason::OutOfBounds,
		),
		(
			pallet_utility::Call::with_weight {
				call: Box::new(frame_system::Call::remark { remark: vec![1; 50] }.into()),
				weight: Weight::zero(),
			}
			.into(),
			"Utility.with_weight",
			Reason::OutOfBounds,
		),
		(
			act_for(UsdkIssuer::get(), mint(configs::exchange::BackstopOwner::get(), 1)),
			"Utility.dispatch_as",
			Reason::PaysAPallet,
		),
		(act_for(somebody(), mint(somebody(), 1)), "Utility.dispatch_as", Reason::ActsForAnother),
		(
			act_for(UsdkIssuer::get(), pallet_assets::Call::<Runtime>::freeze_asset { id: Compact(USDK) }),
			"Utility.dispatch_as",
			Reason::ActsForAnother,
		),
		(
			pallet_treasury::Call::spend {
				asset_kind: Box::new(()),
				amount: 1,
				beneficiary: Box::new(Treasury::account_id()),
				valid_from: None,
			}
			.into(),
			"Treasury.spend",
			Reason::PaysAPallet,
		),
		(
			keel_emergency::Call::act {
				act: Act::PauseCall {
					call: keel_emergency::CallName {
						pallet: b"Margin".to_vec().try_into().unwrap(),
						call: b"deposit".to_vec().try_into().unwrap(),
					},
				},
			}
			.into(),
			"Emergency.act",
			Reason::NeverAllowed,
		),
	];
	for (call, name, reason) in cases {
		on("dev", || {
			// However it is wrapped.
			let index = hurry(&batch(call.clone()), ENOUGH);
			next_block();
			let name = if name == "whole" { Some("") } else { (!name.is_empty()).then_some(name) };
			let expected = name.map(|name| (name.to_owned(), reason.clone()));
			assert_eq!(refused(index), expected, "{call:?}");
			assert_eq!(ReferendumInfoOf::<Runtime>::get(index).is_none(), expected.is_some());
		});
	}
}

/// G3, and Build Finance in 2022: one voter, no nay, and a passed vote.
#[test]
fn one_vote_of_dust_carries_nothing() {
	on("dev", || {
		let index = hurry(&act(), 100);
		next_block();
		let needed = Balances::total_issuance().div_ceil(1_000_000);
		assert_eq!(refused(index), Some((String::new(), Reason::TurnoutTooLow { voted: 100, needed })));
		pass_blocks(5);
		assert!(!enacted());
		// The control: with as much as is needed it is enacted.
		hurry(&act(), needed);
		pass_blocks(5);
		assert!(enacted());
	});
}

/// G4, and Beanstalk in 2022: what is proposed, voted and executed at once leaves nobody the time to leave.
#[test]
fn no_fast_track_shortens_the_delay_of_a_class() {
	on("dev", || {
		let index = hurry(&act(), ENOUGH);
		next_block();
		let least = keel_change_control::Timetables::<Runtime>::get().least_delay.of(Class::Economic);
		assert_eq!(due(index), Some(System::block_number() + least));
		pass_blocks(least - 1);
		assert!(!enacted());
		next_block();
		assert!(enacted());
	});
}

/// G4 in production: there is no instant vote, and a fast track keeps the delay of the class.
#[test]
fn production_has_no_instant_vote_and_waits_a_week_for_code() {
	let mut config = config("dev");
	config["changeControl"]["timetable"] = serde_json::to_value(ProductionTimetable::get()).unwrap();
	on_genesis(config, || {
		let code_hash = Default::default();
		let proposal = note(Alice, &frame_system::Call::<Runtime>::authorize_upgrade { code_hash }.into());
		let proposal_hash = proposal.hash();
		assert_ok!(motion::<CouncilInstance>(Alice, DemocracyCall::external_propose_majority { proposal }));
		let track = |voting_period| DemocracyCall::fast_track { proposal_hash, voting_period, delay: 0 };
		let shortest = FastTrackVotingPeriod::<Runtime>::get();
		assert_eq!(
			motion::<TechInstance>(Alice, track(shortest - 1)),
			Err(pallet_democracy::Error::<Runtime>::InstantNotAllowed.into())
		);
		assert_ok!(motion::<TechInstance>(Alice, track(shortest)));
		next_block();
		let tabled = events().into_iter().find_map(|event| match event {
			RuntimeEvent::ChangeControl(Event::Tabled { class, delay, .. }) => Some((class, delay)),
			_ => None,
		});
		assert_eq!(tabled, Some((Class::Constitutional, 7 * constants::time::DAYS)));
	});
}

#[test]
fn without_a_fast_track_nobody_hurries() {
	let mut config = config("dev");
	config["changeControl"]["timetable"]["fastTrack"] = false.into();
	config["changeControl"]["timetable"]["instant"] = false.into();
	on_genesis(config, || {
		let proposal = note(Alice, &act());
		let proposal_hash = proposal.hash();
		assert_ok!(motion::<CouncilInstance>(Alice, DemocracyCall::external_propose_majority { proposal }));
		let track = DemocracyCall::fast_track { proposal_hash, voting_period: 10, delay: 0 };
		assert_eq!(motion::<TechInstance>(Alice, track), Err(DispatchError::BadOrigin));
	});
}

/// G5: a veto does not bind a proposal of the majority by itself.
#[test]
fn what_was_vetoed_is_not_voted_on() {
	on("dev", || {
		let proposal = note(Alice, &act());
		let proposal_hash = proposal.hash();
		let propose = || DemocracyCall::external_propose_majority { proposal: proposal.clone() };
		assert_ok!(motion::<CouncilInstance>(Alice, propose()));
		let veto = DemocracyCall::veto_external { proposal_hash };
		assert_ok!(send(
			Alice,
			pallet_collective::Call::<Runtime, TechInstance>::execute {
				length_bound: codec::Encode::encoded_size(&RuntimeCall::from(veto.clone())) as u32,
				proposal: Box::new(veto.into()),
			}
		));
		let index = hurry(&act(), ENOUGH);
		next_block();
		assert_eq!(refused(index), Some((String::new(), Reason::Blacklisted)));
		pass_blocks(CooloffPeriod::<Runtime>::get());
		hurry(&act(), ENOUGH);
		pass_blocks(5);
		assert!(enacted(), "when the veto is over it may come again");
	});
}

/// G6, G7: in its timelock two thirds of the Security Council cancel a change, once.
#[test]
fn the_security_council_cancels_once_in_the_timelock() {
	on("dev", || {
		let index = hurry(&act(), ENOUGH);
		next_block();
		let cancel = |referendum| keel_change_control::Call::<Runtime>::cancel { referendum };
		assert_eq!(answer(Alice, cancel(index)), Err(DispatchError::BadOrigin), "not a member alone");
		assert_eq!(motion::<CouncilInstance>(Alice, cancel(index)), Err(DispatchError::BadOrigin));
		assert_ok!(motion::<SecInstance>(Alice, cancel(index)));
		pass_blocks(5);
		assert!(!enacted());
		let again = hurry(&act(), ENOUGH);
		next_block();
		let twice = keel_change_control::Error::<Runtime>::CancelledBefore.into();
		assert_eq!(motion::<SecInstance>(Alice, cancel(again)), Err(twice));
		pass_blocks(5);
		assert!(enacted());
	});
}

/// G8, and Tornado Cash in 2023: what was voted is what runs, whoever takes his bytes back.
#[test]
fn the_bytes_of_a_change_are_there_when_it_is_due() {
	on("dev", || {
		let calls = vec![act(), frame_system::Call::remark { remark: vec![1; 200] }.into()];
		let call = pallet_utility::Call::batch_all { calls }.into();
		hurry(&call, ENOUGH);
		let hash = <<Runtime as frame_system::Config>::Hashing as sp_runtime::traits::Hash>::hash_of(&call);
		next_block();
		assert_ok!(send(Alice, pallet_preimage::Call::<Runtime>::unnote_preimage { hash }));
		let unrequest = || pallet_preimage::Call::<Runtime>::unrequest_preimage { hash };
		assert_eq!(motion::<TechInstance>(Alice, unrequest()), Err(DispatchError::BadOrigin));
		pass_blocks(5);
		assert!(enacted());
	});
}

/// G8: a vote on bytes that nobody has stored would pass to no effect.
#[test]
fn a_preimage_is_stored_before_it_is_voted_on() {
	on("dev", || {
		let call = frame_system::Call::<Runtime>::remark { remark: vec![1; 200] };
		let index = hurry(&call.into(), ENOUGH);
		let hash = ReferendumInfoOf::<Runtime>::get(index)
			.and_then(|_| Votes::proposal(index))
			.map(|proposal| proposal.hash())
			.unwrap();
		assert_ok!(send(Alice, pallet_preimage::Call::<Runtime>::unnote_preimage { hash }));
		next_block();
		assert_eq!(refused(index), Some((String::new(), Reason::Unreadable)));
	});
}

/// G2: what is heavier than the scheduler's share would be dropped after it has passed.
#[test]
fn a_change_that_could_never_run_is_refused_with_its_weight() {
	on("dev", || {
		let weight = Weight::from_parts(120_000_000_000, 1_000_000);
		let heavy = pallet_utility::Call::with_weight { call: Box::new(act()), weight };
		let index = hurry(&heavy.into(), ENOUGH);
		next_block();
		let Some((_, Reason::TooHeavy { weight: told, most })) = refused(index) else {
			panic!("{:?}", refused(index))
		};
		assert!(told.any_gt(most) && told.all_gte(weight), "{told:?} {most:?}");
	});
}

/// Solend in 2022: an emergency is no way to somebody's account.
#[test]
fn an_emergency_takes_nobodys_position() {
	on("dev", || {
		let whale = Bob.to_account_id();
		let seize = act_for(
			whale,
			keel_margin::Call::withdraw { sub: SubAccount(0), amount: Quote::dollars(1_000_000) },
		);
		let calls =
			vec![keel_circuit_breaker::Call::halt_market { market: MarketId(0), blocks: 10 }.into(), seize];
		let index = hurry(&pallet_utility::Call::batch_all { calls }.into(), ENOUGH);
		next_block();
		assert_eq!(refused(index), Some(("Utility.dispatch_as".into(), Reason::ActsForAnother)));
	});
}

/// G16: nothing that is scheduled under another name, or by another hand, gets by the guard.
#[test]
fn the_guarded_scheduler_takes_only_what_democracy_has_decided() {
	on("dev", || {
		type Guarded = keel_change_control::GuardedScheduler<Runtime>;
		let call = frame_support::traits::Bounded::Inline(codec::Encode::encode(&act()).try_into().unwrap());
		let schedule = |name| {
			Guarded::schedule_named(
				name,
				frame_support::traits::schedule::DispatchTime::After(1),
				None,
				0,
				frame_system::RawOrigin::Root.into(),
				call.clone(),
			)
		};
		assert!(schedule([0; 32]).is_err());
		assert!(schedule(Votes::task_of(7)).is_err());
		let mut other = Votes::task_of(7);
		other[20] = 1;
		assert_eq!(Votes::index_of(&Votes::task_of(7)), Some(7));
		assert_eq!(Votes::index_of(&other), None);
	});
}

#[test]
fn a_parameter_beyond_its_bounds_is_refused_and_held_where_it_is_used() {
	use dynamic_params::fees::{FeePerByte as Key, Parameters::FeePerByte as Fee};
	let set = |value| -> RuntimeCall {
		let key_value = RuntimeParameters::Fees(Fee(Key, value));
		pallet_parameters::Call::set_parameter { key_value }.into()
	};
	for value in [0, *FEE_PER_BYTE.start() - 1, *FEE_PER_BYTE.end() + 1, 1_000_000 * KEEL, u128::MAX] {
		on("dev", || {
			let index = hurry(&set(Some(value)), ENOUGH);
			next_block();
			assert_eq!(
				refused(index),
				Some(("Parameters.set_parameter".into(), Reason::OutOfBounds)),
				"{value}"
			);
		});
	}
	on("dev", || {
		for value in [None, Some(*FEE_PER_BYTE.start()), Some(*FEE_PER_BYTE.end())] {
			hurry(&set(value), ENOUGH);
			pass_blocks(5);
			assert_eq!(FeePerByte::get(), value.unwrap_or(10 * MICRO));
		}
		// However it came there.
		assert_ok!(Parameters::set_parameter(
			RuntimeOrigin::root(),
			RuntimeParameters::Fees(Fee(Key, Some(u128::MAX)))
		));
		assert_eq!(FeePerByte::get(), *FEE_PER_BYTE.end());
		assert_ok!(send(Alice, frame_system::Call::<Runtime>::remark { remark: vec![1; 300] }));
	});
}

/// G20, G21: bodies stay odd, of different people, and small enough.
#[test]
fn members_that_make_no_body_are_refused() {
	let people = |count: u8| (0..count).map(|seed| AccountId::new([seed + 1; 32])).collect::<Vec<_>>();
	let set = |new_members: Vec<AccountId>, prime| -> RuntimeCall {
		pallet_collective::Call::<Runtime, CouncilInstance>::set_members { new_members, prime, old_count: 1 }
			.into()
	};
	let mut twice = people(3);
	twice[2] = twice[0].clone();
	for (why, members, prime, good) in [
		("three", people(3), None, true),
		("one of them is the first", people(3), Some(people(1)[0].clone()), true),
		("an even number", people(4), None, false),
		("nobody", people(0), None, false),
		("somebody twice", twice, None, false),
		("more than fit", people(23), None, false),
		("a stranger first", people(3), Some(people(4)[3].clone()), false),
	] {
		on("dev", || {
			let index = hurry(&set(members, prime), ENOUGH);
			next_block();
			let expected = (!good).then(|| ("Council.set_members".to_owned(), Reason::OutOfBounds));
			assert_eq!(refused(index), expected, "{why}");
		});
	}
}

/// A threshold of two was most of three, and is not of five.
#[test]
fn new_members_begin_without_the_motions_of_the_old() {
	on("local", || {
		let open = || pallet_collective::Proposals::<Runtime, CouncilInstance>::get().len();
		let remark: RuntimeCall = frame_system::Call::remark { remark: vec![7] }.into();
		let length_bound = codec::Encode::encoded_size(&remark) as u32;
		let proposal = Box::new(remark);
		let propose = pallet_collective::Call::<Runtime, CouncilInstance>::propose {
			threshold: 2,
			proposal,
			length_bound,
		};
		assert_ok!(send(Alice, propose));
		assert_eq!(open(), 1);
		let mut members: Vec<_> =
			[Alice, Bob, Charlie, Dave, Eve].iter().map(|key| key.to_account_id()).collect();
		members.sort();
		let change = pallet_collective::Call::<Runtime, CouncilInstance>::set_members {
			new_members: members.clone(),
			prime: None,
			old_count: 3,
		};
		let calls = vec![change.into()];
		let proposal = note(Alice, &pallet_utility::Call::batch { calls }.into());
		let deposit = configs::governance::MinimumDeposit::get();
		assert_ok!(send(Bob, DemocracyCall::propose { proposal, value: deposit }));
		to_block(LaunchPeriod::<Runtime>::get() + 1);
		assert_ok!(send(Bob, DemocracyCall::vote { ref_index: 0, vote: aye(ENOUGH) }));
		pass_blocks(VotingPeriod::<Runtime>::get() + EnactmentPeriod::<Runtime>::get() + 5);
		assert_eq!(pallet_collective::Members::<Runtime, CouncilInstance>::get(), members);
		assert_eq!(open(), 0);
	});
}

#[test]
fn while_a_change_waits_nobody_shuts_the_way_out() {
	on("dev", || {
		let pause = |call: &str| {
			let call = keel_emergency::CallName {
				pallet: b"Margin".to_vec().try_into().unwrap(),
				call: call.as_bytes().to_vec().try_into().unwrap(),
			};
			send(Alice, keel_emergency::Call::<Runtime>::approve { act: Act::PauseCall { call } })
		};
		hurry(&act(), ENOUGH);
		next_block();
		let unpausable = Err(pallet_tx_pause::Error::<Runtime>::Unpausable.into());
		for call in ["withdraw", "transfer"] {
			assert_eq!(pause(call), unpausable, "{call}");
		}
		assert_ok!(pause("offer_trade"));
		pass_blocks(5);
		assert!(enacted());
		assert_ok!(pause("withdraw"));
		// And what was shut before is opened when a change begins to wait.
		let withdraw =
			|| keel_margin::Call::<Runtime>::withdraw { sub: SubAccount(0), amount: Quote::dollars(10) };
		let filtered = Err(frame_system::Error::<Runtime>::CallFiltered.into());
		assert_eq!(send(Alice, withdraw()), filtered);
		hurry(&act(), ENOUGH);
		next_block();
		assert_ne!(send(Alice, withdraw()), filtered);
	});
}

#[test]
fn in_safe_mode_the_timelock_stands_still() {
	on("dev", || {
		hurry(&act(), ENOUGH);
		next_block();
		let was_due = System::block_number() + 2;
		assert_ok!(send(Alice, keel_emergency::Call::<Runtime>::approve { act: Act::EnterSafeMode }));
		to_block(was_due);
		assert!(!enacted());
		assert_ok!(send(Alice, keel_emergency::Call::<Runtime>::approve { act: Act::ExitSafeMode }));
		pass_blocks(keel_change_control::Timetables::<Runtime>::get().longest_standstill);
		assert!(enacted());
	});
}

#[test]
fn the_council_spends_little_and_pays_no_pallet() {
	on("dev", || {
		let spend = |amount, to: AccountId| pallet_treasury::Call::<Runtime>::spend {
			asset_kind: Box::new(()),
			amount,
			beneficiary: Box::new(to),
			valid_from: None,
		};
		let most = configs::governance::CouncilSpend::get();
		use pallet_treasury::Error::InsufficientPermission;
		let council = || pallet_collective::RawOrigin::<AccountId, CouncilInstance>::Members(1, 1);
		let direct = |amount| {
			let to = Box::new(Eve.to_account_id());
			Treasury::spend(council().into(), Box::new(()), amount, to, None)
		};
		assert_ok!(motion::<CouncilInstance>(Alice, spend(most, Eve.to_account_id())));
		for _ in 1..constants::limits::COUNCIL_SPENDS {
			assert_noop!(direct(most + 1), InsufficientPermission::<Runtime>);
			assert_ok!(direct(most));
		}
		// Five times in thirty days; what failed was not counted.
		assert_noop!(direct(1), InsufficientPermission::<Runtime>);
		let window = configs::governance::SpendWindow::get();
		System::set_block_number(System::block_number() + window - 1);
		assert_noop!(direct(1), InsufficientPermission::<Runtime>);
		System::set_block_number(System::block_number() + 1);
		assert_ok!(direct(most));
		let filtered = Err(frame_system::Error::<Runtime>::CallFiltered.into());
		assert_eq!(motion::<CouncilInstance>(Alice, spend(1, Margin::custody_account())), filtered);
	});
}

/// G18: an authorisation that nobody used is not found lying about a year later.
#[test]
fn an_authorised_upgrade_expires() {
	on("dev", || {
		let code_hash = sp_core::H256::repeat_byte(7);
		hurry(&frame_system::Call::<Runtime>::authorize_upgrade { code_hash }.into(), ENOUGH);
		pass_blocks(4);
		assert!(System::authorized_upgrade().is_some());
		let life = keel_change_control::Timetables::<Runtime>::get().authorization_life;
		pass_blocks(life / 2);
		// The same once more, and it lives as long from then on.
		hurry(&frame_system::Call::<Runtime>::authorize_upgrade { code_hash }.into(), ENOUGH);
		pass_blocks(life - 1);
		assert!(System::authorized_upgrade().is_some());
		pass_blocks(6);
		assert!(System::authorized_upgrade().is_none());
	});
}
