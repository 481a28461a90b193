// SPDX-License-Identifier: Apache-2.0
//! Random numbers: SplitMix64, plain and fast. Its states for seeds one apart have nothing in common.

pub struct Rng(u64);

impl Rng {
	pub fn new(seed: u64) -> Self {
		Self(seed)
	}

	pub fn next(&mut self) -> u64 {
		self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let mut z = self.0;
		z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		z ^ (z >> 31)
	}

	/// Below `bound`, which is more than zero.
	pub fn below(&mut self, bound: u64) -> u64 {
		self.next() % bound
	}

	/// One of `low..=high`.
	pub fn between(&mut self, low: u64, high: u64) -> u64 {
		low + self.below(high - low + 1)
	}

	/// Whether something happens that does so once in `count` times.
	pub fn one_in(&mut self, count: u64) -> bool {
		self.below(count) == 0
	}

	/// One of `0..count`.
	pub fn index(&mut self, count: usize) -> usize {
		(self.next() % count as u64) as usize
	}

	/// A number of `low + 1` to `high + 1` digits, all lengths alike.
	pub fn magnitude(&mut self, low: u32, high: u32) -> u128 {
		let digits = self.between(low.into(), high.into()) as u32;
		let fraction = u128::from(self.between(1_000, 9_999));
		(fraction * 10_u128.pow(digits) / 1_000).max(1)
	}
}
