// SPDX-License-Identifier: Apache-2.0
//! The two ways to a decision: through the Council, and from the public.

use codec::Encode;
use frame_support::assert_ok;
use keel_change_control::periods::*;
use pallet_democracy::{AccountVote, Conviction, ReferendumInfo, Vote, VoteThreshold};
use sp_runtime::{traits::Hash as _, DispatchError, MultiAddress};

use super::chain::*;
use keel_runtime::*;

pub type CouncilInstance = pallet_collective::Instance1;
pub type TechInstance = pallet_collective::Instance2;
type DemocracyCall = pallet_democracy::Call<Runtime>;

/// An act whose effect is easy to see: bytes cost twice as much.
pub fn act() -> RuntimeCall {
	use keel_runtime::configs::governance::{dynamic_params::fees, RuntimeParameters};
	let twice = 2 * fees::FeePerByte::get();
	let key_value = RuntimeParameters::Fees(fees::Parameters::FeePerByte(fees::FeePerByte, Some(twice)));
	pallet_parameters::Call::set_parameter { key_value }.into()
}

/// Whether it was done.
pub fn enacted() -> bool {
	pallet_parameters::Parameters::<Runtime>::iter().next().is_some()
}

pub fn aye(balance: Balance) -> AccountVote<Balance> {
	AccountVote::Standard { vote: Vote { aye: true, conviction: Conviction::Locked1x }, balance }
}

/// Note `call` as `key` and refer to it as Apps does: by hash and length.
pub fn note(
	key: sp_keyring::Sr25519Keyring,
	call: &RuntimeCall,
) -> frame_support::traits::Bounded<RuntimeCall, <Runtime as frame_system::Config>::Hashing> {
	let bytes = call.encode();
	let hash = <Runtime as frame_system::Config>::Hashing::hash(&bytes);
	if <Preimage as frame_support::traits::QueryPreimage>::len(&hash).is_none() {
		assert_ok!(send(key, pallet_preimage::Call::<Runtime>::note_preimage { bytes: bytes.clone() }));
	}
	frame_support::traits::Bounded::Lookup { hash, len: bytes.len() as u32 }
}

/// The whole path through the Council: returns the block in which the act is due.
pub fn through_the_council(call: RuntimeCall) -> BlockNumber {
	let proposal = note(Alice, &call);
	let hash = proposal.hash();
	let index = pallet_democracy::ReferendumCount::<Runtime>::get();
	assert_ok!(motion::<CouncilInstance>(Alice, DemocracyCall::external_propose_majority { proposal }));
	assert_ok!(motion::<TechInstance>(
		Alice,
		DemocracyCall::fast_track { proposal_hash: hash, voting_period: 3, delay: 2 }
	));
	assert_ok!(send(Alice, DemocracyCall::vote { ref_index: index, vote: aye(currency()) }));
	let Some(ReferendumInfo::Ongoing(status)) = pallet_democracy::ReferendumInfoOf::<Runtime>::get(index)
	else {
		panic!("the referendum is open")
	};
	status.end + status.delay
}

fn currency() -> Balance {
	1_000 * keel_runtime::constants::currency::KEEL
}

#[test]
fn the_council_proposes_the_committee_hurries_everybody_votes_and_it_takes_effect() {
	on("dev", || {
		let due = through_the_council(act());
		to_block(due - 1);
		assert!(!enacted(), "not before the timelock ends");
		next_block();
		assert!(enacted());
	});
}

#[test]
fn the_public_proposes_seconds_votes_delegates_enacts_and_unlocks() {
	on("dev", || {
		let proposal = note(Bob, &act());
		let deposit = keel_runtime::configs::governance::MinimumDeposit::get();
		assert_ok!(send(Bob, DemocracyCall::propose { proposal, value: deposit }));
		assert_ok!(send(Charlie, DemocracyCall::second { proposal: 0 }));
		// In the block that opens the referendum democracy takes all the weight: vote in the next.
		to_block(LaunchPeriod::<Runtime>::get() + 1);
		assert_ok!(send(Bob, DemocracyCall::vote { ref_index: 0, vote: aye(currency()) }));
		assert_ok!(send(
			Dave,
			DemocracyCall::delegate {
				to: MultiAddress::Id(Bob.to_account_id()),
				conviction: Conviction::None,
				balance: 10 * currency(),
			}
		));
		let Some(ReferendumInfo::Ongoing(status)) = pallet_democracy::ReferendumInfoOf::<Runtime>::get(0)
		else {
			panic!("the referendum is open")
		};
		assert_eq!(status.threshold, VoteThreshold::SuperMajorityApprove);
		assert_eq!(status.tally.ayes, currency() + currency(), "a tenth of ten thousand is delegated");

		to_block(status.end + EnactmentPeriod::<Runtime>::get());
		assert!(enacted());

		let locked = || pallet_balances::Locks::<Runtime>::get(Bob.to_account_id()).len();
		let unlock = || DemocracyCall::unlock { target: MultiAddress::Id(Bob.to_account_id()) };
		assert_ok!(send(Bob, DemocracyCall::remove_vote { index: 0 }));
		assert_ok!(send(Bob, unlock()));
		assert_eq!(locked(), 1, "the winner stays locked");
		to_block(status.end + VoteLockingPeriod::<Runtime>::get() + 1);
		assert_ok!(send(Bob, unlock()));
		assert_eq!(locked(), 0);
	});
}

#[test]
fn nobody_without_a_role_proposes_hurries_or_cancels() {
	on("local", || {
		let proposal = note(Eve, &act());
		let hash = proposal.hash();
		let bad = Err(DispatchError::BadOrigin);
		assert_eq!(send(Eve, DemocracyCall::external_propose_majority { proposal: proposal.clone() }), bad);
		assert_eq!(
			send(Eve, DemocracyCall::fast_track { proposal_hash: hash, voting_period: 3, delay: 1 }),
			bad
		);
		assert_eq!(answer(Eve, DemocracyCall::emergency_cancel { ref_index: 0 }), bad);
		assert_eq!(send(Eve, DemocracyCall::veto_external { proposal_hash: hash }), bad);
		assert_eq!(
			send(
				Eve,
				pallet_scheduler::Call::<Runtime>::schedule {
					when: 100,
					maybe_periodic: None,
					priority: 0,
					call: Box::new(act()),
				}
			),
			bad
		);
	});
}

#[test]
fn the_thresholds_are_those_of_the_dialogs_of_apps() {
	on("dev", || {
		use frame_support::traits::EnsureOrigin;
		use pallet_collective::RawOrigin;
		type Cfg = Runtime;
		let council =
			|ayes, seats| RuntimeOrigin::from(RawOrigin::<AccountId, CouncilInstance>::Members(ayes, seats));
		let tech =
			|ayes, seats| RuntimeOrigin::from(RawOrigin::<AccountId, TechInstance>::Members(ayes, seats));
		type Majority = <Cfg as pallet_democracy::Config>::ExternalMajorityOrigin;
		type FastTrack = <Cfg as pallet_democracy::Config>::FastTrackOrigin;
		type Instant = <Cfg as pallet_democracy::Config>::InstantOrigin;
		for (why, allowed, expected) in [
			// G21: Apps proposes with ceil(n/2), which is a tie in an even body; odd bodies have none.
			("half of four proposes", Majority::try_origin(council(2, 4)).is_ok(), true),
			("two of three propose", Majority::try_origin(council(2, 3)).is_ok(), true),
			("one of three does not", Majority::try_origin(council(1, 3)).is_ok(), false),
			("two of three hurry", FastTrack::try_origin(tech(2, 3)).is_ok(), true),
			("one of three does not", FastTrack::try_origin(tech(1, 3)).is_ok(), false),
			("all make it instant", Instant::try_origin(tech(3, 3)).is_ok(), true),
			("two of three do not", Instant::try_origin(tech(2, 3)).is_ok(), false),
			("another body is nobody", FastTrack::try_origin(council(3, 3)).is_ok(), false),
		] {
			assert_eq!(allowed, expected, "{why}");
		}
	});
}

#[test]
fn bodies_of_the_local_network_are_odd() {
	// G21: no tie is a majority.
	let config = config("local");
	for body in ["council", "technicalCommittee", "riskCommittee", "securityCouncil"] {
		let seats = config[body]["members"].as_array().unwrap().len();
		assert_eq!(seats % 2, 1, "{body}");
	}
}

#[test]
fn a_preimage_holds_a_deposit_that_comes_back() {
	use frame_support::traits::fungible::InspectHold;
	on("dev", || {
		let call = act();
		let held = || Balances::total_balance_on_hold(&Bob.to_account_id());
		let before = held();
		let proposal = note(Bob, &call);
		assert!(held() > before);
		assert!(<Preimage as frame_support::traits::QueryPreimage>::len(&proposal.hash()).is_some());
		assert_ok!(send(Bob, pallet_preimage::Call::<Runtime>::unnote_preimage { hash: proposal.hash() }));
		assert_eq!(held(), before);
	});
}
