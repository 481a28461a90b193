// SPDX-License-Identifier: Apache-2.0
//! What calls and hooks cost. The runtime uses measured weights; `()` has round ones for tests.

use frame_support::weights::{constants::RocksDbWeight, Weight};

/// What calls and hooks cost.
pub trait WeightInfo {
	/// Checking a report on `feeds` feeds, signature included.
	fn authorize_report(feeds: u32) -> Weight;
	/// Keeping a report on `feeds` feeds.
	fn report(feeds: u32) -> Weight;
	/// A round of `members` members on `feeds` feeds, in which all have news.
	fn begin_block(members: u32, feeds: u32) -> Weight;
	/// Registering a key.
	fn set_reporter() -> Weight;
	/// Giving a seat.
	fn add_member() -> Weight;
	/// Removing a member for a while, when there are as many seats and feeds as there may be.
	fn remove_member() -> Weight;
	/// Closing a seat, when there are as many seats and feeds as there may be.
	fn close_seat() -> Weight;
	/// Listing a feed.
	fn add_feed() -> Weight;
	/// Changing a feed.
	fn set_feed_params() -> Weight;
	/// Naming a source.
	fn set_source() -> Weight;
	/// Correcting a source, when there are as many seats as there may be.
	fn correct_source() -> Weight;
	/// Retiring a feed, when there are as many seats and markets as there may be.
	fn retire_feed() -> Weight;
	/// Letting the change wait that takes most to look at.
	fn wait() -> Weight;
	/// Taking a change out of those that wait.
	fn take_back() -> Weight;
	/// In the hook: a change that is due and takes most.
	fn carry_out() -> Weight;
	/// In the hook: a member whose removal ends.
	fn return_member() -> Weight;
}

impl WeightInfo for () {
	fn authorize_report(feeds: u32) -> Weight {
		let feeds = u64::from(feeds);
		Weight::from_parts(60_000_000 + 1_000_000 * feeds, 0) + RocksDbWeight::get().reads(3 + feeds)
	}

	fn report(feeds: u32) -> Weight {
		let feeds = u64::from(feeds);
		Weight::from_parts(20_000_000 + 2_000_000 * feeds, 0)
			+ RocksDbWeight::get().reads_writes(4 + 2 * feeds, 2)
	}

	fn begin_block(members: u32, feeds: u32) -> Weight {
		let (members, feeds) = (u64::from(members), u64::from(feeds));
		Weight::from_parts(
			10_000_000 + 2_000_000 * members + 10_000_000 * feeds + 500_000 * members * feeds,
			0,
		) + RocksDbWeight::get().reads_writes(4 + 2 * members + 2 * feeds, 1 + feeds)
	}

	fn set_reporter() -> Weight {
		Weight::from_parts(70_000_000, 0) + RocksDbWeight::get().reads_writes(3, 4)
	}

	fn add_member() -> Weight {
		Weight::from_parts(15_000_000, 0) + RocksDbWeight::get().reads_writes(2, 2)
	}

	fn remove_member() -> Weight {
		Weight::from_parts(200_000_000, 0) + RocksDbWeight::get().reads_writes(90, 3)
	}

	fn close_seat() -> Weight {
		Weight::from_parts(200_000_000, 0) + RocksDbWeight::get().reads_writes(90, 4)
	}

	fn add_feed() -> Weight {
		Weight::from_parts(80_000_000, 0) + RocksDbWeight::get().reads_writes(35, 2)
	}

	fn set_feed_params() -> Weight {
		Weight::from_parts(80_000_000, 0) + RocksDbWeight::get().reads_writes(35, 1)
	}

	fn set_source() -> Weight {
		Weight::from_parts(20_000_000, 0) + RocksDbWeight::get().reads_writes(2, 1)
	}

	fn correct_source() -> Weight {
		Weight::from_parts(150_000_000, 0) + RocksDbWeight::get().reads_writes(70, 1)
	}

	fn retire_feed() -> Weight {
		Weight::from_parts(300_000_000, 0) + RocksDbWeight::get().reads_writes(120, 40)
	}

	fn wait() -> Weight {
		Weight::from_parts(200_000_000, 0) + RocksDbWeight::get().reads_writes(90, 1)
	}

	fn take_back() -> Weight {
		Weight::from_parts(20_000_000, 0) + RocksDbWeight::get().reads_writes(1, 1)
	}

	fn carry_out() -> Weight {
		Weight::from_parts(300_000_000, 0) + RocksDbWeight::get().reads_writes(120, 40)
	}

	fn return_member() -> Weight {
		Weight::from_parts(10_000_000, 0) + RocksDbWeight::get().writes(1)
	}
}
