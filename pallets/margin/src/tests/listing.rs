// SPDX-License-Identifier: Apache-2.0
//! Markets and their rules.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok, traits::Hooks};
use keel_primitives::*;

fn list(feed: u32, params: MarketParams) -> sp_runtime::DispatchResult {
	Margin::list_market(RuntimeOrigin::root(), FeedId(feed), b"SOL-PERP".to_vec().try_into().unwrap(), params)
}

#[test]
fn markets_are_listed_by_governance_on_feeds_that_exist() {
	build(|| {
		assert_noop!(list(7, params()), Error::<Test>::UnknownFeed);
		price(MarketId(7), 100);
		let name: frame_support::BoundedVec<u8, NameLimit> = b"SOL-PERP".to_vec().try_into().unwrap();
		assert_noop!(
			Margin::list_market(signed(ALICE), FeedId(7), name, params()),
			sp_runtime::DispatchError::BadOrigin
		);
		for id in 2..8 {
			assert_ok!(list(7, params()));
			assert_eq!(market(MarketId(id)).feed, FeedId(7));
		}
		assert_noop!(list(7, params()), Error::<Test>::TooManyMarkets);
		assert_eq!(Margin::markets().len(), 8);
	});
}

#[test]
fn rules_that_do_not_fit_together_are_refused() {
	build(|| {
		type Spoil = fn(&mut MarketParams);
		let cases: [(&str, Spoil); 12] = [
			("no maintenance margin", |p| p.maintenance_rate = Ratio::ZERO),
			("initial not above maintenance", |p| p.initial_rate = p.maintenance_rate),
			("a withdrawal below initial margin", |p| p.withdrawal_rate = Ratio::percent(4)),
			("more than all must stay", |p| p.withdrawal_rate = Ratio::percent(101)),
			("more profit than there is", |p| p.profit_credit = Ratio::percent(101)),
			("a band that reaches bankruptcy", |p| p.band = p.maintenance_rate),
			("a move nobody can pay for", |p| p.largest_move = p.maintenance_rate),
			("fees nobody can pay", |p| p.worst_fee = p.maintenance_rate),
			("funding above its cap", |p| p.funding_rate.0 = 5_000_001),
			("no lot", |p| p.lot = Size::ZERO),
			("no tick", |p| p.tick = Price::ZERO),
			("more than the arithmetic holds", |p| p.max_open_interest = Size(u128::MAX)),
		];
		for (what, spoil) in cases {
			let mut spoiled = params();
			spoil(&mut spoiled);
			let set = Margin::set_market_params(RuntimeOrigin::root(), BTC, spoiled);
			assert_eq!(set, Err(Error::<Test>::InvalidParameters.into()), "{what}");
		}
		assert_noop!(
			Margin::set_market_params(RuntimeOrigin::root(), MarketId(9), params()),
			Error::<Test>::UnknownMarket
		);
		assert_noop!(
			Margin::set_market_params(signed(ALICE), BTC, params()),
			sp_runtime::DispatchError::BadOrigin
		);
	});
}

#[test]
fn the_configuration_validates_itself() {
	build(Margin::integrity_test);
}
