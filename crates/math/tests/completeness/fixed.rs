// SPDX-License-Identifier: Apache-2.0
//! Ends of generations, once each, with numbers that can be followed by hand.

use crate::{
	rng::Rng,
	world::{Account, Cause, Market, Place, Position, World},
};
use keel_math::{book::ROUNDINGS, Book, Generation, Units, I256};
use keel_primitives::{Price, Quote, Ratio, Side};

const ONE: Units = Units(1_000_000_000);

/// One market at 1,000 dollars with 5 % maintenance, and accounts with so many dollars.
fn world(dollars: &[i64]) -> World {
	let accounts = dollars.iter().map(|cash| Account { cash: Quote::dollars(*cash), ..Account::default() });
	let accounts: Vec<Account> = accounts.collect();
	World {
		markets: vec![Market::new(Price::dollars(1_000), Ratio::percent(5), 1)],
		outside: accounts.iter().map(|account| account.cash.0).sum(),
		accounts,
		..World::default()
	}
}

impl World {
	fn opens(&mut self, who: usize, side: Side, units: Units) {
		let opened = self.touch(who, Cause::Touched(Some(0)), |world, account| {
			let market = &mut world.markets[0];
			account.cash.0 += market.book.open(side, units, market.mark)?.0;
			let generation = market.book.side(side).generation;
			account.positions.push(Position { market: 0, side, units, generation, key: None });
			Ok(())
		});
		assert_eq!(opened, Ok(()));
		assert_eq!(self.accounts[who].place, Place::Filed);
	}

	fn price_is(&mut self, dollars: u32) {
		for side in Side::BOTH {
			let market = &mut self.markets[0];
			market.book.set_reference(side, market.mark).expect("within bounds");
		}
		self.markets[0].mark = Price::dollars(dollars);
	}

	/// Close the position of a bankrupt account and lay what it lacks on the other side.
	fn closes_bankrupt(&mut self, who: usize) {
		assert!(self.standing(&self.accounts[who]).expect("within bounds").equity.is_negative());
		assert_eq!(self.accounts[who].place, Place::Queued);
		// A seed with which no fund pays.
		self.liquidate(who, &mut Rng::new(1), true).expect("within bounds");
		assert_eq!(self.accounts[who].cash, Quote::ZERO);
	}

	fn walk(&mut self) {
		self.check_found(false);
		let mut weight = u64::MAX;
		assert_eq!(self.judge_fired(0, &mut weight), Ok(true));
		self.check_found(true);
		self.check();
		assert!(self.broken.is_empty(), "{:?}", self.broken);
	}
}

/// Alice's long of two is all there is on her side. At 900 she lacks 100, and with her goes the whole of the
/// shorts' side: Bob and Carol are judged at its last level, with their parts of the loss in it.
#[test]
fn holders_of_a_closed_generation_are_judged_at_its_last_level() {
	let mut world = world(&[100, 60, 500]);
	world.opens(0, Side::Long, Units(2 * ONE.0));
	world.opens(1, Side::Short, ONE);
	world.opens(2, Side::Short, ONE);
	// Bob has spent all but 10 dollars beyond what he gains: at the level before the loss he would be fine.
	world.price_is(900);
	world.walk();
	let bob = world.standing(&world.accounts[1]).expect("within bounds");
	assert_eq!(bob.equity().expect("fits"), Quote::dollars(160));

	world.closes_bankrupt(0);
	let ended = world.markets[0].ended[&(Side::Short, Generation(0))];
	assert!(ended.is_closed_out());
	// 900 that is still owed for each, and half of the 100 that Alice lacks.
	assert_eq!(ended.quote.0, 950 * 10_i128.pow(27));
	assert_eq!(world.accounts[1].positions[0].generation, Generation(0), "not settled yet");
	let bob = world.standing(&world.accounts[1]).expect("within bounds");
	assert_eq!(bob.equity, I256::from(Quote::dollars(110)), "judged at the last level");

	world.walk();
	assert_eq!(world.accounts[1].cash, Quote::dollars(110));
	assert_eq!(world.accounts[2].cash, Quote::dollars(550));
	assert_eq!((world.accounts[1].place, world.markets[0].book.paid_in), (Place::Idle, Quote::ZERO));
}

/// A loss on the claims of a side that was closed out can leave a holder with less than nothing, when he owed
/// before: he is found at the last level, though he has no position that could be closed.
#[test]
fn a_holder_whom_the_last_level_makes_bankrupt_is_found() {
	let mut world = world(&[100, 60, 500]);
	world.opens(0, Side::Long, Units(2 * ONE.0));
	world.opens(1, Side::Short, ONE);
	world.opens(2, Side::Short, ONE);
	world.price_is(900);
	world.walk();
	// Bob takes out what his gain lets him: 10 dollars are left above nothing.
	let out = world.touch(1, Cause::Touched(None), |_, account| {
		account.cash.0 -= Quote::dollars(115).0;
		Ok(())
	});
	assert_eq!((out, world.accounts[1].place), (Ok(()), Place::Filed));
	world.outside -= Quote::dollars(115).0;

	world.closes_bankrupt(0);
	world.check_found(false);
	assert!(world.broken.is_empty(), "{:?}", world.broken);
	world.walk();
	assert_eq!(world.accounts[1].cash, Quote::dollars(-5));
	assert_eq!(world.accounts[1].place, Place::Queued, "a debt is unhealthy");
}

/// All but a ten-millionth of the longs go: the shorts' side is re-based. What is laid on it is laid on the
/// positions, for the two units that are left of them are too few to tell three holders apart.
#[test]
fn a_loss_on_a_side_that_was_rebased_is_borne_by_the_positions_themselves() {
	let mut world = world(&[300, 1_000, 1_000, 1_000, 1]);
	world.opens(0, Side::Long, Units(3 * ONE.0));
	world.opens(4, Side::Long, Units(2));
	world.opens(1, Side::Short, Units(ONE.0 + 2));
	world.opens(2, Side::Short, ONE);
	world.opens(3, Side::Short, ONE);
	world.price_is(800);
	world.walk();
	world.closes_bankrupt(0);
	let market = &world.markets[0];
	let ended = market.ended[&(Side::Short, Generation(0))];
	assert!(!ended.is_closed_out() && ended.reserved == market.book.short.units);
	assert!(ended.reserved.0 <= 2);
	// 300 that Alice lacks, of 600 that they gained: 100 each.
	for who in 1..4 {
		let equity = world.standing(&world.accounts[who]).and_then(|standing| standing.equity());
		let off = equity.expect("fits").0 - Quote::dollars(1_100).0;
		assert!((-3..=0).contains(&off), "account {who} is off by {off}");
	}
	let house = world.house(0);
	world.walk();
	for who in 1..4 {
		let off = world.accounts[who].cash.0 - Quote::dollars(1_100).0;
		assert!((-3..=0).contains(&off), "account {who} is off by {off}");
	}
	// What nobody got of the two units the house owes now: 2e-9 of 800 dollars.
	assert!(world.house(0) >= house - 2 * 800 * num_bigint::BigInt::from(10).pow(45));
}

/// A side is re-based so far that its reference leaves the range: the positions themselves know what they have
/// gained, and what is not known to have been gained is not to be borne.
#[test]
fn a_side_whose_reference_left_the_range_bears_nothing() {
	let mut book = Book::default();
	let (mark, all) = (Price::dollars(101_000), Units(1_000_000_000 * ONE.0));
	for side in Side::BOTH {
		book.open(side, all, Price::dollars(100_000)).expect("within bounds");
	}
	let scaled = book.deleverage(Side::Short, Units(all.0 - 1_000), mark).expect("within bounds");
	let ended = scaled.ended.expect("under the floor");
	assert!(!ended.is_closed_out() && ended.is_alone(book.long.units));
	assert_eq!(book.bearable(Side::Long, mark), Ok(Quote::ZERO));
	let next = book.long.level(Side::Long, mark, Ratio::ZERO).expect("within bounds");
	let gained = ended.bearable_at(Side::Long, next).expect("within bounds");
	let off = gained.0 - Quote::dollars(1_000_000_000_000).0 - ROUNDINGS.0;
	assert!((-1_000..=0).contains(&off), "off by {off}");
}

/// The only short has left against the house's rounding: a loss of the longs meets an empty side.
#[test]
fn a_loss_that_meets_an_empty_side_is_the_markets_debt() {
	let mut world = world(&[100, 500]);
	world.opens(0, Side::Long, ONE);
	world.opens(1, Side::Short, ONE);
	world.price_is(850);
	world.walk();
	let before = world.markets[0].book;
	world.socialise(0, Side::Long, Quote::dollars(5)).expect("within bounds");
	assert_eq!(world.markets[0].book.debt, Quote::dollars(5), "longs have not gained");
	assert_eq!(world.markets[0].book.long, before.long);
	world.markets[0].book = before;

	world.closes_bankrupt(0);
	world.walk();
	assert_eq!(world.markets[0].book.debt, Quote::ZERO);
	assert_eq!(world.accounts[1].cash, Quote::dollars(600));
	// Nobody is left: what comes now is owed by the market, and its equations hold.
	world.accounts[0].cash.0 -= Quote::dollars(7).0;
	world.socialise(0, Side::Short, Quote::dollars(7)).expect("within bounds");
	world.accounts[0].cash.0 += 2 * Quote::dollars(7).0;
	assert_eq!(world.markets[0].book.debt, Quote::dollars(7));
	world.walk();
}
