// SPDX-License-Identifier: Apache-2.0
//! What the runtime itself says: every call is sent by every origin, and the answer is kept.

use std::collections::BTreeSet;

use codec::{Decode, Encode};
use frame_support::{
	storage::{storage_prefix, unhashed, with_transaction, TransactionOutcome},
	traits::{Bounded, StorePreimage},
};
use pallet_democracy::{MetadataOwner, NextExternal, VoteThreshold};
use scale_info::{MetaType, Registry, TypeDef};
use sp_keyring::Sr25519Keyring::Ferdie;
use sp_runtime::{
	traits::{Dispatchable, TrailingZeroInput},
	DispatchError,
};

use super::table::{enough, Body, Share, Who, ANY_MOTION, BODIES, SHARES};
use crate::chain::*;
use keel_change_control::{classify, periods::FastTrackVotingPeriod};
use keel_runtime::{
	configs::{changes::Classes, governance::bodies},
	*,
};

/// A call, and who may send it.
pub struct Power {
	/// `Pallet.call`, and which use of it.
	pub name: String,
	/// Who may send it without a vote.
	pub who: Who,
	/// Whether Root may, as far as the call itself is asked; unknown where no vote may carry it.
	pub root: Option<bool>,
	/// The class of a vote on it, or "no".
	pub vote: String,
}

/// A sample of a call.
struct Sample {
	name: String,
	call: RuntimeCall,
	/// What must be so before.
	before: fn(),
}

/// One of each call: its arguments are all zeros, which is nothing, nobody, none. Those whose arguments have no such form
/// are named apart.
fn plain() -> (Vec<Sample>, Vec<String>) {
	let mut registry = Registry::new();
	let id = registry.register_type(&MetaType::new::<RuntimeCall>()).id;
	let registry: scale_info::PortableRegistry = registry.into();
	let variants = |id: u32| match &registry.resolve(id).expect("it is registered").type_def {
		TypeDef::Variant(variants) => variants.variants.clone(),
		_ => Vec::new(),
	};
	let (mut samples, mut without) = (Vec::new(), Vec::new());
	for pallet in variants(id) {
		let Some(inner) = pallet.fields.first() else { continue };
		for call in variants(inner.ty.id) {
			let name = format!("{}.{}", pallet.name, call.name);
			let start = [pallet.index, call.index];
			match RuntimeCall::decode(&mut TrailingZeroInput::new(&start)) {
				Ok(call) => samples.push(Sample { name, call, before: || () }),
				Err(_) => without.push(name),
			}
		}
	}
	(samples, without)
}

fn external(threshold: VoteThreshold) {
	let call = frame_system::Call::<Runtime>::remark { remark: vec![] }.into();
	let bounded: Bounded<RuntimeCall, _> = Preimage::bound(call).expect("it fits");
	NextExternal::<Runtime>::put((bounded, threshold));
}

/// What the plain sample does not show: it asks for nothing that may be had, or it is one of two uses.
fn particular() -> Vec<Sample> {
	let about =
		|owner| -> RuntimeCall { pallet_democracy::Call::set_metadata { owner, maybe_hash: None }.into() };
	fn sample(name: &str, call: RuntimeCall, before: fn()) -> Sample {
		Sample { name: name.into(), call, before }
	}
	let fast_track = |voting_period| -> RuntimeCall {
		let proposal_hash = Default::default();
		pallet_democracy::Call::fast_track { proposal_hash, voting_period, delay: 0 }.into()
	};
	let shortest = FastTrackVotingPeriod::<Runtime>::get();
	// Carries nothing, so that nothing in it is refused.
	let empty = || Box::new(RuntimeCall::from(pallet_utility::Call::batch { calls: vec![] }));
	vec![
		sample("Democracy.fast_track, in that time", fast_track(shortest), || ()),
		sample("Democracy.fast_track, in less", fast_track(shortest - 1), || ()),
		sample("Democracy.set_metadata, tabled by half", about(MetadataOwner::External), || {
			external(VoteThreshold::SimpleMajority)
		}),
		sample("Democracy.set_metadata, tabled by all", about(MetadataOwner::External), || {
			external(VoteThreshold::SuperMajorityAgainst)
		}),
		sample("Democracy.set_metadata, of a public one", about(MetadataOwner::Proposal(0)), || ()),
		sample(
			"Utility.if_else",
			pallet_utility::Call::if_else { main: empty(), fallback: empty() }.into(),
			|| (),
		),
		// The time of this block, as if it were not set yet.
		sample("Timestamp.set", pallet_timestamp::Call::set { now: Timestamp::get() }.into(), || {
			for item in [b"Now".as_slice(), b"DidUpdate"] {
				unhashed::kill(&storage_prefix(b"Timestamp", item));
			}
		}),
		// It asks for the asset before it asks who sends it.
		sample(
			"Assets.force_cancel_approval",
			pallet_assets::Call::force_cancel_approval {
				id: codec::Compact(constants::USDK),
				owner: Ferdie.to_account_id().into(),
				delegate: Ferdie.to_account_id().into(),
			}
			.into(),
			|| (),
		),
		sample(
			"Utility.dispatch_as",
			pallet_utility::Call::dispatch_as {
				as_origin: Box::new(OriginCaller::system(frame_system::RawOrigin::Signed(
					configs::assets::UsdkIssuer::get(),
				))),
				call: Box::new(
					pallet_assets::Call::mint {
						id: codec::Compact(constants::USDK),
						beneficiary: Ferdie.to_account_id().into(),
						amount: 1,
					}
					.into(),
				),
			}
			.into(),
			|| (),
		),
	]
}

/// The samples of all calls, and the calls that have none.
fn samples() -> (Vec<Sample>, Vec<String>) {
	let (plain, without) = plain();
	let particular = particular();
	let covered: BTreeSet<&str> =
		particular.iter().filter_map(|sample| sample.name.split(',').next()).collect();
	let mut samples: Vec<_> =
		plain.into_iter().filter(|sample| !covered.contains(sample.name.as_str())).collect();
	samples.extend(particular);
	(samples, without)
}

/// Whether `origin` may send the call: not refused for who sends it, nor kept from everybody. Leaves no trace.
fn may(sample: &Sample, origin: RuntimeOrigin) -> bool {
	let result = with_transaction(|| {
		(sample.before)();
		let result = sample.call.clone().dispatch(origin).map(drop).map_err(|error| error.error);
		TransactionOutcome::Rollback(Ok::<_, DispatchError>(result))
	});
	let refusals: [DispatchError; 3] = [
		DispatchError::BadOrigin,
		frame_system::Error::<Runtime>::CallFiltered.into(),
		pallet_assets::Error::<Runtime>::NoPermission.into(),
	];
	!matches!(result, Ok(Err(error)) if refusals.contains(&error))
}

/// A motion of `body` that `ayes` of `seats` agreed to.
pub fn motion_of(body: Body, ayes: u32, seats: u32) -> RuntimeOrigin {
	use pallet_collective::RawOrigin;
	match body {
		Body::Council => RawOrigin::<AccountId, bodies::Council>::Members(ayes, seats).into(),
		Body::TechnicalCommittee => {
			RawOrigin::<AccountId, bodies::TechnicalCommittee>::Members(ayes, seats).into()
		}
		Body::RiskCommittee => RawOrigin::<AccountId, bodies::RiskCommittee>::Members(ayes, seats).into(),
		Body::SecurityCouncil => RawOrigin::<AccountId, bodies::SecurityCouncil>::Members(ayes, seats).into(),
	}
}

fn member_of(body: Body, who: AccountId) -> RuntimeOrigin {
	use pallet_collective::RawOrigin;
	match body {
		Body::Council => RawOrigin::<AccountId, bodies::Council>::Member(who).into(),
		Body::TechnicalCommittee => RawOrigin::<AccountId, bodies::TechnicalCommittee>::Member(who).into(),
		Body::RiskCommittee => RawOrigin::<AccountId, bodies::RiskCommittee>::Member(who).into(),
		Body::SecurityCouncil => RawOrigin::<AccountId, bodies::SecurityCouncil>::Member(who).into(),
	}
}

/// How many seats bodies are tried with: all small ones, the largest there may be, and one that every share divides.
const SEATS: [u32; 9] = [1, 2, 3, 4, 5, 7, 9, 21, 60];

/// The share of `body` that the call needs; none where no motion of it may send it.
fn share(sample: &Sample, body: Body) -> Result<Option<Share>, String> {
	let fewest = |seats: u32| {
		let allowed: Vec<bool> = (1..=seats).map(|ayes| may(sample, motion_of(body, ayes, seats))).collect();
		let first = allowed.iter().position(|allowed| *allowed);
		// More never are less.
		let from = first.unwrap_or(allowed.len());
		if allowed.iter().skip(from).all(|allowed| *allowed) {
			Ok(first.and_then(|first| u32::try_from(first + 1).ok()))
		} else {
			Err(format!("{}: of the {body:?} some may and more may not", sample.name))
		}
	};
	if fewest(5)?.is_none() && fewest(3)?.is_none() {
		return Ok(None);
	}
	let found: Vec<Option<u32>> = SEATS.iter().map(|seats| fewest(*seats)).collect::<Result<_, _>>()?;
	let mut known = SHARES.iter().map(|(_, share)| *share).chain([ANY_MOTION]);
	let fits = |share: &Share| {
		SEATS.iter().zip(&found).all(|(seats, fewest)| *fewest == Some(enough(*share, *seats)))
	};
	known
		.find(fits)
		.map(Some)
		.ok_or_else(|| format!("{}: {found:?} of {SEATS:?} of the {body:?}", sample.name))
}

fn power(sample: Sample) -> Result<Power, String> {
	let mut who = Who::nobody();
	for body in BODIES {
		if let Some(share) = share(&sample, body)? {
			who.motions.insert(body, share);
		}
		// A member of one body is nobody in another, and so is a stranger.
		if may(&sample, member_of(body, Alice.to_account_id())) {
			who.members.insert(body);
		}
	}
	// A member of every body, and somebody who is in none.
	let signed = |key: sp_keyring::Sr25519Keyring| RuntimeOrigin::signed(key.to_account_id());
	let stranger = may(&sample, signed(sp_keyring::Sr25519Keyring::One));
	who.account = stranger;
	if may(&sample, signed(Alice)) != stranger {
		return Err(format!("{}: a member's signature is more than another's", sample.name));
	}
	who.unsigned = may(&sample, RuntimeOrigin::none());
	let class = classify::<_, Classes>(&sample.call).map(|(class, _)| format!("{class:?}"));
	// What no vote carries is not tried as Root: some of it would empty the state.
	let root = class.is_ok().then(|| may(&sample, RuntimeOrigin::root()));
	Ok(Power { root, who, vote: class.unwrap_or_else(|_| "no".into()), name: sample.name })
}

/// What every call of the runtime asks of who sends it; and the calls that cannot be made at all.
pub fn powers() -> Result<(Vec<Power>, Vec<String>), String> {
	let mut found = None;
	on("local", || {
		let (samples, without) = samples();
		let powers: Result<Vec<_>, _> = samples.into_iter().map(power).collect();
		found = Some(powers.map(|powers| (powers, without)));
	});
	found.expect("the chain has run")
}

#[test]
fn a_sample_is_the_call_it_is_named_after() {
	use frame_support::traits::GetCallMetadata;
	on("dev", || {
		let (samples, without) = samples();
		for sample in &samples {
			let names = sample.call.get_call_metadata();
			let name = format!("{}.{}", names.pallet_name, names.function_name);
			assert_eq!(sample.name.split(',').next(), Some(name.as_str()), "{:?}", sample.call.encode());
		}
		// Its proof is of a type without a value.
		assert_eq!(without, ["Grandpa.report_equivocation", "Grandpa.report_equivocation_unsigned"]);
	});
}
