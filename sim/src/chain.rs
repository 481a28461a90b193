// SPDX-License-Identifier: Apache-2.0
//! A chain without a node: the runtime, compiled for this machine, on a state with a real trie in memory.

use keel_runtime::{genesis, Hash, RuntimeGenesisConfig};
use serde_json::Value;
use sp_core::traits::{ReadRuntimeVersion, ReadRuntimeVersionExt};
use sp_externalities::{set_and_run_with_externalities, Extensions, Externalities};
use sp_runtime::{traits::BlakeTwo256, BuildStorage};
use sp_state_machine::{Backend, BasicExternalities, Ext, InMemoryBackend, IterArgs, OverlayedChanges};
use sp_storage::{StateVersion, Storage};

/// Changes that are not in the trie yet.
pub type Overlay = OverlayedChanges<BlakeTwo256>;

/// A state, and the runtime that acts on it.
pub struct Chain {
	state: InMemoryBackend<BlakeTwo256>,
}

/// No code here is a runtime.
struct NoRuntime;

impl ReadRuntimeVersion for NoRuntime {
	fn read_runtime_version(&self, _: &[u8], _: &mut dyn Externalities) -> Result<Vec<u8>, String> {
		Err("it is no Wasm".into())
	}
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
		self.act_on(|state| set_and_run_with_externalities(state, act))
	}

	/// The same for who wants to stand between the runtime and its state.
	pub fn act_on<R>(&mut self, act: impl FnOnce(&mut dyn Externalities) -> R) -> R {
		let mut overlay = Overlay::default();
		let result = self.run(&mut overlay, act);
		self.keep(overlay);
		result
	}

	/// Act, and keep what it did when `look` has seen the result and the state as it was before.
	pub fn act_seen<R>(&mut self, act: impl FnOnce() -> R, look: impl FnOnce(&Self, &R)) -> R {
		let mut overlay = Overlay::default();
		let result = self.run(&mut overlay, |state| set_and_run_with_externalities(state, act));
		look(self, &result);
		self.keep(overlay);
		result
	}

	fn keep(&mut self, mut overlay: Overlay) {
		let changes = overlay
			.drain_storage_changes(&self.state, StateVersion::V1)
			.expect("the trie is whole in memory");
		self.state.apply_transaction(changes.transaction_storage_root, changes.transaction);
	}

	/// Act, and forget what it did.
	pub fn try_out<R>(&self, act: impl FnOnce() -> R) -> R {
		self.try_out_on(|state| set_and_run_with_externalities(state, act))
	}

	/// The same for who wants to stand between the runtime and its state.
	pub fn try_out_on<R>(&self, act: impl FnOnce(&mut dyn Externalities) -> R) -> R {
		self.run(&mut Overlay::default(), act)
	}

	/// Act, and make the root of the changed state by `root`. Nothing is kept.
	pub fn root_of<R>(&self, act: impl FnOnce(), root: impl FnOnce(&mut dyn FnMut()) -> R) -> R {
		let mut overlay = Overlay::default();
		self.run(&mut overlay, |state| set_and_run_with_externalities(state, act));
		root(&mut || {
			overlay.storage_root(&self.state, StateVersion::V1);
		})
	}

	/// The root of the state: the same for the same state, on every machine.
	pub fn root(&self) -> Hash {
		*self.state.root()
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

	fn run<R>(&self, overlay: &mut Overlay, act: impl FnOnce(&mut dyn Externalities) -> R) -> R {
		let mut extensions = Extensions::new();
		extensions.register(ReadRuntimeVersionExt::new(NoRuntime));
		act(&mut Ext::new(overlay, &self.state, Some(&mut extensions)))
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
