// SPDX-License-Identifier: Apache-2.0
//! The accounts that a replay begins with. Everybody comes by the calls by which people come: a deposit, and block
//! trades at the mark.

use std::{
	collections::{BTreeMap, BTreeSet},
	fmt,
	str::FromStr,
};

use frame_support::traits::fungible::Mutate;
use keel_math::units::notional;
use keel_primitives::{MarketId, Price, Quote, Ratio, Side, Size, SubAccount};
use keel_runtime::{configs::assets::Usdk, AccountId, Margin, Runtime, RuntimeOrigin, System};
use sp_crypto_hashing::blake2_256;
use sp_runtime::DispatchError;

use crate::{random::Random, wrong::Wrong};

const MAIN: SubAccount = SubAccount(0);
/// How many block trades are made in a block.
pub const TRADES_A_BLOCK: usize = 100;
/// The most accounts of a book.
pub const ACCOUNTS_MAX: u32 = 1_000_000;

/// With how much leverage people open: a leverage, and the percent of accounts that have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mix(pub Vec<(u32, u32)>);

impl FromStr for Mix {
	type Err = Wrong;

	fn from_str(text: &str) -> Result<Self, Wrong> {
		let help = "Write leverage:percent pairs whose percents sum to 100, like 2:50,5:30,10:20.";
		let wrong = |what: String| Wrong::new(format!("the leverage mix `{text}` {what}"), help);
		let mut parts = Vec::new();
		for part in text.split(',') {
			let numbers = part.split_once(':').and_then(|(leverage, percent)| {
				Some((leverage.trim().parse().ok()?, percent.trim().parse().ok()?))
			});
			let Some((leverage, percent)) = numbers else {
				return Err(wrong(format!("has `{part}`, which is no pair of whole numbers")));
			};
			if leverage == 0 || leverage > 1_000 {
				return Err(wrong(format!("has leverage {leverage}, which is not between 1 and 1000")));
			}
			parts.push((leverage, percent));
		}
		let sum: u64 = parts.iter().map(|(_, percent)| u64::from(*percent)).sum();
		if sum != 100 {
			return Err(wrong(format!("sums to {sum} percent")));
		}
		Ok(Self(parts))
	}
}

impl fmt::Display for Mix {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let parts: Vec<_> =
			self.0.iter().map(|(leverage, percent)| format!("{leverage}:{percent}")).collect();
		write!(f, "{}", parts.join(","))
	}
}

impl Mix {
	fn draw(&self, random: &mut Random) -> u32 {
		let mut drawn = random.below(100);
		for (leverage, percent) in &self.0 {
			if drawn < *percent {
				return *leverage;
			}
			drawn -= percent;
		}
		1
	}
}

/// What a position is worth when it is opened: from so many to so many dollars. Small ones are more frequent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
	/// The least.
	pub least: u32,
	/// The most.
	pub most: u32,
}

impl FromStr for Sizes {
	type Err = Wrong;

	fn from_str(text: &str) -> Result<Self, Wrong> {
		let numbers =
			text.split_once("..").and_then(|(least, most)| Some((least.parse().ok()?, most.parse().ok()?)));
		match numbers {
			Some((least, most)) if least >= 100 && least <= most && most <= 100_000_000 => {
				Ok(Self { least, most })
			}
			_ => Err(Wrong::new(
				format!("the sizes `{text}` are no range"),
				"Write whole dollars like 1000..50000: at least 100, at most 100000000, the smaller first.",
			)),
		}
	}
}

impl Sizes {
	/// The cube of a uniform number between them: half of all are in the lowest eighth.
	fn draw(&self, random: &mut Random) -> u128 {
		let uniform = u128::from(random.below(1_001));
		u128::from(self.least) + u128::from(self.most - self.least) * uniform.pow(3) / 1_000_000_000
	}
}

/// Which accounts are opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
	/// How many.
	pub accounts: u32,
	/// With how much leverage.
	pub mix: Mix,
	/// What their positions are worth.
	pub sizes: Sizes,
	/// How many percent of them are long. Both sides are worth the same: the fewer have more each.
	pub longs: u32,
	/// What chance begins with.
	pub seed: u64,
}

/// A market of the book.
#[derive(Clone, Copy, Debug)]
pub struct Place {
	/// The market.
	pub market: MarketId,
	/// The mark, in whole ticks.
	pub price: Price,
	/// What sizes are multiples of.
	pub lot: Size,
	/// The most leverage that it allows the smallest position.
	pub leverage_max: u32,
}

/// Somebody of the book.
#[derive(Clone, Debug)]
pub struct Person {
	/// His account.
	pub who: AccountId,
	/// Where he trades.
	pub market: MarketId,
	/// His side.
	pub side: Side,
	/// His leverage.
	pub leverage: u32,
}

/// A block trade.
#[derive(Clone, Copy, Debug)]
struct Trade {
	place: Place,
	long: usize,
	short: usize,
	size: Size,
}

/// The book, and how much of it is open.
pub struct Book {
	/// Everybody.
	pub people: Vec<Person>,
	/// What everybody has deposited.
	pub deposited: Quote,
	/// What is open on a side, by market, at the opening price.
	pub open: BTreeMap<MarketId, Quote>,
	trades: Vec<Trade>,
	done: usize,
}

impl Book {
	/// Who comes and what he will do; nothing has happened.
	pub fn draw(plan: &Plan, places: &[Place]) -> Result<Self, Wrong> {
		let markets = u32::try_from(places.len()).unwrap_or(u32::MAX);
		if plan.accounts < 2 * markets || plan.accounts > ACCOUNTS_MAX {
			return Err(Wrong::new(
				format!("a book of {} accounts cannot be opened", plan.accounts),
				format!(
					"Ask for at least {} (a long and a short a market), at most {ACCOUNTS_MAX}.",
					2 * markets
				),
			));
		}
		let most = places.iter().map(|place| place.leverage_max).max().unwrap_or_default();
		if let Some((leverage, _)) =
			plan.mix.0.iter().find(|(leverage, percent)| *leverage > most && *percent > 0)
		{
			return Err(Wrong::new(
				format!("no market here allows a leverage of {leverage}"),
				format!("Write at most {most}: one over the initial margin rate."),
			));
		}
		let mut random = Random::new(plan.seed);
		let mut book = Self {
			people: Vec::new(),
			deposited: Quote::ZERO,
			open: BTreeMap::new(),
			trades: Vec::new(),
			done: 0,
		};
		for (index, place) in (0..).zip(places) {
			let here = plan.accounts / markets + u32::from(index < plan.accounts % markets);
			book.draw_market(plan, *place, here, &mut random)?;
		}
		Ok(book)
	}

	fn draw_market(
		&mut self,
		plan: &Plan,
		place: Place,
		here: u32,
		random: &mut Random,
	) -> Result<(), Wrong> {
		let longs = (here * plan.longs / 100).clamp(1, here - 1);
		let first = self.people.len();
		for index in 0..here {
			let number = self.people.len();
			self.people.push(Person {
				who: blake2_256(format!("{} {number}", plan.seed).as_bytes()).into(),
				market: place.market,
				side: if index < longs { Side::Long } else { Side::Short },
				leverage: plan.mix.draw(random).min(place.leverage_max),
			});
		}
		let (longs, all) = (longs as usize, here as usize);
		let shorts = all - longs;
		// Everybody of the larger side trades once, with the others in turn.
		for index in 0..longs.max(shorts) {
			let dollars = plan.sizes.draw(random) * Price::ONE.0;
			// At most 1e8 dollars: the product is below 2^117.
			let size = Size(dollars * Size::ONE.0 / place.price.0 / place.lot.0 * place.lot.0);
			if size.is_zero() {
				return Err(Wrong::new(
					format!("a position of {} dollars is less than a lot", plan.sizes.least),
					"Ask for larger --sizes.",
				));
			}
			let (long, short) = (first + index % longs, first + longs + index % shorts);
			self.trades.push(Trade { place, long, short, size });
		}
		Ok(())
	}

	/// How many trades are still to be made.
	pub fn left(&self) -> usize {
		self.trades.len() - self.done
	}

	/// Make the next trades, within a block of the chain: nobody trades twice in it, as nobody may.
	pub fn trade_on(&mut self) -> Result<(), Wrong> {
		for _ in 0..self.next_alone() {
			self.make(self.trades[self.done])?;
			self.done += 1;
		}
		Ok(())
	}

	/// How many of the next trades go into one block: those before somebody comes again.
	fn next_alone(&self) -> usize {
		let mut seen = BTreeSet::new();
		let next = self.trades[self.done..].iter().take(TRADES_A_BLOCK);
		next.take_while(|trade| seen.insert(trade.long) & seen.insert(trade.short)).count()
	}

	fn make(&mut self, trade: Trade) -> Result<(), Wrong> {
		let Trade { place, long, short, size } = trade;
		let worth = notional(size, place.price).map_err(|_| {
			Wrong::new("a position is larger than can be counted", "Ask for smaller --sizes.")
		})?;
		for index in [long, short] {
			let person = self.people[index].clone();
			let refused = |error| refused(&person, worth, error);
			// Exactly the leverage, or less by what rounding may ask for.
			let amount = Quote(worth.0 / i128::from(person.leverage) + 10);
			Usdk::mint_into(&person.who, amount.0.unsigned_abs()).map_err(refused)?;
			Margin::deposit(RuntimeOrigin::signed(person.who.clone()), MAIN, amount).map_err(refused)?;
			self.deposited.0 += amount.0;
		}
		let (buyer, seller) = (&self.people[long], &self.people[short]);
		let (by, taker) = (RuntimeOrigin::signed(buyer.who.clone()), Some(seller.who.clone()));
		let expires = System::block_number();
		Margin::offer_trade(by, MAIN, place.market, Side::Long, size, place.price, expires, taker)
			.map_err(|error| refused(buyer, worth, error))?;
		let offer = keel_margin::OfferIds::<Runtime>::get().next - 1;
		Margin::accept_trade(RuntimeOrigin::signed(seller.who.clone()), offer, MAIN)
			.map_err(|error| refused(seller, worth, error))?;
		self.open.entry(place.market).or_default().0 += worth.0;
		Ok(())
	}

	/// The maintenance rate of everybody's position, by what the chain says.
	pub fn rates(&self) -> BTreeMap<AccountId, Ratio> {
		let rate = |person: &Person| {
			let account = keel_margin::Accounts::<Runtime>::get(&person.who, MAIN);
			let (_, position) = account.find(person.market)?;
			let market = keel_margin::Markets::<Runtime>::get(person.market)?;
			Some((person.who.clone(), market.maintenance_rate(position.tier)))
		};
		self.people.iter().filter_map(rate).collect()
	}
}

fn refused(person: &Person, worth: Quote, error: DispatchError) -> Wrong {
	let name: &'static str = error.into();
	Wrong::new(
		format!(
			"the book cannot be opened: the exchange refuses a position of {} dollars at leverage {} with `{name}`",
			worth.0 / Quote::ONE.0,
			person.leverage
		),
		"Ask for fewer --accounts, smaller --sizes or less leverage: initial margin rises with size and open interest.",
	)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_mix_that_does_not_sum_is_told() {
		let mix = |text: &str| text.parse::<Mix>();
		assert_eq!(mix("2:50,5:30,10:20"), Ok(Mix(vec![(2, 50), (5, 30), (10, 20)])));
		for (text, what) in [
			("2:50,5:30", "sums to 80 percent"),
			("2:50,5:60", "sums to 110 percent"),
			("2", "has `2`, which is no pair"),
			("2:x", "has `2:x`"),
			("0:100", "leverage 0"),
			("", "has ``"),
		] {
			let wrong = mix(text).expect_err("it is wrong");
			assert!(wrong.what.contains(what) && wrong.help.contains("2:50,5:30,10:20"), "{wrong}");
		}
	}

	#[test]
	fn sizes_that_are_no_range_are_told() {
		assert_eq!("1000..50000".parse(), Ok(Sizes { least: 1_000, most: 50_000 }));
		for text in ["", "1000", "50000..1000", "1..2", "a..b", "-5..10"] {
			assert!(text.parse::<Sizes>().expect_err("no range").help.contains("1000..50000"), "{text}");
		}
	}

	fn place(market: u32) -> Place {
		Place {
			market: MarketId(market),
			price: Price::dollars(8_000),
			lot: Size(1_000_000),
			leverage_max: 20,
		}
	}

	fn plan(accounts: u32, mix: &str, longs: u32) -> Plan {
		let sizes = Sizes { least: 1_000, most: 50_000 };
		Plan { accounts, mix: mix.parse().expect("a mix"), sizes, longs, seed: 1 }
	}

	#[test]
	fn everybody_of_the_larger_side_trades_once_and_all_of_the_other_do() {
		let book = Book::draw(&plan(101, "2:50,5:30,10:20", 80), &[place(0), place(1)]).expect("a book");
		assert_eq!(book.people.len(), 101);
		for market in [MarketId(0), MarketId(1)] {
			let of = |side| book.people.iter().filter(|p| p.market == market && p.side == side).count();
			let trades: Vec<_> = book.trades.iter().filter(|trade| trade.place.market == market).collect();
			assert_eq!(trades.len(), of(Side::Long));
			let shorts: std::collections::BTreeSet<_> = trades.iter().map(|trade| trade.short).collect();
			assert_eq!(shorts.len(), of(Side::Short));
			assert!(trades.iter().all(|trade| book.people[trade.long].side == Side::Long));
		}
		let again = Book::draw(&plan(101, "2:50,5:30,10:20", 80), &[place(0), place(1)]).expect("a book");
		assert!(book.trades.iter().zip(&again.trades).all(|(a, b)| a.size == b.size), "the same seed");
	}

	#[test]
	fn nobody_trades_twice_in_a_block() {
		// Three shorts for seven longs: the fourth long finds the first short again.
		let mut book = Book::draw(&plan(10, "2:100", 70), &[place(0)]).expect("a book");
		let mut blocks = Vec::new();
		while book.left() > 0 {
			blocks.push(book.next_alone());
			book.done += book.next_alone();
		}
		assert_eq!(blocks, [3, 3, 1]);
	}

	#[test]
	fn a_book_that_no_market_allows_is_told() {
		let Err(wrong) = Book::draw(&plan(100, "25:100", 50), &[place(0)]) else { panic!("25 is too much") };
		assert!(wrong.what.contains("leverage of 25") && wrong.help.contains("at most 20"), "{wrong}");
		assert!(Book::draw(&plan(3, "2:100", 50), &[place(0), place(1)]).is_err());
		assert!(Book::draw(&plan(100, "25:0,2:100", 50), &[place(0)]).is_ok(), "nobody has 25");
	}
}
