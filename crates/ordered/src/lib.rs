// SPDX-License-Identifier: Apache-2.0
//! An ordered map in the state trie.
//!
//! The trie is sorted by raw key. A map whose keys are not hashed, `prefix ++ sorted ++ rest`, is therefore
//! sorted by `sorted`: its first entry is found with one step, and walked from there without an index.
//!
//! A step skips keys that were deleted in the same block one by one, so a walk keeps its place and never
//! starts again from the prefix.
//!
//! A crate of its own, because the trigger book and the order book both need it and no pallet depends on another.

#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

extern crate alloc;

use alloc::vec::Vec;

/// The entries under one prefix, in order.
pub struct Ordered {
	prefix: Vec<u8>,
}

/// An entry: its raw key, and what follows the prefix in it.
pub struct Entry {
	/// The whole raw key: the place from which a walk goes on.
	pub raw: Vec<u8>,
	prefix_len: usize,
}

impl Entry {
	/// What follows the prefix.
	pub fn rest(&self) -> &[u8] {
		self.raw.get(self.prefix_len..).unwrap_or_default()
	}
}

impl Ordered {
	/// The map under `prefix`. All keys under it must have the same layout.
	pub const fn new(prefix: Vec<u8>) -> Self {
		Self { prefix }
	}

	/// The first entry.
	pub fn first(&self) -> Option<Entry> {
		self.after(&self.prefix)
	}

	/// The first entry that sorts after the raw key `place`.
	pub fn after(&self, place: &[u8]) -> Option<Entry> {
		let raw = sp_io::storage::next_key(place)?;
		raw.starts_with(&self.prefix).then_some(Entry { raw, prefix_len: self.prefix.len() })
	}

	/// The first entry whose key starts with `sorted` or sorts after it.
	pub fn from(&self, sorted: &[u8]) -> Option<Entry> {
		let mut place = self.prefix.clone();
		place.extend_from_slice(sorted);
		self.after(&place)
	}
}
