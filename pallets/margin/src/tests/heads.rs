// SPDX-License-Identifier: Apache-2.0
//! The head of each ladder is kept with its market. A walk sets it when it is over: then it is the first key, wherever
//! the weight has ended. Who leaves outside of a walk leaves it where it is: no key comes before it, which is an
//! invariant, checked after every block.

use crate::{mock::*, *};
use keel_math::{Level, TierIndex};
use keel_primitives::*;
use keel_traits::Liquidatable;
use std::cell::RefCell;

fn head(id: MarketId) -> Option<Level> {
	market(id).long.head(TierIndex::FIRST)
}

fn key(who: AccountId, id: MarketId) -> Level {
	let (_, position) = account(who).find(id).expect("it has one");
	position.key.expect("it is filed")
}

/// People from 10 on buy a bitcoin and ten ethers each with so many dollars; Bob sells.
fn with_longs(dollars: &[i64], test: impl FnOnce()) {
	build(|| {
		deposit(BOB, 900_000);
		for (who, dollars) in (10..).zip(dollars) {
			deposit(who, *dollars);
			trade(who, BOB, BTC, Size::ONE, 50_000);
			trade(who, BOB, ETH, Size(10 * Size::ONE.0), 2_000);
		}
		next_block();
		test();
	});
}

#[test]
fn the_head_is_right_when_the_weight_ends_among_those_who_share_a_key() {
	with_longs(&[8_000, 8_000, 8_000, 8_000, 8_000, 20_000], || {
		let [shared, last] = [10, 15].map(|who| key(who, BTC));
		assert!((10..15).all(|who| key(who, BTC) == shared && key(who, ETH) == key(10, ETH)));
		judge_at_most(3, 2);
		block_at(43_000);
		assert_eq!(unhealthy().len(), 3);
		assert_eq!(head(BTC), Some(shared), "two are left");
		next_block();
		assert_eq!(unhealthy().len(), 5);
		assert_eq!(head(BTC), Some(last));
	});
}

#[test]
fn heads_are_right_in_markets_through_which_nobody_was_found() {
	// Whichever market comes first.
	for blocks in 0..2 {
		with_longs(&[8_000, 8_000, 8_000, 20_000], || {
			(0..blocks).for_each(|_| next_block());
			block_at(43_000);
			assert_eq!(unhealthy().len(), 3);
			assert_eq!(head(ETH), Some(key(13, ETH)));
		});
	}
}

#[test]
fn whoever_is_filed_again_may_be_the_head() {
	with_longs(&[8_000, 8_000], || {
		let before = head(BTC);
		// The margin call: the keys are filed again, further down.
		block_at(44_300);
		assert!(unhealthy().is_empty());
		assert_eq!(head(BTC), Some(key(10, BTC)));
		assert!(head(BTC) < before);
	});
	with_longs(&[8_000, 20_000], || {
		block_at(44_300);
		assert!(key(11, BTC) < key(10, BTC), "the one filed again comes first");
		assert_eq!(head(BTC), Some(key(10, BTC)));
	});
}

thread_local! {
	static HEADS: RefCell<Vec<Option<Level>>> = const { RefCell::new(Vec::new()) };
}

#[test]
fn a_walk_looks_for_the_head_once() {
	with_longs(&[8_000, 8_010, 8_020, 20_000], || {
		world(|world| world.heard = Some(|_| HEADS.with(|heads| heads.borrow_mut().push(head(BTC)))));
		let first = head(BTC);
		block_at(43_000);
		assert_eq!(unhealthy().len(), 3);
		assert_eq!(HEADS.with(RefCell::take), [first; 3]);
		assert_eq!(head(BTC), Some(key(13, BTC)));
		// Outside of walks nobody looks for it.
		let last = head(BTC);
		assert!(Margin::seize(&main_of(13)).is_none());
		price(ETH, 500);
		Markets::<Test>::mutate_extant(ETH, |market| market.mark = Price::dollars(500));
		assert!(Margin::seize(&main_of(13)).is_some());
		assert_eq!(HEADS.with(RefCell::take), [last]);
	});
}

#[test]
fn a_head_that_is_gone_asks_for_one_more_look_when_it_fires() {
	with_longs(&[8_000, 20_000], || {
		let gone = head(BTC);
		assert_eq!(gone, Some(key(10, BTC)));
		trade(BOB, 10, BTC, Size::ONE, 50_000);
		assert_eq!(head(BTC), gone, "nobody looked for the next one");
		next_block();
		assert_eq!(head(BTC), gone, "it has not fired");
		// It fires, and nobody is there: the next one is found, and nobody was judged.
		block_at(44_000);
		assert!(unhealthy().is_empty());
		assert_eq!(head(BTC), Some(key(11, BTC)));
		assert!(!market(BTC).has_unjudged(Side::Long));
		trade(BOB, 11, BTC, Size::ONE, 44_000);
		assert_eq!(head(BTC), None, "a side without units has no keys");
	});
}

#[test]
fn a_key_before_a_head_that_is_gone_is_the_head() {
	with_longs(&[20_000, 20_000, 8_000], || {
		trade(BOB, 12, BTC, Size::ONE, 50_000);
		deposit(14, 5_500);
		trade(14, BOB, BTC, Size::ONE, 50_000);
		assert_eq!(head(BTC), Some(key(14, BTC)));
	});
}

/// The least time, in nanoseconds, that it takes to remove the head of a ladder behind which so many keys were deleted in
/// the same block: as it was, with a look for the next one, and as it is.
fn removing_the_head_behind(deleted: u32) -> [u128; 2] {
	let mut least = [u128::MAX; 2];
	build_without_check(|| {
		let key = |level: i128| Filed {
			market: BTC,
			side: Side::Long,
			tier: TierIndex::FIRST,
			generation: keel_math::Generation(0),
			key: Level(level),
		};
		let who = |index: u32| main_of(1_000 + u64::from(index));
		let mut desk = crate::desk::Desk::<Test>::default();
		let keys: Vec<_> = (0..deleted).map(|index| (key(-2 - i128::from(index)), who(index))).collect();
		for (filed, who) in &keys {
			Margin::file_key(&mut desk, filed, who).unwrap();
		}
		let mut headless = Default::default();
		let head = (key(-1), who(deleted));
		Margin::file_key(&mut desk, &head.0, &head.1).unwrap();
		for (filed, who) in keys.iter().rev() {
			Margin::unfile_key(&mut desk, &mut headless, filed, who).unwrap();
		}
		for _ in 0..50 {
			for looks in [true, false] {
				Margin::file_key(&mut desk, &head.0, &head.1).unwrap();
				let mut headless = Default::default();
				let start = std::time::Instant::now();
				Margin::unfile_key(&mut desk, &mut headless, &head.0, &head.1).unwrap();
				if looks {
					Margin::find_heads(&mut desk, headless).unwrap();
				}
				let took = start.elapsed().as_nanos();
				let best = &mut least[usize::from(!looks)];
				*best = took.min(*best);
			}
		}
	});
	least
}

#[test]
fn who_leaves_passes_no_key_that_was_deleted_in_the_block() {
	let [none, some, many] = [0, 400, 1_000].map(removing_the_head_behind);
	println!("removing a head, looking for the next one and not, in ns: 0 deleted {none:?}, 400 {some:?}, 1000 {many:?}");
	// As it was, whoever came later paid for everybody before: a block of 400 such calls, tens of thousands of steps.
	assert!(none[0] < some[0] && some[0] < many[0], "{none:?}, {some:?}, {many:?}");
	assert!(many[1] < 3 * none[1] && many[1] * 4 < many[0], "{many:?} of {none:?}");
}
