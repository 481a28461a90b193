// SPDX-License-Identifier: Apache-2.0
//! Reading a statement. Every word is expected; what is not is an error that says what was.

use super::{chain::Chain, language::*};
use crate::{CancelReason, Error, FeeSchedule, FeeTier, PostOnly, SelfTrade, When};
use frame_support::BoundedVec;
use keel_math::FeeRate;
use keel_primitives::*;
use keel_test_support::spec::words::{expected, is_one_of, percentage, variants, Read, Words};

/// Read a line.
pub fn statement(line: &str) -> Read<Statement> {
	let mut line = Line(Words::of(line));
	let read = match line.0.peek() {
		Some("expect") => Statement::Expect(line.expectation()?),
		Some("refused") => {
			line.0.take();
			let known = known_errors();
			let error = line.0.error(&known.iter().map(String::as_str).collect::<Vec<_>>())?;
			let act = line.act()?;
			if !act.is_call() {
				return Err("only a call can be refused".into());
			}
			Statement::Refused(error, act)
		}
		_ => Statement::Act(line.act()?),
	};
	line.0.end()?;
	Ok(read)
}

/// The errors of both pallets, as they are shown: `Orderbook.WouldCross`.
fn known_errors() -> Vec<String> {
	let margin = variants::<keel_margin::Error<Chain>>().into_iter().map(|name| format!("Margin.{name}"));
	let book = variants::<Error<Chain>>().into_iter().map(|name| format!("Orderbook.{name}"));
	margin.chain(book).collect()
}

struct Line<'a>(Words<'a>);

impl Line<'_> {
	fn account(&mut self) -> Read<Who> {
		self.0.account(&PEOPLE).map(|(owner, sub)| MarginAccount::new(owner, sub))
	}

	fn market(&mut self) -> Read<MarketId> {
		self.0.one_of("a market", &MARKETS)
	}

	fn act(&mut self) -> Read<Act> {
		let is_person =
			|word: &str| is_one_of(Some(word.split_once('/').map_or(word, |(name, _)| name)), &PEOPLE);
		if self.0.peek().is_some_and(is_person) {
			return self.order();
		}
		Ok(match self.0.take() {
			Some("deposit") => Act::Deposit(self.account()?, self.0.dollars()?),
			Some("withdraw") => Act::Withdraw(self.account()?, self.0.dollars()?),
			Some("leverage") => {
				let who = self.account()?;
				Act::Leverage(who, if self.0.takes("none") { None } else { Some(self.0.count()?) })
			}
			Some("amend") => self.amendment()?,
			Some("cancel") => {
				let who = self.account()?;
				if self.0.takes("all") {
					let market = if self.0.peek().is_some() { Some(self.market()?) } else { None };
					Act::CancelAll(who, market)
				} else {
					Act::Cancel(who, self.named()?)
				}
			}
			Some("alive") => {
				let who = self.account()?;
				Act::Alive(who, if self.0.takes("none") { None } else { Some(self.blocks()?) })
			}
			Some("fees") => Act::Fees(self.fees()?),
			Some("mode") => {
				let market = self.market()?;
				let modes = [("auctions", true), ("matching", false)];
				Act::Mode(market, self.0.one_of("a mode", &modes)?)
			}
			Some("set") => Act::Set(self.market()?, self.changes()?),
			Some("settle") => {
				let market = self.market()?;
				self.0.words("at")?;
				Act::Settle(market, self.0.price()?)
			}
			Some("price") => Act::Price(self.market()?, self.0.price()?, self.0.state()?),
			Some("status") => Act::Status(self.market()?, self.0.status()?),
			Some("block") => Act::Blocks { count: 1, milliseconds: self.block_time()? },
			Some("blocks") => match self.0.count::<u64>()? {
				0 => return Err("expected at least one block".into()),
				count => Act::Blocks { count, milliseconds: self.block_time()? },
			},
			Some("owes") => {
				let (market, amount) = (self.market()?, self.0.dollars()?);
				self.0.words("to")?;
				Act::Owes(market, amount, self.account()?)
			}
			Some("hook") => {
				self.0.words("does")?;
				Act::Share(if self.0.takes("everything") {
					Share::Everything
				} else if self.0.takes("a") {
					self.0.words("price")?;
					Share::Price
				} else {
					let count = self.0.count()?;
					self.0.words("expiries")?;
					Share::Expiries(count)
				})
			}
			found => return expected("a statement", found),
		})
	}

	/// `5 blocks`.
	fn blocks(&mut self) -> Read<u64> {
		let count = self.0.count()?;
		self.0.words("blocks")?;
		Ok(count)
	}

	/// ` after 60 seconds`, ` after 30 days`, or two seconds.
	fn block_time(&mut self) -> Read<u64> {
		if !self.0.takes("after") {
			return Ok(2_000);
		}
		let count: u64 = self.0.count()?;
		let unit = self.0.one_of("a time", &[("seconds", 1_000), ("days", 24 * 3_600_000)])?;
		Ok(count * unit)
	}

	/// `alice buys 1 BTC at 50000`, and how it is to be treated.
	fn order(&mut self) -> Read<Act> {
		let who = self.account()?;
		let does = [("buys", Some(Side::Long)), ("sells", Some(Side::Short)), ("reduces", None)];
		let side = self.0.one_of("what is done", &does)?;
		let (size, market) = (self.0.size()?, self.market()?);
		self.0.words("at")?;
		let mut wanted = Wanted {
			side,
			size,
			market,
			price: self.0.price()?,
			lasts: Lasts::TillCancelled,
			post_only: PostOnly::No,
			self_trade: SelfTrade::CancelNewest,
			client: None,
			trigger: None,
			reducing: false,
			pair: None,
			name: None,
		};
		while self.0.peek().is_some() {
			self.wish(&mut wanted)?;
		}
		let waits = wanted.trigger.is_some();
		if (wanted.reducing || wanted.pair.is_some()) && !waits {
			return Err("only an order that waits is `reducing` or `paired`".into());
		}
		let is_treated = wanted.post_only != PostOnly::No
			|| wanted.self_trade != SelfTrade::CancelNewest
			|| wanted.client.is_some();
		if waits && (side.is_none() || is_treated) {
			return Err("an order that waits buys or sells, and is treated as any".into());
		}
		if side.is_none() && wanted.self_trade != SelfTrade::CancelNewest {
			return Err("a reduction gives way to its owner's orders".into());
		}
		Ok(Act::Place(who, wanted))
	}

	fn wish(&mut self, wanted: &mut Wanted) -> Read<()> {
		match self.0.take() {
			Some("immediate") => wanted.lasts = Lasts::Immediate,
			Some("whole") => wanted.lasts = Lasts::WholeOrNothing,
			Some("for") => wanted.lasts = Lasts::Blocks(self.blocks()?),
			Some("post-only") => wanted.post_only = PostOnly::Reject,
			Some("slides") => wanted.post_only = PostOnly::Slide,
			Some("cancels") => {
				let which = [("oldest", SelfTrade::CancelOldest), ("both", SelfTrade::CancelBoth)];
				wanted.self_trade = self.0.one_of("which", &which)?;
			}
			Some("client") => wanted.client = Some(self.0.count()?),
			Some("reducing") => wanted.reducing = true,
			Some("when") => {
				let ways = [("above", When::AtOrAbove), ("below", When::AtOrBelow)];
				wanted.trigger = Some((self.0.one_of("a way", &ways)?, self.0.price()?));
			}
			Some("paired") => {
				self.0.words("with")?;
				wanted.pair = Some(self.name()?);
			}
			Some("as") => wanted.name = Some(self.name()?),
			found => return expected("how the order is treated", found),
		}
		Ok(())
	}

	/// `alice first to 2 at 50000 post-only`: the size, the price, or both.
	fn amendment(&mut self) -> Read<Act> {
		let (who, order) = (self.account()?, self.named()?);
		let size = if self.0.takes("to") { Some(self.0.size()?) } else { None };
		let price = if self.0.takes("at") { Some(self.0.price()?) } else { None };
		let post_only = if self.0.takes("post-only") { PostOnly::Reject } else { PostOnly::No };
		Ok(Act::Amend { who, order, size, price, post_only })
	}

	fn name(&mut self) -> Read<String> {
		match self.0.take() {
			Some(word) if word.starts_with(char::is_lowercase) => Ok(word.into()),
			found => expected("the name of an order", found),
		}
	}

	fn named(&mut self) -> Read<Named> {
		if self.0.takes("client") {
			self.0.count().map(Named::Client)
		} else {
			self.name().map(Named::As)
		}
	}

	/// `0.01%/0.05% from 100000 -0.02%/0.04% fund 50% backstop 30%`.
	fn fees(&mut self) -> Read<FeeSchedule> {
		let mut tiers = vec![self.tier(Quote::ZERO)?];
		while self.0.takes("from") {
			let from = self.0.dollars()?;
			tiers.push(self.tier(from)?);
		}
		let insurance = if self.0.takes("fund") { Ratio(self.0.rate()?) } else { Ratio::ZERO };
		let backstop = if self.0.takes("backstop") { Ratio(self.0.rate()?) } else { Ratio::ZERO };
		let tiers = BoundedVec::try_from(tiers).map_err(|_| "expected at most eight tiers".to_owned())?;
		Ok(FeeSchedule { tiers, insurance, backstop })
	}

	fn tier(&mut self, from: Quote) -> Read<FeeTier> {
		let found = self.0.take();
		let Some((maker, taker)) = found.and_then(|word| word.split_once('/')) else {
			return expected("fees of maker and taker like 0.01%/0.05%", found);
		};
		let rate = |word| {
			i32::try_from(percentage(Some(word))?)
				.map(FeeRate)
				.map_err(|_| "a fee that is too large".to_owned())
		};
		Ok(FeeTier { from, maker: rate(maker)?, taker: rate(taker)? })
	}

	fn changes(&mut self) -> Read<Vec<Change>> {
		let mut changes = Vec::new();
		while changes.is_empty() || self.0.peek().is_some() {
			changes.push(match self.0.take() {
				Some("band") => Change::Band(Ratio(self.0.rate()?)),
				Some("tick") => Change::Tick(self.0.price()?),
				Some("lot") => Change::Lot(self.0.size()?),
				Some("max-open-interest") => Change::MaxOpenInterest(self.0.size()?),
				Some("min-position") => Change::MinPosition(self.0.dollars()?),
				Some("isolated") => Change::Isolated(true),
				Some("shared") => Change::Isolated(false),
				found => return expected("a parameter", found),
			});
		}
		Ok(changes)
	}

	/// `1 at 50000`, several of them to the end of the line, or `none`.
	fn levels(&mut self) -> Read<Vec<Level>> {
		let mut levels = Vec::new();
		if !self.0.takes("none") {
			while levels.is_empty() || self.0.peek().is_some() {
				levels.push(self.level()?);
			}
		}
		Ok(levels)
	}

	fn level(&mut self) -> Read<Level> {
		let size = self.0.size()?;
		self.0.words("at")?;
		Ok((size, self.0.price()?))
	}

	fn expectation(&mut self) -> Read<Expectation> {
		self.0.words("expect")?;
		let is_person =
			|word: &str| is_one_of(Some(word.split_once('/').map_or(word, |(name, _)| name)), &PEOPLE);
		if self.0.peek().is_some_and(is_person) {
			return Ok(Expectation::Account(self.account()?, self.of_account()?));
		}
		Ok(match self.0.take() {
			Some("bids") => Expectation::Levels(Side::Long, self.market()?, self.levels()?),
			Some("asks") => Expectation::Levels(Side::Short, self.market()?, self.levels()?),
			Some("fills") => Expectation::Fills(self.levels()?),
			Some("indication") => {
				let market = self.market()?;
				let level = if self.0.takes("none") { None } else { Some(self.level()?) };
				Expectation::Indication(market, level)
			}
			Some("impact") => Expectation::Impact(self.market()?, self.0.price_or_none()?),
			Some("fees") => Expectation::Pot(self.market()?, self.0.dollars()?),
			Some("given") => Expectation::Given(self.0.one_of("a purse", &PURSES)?, self.0.dollars()?),
			Some("debt") => Expectation::Debt(self.market()?, self.0.dollars()?),
			Some("order") => Expectation::Order(self.name()?, self.of_order()?),
			found => return expected("what is so", found),
		})
	}

	fn of_account(&mut self) -> Read<OfAccount> {
		Ok(match self.0.take() {
			Some("no") => {
				self.0.words("position")?;
				OfAccount::Position(self.market()?, None)
			}
			Some("position") => {
				let market = self.market()?;
				OfAccount::Position(market, Some((self.0.side()?, self.0.size()?)))
			}
			Some("cash") => OfAccount::Cash(self.0.dollars()?),
			Some("equity") => OfAccount::Equity(self.0.dollars()?),
			Some("free") => OfAccount::Free(self.0.dollars()?),
			Some("reserved") => OfAccount::Reserved(self.0.dollars()?),
			Some("paid") => OfAccount::Paid(self.0.dollars()?),
			Some("volume") => OfAccount::Volume(self.0.dollars()?),
			found => return expected("what is known of an account", found),
		})
	}

	fn of_order(&mut self) -> Read<OfOrder> {
		Ok(match self.0.take() {
			Some("left") => {
				let left = if self.0.takes("none") { None } else { Some(self.0.size()?) };
				OfOrder::Left(left)
			}
			Some("at") => OfOrder::At(self.0.price()?),
			Some("cancelled") => {
				let reasons = variants::<CancelReason>();
				let listed: Vec<_> = reasons.iter().map(|reason| (*reason, *reason)).collect();
				OfOrder::Cancelled(self.0.one_of("a reason", &listed)?.into())
			}
			Some("waits") => OfOrder::Waits,
			Some("fired") => OfOrder::Ended(Ended::Fired),
			Some("gave-way") => OfOrder::Ended(Ended::OtherFired),
			Some("settled") => OfOrder::Ended(Ended::MarketSettled),
			Some("called-off") => OfOrder::Ended(Ended::Cancelled),
			Some("refused") => {
				let errors = known_errors();
				let listed: Vec<_> = errors.iter().map(|error| (error.as_str(), error.clone())).collect();
				let found = self.0.take();
				match listed.into_iter().find(|(name, _)| Some(*name) == found) {
					Some((_, error)) => OfOrder::Ended(Ended::Refused(error)),
					None => return expected("the name of an error", found),
				}
			}
			found => return expected("what is known of an order", found),
		})
	}
}
