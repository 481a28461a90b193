// SPDX-License-Identifier: Apache-2.0
//! What is stored, read once, and what everybody has by it: worked out from levels of all generations, without the
//! pallet's judging.

use crate::{mock::*, *};
use keel_math::{
	keys::key_fires,
	units::{size_of, ONE_E18},
	Generation, Holding, Level, MathError, MathResult, Standing, Units, I256,
};
use keel_primitives::*;

pub type Who = MarginAccount<AccountId>;

/// All markets and accounts as they are.
#[derive(Default)]
pub struct Now {
	pub markets: Vec<Market>,
	pub accounts: Vec<(Who, Account<Test>)>,
}

impl Now {
	pub fn load() -> Self {
		let accounts = Accounts::<Test>::iter().map(|(owner, sub, account)| (Who::new(owner, sub), account));
		Self { markets: Margin::market_ids().map(market).collect(), accounts: accounts.collect() }
	}

	pub fn market(&self, id: MarketId) -> &Market {
		&self.markets[id.0 as usize]
	}

	pub fn account(&self, who: Who) -> Account<Test> {
		let found = self.accounts.iter().find(|(known, _)| *known == who);
		found.map(|(_, account)| account.clone()).unwrap_or_default()
	}

	/// What a unit of a generation counts for at margin `rate`.
	pub fn level(&self, id: MarketId, side: Side, generation: Generation, rate: Ratio) -> MathResult<Level> {
		let market = self.market(id);
		let numbers = market.book.side(side);
		if generation == numbers.generation {
			return numbers.level(side, market.mark, rate);
		}
		let ended = Generations::<Test>::get((id, side, generation)).ok_or(MathError::Insufficient)?;
		// What is reserved for others leaves no whole unit of the next generation: that may be gone already.
		if ended.is_closed_out() || ended.reserved.is_zero() {
			return Ok(ended.quote);
		}
		ended.level(side, self.level(id, side, generation.next(), rate)?)
	}

	/// The maintenance rate of a position.
	pub fn rate(&self, position: &Position) -> Ratio {
		self.market(position.market).maintenance_rate(position.tier)
	}

	pub fn standing(&self, account: &Account<Test>) -> MathResult<Standing> {
		let holding = |position: &Position| {
			let Position { market, side, units, generation, .. } = *position;
			Ok(Holding {
				side,
				units,
				value: self.level(market, side, generation, Ratio::ZERO)?,
				margined: self.level(market, side, generation, self.rate(position))?,
			})
		};
		let holdings: Vec<Holding> = account.positions.iter().map(holding).collect::<MathResult<_>>()?;
		Standing::of(account.cash, &holdings)
	}

	pub fn has_ended(&self, position: &Position) -> bool {
		position.generation != self.market(position.market).book.side(position.side).generation
	}

	/// The size of a position of the present generation.
	pub fn size(&self, account: &Account<Test>, id: MarketId) -> Option<(Side, Size)> {
		let (_, position) = account.find(id).filter(|(_, position)| !self.has_ended(position))?;
		let scale = self.market(id).book.side(position.side).scale;
		Some((position.side, size_of(position.units, scale).ok()?))
	}

	/// Whether the next hook looks at an account: a key of it has fired, or it is where everybody is touched.
	pub fn is_seen(&self, who: Who, account: &Account<Test>) -> bool {
		account.positions.iter().any(|position| {
			let Position { market, side, tier, generation, key, .. } = *position;
			let Some(key) = key else { return false };
			let filed = Filed { market, side, tier, generation, key };
			let is_on_file = Triggers::<Test>::contains_key(Margin::trigger(&filed, &who));
			if !is_on_file || generation < self.market(market).watch(side).drained_to {
				return false;
			}
			let fired = || {
				let level = self.level(market, side, generation, self.rate(position));
				level.is_ok_and(|level| key_fires(side, level, key))
			};
			self.has_ended(position) || (self.market(market).has_unjudged(side) && fired())
		})
	}

	/// Whether numbers of a market that an account is in have left their bounds, and stand still.
	pub fn has_frozen(&self, account: &Account<Test>) -> bool {
		account.positions.iter().any(|position| self.market(position.market).quarantined)
	}

	/// What the house has in a market at mark, in 1e-36 dollars, rounded down. None beyond 256 bits: somebody who
	/// trades at the ends of all bounds.
	pub fn house(&self, id: MarketId) -> Option<I256> {
		let market = self.market(id);
		let size = market.book.sink.times(market.mark.0).and_then(|worth| worth.div_floor(ONE_E18.into()));
		market.book.dust.plus(size.ok()?).ok()
	}

	/// The queue: bankrupt accounts first, then the most unhealthy.
	pub fn queue(&self) -> Vec<Who> {
		let queued = self.accounts.iter().filter(|(_, account)| account.place == Place::Queued);
		let mut queue: Vec<(bool, I256, u64, SubAccount)> = queued
			.filter_map(|(who, account)| {
				let standing = self.standing(account).ok()?;
				Some((!standing.equity.is_negative(), standing.health, who.owner, who.sub))
			})
			.collect();
		queue.sort();
		queue.into_iter().map(|(_, _, owner, sub)| Who::new(owner, sub)).collect()
	}

	/// Units that an account holds on a side, of any generation.
	pub fn units(account: &Account<Test>, id: MarketId, side: Side) -> Units {
		let found = account.find(id).filter(|(_, position)| position.side == side);
		found.map_or(Units::ZERO, |(_, position)| position.units)
	}
}

/// Whether an account is bankrupt that waits to be closed, or to be paid for.
pub fn is_bankrupt(now: &Now, account: &Account<Test>) -> bool {
	account.place == Place::Queued
		&& now.standing(account).map_or(true, |standing| standing.equity.is_negative())
}

/// Tell the markets where somebody bankrupt waits who holds a side, or has left it unpaid.
pub fn tell_waiting() {
	let now = Now::load();
	let bankrupt: Vec<_> = now.accounts.iter().filter(|(_, account)| is_bankrupt(&now, account)).collect();
	for id in Margin::market_ids() {
		for side in Side::BOTH {
			let waits = bankrupt.iter().any(|(_, account)| {
				let holds = !Now::units(account, id, side).is_zero();
				holds || account.losses.iter().any(|loss| (loss.market, loss.side) == (id, side))
			});
			if now.market(id).watch(side).bankrupt_waiting != waits {
				<Margin as keel_traits::Liquidatable<AccountId>>::set_waiting(id, side, waits);
			}
		}
	}
}
