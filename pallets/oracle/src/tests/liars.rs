// SPDX-License-Identifier: Apache-2.0
//! With `f` of `3f + 1` members lying in any way, neither the price is theirs nor what is said of it. With one more it is.

use crate::{
	mock::*,
	round::{liars_of, quorum_of, settle, Agreed, Candidate, Rules, Verdict},
	FeedParams, Report, SourceId, LEAST_QUORUM,
};
use keel_primitives::{Price, PriceState};
use proptest::prelude::*;

/// What a member says: a price and a confidence in thousandths of a dollar, its value repeated so often since that one
/// landed.
type Said = (u128, u128, u32, u128);

/// Where honest members are: no further from one another than the feed lets a report be from the median.
const LOW: u128 = 99_500;
const HIGH: u128 = 101_480;

fn millis(millis: u128) -> Price {
	Price(millis * Price::ONE.0 / 1_000)
}

fn candidates(all: &[Said]) -> Vec<Candidate<usize>> {
	let candidate = |(member, said): (usize, &Said)| {
		let (price, confidence, repeats, anchor) = *said;
		Candidate {
			member,
			source: Some(SourceId(member as u32)),
			is_news: true,
			taken_at: 0,
			price: millis(price),
			confidence: millis(confidence),
			repeats,
			anchor: millis(anchor),
		}
	};
	all.iter().enumerate().map(candidate).collect()
}

fn rules(seats: u32, params: &FeedParams) -> Rules {
	Rules {
		quorum: quorum_of(seats).max(params.quorum_min),
		liars: liars_of(seats),
		sources: quorum_of(seats).max(LEAST_QUORUM),
		bad_sources: liars_of(seats),
		deviation_max: params.deviation_max,
		stuck_rounds: 4,
		stuck_distance: params.stuck_distance(),
	}
}

/// The price that lands, and its state.
fn landed(all: &[Said], seats: usize) -> Option<(Agreed, PriceState)> {
	let params = params();
	match settle(candidates(all), &rules(seats as u32, &params)).verdict {
		Verdict::Agreed(agreed) => {
			// The slow price is within 10 % of wherever honest members are.
			Some((agreed, params.classify(agreed.price, agreed.confidence, dollars(100))))
		}
		_ => None,
	}
}

/// Honest members who are sure of what they say, and lies: in reach of the feed's tolerance, or anything.
fn world(liars: impl Fn(usize) -> usize) -> impl Strategy<Value = (usize, Vec<Said>, Vec<Said>)> {
	let sizes = (1_usize..=10).prop_map(move |f| (f, liars(f)));
	sizes.prop_flat_map(|(f, liars)| {
		let seats = 3 * f + 1;
		let honest = (LOW..=HIGH, 0_u128..=990, Just(0), Just(0));
		let price =
			prop_oneof![3 => LOW - 2_500..HIGH + 2_500, 1 => Just(LOW), 1 => Just(HIGH), 1 => 1_u128..1_000_000_000];
		let lie = (price, 0_u128..1_000_000_000, 0_u32..10, 0_u128..200_000);
		(
			Just(seats),
			prop::collection::vec(honest, seats - liars),
			prop::collection::vec(lie, liars),
		)
	})
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(2_000))]

	#[test]
	fn neither_the_price_nor_its_state_is_theirs(
		(seats, honest, lies) in world(|f| f),
		silent in 0_usize..10,
	) {
		// Who lies may also be silent.
		let heard = lies.len() - silent.min(lies.len());
		let all: Vec<_> = honest.iter().chain(&lies[..heard]).copied().collect();
		let Some((agreed, state)) = landed(&all, seats) else { panic!("honest members are a quorum") };
		let low = millis(honest.iter().map(|said| said.0).min().unwrap());
		let high = millis(honest.iter().map(|said| said.0).max().unwrap());
		let claim = millis(honest.iter().map(|said| said.1).max().unwrap());
		prop_assert!((low..=high).contains(&agreed.price));
		prop_assert_eq!(state, PriceState::Valid);
		// It is doubted no more than the honest differ, or the least sure of them says.
		prop_assert!(agreed.confidence <= Price((high.0 - low.0) / 2).max(claim));
	}

	/// Honest members who are unsure are not made to look sure.
	#[test]
	fn nor_do_they_hide_that_honest_members_are_unsure(
		(seats, honest, lies) in world(|f| f),
	) {
		let honest: Vec<Said> = honest.into_iter().map(|(price, ..)| (price, 2_000, 0, 0)).collect();
		let all: Vec<_> = honest.iter().chain(&lies).copied().collect();
		let state = landed(&all, seats).map(|(_, state)| state);
		prop_assert_eq!(state, Some(PriceState::Uncertain));
	}
}

/// The negative control: one liar more, and an honest member silent in its place.
#[test]
fn one_liar_more_owns_the_price_and_its_state() {
	for f in 1..=10_usize {
		let seats = 3 * f + 1;
		let of = |liars: usize, lie: Said| -> Vec<Said> {
			let honest = vec![(100_000, 0, 0, 0); 2 * f + 1 - liars];
			honest.into_iter().chain(vec![lie; liars]).collect()
		};
		let (inside, unsure) = ((101_900, 0, 0, 0), (100_000, 5_000, 0, 0));
		// With f of them nothing of it is theirs.
		let (agreed, state) = landed(&of(f, inside), seats).unwrap();
		assert_eq!((agreed.price, state), (dollars(100), PriceState::Valid));
		assert_eq!(landed(&of(f, unsure), seats).unwrap().1, PriceState::Valid);
		// With one more the price is, and so is the state.
		assert_eq!(landed(&of(f + 1, inside), seats).unwrap().0.price, millis(101_900));
		assert_eq!(landed(&of(f + 1, unsure), seats).unwrap().1, PriceState::Uncertain);
	}
}

/// The negative control of the bound: a feed that were surer of its members than they may differ.
#[test]
fn without_the_bound_honest_members_alone_would_be_uncertain() {
	let honest = [(LOW, 0, 0, 0), (LOW, 0, 0, 0), (LOW, 0, 0, 0), (HIGH, 0, 0, 0), (HIGH, 0, 0, 0)];
	let seats = 5;
	let (agreed, state) = landed(&[honest[0], honest[1], honest[3], honest[4], honest[4]], seats).unwrap();
	assert_eq!(state, PriceState::Valid);
	let tight = FeedParams { confidence_max: keel_primitives::Ratio::basis_points(90), ..params() };
	assert!(!tight.is_valid(10, SLOT_MS));
	assert_eq!(tight.classify(agreed.price, agreed.confidence, dollars(100)), PriceState::Uncertain);
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(8))]

	/// Through the whole pallet, over many rounds: honest members who repeat what they see, and liars who choose anything
	/// they like, silence included.
	#[test]
	fn in_no_round_of_any_history_is_it_theirs(
		history in prop::collection::vec(
			(
				prop::collection::vec(99_900_u128..100_100, 5),
				prop::collection::vec(prop::option::of(prop_oneof![98_100_u128..102_000, 1_u128..1_000_000]), 2),
				0_u128..8,
			),
			40,
		),
	) {
		World { members: 7, params: params() }.run(|| {
			for (honest, lies, coarse) in history {
				// Coarse ticks: many repeat what they said, and what others say.
				let tick = 25 * (coarse + 1);
				let honest: Vec<_> = honest.into_iter().map(|price| millis(price / tick * tick)).collect();
				for (index, price) in (0..).zip(&honest) {
					let report = reports(&[report_of(BTC, *price)]);
					Oracle::do_report(member(index), now() - 1, report).unwrap();
				}
				for (index, lie) in (5..).zip(lies) {
					if let Some(lie) = lie {
						let report = Report { feed: BTC, price: millis(lie), confidence: millis(lie) };
						Oracle::do_report(member(index), now() - 1, reports(&[report])).unwrap();
					}
				}
				next_block();
				assert_state(PriceState::Valid);
				let (low, high) = (*honest.iter().min().unwrap(), *honest.iter().max().unwrap());
				assert!((low..=high).contains(&btc().price), "{:?}", btc());
				assert!(btc().sources >= 5);
			}
		});
	}
}
