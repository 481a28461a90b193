// SPDX-License-Identifier: Apache-2.0
//! What keeps a genesis from being launched where people have real money.
//!
//! The state is judged, not the text it was made from: whoever writes a genesis, in whatever form, is judged alike. Only
//! the state of the first block is: later, governance may do what its own rules allow.

use std::{
	collections::{BTreeSet, HashMap},
	fmt,
};

use codec::Decode;
use frame_support::traits::PalletsInfoAccess;
use keel_change_control::{PerClass, Timetable, TimetableError};
use sp_core::{
	crypto::{SecretUri, DEV_PHRASE},
	ecdsa, ed25519, sr25519,
	storage::{well_known_keys::CODE, Storage},
	Pair,
};
use sp_runtime::{traits::IdentifyAccount, MultiSigner, Permill};

use crate::{
	configs::governance::{bodies, ProductionTimetable},
	constants::time::{DAYS, HOURS, MINUTES},
	AccountId, AllPalletsWithSystem, BlockNumber, Runtime,
};

/// The fewest seats of a body.
pub const LEAST_SEATS: usize = 3;

/// The least that each step takes and each class needs. `docs/spec/governance.md` has the reasons.
pub const FLOORS: Timetable<BlockNumber> = Timetable {
	launch_period: HOURS,
	voting_period: 3 * DAYS,
	fast_track_voting_period: HOURS,
	enactment_period: DAYS,
	vote_locking_period: 3 * DAYS,
	cooloff_period: DAYS,
	motion_duration: DAYS,
	session_period: 10 * MINUTES,
	safe_mode_duration: HOURS,
	safe_mode_extension: HOURS,
	least_delay: PerClass {
		emergency: 10 * MINUTES,
		operational: 6 * HOURS,
		economic: DAYS,
		constitutional: 3 * DAYS,
	},
	least_turnout: PerClass {
		emergency: Permill::from_parts(1_000),
		operational: Permill::from_parts(1_000),
		economic: Permill::from_percent(1),
		constitutional: Permill::from_percent(2),
	},
	longest_standstill: 3 * DAYS,
	authorization_life: DAYS,
	fast_track: true,
	instant: false,
};

/// One thing that keeps a genesis from being launched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
	/// A key that this repository publishes.
	PublishedKey {
		/// How its secret is written.
		name: String,
		/// The pallet whose state has it.
		pallet: String,
	},
	/// A body in which one member or two decide.
	FewSeats {
		/// Which.
		body: &'static str,
		/// How many accounts sit in it.
		seats: usize,
	},
	/// A body in which a tie is half of it.
	EvenSeats {
		/// Which.
		body: &'static str,
		/// How many accounts sit in it.
		seats: usize,
	},
	/// The same accounts are half of the body that stops and of the one that starts again.
	SharedMajority {
		/// How many sit in both.
		shared: usize,
		/// Seats of the Technical Committee.
		technical: usize,
		/// Seats of the Security Council.
		security: usize,
	},
	/// A period of the timetable that is too short to be one.
	ShortPeriod {
		/// As the genesis names it.
		period: &'static str,
		/// How long it is.
		blocks: BlockNumber,
		/// How long it is at least.
		least: BlockNumber,
	},
	/// A turnout that next to nobody makes.
	LowTurnout {
		/// The class of changes it is for.
		class: &'static str,
		/// What it is.
		turnout: Permill,
		/// What it is at least.
		least: Permill,
	},
	/// A body may make a vote as short as it likes.
	InstantVotes,
	/// The entries of the timetable do not go together.
	Timetable(TimetableError),
	/// Somebody gives money away.
	Faucet,
	/// Nobody makes blocks, or nobody makes them final.
	NoValidator,
	/// The state is not that of a runtime which this node knows.
	Unreadable(&'static str),
}

impl fmt::Display for Fault {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::PublishedKey { name, pallet } => write!(
				f,
				"{pallet} contains the well-known key of {name}, which everybody can sign with: replace it by one \
				 whose secret only its owner has"
			),
			Self::FewSeats { body, seats } => write!(
				f,
				"the {body} has {seats} of at least {LEAST_SEATS} seats: with fewer, one member acts for all of it"
			),
			Self::EvenSeats { body, seats } => write!(
				f,
				"the {body} has {seats} seats: make it an odd number, or half of it is a majority against the other"
			),
			Self::SharedMajority { shared, technical, security } => write!(
				f,
				"{shared} accounts sit in the Technical Committee (of {technical}) and in the Security Council (of \
				 {security}): they would stop the exchange and start it again by themselves; let less than half \
				 of one of the two sit in the other"
			),
			Self::ShortPeriod { period, blocks, least } => write!(
				f,
				"changeControl.timetable.{period} is {blocks} blocks, at least {least} are needed (see \
				 docs/spec/governance.md, Floors)"
			),
			Self::LowTurnout { class, turnout, least } => write!(
				f,
				"changeControl.timetable.leastTurnout.{class} is {} millionths, at least {} are needed (see \
				 docs/spec/governance.md, Floors)",
				turnout.deconstruct(),
				least.deconstruct()
			),
			Self::InstantVotes => write!(
				f,
				"changeControl.timetable.instant is true: the Technical Committee could make a vote as short as it \
				 likes; set it to false"
			),
			Self::Timetable(error) => {
				write!(
					f,
					"changeControl.timetable contradicts itself: {error:?} (see docs/spec/governance.md)"
				)
			}
			Self::Faucet => {
				write!(f, "the faucet has a grant, which gives money to whoever asks: leave 'faucet' out")
			}
			Self::NoValidator => write!(
				f,
				"no validator has session keys, so nobody makes blocks or makes them final: each of \
				 validatorMembership.members needs an entry in session.keys"
			),
			Self::Unreadable(what) => write!(
				f,
				"{what} cannot be read from the genesis state: it was made by another runtime than this node knows; \
				 make the specification with this node, or run the node that it was made with"
			),
		}
	}
}

/// All that is wrong with a genesis state; nothing, if it may be launched.
pub fn faults(genesis: &Storage) -> Vec<Fault> {
	let mut faults = published_keys(genesis);
	faults.extend(bodies_of(genesis));
	// Nodes of later versions start on this state as well: whoever changes the layout of the timetable reads both here.
	match read::<Timetable<BlockNumber>>(
		genesis,
		&keel_change_control::Timetables::<Runtime>::hashed_key(),
		"changeControl.timetable",
	) {
		Ok(timetable) => faults.extend(short(&timetable.unwrap_or_else(ProductionTimetable::get))),
		Err(fault) => faults.push(fault),
	}
	if genesis.top.contains_key(&keel_faucet::Grants::<Runtime>::hashed_key()[..]) {
		faults.push(Fault::Faucet);
	}
	// Both are lists, and the code of an empty one is a zero.
	let keys = [
		pallet_aura::Authorities::<Runtime>::hashed_key(),
		pallet_grandpa::Authorities::<Runtime>::hashed_key(),
	];
	if keys.iter().any(|key| genesis.top.get(&key[..]).is_none_or(|list| matches!(list[..], [] | [0, ..]))) {
		faults.push(Fault::NoValidator);
	}
	faults
}

/// A value of the state, where there is one.
fn read<T: Decode>(genesis: &Storage, key: &[u8], what: &'static str) -> Result<Option<T>, Fault> {
	let value = genesis.top.get(key).map(|value| T::decode(&mut &value[..]));
	value.transpose().map_err(|_| Fault::Unreadable(what))
}

fn members<Body: 'static>(genesis: &Storage, body: &'static str) -> Result<BTreeSet<AccountId>, Fault>
where
	Runtime: pallet_collective::Config<Body>,
{
	let key = pallet_collective::Members::<Runtime, Body>::hashed_key();
	let members: Option<Vec<AccountId>> = read(genesis, &key, body)?;
	// Nobody counts twice.
	Ok(members.unwrap_or_default().into_iter().collect())
}

fn bodies_of(genesis: &Storage) -> Vec<Fault> {
	const TECHNICAL: &str = "Technical Committee";
	const SECURITY: &str = "Security Council";
	let mut faults = Vec::new();
	let bodies = [
		("Council", members::<bodies::Council>(genesis, "Council")),
		(TECHNICAL, members::<bodies::TechnicalCommittee>(genesis, TECHNICAL)),
		("Risk Committee", members::<bodies::RiskCommittee>(genesis, "Risk Committee")),
		(SECURITY, members::<bodies::SecurityCouncil>(genesis, SECURITY)),
	];
	let mut seated = HashMap::new();
	for (body, members) in bodies {
		match members {
			Err(fault) => faults.push(fault),
			Ok(members) => {
				let seats = members.len();
				if seats < LEAST_SEATS {
					faults.push(Fault::FewSeats { body, seats });
				} else if seats.is_multiple_of(2) {
					faults.push(Fault::EvenSeats { body, seats });
				}
				seated.insert(body, members);
			}
		}
	}
	if let (Some(technical), Some(security)) = (seated.get(TECHNICAL), seated.get(SECURITY)) {
		let shared = technical.intersection(security).count();
		let (technical, security) = (technical.len(), security.len());
		let half_of = |seats: usize| shared.saturating_mul(2) >= seats;
		if shared > 0 && half_of(technical) && half_of(security) {
			faults.push(Fault::SharedMajority { shared, technical, security });
		}
	}
	faults
}

/// The periods of a timetable, by the names that a genesis has for them.
pub fn periods(timetable: &Timetable<BlockNumber>) -> [(&'static str, BlockNumber); 16] {
	// By name, so that a new entry must be thought of here.
	let Timetable {
		launch_period,
		voting_period,
		fast_track_voting_period,
		enactment_period,
		vote_locking_period,
		cooloff_period,
		motion_duration,
		session_period,
		safe_mode_duration,
		safe_mode_extension,
		least_delay,
		least_turnout: _,
		longest_standstill,
		authorization_life,
		fast_track: _,
		instant: _,
	} = *timetable;
	[
		("launchPeriod", launch_period),
		("votingPeriod", voting_period),
		("fastTrackVotingPeriod", fast_track_voting_period),
		("enactmentPeriod", enactment_period),
		("voteLockingPeriod", vote_locking_period),
		("cooloffPeriod", cooloff_period),
		("motionDuration", motion_duration),
		("sessionPeriod", session_period),
		("safeModeDuration", safe_mode_duration),
		("safeModeExtension", safe_mode_extension),
		("leastDelay.emergency", least_delay.emergency),
		("leastDelay.operational", least_delay.operational),
		("leastDelay.economic", least_delay.economic),
		("leastDelay.constitutional", least_delay.constitutional),
		("longestStandstill", longest_standstill),
		("authorizationLife", authorization_life),
	]
}

/// The turnouts of a timetable, by class.
pub fn turnouts(timetable: &Timetable<BlockNumber>) -> [(&'static str, Permill); 4] {
	let PerClass { emergency, operational, economic, constitutional } = timetable.least_turnout;
	[
		("emergency", emergency),
		("operational", operational),
		("economic", economic),
		("constitutional", constitutional),
	]
}

fn short(timetable: &Timetable<BlockNumber>) -> Vec<Fault> {
	let periods = periods(timetable).into_iter().zip(periods(&FLOORS));
	let mut faults: Vec<Fault> = periods
		.filter(|((_, blocks), (_, least))| blocks < least)
		.map(|((period, blocks), (_, least))| Fault::ShortPeriod { period, blocks, least })
		.collect();
	let turnouts = turnouts(timetable).into_iter().zip(turnouts(&FLOORS));
	faults.extend(
		turnouts
			.filter(|((_, turnout), (_, least))| turnout < least)
			.map(|((class, turnout), (_, least))| Fault::LowTurnout { class, turnout, least }),
	);
	if timetable.instant {
		faults.push(Fault::InstantVotes);
	}
	// A genesis that was built is valid; one that was written by hand need not be.
	faults.extend(timetable.validate().err().map(Fault::Timetable));
	faults
}

/// The keys that this repository publishes, wherever in the state they are.
fn published_keys(genesis: &Storage) -> Vec<Fault> {
	let published = published();
	let mut found = BTreeSet::new();
	let children = genesis.children_default.values().flat_map(|child| &child.data);
	for (key, value) in genesis.top.iter().chain(children) {
		if key == CODE {
			continue;
		}
		for window in key.windows(32).chain(value.windows(32)) {
			if let Some(name) = published.get(window) {
				found.insert((pallet_of(key), name));
			}
		}
	}
	found.into_iter().map(|(pallet, name)| Fault::PublishedKey { name: name.clone(), pallet }).collect()
}

/// The pallet that a key of the state belongs to.
fn pallet_of(key: &[u8]) -> String {
	let pallets = AllPalletsWithSystem::infos();
	let pallet =
		pallets.iter().find(|pallet| key.starts_with(&sp_io::hashing::twox_128(pallet.name.as_bytes())));
	match pallet.map(|pallet| pallet.name) {
		// Where balances are.
		Some("System") => "balances (System)".into(),
		Some(name) => name.into(),
		None => "the state".into(),
	}
}

/// Accounts and keys whose secrets this repository, or the SDK's, tells everybody; with how each secret is written.
pub fn published() -> HashMap<[u8; 32], String> {
	let mut keys = HashMap::new();
	derive::<sr25519::Pair>("sr25519", &mut keys);
	derive::<ed25519::Pair>("ed25519", &mut keys);
	derive::<ecdsa::Pair>("ecdsa", &mut keys);
	keys
}

/// Of the development phrase, and of the small numbers that `scripts/network` has for seeds.
fn derive<P: Pair>(scheme: &str, keys: &mut HashMap<[u8; 32], String>)
where
	MultiSigner: From<P::Public>,
{
	let mut publish = |pair: P, name: String| {
		let account: [u8; 32] = MultiSigner::from(pair.public()).into_account().into();
		keys.insert(account, format!("{name} ({scheme})"));
	};
	if let Ok((root, seed)) = P::from_phrase(DEV_PHRASE, None) {
		for path in paths() {
			let junctions = path.parse::<SecretUri>().map(|uri| uri.junctions).unwrap_or_default();
			if let Ok((pair, _)) = root.derive(junctions.into_iter(), Some(seed.clone())) {
				let name = if path.is_empty() { "the development phrase".into() } else { path };
				publish(pair, name);
			}
		}
	}
	for number in 0..=16 {
		let mut seed = [0; 32];
		seed[31] = number;
		if let Ok(pair) = P::from_seed_slice(&seed) {
			publish(pair, format!("the seed {number}"));
		}
	}
}

/// Derivations that this repository, the SDK or common tools use.
fn paths() -> Vec<String> {
	const PEOPLE: [&str; 8] = ["Alice", "Bob", "Charlie", "Dave", "Eve", "Ferdie", "One", "Two"];
	const ROLES: [&str; 10] = [
		"",
		"//stash",
		"//reporter",
		"//validator",
		"//controller",
		"//session",
		"//aura",
		"//grandpa",
		"//babe",
		"//sudo",
	];
	let mut bases =
		vec![String::new(), "//Clients//newcomer".into(), "//Clients".into(), "//reporter".into()];
	bases.extend(PEOPLE.iter().map(|name| format!("//{name}")));
	bases.extend(PEOPLE.iter().map(|name| format!("//{}", name.to_lowercase())));
	bases.extend((0..10).map(|number| format!("//{number}")));
	bases.iter().flat_map(|base| ROLES.iter().map(move |role| format!("{base}{role}"))).collect()
}
