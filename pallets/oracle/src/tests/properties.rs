// SPDX-License-Identifier: Apache-2.0
//! What liars can do: nothing, as long as there are at most `f` of `3f + 1`.

use crate::{
	mock::*,
	round::{liars_of, middle, quorum_of, settle, Agreed, Candidate, Outcome, Rules, Verdict, WHOLE},
	SourceId, LEAST_QUORUM,
};
use keel_primitives::{Price, PriceState, Ratio};
use proptest::prelude::*;

const HONEST_LOW: u128 = 99_000;
const HONEST_HIGH: u128 = 101_000;

fn candidate(member: usize, millis: u128) -> Candidate<usize> {
	let price = Price(millis * Price::ONE.0 / 1_000);
	Candidate {
		member,
		source: Some(SourceId(member as u32)),
		is_news: true,
		taken_at: 0,
		price,
		confidence: Price::ZERO,
		repeats: 0,
		anchor: Price::ZERO,
	}
}

fn agreed<Member>(outcome: Outcome<Member>) -> Option<Agreed> {
	match outcome.verdict {
		Verdict::Agreed(agreed) => Some(agreed),
		_ => None,
	}
}

fn rules(members: u32) -> Rules {
	Rules {
		quorum: quorum_of(members),
		liars: liars_of(members),
		sources: quorum_of(members).max(LEAST_QUORUM),
		bad_sources: liars_of(members),
		deviation_max: Ratio::percent(2),
		stuck_rounds: 4,
		stuck_distance: Ratio::percent(1),
	}
}

/// Honest reports near 100, and lies that are anything.
fn world(liars: impl Fn(usize) -> usize) -> impl Strategy<Value = (usize, Vec<u128>, Vec<u128>)> {
	let sizes = (1_usize..5).prop_map(move |f| (f, liars(f)));
	sizes.prop_flat_map(|(f, liars)| {
		let members = 3 * f + 1;
		let honest = prop::collection::vec(HONEST_LOW..=HONEST_HIGH, members - liars);
		let lie = prop_oneof![0_u128..1_000_000_000, HONEST_LOW - 3_000..HONEST_HIGH + 3_000];
		(Just(members), honest, prop::collection::vec(lie, liars))
	})
}

fn settled(members: usize, honest: &[u128], lies: &[u128], absent: usize) -> Option<Price> {
	let all = honest.iter().skip(absent).chain(lies).enumerate().map(|(i, v)| candidate(i, *v)).collect();
	agreed(settle(all, &rules(members as u32))).map(|agreed| agreed.price)
}

fn within_honest(price: Price, honest: &[u128]) -> bool {
	let low = candidate(0, *honest.iter().min().unwrap()).price;
	let high = candidate(0, *honest.iter().max().unwrap()).price;
	low <= price && price <= high
}

proptest! {
	#[test]
	fn f_liars_cannot_move_the_price_out_of_the_honest_range(
		(members, honest, lies) in world(|f| f),
		absent in 0_usize..5,
	) {
		let present = &honest[absent.min(honest.len() - 1)..];
		let skipped = honest.len() - present.len();
		if let Some(price) = settled(members, &honest, &lies, skipped) {
			prop_assert!(within_honest(price, present));
		}
	}

	#[test]
	fn f_liars_cannot_stop_members_who_agree(
		f in 1_usize..5,
		lies in prop::collection::vec(0_u128..1_000_000_000, 4),
	) {
		let honest = vec![100_000; 2 * f + 1];
		let price = settled(3 * f + 1, &honest, &lies[..f.min(lies.len())], 0);
		prop_assert_eq!(price, Some(dollars(100)));
	}

	#[test]
	fn the_median_of_an_even_number_is_the_mean_rounded_down(mut values in prop::collection::vec(0_u128..1 << 90, 1..20)) {
		values.sort();
		let (low, high) = (values[(values.len() - 1) / 2], values[values.len() / 2]);
		let weighed: Vec<_> = values.iter().map(|value| (*value, WHOLE)).collect();
		for liars in 0..=(values.len() as u32 - 1) / 3 {
			prop_assert_eq!(middle(&weighed, liars), Some((low + high) / 2));
		}
	}

	#[test]
	fn the_order_of_reports_does_not_matter(
		(members, honest, lies) in world(|f| f),
		turn in 0_usize..20,
	) {
		let mut all: Vec<_> = honest.iter().chain(&lies).enumerate().map(|(i, v)| candidate(i, *v)).collect();
		let straight = agreed(settle(all.clone(), &rules(members as u32)));
		let length = all.len();
		all.rotate_left(turn % length);
		prop_assert_eq!(agreed(settle(all, &rules(members as u32))), straight);
	}
}

/// The negative control: one liar more than `f`, with one honest member absent, decides.
#[test]
fn one_liar_more_than_f_moves_the_price_out_of_the_honest_range() {
	for f in 1..5 {
		let members = 3 * f + 1;
		// `2f + 1` reports are a quorum; `f + 1` of them are the majority.
		let (honest, lies) = (vec![100_000; f], vec![101_500; f + 1]);
		let price = settled(members, &honest, &lies, 0).unwrap();
		assert!(!within_honest(price, &honest), "with f = {f}");
		// With `f` of them the same lie is harmless.
		let price = settled(members, &vec![100_000; f + 1], &vec![101_500; f], 0).unwrap();
		assert!(within_honest(price, &[100_000]));
	}
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(24))]

	/// Through the whole pallet: any prices, any silence, any gaps. Invariants hold after every block,
	/// the state never hides an age, and a landed price is one the reports allow.
	#[test]
	fn any_history_keeps_the_invariants(
		history in prop::collection::vec(
			(
				prop::collection::vec(prop::option::weighted(0.8, 90_000_u128..110_000), 5),
				prop_oneof![3 => 1_u64..8_000, 1 => 1_u64..90_000],
			),
			1..25,
		),
	) {
		run(|| {
			for (said, gap_ms) in history {
				let mut prices = Vec::new();
				for (index, millis) in (0..).zip(said) {
					if let Some(millis) = millis {
						let price = candidate(0, millis).price;
						tell(index, price);
						prices.push(price);
					}
				}
				next_block_after(gap_ms);
				Oracle::do_try_state().unwrap();
				let seen = btc();
				let age_max = params().age_ms_max;
				assert_eq!(seen.state == PriceState::Missing, seen.age_ms == u64::MAX);
				assert_eq!(matches!(seen.state, PriceState::Stale | PriceState::Missing), seen.age_ms > age_max);
				if seen.landed_at == NowMs::get() && prices.len() == 5 {
					let (low, high) = (prices.iter().min().unwrap(), prices.iter().max().unwrap());
					assert!((low..=high).contains(&&seen.price));
				}
			}
		});
	}
}
