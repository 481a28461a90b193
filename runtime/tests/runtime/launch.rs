// SPDX-License-Identifier: Apache-2.0
//! What may be launched where people have real money, and what is refused.

use codec::Encode;
use keel_change_control::{Timetable, Timetables};
use serde_json::{json, Value};
use sp_core::{ed25519, sr25519, storage::Storage, Pair};
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};
use sp_runtime::{traits::IdentifyAccount, BuildStorage, MultiSigner, Permill};

use super::chain::*;
use keel_runtime::{
	configs::governance::ProductionTimetable,
	constants::time::{DAYS, HOURS, MINUTES},
	genesis::launch::{faults, periods, published, turnouts, Fault, FLOORS},
	*,
};

/// A key that nobody publishes.
fn seed(role: &str) -> [u8; 32] {
	sp_io::hashing::blake2_256(role.as_bytes())
}

fn account(role: &str) -> AccountId {
	sr25519::Pair::from_seed(&seed(role)).public().into()
}

fn accounts(roles: &[&str]) -> Value {
	json!(roles.iter().map(|role| account(role)).collect::<Vec<_>>())
}

fn validator(role: &str) -> Value {
	let finality: sp_consensus_grandpa::AuthorityId = ed25519::Pair::from_seed(&seed(role)).public().into();
	let author: sp_consensus_aura::sr25519::AuthorityId =
		sr25519::Pair::from_seed(&seed(role)).public().into();
	json!([account(role), account(role), { "aura": author, "grandpa": finality }])
}

/// Who an operator would write into a production file.
fn people() -> Value {
	json!({
		"balances": { "balances": [[account("founder"), 1_000_000_000_000_000u64]] },
		"session": { "keys": [validator("one"), validator("two"), validator("three")] },
		"validatorMembership": { "members": accounts(&["one", "two", "three"]) },
		"council": { "members": accounts(&["c1", "c2", "c3"]) },
		"technicalCommittee": { "members": accounts(&["t1", "t2", "t3"]) },
		"riskCommittee": { "members": accounts(&["r1", "r2", "r3"]) },
		"securityCouncil": { "members": accounts(&["s1", "s2", "s3"]) },
		"oracle": {
			"feeds": [],
			"members": [[account("m1"), account("k1")], [account("m2"), account("k2")]],
		},
	})
}

/// The whole genesis of a production chain with these people.
fn genesis(people: Value) -> Value {
	let mut genesis = config("production");
	merge(&mut genesis, people);
	genesis
}

fn state(people: Value) -> Storage {
	let config: RuntimeGenesisConfig = serde_json::from_value(genesis(people)).expect("it is a genesis");
	config.build_storage().expect("it builds")
}

/// The faults of a production chain whose people were changed.
fn faults_with(change: impl FnOnce(&mut Value)) -> Vec<Fault> {
	let mut people = people();
	change(&mut people);
	faults(&state(people))
}

#[test]
fn a_production_chain_may_be_launched_and_makes_ten_blocks() {
	assert_eq!(faults(&state(people())), []);
	on_genesis(genesis(people()), || {
		to_block(10);
		assert_eq!(System::block_number(), 10);
		assert_eq!(Session::validators().len(), 3);
		assert_eq!(Grandpa::grandpa_authorities().len(), 3);
		assert_eq!(Timetables::<Runtime>::get(), ProductionTimetable::get());
		// It is ruled as it says: a member of a body cannot act alone.
		let members = pallet_collective::Members::<Runtime, pallet_collective::Instance4>::get();
		assert_eq!(members.len(), 3);
	});
}

#[test]
fn development_chains_would_be_refused_as_production_chains() {
	for preset in ["dev", "local"] {
		let config: RuntimeGenesisConfig = serde_json::from_value(config(preset)).unwrap();
		let faults = faults(&config.build_storage().unwrap());
		let any = |is: fn(&Fault) -> bool| faults.iter().any(is);
		assert!(any(|fault| matches!(fault, Fault::PublishedKey { .. })), "{preset}");
		assert!(any(|fault| matches!(fault, Fault::ShortPeriod { .. })), "{preset}");
		assert!(any(|fault| matches!(fault, Fault::Faucet)), "{preset}");
		assert!(any(|fault| matches!(fault, Fault::InstantVotes)), "{preset}");
		assert!(any(|fault| matches!(fault, Fault::SharedMajority { .. })), "{preset}");
		assert_eq!(any(|fault| matches!(fault, Fault::FewSeats { .. })), preset == "dev");
	}
}

#[test]
fn a_published_key_is_found_wherever_in_the_genesis_it_is() {
	let alice = || json!(Sr25519Keyring::Alice.to_account_id());
	let finality: sp_consensus_grandpa::AuthorityId = Ed25519Keyring::Alice.public().into();
	let finality = json!(finality);
	let margin = json!([{ "account": { "owner": alice(), "sub": 0 }, "cash": 1_000_000 }]);
	for (place, pallet, key) in [
		("/balances/balances/0/0", "balances (System)", alice()),
		("/session/keys/0/1", "Session", alice()),
		("/session/keys/0/2/aura", "Aura", alice()),
		("/session/keys/0/2/grandpa", "Grandpa", finality),
		("/validatorMembership/members/0", "ValidatorMembership", alice()),
		("/council/members/1", "Council", alice()),
		("/technicalCommittee/members/1", "TechnicalCommittee", alice()),
		("/riskCommittee/members/1", "RiskCommittee", alice()),
		("/securityCouncil/members/1", "SecurityCouncil", alice()),
		("/oracle/members/0/0", "Oracle", alice()),
		("/oracle/members/1/1", "Oracle", alice()),
		("/assets/accounts", "Assets", json!([[constants::USDK, alice(), 1_000_000]])),
		("/margin/accounts", "Margin", margin),
	] {
		let mut genesis = genesis(people());
		*genesis.pointer_mut(place).unwrap_or_else(|| panic!("{place}")) = key;
		let config: RuntimeGenesisConfig =
			serde_json::from_value(genesis).unwrap_or_else(|error| panic!("{place}: {error}"));
		let faults = faults(&config.build_storage().expect("it builds"));
		let found = faults.iter().any(|fault| {
			matches!(fault, Fault::PublishedKey { name, pallet: there } if name.contains("//Alice") && there == pallet)
		});
		assert!(found, "{place}: {faults:?}");
	}
}

#[test]
fn what_the_repository_and_the_sdk_publish_is_known() {
	let published = published();
	let name = |key: &[u8; 32]| published.get(key).map(String::as_str);
	for key in Sr25519Keyring::iter() {
		assert!(name(&key.to_raw_public()).is_some(), "{key}");
	}
	for key in Ed25519Keyring::iter() {
		assert!(name(&key.to_raw_public()).is_some(), "{key}");
	}
	for (_, key) in genesis::exchange::REPORTERS {
		assert!(name(&key).is_some_and(|name| name.contains("//reporter")));
	}
	// Derived by the way that everybody derives them.
	for (secret, expected) in [
		(sp_core::crypto::DEV_PHRASE, "the development phrase (sr25519)"),
		("//Alice", "//Alice (sr25519)"),
		("//Alice//stash", "//Alice//stash (sr25519)"),
		("//Eve//reporter", "//Eve//reporter (sr25519)"),
		("//7", "//7 (sr25519)"),
		("0x0000000000000000000000000000000000000000000000000000000000000001", "the seed 1 (sr25519)"),
	] {
		let key = sr25519::Pair::from_string(secret, None).unwrap().public();
		assert_eq!(name(&key.0), Some(expected));
	}
	let key = ed25519::Pair::from_string("//Bob//stash", None).unwrap().public();
	assert_eq!(name(&key.0), Some("//Bob//stash (ed25519)"));
	let key = sp_core::ecdsa::Pair::from_string("//Charlie", None).unwrap().public();
	assert_eq!(name(&MultiSigner::from(key).into_account().into()), Some("//Charlie (ecdsa)"));
	// The control.
	assert_eq!(name(account("founder").as_ref()), None);
}

#[test]
fn a_body_has_at_least_three_seats_and_an_odd_number_of_them() {
	for (entry, body) in [
		("council", "Council"),
		("technicalCommittee", "Technical Committee"),
		("riskCommittee", "Risk Committee"),
		("securityCouncil", "Security Council"),
	] {
		let with = |roles: &[&str]| faults_with(|people| people[entry]["members"] = accounts(roles));
		assert_eq!(with(&[]), [Fault::FewSeats { body, seats: 0 }]);
		assert_eq!(with(&["a"]), [Fault::FewSeats { body, seats: 1 }]);
		assert_eq!(with(&["a", "b"]), [Fault::FewSeats { body, seats: 2 }]);
		assert_eq!(with(&["a", "b", "c", "d"]), [Fault::EvenSeats { body, seats: 4 }]);
		assert_eq!(with(&["a", "b", "c", "d", "e"]), []);
	}
}

#[test]
fn those_who_stop_are_not_those_who_start_again() {
	let with = |technical: &[&str], security: &[&str]| {
		faults_with(|people| {
			people["technicalCommittee"]["members"] = accounts(technical);
			people["securityCouncil"]["members"] = accounts(security);
		})
	};
	assert_eq!(
		with(&["a", "b", "t"], &["a", "b", "s"]),
		[Fault::SharedMajority { shared: 2, technical: 3, security: 3 }]
	);
	assert_eq!(
		with(&["a", "b", "c", "d", "e"], &["a", "b", "c", "s", "u"]),
		[Fault::SharedMajority { shared: 3, technical: 5, security: 5 }]
	);
	assert_eq!(with(&["a", "t", "u"], &["a", "s", "v"]), []);
	// Two of three stop nothing in a council of five.
	assert_eq!(with(&["a", "b", "t"], &["a", "b", "s", "u", "v"]), []);
}

/// A production state with another timetable, as somebody may write it who does not build it.
fn state_with(timetable: Timetable<BlockNumber>) -> Storage {
	let mut state = state(people());
	state.top.insert(Timetables::<Runtime>::hashed_key().to_vec(), timetable.encode());
	state
}

#[test]
fn each_period_has_a_floor() {
	assert_eq!(faults(&state_with(FLOORS)), []);
	type Shorten = fn(&mut Timetable<BlockNumber>);
	let below: [(&str, Shorten); 16] = [
		("launchPeriod", |timetable| timetable.launch_period -= 1),
		("votingPeriod", |timetable| timetable.voting_period -= 1),
		("fastTrackVotingPeriod", |timetable| timetable.fast_track_voting_period -= 1),
		("enactmentPeriod", |timetable| timetable.enactment_period -= 1),
		("voteLockingPeriod", |timetable| timetable.vote_locking_period -= 1),
		("cooloffPeriod", |timetable| timetable.cooloff_period -= 1),
		("motionDuration", |timetable| timetable.motion_duration -= 1),
		("sessionPeriod", |timetable| timetable.session_period -= 1),
		("safeModeDuration", |timetable| timetable.safe_mode_duration -= 1),
		("safeModeExtension", |timetable| timetable.safe_mode_extension -= 1),
		("leastDelay.emergency", |timetable| timetable.least_delay.emergency -= 1),
		("leastDelay.operational", |timetable| timetable.least_delay.operational -= 1),
		("leastDelay.economic", |timetable| timetable.least_delay.economic -= 1),
		("leastDelay.constitutional", |timetable| timetable.least_delay.constitutional -= 1),
		("longestStandstill", |timetable| timetable.longest_standstill -= 1),
		("authorizationLife", |timetable| timetable.authorization_life -= 1),
	];
	for (name, shorten) in below {
		let mut timetable = FLOORS;
		shorten(&mut timetable);
		let faults = faults(&state_with(timetable));
		let named = |fault: &Fault| matches!(fault, Fault::ShortPeriod { period, blocks, least } if *period == name && blocks + 1 == *least);
		assert!(faults.iter().any(named), "{name}: {faults:?}");
	}
	let mut timetable = FLOORS;
	timetable.least_turnout.economic = Permill::from_parts(9_999);
	assert!(matches!(faults(&state_with(timetable))[..], [Fault::LowTurnout { class: "economic", .. }]));
	let mut timetable = FLOORS;
	timetable.instant = true;
	assert_eq!(faults(&state_with(timetable)), [Fault::InstantVotes]);
	assert_eq!(faults(&state_with(ProductionTimetable::get())), []);
}

#[test]
fn a_state_that_is_none_is_refused() {
	let mut no_validators = state(people());
	no_validators.top.insert(pallet_grandpa::Authorities::<Runtime>::hashed_key().to_vec(), vec![0]);
	assert_eq!(faults(&no_validators), [Fault::NoValidator]);
	let mut garbage = state(people());
	let members = pallet_collective::Members::<Runtime, pallet_collective::Instance1>::hashed_key();
	garbage.top.insert(members.to_vec(), vec![0xff; 3]);
	garbage.top.insert(Timetables::<Runtime>::hashed_key().to_vec(), vec![1]);
	let unreadable = [Fault::Unreadable("Council"), Fault::Unreadable("changeControl.timetable")];
	assert_eq!(faults(&garbage), unreadable);
	assert!(faults(&Storage::default()).contains(&Fault::NoValidator));
}

/// The floors as people read them.
fn written() -> Vec<(String, String)> {
	let page = include_str!("../../../docs/spec/governance.md");
	let (_, section) = page.split_once("\n## Floors\n").expect("the section is there");
	let (section, _) = section.split_once("\n## ").expect("another follows");
	let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
	rows.map(|row| {
		let mut cells = row.split(" | ");
		let name = cells.next().expect("a name").trim_end_matches('`').to_owned();
		(name, cells.next().expect("a floor").to_owned())
	})
	.collect()
}

#[test]
fn the_page_on_governance_says_the_same_floors() {
	let mut written = written().into_iter();
	for (name, least) in periods(&FLOORS) {
		let (there, text) = written.next().expect("a row");
		let (number, unit) = text.split_once(' ').expect("a number and a unit");
		let unit = match unit {
			"minutes" => MINUTES,
			"hour" | "hours" => HOURS,
			"day" | "days" => DAYS,
			other => panic!("{name}: {other}"),
		};
		assert_eq!((there.as_str(), number.parse::<u32>().unwrap() * unit), (name, least));
	}
	for (class, least) in turnouts(&FLOORS) {
		let (there, text) = written.next().expect("a row");
		let thousandths = match text.trim_end_matches(" %") {
			"0.1" => 1,
			whole => whole.parse::<u32>().unwrap() * 10,
		};
		assert_eq!(there, format!("leastTurnout.{class}"));
		assert_eq!(Permill::from_parts(thousandths * 1_000), least, "{class}");
	}
	assert_eq!(written.next(), None);
}
