// SPDX-License-Identifier: Apache-2.0
//! Who trades. Everybody comes by the calls by which people come: a deposit, and block trades at the mark.

use std::time::Instant;

use frame_support::traits::fungible::Mutate;
use keel_primitives::{MarginAccount, MarketId, Price, Quote, Side, Size, SubAccount};
use keel_runtime::{configs::assets::Usdk, AccountId, Margin, Runtime, RuntimeOrigin, System};
use keel_sim::{chain::Chain, random::Random};
use sp_crypto_hashing::blake2_256;
use sp_runtime::DispatchResult;

use crate::blocks::{self, moved, PRICE};

const MAIN: SubAccount = SubAccount(0);
/// How many markets there are.
pub const MARKETS: u32 = 8;
/// A position of the crowd: fifty dollars, or what lots make of it.
const SMALL: Size = Size(Size::ONE.0 / 20);
/// How many of the crowd come in a block. A chain takes fewer; what they leave behind is the same.
const PER_BLOCK: u32 = 20_000;

/// Dollars that those have who are the first to become unhealthy when the first market falls, each with a long
/// position of a thousand dollars: one is the first, nine are the next, and ninety.
const WEAK: [(u32, i64); 3] = [(1, 100), (9, 110), (90, 120)];

/// Whether the weak have the same keys in the trigger book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
	/// They have a few cents more, one after the other.
	Different,
	/// Nine share a key, and ninety.
	Shared,
}

/// By how many parts per million the first market falls until so many of the weak are unhealthy.
pub const FALLS: [(usize, i64); 4] = [(0, -50_000), (1, -74_000), (10, -84_500), (100, -96_000)];

/// A key like those that wallets make.
pub fn person(name: &str, index: u32) -> AccountId {
	blake2_256(format!("{name} {index}").as_bytes()).into()
}

/// The main margin account of somebody.
pub fn main_account(who: &AccountId) -> MarginAccount<AccountId> {
	MarginAccount::main(who.clone())
}

/// Somebody comes with dollars and puts them all into a margin account.
pub fn come(who: &AccountId, dollars: i64) {
	come_with(who, Quote::dollars(dollars));
}

fn come_with(who: &AccountId, amount: Quote) {
	Usdk::mint_into(who, u128::try_from(amount.0).expect("it is not negative")).expect("it can be minted");
	Margin::deposit(RuntimeOrigin::signed(who.clone()), MAIN, amount).expect("the dollars are there");
}

/// A block trade at the mark.
pub fn trade(long: &AccountId, short: &AccountId, market: MarketId, size: Size) -> DispatchResult {
	let price = mark(market);
	let expires = System::block_number();
	let (by, taker) = (RuntimeOrigin::signed(long.clone()), Some(short.clone()));
	Margin::offer_trade(by, MAIN, market, Side::Long, size, price, expires, taker)?;
	let offer = keel_margin::OfferIds::<Runtime>::get().next - 1;
	Margin::accept_trade(RuntimeOrigin::signed(short.clone()), offer, MAIN)
}

/// The mark price, in the whole cents that trades are made at.
pub fn mark(market: MarketId) -> Price {
	moved(keel_margin::Markets::<Runtime>::get(market).expect("it is listed").mark, 0)
}

/// A chain with open accounts, to which more can come.
pub struct Crowd {
	pub chain: Chain,
	accounts: u32,
	random: Random,
}

impl Crowd {
	/// The weak alone, against one who is rich.
	pub fn new(keys: Keys) -> Self {
		let mut chain = Chain::genesis();
		chain.act(|| {
			blocks::open_markets(MARKETS);
			let rich = person("rich", 0);
			come(&rich, 10_000_000);
			for (group, (count, dollars)) in (0..).zip(WEAK) {
				for index in 0..count {
					let weak = person("weak", 100 * group + index);
					let cents = if keys == Keys::Different { 2 * i128::from(index) } else { 0 };
					come_with(&weak, Quote(Quote::dollars(dollars).0 + cents * Quote::ONE.0 / 100));
					trade(&weak, &rich, MarketId(0), Size::ONE).expect("both have margin");
				}
			}
		});
		let accounts = WEAK.iter().map(|(count, _)| count).sum::<u32>() + 1;
		Self { chain, accounts, random: Random::new(3) }
	}

	/// Let people come in pairs, one long where the other is short, until there are `count` accounts.
	///
	/// Of eight pairs four have one position each, two have two, two have four: half as much margin as notional
	/// or more, so that a fall by a tenth is nothing to them. Prices move by up to one percent meanwhile.
	pub fn grow_to(&mut self, count: u32) {
		let (start, before) = (Instant::now(), self.accounts);
		for block in 1_u32.. {
			if self.accounts >= count {
				break;
			}
			let pairs = PER_BLOCK.min(count - self.accounts).div_ceil(2);
			let first = self.accounts;
			let part = self.random.between(-10_000, 10_000);
			self.chain.act(|| {
				blocks::begin();
				blocks::hooks();
				for pair in 0..pairs {
					join(first + 2 * pair);
				}
				clear_away();
				blocks::report(|_| moved(PRICE, part));
			});
			self.accounts += 2 * pairs;
			if block.is_multiple_of(5) {
				self.chain.prune();
			}
			eprint!("\rbench: {} of {} accounts, {} s ", self.accounts, count, start.elapsed().as_secs());
		}
		// Prices are back, and what was asked for is done.
		for _ in 0..4 {
			self.chain.act(|| blocks::pass(|_| PRICE));
		}
		self.chain.prune();
		eprintln!("\rbench: {} accounts came in {} s", self.accounts - before, start.elapsed().as_secs());
	}

	/// How many margin accounts are open.
	pub const fn accounts(&self) -> u32 {
		self.accounts
	}
}

/// A long and a short.
fn join(index: u32) {
	let (long, short) = (person("crowd", index), person("crowd", index + 1));
	let pair = index / 2;
	let positions = [1, 1, 2, 4][(pair % 4) as usize];
	// Half the notional of its positions to three times as much.
	let dollars = i64::from(25 * positions * (1 + pair / 4 % 6));
	come(&long, dollars);
	come(&short, dollars);
	for turn in 0..positions {
		let market = MarketId((pair / 24 + turn) % MARKETS);
		let (buyer, seller) = if turn % 2 == 0 { (&long, &short) } else { (&short, &long) };
		trade(buyer, seller, market, SMALL).expect("both have margin");
	}
}

/// Many more came in the block than a block takes. Clear away at once what a block clears away for as many as it
/// takes: that their deposits had priority, and the numbers of offers that were taken.
fn clear_away() {
	let _ = keel_margin::UrgentCalls::<Runtime>::clear(u32::MAX, None);
	keel_margin::OfferIds::<Runtime>::mutate(|ids| ids.first = ids.next);
}
