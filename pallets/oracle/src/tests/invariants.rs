// SPDX-License-Identifier: Apache-2.0
//! Each invariant can fail.

use crate::{mock::*, *};
use keel_primitives::{FeedId, Price, PriceState};

/// Corrupt the state of a busy oracle, and expect to be told of it.
fn caught(corrupt: impl FnOnce(), complaint: &'static str) {
	World::default().storage().execute_with(|| {
		next_block();
		round(&[dollars(100); 5]);
		Oracle::do_try_state().expect("the invariants hold before");
		corrupt();
		assert_eq!(Oracle::do_try_state(), Err(complaint.into()));
	});
}

fn with_btc(change: impl FnOnce(&mut Landed)) {
	Prices::<Runtime>::mutate(BTC, |landed| change(landed.as_mut().unwrap()));
}

fn with_report(change: impl FnOnce(&mut Reported<u32>)) {
	Reports::<Runtime>::mutate(member(0), |kept| change(&mut kept[0]));
}

#[test]
fn feeds_are_valid() {
	let broken = |id: u32| {
		let feed = Feed { name: FeedName::default(), params: FeedParams { quorum_min: 0, ..params() } };
		Feeds::<Runtime>::insert(FeedId(id), feed);
	};
	caught(|| broken(2), "a feed has invalid parameters");
	caught(|| (2..5).for_each(broken), "more feeds than the bound");
	// A feed that is gone, behind the counter's back.
	caught(
		|| frame_support::storage::unhashed::kill(&Feeds::<Runtime>::hashed_key_for(BTC)),
		"feeds are miscounted",
	);
}

#[test]
fn keys_and_members_match() {
	caught(|| Reporters::<Runtime>::insert(reporter(0), member(1)), "a reporter key is another member's");
	caught(|| Reporters::<Runtime>::insert(STRANGER, STRANGER), "a reporter key belongs to nobody");
	caught(|| Reporters::<Runtime>::remove(reporter(0)), "a reporter key is another member's");
	caught(
		|| (5..11).for_each(|i| Members::<Runtime>::insert(member(i), Member::default())),
		"more members than the bound",
	);
}

#[test]
fn reports_are_from_members_on_feeds() {
	let kept = || Reports::<Runtime>::get(member(0));
	caught(|| Reports::<Runtime>::insert(STRANGER, kept()), "reports of somebody who is no member");
	caught(
		|| Reports::<Runtime>::mutate(member(0), |k| k.try_push(k[0]).unwrap()),
		"reports are out of order",
	);
	caught(|| with_report(|r| r.report.feed = FeedId(9)), "a report on an unknown feed");
	caught(|| with_report(|r| r.report.price = Price::ZERO), "a reported price out of bounds");
	caught(|| with_report(|r| r.report.confidence = Price::MAX), "a reported confidence out of bounds");
	caught(|| with_report(|r| r.round += 1), "a report later than the last round");
	caught(|| with_report(|r| r.received = 0), "a report came before its round");
}

#[test]
fn prices_say_how_old_they_are() {
	let copy = || Prices::<Runtime>::get(BTC).unwrap();
	caught(|| Prices::<Runtime>::insert(FeedId(9), copy()), "a price of an unknown feed");
	caught(|| with_btc(|l| l.price = Price::ZERO), "a price out of bounds");
	caught(|| with_btc(|l| l.landed_at += 1), "a price from the future");
	caught(|| with_btc(|l| l.sources = 2), "a price without a quorum");
	caught(|| with_btc(|l| l.state = PriceState::Missing), "a price that is missing");
	caught(|| with_btc(|l| l.fresh_until = l.landed_at - 1), "a price hides its age");
	caught(|| with_btc(|l| l.state = PriceState::Stale), "a price hides its age");
}

#[test]
fn time_runs_forward() {
	caught(|| Rounds::<Runtime>::mutate(|rounds| rounds[0].1 = u64::MAX), "time runs backwards");
}
