// SPDX-License-Identifier: Apache-2.0
//! Which chains there are, and which are refused.

use keel_node::chain_spec::*;
use sc_service::ChainType;
use serde_json::{json, Value};
use sp_keyring::Sr25519Keyring;

/// Genesis people that nobody knows the keys of: `seed` makes the accounts differ.
fn people(seed: &str) -> Value {
	use sp_core::{crypto::Ss58Codec, ed25519, sr25519, Pair};
	let account = |role: &str| {
		sr25519::Pair::from_string(&format!("//{seed}//{role}"), None).unwrap().public().to_ss58check()
	};
	let finality =
		ed25519::Pair::from_string(&format!("//{seed}//validator"), None).unwrap().public().to_ss58check();
	let validator = account("validator");
	json!({
		"balances": { "balances": [[validator, 1_000_000_000_000_000u64]] },
		"session": { "keys": [[validator, validator, { "aura": validator, "grandpa": finality }]] },
		"validatorMembership": { "members": [validator] },
		"council": { "members": [account("council")] },
		"technicalCommittee": { "members": [account("technical")] },
		"riskCommittee": { "members": [account("risk")] },
		"securityCouncil": { "members": [account("security")] },
	})
}

fn file(name: &str, content: &str) -> String {
	let path = std::env::temp_dir().join(format!("keel-{}-{name}.json", std::process::id()));
	std::fs::write(&path, content).unwrap();
	format!("production:{}", path.display())
}

fn refusal(id: &str) -> String {
	match load(id) {
		Ok(_) => panic!("{id} is not refused"),
		Err(error) => error,
	}
}

#[test]
fn a_production_chain_is_made_of_a_preset_and_a_file() {
	let spec = load(&file("good", &people("unknown").to_string())).unwrap();
	assert_eq!(spec.chain_type(), ChainType::Live);
	assert_eq!(spec.properties()["tokenSymbol"], "KEEL");
	assert!(refuse_well_known_keys(spec.as_ref()).is_ok());
}

#[test]
fn a_production_chain_refuses_a_well_known_key_wherever_it_is() {
	let alice = Sr25519Keyring::Alice.to_account_id();
	for entry in ["council", "securityCouncil", "validatorMembership"] {
		let mut people = people("unknown");
		people[entry]["members"].as_array_mut().unwrap().push(json!(alice));
		let error = refusal(&file(entry, &people.to_string()));
		assert!(error.contains("well-known key of Alice"), "{entry}: {error}");
	}
}

#[test]
fn a_production_file_that_forgets_somebody_is_refused_by_name() {
	for (entry, what) in [("council", "the Council"), ("session", "session keys"), ("balances", "KEEL")] {
		let mut people = people("unknown");
		people.as_object_mut().unwrap().remove(entry);
		let error = refusal(&file(&format!("without-{entry}"), &people.to_string()));
		assert!(error.contains(what), "{entry}: {error}");
	}
	let error = refusal(&file("text", "not json"));
	assert!(error.contains("line 1"), "{error}");
	assert!(refusal("production").contains("production:FILE"));
}

#[test]
fn a_production_chain_has_no_faucet() {
	let mut people = people("unknown");
	people["faucet"] = json!({ "grant": null });
	assert!(refusal(&file("faucet", &people.to_string())).contains("/faucet"));
}

#[test]
fn development_chains_may_use_well_known_keys() {
	for id in ["dev", "local"] {
		let spec = load(id).unwrap();
		assert!(refuse_well_known_keys(spec.as_ref()).is_ok(), "{id}");
	}
}

#[test]
fn an_unknown_chain_names_the_known_ones() {
	assert!(refusal("nowhere").contains("dev, local, production:FILE"));
}
