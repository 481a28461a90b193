// SPDX-License-Identifier: Apache-2.0
//! Listing feeds and changing what their prices must meet.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};
use keel_primitives::{FeedId, PriceState, Ratio};
use keel_traits::PriceFeed;
use sp_runtime::{BuildStorage, DispatchError::BadOrigin};

fn name(text: &str) -> FeedName {
	text.as_bytes().to_vec().try_into().unwrap()
}

#[test]
fn a_referendum_lists_a_feed() {
	run(|| {
		assert_ok!(Oracle::add_feed(RuntimeOrigin::root(), FeedId(2), name("SOL/USD"), params()));
		let added = Event::FeedAdded { feed: FeedId(2), name: name("SOL/USD"), params: params() };
		assert_eq!(events(), [added]);
		assert_ok!(send(call(0, now(), &[report_of(FeedId(2), dollars(20))])));
	});
}

#[test]
fn only_governance_lists_and_changes() {
	run(|| {
		for who in [GUARDIAN, STRANGER, member(0)] {
			let origin = || RuntimeOrigin::signed(who.clone());
			assert_noop!(Oracle::add_feed(origin(), FeedId(2), name("X"), params()), BadOrigin);
			assert_noop!(Oracle::set_feed_params(origin(), BTC, params()), BadOrigin);
		}
	});
}

#[test]
fn feed_errors_say_what_is_wrong() {
	run(|| {
		let referendum = RuntimeOrigin::root;
		let add = |id, text| Oracle::add_feed(referendum(), FeedId(id), name(text), params());
		assert_noop!(add(0, "X"), Error::<Runtime>::FeedExists);
		assert_noop!(add(2, ""), Error::<Runtime>::FeedWithoutName);
		assert_noop!(
			Oracle::set_feed_params(referendum(), FeedId(9), params()),
			Error::<Runtime>::UnknownFeed
		);
		assert_ok!(add(2, "X"));
		assert_ok!(add(3, "Y"));
		assert_noop!(add(4, "Z"), Error::<Runtime>::TooManyFeeds);
	});
}

#[test]
fn parameters_outside_their_bounds_are_refused() {
	let good = params();
	assert!(good.is_valid(10, SLOT_MS));
	for bad in [
		FeedParams { age_ms_max: 0, ..good },
		FeedParams { age_ms_max: 2 * SLOT_MS, ..good },
		FeedParams { age_ms_max: AGE_MS_MAX + 1, ..good },
		FeedParams { deviation_max: Ratio(999_999), ..good },
		FeedParams { deviation_max: Ratio(500_000_001), ..good },
		FeedParams { confidence_max: Ratio(good.deviation_max.0 / 2 - 1), ..good },
		FeedParams { confidence_max: Ratio(500_000_001), ..good },
		FeedParams { volatile_max: Ratio(9_999_999), ..good },
		FeedParams { volatile_max: Ratio(1_000_000_001), ..good },
		FeedParams { quorum_min: LEAST_QUORUM - 1, ..good },
		FeedParams { quorum_min: 11, ..good },
	] {
		assert!(!bad.is_valid(10, SLOT_MS), "{bad:?}");
		run(|| {
			let governor = RuntimeOrigin::signed(GOVERNOR);
			assert_noop!(Oracle::set_feed_params(governor, BTC, bad), Error::<Runtime>::InvalidParams);
		});
	}
}

#[test]
fn new_parameters_hold_for_the_next_price() {
	run(|| {
		round(&[dollars(100); 5]);
		let short = FeedParams { age_ms_max: 6_000, ..params() };
		assert_ok!(Oracle::set_feed_params(RuntimeOrigin::signed(GOVERNOR), BTC, short));
		assert_state(PriceState::Valid);
		round(&[dollars(100); 5]);
		for state in [PriceState::Valid, PriceState::Stale] {
			next_block();
			assert_state(state);
		}
	});
}

#[test]
fn genesis_survives_json_as_presets_are_written() {
	let genesis = GenesisConfig::<Runtime> {
		feeds: vec![(BTC, "BTC/USD".into(), params())],
		members: vec![(member(0), reporter(0))],
		periods: Some(Periods { seat_delay: 1, removal: 2 }),
	};
	let text = serde_json::to_string(&genesis).unwrap();
	assert!(text.contains("\"ageMsMax\":60000"), "{text}");
	let back: GenesisConfig<Runtime> = serde_json::from_str(&text).unwrap();
	assert!(text.contains("\"seatDelay\":1"), "{text}");
	assert_eq!((back.feeds, back.members), (genesis.feeds, genesis.members));
	assert_eq!(back.periods, genesis.periods);
}

#[test]
#[should_panic(expected = "feed 0 at genesis")]
fn a_chain_does_not_start_with_a_feed_nobody_can_meet() {
	let oracle = GenesisConfig::<Runtime> {
		feeds: vec![(BTC, "BTC/USD".into(), FeedParams { quorum_min: 0, ..params() })],
		..Default::default()
	};
	let _ = RuntimeGenesisConfig { oracle, ..Default::default() }.build_storage();
}

#[test]
#[should_panic(expected = "oracle.periods")]
fn a_chain_does_not_start_with_removals_that_cannot_be_confirmed() {
	let oracle = GenesisConfig::<Runtime> {
		periods: Some(Periods { seat_delay: 5, removal: 5 }),
		..Default::default()
	};
	let _ = RuntimeGenesisConfig { oracle, ..Default::default() }.build_storage();
}

#[test]
fn a_chain_has_the_periods_of_its_genesis_or_those_of_real_money() {
	run(|| assert_eq!(SeatPeriods::<Runtime>::get(), DefaultPeriods::get()));
	let periods = Periods { seat_delay: 2, removal: 3 };
	let oracle = GenesisConfig::<Runtime> { periods: Some(periods), ..Default::default() };
	let storage = RuntimeGenesisConfig { oracle, ..Default::default() }.build_storage().unwrap();
	sp_io::TestExternalities::from(storage).execute_with(|| {
		assert_eq!(SeatPeriods::<Runtime>::get(), periods);
	});
}

#[test]
fn a_feed_that_no_market_names_is_retired_and_nothing_is_left_of_it() {
	run(|| {
		for index in 0..5 {
			let list = [report_of(BTC, dollars(100)), report_of(ETH, dollars(10))];
			assert_ok!(send(call(index, now() - 1, &list)));
		}
		next_block();
		assert_eq!(Oracle::observe(ETH).state, PriceState::Valid);
		// A veto of something else about it is over with it.
		let looser = FeedParams { age_ms_max: 70_000, ..params() };
		assert_ok!(Oracle::set_feed_params(RuntimeOrigin::signed(GOVERNOR), ETH, looser));
		assert_ok!(Oracle::veto_change(RuntimeOrigin::signed(VETOER), Subject::Feed(ETH)));
		assert_ok!(Oracle::retire_feed(RuntimeOrigin::root(), ETH));
		assert!(events().contains(&Event::FeedRetired { feed: ETH }));
		assert!(!Oracle::exists(ETH));
		assert_eq!(Oracle::observe(ETH).state, PriceState::Missing);
		assert!(!Prices::<Runtime>::contains_key(ETH));
		assert_eq!(CoolingOff::<Runtime>::iter().count(), 0);
		assert!(Reports::<Runtime>::iter_values().all(|kept| kept.iter().all(|r| r.report.feed == BTC)));
		// What is left goes on, and what names it says why it does not.
		round(&[dollars(100); 5]);
		assert_state(PriceState::Valid);
		let retired = Error::<Runtime>::FeedRetired;
		let code =
			sp_runtime::transaction_validity::InvalidTransaction::Custom(codec::Encode::encode(&retired)[0]);
		assert_eq!(send(call(0, now(), &[report_of(ETH, dollars(10))])), Err(code.into()));
		let again = Oracle::add_feed(RuntimeOrigin::root(), ETH, name("ETH/USD"), params());
		assert_noop!(again, Error::<Runtime>::FeedRetired);
		assert_noop!(Oracle::retire_feed(RuntimeOrigin::root(), ETH), Error::<Runtime>::FeedRetired);
		assert_noop!(Oracle::retire_feed(RuntimeOrigin::root(), FeedId(9)), Error::<Runtime>::UnknownFeed);
	});
}

#[test]
fn a_feed_that_a_market_names_is_not_retired() {
	run(|| {
		Followed::set(vec![ETH]);
		assert_noop!(Oracle::retire_feed(RuntimeOrigin::root(), ETH), Error::<Runtime>::FeedInUse);
		Followed::set(Vec::new());
		// By the body it waits, and a market that was listed meanwhile keeps it.
		assert_ok!(Oracle::retire_feed(RuntimeOrigin::signed(GOVERNOR), ETH));
		Followed::set(vec![ETH]);
		pass(DELAY);
		let lapsed =
			Event::ChangeLapsed { subject: Subject::Feed(ETH), error: Error::<Runtime>::FeedInUse.into() };
		assert!(events().contains(&lapsed));
		assert!(Oracle::exists(ETH));
		Followed::set(Vec::new());
		assert_noop!(Oracle::retire_feed(RuntimeOrigin::signed(STRANGER), ETH), BadOrigin);
	});
}

#[test]
fn no_more_feeds_are_retired_than_ids_are_kept_of() {
	run(|| {
		let ids: Vec<_> = (100..100 + MAX_RETIRED).map(FeedId).collect();
		RetiredFeeds::<Runtime>::put(sp_runtime::BoundedVec::truncate_from(ids));
		assert_noop!(Oracle::retire_feed(RuntimeOrigin::root(), ETH), Error::<Runtime>::TooManyRetired);
	});
}
