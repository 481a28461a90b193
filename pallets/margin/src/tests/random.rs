// SPDX-License-Identifier: Apache-2.0
//! Random histories: nobody is missed, nothing is lost.

use crate::{mock::*, *};
use keel_math::Standing;
use keel_primitives::*;
use keel_traits::Liquidatable;
use proptest::prelude::*;

#[derive(Clone, Debug)]
pub enum Step {
	Trade {
		buyer: u64,
		seller: u64,
		ether: bool,
		size: u16,
		off: i8,
	},
	Deposit {
		who: u64,
		dollars: u16,
	},
	Withdraw {
		who: u64,
		dollars: u16,
	},
	/// Between the main account and another of the same owner.
	Transfer {
		who: u64,
		dollars: u16,
		back: bool,
	},
	Move {
		bitcoin: i8,
		ether: i8,
	},
	Liquidate {
		handing_over: bool,
	},
	/// Losses of who was liquidated are laid on others: perhaps blocks later.
	Resolve,
}

pub fn step() -> impl Strategy<Value = Step> {
	let who = || 10_u64..16;
	prop_oneof![
		5 => (who(), who(), any::<bool>(), 1_u16..5_000, -20_i8..20)
			.prop_map(|(buyer, seller, ether, size, off)| Step::Trade { buyer, seller, ether, size, off }),
		2 => (who(), 10_u16..20_000).prop_map(|(who, dollars)| Step::Deposit { who, dollars }),
		1 => (who(), 1_u16..10_000).prop_map(|(who, dollars)| Step::Withdraw { who, dollars }),
		1 => (who(), 1_u16..10_000, any::<bool>())
			.prop_map(|(who, dollars, back)| Step::Transfer { who, dollars, back }),
		5 => (-60_i8..60, -60_i8..60).prop_map(|(bitcoin, ether)| Step::Move { bitcoin, ether }),
		3 => any::<bool>().prop_map(|handing_over| Step::Liquidate { handing_over }),
		2 => Just(Step::Resolve),
	]
}

/// Move a price by thousandths.
fn nudge(market: MarketId, by: i8) {
	let now = Margin::market_view(market).unwrap().index.0 / 1_000;
	let next =
		if by < 0 { now * (1_000 - u128::from(by.unsigned_abs())) } else { now * (1_000 + by as u128) };
	let tick = params().tick.0;
	set_price(feed(market), Price((next / tick).max(1) * tick), PriceState::Valid);
}

pub fn apply(step: Step) {
	match step {
		Step::Trade { buyer, seller, ether, size, off } => {
			let id = if ether { ETH } else { BTC };
			let mark = market(id).mark.0;
			let tick = params().tick.0;
			let price = Price((mark as i128 + mark as i128 / 1_000 * i128::from(off)) as u128 / tick * tick);
			let expires = System::block_number();
			let main = SubAccount(0);
			let _ = frame_support::storage::with_storage_layer(|| {
				let size = thousandths(size.into());
				Margin::offer_trade(signed(buyer), main, id, Side::Long, size, price, expires, None)?;
				Margin::accept_trade(signed(seller), OfferIds::<Test>::get().next - 1, main)
			});
		}
		Step::Deposit { who, dollars } => {
			let _ = Margin::deposit(signed(who), SubAccount(0), Quote::dollars(dollars.into()));
		}
		Step::Withdraw { who, dollars } => {
			let _ =
				frame_support::storage::with_storage_layer(|| withdraw(who, Quote::dollars(dollars.into())));
		}
		Step::Transfer { who, dollars, back } => {
			let (from, to) = if back { (1, 0) } else { (0, 1) };
			let _ = frame_support::storage::with_storage_layer(|| {
				transfer(who, from, to, Quote::dollars(dollars.into()))
			});
		}
		Step::Move { bitcoin, ether } => {
			nudge(BTC, bitcoin);
			nudge(ETH, ether);
		}
		Step::Liquidate { handing_over } => liquidate(handing_over),
		Step::Resolve => resolve(),
	}
}

/// Close what the unhealthy hold: to the rich, or against the other side. Who is bankrupt waits, who is not pays a
/// penalty, which others keep.
fn liquidate(handing_over: bool) {
	let queued: Vec<_> = world(|world| core::mem::take(&mut world.unhealthy));
	for (who, judgement) in queued {
		for exposure in Margin::exposures(&who) {
			let (id, size) = (exposure.market, exposure.size);
			if judgement.is_bankrupt() {
				Margin::set_waiting(id, exposure.side, true);
			}
			let handed =
				handing_over && Margin::hand_over(&who, &main_of(ALICE), id, size, exposure.mark).is_ok();
			if !handed {
				Margin::deleverage(&who, id, size).expect("it is held");
			}
		}
		let penalty = Margin::charge(&who, Quote::dollars(7));
		world(|world| world.other_claims.0 += penalty.0);
		check();
	}
}

/// What is missing is paid of what others keep, else socialised, and nobody waits any more.
fn resolve() {
	let queued: Vec<_> = Accounts::<Test>::iter()
		.filter(|(_, _, account)| account.place == Place::Queued)
		.map(|(owner, sub, _)| MarginAccount::new(owner, sub))
		.collect();
	for who in &queued {
		for deficit in Margin::deficits(who) {
			let kept = world(|world| world.other_claims);
			if kept >= deficit.amount {
				world(|world| world.other_claims.0 -= deficit.amount.0);
				Margin::credit(who, deficit);
			} else {
				Margin::socialise(who, deficit);
			}
		}
		let has_closed = Margin::exposures(who).is_empty();
		assert!(Margin::release(who).is_ok() || !has_closed, "nothing is left to be unhealthy");
		check();
	}
	for id in [BTC, ETH] {
		for side in Side::BOTH {
			Margin::set_waiting(id, side, false);
		}
	}
}

/// Look at everybody: who is unhealthy must be queued.
fn nobody_is_missed() {
	for (owner, sub, _) in Accounts::<Test>::iter().collect::<Vec<_>>() {
		let account = Margin::current(&MarginAccount::new(owner, sub)).expect("fits");
		let standing: Standing = Margin::standing(&account).expect("fits");
		if account.place != Place::Queued {
			assert!(!standing.health.is_negative(), "{owner} was missed: {account:?}");
		}
	}
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(48))]

	#[test]
	fn nobody_is_missed_and_nothing_is_lost(steps in prop::collection::vec(step(), 1..120)) {
		build(|| {
			let mut paying = params();
			paying.interest = keel_math::FundingRate(4_000_000);
			Margin::set_market_params(RuntimeOrigin::root(), BTC, paying).unwrap();
			deposit(ALICE, 900_000);
			for who in 10..16 {
				deposit(who, 20_000);
			}
			for step in steps {
				apply(step);
				check();
				next_block();
				nobody_is_missed();
			}
		});
	}
}
