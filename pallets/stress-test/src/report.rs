// SPDX-License-Identifier: Apache-2.0
//! What moves do, and what closing adds to them, until it stands still.

use crate::pallet::{Config, Depths, Pallet};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode};
use keel_math::stress::{compound, impact};
use keel_primitives::{MarketId, Quote};
use keel_traits::{LiveBook, Shock, Toll};
use scale_info::TypeInfo;
use sp_runtime::DispatchError;

/// How often moves are repeated with what closing adds to them.
pub const ROUNDS: usize = 12;

/// What moves of marks would do.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Round {
	/// The moves.
	pub shocks: Vec<Shock>,
	/// What they would do to the accounts.
	pub toll: Toll,
}

/// What a scenario would do.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Report {
	/// First the moves of the scenario alone, then with what closing the accounts of the round before adds.
	pub rounds: Vec<Round>,
	/// Whether the last round adds nothing to itself. If not, closing goes on moving prices.
	pub stands_still: bool,
}

impl<T: Config> Pallet<T> {
	pub(crate) fn moved(scenario: &[Shock]) -> Result<Report, DispatchError> {
		let mut rounds = Vec::new();
		let mut shocks = scenario.to_vec();
		for _ in 0..ROUNDS {
			let toll = T::Book::toll(&shocks)?;
			let next = Self::closed(scenario, &toll)?;
			let stands_still = next == shocks;
			rounds.push(Round { shocks, toll });
			if stands_still {
				return Ok(Report { rounds, stands_still });
			}
			shocks = next;
		}
		Ok(Report { rounds, stands_still: false })
	}

	/// The moves of a scenario, and after them what closing at one go moves.
	fn closed(scenario: &[Shock], toll: &Toll) -> Result<Vec<Shock>, DispatchError> {
		let moved = |market: MarketId| {
			let to_close = toll.to_close.iter().find(|to_close| to_close.market == market);
			match to_close.zip(Depths::<T>::get(market)) {
				None => Ok(0),
				Some((to_close, depth)) => {
					impact(Quote(to_close.short.0.saturating_sub(to_close.long.0)), depth)
				}
			}
		};
		let mut shocks = scenario.to_vec();
		for shock in &mut shocks {
			let by = moved(shock.market)
				.map_err(|_| DispatchError::Arithmetic(sp_runtime::ArithmeticError::Overflow))?;
			shock.by = compound(shock.by, by);
		}
		// Markets that the scenario leaves alone are moved by closing too.
		for to_close in &toll.to_close {
			if scenario.iter().all(|shock| shock.market != to_close.market) {
				let by = moved(to_close.market)
					.map_err(|_| DispatchError::Arithmetic(sp_runtime::ArithmeticError::Overflow))?;
				if by != 0 {
					shocks.push(Shock { market: to_close.market, by });
				}
			}
		}
		Ok(shocks)
	}
}
