// SPDX-License-Identifier: Apache-2.0
//! Many measurements as three numbers.

use std::{fmt, time::Duration};

/// The median, and between which values four of five measurements lie.
#[derive(Clone, Copy, Debug)]
pub struct Spread {
	pub median: Duration,
	pub low: Duration,
	pub high: Duration,
}

impl Spread {
	/// Of at least one measurement.
	pub fn of(mut all: Vec<Duration>) -> Self {
		all.sort();
		let last = all.len() - 1;
		Self { median: all[last / 2], low: all[last / 10], high: all[last - last / 10] }
	}

	/// Each of the three over `count`.
	pub fn over(self, count: u32) -> Self {
		Self { median: self.median / count, low: self.low / count, high: self.high / count }
	}

	/// This median over that one.
	pub fn ratio_to(self, other: Self) -> f64 {
		self.median.as_secs_f64() / other.median.as_secs_f64()
	}
}

impl fmt::Display for Spread {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "{} ({} to {})", short(self.median), short(self.low), short(self.high))
	}
}

/// A time in the unit that suits it.
pub fn short(time: Duration) -> String {
	let nanoseconds = time.as_nanos();
	let seconds = time.as_secs_f64();
	match nanoseconds {
		0..=99_999 => format!("{:.2} µs", seconds * 1e6),
		100_000..=9_999_999 => format!("{:.0} µs", seconds * 1e6),
		10_000_000..=999_999_999 => format!("{:.1} ms", seconds * 1e3),
		_ => format!("{seconds:.1} s"),
	}
}
