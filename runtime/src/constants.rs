// SPDX-License-Identifier: Apache-2.0
//! Time, money and limits; each with its reason.

use frame_support::weights::{constants::WEIGHT_REF_TIME_PER_SECOND, Weight};
use sp_runtime::Perbill;

use crate::{Balance, BlockNumber};

/// How time is counted.
pub mod time {
	use super::BlockNumber;

	/// Length of a slot, and so of a block, in milliseconds.
	pub const SLOT_MS: u64 = 2_000;
	/// Blocks in a minute.
	pub const MINUTES: BlockNumber = 60_000 / SLOT_MS as BlockNumber;
	/// Blocks in an hour.
	pub const HOURS: BlockNumber = 60 * MINUTES;
	/// Blocks in a day.
	pub const DAYS: BlockNumber = 24 * HOURS;
}

/// What the native token is worth in its smallest unit.
pub mod currency {
	use super::Balance;

	/// Decimals of KEEL.
	pub const DECIMALS: u8 = 12;
	/// Symbol of the native token.
	pub const SYMBOL: &str = "KEEL";
	/// One KEEL.
	pub const KEEL: Balance = 1_000_000_000_000;
	/// A thousandth of a KEEL.
	pub const MILLI: Balance = KEEL / 1_000;
	/// A millionth of a KEEL.
	pub const MICRO: Balance = MILLI / 1_000;
	/// The least balance of an account: an entry in the state must cost something.
	pub const EXISTENTIAL_DEPOSIT: Balance = MILLI;

	/// The deposit for storing `items` entries of `bytes` in all: what a spammer must lock.
	pub const fn deposit(items: u32, bytes: u32) -> Balance {
		items as Balance * 100 * MILLI + bytes as Balance * 100 * MICRO
	}
}

/// The address format: the SDK's generic one, for development and until a number is registered.
pub const SS58_PREFIX: u16 = 42;

/// The reference time of a block: half of a slot, so that a slower machine keeps up.
pub const BLOCK_WEIGHT: Weight = Weight::from_parts(WEIGHT_REF_TIME_PER_SECOND, u64::MAX);
/// The share of a block that normal transactions may use; the rest is for operational ones.
pub const NORMAL_SHARE: Perbill = Perbill::from_percent(75);

/// The share that normal transactions find in every block, also in one that is full.
pub const NORMAL_RESERVE: Perbill = Perbill::from_percent(10);

/// What hooks may use of a block, by pallet. Together at most half of it, asserted by a test:
/// transactions always find the other half.
pub mod hooks {
	use super::Perbill;

	/// Scheduled calls of governance.
	pub const SCHEDULER: Perbill = Perbill::from_percent(8);
	/// Referenda that were tabled: what they would change.
	pub const CHANGE_CONTROL: Perbill = Perbill::from_parts(15_000_000);
	/// Pauses that end.
	pub const EMERGENCY: Perbill = Perbill::from_parts(5_000_000);
	/// Reports to prices.
	pub const ORACLE: Perbill = Perbill::from_percent(4);
	/// Detectors and expiries.
	pub const CIRCUIT_BREAKER: Perbill = Perbill::from_percent(3);
	/// Mark, funding, levels, queued withdrawals, fired keys.
	pub const MARGIN: Perbill = Perbill::from_percent(14);
	/// The waterfall.
	pub const LIQUIDATION: Perbill = Perbill::from_percent(18);
	/// Multi-block migrations; while one runs nothing else needs its share.
	pub const MIGRATIONS: Perbill = Perbill::from_percent(1);

	/// All of them.
	pub const ALL: [(&str, Perbill); 8] = [
		("Scheduler", SCHEDULER),
		("ChangeControl", CHANGE_CONTROL),
		("Oracle", ORACLE),
		("CircuitBreaker", CIRCUIT_BREAKER),
		("Margin", MARGIN),
		("Liquidation", LIQUIDATION),
		("Migrations", MIGRATIONS),
		("Emergency", EMERGENCY),
	];
}

/// How many of something there may be.
pub mod limits {
	/// Validators: GRANDPA's messages grow with their square.
	pub const VALIDATORS: u32 = 100;
	/// Members of each body.
	pub const BODY_MEMBERS: u32 = 21;
	/// Markets: every block reads each of them.
	pub const MARKETS: u32 = 50;
	/// Feeds: each market has one.
	pub const FEEDS: u32 = MARKETS;
	/// Members of the oracle: a round costs members times feeds.
	pub const ORACLE_MEMBERS: u32 = 31;
	/// Scenarios of the library: a stress test runs all of them.
	pub const SCENARIOS: u32 = 32;
	/// Feeds that a scenario names; all others move with them.
	pub const SCENARIO_SHOCKS: u32 = FEEDS;
	/// Open motions of each body.
	pub const BODY_MOTIONS: u32 = 64;
	/// Open motions of each member of it: all members together do not fill the list.
	pub const MEMBER_MOTIONS: u32 = 3;
	/// Spends of the Council in thirty days.
	pub const COUNCIL_SPENDS: u32 = 5;
}

/// The id of USDK, the dollar all margin is kept in.
pub const USDK: u32 = 1;
