// SPDX-License-Identifier: Apache-2.0
//! A price that a library shared by all reporters has made up: it is caught for a round, and nobody is liquidated.

use frame_support::assert_ok;
use keel_primitives::*;
use keel_traits::Place;
use sp_keyring::Sr25519Keyring;

use super::{
	chain::*,
	exchange::{dollars, open_markets, reported_block, trade, view, BTC},
};
use keel_runtime::{exchange_api::runtime_decl_for_exchange_api::ExchangeApiV1, *};

fn place(who: Sr25519Keyring) -> Place {
	view(who).place
}

fn market() -> (MarketStatus, Price) {
	let market = Runtime::market(BTC).expect("it is listed");
	(market.status, market.mark)
}

/// What margin has told of moves.
fn told() -> Vec<keel_margin::Event<Runtime>> {
	use keel_margin::Event::*;
	System::events()
		.into_iter()
		.filter_map(|record| match record.event {
			RuntimeEvent::Margin(
				event @ (MoveWaits { .. } | MoveConfirmed { .. } | MoveWithdrawn { .. }),
			) => Some(event),
			_ => None,
		})
		.collect()
}

/// Bob is long and Charlie short of one bitcoin at 8,000, each with a third of it.
fn two_who_are_careful() {
	open_markets([8_000, 200, 20]);
	dollars(Bob, 2_700);
	dollars(Charlie, 2_700);
	assert_ok!(trade(Bob, Charlie, Size::ONE, 8_000));
}

#[test]
fn a_tenfold_price_of_all_reporters_in_one_round_liquidates_nobody() {
	on("dev", || {
		two_who_are_careful();
		reported_block([80_000, 200, 20]);
		// It lands; meanwhile the next round tells the truth.
		reported_block([8_010, 200, 20]);
		assert_eq!((place(Bob), place(Charlie)), (Place::Filed, Place::Filed));
		assert_eq!(market(), (MarketStatus::Guarded, Price::dollars(8_000)));
		assert!(matches!(told()[..], [keel_margin::Event::MoveWaits { .. }]), "{:?}", told());
		let incidents = CircuitBreaker::incidents();
		assert!(incidents.iter().any(|(_, incident)| incident.market == BTC && incident.closed.is_none()));
		let offer = keel_margin::Call::<Runtime>::offer_reduce {
			sub: SubAccount(0),
			market: BTC,
			size: Size::ONE,
			price: Price::dollars(8_000),
			expires: System::block_number() + 10,
			taker: None,
		};
		assert_eq!(send(Bob, offer), Err(keel_margin::Error::<Runtime>::MarkStandsStill.into()));
		for _ in 0..5 {
			reported_block([8_010, 200, 20]);
		}
		assert_eq!(market(), (MarketStatus::Open, Price::dollars(8_010)));
		assert_eq!((view(Bob).positions.len(), view(Charlie).positions.len()), (1, 1));
		assert!(keel_liquidation::Entries::<Runtime>::iter().next().is_none());
	});
}

#[test]
fn a_gap_that_two_rounds_tell_is_liquidated_in_the_second() {
	on("dev", || {
		two_who_are_careful();
		reported_block([5_400, 200, 20]);
		reported_block([5_400, 200, 20]);
		assert_eq!(market(), (MarketStatus::Guarded, Price::dollars(8_000)));
		next_block();
		assert_eq!(market(), (MarketStatus::Guarded, Price::dollars(5_400)));
		assert!(matches!(told()[..], [keel_margin::Event::MoveConfirmed { .. }]), "{:?}", told());
		assert!(view(Bob).positions.first().is_none_or(|left| left.size < Size::ONE), "{:?}", view(Bob));
	});
}
