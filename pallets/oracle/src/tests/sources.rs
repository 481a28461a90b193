// SPDX-License-Identifier: Apache-2.0
//! Members behind one source are one: in the quorum, in the median, and in what may be wrong.

use crate::{
	mock::*,
	round::{liars_of, quorum_of, settle, Agreed, Candidate, Rules, Verdict},
	*,
};
use frame_support::{assert_noop, assert_ok};
use keel_primitives::{Price, PriceState};
use proptest::prelude::*;

fn signed(who: sp_runtime::AccountId32) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

/// Two are right, and three say what one wrong venue says, within what the feed allows.
fn three_are_wrong() {
	for _ in 0..2 {
		round(&[dollars(100), dollars(100), cents(10_190), cents(10_190), cents(10_190)]);
	}
}

#[test]
fn three_members_behind_one_venue_do_not_move_the_median() {
	run(|| {
		// Each behind a source of its own they are three of five.
		three_are_wrong();
		assert_eq!((btc().price, btc().sources), (cents(10_190), 5));
	});
	run(|| {
		all_read(&[0, 1, 2, 2, 2]);
		three_are_wrong();
		assert_eq!((btc().price, btc().sources), (dollars(100), 3));
	});
}

#[test]
fn a_venue_behind_four_of_five_is_no_quorum() {
	run(|| {
		all_read(&[0, 1, 1, 1, 1]);
		round(&[dollars(100); 5]);
		assert_state(PriceState::Missing);
		// What it takes is one member more who looks elsewhere.
		reads(1, Some(SourceId(7)));
		round(&[dollars(100); 5]);
		assert_state(PriceState::Valid);
	});
}

#[test]
fn who_names_no_source_weighs_no_more_than_who_names_one() {
	run(|| {
		(2..5).for_each(|index| reads(index, None));
		three_are_wrong();
		assert_eq!((btc().price, btc().sources), (dollars(100), 3));
	});
}

#[test]
fn two_behind_one_source_have_half_of_it_each() {
	run(|| {
		// 1, 1, 1 and two halves: the middle of 4 is between 2 and 2.
		all_read(&[0, 1, 2, 3, 3]);
		round(&[cents(9_990), dollars(100), cents(10_010), cents(10_000), cents(10_020)]);
		// Up to 100.00 lie 1 + 1 + 1/2, which is more than half.
		assert_eq!((btc().price, btc().sources), (dollars(100), 4));
		// Up to 99.90 lies exactly half: the mean of that and the next.
		round(&[cents(9_980), cents(9_990), cents(10_010), cents(10_020), cents(10_030)]);
		assert_eq!(btc().price, dollars(100));
	});
}

#[test]
fn a_source_that_a_member_names_counts_after_twice_the_delay() {
	run(|| {
		assert_ok!(Oracle::set_source(signed(member(4)), SourceId(3)));
		let due = now() + 2 * DELAY;
		let named = Event::SourceNamed { member: member(4), source: SourceId(3), due };
		assert_eq!(events(), [named]);
		while now() + 1 < due {
			round(&[dollars(100); 5]);
			assert_eq!(btc().sources, 5, "in block {}", now());
		}
		round(&[dollars(100); 5]);
		assert_eq!((now(), btc().sources), (due, 4));
		// The next word of it begins from there.
		assert_ok!(Oracle::set_source(signed(member(4)), SourceId(9)));
		round(&[dollars(100); 5]);
		assert_eq!(btc().sources, 4);
		assert_noop!(Oracle::set_source(signed(STRANGER), SourceId(3)), Error::<Runtime>::NotAMember);
	});
}

#[test]
fn a_body_corrects_a_source_before_it_counts() {
	run(|| {
		all_read(&[0, 1, 2, 3, 3]);
		// Two behind one source; one of them says that it is alone.
		assert_ok!(Oracle::set_source(signed(member(4)), SourceId(9)));
		next_block();
		let correct = |who| Oracle::correct_source(signed(who), member(4), SourceId(3));
		assert_noop!(correct(STRANGER), sp_runtime::DispatchError::BadOrigin);
		assert_ok!(correct(GOVERNOR));
		// As with any seat, somebody else looks at it first.
		let waits = WaitingChanges::<Runtime>::get();
		assert_eq!(waits[0].change, Change::CorrectSource { member: member(4), source: SourceId(3) });
		for _ in 0..2 * DELAY + 2 {
			round(&[dollars(100); 5]);
			assert_eq!(btc().sources, 4, "in block {}", now());
		}
		let again = Oracle::set_source(signed(member(4)), SourceId(9));
		assert_noop!(again, Error::<Runtime>::SourceCorrected);
		// A referendum has waited.
		assert_ok!(Oracle::correct_source(RuntimeOrigin::root(), member(4), SourceId(4)));
		round(&[dollars(100); 5]);
		assert_eq!(btc().sources, 5);
	});
}

#[test]
fn a_correction_is_vetoed_as_a_seat_is() {
	run(|| {
		assert_ok!(Oracle::correct_source(signed(GOVERNOR), member(4), SourceId(3)));
		assert_ok!(Oracle::veto_change(signed(VETOER), Subject::Seat(member(4))));
		pass(DELAY + 1);
		round(&[dollars(100); 5]);
		assert_eq!(btc().sources, 5);
		let again = Oracle::correct_source(signed(GOVERNOR), member(4), SourceId(3));
		assert_noop!(again, Error::<Runtime>::Vetoed);
	});
}

#[test]
fn no_body_leaves_fewer_sources_than_a_quorum() {
	run(|| {
		all_read(&[0, 1, 2, 2, 2]);
		round(&[dollars(100); 5]);
		let correct = Oracle::correct_source(signed(GOVERNOR), member(0), SourceId(1));
		assert_noop!(correct, Error::<Runtime>::WouldHalt);
		assert_noop!(Oracle::remove_member(signed(GUARDIAN), member(0)), Error::<Runtime>::WouldHalt);
		assert_noop!(Oracle::close_seat(signed(GOVERNOR), member(0)), Error::<Runtime>::SeatNeeded);
		// One of three behind one source is not missed.
		assert_ok!(Oracle::remove_member(signed(GUARDIAN), member(4)));
		assert_ok!(Oracle::close_seat(signed(GOVERNOR), member(4)));
	});
}

#[test]
fn coming_back_takes_a_quorum_of_sources_that_report_anew() {
	run(|| {
		all_read(&[0, 1, 2, 2, 2]);
		round(&[dollars(100); 5]);
		assert!(btc().renewed);
		// Three reports are a quorum of members, and of one source.
		for index in 2..5 {
			tell(index, dollars(100));
		}
		next_block();
		assert_eq!((btc().sources, btc().renewed), (3, false));
		round(&[dollars(100); 2]);
		assert!(btc().renewed);
	});
}

/// A member's price in thousandths of a dollar, and what it reads.
type Said = (u128, u32);

fn millis(millis: u128) -> Price {
	Price(millis * Price::ONE.0 / 1_000)
}

/// The price that all who have a seat land, and its state.
fn landed(all: &[Said]) -> Option<(Agreed, PriceState)> {
	landed_of(all, all.len() as u32, sources_of(all) as u32)
}

/// The price that some who report land where there are so many seats and sources.
fn landed_of(all: &[Said], seats: u32, sources: u32) -> Option<(Agreed, PriceState)> {
	let params = params();
	let candidates: Vec<_> = all
		.iter()
		.enumerate()
		.map(|(member, (price, source))| Candidate {
			member,
			source: Some(SourceId(*source)),
			is_news: true,
			taken_at: 1_000 + 7 * (*price as u64 % 13),
			price: millis(*price),
			confidence: millis(*price % 700),
			repeats: 0,
			anchor: Price::ZERO,
		})
		.collect();
	let rules = Rules {
		quorum: quorum_of(seats).max(LEAST_QUORUM),
		liars: liars_of(seats),
		sources: quorum_of(sources).max(LEAST_QUORUM),
		bad_sources: liars_of(sources),
		deviation_max: params.deviation_max,
		stuck_rounds: 4,
		stuck_distance: params.stuck_distance(),
	};
	match settle(candidates, &rules).verdict {
		Verdict::Agreed(agreed) => {
			Some((agreed, params.classify(agreed.price, agreed.confidence, dollars(100))))
		}
		_ => None,
	}
}

fn sources_of(all: &[Said]) -> usize {
	all.iter().map(|(_, source)| source).collect::<std::collections::BTreeSet<_>>().len()
}

fn is_among(price: Price, honest: &[Said]) -> bool {
	let (low, high) = (honest.iter().min().unwrap().0, honest.iter().max().unwrap().0);
	(millis(low)..=millis(high)).contains(&price)
}

fn honest_price() -> impl Strategy<Value = u128> {
	99_500_u128..=101_480
}

fn lie() -> impl Strategy<Value = u128> {
	prop_oneof![97_500_u128..103_500, Just(99_500_u128), Just(101_480_u128), 1_u128..1_000_000_000]
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(2_000))]

	/// What was so before members named sources is so where all are different, to the unit.
	#[test]
	fn where_all_sources_differ_the_weighted_median_is_the_plain_one(
		prices in prop::collection::vec(honest_price(), 3..=31),
	) {
		let all: Vec<Said> = prices.iter().copied().zip(0..).collect();
		let mut sorted: Vec<_> = prices.iter().map(|price| millis(*price).0).collect();
		sorted.sort();
		let plain = |sorted: &[u128]| (sorted[(sorted.len() - 1) / 2] + sorted[sorted.len() / 2]) / 2;
		let (agreed, _) = landed(&all).unwrap();
		prop_assert_eq!(agreed.price.0, plain(&sorted));
		let f = (prices.len() - 1) / 3;
		let mut claims: Vec<_> = prices.iter().map(|price| millis(*price % 700).0).collect();
		claims.sort();
		let spread = (sorted[sorted.len() - 1 - f] - sorted[f]) / 2;
		prop_assert_eq!(agreed.confidence.0, spread.max(plain(&claims)));
		let mut times: Vec<_> = prices.iter().map(|price| 1_000 + 7 * (*price as u64 % 13)).collect();
		times.sort();
		prop_assert_eq!(agreed.taken_at, times[(times.len() - 1) / 2]);
		prop_assert_eq!(agreed.sources as usize, prices.len());
	}

	/// f of 3f + 1 sources, with up to two thirds of the members behind them.
	#[test]
	fn wrong_sources_move_neither_the_price_nor_its_state(
		f in 1_u32..=5,
		honest in prop::collection::vec(honest_price(), 11..=16),
		lies in prop::collection::vec((lie(), 0_u32..5), 0..=20),
	) {
		// The honest are behind 2f + 1 sources, and the wrong behind f others.
		let honest: Vec<Said> = honest.into_iter().zip((0..2 * f + 1).cycle()).collect();
		let mut lies: Vec<Said> = lies.into_iter().map(|(price, source)| (price, 100 + source % f)).collect();
		while lies.len() > 2 * liars_of((honest.len() + lies.len()) as u32) as usize {
			lies.pop();
		}
		let all: Vec<Said> = honest.iter().chain(&lies).copied().collect();
		// Those who are further than allowed may leave too few members for a quorum; then there is no price of theirs.
		if let Some((agreed, state)) = landed(&all) {
			prop_assert!(is_among(agreed.price, &honest), "{agreed:?}");
			prop_assert_eq!(state, PriceState::Valid);
		}
	}

	/// f of 3f + 1 members who each name a source of their own, while all others have said that they read the same two.
	#[test]
	fn sources_that_liars_make_up_buy_them_nothing(
		f in 1_usize..=10,
		honest in prop::collection::vec(honest_price(), 21),
		lies in prop::collection::vec(lie(), 10),
	) {
		let honest: Vec<Said> = honest.into_iter().take(2 * f + 1).zip([0, 1].into_iter().cycle()).collect();
		let lies: Vec<Said> = lies.into_iter().take(f).zip(100..).collect();
		let all: Vec<Said> = honest.iter().chain(&lies).copied().collect();
		if let Some((agreed, state)) = landed(&all) {
			prop_assert!(is_among(agreed.price, &honest), "{agreed:?}");
			prop_assert_eq!(state, PriceState::Valid);
		}
	}
}

/// The negative control: one source more, and one liar more than either may be.
#[test]
fn one_source_more_than_f_owns_the_price() {
	for f in 1..=5_u32 {
		let honest = (0..2 * f).map(|source| (100_000, source));
		let lies = (0..f).map(|source| (101_900, 100 + source));
		let held: Vec<Said> = honest.clone().chain([(100_000, 50)]).chain(lies.clone()).collect();
		assert_eq!(landed(&held).unwrap().0.price, dollars(100));
		// As many honest sources are silent as may be.
		let all: Vec<Said> = (0..f).map(|s| (100_000, s)).chain(lies).chain([(101_900, 99)]).collect();
		let seats = 3 * f + 1;
		assert_eq!((all.len() as u32, held.len() as u32), (2 * f + 1, seats));
		assert_eq!(landed_of(&all, seats, seats).unwrap().0.price, millis(101_900));
	}
}
