// SPDX-License-Identifier: Apache-2.0
//! What a body does by a motion, and which part of it must agree: the page on governance, from which `keelctl` takes
//! its thresholds, says what is so.

use std::collections::BTreeSet;

use codec::Decode;
use frame_support::{
	storage::{with_transaction, TransactionOutcome},
	traits::GetCallMetadata,
};
use pallet_collective::RawOrigin;
use sp_runtime::{traits::Dispatchable, DispatchError};

use super::chain::*;
use keel_change_control::periods::FastTrackVotingPeriod;
use keel_runtime::{configs::governance::bodies, *};

/// As many seats as tell half, three fifths, two thirds and all apart.
const SEATS: u32 = 30;

const BODIES: [&str; 4] = ["Council", "Technical Committee", "Risk Committee", "Security Council"];

fn origin(body: &str, ayes: u32) -> RuntimeOrigin {
	match body {
		"Council" => RawOrigin::<AccountId, bodies::Council>::Members(ayes, SEATS).into(),
		"Technical Committee" => {
			RawOrigin::<AccountId, bodies::TechnicalCommittee>::Members(ayes, SEATS).into()
		}
		"Risk Committee" => RawOrigin::<AccountId, bodies::RiskCommittee>::Members(ayes, SEATS).into(),
		"Security Council" => RawOrigin::<AccountId, bodies::SecurityCouncil>::Members(ayes, SEATS).into(),
		other => panic!("{other} is no body"),
	}
}

/// One of each call, with nothing in its arguments.
pub fn calls() -> Vec<RuntimeCall> {
	let one = |pallet: u8, call: u8| {
		let mut bytes = vec![0; 4_096];
		(bytes[0], bytes[1]) = (pallet, call);
		RuntimeCall::decode(&mut &bytes[..]).ok()
	};
	let all = (0..=u8::MAX).flat_map(|pallet| (0..=u8::MAX).filter_map(move |call| one(pallet, call)));
	all.map(|call| match call {
		// A vote of no blocks is an instant one, which takes everybody.
		RuntimeCall::Democracy(pallet_democracy::Call::fast_track { proposal_hash, delay, .. }) => {
			let voting_period = FastTrackVotingPeriod::<Runtime>::get();
			pallet_democracy::Call::fast_track { proposal_hash, voting_period, delay }.into()
		}
		other => other,
	})
	.collect()
}

/// Whether the runtime lets so many of a body do it. Nothing is changed.
fn admits(call: &RuntimeCall, body: &str, ayes: u32) -> bool {
	let result = with_transaction(|| {
		let result = call.clone().dispatch(origin(body, ayes));
		TransactionOutcome::Rollback(Ok::<_, DispatchError>(result))
	});
	let filtered: DispatchError = frame_system::Error::<Runtime>::CallFiltered.into();
	match result.expect("there is room for a layer of storage") {
		Ok(_) => true,
		Err(refused) => refused.error != DispatchError::BadOrigin && refused.error != filtered,
	}
}

fn share(ayes: u32) -> &'static str {
	match ayes {
		15 => "half",
		18 => "three fifths",
		20 => "two thirds",
		30 => "all",
		other => panic!("{other} of {SEATS} is no share that has a name"),
	}
}

pub fn name(call: &RuntimeCall) -> String {
	let metadata = call.get_call_metadata();
	format!("{}.{}", metadata.pallet_name, metadata.function_name)
}

/// What docs/spec/governance.md says of motions.
fn documented() -> BTreeSet<String> {
	let page = include_str!("../../../docs/spec/governance.md");
	let rows = page.lines().filter_map(|line| line.strip_prefix("| **"));
	let rows = rows.filter_map(|line| line.split_once("**: "));
	rows.flat_map(|(body, rest)| {
		let (share, calls) = rest.split_once(" | ").expect("a share, and calls");
		calls.split('`').skip(1).step_by(2).map(move |call| format!("{body}: {share}: {call}"))
	})
	.collect()
}

#[test]
fn the_page_on_governance_says_of_each_motion_what_is_so() {
	on("dev", || {
		let mut found = BTreeSet::new();
		for call in calls() {
			for body in BODIES {
				// What needs nobody needs no body: calls that ask for no origin, or carry none.
				let least = (0..=SEATS).find(|ayes| admits(&call, body, *ayes));
				if let Some(ayes) = least.filter(|ayes| *ayes > 0) {
					found.insert(format!("{body}: {}: {}", share(ayes), name(&call)));
				}
			}
		}
		assert_eq!(found, documented());
		// The control: what is said is not said of another share or body.
		assert!(found.contains("Council: two thirds: Democracy.emergency_cancel"));
		assert!(!found.contains("Council: half: Democracy.emergency_cancel"));
		assert!(!found.contains("Risk Committee: two thirds: Democracy.emergency_cancel"));
	});
}

#[test]
fn every_call_is_tried() {
	on("dev", || {
		let tried: BTreeSet<_> = calls().iter().map(name).collect();
		let names = |pallet: &'static str| {
			RuntimeCall::get_call_names(pallet).iter().map(move |call| format!("{pallet}.{call}"))
		};
		let all: BTreeSet<_> =
			RuntimeCall::get_module_names().iter().flat_map(|pallet| names(pallet)).collect();
		// Zeros are no key of a validator. Who reports one for voting twice needs no body.
		let left = ["Grandpa.report_equivocation", "Grandpa.report_equivocation_unsigned"];
		assert_eq!(all.difference(&tried).collect::<Vec<_>>(), left);
	});
}

type Tech = pallet_collective::Instance2;
type TechCall = pallet_collective::Call<Runtime, Tech>;

fn propose(key: sp_keyring::Sr25519Keyring, number: u8) -> sp_runtime::DispatchResult {
	let proposal = Box::new(frame_system::Call::remark { remark: vec![number] }.into());
	send(key, TechCall::propose { threshold: 2, proposal, length_bound: 100 })
}

/// One member proposed until the list of his body was full, and nobody else could propose anything for days.
#[test]
fn a_member_who_proposes_all_he_may_leaves_room_for_every_other() {
	use frame_support::assert_ok;
	use keel_runtime::constants::limits::MEMBER_MOTIONS;
	on("local", || {
		let members = pallet_collective::Members::<Runtime, Tech>::get();
		let seats: Vec<_> = [Alice, Bob, Charlie, Dave, Eve, sp_keyring::Sr25519Keyring::Ferdie]
			.into_iter()
			.filter(|key| members.contains(&key.to_account_id()))
			.collect();
		let (hostile, others) = seats.split_first().expect("there are three");
		let full = Err(pallet_collective::Error::<Runtime, Tech>::TooManyProposals.into());
		for number in 0..MEMBER_MOTIONS as u8 {
			assert_ok!(propose(*hostile, number));
		}
		for number in 0..5 {
			assert_eq!(propose(*hostile, 100 + number), full);
		}
		for (number, other) in (50..).zip(others) {
			assert_ok!(propose(*other, number));
		}
		let open = || pallet_collective::Proposals::<Runtime, Tech>::get();
		assert_eq!(open().len(), MEMBER_MOTIONS as usize + others.len());
		// One that is over makes room again, and the body forgets who proposed it.
		let hash = open()[0];
		for member in others {
			assert_ok!(send(*member, TechCall::vote { proposal: hash, index: 0, approve: false }));
		}
		let close = TechCall::close {
			proposal_hash: hash,
			index: 0,
			proposal_weight_bound: frame_support::weights::Weight::from_parts(1_000_000_000, 10_000),
			length_bound: 100,
		};
		assert_ok!(send(*hostile, close));
		assert!(pallet_collective::CostOf::<Runtime, Tech>::contains_key(hash));
		assert_ok!(propose(*hostile, 99));
		assert!(!pallet_collective::CostOf::<Runtime, Tech>::contains_key(hash));
		assert_eq!(propose(*hostile, 98), full);
		let known = pallet_collective::CostOf::<Runtime, Tech>::iter().count();
		assert_eq!(known, open().len(), "nothing is known of motions that are over");
	});
}

#[test]
fn counting_a_members_motions_is_charged_for() {
	use pallet_collective::WeightInfo;
	type Ours = <Runtime as pallet_collective::Config<Tech>>::WeightInfo;
	type Sdk = pallet_collective::weights::SubstrateWeight<Runtime>;
	let (bytes, members, motions) = (100, 21, 64);
	let more =
		Ours::propose_proposed(bytes, members, motions) - Sdk::propose_proposed(bytes, members, motions);
	let db = <Runtime as frame_system::Config>::DbWeight::get();
	assert!(more.all_gte(db.reads_writes(64, 64)), "{more:?}");
	assert_eq!(Ours::vote(members), Sdk::vote(members));
}
