// SPDX-License-Identifier: Apache-2.0
//! What bodies do: motions, approvals, votes.

use super::{
	names,
	words::{count, market, people, person},
	Fail, Read, Stage,
};
use crate::governance::aye;
use codec::Encode;
use frame_support::{
	dispatch::GetDispatchInfo,
	traits::{Bounded, QueryPreimage},
};
use keel_emergency::{Act, CallName, Power};
use keel_runtime::*;
use pallet_collective::{Call as Motion, Instance1, Instance2, Instance3, Instance4};
use pallet_democracy::{Call as Vote, ReferendumCount, ReferendumInfo, ReferendumInfoOf};
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Dave};
use sp_runtime::traits::Hash as _;

/// `Margin.withdraw`.
fn called(word: &str) -> Read<CallName> {
	let bytes = |text: &str| text.as_bytes().to_vec().try_into().ok();
	let read = word
		.split_once('.')
		.and_then(|(pallet, call)| Some(CallName { pallet: bytes(pallet)?, call: bytes(call)? }));
	read.ok_or_else(|| Fail::Unread(format!("expected a call like Margin.withdraw, found `{word}`")))
}

/// What is done in an emergency.
fn emergency(words: &[&str]) -> Read<Act<AccountId>> {
	Ok(match words {
		["guard", of, "for", blocks, "blocks"] => {
			Act::GuardMarket { market: market(of)?, blocks: count(blocks)? }
		}
		["halt", of, "for", blocks, "blocks"] => {
			Act::HaltMarket { market: market(of)?, blocks: count(blocks)? }
		}
		["resume", of] if !of.contains('.') => Act::ResumeMarket { market: market(of)? },
		["enter", "safe", "mode"] => Act::EnterSafeMode,
		["extend", "safe", "mode"] => Act::ExtendSafeMode,
		["exit", "safe", "mode"] => Act::ExitSafeMode,
		["pause", call] => Act::PauseCall { call: called(call)? },
		["renew", call] => Act::RenewPause { call: called(call)? },
		["resume", call] => Act::ResumeCall { call: called(call)? },
		["cancel", referendum] => Act::CancelChange { referendum: count(referendum)? },
		["rearm", "safe", "mode"] => Act::Rearm { power: Power::SafeMode },
		["rearm", "alone", who] => Act::Rearm { power: Power::Alone(person(who)?.to_account_id()) },
		["rearm", call] => Act::Rearm { power: Power::Pause(called(call)?) },
		other => return Err(Fail::Unread(format!("expected an act, found `{}`", other.join(" ")))),
	})
}

impl Stage {
	/// `alice bob: halt BTC for 5 blocks`: each approves, in this order.
	pub fn approve(&mut self, who: &[&str], act: &[&str]) -> Read<()> {
		let act = emergency(act)?;
		for member in people(who)? {
			self.send(member, keel_emergency::Call::<Runtime>::approve { act: act.clone() })?;
		}
		Ok(())
	}

	/// `council alice bob: CALL`: the first proposes for so many votes, all of them vote aye, and it is closed.
	pub fn motion(&mut self, body: &str, who: &[&str], call: RuntimeCall) -> Read<()> {
		let who = people(who)?;
		match body {
			"council" => self.motion_of::<Instance1>(&who, call),
			"technical" => self.motion_of::<Instance2>(&who, call),
			"risk" => self.motion_of::<Instance3>(&who, call),
			"security" => self.motion_of::<Instance4>(&who, call),
			_ => Err(Fail::Unread(format!(
				"expected a body (council, technical, risk, security), found `{body}`"
			))),
		}
	}

	pub fn motion_of<I: 'static>(&mut self, who: &[Sr25519Keyring], call: RuntimeCall) -> Read<()>
	where
		Runtime: pallet_collective::Config<I, Proposal = RuntimeCall, Hash = Hash>,
		RuntimeCall: From<Motion<Runtime, I>>,
		RuntimeEvent: TryInto<pallet_collective::Event<Runtime, I>>,
	{
		let first = *who.first().ok_or_else(|| Fail::Unread("expected members".into()))?;
		let (length_bound, threshold) = (call.encoded_size() as u32, who.len() as u32);
		let proposal_weight_bound = call.get_dispatch_info().call_weight;
		let proposal_hash = <Runtime as frame_system::Config>::Hashing::hash_of(&call);
		let index = pallet_collective::ProposalCount::<Runtime, I>::get();
		self.send(
			first,
			Motion::<Runtime, I>::propose { threshold, proposal: Box::new(call), length_bound },
		)?;
		if threshold > 1 {
			for member in who {
				self.send(
					*member,
					Motion::<Runtime, I>::vote { proposal: proposal_hash, index, approve: true },
				)?;
			}
			self.send(
				first,
				Motion::<Runtime, I>::close { proposal_hash, index, proposal_weight_bound, length_bound },
			)?;
		}
		let result = self.all_events().into_iter().rev().find_map(|event| match event.try_into() {
			Ok(pallet_collective::Event::Executed { result, .. }) => Some(result),
			_ => None,
		});
		let result = result.ok_or_else(|| Fail::Wrong("the motion was not carried out".into()))?;
		result.map_err(|error| Fail::Refused(names::error(error)))
	}

	/// The bytes are stored, the Council proposes, all of the Technical Committee hurry it to a vote of three blocks.
	/// The referendum's number.
	pub fn table(&mut self, call: RuntimeCall) -> Read<u32> {
		let bytes = call.encode();
		let hash = <Runtime as frame_system::Config>::Hashing::hash(&bytes);
		let proposal = Bounded::Lookup { hash, len: bytes.len() as u32 };
		if <Preimage as QueryPreimage>::len(&hash).is_none() {
			self.send(Alice, pallet_preimage::Call::<Runtime>::note_preimage { bytes })?;
		}
		let index = ReferendumCount::<Runtime>::get();
		self.motion_of::<Instance1>(
			&[Alice, Bob],
			Vote::<Runtime>::external_propose_majority { proposal }.into(),
		)?;
		let hurry = Vote::<Runtime>::fast_track { proposal_hash: hash, voting_period: 3, delay: 1 };
		self.motion_of::<Instance2>(&[Alice, Bob, Dave], hurry.into())?;
		Ok(index)
	}

	/// `alice 1000`: an aye on the last referendum, with so much KEEL.
	pub fn vote(&mut self, who: Sr25519Keyring, stake: Balance) -> Read<()> {
		let ref_index = ReferendumCount::<Runtime>::get().saturating_sub(1);
		self.send(who, Vote::<Runtime>::vote { ref_index, vote: aye(stake) })
	}

	/// Until the vote on a referendum is over, and what has passed takes effect at the earliest.
	pub fn until_due(&mut self, referendum: u32) {
		if let Some(ReferendumInfo::Ongoing(status)) = ReferendumInfoOf::<Runtime>::get(referendum) {
			while System::block_number() < status.end + status.delay {
				self.block(0);
			}
		}
	}
}
