// SPDX-License-Identifier: Apache-2.0
//! Rounds of prices, and reporters who disagree a little about them.
//!
//! Everything here is deterministic: the same history, or the same story and seed, gives the same reports, byte for
//! byte.

mod fault;
mod panel;
mod synthetic;

pub use fault::{Fault, FaultError};
pub use panel::Panel;
pub use synthetic::{synthetic_crash, Kind, Start, Story};

use crate::{history::Frame, units::Price};
use std::collections::BTreeMap;

/// What is reported in one round: by base asset, the price on each venue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round {
	/// The time in the history, for people.
	pub label: String,
	/// The prices.
	pub prices: BTreeMap<String, Vec<Price>>,
}

/// The rounds of a history: four for each bar.
pub fn from_frames(frames: &[Frame]) -> Vec<Round> {
	let step = |frame: &Frame, index: usize| Round {
		label: frame.time.strftime("%Y-%m-%d %H:%M").to_string(),
		prices: frame
			.bars
			.iter()
			.map(|(base, venues)| (base.clone(), venues.iter().map(|bar| bar.path()[index]).collect()))
			.collect(),
	};
	frames.iter().flat_map(|frame| (0..4).map(move |index| step(frame, index))).collect()
}

/// What the state of a random walk is advanced by, after SplitMix64.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// A number that looks random and follows from `state`: the mixer of SplitMix64.
const fn mix(state: u64) -> u64 {
	let mut z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
	z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
	z ^ (z >> 31)
}

/// A number for a name: FNV-1a.
fn hash(text: &str) -> u64 {
	text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
		(hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
	})
}

/// `random` as a number in `-width..=width`.
fn within(random: u64, width: u32) -> i64 {
	let values = 2 * u64::from(width) + 1;
	i64::try_from(random % values).unwrap_or(0) - i64::from(width)
}
