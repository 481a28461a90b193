// SPDX-License-Identifier: Apache-2.0
//! A chain without a node: the runtime, compiled for this machine, on a state with a real trie in memory.

use std::{cell::RefCell, rc::Rc, time::Duration};

use keel_runtime::{genesis, RuntimeGenesisConfig};
use serde_json::Value;
use sp_externalities::{set_and_run_with_externalities, Extensions};
use sp_runtime::{traits::BlakeTwo256, BuildStorage};
use sp_state_machine::{Backend, BasicExternalities, Ext, InMemoryBackend, IterArgs, OverlayedChanges};
use sp_storage::{StateVersion, Storage};

use crate::{
	blocks::timed,
	counting::{Counting, Counts},
};

/// Changes that are not in the trie yet.
type Overlay = OverlayedChanges<BlakeTwo256>;

/// A state, and the runtime that acts on it.
pub struct Chain {
	state: InMemoryBackend<BlakeTwo256>,
}

impl Chain {
	/// The genesis of a development chain.
	pub fn genesis() -> Self {
		let mut config = serde_json::to_value(RuntimeGenesisConfig::default()).expect("it has a JSON form");
		let preset = genesis::preset(&"development".into()).expect("there is such a preset");
		merge(&mut config, serde_json::from_slice(&preset).expect("it is JSON"));
		let config: RuntimeGenesisConfig = serde_json::from_value(config).expect("it is a genesis");
		let storage = config.build_storage().expect("genesis builds");
		Self { state: (storage, StateVersion::V1).into() }
	}

	/// Act, and keep what it did.
	pub fn act<R>(&mut self, act: impl FnOnce() -> R) -> R {
		let mut overlay = Overlay::default();
		let result = self.run(&mut overlay, act);
		self.keep(overlay);
		result
	}

	/// Act, count what it asks of the state, and keep what it did.
	pub fn act_counted<R>(&mut self, act: impl FnOnce(&RefCell<Counts>) -> R) -> R {
		let mut overlay = Overlay::default();
		let result = self.run_counted(&mut overlay, act);
		self.keep(overlay);
		result
	}

	/// Act, and forget what it did.
	pub fn try_out<R>(&self, act: impl FnOnce() -> R) -> R {
		self.run(&mut Overlay::default(), act)
	}

	/// Act, forget what it did, and tell how long the root of the changed state takes.
	pub fn time_of_root(&self, act: impl FnOnce()) -> Duration {
		let mut overlay = Overlay::default();
		self.run(&mut overlay, act);
		timed(|| overlay.storage_root(&self.state, StateVersion::V1))
	}

	/// Act, count what it asks of the state, and forget what it did.
	pub fn try_out_counted<R>(&self, act: impl FnOnce(&RefCell<Counts>) -> R) -> R {
		self.run_counted(&mut Overlay::default(), act)
	}

	/// The keys under `prefix`.
	pub fn keys(&self, prefix: &[u8]) -> Vec<Vec<u8>> {
		let mut under = IterArgs::default();
		under.prefix = Some(prefix);
		let keys = self.state.keys(under).expect("the state can be walked");
		keys.map(|key| key.expect("the state is whole")).collect()
	}

	/// The whole state in a map without a trie: reading costs next to nothing.
	pub fn without_database(&self) -> BasicExternalities {
		let pairs = self.state.pairs(Default::default()).expect("the state can be walked");
		let top = pairs.map(|pair| pair.expect("the state is whole")).collect();
		BasicExternalities::new(Storage { top, children_default: Default::default() })
	}

	fn run<R>(&self, overlay: &mut Overlay, act: impl FnOnce() -> R) -> R {
		let mut extensions = Extensions::new();
		let mut ext = Ext::new(overlay, &self.state, Some(&mut extensions));
		set_and_run_with_externalities(&mut ext, act)
	}

	fn run_counted<R>(&self, overlay: &mut Overlay, act: impl FnOnce(&RefCell<Counts>) -> R) -> R {
		let mut extensions = Extensions::new();
		let mut ext = Ext::new(overlay, &self.state, Some(&mut extensions));
		let counts = Rc::new(RefCell::new(Counts::default()));
		let mut counting = Counting::new(&mut ext, counts.clone());
		set_and_run_with_externalities(&mut counting, || act(&counts))
	}

	fn keep(&mut self, mut overlay: Overlay) {
		let changes = overlay
			.drain_storage_changes(&self.state, StateVersion::V1)
			.expect("the trie is whole in memory");
		self.state.apply_transaction(changes.transaction_storage_root, changes.transaction);
	}

	/// Forget trie nodes that no state needs any more: as nodes do that prune.
	pub fn prune(&mut self) {
		self.state.backend_storage_mut().purge();
	}
}

/// A preset is a patch of the default genesis.
fn merge(config: &mut Value, patch: Value) {
	match (config, patch) {
		(Value::Object(config), Value::Object(patch)) => {
			for (key, value) in patch {
				merge(config.entry(key).or_insert(Value::Null), value);
			}
		}
		(config, patch) => *config = patch,
	}
}
