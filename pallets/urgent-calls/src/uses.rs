// SPDX-License-Identifier: Apache-2.0
//! What the room is used for, how often in a block, and why it may not be.

use alloc::vec::Vec;
use codec::{Decode, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_runtime::transaction_validity::{InvalidTransaction, TransactionValidityError};

/// What an urgent call is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
	/// To add margin.
	AddMargin,
	/// To offer or take a reduction.
	Reduce,
	/// To cancel an offer.
	Cancel,
	/// To approve of an act in an emergency, or to stop something alone.
	Stop,
	/// To propose, carry out or close a motion of a body.
	Motion,
	/// To vote in a body.
	Vote,
	/// To apply an upgrade that was authorised.
	Upgrade,
}

impl Kind {
	/// All kinds.
	pub const ALL: [Self; 7] =
		[Self::AddMargin, Self::Reduce, Self::Cancel, Self::Stop, Self::Motion, Self::Vote, Self::Upgrade];

	/// How often an account may in a block.
	pub const fn allowance(self) -> u8 {
		match self {
			Self::AddMargin | Self::Reduce | Self::Cancel | Self::Motion | Self::Upgrade => 1,
			// Seats are few, and in an emergency one has a say in several things.
			Self::Stop | Self::Vote => 4,
		}
	}
}

/// How often an account has used the room in a block, by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Used {
	add_margin: u8,
	reduce: u8,
	cancel: u8,
	stop: u8,
	motion: u8,
	vote: u8,
	upgrade: u8,
}

impl Used {
	const fn of_mut(&mut self, kind: Kind) -> &mut u8 {
		match kind {
			Kind::AddMargin => &mut self.add_margin,
			Kind::Reduce => &mut self.reduce,
			Kind::Cancel => &mut self.cancel,
			Kind::Stop => &mut self.stop,
			Kind::Motion => &mut self.motion,
			Kind::Vote => &mut self.vote,
			Kind::Upgrade => &mut self.upgrade,
		}
	}

	/// Use it once more. Whether it may be.
	#[must_use]
	pub const fn note(&mut self, kind: Kind) -> bool {
		let used = self.of_mut(kind);
		let may = *used < kind.allowance();
		*used = used.saturating_add(1);
		may
	}
}

/// Why a call has no place in the room. The transaction is refused with [`Refusal::code`] as a custom error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
	/// No account sends this: a vote or a body does, or, for prices, nobody's signature.
	NotByAccounts,
	/// The account has no seat in a body that has a say.
	NoSeat,
	/// The account has no such position.
	NoPosition,
	/// There is no such offer, or it is for others.
	UnknownOffer,
	/// The account has less USDK than the least deposit.
	TooLittle,
	/// The account is no proxy of the other, or not for this.
	NotAProxy,
	/// Too many urgent calls of a kind in one transaction.
	TooMany,
	/// A motion whose call is heavier than what is done at once may be.
	TooHeavy,
	/// There is no such motion, or it cannot be closed yet.
	NothingToClose,
	/// This code was not authorised.
	NotAuthorised,
}

impl Refusal {
	/// All of them.
	pub const ALL: [Self; 10] = [
		Self::NotByAccounts,
		Self::NoSeat,
		Self::NoPosition,
		Self::UnknownOffer,
		Self::TooLittle,
		Self::NotAProxy,
		Self::TooMany,
		Self::TooHeavy,
		Self::NothingToClose,
		Self::NotAuthorised,
	];

	/// What the custom error of a transaction says.
	pub const fn code(self) -> u8 {
		match self {
			Self::NotByAccounts => 160,
			Self::NoSeat => 161,
			Self::NoPosition => 162,
			Self::UnknownOffer => 163,
			Self::TooLittle => 164,
			Self::NotAProxy => 165,
			Self::TooMany => 166,
			Self::TooHeavy => 167,
			Self::NothingToClose => 168,
			Self::NotAuthorised => 169,
		}
	}
}

impl From<Refusal> for TransactionValidityError {
	fn from(refusal: Refusal) -> Self {
		InvalidTransaction::Custom(refusal.code()).into()
	}
}

/// What a transaction uses of the room, by account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uses<AccountId> {
	by: Vec<(AccountId, Used)>,
}

impl<AccountId> Default for Uses<AccountId> {
	fn default() -> Self {
		Self { by: Vec::new() }
	}
}

impl<AccountId: PartialEq + Clone> Uses<AccountId> {
	/// Note a call of a kind. What no block would take is refused.
	pub fn note(&mut self, who: &AccountId, kind: Kind) -> Result<(), Refusal> {
		let may = match self.by.iter_mut().find(|(account, _)| account == who) {
			Some((_, used)) => used.note(kind),
			None => {
				let mut used = Used::default();
				let may = used.note(kind);
				self.by.push((who.clone(), used));
				may
			}
		};
		may.then_some(()).ok_or(Refusal::TooMany)
	}
}

impl<AccountId> Uses<AccountId> {
	/// By account.
	pub fn by_account(&self) -> &[(AccountId, Used)] {
		&self.by
	}
}

impl Used {
	/// Both together, where they are within every allowance.
	pub fn together(mut self, other: Self) -> Option<Self> {
		for kind in Kind::ALL {
			let mut more = other;
			for _ in 0..*more.of_mut(kind) {
				if !self.note(kind) {
					return None;
				}
			}
		}
		Some(self)
	}
}
