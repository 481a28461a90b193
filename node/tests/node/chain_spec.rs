// SPDX-License-Identifier: Apache-2.0
//! Which chains there are, and which are refused.

use keel_node::chain_spec::*;
use keel_runtime::RuntimeGenesisConfig;
use sc_service::ChainType;
use serde_json::{json, Value};
use sp_core::{crypto::Ss58Codec, ed25519, sr25519, Pair};
use sp_keyring::Sr25519Keyring;
use sp_runtime::BuildStorage;

fn seed(role: &str) -> [u8; 32] {
	sp_crypto_hashing::blake2_256(role.as_bytes())
}

/// A key that nobody publishes.
fn account(role: &str) -> String {
	sr25519::Pair::from_seed(&seed(role)).public().to_ss58check()
}

fn accounts(roles: &[&str]) -> Value {
	json!(roles.iter().map(|role| account(role)).collect::<Vec<_>>())
}

/// Genesis people that nobody knows the keys of.
fn people() -> Value {
	let finality = ed25519::Pair::from_seed(&seed("validator")).public().to_ss58check();
	let validator = account("validator");
	json!({
		"balances": { "balances": [[validator, 1_000_000_000_000_000u64]] },
		"session": { "keys": [[validator, validator, { "aura": validator, "grandpa": finality }]] },
		"validatorMembership": { "members": [validator] },
		"council": { "members": accounts(&["c1", "c2", "c3"]) },
		"technicalCommittee": { "members": accounts(&["t1", "t2", "t3"]) },
		"riskCommittee": { "members": accounts(&["r1", "r2", "r3"]) },
		"securityCouncil": { "members": accounts(&["s1", "s2", "s3"]) },
	})
}

fn written(name: &str, content: &str) -> String {
	let path = std::env::temp_dir().join(format!("keel-{}-{name}.json", std::process::id()));
	std::fs::write(&path, content).unwrap();
	path.display().to_string()
}

fn file(name: &str, content: &str) -> String {
	format!("production:{}", written(name, content))
}

fn refusal(id: &str) -> String {
	match load(id) {
		Ok(_) => panic!("{id} is not refused"),
		Err(error) => error,
	}
}

#[test]
fn a_production_chain_is_made_of_a_preset_and_a_file() {
	let spec = load(&file("good", &people().to_string())).unwrap();
	assert_eq!(spec.chain_type(), ChainType::Live);
	assert_eq!(spec.properties()["tokenSymbol"], "KEEL");
	assert_eq!((spec.name(), spec.id(), spec.protocol_id()), ("Keel", "keel", Some("keel")));
	assert_eq!(fit_to_launch(spec.as_ref()), Ok(()));
}

#[test]
fn an_amount_beyond_64_bits_is_exact() {
	let amount = 123_456_789_012_345_678_901_234_567u128;
	let text = people().to_string().replace("1000000000000000", &amount.to_string());
	let spec = load(&file("rich", &text)).unwrap();
	let state = spec.as_storage_builder().build_storage().unwrap();
	let is_there = |value: &Vec<u8>| value.windows(16).any(|bytes| bytes == amount.to_le_bytes());
	assert!(state.top.values().any(is_there));
}

#[test]
fn a_production_chain_has_the_name_and_the_boot_nodes_of_its_file() {
	let boot = "/ip4/192.0.2.1/tcp/30333/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp";
	let mut named = people();
	named["chain"] = json!({ "name": "Our Exchange", "id": "our-exchange", "bootNodes": [boot] });
	let spec = load(&file("named", &named.to_string())).unwrap();
	assert_eq!(
		(spec.name(), spec.id(), spec.protocol_id()),
		("Our Exchange", "our-exchange", Some("our-exchange"))
	);
	assert_eq!(spec.boot_nodes().iter().map(ToString::to_string).collect::<Vec<_>>(), [boot]);

	for (wrong, expected) in [
		(json!("Our Exchange"), "must be an object"),
		(json!({ "nam": "x" }), "'chain.nam': there is no such key; known here: bootNodes, id, name"),
		(json!({ "id": "Our Exchange" }), "'chain.id': it is made of small letters"),
		(json!({ "name": 7 }), "'chain.name': it must be a text"),
		(json!({ "bootNodes": ["192.0.2.1:30333"] }), "a boot node is written /ip4/"),
	] {
		named["chain"] = wrong;
		let error = refusal(&file("misnamed", &named.to_string()));
		assert!(error.contains(expected), "{error}");
	}
}

#[test]
fn a_production_chain_refuses_a_well_known_key_wherever_it_is() {
	let alice = Sr25519Keyring::Alice.to_account_id();
	for entry in ["council", "securityCouncil", "validatorMembership"] {
		let mut people = people();
		people[entry]["members"].as_array_mut().unwrap().push(json!(alice));
		let error = refusal(&file(entry, &people.to_string()));
		assert!(error.contains("well-known key of //Alice"), "{entry}: {error}");
	}
}

#[test]
fn all_that_is_wrong_with_a_production_file_is_told_at_once() {
	let mut people = people();
	people["council"]["members"] = accounts(&["c1"]);
	people["riskCommittee"]["members"] = accounts(&["r1", "r2", "r3", "r4"]);
	people["changeControl"] = json!({ "timetable": { "votingPeriod": 100_000 } });
	let error = refusal(&file("many", &people.to_string()));
	for expected in [
		"of type Live",
		"the Council has 1 of at least 3 seats",
		"the Risk Committee has 4 seats",
		"timetable.votingPeriod is 100000 blocks, at least 129600",
	] {
		assert!(error.contains(expected), "{expected}: {error}");
	}
}

#[test]
fn a_production_file_that_forgets_somebody_is_refused_by_name() {
	for (entry, what) in [("council", "the Council"), ("session", "session keys"), ("balances", "KEEL")] {
		let mut people = people();
		people.as_object_mut().unwrap().remove(entry);
		let error = refusal(&file(&format!("without-{entry}"), &people.to_string()));
		assert!(error.contains(what), "{entry}: {error}");
	}
	assert!(refusal("production").contains("production:FILE"));
}

#[test]
fn a_production_chain_has_no_faucet() {
	let mut people = people();
	people["faucet"] = json!({ "grant": null });
	assert!(refusal(&file("faucet", &people.to_string())).contains("'faucet': a production chain has none"));
}

/// The line that `what` is on.
fn line(text: &str, what: &str) -> usize {
	let place = text.find(what).unwrap_or_else(|| panic!("{what} is not there"));
	text[..place].lines().count()
}

#[test]
fn a_typo_is_told_with_its_line_and_key() {
	let good = serde_json::to_string_pretty(&people()).unwrap();
	for (from, to, expected) in [
		("\"council\"", "\"counsil\"", "'counsil': there is no such key; known here: assets"),
		("\"members\"", "\"memmers\"", "'council.memmers': there is no such key; known here: members"),
		("\"grandpa\"", "\"granpa\"", "'session.keys[0][2].granpa': missing field `grandpa`"),
		(&account("c2"), "5GrwvaEF", "'council.members[1]': "),
		("1000000000000000", "\"a million\"", "'balances.balances[0][1]': invalid number"),
	] {
		let text = good.replacen(from, to, 1);
		let error = refusal(&file("typo", &text));
		let expected = format!("typo.json:{}: {expected}", line(&text, to));
		assert!(error.contains(&expected), "{expected}: {error}");
	}
	let mut hasty = people();
	hasty["changeControl"] = json!({ "timetable": { "votingPeriod": 5 } });
	let error = refusal(&file("hasty", &hasty.to_string()));
	assert!(error.contains("the values of 'changeControl' contradict each other"), "{error}");
	let error = refusal(&file("comma", "{\n  \"council\": { \"members\": [] }\n  \"session\": 1\n}"));
	assert!(error.contains("comma.json:3:3: expected `,` or `}`"), "{error}");
}

/// The state of a production chain, made without any Wasm, as a specification of `chain_type`.
fn raw(chain_type: Value, people: &Value) -> Value {
	let preset = keel_runtime::genesis::preset(&keel_runtime::genesis::PRODUCTION_PRESET.into()).unwrap();
	let mut genesis = serde_json::to_value(RuntimeGenesisConfig::default()).unwrap();
	sc_chain_spec::json_merge(&mut genesis, serde_json::from_slice(&preset).unwrap());
	sc_chain_spec::json_merge(&mut genesis, people.clone());
	let config: RuntimeGenesisConfig = serde_json::from_value(genesis).unwrap();
	let hex =
		|bytes: &[u8]| format!("0x{}", bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
	let top = config.build_storage().unwrap().top;
	let top: serde_json::Map<_, _> = top.iter().map(|(key, value)| (hex(key), json!(hex(value)))).collect();
	json!({
		"name": "Exchange", "id": "exchange", "chainType": chain_type, "bootNodes": [],
		"genesis": { "raw": { "top": top, "childrenDefault": {} } },
	})
}

#[test]
fn a_raw_specification_is_judged_by_its_state_whatever_its_type() {
	let mut bad = people();
	bad["council"]["members"] = accounts(&["c1", "c2"]);
	for (name, chain_type, refused) in [
		("live", json!("Live"), true),
		("custom", json!({ "Custom": "ours" }), true),
		("local", json!("Local"), false),
		("development", json!("Development"), false),
	] {
		let good = written(&format!("raw-good-{name}"), &raw(chain_type.clone(), &people()).to_string());
		assert!(load(&good).is_ok(), "{name}");
		let bad = written(&format!("raw-bad-{name}"), &raw(chain_type, &bad).to_string());
		match load(&bad) {
			Ok(_) => assert!(!refused, "{name}"),
			Err(error) => {
				assert!(refused && error.contains("the Council has 2 of at least 3 seats"), "{name}: {error}")
			}
		}
	}
	// Without a type it is Live.
	let mut untyped = raw(Value::Null, &bad);
	untyped.as_object_mut().unwrap().remove("chainType");
	assert!(refusal(&written("raw-untyped", &untyped.to_string())).contains("of type Live"));
}

#[test]
fn a_specification_with_a_typo_is_refused_with_its_line() {
	let good = raw(json!("Live"), &people());
	let text = serde_json::to_string_pretty(&good).unwrap();
	for (from, to, expected) in [
		(
			"\"bootNodes\"",
			"\"bootnodes\"",
			"'bootnodes': there is no such key; known here: bootNodes, chainType",
		),
		("\"Live\"", "\"Lively\"", "unknown variant `Lively`"),
	] {
		let wrong = text.replacen(from, to, 1);
		let error = refusal(&written("spec-typo", &wrong));
		assert!(error.contains(&format!("spec-typo.json:{}", line(&wrong, to))), "{error}");
		assert!(error.contains(expected), "{error}");
	}
	let error = refusal(&written(
		"hash",
		&json!({ "name": "a", "id": "a", "bootNodes": [], "genesis": { "stateRootHash": "0x00" } })
			.to_string(),
	));
	assert!(error.contains("hash format not supported"), "{error}");
}

#[test]
fn development_chains_may_use_well_known_keys() {
	for id in ["dev", "local"] {
		let spec = load(id).unwrap();
		assert_eq!(fit_to_launch(spec.as_ref()), Ok(()), "{id}");
	}
}

#[test]
fn an_unknown_chain_names_the_known_ones() {
	assert!(refusal("nowhere").contains("dev, local, production:FILE"));
}
