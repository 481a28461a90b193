// SPDX-License-Identifier: Apache-2.0
//! Which chain: the runtime's presets, or a file.

use std::path::PathBuf;

use keel_runtime::{
	constants::{currency, SS58_PREFIX},
	genesis::PRODUCTION_PRESET,
	WASM_BINARY,
};
use sc_chain_spec::{json_merge, GenesisConfigBuilderRuntimeCaller};
use sc_service::{ChainType, Properties};
use serde_json::Value;
use sp_genesis_builder::{DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET};
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};

/// A chain specification without extensions.
pub type ChainSpec = sc_service::GenericChainSpec;

/// `dev`, `local`, `production:FILE` (genesis with the accounts of FILE), or the path of a specification.
pub fn load(id: &str) -> Result<Box<dyn sc_service::ChainSpec>, String> {
	Ok(match id {
		"" | "dev" => {
			Box::new(preset("Keel Development", "keel-dev", ChainType::Development, DEV_RUNTIME_PRESET)?)
		}
		"local" => {
			Box::new(preset("Keel Local", "keel-local", ChainType::Local, LOCAL_TESTNET_RUNTIME_PRESET)?)
		}
		"production" => {
			return Err(
				"a production chain needs its accounts: --chain production:FILE, where FILE is JSON with \
			            balances, session keys, validators and bodies (see docs/operate.md)"
					.into(),
			)
		}
		id => {
			match id.strip_prefix("production:") {
				Some(file) => Box::new(production(PathBuf::from(file))?),
				None => Box::new(ChainSpec::from_json_file(PathBuf::from(id)).map_err(|error| {
					format!("--chain {id}: not a known chain (dev, local, production:FILE), and as a file: {error}")
				})?),
			}
		}
	})
}

fn wasm() -> Result<&'static [u8], String> {
	WASM_BINARY.ok_or_else(|| {
		"this node was built without the runtime's Wasm (SKIP_WASM_BUILD); it can only run a chain given by a \
		 specification file"
			.into()
	})
}

fn properties() -> Properties {
	let mut properties = Properties::new();
	properties.insert("tokenSymbol".into(), currency::SYMBOL.into());
	properties.insert("tokenDecimals".into(), currency::DECIMALS.into());
	properties.insert("ss58Format".into(), SS58_PREFIX.into());
	properties
}

fn preset(name: &str, id: &str, chain_type: ChainType, preset: &str) -> Result<ChainSpec, String> {
	Ok(ChainSpec::builder(wasm()?, None)
		.with_name(name)
		.with_id(id)
		.with_protocol_id(id)
		.with_chain_type(chain_type)
		.with_properties(properties())
		.with_genesis_config_preset_name(preset)
		.build())
}

fn production(file: PathBuf) -> Result<ChainSpec, String> {
	let path = file.display();
	let text = std::fs::read_to_string(&file).map_err(|error| format!("{path}: {error}"))?;
	let people: Value = serde_json::from_str(&text).map_err(|error| format!("{path}: {error}"))?;
	for (entry, what) in [
		("/balances/balances", "who owns KEEL"),
		("/session/keys", "the session keys of the first validators"),
		("/validatorMembership/members", "the first validators"),
		("/council/members", "the Council"),
		("/technicalCommittee/members", "the Technical Committee"),
		("/riskCommittee/members", "the Risk Committee"),
		("/securityCouncil/members", "the Security Council"),
	] {
		if people.pointer(entry).and_then(Value::as_array).is_none_or(Vec::is_empty) {
			return Err(format!("{path}: '{entry}' is missing or empty: {what}"));
		}
	}
	if people.pointer("/faucet").is_some() {
		return Err(format!("{path}: '/faucet': a production chain has none"));
	}
	let caller: GenesisConfigBuilderRuntimeCaller = GenesisConfigBuilderRuntimeCaller::new(wasm()?);
	let mut genesis = caller.get_named_preset(Some(&PRODUCTION_PRESET.into()))?;
	json_merge(&mut genesis, people);
	caller.get_storage_for_patch(genesis.clone()).map_err(|error| format!("{path}: {error}"))?;
	let spec = ChainSpec::builder(wasm()?, None)
		.with_name("Keel")
		.with_id("keel")
		.with_protocol_id("keel")
		.with_chain_type(ChainType::Live)
		.with_properties(properties())
		.with_genesis_config_patch(genesis)
		.build();
	refuse_well_known_keys(&spec).map_err(|error| format!("{path}: {error}"))?;
	Ok(spec)
}

/// A chain with real money must not know a key that everybody knows: not as an owner, not as a validator,
/// not in a body. The whole genesis is searched, so no place can be forgotten.
pub fn refuse_well_known_keys(spec: &dyn sc_service::ChainSpec) -> Result<(), String> {
	if spec.chain_type() != ChainType::Live {
		return Ok(());
	}
	let storage = spec.as_storage_builder().build_storage()?;
	let known = Sr25519Keyring::iter()
		.map(|key| (key.to_string(), key.public().0))
		.chain(Ed25519Keyring::iter().map(|key| (key.to_string(), key.public().0)));
	let code: &[u8] = sp_core::storage::well_known_keys::CODE;
	for (name, key) in known {
		let found = storage.top.iter().any(|(entry, value)| {
			entry.as_slice() != code && (contains(entry, &key) || contains(value, &key))
		});
		if found {
			return Err(format!(
				"the genesis of this live chain contains the well-known key of {name}, which everybody can sign \
				 with; replace it"
			));
		}
	}
	Ok(())
}

fn contains(bytes: &[u8], key: &[u8; 32]) -> bool {
	bytes.windows(key.len()).any(|window| window == key)
}
