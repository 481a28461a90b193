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

fn with_member(change: impl FnOnce(&mut MemberOf<Runtime>)) {
	Members::<Runtime>::mutate(member(0), |known| change(known.as_mut().unwrap()));
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
		|| (5..11).for_each(|i| Members::<Runtime>::insert(member(i), Member::new(0))),
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
	caught(|| with_member(|m| m.since = now()), "a report from before the member came");
	caught(|| with_member(|m| m.back_at = Some(now() + 1)), "reports of a member who was removed");
}

#[test]
fn prices_say_how_old_they_are() {
	let copy = || Prices::<Runtime>::get(BTC).unwrap();
	caught(|| Prices::<Runtime>::insert(FeedId(9), copy()), "a price of an unknown feed");
	caught(|| with_btc(|l| l.price = Price::ZERO), "a price out of bounds");
	caught(|| with_btc(|l| l.landed_at += 1), "a price from the future");
	caught(|| with_btc(|l| l.taken_at = l.landed_at + 1), "a price landed before it was taken");
	caught(|| with_btc(|l| l.renewed_in += 1), "a price is renewed in a later block");
	caught(|| with_btc(|l| l.renewed_at = l.landed_at + 1), "a price was renewed after it landed");
	caught(|| with_btc(|l| l.sources = 2), "a price without a quorum");
	caught(|| with_btc(|l| l.state = PriceState::Missing), "a price that is missing");
	caught(|| with_btc(|l| l.fresh_until = l.landed_at - 1), "a price hides its age");
	caught(|| with_btc(|l| l.state = PriceState::Stale), "a price hides its age");
}

#[test]
fn time_runs_forward() {
	caught(|| Rounds::<Runtime>::mutate(|rounds| rounds[0].1 = u64::MAX), "time runs backwards");
}

#[test]
fn removals_end() {
	let removed = |change: fn(&mut MemberOf<Runtime>)| {
		Reports::<Runtime>::remove(member(0));
		with_member(|m| {
			(m.back_at, m.removable_from) = (Some(now() + REMOVAL), now() + 2 * REMOVAL);
			change(m);
		});
	};
	caught(|| with_member(|m| m.score.distance.0 = u64::MAX), "a score out of bounds");
	caught(|| with_member(|m| m.since = now() + 1), "a report from before the member came");
	caught(|| removed(|m| m.since = now() + 1), "a member who comes later");
	caught(|| removed(|m| m.back_at = Some(now())), "a removal is over");
	caught(|| removed(|m| m.back_at = Some(now() + REMOVAL + 1)), "a removal has no end");
	caught(|| removed(|m| m.removable_from = 0), "a member is removed for ever, again and again");
	caught(
		|| Members::<Runtime>::insert(member(7), Member { counts: true, ..Member::new(0) }),
		"a seat counts that nobody took",
	);
	let never = Periods { seat_delay: DELAY, removal: DELAY };
	caught(|| SeatPeriods::<Runtime>::put(never), "removals cannot be confirmed");
}

#[test]
fn changes_take_turns() {
	let wait = |change, due| {
		WaitingChanges::<Runtime>::mutate(|waiting| waiting.try_push(Waiting { change, due }).unwrap());
	};
	let seat = |index| Change::OpenSeat { member: member(index) };
	let feed = || Change::SetFeedParams { feed: BTC, from: params(), to: params() };
	caught(|| wait(seat(5), now()), "a change is overdue");
	caught(|| wait(seat(5), now() + DELAY + 1), "a change waits too long");
	caught(|| (5..7).for_each(|index| wait(seat(index), now() + 1)), "two changes do not take turns");
	caught(|| (0..2).for_each(|_| wait(feed(), now() + 1)), "two changes do not take turns");
	let late = || CoolingOff::<Runtime>::insert(Matter::Seats, now() + COOL_OFF + 1);
	caught(late, "a veto lasts too long");
}

#[test]
fn feeds_ask_for_no_more_than_there_are() {
	let greedy = || {
		Feeds::<Runtime>::mutate(BTC, |feed| feed.as_mut().unwrap().params.quorum_min = 6);
	};
	caught(greedy, "a feed asks for more reports than there are seats");
}

#[test]
fn sources_come_in_time() {
	let named = |due| Some(NextSource { source: SourceId(9), due });
	caught(|| with_member(|m| m.next_source = named(now() + 2 * DELAY + 1)), "a source waits too long");
	let behind = || {
		with_member(|m| (m.is_corrected, m.next_source) = (true, named(now() + 1)));
	};
	caught(behind, "a member goes behind a correction");
}

#[test]
fn retired_ids_are_not_used() {
	let again = || RetiredFeeds::<Runtime>::put(sp_runtime::BoundedVec::truncate_from(vec![BTC]));
	caught(again, "a feed is listed again that was retired");
}
