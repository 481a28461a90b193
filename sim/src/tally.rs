// SPDX-License-Identifier: Apache-2.0
//! What happened, summed over the events of all blocks, and whether the sums agree with each other and with the state.

use std::collections::BTreeMap;

use keel_insurance_fund::{Event as FundEvent, Pot};
use keel_liquidation::{Event as LiquidationEvent, Receipts, Taker};
use keel_margin::Event as MarginEvent;
use keel_math::units::notional;
use keel_oracle::Event as OracleEvent;
use keel_primitives::{MarginAccount, Price, Quote, Ratio, Side};
use keel_runtime::{configs::exchange::BackstopOwner, AccountId, Runtime, RuntimeEvent};

/// Positions that were taken, and what they were worth at the mark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
	/// How many times.
	pub count: u64,
	/// What they were worth.
	pub notional: Quote,
}

/// Everything that is counted. Amounts are exact: sums of what the events say.
#[derive(Clone, Debug, Default)]
pub struct Tally {
	/// Taken by the backstops.
	pub by_backstop: Taken,
	/// Closed against the whole other side.
	pub deleveraged: Taken,
	/// Of both, how many were taken from the backstops themselves.
	pub from_backstop: Taken,
	/// How often somebody got in line.
	pub queued: u64,
	/// How often somebody left it.
	pub released: u64,
	/// How many were found bankrupt.
	pub bankrupt: u64,
	/// Steps that failed and were undone.
	pub put_aside: u64,
	/// How often nothing of somebody could be taken.
	pub postponed: u64,
	/// What those paid whose positions were taken, besides the price.
	pub penalties: Quote,
	/// What healthy accounts paid for being judged.
	pub refiling: Quote,
	/// Losses of the bankrupt, and who paid for them.
	pub receipts: Receipts,
	/// What somebody who recovered has paid back.
	pub paid_back: Quote,
	/// What the pots have kept.
	pub kept: Quote,
	/// What they have paid for losses: tranches, fund.
	pub absorbed: (Quote, Quote),
	/// What was given back to them.
	pub given_back: Quote,
	/// What they paid for old debts of markets.
	pub old_debt: Quote,
	/// What was given to them.
	pub contributed: Quote,
	/// What was laid on a side, as the owner of the accounts says.
	pub laid_on_sides: Quote,
	/// What markets owe, as the owner of the accounts says.
	pub booked: Quote,
	/// Moves beyond the solvency envelope: that waited, were confirmed, came to nothing.
	pub moves: [u64; 3],
	/// Reports that rounds left out.
	pub rejected: u64,
	/// Markets that were quarantined.
	pub quarantined: u64,
	/// How many blocks each stay in the line took.
	pub waits: Vec<u32>,
	/// How far the mark was beyond the level of each account when it was first taken from, as a part of the level.
	pub overshoots: Vec<f64>,
	/// Who is in line, since when, and whether something was taken from him.
	line: BTreeMap<MarginAccount<AccountId>, (u32, bool)>,
	/// Sums that did not agree when they were added up.
	broken: Vec<String>,
}

/// What the state says about the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stated {
	/// What all pots have.
	pub pots: Quote,
	/// What they had at first.
	pub pots_before: Quote,
	/// The losses of all markets.
	pub losses: Quote,
	/// How many accounts are in liquidation.
	pub entries: u64,
	/// What custody has.
	pub custody: Quote,
	/// What it had at first, and was brought to it since: nobody takes money out.
	pub custody_due: Quote,
}

impl Tally {
	/// Add the events of a block. `rates` are the maintenance rates of the book's positions.
	pub fn add(&mut self, block: u32, events: &[RuntimeEvent], rates: &BTreeMap<AccountId, Ratio>) {
		for event in events {
			match event {
				RuntimeEvent::Liquidation(event) => self.add_liquidation(block, event, rates),
				RuntimeEvent::InsuranceFund(event) => self.add_fund(event),
				RuntimeEvent::Margin(event) => self.add_margin(event),
				RuntimeEvent::Oracle(OracleEvent::ReportRejected { feeds, .. }) => {
					self.rejected += feeds.iter().map(|_| 1_u64).sum::<u64>();
				}
				_ => {}
			}
		}
	}

	fn add_liquidation(
		&mut self,
		block: u32,
		event: &LiquidationEvent<Runtime>,
		rates: &BTreeMap<AccountId, Ratio>,
	) {
		match event {
			LiquidationEvent::Queued { account, .. } => {
				self.queued += 1;
				if self.line.insert(account.clone(), (block, false)).is_some() {
					self.broken.push(format!("block {block}: somebody got in line who was in it"));
				}
			}
			LiquidationEvent::Released { account } => {
				self.released += 1;
				match self.line.remove(account) {
					Some((since, _)) => self.waits.push(block - since),
					None => {
						self.broken.push(format!("block {block}: somebody left the line who was not in it"))
					}
				}
			}
			LiquidationEvent::Bankrupt { .. } => self.bankrupt += 1,
			LiquidationEvent::PutAside { .. } => self.put_aside += 1,
			LiquidationEvent::Postponed { .. } => self.postponed += 1,
			LiquidationEvent::Liquidated { account, size, mark, penalty, to, .. } => {
				let worth = notional(*size, *mark).unwrap_or_default();
				self.penalties.0 += penalty.0;
				let mut taken = vec![match to {
					Taker::Backstop => &mut self.by_backstop,
					Taker::Deleveraged => &mut self.deleveraged,
				}];
				if account.owner == BackstopOwner::get() {
					taken.push(&mut self.from_backstop);
				}
				for taken in taken {
					taken.count += 1;
					taken.notional.0 += worth.0;
				}
				self.add_overshoot(event, rates);
			}
			LiquidationEvent::LossCovered { loss, tranche, fund, socialised, market_debt, .. } => {
				let receipts = Receipts {
					loss: *loss,
					tranche: *tranche,
					fund: *fund,
					socialised: *socialised,
					market_debt: *market_debt,
				};
				self.receipts = self.receipts.checked_add(&receipts).unwrap_or_default();
			}
			LiquidationEvent::PaidBack { amount, .. } => self.paid_back.0 += amount.0,
			_ => {}
		}
	}

	/// Once for each stay in the line.
	fn add_overshoot(&mut self, event: &LiquidationEvent<Runtime>, rates: &BTreeMap<AccountId, Ratio>) {
		let LiquidationEvent::Liquidated { account, side, mark, requirement, before, .. } = event else {
			return;
		};
		let (Some(rate), Some((_, is_seen))) = (rates.get(&account.owner), self.line.get_mut(account)) else {
			return;
		};
		if std::mem::replace(is_seen, true) || requirement.0 <= 0 {
			return;
		}
		let part = before.health.0 as f64 / requirement.0 as f64;
		self.overshoots.push(overshoot(*side, *mark, part, rate.0 as f64 / 1e9));
	}

	fn add_fund(&mut self, event: &FundEvent<Runtime>) {
		match event {
			FundEvent::Kept { tranche, fund, .. } => self.kept.0 += tranche.0 + fund.0,
			FundEvent::GivenBack { tranche, fund, .. } => self.given_back.0 += tranche.0 + fund.0,
			FundEvent::OldDebtPaid { tranche, fund, .. } => self.old_debt.0 += tranche.0 + fund.0,
			FundEvent::Contributed { amount, .. } => self.contributed.0 += amount.0,
			FundEvent::Absorbed { tranche, fund, .. } => {
				self.absorbed.0 .0 += tranche.0;
				self.absorbed.1 .0 += fund.0;
			}
			_ => {}
		}
	}

	fn add_margin(&mut self, event: &MarginEvent<Runtime>) {
		match event {
			MarginEvent::RefilingFeePaid { amount, .. } => self.refiling.0 += amount.0,
			MarginEvent::LossSocialised { amount, .. } => self.laid_on_sides.0 += amount.0,
			MarginEvent::DebtBooked { amount, .. } => self.booked.0 += amount.0,
			MarginEvent::MoveWaits { .. } => self.moves[0] += 1,
			MarginEvent::MoveConfirmed { .. } => self.moves[1] += 1,
			MarginEvent::MoveWithdrawn { .. } => self.moves[2] += 1,
			MarginEvent::MarketQuarantined { .. } => self.quarantined += 1,
			_ => {}
		}
	}

	/// How many are in line now.
	pub fn in_line(&self) -> u64 {
		self.line.len() as u64
	}

	/// What was taken, from whomever.
	pub fn liquidated(&self) -> Quote {
		Quote(self.by_backstop.notional.0 + self.deleveraged.notional.0)
	}

	/// The sums that do not agree, to the unit.
	pub fn disagreements(&self, stated: &Stated) -> Vec<String> {
		let mut broken = self.broken.clone();
		let mut same = |what: &str, one: Quote, other: Quote| {
			if one != other {
				broken.push(format!("{what}: {} and {}, in millionths of a dollar", one.0, other.0));
			}
		};
		let Receipts { loss, tranche, fund, socialised, market_debt } = self.receipts;
		let paid = Quote(tranche.0 + fund.0 + socialised.0 + market_debt.0);
		same("losses, and what was paid for them", loss, paid);
		same("what tranches paid, by liquidation and by the fund", tranche, self.absorbed.0);
		same("what the fund paid, by liquidation and by itself", fund, self.absorbed.1);
		same("what sides bear, by liquidation and by margin", socialised, self.laid_on_sides);
		same("what markets owe, by liquidation and by margin", market_debt, self.booked);
		let (given, spent) = (
			stated.pots_before.0 + self.contributed.0 + self.kept.0 + self.given_back.0,
			self.absorbed.0 .0 + self.absorbed.1 .0 + self.old_debt.0,
		);
		same("what pots have, and what they received less what they paid", stated.pots, Quote(given - spent));
		// What comes back later, or repays a market, takes other ways.
		if self.paid_back.is_zero() && market_debt.is_zero() {
			let brought = Quote(self.penalties.0 + self.refiling.0);
			same("penalties and fees for being judged, and what pots kept", brought, self.kept);
		}
		same("losses of markets, and those that were covered", stated.losses, loss);
		same("what custody has, and what was brought to it", stated.custody, stated.custody_due);
		let line = Quote(i128::from(self.queued) - i128::from(self.released));
		same(
			"accounts in liquidation, and those who got in line and did not leave",
			line,
			Quote(stated.entries.into()),
		);
		broken
	}
}

/// How far `mark` is beyond the level at which an account with one position is unhealthy, as a part of that level.
/// `health` is a part of the requirement, below zero; `rate` the maintenance rate.
///
/// Health is linear in the mark with slope `q (1 - r)`, for a short `-q (1 + r)`, and the requirement is `q p r`.
fn overshoot(side: Side, mark: Price, health: f64, rate: f64) -> f64 {
	let mark = mark.0 as f64;
	let level = match side {
		Side::Long => mark * (1.0 - health * rate / (1.0 - rate)),
		Side::Short => mark * (1.0 + health * rate / (1.0 + rate)),
	};
	((mark - level) / level).abs()
}

/// What all pots have.
pub fn pots() -> Quote {
	let tranches = keel_insurance_fund::Tranches::<Runtime>::iter_values().map(|tranche| tranche.balance.0);
	Quote(tranches.sum::<i128>() + keel_insurance_fund::Fund::<Runtime>::get().0)
}

/// The pots of a chain: the fund, and a tranche for each market.
pub fn all_pots() -> Vec<Pot> {
	let tranches = keel_insurance_fund::Tranches::<Runtime>::iter_keys().map(Pot::Tranche);
	std::iter::once(Pot::Fund).chain(tranches).collect()
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn the_level_is_where_health_is_zero() {
		// One bitcoin at leverage 10 from 10,000: 1,000 of margin. With 3 % it is unhealthy below 9,000 / 0.97.
		let (mark, rate) = (9_000.0, 0.03);
		let health = (1_000.0 + mark - 10_000.0) - rate * mark;
		let far = overshoot(Side::Long, Price::dollars(9_000), health / (rate * mark), rate);
		let level = 9_000.0 / 0.97;
		assert!((far - (level - mark) / level).abs() < 1e-12, "{far}");
		// And a short above 11,000 / 1.03.
		let mark = 11_000.0;
		let health = (1_000.0 + 10_000.0 - mark) - rate * mark;
		let far = overshoot(Side::Short, Price::dollars(11_000), health / (rate * mark), rate);
		let level = 11_000.0 / 1.03;
		assert!((far - (mark - level) / level).abs() < 1e-12, "{far}");
	}

	/// A tally in which everything agrees.
	fn sound() -> (Tally, Stated) {
		let dollars = Quote::dollars;
		let tally = Tally {
			penalties: dollars(90),
			refiling: dollars(10),
			kept: dollars(100),
			contributed: dollars(50),
			receipts: Receipts {
				loss: dollars(100),
				tranche: dollars(40),
				fund: dollars(30),
				socialised: dollars(30),
				market_debt: dollars(0),
			},
			absorbed: (dollars(40), dollars(30)),
			laid_on_sides: dollars(30),
			queued: 7,
			released: 5,
			..Tally::default()
		};
		let stated = Stated {
			pots: dollars(80),
			losses: dollars(100),
			entries: 2,
			custody: dollars(9),
			custody_due: dollars(9),
			..Stated::default()
		};
		(tally, stated)
	}

	#[test]
	fn a_unit_too_much_anywhere_is_noticed() {
		let (tally, stated) = sound();
		assert_eq!(tally.disagreements(&stated), Vec::<String>::new());
		let break_tally: [fn(&mut Tally); 11] = [
			|tally| tally.receipts.loss.0 += 1,
			|tally| tally.receipts.tranche.0 += 1,
			|tally| tally.receipts.fund.0 += 1,
			|tally| tally.receipts.socialised.0 += 1,
			|tally| tally.absorbed.0 .0 += 1,
			|tally| tally.absorbed.1 .0 += 1,
			|tally| tally.laid_on_sides.0 += 1,
			|tally| tally.booked.0 += 1,
			|tally| tally.penalties.0 += 1,
			|tally| tally.kept.0 += 1,
			|tally| tally.queued += 1,
		];
		for (index, spoil) in break_tally.into_iter().enumerate() {
			let (mut tally, stated) = sound();
			spoil(&mut tally);
			assert!(!tally.disagreements(&stated).is_empty(), "spoilt {index}");
		}
		let break_state: [fn(&mut Stated); 5] = [
			|stated| stated.pots.0 -= 1,
			|stated| stated.pots_before.0 += 1,
			|stated| stated.losses.0 += 1,
			|stated| stated.entries += 1,
			|stated| stated.custody.0 -= 1,
		];
		for (index, spoil) in break_state.into_iter().enumerate() {
			let (tally, mut stated) = sound();
			spoil(&mut stated);
			assert_eq!(tally.disagreements(&stated).len(), 1, "spoilt {index}");
		}
	}
}
