// SPDX-License-Identifier: Apache-2.0
//! The first key of each ladder is kept with its market. A walk sets it when it is over: then it is right, wherever
//! the weight has ended. That it is the first of its ladder is an invariant, checked after every block.

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
		// Outside of walks everybody finds the head at once.
		assert!(Margin::seize(&main_of(13)).is_none());
		price(ETH, 500);
		Markets::<Test>::mutate_extant(ETH, |market| market.mark = Price::dollars(500));
		assert!(Margin::seize(&main_of(13)).is_some());
		assert_eq!(HEADS.with(RefCell::take), [None]);
	});
}
