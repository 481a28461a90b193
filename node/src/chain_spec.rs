// SPDX-License-Identifier: Apache-2.0
//! Which chain: the runtime's presets, or a file.
//!
//! Whatever comes of a file is judged before anything is done with it ([`fit_to_launch`]): here every command passes, so
//! nothing starts on a genesis that is refused, and none is written.

use std::{fmt::Display, path::Path as FilePath, sync::OnceLock};

use keel_runtime::{
	constants::{currency, SS58_PREFIX},
	genesis::{launch, PRODUCTION_PRESET},
	WASM_BINARY,
};
use sc_chain_spec::{json_merge, GenesisConfigBuilderRuntimeCaller};
use sc_network::config::MultiaddrWithPeerId;
use sc_service::{ChainType, Properties};
use serde_json::Value;
use sp_core::{bytes::from_hex, storage::Storage};
use sp_genesis_builder::{DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET};

use crate::json::{complaint, line_of, path_at, Path};

/// A chain specification without extensions.
pub type ChainSpec = sc_service::GenericChainSpec;

/// Whether this is how the development chain is called.
pub fn is_dev(id: &str) -> bool {
	matches!(id, "" | "dev")
}

/// `dev`, `local`, `production:FILE` (genesis with the accounts of FILE), or the path of a specification.
pub fn load(id: &str) -> Result<Box<dyn sc_service::ChainSpec>, String> {
	match id {
		id if is_dev(id) => {
			Ok(Box::new(preset("Keel Development", "keel-dev", ChainType::Development, DEV_RUNTIME_PRESET)?))
		}
		"local" => {
			Ok(Box::new(preset("Keel Local", "keel-local", ChainType::Local, LOCAL_TESTNET_RUNTIME_PRESET)?))
		}
		"production" => {
			Err("a production chain needs its accounts: --chain production:FILE, where FILE is JSON with \
		                     balances, session keys, validators and bodies (see docs/operate.md)"
				.into())
		}
		id => match id.strip_prefix("production:") {
			Some(file) => Ok(Box::new(production(FilePath::new(file))?)),
			None => Ok(Box::new(specification(FilePath::new(id))?)),
		},
	}
}

fn wasm() -> Result<&'static [u8], String> {
	WASM_BINARY.ok_or_else(|| {
		"this node was built without the runtime's Wasm (SKIP_WASM_BUILD); it can only run a chain given by a \
		 specification file"
			.into()
	})
}

/// Asks this node's own runtime about its genesis; it is compiled once.
fn own_runtime() -> Result<&'static GenesisConfigBuilderRuntimeCaller<'static>, String> {
	static CALLER: OnceLock<GenesisConfigBuilderRuntimeCaller> = OnceLock::new();
	let wasm = wasm()?;
	Ok(CALLER.get_or_init(|| GenesisConfigBuilderRuntimeCaller::new(wasm)))
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

/// A JSON file, and where in it things are.
struct File<'a> {
	path: &'a FilePath,
	text: String,
}

impl<'a> File<'a> {
	fn read(path: &'a FilePath) -> Result<(Self, Value), String> {
		let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
		let file = Self { path, text };
		match serde_json::from_str(&file.text) {
			Ok(value) => Ok((file, value)),
			Err(error) => Err(file.misread(&error.to_string())),
		}
	}

	/// A sentence about the value at a path.
	fn at(&self, path: &Path, what: impl Display) -> String {
		let name = self.path.display();
		match line_of(&self.text, path) {
			Some(line) if !path.0.is_empty() => format!("{name}:{line}: '{path}': {what}"),
			_ => format!("{name}: {what}"),
		}
	}

	/// What a parser of this very text complained of.
	fn misread(&self, error: &str) -> String {
		match complaint(error) {
			(what, Some((line, column))) => format!("{}:{line}:{column}: {what}", self.path.display()),
			(what, None) => format!("{}: {what}", self.path.display()),
		}
	}

	/// What does not belong into a value, by a value that has all that does.
	fn refuse_unknown_keys(&self, path: &Path, value: &Value, known: &Value) -> Result<(), String> {
		let (Value::Object(value), Value::Object(known)) = (value, known) else { return Ok(()) };
		if known.is_empty() {
			return Ok(());
		}
		for (key, inside) in value {
			let path = path.key(key);
			match known.get(key) {
				None => {
					let names: Vec<&str> = known.keys().map(String::as_str).collect();
					return Err(
						self.at(&path, format!("there is no such key; known here: {}", names.join(", ")))
					);
				}
				Some(known) => self.refuse_unknown_keys(&path, inside, known)?,
			}
		}
		Ok(())
	}

	/// The state of a genesis that lies at `within` this file. It is `patch` over the defaults of the runtime.
	fn build(
		&self,
		caller: &GenesisConfigBuilderRuntimeCaller,
		within: &Path,
		patch: Value,
	) -> Result<Storage, String> {
		let default = caller.get_default_config()?;
		self.refuse_unknown_keys(within, &patch, &default)?;
		let mut genesis = default.clone();
		json_merge(&mut genesis, patch);
		let text = serde_json::to_string_pretty(&genesis).map_err(|error| error.to_string())?;
		caller.get_storage_for_config(genesis.clone()).map_err(|error| {
			if error.contains("WASM backtrace") {
				let builds = |genesis| caller.get_storage_for_config(genesis).is_ok();
				return format!("{}: {}", self.path.display(), stopped(&genesis, &default, builds));
			}
			// The runtime read `text`, and the error repeats all of it.
			let error = error.split(" for blob:").next().unwrap_or_default();
			let (what, place) = complaint(error);
			let what = what.trim_start_matches("Invalid JSON blob: ");
			let inside = place.map(|(line, column)| path_at(&text, line, column)).unwrap_or_default();
			let path = Path(within.0.iter().chain(&inside.0).cloned().collect());
			self.at(&path, what)
		})
	}
}

/// Why a runtime stopped instead of making a state of `genesis`: the part of it without which it `builds`. Its trace says
/// no more than how it was compiled.
fn stopped(genesis: &Value, default: &Value, builds: impl Fn(Value) -> bool) -> String {
	let parts = genesis.as_object().into_iter().flatten();
	let to_blame =
		parts.filter(|(part, values)| default.get(part.as_str()) != Some(*values)).find(|(part, _)| {
			let mut without = genesis.clone();
			if let Some(values) = without.get_mut(part.as_str()) {
				*values = default.get(part.as_str()).cloned().unwrap_or_default();
			}
			builds(without)
		});
	let whose = to_blame.map_or_else(String::new, |(part, _)| format!(" of '{part}'"));
	format!(
		"the values{whose} contradict each other or what the chain allows, so the runtime makes no state of them: \
		 docs/spec says what they must meet"
	)
}

/// What a production file says of the chain itself; the rest of it is genesis.
struct Name {
	name: String,
	id: String,
	boot_nodes: Vec<MultiaddrWithPeerId>,
}

impl Name {
	fn take(file: &File, people: &mut Value) -> Result<Self, String> {
		let of_chain = Path::default().key("chain");
		let chain = people.as_object_mut().and_then(|people| people.remove("chain")).unwrap_or(Value::Null);
		if !chain.is_null() && !chain.is_object() {
			return Err(file.at(&of_chain, "it must be an object with name, id and bootNodes"));
		}
		file.refuse_unknown_keys(
			&of_chain,
			&chain,
			&serde_json::json!({ "name": "", "id": "", "bootNodes": [] }),
		)?;
		let text = |key: &str, default: &str| match &chain[key] {
			Value::Null => Ok(default.to_owned()),
			Value::String(text) if !text.is_empty() => Ok(text.clone()),
			_ => Err(file.at(&of_chain.key(key), "it must be a text")),
		};
		let (name, id) = (text("name", "Keel")?, text("id", "keel")?);
		// It names folders and protocols.
		if !id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-') {
			return Err(file.at(&of_chain.key("id"), "it is made of small letters, digits and hyphens"));
		}
		let boot_nodes = match &chain["bootNodes"] {
			Value::Null => Vec::new(),
			list => serde_json::from_value(list.clone()).map_err(|error| {
				let example = "/ip4/192.0.2.1/tcp/30333/p2p/12D3KooW...";
				file.at(&of_chain.key("bootNodes"), format!("{error}; a boot node is written {example}"))
			})?,
		};
		Ok(Self { name, id, boot_nodes })
	}
}

fn production(path: &FilePath) -> Result<ChainSpec, String> {
	let (file, mut people) = File::read(path)?;
	let Name { name, id, boot_nodes } = Name::take(&file, &mut people)?;
	let caller = own_runtime()?;
	if people.pointer("/faucet").is_some() {
		return Err(file.at(&Path::default().key("faucet"), "a production chain has none"));
	}
	file.refuse_unknown_keys(&Path::default(), &people, &caller.get_default_config()?)?;
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
			return Err(format!("{}: '{entry}' is missing or empty: {what}", path.display()));
		}
	}
	let mut genesis = caller.get_named_preset(Some(&PRODUCTION_PRESET.into()))?;
	json_merge(&mut genesis, people);
	let state = file.build(caller, &Path::default(), genesis.clone())?;
	judge(&ChainType::Live, &state).map_err(|error| format!("{}: {error}", path.display()))?;
	Ok(ChainSpec::builder(wasm()?, None)
		.with_name(&name)
		.with_id(&id)
		.with_protocol_id(&id)
		.with_boot_nodes(boot_nodes)
		.with_chain_type(ChainType::Live)
		.with_properties(properties())
		.with_genesis_config_patch(genesis)
		.build())
}

/// What a specification has at its top; `consensusEngine` is from older times.
const KEYS: [&str; 11] = [
	"name",
	"id",
	"chainType",
	"bootNodes",
	"telemetryEndpoints",
	"protocolId",
	"forkId",
	"properties",
	"codeSubstitutes",
	"consensusEngine",
	"genesis",
];

fn specification(path: &FilePath) -> Result<ChainSpec, String> {
	let name = path.display();
	if !path.is_file() {
		return Err(format!(
			"--chain {name}: not a known chain (dev, local, production:FILE), and there is no such file"
		));
	}
	let (file, text) = File::read(path)?;
	let known = KEYS.iter().map(|key| ((*key).to_owned(), Value::Null)).collect();
	file.refuse_unknown_keys(&Path::default(), &text, &Value::Object(known))?;
	let spec = ChainSpec::from_json_file(path.into())
		.map_err(|error| file.misread(error.trim_start_matches("Error parsing spec file: ")))?;
	if let Some(genesis) = text.pointer("/genesis/runtimeGenesis") {
		// Not yet built: here is the last place that knows its lines.
		let code = genesis["code"].as_str().unwrap_or_default();
		let within = Path::default().key("genesis").key("runtimeGenesis");
		let code = from_hex(code).map_err(|error| file.at(&within.key("code"), format!("{error:?}")))?;
		let caller: GenesisConfigBuilderRuntimeCaller = GenesisConfigBuilderRuntimeCaller::new(&code);
		let state = match genesis.get("patch") {
			Some(patch) => file.build(&caller, &within.key("patch"), patch.clone())?,
			None => file.build(&caller, &within.key("config"), genesis["config"].clone())?,
		};
		judge(&sc_service::ChainSpec::chain_type(&spec), &state)
			.map_err(|error| format!("{name}: {error}"))?;
	} else {
		fit_to_launch(&spec).map_err(|error| format!("{name}: {error}"))?;
	}
	Ok(spec)
}

/// Whether a chain may be started: a chain with real money must not know a key that everybody knows, and must leave
/// people the time and the bodies that its rules promise. See [`launch`].
pub fn fit_to_launch(spec: &dyn sc_service::ChainSpec) -> Result<(), String> {
	if is_for_trying(&spec.chain_type()) {
		return Ok(());
	}
	judge(&spec.chain_type(), &spec.as_storage_builder().build_storage()?)
}

/// Whether nobody has real money on it.
fn is_for_trying(chain_type: &ChainType) -> bool {
	matches!(chain_type, ChainType::Development | ChainType::Local)
}

fn judge(chain_type: &ChainType, state: &Storage) -> Result<(), String> {
	if is_for_trying(chain_type) {
		return Ok(());
	}
	let faults = launch::faults(state);
	if faults.is_empty() {
		return Ok(());
	}
	let faults: String = faults.iter().map(|fault| format!("\n  - {fault}")).collect();
	Err(format!(
		"this genesis is refused for a chain of type {chain_type:?} (only Development and Local chains may have \
		 it):{faults}"
	))
}
