// SPDX-License-Identifier: Apache-2.0
//! Chance that is the same in every run.

/// SplitMix64.
pub struct Random(u64);

impl Random {
	/// Begins with `seed`.
	pub const fn new(seed: u64) -> Self {
		Self(seed)
	}

	/// Any 64 bits.
	pub fn bits(&mut self) -> u64 {
		self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let mut z = self.0;
		z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		z ^ (z >> 31)
	}

	/// Below `bound`.
	pub fn below(&mut self, bound: u32) -> u32 {
		u32::try_from(self.bits() % u64::from(bound)).expect("it is below a u32")
	}

	/// From `least` to `most`.
	pub fn between(&mut self, least: i64, most: i64) -> i64 {
		let span = u64::try_from(most - least).expect("least is not above most") + 1;
		least + i64::try_from(self.bits() % span).expect("spans are short")
	}
}
