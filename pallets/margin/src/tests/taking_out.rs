// SPDX-License-Identifier: Apache-2.0
//! Nobody takes out in a block, by any mix of block trades, transfers and withdrawals, more than the rule of
//! withdrawals lets out: neither an account, nor its other accounts, nor its accomplices.
//!
//! Four owners with two accounts each do what they like to each other in one block, at prices within the band. Afterwards
//! - what was paid out was in accounts without positions when the block began;
//! - whoever had a position in a market that pays nothing out has lost nothing of his equity;
//! - anybody else has as much equity as before, or at least what a withdrawal leaves behind for the least position that
//!   the account had in between.
//!
//! A position that is handed on at mark leaves the account that had it: its least position is nothing. That is no hole
//! of these checks but what no rule of prices sees (MA-34).

use super::rng::Rng;
use crate::{mock::*, *};
use frame_support::storage::with_storage_layer;
use keel_primitives::*;
use sp_runtime::DispatchResult;
use std::collections::BTreeMap;

type Who = MarginAccount<AccountId>;

/// Somebody who trades at mark only.
const HONEST: AccountId = 5;
const SEQUENCES: u64 = 200;
const COMMANDS: u64 = 24;
/// What two hundred roundings may take, in 1e-6 dollars.
const ROUNDING: i128 = 200;

fn everybody() -> impl Iterator<Item = Who> {
	(ALICE..=DAVE).flat_map(|owner| (0..2).map(move |sub| Who::new(owner, SubAccount(sub))))
}

fn block_trade(buyer: Who, seller: Who, market: MarketId, size: Size, price: Price) -> DispatchResult {
	let (expires, taker) = (System::block_number() + 1, Some(seller.owner));
	with_storage_layer(|| {
		let offered = signed(buyer.owner);
		Margin::offer_trade(offered, buyer.sub, market, Side::Long, size, price, expires, taker)?;
		Margin::accept_trade(signed(seller.owner), OfferIds::<Test>::get().next - 1, seller.sub)
	})
}

fn equity(who: &Who) -> i128 {
	Margin::account_view(*who).map_or(0, |view| view.equity.0)
}

fn balances() -> u128 {
	(ALICE..=DAVE).map(Usdk::free_balance).sum()
}

/// What a withdrawal leaves behind for what an account holds: a tenth of it.
fn left_behind(who: &Who) -> i128 {
	Margin::account_view(*who)
		.map_or(0, |view| view.positions.iter().map(|position| position.notional.0 / 10).sum())
}

fn stored(who: &Who) -> Account<Test> {
	Accounts::<Test>::get(who.owner, who.sub)
}

/// Everybody has something, some hold something, and perhaps ether is halted.
fn set_the_stage(rng: &mut Rng) -> bool {
	deposit(HONEST, 900_000);
	for sub in (0..2).map(SubAccount) {
		next_block();
		for owner in ALICE..=DAVE {
			let amount = Quote::dollars(rng.between(500, 20_000) as i64);
			Margin::deposit(signed(owner), sub, amount).expect("they are rich");
		}
	}
	// In some blocks nearly everybody holds something: then there is little that is paid at once.
	let few = rng.between(2, 9);
	for who in everybody().collect::<Vec<_>>() {
		for market in [BTC, ETH] {
			if rng.below(10) >= few {
				continue;
			}
			let honest = Who::main(HONEST);
			let size = part_of(&who, market, rng.between(1, 10) as u128);
			let (buyer, seller) = if rng.one_in(2) { (who, honest) } else { (honest, who) };
			let _ = block_trade(buyer, seller, market, size, crate::mock::market(market).mark);
		}
	}
	let halts = rng.one_in(2);
	if halts {
		status(ETH, MarketStatus::Halted);
		set_price(feed(ETH), Price::dollars(2_000), PriceState::Stale);
	}
	next_block();
	next_block();
	halts
}

/// Some tenths of what an account's equity carries at 5 %, in whole lots.
fn part_of(who: &Who, market: MarketId, tenths: u128) -> Size {
	let mark = crate::mock::market(market).mark.0 / Price::ONE.0;
	let dollars = equity(who).max(0).unsigned_abs() / 1_000_000;
	Size(dollars * 20 * tenths / 10 * Size::ONE.0 / mark / 1_000 * 1_000)
}

/// A trade that may be turned round.
struct Traded(Who, Who, MarketId, Size);

fn command(rng: &mut Rng, last: &mut Option<Traded>) -> String {
	let all: Vec<Who> = everybody().collect();
	let (a, b) = (all[rng.index(all.len())], all[rng.index(all.len())]);
	match rng.below(8) {
		0 => {
			let free = Margin::account_view(a).map_or(0, |view| view.free_collateral.0.max(0));
			let amount = Quote([free, free / 2, 100_000_000][rng.index(3)]);
			let paid = with_storage_layer(|| Margin::withdraw(signed(a.owner), a.sub, amount));
			format!("{a:?} withdraws {amount:?}: {:?}", paid.is_ok())
		}
		1 => {
			let free = Margin::account_view(a).map_or(0, |view| view.free_collateral.0.max(0));
			let amount = Quote([free, free / 3][rng.index(2)]);
			let to = SubAccount(1 - a.sub.0);
			let moved = with_storage_layer(|| Margin::transfer(signed(a.owner), a.sub, to, amount));
			format!("{a:?} transfers {amount:?}: {:?}", moved.is_ok())
		}
		kind => {
			let (buyer, seller, market, size) = match last.take() {
				Some(Traded(buyer, seller, market, size)) if kind < 6 => (seller, buyer, market, size),
				_ => {
					let market = [BTC, BTC, ETH][rng.index(3)];
					let tenths = [10, 8, 6, 4, 2, 1][rng.index(6)];
					let held = stored(&a).find(market).and_then(|(_, position)| {
						let book = crate::mock::market(market).book;
						keel_math::units::size_of(position.units, book.side(position.side).scale).ok()
					});
					// What is held may be handed on, also whole.
					match held.filter(|_| rng.one_in(2)) {
						Some(size) => (b, a, market, size),
						None => (a, b, market, part_of(&a, market, tenths)),
					}
				}
			};
			let mark = crate::mock::market(market).mark.0;
			let price = Price([mark, mark / 100 * 98, mark / 100 * 102][rng.index(3)]);
			let traded = block_trade(buyer, seller, market, size, price);
			if traded.is_ok() {
				*last = Some(Traded(buyer, seller, market, size));
			}
			format!("{buyer:?} buys {size:?} of {market:?} from {seller:?} at {price:?}: {traded:?}")
		}
	}
}

/// One block of them all. Returns how many trades and payments went, or what was taken out.
fn play(seed: u64, old: Option<OldRule>) -> Result<u64, String> {
	let mut outcome = Ok(0);
	build_without_check(|| {
		let mut rng = Rng::new(seed);
		let halted = set_the_stage(&mut rng).then_some(ETH);
		world(|world| world.old_rule = old);
		let before: BTreeMap<Who, (i128, bool)> = everybody()
			.map(|who| {
				let locked = stored(&who).positions.iter().any(|position| Some(position.market) == halted);
				(who, (equity(&who), locked))
			})
			.collect();
		let idle: i128 = everybody()
			.map(|who| stored(&who))
			.filter(|account| account.positions.is_empty())
			.map(|account| account.cash.0)
			.sum();
		let outside = balances();
		let mut least: BTreeMap<Who, i128> = everybody().map(|who| (who, left_behind(&who))).collect();
		let (mut log, mut done, mut last) = (Vec::new(), 0, None);
		for _ in 0..COMMANDS {
			let line = command(&mut rng, &mut last);
			done += u64::from(line.ends_with(": true") || line.ends_with("Ok(())"));
			log.push(line);
			for (who, least) in &mut least {
				*least = left_behind(who).min(*least);
			}
		}
		check();
		let paid = (balances() - outside) as i128;
		let mut found = (paid > idle).then(|| format!("{paid} were paid out of {idle}"));
		for (who, (had, locked)) in before {
			let (has, kept) = (equity(&who) + ROUNDING, least[&who]);
			let is_due = has >= had || (!locked && has >= kept);
			if !is_due {
				found = Some(format!("{who:?} had {had}, has {has}, must leave {kept}, locked {locked}"));
			}
		}
		outcome = found.map_or(Ok(done), |what| Err(format!("seed {seed}: {what}\n{}", log.join("\n"))));
	});
	outcome
}

#[test]
fn nobody_takes_out_more_in_a_block_than_a_withdrawal_lets_out() {
	let mut done = 0;
	for seed in 0..SEQUENCES {
		match play(seed, None) {
			Ok(count) => done += count,
			Err(found) => panic!("{found}"),
		}
	}
	println!("{done} of {} commands went in {SEQUENCES} sequences", SEQUENCES * COMMANDS);
	assert!(done > SEQUENCES * COMMANDS / 4, "only {done} went: they are all refused for another reason");
}

#[test]
fn what_the_old_rules_let_out_is_found() {
	for (rule, says) in [(OldRule::ReductionsExempt, "must leave"), (OldRule::PaidAtOnce, "were paid out of")]
	{
		let found: Vec<String> = (0..SEQUENCES).filter_map(|seed| play(seed, Some(rule)).err()).collect();
		println!("{rule:?} is found in {} of {SEQUENCES} sequences", found.len());
		assert!(found.iter().any(|found| found.contains(says)), "{rule:?} was never seen");
	}
}
