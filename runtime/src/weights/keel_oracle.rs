// SPDX-License-Identifier: Apache-2.0
//! What the calls and hooks of `keel_oracle` cost.
//!
//! `authorize_report`, `report` and `begin_block` were measured on 2026-11-20 with 50 steps and 20 repeats on: AMD EPYC.
//! Since then `begin_block` reads one value more and weighs sources, and `report` measures distances: both are raised by
//! an estimate on the high side. The others are not measured yet: reads and writes are
//! counted from the code at its worst case, with as many seats and feeds as there may be, and the times are estimates on
//! the high side. `scripts/weights keel_oracle` replaces them.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Measured weights of `keel_oracle`.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> keel_oracle::WeightInfo for WeightInfo<T> {
	/// `f` lies in 1 to 50.
	fn authorize_report(f: u32) -> Weight {
		// Storage: `Oracle::Members` (r:1 w:0)
		// Proof: `Oracle::Members` (`max_values`: None, `max_size`: Some(86), added: 2561, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Feeds` (r:50 w:0)
		// Proof: `Oracle::Feeds` (`max_values`: None, `max_size`: Some(81), added: 2556, mode: `MaxEncodedLen`)
		// Storage: `System::BlockHash` (r:1 w:0)
		// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
		// Least time: 45_488_000 ps.
		Weight::from_parts(48_143_480, 3551)
			// Standard error: 2_914
			.saturating_add(Weight::from_parts(1_633_089, 0).saturating_mul(f.into()))
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().reads(1).saturating_mul(f.into()))
			.saturating_add(Weight::from_parts(0, 2556).saturating_mul(f.into()))
	}

	/// `f` lies in 1 to 50.
	fn report(f: u32) -> Weight {
		// Storage: `Oracle::Members` (r:1 w:1)
		// Proof: `Oracle::Members` (`max_values`: None, `max_size`: Some(86), added: 2561, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Feeds` (r:50 w:0)
		// Proof: `Oracle::Feeds` (`max_values`: None, `max_size`: Some(81), added: 2556, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Rounds` (r:1 w:0)
		// Proof: `Oracle::Rounds` (`max_values`: Some(1), `max_size`: Some(61), added: 556, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Reports` (r:1 w:1)
		// Proof: `Oracle::Reports` (`max_values`: None, `max_size`: Some(3649), added: 6124, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Prices` (r:50 w:0)
		// Proof: `Oracle::Prices` (`max_values`: None, `max_size`: Some(121), added: 2596, mode: `MaxEncodedLen`)
		// Least time: 21_042_000 ps.
		Weight::from_parts(26_687_210, 7114)
			// Standard error: 4_536
			.saturating_add(Weight::from_parts(4_000_000, 0).saturating_mul(f.into()))
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().reads(2).saturating_mul(f.into()))
			.saturating_add(T::DbWeight::get().writes(2))
			.saturating_add(Weight::from_parts(0, 2596).saturating_mul(f.into()))
	}

	/// `m` lies in 3 to 31.
	/// `f` lies in 1 to 50.
	fn begin_block(m: u32, f: u32) -> Weight {
		// Storage: `Oracle::Rounds` (r:1 w:1)
		// Proof: `Oracle::Rounds` (`max_values`: Some(1), `max_size`: Some(61), added: 556, mode: `MaxEncodedLen`)
		// Storage: `Timestamp::Now` (r:1 w:0)
		// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Members` (r:32 w:0)
		// Proof: `Oracle::Members` (`max_values`: None, `max_size`: Some(86), added: 2561, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Reports` (r:31 w:0)
		// Proof: `Oracle::Reports` (`max_values`: None, `max_size`: Some(3649), added: 6124, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Feeds` (r:51 w:0)
		// Proof: `Oracle::Feeds` (`max_values`: None, `max_size`: Some(81), added: 2556, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Prices` (r:50 w:50)
		// Proof: `Oracle::Prices` (`max_values`: None, `max_size`: Some(121), added: 2596, mode: `MaxEncodedLen`)
		// Least time: 139_818_000 ps.
		Weight::from_parts(141_230_000, 3551)
			// Standard error: 114_031
			.saturating_add(Weight::from_parts(16_000_000, 0).saturating_mul(m.into()))
			// Standard error: 71_051
			.saturating_add(Weight::from_parts(40_000_000, 0).saturating_mul(f.into()))
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().reads(2).saturating_mul(m.into()))
			.saturating_add(T::DbWeight::get().reads(2).saturating_mul(f.into()))
			.saturating_add(T::DbWeight::get().writes(1))
			.saturating_add(T::DbWeight::get().writes(1).saturating_mul(f.into()))
			.saturating_add(Weight::from_parts(0, 2596).saturating_mul(f.into()))
			.saturating_add(Weight::from_parts(0, 6124).saturating_mul(m.into()))
	}

	fn set_reporter() -> Weight {
		// The member, whose the key is, the genesis hash; the member, two keys, the reports. A signature is checked.
		Weight::from_parts(120_000_000, 12_000)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(4))
	}

	fn add_member() -> Weight {
		// The member, the number of members.
		Weight::from_parts(30_000_000, 8_000)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(2))
	}

	fn remove_member() -> Weight {
		// The member, all seats and the end of them, all feeds and the end of them, the periods.
		Weight::from_parts(500_000_000, 300_000)
			.saturating_add(T::DbWeight::get().reads(86))
			.saturating_add(T::DbWeight::get().writes(2))
	}

	fn close_seat() -> Weight {
		// The member, all seats and feeds with their ends, the number of members; the member, its key, its reports.
		Weight::from_parts(500_000_000, 300_000)
			.saturating_add(T::DbWeight::get().reads(86))
			.saturating_add(T::DbWeight::get().writes(4))
	}

	fn add_feed() -> Weight {
		// The feed, the number of feeds, all seats with their end.
		Weight::from_parts(200_000_000, 100_000)
			.saturating_add(T::DbWeight::get().reads(34))
			.saturating_add(T::DbWeight::get().writes(2))
	}

	fn set_feed_params() -> Weight {
		// The feed three times, all seats twice with their end.
		Weight::from_parts(300_000_000, 200_000)
			.saturating_add(T::DbWeight::get().reads(67))
			.saturating_add(T::DbWeight::get().writes(1))
	}

	fn set_source() -> Weight {
		// The member, the periods; the member.
		Weight::from_parts(40_000_000, 8_000)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}

	fn correct_source() -> Weight {
		// The member, all seats with their end.
		Weight::from_parts(300_000_000, 100_000)
			.saturating_add(T::DbWeight::get().reads(34))
			.saturating_add(T::DbWeight::get().writes(1))
	}

	fn retire_feed() -> Weight {
		// The feed, all markets, the retired, all seats with their end and their reports; those reports, the feed, the
		// number of feeds, its price, the retired, until when a veto holds.
		Weight::from_parts(500_000_000, 700_000)
			.saturating_add(T::DbWeight::get().reads(120))
			.saturating_add(T::DbWeight::get().writes(36))
	}

	fn wait() -> Weight {
		// The member, all seats and feeds with their ends, the changes that wait, the periods.
		Weight::from_parts(500_000_000, 300_000)
			.saturating_add(T::DbWeight::get().reads(88))
			.saturating_add(T::DbWeight::get().writes(1))
	}

	fn take_back() -> Weight {
		// The changes that wait, and until when a veto holds.
		Weight::from_parts(60_000_000, 8_000)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(2))
	}

	fn carry_out() -> Weight {
		// The changes that wait; and as for retiring a feed.
		Weight::from_parts(600_000_000, 700_000)
			.saturating_add(T::DbWeight::get().reads(121))
			.saturating_add(T::DbWeight::get().writes(37))
	}

	fn return_member() -> Weight {
		// The member, which was read before.
		Weight::from_parts(30_000_000, 4_000).saturating_add(T::DbWeight::get().writes(1))
	}
}
