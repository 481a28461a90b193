// SPDX-License-Identifier: Apache-2.0
//! The seats of the oracle, and the bodies that give and take them.

use frame_support::{assert_ok, dispatch::GetDispatchInfo};
use keel_change_control::periods::CooloffPeriod;
use keel_oracle::{Change, Error, FeedParams, Subject};
use keel_primitives::*;
use sp_core::{sr25519, Pair};
use sp_keyring::Sr25519Keyring::{self, Ferdie};
use sp_runtime::{AccountId32, DispatchError, DispatchResult, MultiSignature};

use super::{chain::*, exchange::*};
use keel_runtime::{
	constants::time::DAYS, exchange_api::runtime_decl_for_exchange_api::ExchangeApiV1,
	genesis::exchange::SEAT_PERIODS, *,
};

type OracleCall = keel_oracle::Call<Runtime>;
type TechInstance = pallet_collective::Instance2;
type RiskInstance = pallet_collective::Instance3;
type SecInstance = pallet_collective::Instance4;

const PRICES: [u32; 3] = [8_000, 200, 20];

fn sybil(index: u8) -> AccountId32 {
	AccountId32::new([index; 32])
}

fn batch(calls: impl IntoIterator<Item = OracleCall>) -> RuntimeCall {
	pallet_utility::Call::<Runtime>::batch_all { calls: calls.into_iter().map(Into::into).collect() }.into()
}

fn seats() -> u32 {
	keel_oracle::Members::<Runtime>::count()
}

fn params() -> FeedParams {
	keel_oracle::Feeds::<Runtime>::get(FeedId(0)).expect("genesis lists it").params
}

fn remove(member: Sr25519Keyring) -> OracleCall {
	OracleCall::remove_member { member: member.to_account_id() }
}

/// `member` registers its second key, as a signed transaction.
fn register(member: Sr25519Keyring) -> DispatchResult {
	let key = sr25519::Pair::from_string(&format!("//{member}//second"), None).expect("a key");
	let account = member.to_account_id();
	let current = keel_oracle::Members::<Runtime>::get(&account).and_then(|seat| seat.reporter);
	let proof = MultiSignature::Sr25519(key.sign(&Oracle::reporter_payload(&account, &current)));
	send(member, OracleCall::set_reporter { reporter: key.public().into(), proof })
}

#[test]
fn a_motion_of_the_risk_committee_gives_no_more_than_one_seat() {
	on("dev", || {
		open_markets(PRICES);
		let many = (1..=26).map(|index| OracleCall::add_member { member: sybil(index) });
		let waits = u16::try_from(SEAT_PERIODS.seat_delay).unwrap();
		let refused: DispatchError = Error::<Runtime>::AnotherWaits { blocks: waits }.into();
		assert_eq!(motion::<RiskInstance>(Alice, batch(many)), Err(refused));
		assert_eq!(seats(), 5);
		assert!(keel_oracle::WaitingChanges::<Runtime>::get().is_empty(), "all of the batch, or nothing");

		// One waits, and the quorum is meanwhile that of the others.
		assert_ok!(motion::<RiskInstance>(Alice, OracleCall::add_member { member: Ferdie.to_account_id() }));
		for _ in 1..SEAT_PERIODS.seat_delay {
			reported_block(PRICES);
			assert_eq!(register(Ferdie), Err(Error::<Runtime>::NotAMember.into()));
		}
		next_block();
		assert_eq!(seats(), 6);
		assert_ok!(register(Ferdie));
		assert_eq!(Runtime::price(FeedId(0)).unwrap().observation.price, Price::dollars(8_000));
	});
}

#[test]
fn the_technical_committee_vetoes_what_waits_and_the_risk_committee_takes_it_back() {
	on("dev", || {
		let add = || OracleCall::add_member { member: Ferdie.to_account_id() };
		let subject = Subject::Seat(Ferdie.to_account_id());
		let veto = OracleCall::veto_change { subject: subject.clone() };
		let withdraw = OracleCall::withdraw_change { subject };
		assert_ok!(motion::<RiskInstance>(Alice, add()));
		assert_ok!(motion::<TechInstance>(Alice, veto.clone()));
		// A veto holds: the same seat was decided on again in the same block, and another name would do.
		let vetoed = Err(Error::<Runtime>::Vetoed.into());
		assert_eq!(motion::<RiskInstance>(Alice, add()), vetoed);
		assert_eq!(motion::<RiskInstance>(Alice, OracleCall::add_member { member: sybil(1) }), vetoed);
		pass_blocks(CooloffPeriod::<Runtime>::get());
		assert_eq!(seats(), 5);
		assert_ok!(motion::<RiskInstance>(Alice, add()));
		assert_ok!(motion::<RiskInstance>(Alice, withdraw.clone()));
		pass_blocks(2 * SEAT_PERIODS.seat_delay);
		assert_eq!(seats(), 5);
		// Nobody else.
		assert_ok!(motion::<RiskInstance>(Alice, add()));
		let bad = Err(DispatchError::BadOrigin);
		assert_eq!(motion::<RiskInstance>(Alice, veto.clone()), bad);
		assert_eq!(motion::<TechInstance>(Alice, withdraw.clone()), bad);
		assert_eq!(motion::<SecInstance>(Alice, veto.clone()), bad);
		assert_eq!(send(Ferdie, veto), bad);
		assert_eq!(send(Ferdie, withdraw), bad);
	});
}

#[test]
fn a_body_tightens_a_feed_at_once_and_loosens_it_after_the_delay() {
	on("dev", || {
		let before = params();
		let set = |params| OracleCall::set_feed_params { feed: FeedId(0), params };
		let tight = FeedParams { deviation_max: Ratio::percent(1), ..before };
		assert_ok!(motion::<RiskInstance>(Alice, set(tight)));
		assert_eq!(params(), tight);
		let (half, hour) = (Ratio::percent(50), 3_600_000);
		let loose = FeedParams { deviation_max: half, confidence_max: half, age_ms_max: hour, ..before };
		assert_ok!(motion::<RiskInstance>(Alice, set(loose)));
		assert_eq!(params(), tight);
		let change = Change::SetFeedParams { feed: FeedId(0), from: tight, to: loose };
		assert_eq!(keel_oracle::WaitingChanges::<Runtime>::get()[0].change, change);
		pass_blocks(SEAT_PERIODS.seat_delay);
		assert_eq!(params(), loose);
		// A round that can never agree is no tightening.
		let never = FeedParams { deviation_max: Ratio(1), ..before };
		let invalid = Err(Error::<Runtime>::InvalidParams.into());
		assert_eq!(motion::<RiskInstance>(Alice, set(never)), invalid);
	});
}

#[test]
fn a_motion_of_the_security_council_removes_members_and_halts_nothing() {
	on("dev", || {
		open_markets(PRICES);
		let halts = Err(Error::<Runtime>::WouldHalt.into());
		assert_eq!(motion::<SecInstance>(Alice, batch([Alice, Bob, Charlie].map(remove))), halts);
		assert_ok!(motion::<SecInstance>(Alice, batch([Alice, Bob].map(remove))));
		assert_eq!(motion::<RiskInstance>(Alice, remove(Charlie)), halts);
		let removed = System::block_number();
		// The three that are left are the quorum of five.
		while System::block_number() < removed + SEAT_PERIODS.removal {
			assert_eq!(Runtime::market(BTC).unwrap().status, MarketStatus::Open);
			next_block();
			for member in [Charlie, Dave, Eve] {
				assert_eq!(report(member, PRICES), Ok(Ok(())));
			}
		}
		// Nobody has confirmed it: they are back by themselves.
		reported_block(PRICES);
		next_block();
		assert_eq!(Runtime::price(FeedId(0)).unwrap().observation.sources, 5);
		let again = Err(Error::<Runtime>::RemovedBefore.into());
		assert_eq!(motion::<SecInstance>(Alice, remove(Alice)), again);
	});
}

#[test]
fn a_referendum_gives_and_closes_seats_at_once() {
	use super::governance::through_the_council;
	on("dev", || {
		let add = (1..=2).map(|index| OracleCall::add_member { member: sybil(index) });
		let due = through_the_council(batch(add));
		to_block(due);
		assert_eq!(seats(), 7);
		let due = through_the_council(OracleCall::close_seat { member: sybil(1) }.into());
		to_block(due);
		assert_eq!(seats(), 6);
	});
}

#[test]
fn registering_a_key_is_no_urgent_call() {
	use frame_support::dispatch::DispatchClass;
	let reporter = sybil(1);
	let proof = MultiSignature::Sr25519(sr25519::Signature::from_raw([0; 64]));
	let call: RuntimeCall = OracleCall::set_reporter { reporter, proof }.into();
	assert_eq!(call.get_dispatch_info().class, DispatchClass::Normal);
}

#[test]
fn a_chain_with_real_money_waits_for_days() {
	let config: RuntimeGenesisConfig = serde_json::from_value(config("production")).unwrap();
	let mut chain: sp_io::TestExternalities =
		sp_runtime::BuildStorage::build_storage(&config).unwrap().into();
	chain.execute_with(|| {
		let periods = keel_oracle::SeatPeriods::<Runtime>::get();
		assert_eq!((periods.seat_delay, periods.removal), (DAYS, 7 * DAYS));
	});
	on("dev", || assert_eq!(keel_oracle::SeatPeriods::<Runtime>::get(), SEAT_PERIODS));
}
