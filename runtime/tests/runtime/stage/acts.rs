// SPDX-License-Identifier: Apache-2.0
//! Acts: time, reports, and what people send.

use super::{
	calls, names,
	words::{count, dollars, keel, market, person, price, size, PEOPLE},
	Fail, Read, Stage,
};
use crate::{chain, exchange};
use keel_insurance_fund::Pot;
use keel_margin::{Call as MarginCall, OfferIds};
use keel_oracle::Call as OracleCall;
use keel_primitives::*;
use keel_runtime::{exchange_api::runtime_decl_for_exchange_api::ExchangeApiV1, *};
use sp_keyring::Sr25519Keyring;
use sp_runtime::{
	transaction_validity::{InvalidTransaction, TransactionValidityError},
	ApplyExtrinsicResult,
};

pub const MAIN: SubAccount = SubAccount(0);
/// How many blocks a market may take to open.
const PATIENCE: u32 = 20;

fn read(sent: ApplyExtrinsicResult) -> Read<()> {
	let answered = sent.map_err(|error| Fail::Refused(names::invalid(error)))?;
	answered.map_err(|error| Fail::Refused(names::error(error)))
}

impl Stage {
	/// Play an act. What is asked about the last act is counted from here.
	pub fn act(&mut self, words: &[&str]) -> Read<()> {
		self.events.clear();
		self.seen = chain::events().len();
		self.played(words)
	}

	/// The events of the last act.
	pub fn all_events(&self) -> Vec<RuntimeEvent> {
		self.events.iter().cloned().chain(chain::events().into_iter().skip(self.seen)).collect()
	}

	/// The next block, so many slots later than it could be; who reports does so in it. A report that is not taken is its
	/// member's affair.
	pub fn block(&mut self, skipped: u64) {
		self.events.extend(chain::events().into_iter().skip(self.seen));
		self.seen = 0;
		chain::next_block_after(skipped);
		for (_, member) in PEOPLE {
			if !self.silent.contains(&member) {
				let _ = exchange::report_prices(member, self.seen_by(member));
			}
		}
	}

	fn seen_by(&self, who: Sr25519Keyring) -> [Price; 3] {
		self.apart.get(&who).copied().unwrap_or(self.prices)
	}

	/// Send a call as a transaction. Where it finds no room in this block it waits for the next, as in the pool.
	pub fn send(&mut self, who: Sr25519Keyring, call: impl Into<RuntimeCall>) -> Read<()> {
		let call = call.into();
		let mut sent = chain::submit(who, call.clone());
		if sent == Err(TransactionValidityError::Invalid(InvalidTransaction::ExhaustsResources)) {
			self.block(0);
			sent = chain::submit(who, call);
		}
		read(sent)
	}

	fn played(&mut self, words: &[&str]) -> Read<()> {
		match words {
			["block"] => self.block(0),
			["block", "after", seconds, "seconds"] => {
				let slots = u64::from(count(seconds)?) * 1_000 / constants::time::SLOT_MS;
				self.block(slots.saturating_sub(1));
			}
			["blocks", number] => (0..count(number)?).for_each(|_| self.block(0)),
			["markets", "open"] => return self.open_markets(),
			["price", of, to] => self.prices[index(of)?] = price(to)?,
			["everybody", "is", "silent"] => self.silent = PEOPLE.map(|(_, who)| who).into(),
			["everybody", "reports"] => self.silent.clear(),
			[who @ .., "silent"] if matches!(who.last(), Some(&("is" | "are"))) => {
				for who in &who[..who.len() - 1] {
					self.silent.insert(person(who)?);
				}
			}
			[who, "sees", of, at] => {
				let who = person(who)?;
				let mut prices = self.seen_by(who);
				prices[index(of)?] = price(at)?;
				self.apart.insert(who, prices);
			}
			[who, "reports"] => {
				let who = person(who)?;
				return read(exchange::report_prices(who, self.seen_by(who)));
			}
			_ => return self.sent(words),
		}
		Ok(())
	}

	/// What people and bodies send.
	fn sent(&mut self, words: &[&str]) -> Read<()> {
		if let Some(at) = words.iter().position(|word| word.ends_with(':')) {
			let last = words[at].trim_end_matches(':');
			let before: Vec<_> = words[..at].iter().copied().chain([last]).collect();
			return self.said(&before, &words[at + 1..]);
		}
		match words {
			["deposit", who, amount] => self
				.send(person(who)?, MarginCall::<Runtime>::deposit { sub: MAIN, amount: dollars(amount)? }),
			["withdraw", who, amount] => self
				.send(person(who)?, MarginCall::<Runtime>::withdraw { sub: MAIN, amount: dollars(amount)? }),
			["pay", who, amount, "to", other] => {
				let (dest, value) = (person(other)?.to_account_id().into(), keel(amount)?);
				self.send(person(who)?, pallet_balances::Call::<Runtime>::transfer_keep_alive { dest, value })
			}
			["trade", maker, does @ ("buys" | "sells"), of, on, "from" | "to", taker, "at", at] => {
				let side = if *does == "buys" { Side::Long } else { Side::Short };
				let (maker, taker) = (person(maker)?, person(taker)?);
				self.trade(maker, side, size(of)?, market(on)?, taker, price(at)?)
			}
			["reduce", maker, of, on, "with", taker, "at", at] => {
				let (maker, taker) = (person(maker)?, person(taker)?);
				let (size, market, price) = (size(of)?, market(on)?, price(at)?);
				let expires = System::block_number() + 10;
				let offer = OfferIds::<Runtime>::get().next;
				let taker_id = Some(taker.to_account_id());
				let call = MarginCall::<Runtime>::offer_reduce {
					sub: MAIN,
					market,
					size,
					price,
					expires,
					taker: taker_id,
				};
				self.send(maker, call)?;
				self.send(taker, MarginCall::<Runtime>::accept_trade { offer, sub: MAIN })
			}
			["give", who, amount, "to", "fund"] => self.give(who, Pot::Fund, amount),
			["give", who, amount, "to", "tranche", of] => self.give(who, Pot::Tranche(market(of)?), amount),
			["give", who, amount, "to", "backstop", of] => {
				let (market, amount) = (market(of)?, dollars(amount)?);
				self.send(person(who)?, keel_liquidation::Call::<Runtime>::fund_backstop { market, amount })
			}
			["source", who, "names", source] => {
				let source = keel_oracle::SourceId(count(source)?);
				self.send(person(who)?, OracleCall::<Runtime>::set_source { source })
			}
			["liquidate", whom, "by", who] => {
				let account = MarginAccount::main(person(whom)?.to_account_id());
				self.send(person(who)?, keel_liquidation::Call::<Runtime>::liquidate { account })
			}
			["alone", who, "halts", of] => {
				let market = market(of)?;
				self.send(person(who)?, keel_emergency::Call::<Runtime>::halt_alone { market })
			}
			["register", who, "with", "the", "key", "of", whose] => {
				self.register(person(who)?, person(whose)?, true)
			}
			["register", who, "with", "a", "proof", "of", whose] => {
				self.register(person(who)?, person(whose)?, false)
			}
			["vote", who, stake] => self.vote(person(who)?, keel(stake)?),
			other => Err(Fail::Unread(format!("expected a statement, found `{}`", other.join(" ")))),
		}
	}

	/// `approve alice bob: ...`, `motion council alice bob: ...`, `table: ...`, `enact: ...`, `send alice: ...`.
	fn said(&mut self, before: &[&str], after: &[&str]) -> Read<()> {
		match before {
			["approve", who @ ..] => self.approve(who, after),
			["motion", body, who @ ..] => self.motion(body, who, calls::call(after)?),
			["send", who] => self.send(person(who)?, calls::call(after)?),
			["table"] => self.table(calls::call(after)?).map(drop),
			["enact"] => {
				let referendum = self.table(calls::call(after)?)?;
				// In the block that opens a vote democracy takes all the weight.
				self.block(0);
				self.vote(Sr25519Keyring::Alice, 100_000 * constants::currency::KEEL)?;
				self.until_due(referendum);
				Ok(())
			}
			other => Err(Fail::Unread(format!("expected who says it, found `{}`", other.join(" ")))),
		}
	}

	fn trade(
		&mut self,
		maker: Sr25519Keyring,
		side: Side,
		size: Size,
		market: MarketId,
		taker: Sr25519Keyring,
		price: Price,
	) -> Read<()> {
		let (expires, offer) = (System::block_number() + 10, OfferIds::<Runtime>::get().next);
		let to = Some(taker.to_account_id());
		self.send(
			maker,
			MarginCall::<Runtime>::offer_trade { sub: MAIN, market, side, size, price, expires, taker: to },
		)?;
		self.send(taker, MarginCall::<Runtime>::accept_trade { offer, sub: MAIN })
	}

	fn give(&mut self, who: &str, pot: Pot, amount: &str) -> Read<()> {
		let amount = dollars(amount)?;
		self.send(person(who)?, keel_insurance_fund::Call::<Runtime>::contribute { pot, amount })
	}

	/// `who` names the reporter key of `whose` as its own; that key signs for it, or for its owner only.
	fn register(&mut self, who: Sr25519Keyring, whose: Sr25519Keyring, for_who: bool) -> Read<()> {
		use sp_core::Pair;
		let key = exchange::reporter(whose);
		let account = if for_who { who } else { whose }.to_account_id();
		let current = keel_oracle::Members::<Runtime>::get(&account).and_then(|seat| seat.reporter);
		let proof = key.sign(&Oracle::reporter_payload(&account, &current)).into();
		self.send(who, OracleCall::<Runtime>::set_reporter { reporter: key.public().into(), proof })
	}

	/// Everybody reports until all markets are open.
	fn open_markets(&mut self) -> Read<()> {
		self.silent.clear();
		let is_open =
			|id: &MarketId| Runtime::market(*id).is_some_and(|market| market.status == MarketStatus::Open);
		for _ in 0..PATIENCE {
			if Margin::markets().iter().all(is_open) {
				return Ok(());
			}
			self.block(0);
		}
		Err(Fail::Wrong("the markets did not open".into()))
	}
}

/// The place of a market in what is reported.
fn index(word: &str) -> Read<usize> {
	usize::try_from(market(word)?.0).map_err(|_| Fail::Unread("too many markets".into()))
}
