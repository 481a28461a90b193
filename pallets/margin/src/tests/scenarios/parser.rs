// SPDX-License-Identifier: Apache-2.0
//! Reading a statement. Every word is expected; what is not is an error that says what was.

use super::{
	language::*,
	words::{expected, Read, Words},
};
use keel_math::{Tier, Tiers};
use keel_primitives::*;

/// Read a line.
pub fn statement(line: &str) -> Read<Statement> {
	let mut words = Words::of(line);
	let read = match words.peek() {
		Some("expect") => Statement::Expect(words.expectation()?),
		Some("refused") => {
			words.take();
			let error = words.error()?;
			let act = words.act()?;
			if !act.is_call() {
				return Err("only a call can be refused".into());
			}
			Statement::Refused(error, act)
		}
		_ => Statement::Act(words.act()?),
	};
	words.end()?;
	Ok(read)
}

impl Words<'_> {
	fn act(&mut self) -> Read<Act> {
		Ok(match self.take() {
			Some("deposit") => Act::Deposit(self.account()?, self.dollars()?),
			Some("withdraw") => Act::Withdraw(self.account()?, self.dollars()?),
			Some("transfer") => {
				let (from, amount) = (self.account()?, self.dollars()?);
				self.words("to")?;
				let to = self.account()?;
				if from.owner != to.owner {
					return Err("a transfer is between sub-accounts of one owner".into());
				}
				Act::Transfer(from, amount, to.sub)
			}
			Some("donate") => Act::Donate(self.owner()?, self.dollars()?),
			Some("offer") => Act::Offer(self.terms(true)?),
			Some("accept") => {
				let (taker, reducing) = (self.account()?, self.takes("reducing"));
				let offer = if self.takes("offer") { Some(self.count()?) } else { None };
				Act::Accept { taker, reducing, offer }
			}
			Some("cancel") => Act::Cancel(self.owner()?),
			Some("trade") => self.trade()?,
			Some("leverage") => Act::Leverage(self.account()?, self.leverage()?),
			Some("set") => {
				let market = self.market()?;
				if self.peek().is_none() {
					return expected("a change", None);
				}
				Act::Set(market, self.changes()?)
			}
			Some("list") => Act::List(self.market()?, self.changes()?),
			Some("lift") => Act::Lift(self.market()?),
			Some("price") => self.landing_price()?,
			Some("volatility") => Act::Volatility(self.market()?, Volatility(self.rate()?)),
			Some("impact") => {
				let market = self.market()?;
				Act::Impact(market, self.price_or_none()?)
			}
			Some("status") => Act::Status(self.market()?, self.status()?),
			Some("prices") if self.takes("stop") => Act::Landing(false),
			Some("prices") if self.takes("late") => Act::Late,
			Some("prices") => {
				self.words("go on")?;
				Act::Landing(true)
			}
			Some("safe") => {
				self.words("mode")?;
				Act::SafeMode(!self.takes("ends"))
			}
			Some("block") => Act::Blocks { count: 1, seconds: self.block_time()? },
			Some("blocks") => match self.count::<u64>()? {
				0 => return Err("expected at least one block".into()),
				count => Act::Blocks { count, seconds: self.block_time()? },
			},
			Some("deleverage") => Act::Deleverage(self.account()?, self.size()?, self.market()?),
			Some("release") => Act::Release(self.account()?),
			Some("waiting") => {
				let market = self.market()?;
				let side = if self.takes("nobody") { None } else { Some(self.side()?) };
				Act::Waiting(market, side)
			}
			Some("judge") if self.takes("everybody") => Act::JudgeAtMost(None),
			Some("judge") => {
				self.words("at most")?;
				Act::JudgeAtMost(Some(self.count()?))
			}
			Some("refiling-fee") => Act::RefilingFee(self.dollars()?),
			Some("miscount") => {
				let market = if self.takes("custody") { None } else { Some(self.market()?) };
				self.words("by")?;
				Act::Miscount(market, self.dollars()?)
			}
			found => return expected("a statement", found),
		})
	}

	/// `alice buys 1 BTC at 50000`; the price may come later.
	fn terms(&mut self, priced: bool) -> Read<Terms> {
		let does = [("buys", Some(Side::Long)), ("sells", Some(Side::Short)), ("reduces", None)];
		let maker = self.account()?;
		let side = self.one_of("what is done", &does)?;
		let (size, market) = (self.size()?, self.market()?);
		let price = if priced { self.at_price()? } else { Price::ZERO };
		Ok(Terms { maker, side, size, market, price })
	}

	fn at_price(&mut self) -> Read<Price> {
		self.words("at")?;
		self.price()
	}

	/// `alice buys 1 BTC from bob at 50000`.
	fn trade(&mut self) -> Read<Act> {
		let mut terms = self.terms(false)?;
		let whose = if terms.side == Some(Side::Long) { "from" } else { "to" };
		self.words(whose)?;
		let taker = self.account()?;
		terms.price = self.at_price()?;
		Ok(Act::Trade(terms, taker))
	}

	/// `initial-rate 6% maintenance-rate 4%`, to the end of the line.
	fn changes(&mut self) -> Read<Vec<Change>> {
		let mut changes = Vec::new();
		while self.peek().is_some() {
			if self.takes("tiers") {
				changes.push(Change::Tiers(self.tiers()?));
				continue;
			}
			if self.takes("isolated") {
				changes.push(Change::Isolated(true));
				continue;
			}
			if self.takes("shared") {
				changes.push(Change::Isolated(false));
				continue;
			}
			let (parameter, unit) = self.one_of("`tiers` or a parameter", &PARAMETERS)?;
			let large = |_| "the number is too large".to_owned();
			let value = match unit {
				Unit::Dollars => self.dollars()?.0,
				Unit::Size => self.size()?.0.try_into().map_err(large)?,
				Unit::Price => self.price()?.0.try_into().map_err(large)?,
				Unit::Rate => self.rate()?.into(),
				Unit::SignedRate => self.percentage()?,
			};
			changes.push(Change::Number(parameter, value));
		}
		Ok(changes)
	}

	/// `5%/3% to 100000 7.5%/4% to 1000000`: initial and maintenance rate of each, and how far it reaches. Or
	/// `none`.
	fn tiers(&mut self) -> Read<Tiers> {
		let mut list = Vec::new();
		if !self.takes("none") {
			while list.is_empty() || self.peek().is_some_and(|word| word.contains('/')) {
				let (initial, maintenance) = self.two_rates()?;
				self.words("to")?;
				list.push(Tier { up_to: self.dollars()?, initial, maintenance });
			}
		}
		Tiers::of(&list).map_err(|_| "expected at most four tiers".into())
	}

	/// ` after 60 seconds`, or two of them.
	fn block_time(&mut self) -> Read<u64> {
		if !self.takes("after") {
			return Ok(2);
		}
		let seconds = self.count()?;
		self.words("seconds")?;
		Ok(seconds)
	}

	/// `5`, or `none`.
	fn leverage(&mut self) -> Read<Option<u32>> {
		if self.takes("none") {
			return Ok(None);
		}
		u32::try_from(self.count::<u64>()?).map(Some).map_err(|_| "the leverage is too large".into())
	}

	/// `46875`, perhaps with `from 47916.67 to 45833.34`: the earliest and the latest.
	fn liquidation(&mut self) -> Read<Liquidation> {
		let still = self.price_or_none()?;
		let band = if self.takes("from") {
			let earliest = self.price_or_none()?;
			self.words("to")?;
			Some((earliest, self.price_or_none()?))
		} else {
			None
		};
		Ok(Liquidation { still, band })
	}

	/// `BTC 50000 once uncertain slow 49000 volatility 4%`: what is left out is as on a quiet day.
	fn landing_price(&mut self) -> Read<Act> {
		let (market, price) = (self.market()?, self.price()?);
		let once = self.takes("once");
		let state = self.state()?;
		let slow = if self.takes("slow") { self.price()? } else { price };
		let volatility = Volatility(if self.takes("volatility") { self.rate()? } else { 40_000_000 });
		Ok(Act::Price { market, price, once, state, slow, volatility })
	}

	fn expectation(&mut self) -> Read<Expectation> {
		self.words("expect")?;
		Ok(match self.peek() {
			Some("custody") => {
				self.take();
				Expectation::Custody(self.dollars()?)
			}
			Some("claims") => {
				self.take();
				Expectation::Claims(self.dollars()?)
			}
			Some("held") => {
				self.take();
				Expectation::Held(self.dollars()?)
			}
			Some("margin") => {
				self.words("margin call")?;
				let mut called = vec![self.account()?];
				while self.peek().is_some() {
					called.push(self.account()?);
				}
				Expectation::MarginCalls(called)
			}
			Some("no") => {
				self.words("no margin call")?;
				Expectation::MarginCalls(Vec::new())
			}
			Some("keys") => {
				self.take();
				Expectation::KeysWritten(
					self.one_of("what became of them", &[("kept", false), ("written", true)])?,
				)
			}
			Some(word) if MARKETS.iter().any(|(name, _)| *name == word) => {
				Expectation::Market(self.market()?, self.of_market()?)
			}
			_ => Expectation::Account(self.account()?, self.of_account()?),
		})
	}

	fn of_account(&mut self) -> Read<OfAccount> {
		let figure = self.peek().and_then(|word| FIGURES.iter().find(|(name, _)| *name == word));
		if let Some((_, figure)) = figure {
			self.take();
			return Ok(OfAccount::Figure(*figure, self.dollars()?));
		}
		Ok(match self.take() {
			Some("position") => OfAccount::Position(self.market()?, self.side()?, self.size()?),
			Some("no") if self.takes("warning") => OfAccount::Warning(None),
			Some("no") => {
				self.words("position")?;
				OfAccount::NoPosition(self.market()?)
			}
			Some("claim") => OfAccount::Claim(self.market()?),
			Some("place") => OfAccount::Place(self.one_of("a place", &PLACES)?),
			Some("judged") => OfAccount::Judged(self.one_of("a judgement", &JUDGED)?),
			Some("warning") => OfAccount::Warning(Some(self.dollars()?)),
			Some("key") => OfAccount::Key(self.market()?, self.level()?),
			Some("tier") => OfAccount::Tier(self.market()?, self.count()?),
			Some("leverage") => OfAccount::Leverage(self.leverage()?),
			Some("liquidation") => OfAccount::Liquidation(self.market()?, self.liquidation()?),
			found => return expected("what is known of an account", found),
		})
	}

	fn of_market(&mut self) -> Read<OfMarket> {
		Ok(match self.take() {
			Some("mark") => OfMarket::Mark(self.price()?),
			Some("open") => {
				self.words("interest")?;
				if self.takes("limit") {
					OfMarket::OpenInterestLimit(self.size()?)
				} else {
					OfMarket::OpenInterest(self.size()?)
				}
			}
			Some("units") => OfMarket::Units(self.side()?, self.number("units", 9)?),
			Some("soft") => {
				self.words("cap")?;
				OfMarket::SoftCap(self.dollars()?)
			}
			Some("hard") => {
				self.words("cap")?;
				OfMarket::HardCap(self.dollars()?)
			}
			Some("initial") => {
				self.words("rate")?;
				OfMarket::InitialRate(self.rate()?)
			}
			Some("next") => {
				self.words("funding rate")?;
				OfMarket::NextFundingRate(self.percentage()?)
			}
			Some("funding") if self.takes("rate") => OfMarket::FundingRate(self.percentage()?),
			Some("funding") => OfMarket::Funding(self.side()?, self.level()?),
			Some("dust") => OfMarket::Dust(self.number("dollars", 36)?),
			Some("sink") => OfMarket::Sink(self.number("a size", 36)?),
			Some("quarantined") => OfMarket::Quarantined(true),
			Some("sound") => OfMarket::Quarantined(false),
			Some("keys") => OfMarket::Keys(self.side()?, self.count()?),
			Some("ended") => OfMarket::Ended(self.side()?, self.count()?),
			found => return expected("what is known of a market", found),
		})
	}
}
