// SPDX-License-Identifier: Apache-2.0
//! Expectations: what is found, and whether it is what was expected.

use super::{
	acts::MAIN,
	names,
	words::{compare, feed, is_market, market, person, same, side, state, status},
	Fail, Read, Stage,
};
use keel_insurance_fund::Pot;
use keel_liquidation::{Entries, MarketReceipts, Place};
use keel_primitives::*;
use keel_runtime::{exchange_api::runtime_decl_for_exchange_api::ExchangeApiV1, *};
use keel_traits::AccountView;
use sp_keyring::Sr25519Keyring;

fn wrong<T>(what: &str) -> Read<T> {
	Err(Fail::Wrong(what.into()))
}

fn unread<T>(what: &str, words: &[&str]) -> Read<T> {
	Err(Fail::Unread(format!("expected what is known of {what}, found `{}`", words.join(" "))))
}

/// A price or quantity as a number with a sign.
fn signed(quantity: u128) -> Read<i128> {
	i128::try_from(quantity).map_err(|_| Fail::Wrong(format!("{quantity} is too large to show")))
}

/// What an account is; all zeros when there is none.
fn view(owner: AccountId, sub: SubAccount) -> AccountView {
	Runtime::account(owner, sub).unwrap_or_default()
}

fn position(view: &AccountView, on: &str, expected: Option<(&str, &[&str])>) -> Read<()> {
	let market = market(on)?;
	let found = view.positions.iter().find(|position| position.market == market);
	match (found, expected) {
		(None, None) => Ok(()),
		(None, Some(_)) => wrong("there is no position"),
		(Some(found), None) => wrong(&format!("found {:?} {:?}", found.side, found.size)),
		(Some(found), Some((expected, held))) => {
			same(side(expected)?, found.side)?;
			compare(signed(found.size.0)?, held, 9)
		}
	}
}

impl Stage {
	/// Whether it is so.
	pub fn expect(&self, words: &[&str]) -> Read<()> {
		match words {
			["event", name] => self.event(name, |times| times > 0),
			["event", name, "once"] => self.event(name, |times| times == 1),
			["no", "event", name] => self.event(name, |times| times == 0),
			["safe", "mode", "on"] => same(true, SafeMode::is_entered()),
			["safe", "mode", "off"] => same(false, SafeMode::is_entered()),
			["seats", number @ ..] => compare(keel_oracle::Members::<Runtime>::count().into(), number, 0),
			["quorum", "counts", number] => {
				let counted = keel_oracle::Members::<Runtime>::iter_values().filter(|seat| seat.counts);
				compare(counted.count() as i128, &[number], 0)
			}
			["changes", "waiting", number] => {
				compare(keel_oracle::WaitingChanges::<Runtime>::get().len() as i128, &[number], 0)
			}
			["fund", amount @ ..] => {
				compare(InsuranceFund::balance(Pot::Fund).unwrap_or_default().0, amount, 6)
			}
			["block", number @ ..] => compare(System::block_number().into(), number, 0),
			["conserved"] => same(true, Margin::conservation().1),
			["feed", of, rest @ ..] => of_feed(feed(of)?, rest),
			[of, rest @ ..] if is_market(of) => of_market(market(of)?, rest),
			[who, rest @ ..] => of_person(person(who)?, rest),
			[] => unread("the chain", words),
		}
	}

	fn event(&self, name: &str, holds: fn(usize) -> bool) -> Read<()> {
		let name = names::known_event(name)?;
		let found: Vec<_> = self.all_events().iter().map(names::event).collect();
		if holds(found.iter().filter(|found| *found == name).count()) {
			return Ok(());
		}
		// What a chain does in every block is no news.
		let quiet = ["Oracle.Reported", "Oracle.PriceLanded", "System.ExtrinsicSuccess"];
		let mut told: Vec<_> = found.iter().filter(|name| !quiet.contains(&name.as_str())).collect();
		told.dedup();
		wrong(&format!("the last act has told {told:?}"))
	}
}

fn of_feed(feed: FeedId, words: &[&str]) -> Read<()> {
	let Some(known) = Runtime::price(feed) else { return wrong("there is no such feed") };
	match words {
		["sources", number @ ..] => compare(known.observation.sources.into(), number, 0),
		["price", at @ ..] => compare(signed(known.observation.price.0)?, at, 18),
		["slow", at @ ..] => compare(signed(known.observation.slow.0)?, at, 18),
		["volatility", rate @ ..] => compare(i128::from(known.observation.volatility.0), rate, 7),
		["age", seconds @ ..] => compare(i128::from(known.observation.age_ms / 1_000), seconds, 0),
		["deviation", most @ ..] => compare(known.params.deviation_max.0.into(), most, 7),
		[word] => same(state(word)?, known.observation.state),
		other => unread("a feed", other),
	}
}

fn of_market(market: MarketId, words: &[&str]) -> Read<()> {
	let Some(view) = Runtime::market(market) else { return wrong("there is no such market") };
	let receipts = MarketReceipts::<Runtime>::get(market);
	let backstop = || -> Result<_, Fail> {
		let sub = u8::try_from(market.0).map_err(|_| Fail::Wrong("it has no backstop".into()))?;
		Ok(self::view(configs::exchange::BackstopOwner::get(), SubAccount(sub)))
	};
	let incidents = || CircuitBreaker::incidents().into_iter().map(|(_, incident)| incident);
	match words {
		["status", word] => same(status(word)?, view.status),
		["mark", at @ ..] => compare(signed(view.mark.0)?, at, 18),
		["index", at @ ..] => compare(signed(view.index.0)?, at, 18),
		["open", "interest", size @ ..] => compare(signed(view.open_interest.0)?, size, 9),
		["tranche", amount @ ..] => {
			compare(InsuranceFund::balance(Pot::Tranche(market)).unwrap_or_default().0, amount, 6)
		}
		["loss", amount @ ..] => compare(receipts.loss.0, amount, 6),
		["loss-from-tranche", amount @ ..] => compare(receipts.tranche.0, amount, 6),
		["loss-from-fund", amount @ ..] => compare(receipts.fund.0, amount, 6),
		["loss-from-winners", amount @ ..] => compare(receipts.socialised.0, amount, 6),
		["loss-owed", amount @ ..] => compare(receipts.market_debt.0, amount, 6),
		["receipts", "sum"] => same(true, receipts.balance()),
		["backstop", "equity", amount @ ..] => compare(backstop()?.equity.0, amount, 6),
		["backstop", "position", side, held @ ..] => {
			let on =
				super::words::MARKETS.iter().find(|(_, id)| *id == market).map_or("?", |(name, _)| *name);
			position(&backstop()?, on, Some((side, held)))
		}
		["incidents", "open", number @ ..] => {
			let open = incidents().filter(|incident| incident.market == market && incident.closed.is_none());
			compare(open.count() as i128, number, 0)
		}
		["incidents", number @ ..] => {
			compare(incidents().filter(|incident| incident.market == market).count() as i128, number, 0)
		}
		["budget", blocks @ ..] => compare(CircuitBreaker::budget_left(market).into(), blocks, 0),
		other => unread("a market", other),
	}
}

fn of_person(who: Sr25519Keyring, words: &[&str]) -> Read<()> {
	let view = view(who.to_account_id(), MAIN);
	let entry = || Entries::<Runtime>::get(MarginAccount::main(who.to_account_id()));
	match words {
		["cash", amount @ ..] => compare(view.cash.0, amount, 6),
		["equity", amount @ ..] => compare(view.equity.0, amount, 6),
		["health", amount @ ..] => compare(view.health.0, amount, 6),
		["leaving", amount @ ..] => compare(view.leaving.0, amount, 6),
		["position", on, side, held @ ..] => position(&view, on, Some((side, held))),
		["no", "position", on] => position(&view, on, None),
		["waits", "in", "line"] => match entry().map(|entry| entry.place) {
			Some(Place::InLine(_)) => Ok(()),
			other => wrong(&format!("found {other:?}")),
		},
		["waits", "for", on] => match entry().map(|entry| entry.place) {
			Some(Place::Parked(markets)) if markets.contains(&market(on)?) => Ok(()),
			other => wrong(&format!("found {other:?}")),
		},
		["not", "in", "liquidation"] => match entry() {
			None => Ok(()),
			Some(entry) => wrong(&format!("found {entry:?}")),
		},
		["holds", amount @ ..] => {
			let held = pallet_assets::Pallet::<Runtime>::balance(constants::USDK, who.to_account_id());
			compare(signed(held)?, amount, 6)
		}
		["KEEL", amount @ ..] => {
			let free = Balances::free_balance(who.to_account_id());
			compare(signed(free)?, amount, constants::currency::KEEL.ilog10() as usize)
		}
		["has", "seat"] => same(true, keel_oracle::Members::<Runtime>::contains_key(who.to_account_id())),
		["has", "no", "seat"] => {
			same(false, keel_oracle::Members::<Runtime>::contains_key(who.to_account_id()))
		}
		other => unread("a person", other),
	}
}
