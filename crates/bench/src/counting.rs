// SPDX-License-Identifier: Apache-2.0
//! What a runtime asks of its state, counted on the way.

use std::{
	any::{Any, TypeId},
	cell::RefCell,
	collections::{HashMap, HashSet},
	rc::Rc,
};

use sp_crypto_hashing::twox_128;
use sp_externalities::{Error, Extension, ExtensionStore, Externalities, MultiRemovalResults};
use sp_storage::{ChildInfo, StateVersion, TrackedStorageKey};

/// What was asked of the state.
#[derive(Clone, Debug, Default)]
pub struct Counts {
	/// How often each key was read. What was written before is in the block's own memory and does not count.
	reads: HashMap<Vec<u8>, u32>,
	/// How often the key after each was looked for.
	steps: HashMap<Vec<u8>, u32>,
	/// How often each key was written or removed.
	writes: HashMap<Vec<u8>, u32>,
	/// Reads of what was written before.
	own: u32,
}

impl Counts {
	/// The reads that a database would see of keys under `prefix`: different keys read, and different places
	/// stepped on from.
	pub fn reads(&self, prefix: &[u8]) -> usize {
		different(&self.reads, prefix) + different(&self.steps, prefix)
	}

	/// The writes that a database would see of keys under `prefix`: different keys written or removed.
	pub fn writes(&self, prefix: &[u8]) -> usize {
		different(&self.writes, prefix)
	}

	/// Every call that reads, however often of one key.
	pub fn read_calls(&self) -> u32 {
		self.own + sum(&self.reads) + sum(&self.steps)
	}

	/// The keys under `prefix` that were written or removed.
	pub fn written(&self, prefix: &[u8]) -> HashSet<Vec<u8>> {
		self.writes.keys().filter(|key| key.starts_with(prefix)).cloned().collect()
	}

	/// Without what every block keeps in memory anyway: its number, digest and events, the depth of its storage
	/// layers.
	pub fn outside_of_system(mut self) -> Self {
		let system = twox_128(b"System");
		for counts in [&mut self.reads, &mut self.steps, &mut self.writes] {
			counts.retain(|key, _| !key.starts_with(&system) && !key.starts_with(b":"));
		}
		self
	}

	fn read(&mut self, key: &[u8]) {
		if self.writes.contains_key(key) {
			self.own += 1;
		} else {
			*self.reads.entry(key.to_vec()).or_default() += 1;
		}
	}

	fn step(&mut self, key: &[u8]) {
		*self.steps.entry(key.to_vec()).or_default() += 1;
	}

	fn write(&mut self, key: &[u8]) {
		*self.writes.entry(key.to_vec()).or_default() += 1;
	}
}

fn different(counts: &HashMap<Vec<u8>, u32>, prefix: &[u8]) -> usize {
	counts.keys().filter(|key| key.starts_with(prefix)).count()
}

fn sum(counts: &HashMap<Vec<u8>, u32>) -> u32 {
	counts.values().sum()
}

/// Passes everything on to `state`, and counts.
pub struct Counting<'a> {
	state: &'a mut dyn Externalities,
	counts: Rc<RefCell<Counts>>,
}

impl<'a> Counting<'a> {
	pub fn new(state: &'a mut dyn Externalities, counts: Rc<RefCell<Counts>>) -> Self {
		Self { state, counts }
	}
}

impl ExtensionStore for Counting<'_> {
	fn extension_by_type_id(&mut self, id: TypeId) -> Option<&mut dyn Any> {
		self.state.extension_by_type_id(id)
	}

	fn register_extension_with_type_id(
		&mut self,
		id: TypeId,
		extension: Box<dyn Extension>,
	) -> Result<(), Error> {
		self.state.register_extension_with_type_id(id, extension)
	}

	fn deregister_extension_by_type_id(&mut self, id: TypeId) -> Result<(), Error> {
		self.state.deregister_extension_by_type_id(id)
	}
}

impl Externalities for Counting<'_> {
	fn set_offchain_storage(&mut self, key: &[u8], value: Option<&[u8]>) {
		self.state.set_offchain_storage(key, value);
	}

	fn storage(&mut self, key: &[u8]) -> Option<Vec<u8>> {
		self.counts.borrow_mut().read(key);
		self.state.storage(key)
	}

	fn storage_hash(&mut self, key: &[u8]) -> Option<Vec<u8>> {
		self.counts.borrow_mut().read(key);
		self.state.storage_hash(key)
	}

	fn child_storage_hash(&mut self, child: &ChildInfo, key: &[u8]) -> Option<Vec<u8>> {
		self.state.child_storage_hash(child, key)
	}

	fn child_storage(&mut self, child: &ChildInfo, key: &[u8]) -> Option<Vec<u8>> {
		self.state.child_storage(child, key)
	}

	fn exists_storage(&mut self, key: &[u8]) -> bool {
		self.counts.borrow_mut().read(key);
		self.state.exists_storage(key)
	}

	fn exists_child_storage(&mut self, child: &ChildInfo, key: &[u8]) -> bool {
		self.state.exists_child_storage(child, key)
	}

	fn next_storage_key(&mut self, key: &[u8]) -> Option<Vec<u8>> {
		self.counts.borrow_mut().step(key);
		self.state.next_storage_key(key)
	}

	fn next_child_storage_key(&mut self, child: &ChildInfo, key: &[u8]) -> Option<Vec<u8>> {
		self.state.next_child_storage_key(child, key)
	}

	fn kill_child_storage(
		&mut self,
		child: &ChildInfo,
		limit: Option<u32>,
		cursor: Option<&[u8]>,
	) -> MultiRemovalResults {
		self.state.kill_child_storage(child, limit, cursor)
	}

	fn clear_prefix(
		&mut self,
		prefix: &[u8],
		limit: Option<u32>,
		cursor: Option<&[u8]>,
	) -> MultiRemovalResults {
		self.counts.borrow_mut().write(prefix);
		self.state.clear_prefix(prefix, limit, cursor)
	}

	fn clear_child_prefix(
		&mut self,
		child: &ChildInfo,
		prefix: &[u8],
		limit: Option<u32>,
		cursor: Option<&[u8]>,
	) -> MultiRemovalResults {
		self.state.clear_child_prefix(child, prefix, limit, cursor)
	}

	fn place_storage(&mut self, key: Vec<u8>, value: Option<Vec<u8>>) {
		self.counts.borrow_mut().write(&key);
		self.state.place_storage(key, value);
	}

	fn place_child_storage(&mut self, child: &ChildInfo, key: Vec<u8>, value: Option<Vec<u8>>) {
		self.state.place_child_storage(child, key, value);
	}

	fn storage_root(&mut self, version: StateVersion) -> Vec<u8> {
		self.state.storage_root(version)
	}

	fn child_storage_root(&mut self, child: &ChildInfo, version: StateVersion) -> Vec<u8> {
		self.state.child_storage_root(child, version)
	}

	fn storage_append(&mut self, key: Vec<u8>, value: Vec<u8>) {
		self.counts.borrow_mut().write(&key);
		self.state.storage_append(key, value);
	}

	fn storage_start_transaction(&mut self) {
		self.state.storage_start_transaction();
	}

	fn storage_rollback_transaction(&mut self) -> Result<(), ()> {
		self.state.storage_rollback_transaction()
	}

	fn storage_commit_transaction(&mut self) -> Result<(), ()> {
		self.state.storage_commit_transaction()
	}

	fn wipe(&mut self) {
		self.state.wipe();
	}

	fn commit(&mut self) {
		self.state.commit();
	}

	fn read_write_count(&self) -> (u32, u32, u32, u32) {
		self.state.read_write_count()
	}

	fn reset_read_write_count(&mut self) {
		self.state.reset_read_write_count();
	}

	fn get_whitelist(&self) -> Vec<TrackedStorageKey> {
		self.state.get_whitelist()
	}

	fn set_whitelist(&mut self, keys: Vec<TrackedStorageKey>) {
		self.state.set_whitelist(keys);
	}

	fn get_read_and_written_keys(&self) -> Vec<(Vec<u8>, u32, u32, bool)> {
		self.state.get_read_and_written_keys()
	}
}
