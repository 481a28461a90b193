// SPDX-License-Identifier: Apache-2.0
//! What moves do, and what closing adds to them, until it stands still.

use crate::pallet::{Config, Depths, Pallet};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode};
use keel_math::stress::{compound, impact};
use keel_primitives::Quote;
use keel_traits::{LiveBook, Shock, ToClose, Toll};
use scale_info::TypeInfo;
use sp_runtime::{ArithmeticError, DispatchError};

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
		let mut shocks = scenario.to_vec();
		for ToClose { market, long, short, .. } in &toll.to_close {
			let Some(depth) = Depths::<T>::get(market) else { continue };
			let overflow = DispatchError::Arithmetic(ArithmeticError::Overflow);
			let net = short.0.checked_sub(long.0).map(Quote).ok_or(overflow)?;
			let by = impact(net, depth).map_err(|_| overflow)?;
			match shocks.iter_mut().find(|shock| shock.market == *market) {
				Some(shock) => shock.by = compound(shock.by, by),
				// A market that the scenario leaves alone is moved by closing too.
				None => shocks.push(Shock { market: *market, by }),
			}
		}
		Ok(shocks)
	}
}
