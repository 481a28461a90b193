// SPDX-License-Identifier: Apache-2.0
//! The words of a line that margin alone knows: its markets and people, its errors, and levels.

use super::language::{Who, MARKETS, PEOPLE};
use crate::{mock::Test, Error};
use keel_math::Level;
use keel_primitives::*;
use keel_test_support::spec::words::{self, variants};
use std::ops::{Deref, DerefMut};

pub use words::{expected, Read};

/// The words of a line.
pub struct Words<'a>(words::Words<'a>);

impl<'a> Deref for Words<'a> {
	type Target = words::Words<'a>;

	fn deref(&self) -> &Self::Target {
		&self.0
	}
}

impl DerefMut for Words<'_> {
	fn deref_mut(&mut self) -> &mut Self::Target {
		&mut self.0
	}
}

impl<'a> Words<'a> {
	pub fn of(line: &'a str) -> Self {
		Self(words::Words::of(line))
	}

	pub fn level(&mut self) -> Read<Level> {
		self.number("a level", 27).map(Level)
	}

	pub fn market(&mut self) -> Read<MarketId> {
		self.one_of("a market", &MARKETS)
	}

	pub fn account(&mut self) -> Read<Who> {
		self.0.account(&PEOPLE).map(|(owner, sub)| MarginAccount::new(owner, sub))
	}

	pub fn owner(&mut self) -> Read<u64> {
		let who = self.account()?;
		if who.sub == SubAccount(0) {
			Ok(who.owner)
		} else {
			Err("expected a person, found a sub-account".into())
		}
	}

	pub fn error(&mut self) -> Read<String> {
		self.0.error(&variants::<Error<Test>>())
	}
}
