// SPDX-License-Identifier: Apache-2.0
//! Blocks as times, and the earliest block a proposal could act in.

use crate::{
	chain::{self, AtBlock},
	error::Result,
	number::counted,
};
use indicatif::HumanDuration;
use jiff::Timestamp;
use serde_json::{json, Value as Json};
use std::time::Duration;

/// The time of the chain at a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clock {
	/// The block.
	pub block: u64,
	/// Its time; none at genesis.
	time: Option<Timestamp>,
	/// Milliseconds from one block to the next.
	slot: u64,
}

impl Clock {
	/// The chain's own clock, in this block.
	pub async fn read(at: &AtBlock) -> Result<Self> {
		let now: Option<u64> = chain::storage_as(at, "Timestamp", "Now", vec![]).await?;
		let time = now
			.filter(|now| *now > 0)
			.and_then(|now| i64::try_from(now).ok())
			.and_then(|now| Timestamp::from_millisecond(now).ok());
		Ok(Self { block: at.block_number(), time, slot: chain::constant(at, "Aura", "SlotDuration")? })
	}

	/// How long it is until a block, when none is missed.
	pub fn until(&self, block: u64) -> Duration {
		Duration::from_millis(block.saturating_sub(self.block).saturating_mul(self.slot))
	}

	/// When a block comes, when none is missed.
	pub fn time(&self, block: u64) -> Option<Timestamp> {
		self.time?.checked_add(self.until(block)).ok()
	}

	/// `block 40, 12 from now: 24 seconds, 2026-01-01 00:00:24 UTC`.
	pub fn countdown(&self, block: u64) -> String {
		let left = block.saturating_sub(self.block);
		if left == 0 {
			return format!("block {block}");
		}
		let time = self.time(block).map(|time| format!(", {}", time.strftime("%F %T UTC")));
		format!(
			"block {block}, {left} from now: {}{}",
			HumanDuration(self.until(block)),
			time.unwrap_or_default()
		)
	}

	/// A block with its time, for programs.
	pub fn json(&self, block: u64) -> Json {
		json!({
			"block": block, "blocks": block.saturating_sub(self.block),
			"time": self.time(block).map(|time| time.to_string()),
		})
	}
}

/// `1 block`, `2 blocks`.
pub fn blocks(count: u64) -> String {
	counted(count, "block")
}

/// The periods of a vote, in blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Periods {
	/// A proposal is tabled every so often.
	pub launch: u64,
	/// A vote takes so long.
	pub voting: u64,
	/// A fast-tracked one takes so long at least.
	pub fast_track: u64,
	/// A change waits so long when nobody says otherwise.
	pub enactment: u64,
}

impl Periods {
	/// As they are on chain.
	pub fn read(at: &AtBlock) -> Result<Self> {
		let period = |name| chain::constant::<u32>(at, "Democracy", name).map(u64::from);
		Ok(Self {
			launch: period("LaunchPeriod")?.max(1),
			voting: period("VotingPeriod")?,
			fast_track: period("FastTrackVotingPeriod")?,
			enactment: period("EnactmentPeriod")?,
		})
	}

	/// The first launch after `block`, which tables what was proposed in it.
	pub const fn launch_after(&self, block: u64) -> u64 {
		(block / self.launch + 1) * self.launch
	}

	/// Of what is proposed in `block`, when `before` launches belong to others, and waits at least `delay`.
	pub fn ordinary(&self, block: u64, before: u64, delay: u64) -> Steps {
		let tabled = self.launch_after(block) + before * self.launch;
		let voted = tabled + self.voting;
		Steps { tabled, voted, acts: voted + self.timelock(self.enactment, delay) }
	}

	/// How long a change waits that was asked to act after so many blocks and waits at least `delay`. The chain
	/// makes it no longer than the enactment period or that.
	pub fn timelock(&self, asked: u64, delay: u64) -> u64 {
		asked.min(self.enactment).max(delay).max(1)
	}

	/// Of what is fast-tracked in `block`.
	pub fn fast_tracked(&self, block: u64, delay: u64) -> Steps {
		let voted = block + self.fast_track;
		Steps { tabled: block, voted, acts: voted + delay.max(1) }
	}
}

/// The earliest blocks of a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Steps {
	/// The vote begins.
	pub tabled: u64,
	/// The vote ends.
	pub voted: u64,
	/// It acts.
	pub acts: u64,
}

#[cfg(test)]
mod tests {
	use super::*;

	fn clock() -> Clock {
		let time = "2026-01-01T00:00:00Z".parse().expect("a time");
		Clock { block: 28, time: Some(time), slot: 2_000 }
	}

	#[test]
	fn a_block_is_counted_down_to_in_blocks_and_in_time() {
		let countdown = |block| clock().countdown(block);
		assert_eq!(countdown(40), "block 40, 12 from now: 24 seconds, 2026-01-01 00:00:24 UTC");
		assert_eq!(
			countdown(28 + 43_200 * 7),
			"block 302428, 302400 from now: 7 days, 2026-01-08 00:00:00 UTC"
		);
		assert_eq!(countdown(28), "block 28");
		assert_eq!(countdown(3), "block 3");
		let timeless = Clock { time: None, ..clock() };
		assert_eq!(timeless.countdown(29), "block 29, 1 from now: 2 seconds");
		assert_eq!(clock().json(40)["time"], "2026-01-01T00:00:24Z");
	}

	#[test]
	fn one_block_is_no_blocks() {
		assert_eq!([0, 1, 2].map(blocks), ["0 blocks", "1 block", "2 blocks"]);
	}

	#[test]
	fn a_proposal_acts_after_launch_vote_and_the_longer_timelock() {
		let periods = Periods { launch: 10, voting: 15, fast_track: 8, enactment: 2 };
		assert_eq!(periods.ordinary(12, 0, 1), Steps { tabled: 20, voted: 35, acts: 37 });
		assert_eq!(periods.ordinary(12, 0, 5), Steps { tabled: 20, voted: 35, acts: 40 });
		assert_eq!(periods.ordinary(12, 1, 1), Steps { tabled: 30, voted: 45, acts: 47 });
		// What is proposed in the block of a launch comes after it.
		assert_eq!(periods.ordinary(20, 0, 1).tabled, 30);
		assert_eq!(periods.fast_tracked(13, 1), Steps { tabled: 13, voted: 21, acts: 22 });
		assert_eq!(periods.fast_tracked(13, 0).acts, 22);
		let timelocks =
			[(0, 0), (1, 0), (9, 0), (9, 5), (0, 5)].map(|(asked, delay)| periods.timelock(asked, delay));
		assert_eq!(timelocks, [1, 1, 2, 5, 5]);
	}
}
