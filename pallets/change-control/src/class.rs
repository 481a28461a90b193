// SPDX-License-Identifier: Apache-2.0
//! What a change changes, and so how long it waits and how many must have voted.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, weights::Weight, BoundedVec};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// What a change changes. The later ones are the weightier ones: a change of several calls is of the class of its
/// weightiest.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum Class {
	/// It stops something, for a while.
	Emergency,
	/// It tightens, or repairs within bounds.
	Operational,
	/// It moves money, or sets what money depends on: parameters, funds, the treasury, the seats of the oracle.
	Economic,
	/// It changes the rules: code, members of bodies, validators, what waits in the timelock.
	Constitutional,
}

/// A value for each class.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PerClass<Value> {
	/// For what stops something.
	pub emergency: Value,
	/// For what tightens or repairs.
	pub operational: Value,
	/// For what money depends on.
	pub economic: Value,
	/// For the rules.
	pub constitutional: Value,
}

impl<Value: Copy> PerClass<Value> {
	/// The value of a class.
	pub fn of(&self, class: Class) -> Value {
		match class {
			Class::Emergency => self.emergency,
			Class::Operational => self.operational,
			Class::Economic => self.economic,
			Class::Constitutional => self.constitutional,
		}
	}

	/// All values, the weightiest class last.
	pub fn all(&self) -> [Value; 4] {
		[self.emergency, self.operational, self.economic, self.constitutional]
	}
}

/// How a call is named: `Pallet.call`.
pub type CallName = BoundedVec<u8, ConstU32<64>>;

/// Why a change is refused.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Reason {
	/// No vote carries this call: it writes behind all rules, or skips the checks of another call.
	NeverAllowed,
	/// The call stands on no list of what may be voted.
	Unlisted,
	/// Only an account can send this call: a vote would carry it to no effect.
	NeedsAnAccount,
	/// The call acts for an account that no vote acts for.
	ActsForAnother,
	/// The call asks for more than it may at once.
	AboveItsCap {
		/// What it asks for.
		asked: u128,
		/// The most it may ask for.
		most: u128,
	},
	/// Parameters beyond their bounds.
	OutOfBounds,
	/// A treasury, a fund or another pallet would be the one to receive.
	PaysAPallet,
	/// There are more calls in it than can be looked at.
	TooManyCalls,
	/// Its bytes are not stored (note the preimage first), are no call of this runtime, or are too many.
	Unreadable,
	/// It is heavier than what the scheduler may run at once: it would never run.
	TooHeavy {
		/// What it declares.
		weight: Weight,
		/// The most that may be.
		most: Weight,
	},
	/// The hash was vetoed or blacklisted, and still is.
	Blacklisted,
	/// Too few have voted.
	TurnoutTooLow {
		/// What took part, in units of the token.
		voted: u128,
		/// What must have taken part.
		needed: u128,
	},
	/// As many referenda are open as are looked after.
	TooManyOpen,
	/// The referendum was never looked at.
	NotTabled,
	/// The runtime was upgraded meanwhile, and what was voted means something else now.
	MeansSomethingElse,
	/// It would be voted on for longer than any referendum is.
	VoteTooLong,
	/// The change does more than once what it may do once.
	MoreThanOnce,
	/// No block within reach has room for it.
	NoRoom,
}

/// A refusal: which call of a change, and why.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Refusal {
	/// The call; empty where it is about all of the change.
	pub call: CallName,
	/// Why.
	pub reason: Reason,
}

impl Refusal {
	/// A refusal of all of a change.
	pub fn whole(reason: Reason) -> Self {
		Self { call: CallName::default(), reason }
	}

	/// A refusal of one call.
	pub fn of(pallet: &str, call: &str, reason: Reason) -> Self {
		let name = [pallet.as_bytes(), b".", call.as_bytes()].concat();
		Self { call: CallName::truncate_from(name), reason }
	}
}

/// What a call is, seen by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look<'a, Call> {
	/// An act of this class.
	Is(Class),
	/// An act that is refused.
	Never(Reason),
	/// It only carries others.
	Carries(Vec<&'a Call>),
}

/// Who knows the calls of a runtime.
pub trait Classify<Call> {
	/// What `call` is. Whatever is not known is refused.
	fn look(call: &Call) -> Look<'_, Call>;

	/// The names of its pallet and of itself.
	fn name(call: &Call) -> (&'static str, &'static str);

	/// What is left to do when changes have taken effect; nothing, for most.
	type Aftermath;

	/// What all acts of a change do together: what is left to do when it has taken effect, and what that costs, which is
	/// a part of the change's weight. Refused where together they do more than they may.
	fn together(acts: &[&Call]) -> Result<(Self::Aftermath, Weight), Refusal>;

	/// Do what is left to do.
	fn follow(aftermath: Self::Aftermath);
}

/// The most calls that a change may be made of, those that only carry others included.
pub const MAX_CALLS: usize = 128;

/// The class of a change, that of its weightiest call, and its acts: the calls in it that do something themselves. A
/// change that does nothing is operational.
pub fn classify<Call, Classes: Classify<Call>>(change: &Call) -> Result<(Class, Vec<&Call>), Refusal> {
	let (mut waiting, mut acts) = (alloc::vec![change], Vec::new());
	let mut weightiest: Option<Class> = None;
	let mut seen = 0usize;
	while let Some(call) = waiting.pop() {
		seen = seen.saturating_add(1);
		if seen.saturating_add(waiting.len()) > MAX_CALLS {
			return Err(Refusal::whole(Reason::TooManyCalls));
		}
		match Classes::look(call) {
			Look::Is(class) => {
				weightiest = weightiest.max(Some(class));
				acts.push(call);
			}
			Look::Never(reason) => {
				let (pallet, name) = Classes::name(call);
				return Err(Refusal::of(pallet, name, reason));
			}
			Look::Carries(calls) => waiting.extend(calls),
		}
	}
	Ok((weightiest.unwrap_or(Class::Operational), acts))
}
