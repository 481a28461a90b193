// SPDX-License-Identifier: Apache-2.0
//! Chains to try things on: well-known keys, test money, votes that take minutes.

use alloc::{vec, vec::Vec};
use frame_support::build_struct_json_patch;
use keel_change_control::{PerClass, Timetable};
use keel_faucet::Grant;
use serde_json::Value;
use sp_consensus_aura::sr25519::AuthorityId as AuraId;
use sp_consensus_grandpa::AuthorityId as GrandpaId;
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};
use sp_runtime::Permill;

use super::{exchange, production::usdk};
use crate::{
	constants::{currency::KEEL, time::MINUTES, USDK},
	*,
};

/// Minutes between the steps, so that a person can take each of them in Apps: what the Council proposes is tabled for an
/// ordinary vote after five at most, and must be fast-tracked before. Tests bring their own.
const TIMETABLE: Timetable<BlockNumber> = Timetable {
	launch_period: 5 * MINUTES,
	voting_period: 2 * MINUTES,
	fast_track_voting_period: MINUTES,
	enactment_period: 10,
	vote_locking_period: 2 * MINUTES,
	cooloff_period: 2 * MINUTES,
	motion_duration: 5 * MINUTES,
	session_period: 10,
	safe_mode_duration: 5 * MINUTES,
	safe_mode_extension: 5 * MINUTES,
	least_delay: PerClass { emergency: 1, operational: 1, economic: 2, constitutional: 2 },
	// Twelve KEEL of the twelve million there are.
	least_turnout: PerClass {
		emergency: Permill::from_parts(1),
		operational: Permill::from_parts(1),
		economic: Permill::from_parts(1),
		constitutional: Permill::from_parts(1),
	},
	longest_standstill: 5 * MINUTES,
	authorization_life: 10 * MINUTES,
	fast_track: true,
	instant: true,
};

/// A million test dollars and enough KEEL for many transactions, every five minutes.
const GRANT: Grant<Balance, u128, BlockNumber> =
	Grant { native: 1_000 * KEEL, collateral: 1_000_000 * DOLLAR, every: 5 * MINUTES };

/// One dollar in USDK's unit.
const DOLLAR: u128 = 1_000_000;
/// What each well-known account has.
const ENDOWMENT: Balance = 1_000_000 * KEEL;
const ENDOWMENT_USDK: u128 = 10_000_000 * DOLLAR;

struct Bodies {
	council: Vec<AccountId>,
	technical: Vec<AccountId>,
	risk: Vec<AccountId>,
	security: Vec<AccountId>,
}

fn account(key: Sr25519Keyring) -> AccountId {
	key.to_account_id()
}

/// The keys a validator signs with: those of its name.
fn validator(key: Sr25519Keyring, grandpa: Ed25519Keyring) -> (AccountId, AccountId, SessionKeys) {
	let keys = SessionKeys { aura: AuraId::from(key.public()), grandpa: GrandpaId::from(grandpa.public()) };
	(account(key), account(key), keys)
}

/// `dev`: one validator, every body is Alice.
pub fn single() -> Value {
	let alice = || vec![account(Sr25519Keyring::Alice)];
	let bodies = Bodies { council: alice(), technical: alice(), risk: alice(), security: alice() };
	chain(vec![validator(Sr25519Keyring::Alice, Ed25519Keyring::Alice)], bodies)
}

/// `local`: four validators, so that one may fail; odd bodies, so that no vote is a tie.
pub fn network() -> Value {
	use Sr25519Keyring::{Alice, Bob, Charlie, Dave, Eve, Ferdie};
	let body = |keys: &[Sr25519Keyring]| keys.iter().copied().map(account).collect::<Vec<_>>();
	let bodies = Bodies {
		council: body(&[Alice, Bob, Charlie]),
		technical: body(&[Alice, Bob, Dave]),
		risk: body(&[Alice, Eve, Ferdie]),
		security: body(&[Alice, Bob, Charlie, Dave, Eve]),
	};
	let validators = vec![
		validator(Alice, Ed25519Keyring::Alice),
		validator(Bob, Ed25519Keyring::Bob),
		validator(Charlie, Ed25519Keyring::Charlie),
		validator(Dave, Ed25519Keyring::Dave),
	];
	chain(validators, bodies)
}

fn chain(validators: Vec<(AccountId, AccountId, SessionKeys)>, bodies: Bodies) -> Value {
	let members: Vec<AccountId> = validators.iter().map(|(account, ..)| account.clone()).collect();
	let users: Vec<AccountId> = Sr25519Keyring::well_known().map(account).collect();
	let (assets, metadata) = usdk();
	let backstops = exchange::accounts();
	let mut dollars = users.iter().map(|user| (USDK, user.clone(), ENDOWMENT_USDK)).collect::<Vec<_>>();
	// What margin accounts have lies in custody.
	let in_custody = backstops.iter().filter_map(|account| u128::try_from(account.cash.0).ok()).sum::<u128>();
	dollars.push((USDK, Margin::custody_account(), in_custody));
	build_struct_json_patch!(RuntimeGenesisConfig {
		oracle: OracleConfig {
			feeds: exchange::feeds(),
			members: exchange::members(),
			periods: Some(exchange::SEAT_PERIODS),
		},
		margin: MarginConfig { markets: exchange::markets(), accounts: backstops },
		insurance_fund: InsuranceFundConfig { caps: exchange::CAPS },
		stress_test: StressTestConfig { scenarios: exchange::scenarios(), depths: exchange::depths() },
		balances: BalancesConfig { balances: users.iter().map(|user| (user.clone(), ENDOWMENT)).collect() },
		assets: AssetsConfig { assets, metadata, accounts: dollars },
		faucet: FaucetConfig { grant: Some(GRANT) },
		validator_membership: ValidatorMembershipConfig {
			members: members.try_into().expect("as many as this file names"),
		},
		session: SessionConfig { keys: validators },
		council: CouncilConfig { members: bodies.council },
		technical_committee: TechnicalCommitteeConfig { members: bodies.technical },
		risk_committee: RiskCommitteeConfig { members: bodies.risk },
		security_council: SecurityCouncilConfig { members: bodies.security },
		change_control: ChangeControlConfig { timetable: Some(TIMETABLE) },
	})
}
