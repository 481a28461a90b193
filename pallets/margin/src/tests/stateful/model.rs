// SPDX-License-Identifier: Apache-2.0
//! The rules once more, plainly. What an account has and may do is worked out here from what is stored, with the
//! arithmetic of `keel-math` and without the pallet's own judging: where the two differ, one of them is wrong.

use super::controls::Fault;
use crate::{mock::*, *};
use frame_support::{storage::with_storage_layer, traits::Get};
use keel_math::{
	initial::{InitialRates, Opening},
	keys::key_fires,
	margin::{entry_part, funding_received, profit},
	units::{notional, share, size_of, units_for, units_to_close, Rounding},
	Borne, Holding, InitialParams, KeptTier, Level, MathResult, SideBook, Standing, TierIndex, Units, I256,
};
use keel_primitives::*;
use keel_traits::{MarketGate, Observation, PriceFeed};
use sp_runtime::DispatchError;
use std::collections::BTreeMap;

pub type Who = MarginAccount<AccountId>;
pub type Refused = Error<Test>;

/// Look at what would be, and take it back.
pub fn peek<R>(look: impl FnOnce() -> R) -> R {
	let around = world(|world| world.clone());
	let mut seen = None;
	let undone: Result<(), DispatchError> = with_storage_layer(|| {
		seen = Some(look());
		Err(DispatchError::Other("only looked"))
	});
	assert!(undone.is_err());
	world(|world| *world = around);
	seen.expect("it was looked at")
}

pub fn ensure(holds: bool, refused: Refused) -> Result<(), Refused> {
	if holds {
		Ok(())
	} else {
		Err(refused)
	}
}

pub fn fits<R>(result: MathResult<R>) -> Result<R, Refused> {
	result.map_err(|_| Refused::Overflow)
}

/// All accounts as they are stored.
pub fn accounts() -> BTreeMap<Who, Account<Test>> {
	Accounts::<Test>::iter().map(|(owner, sub, account)| (Who::new(owner, sub), account)).collect()
}

/// An account that is about to act: what has ended is settled.
#[derive(Clone)]
pub struct Party {
	pub who: Who,
	pub account: Account<Test>,
	/// Whether it was in liquidation before it acts.
	pub queued: bool,
}

/// Markets as they are.
#[derive(Clone)]
pub struct Model {
	pub markets: BTreeMap<MarketId, Market>,
	pub fault: Option<Fault>,
}

/// One side of a trade that is not judged yet.
pub struct Half {
	pub before: Standing,
	pub fill: Fill,
}

impl Model {
	pub fn now(fault: Option<Fault>) -> Self {
		Self { markets: Markets::<Test>::iter().collect(), fault }
	}

	/// Everything as it is when `who` has been looked at: what has ended of their positions is settled.
	pub fn of<const N: usize>(who: [Who; N], fault: Option<Fault>) -> (Self, [Party; N]) {
		peek(|| {
			let parties = who.map(|who| {
				let queued = Margin::stored(&who).place == Place::Queued;
				Party { who, account: Margin::current(&who).expect("fits"), queued }
			});
			(Self::now(fault), parties)
		})
	}

	pub fn is(&self, fault: Fault) -> bool {
		self.fault == Some(fault)
	}

	pub fn market(&self, id: MarketId) -> &Market {
		self.markets.get(&id).expect("listed")
	}

	pub fn observed(&self, id: MarketId) -> Observation {
		Around::observe(self.market(id).feed)
	}

	/// Whether the level of a position is beyond its key.
	pub fn has_fired(&self, position: &Position) -> bool {
		let (market, side) = (self.market(position.market), position.side);
		let numbers = market.book.side(side);
		position.generation == numbers.generation
			&& position.key.is_some_and(|key| {
				let rate = kept(market, position.tier).maintenance;
				key_fires(side, numbers.level(side, market.mark, rate).expect("fits"), key)
			})
	}

	/// Whether a side may soon have to pay for somebody on the other one. Where nobody is left, nobody is to be judged;
	/// a head that has fired counts until a walk was there, also when its account has left or was judged otherwise.
	pub fn may_have_to_pay(&self, id: MarketId, side: Side) -> bool {
		let (market, other) = (self.market(id), side.opposite());
		let (watch, numbers) = (market.watch(other), market.book.side(other));
		let fired = |(index, head): (TierIndex, Level)| {
			let rate = kept(market, index).maintenance;
			key_fires(other, numbers.level(other, market.mark, rate).expect("fits"), head)
		};
		!self.is(Fault::LossesPendingIgnored)
			&& (watch.bankrupt_waiting
				|| watch.drained_to < numbers.generation
				|| (!numbers.units.is_zero() && watch.heads().any(fired)))
	}

	pub fn held(&self, account: &Account<Test>, id: MarketId) -> Option<(Side, Size)> {
		let position = account.positions.iter().find(|position| position.market == id)?;
		let scale = self.market(id).book.side(position.side).scale;
		Some((position.side, size_of(position.units, scale).expect("fits")))
	}

	pub fn standing(&self, account: &Account<Test>) -> Standing {
		let holdings: Vec<Holding> = account
			.positions
			.iter()
			.map(|position| {
				let (market, side) = (self.market(position.market), position.side);
				let rate = kept(market, position.tier).maintenance;
				let level = |rate| market.book.side(side).level(side, market.mark, rate).expect("fits");
				Holding { side, units: position.units, value: level(Ratio::ZERO), margined: level(rate) }
			})
			.collect();
		Standing::of(account.cash, &holdings).expect("fits")
	}

	pub fn is_unhealthy(&self, account: &Account<Test>) -> bool {
		self.standing(account).health.is_negative()
	}

	/// The share of its limits that a market has grown to: a tenth at first, in parts per billion.
	pub fn grown(market: &Market) -> u128 {
		let ramp: u64 = <Test as Config>::ListingRamp::get();
		let now = world(|world| world.now);
		match market.listed_at.map(|listed| now - listed) {
			Some(age) if age < ramp => 100_000_000 + 900_000_000 * u128::from(age) / u128::from(ramp),
			_ => 1_000_000_000,
		}
	}

	fn limits(market: &Market) -> InitialParams {
		let grown = Self::grown(market) as i128;
		let InitialParams { soft_cap, hard_cap, .. } = market.params.initial;
		let soft = soft_cap.0 * grown / 1_000_000_000;
		let hard = (hard_cap.0 * grown / 1_000_000_000).max(soft + 1);
		InitialParams { soft_cap: Quote(soft), hard_cap: Quote(hard), ..market.params.initial }
	}

	pub fn open_size(market: &Market) -> Size {
		let [long, short] = Side::BOTH.map(|side| market.book.side(side).size().expect("fits"));
		long.max(short)
	}

	/// The initial rates of a position of `worth` in a tier, when `more` than now is open.
	pub fn rates(
		&self,
		account: &Account<Test>,
		id: MarketId,
		base: Ratio,
		worth: Quote,
		more: Size,
	) -> Result<InitialRates, Refused> {
		let market = self.market(id);
		let open = Self::open_size(market).0.checked_add(more.0).ok_or(Refused::Overflow)?;
		let crowd = fits(notional(Size(open), market.mark))?;
		let crowd = if self.is(Fault::CrowdIgnored) { Quote::ZERO } else { crowd };
		fits(InitialRates::of(
			&Self::limits(market),
			&Opening {
				base,
				notional: worth,
				open_interest: crowd,
				volatility: self.observed(id).volatility,
				leverage: account.leverage.filter(|_| !self.is(Fault::LeverageIgnored)),
			},
		))
	}

	pub fn rates_of(&self, account: &Account<Test>, position: &Position) -> InitialRates {
		let market = self.market(position.market);
		let (_, size) = self.held(account, position.market).expect("it is held");
		let worth = notional(size, market.mark).expect("fits");
		let base = initial(market, position.tier);
		self.rates(account, position.market, base, worth, Size::ZERO).expect("fits")
	}

	/// Equity, carefully valued, less what is asked.
	pub fn surplus(&self, account: &Account<Test>, asked: Requirement) -> i128 {
		let (mut sum, mut withheld) = (I256::from(account.cash), 0);
		for position in &account.positions {
			let (market, side) = (self.market(position.market), position.side);
			let rates = self.rates_of(account, position);
			let own = [rates.base, rates.size, rates.leverage];
			let rate = match asked {
				Requirement::Initial => rates.largest(),
				Requirement::TakeOver => own.into_iter().max().unwrap_or_default(),
				Requirement::Withdrawal => own
					.into_iter()
					.chain([rates.volatility, market.params.withdrawal_rate])
					.max()
					.unwrap_or_default(),
			};
			let Observation { price: index, slow, .. } = self.observed(position.market);
			let mut known = vec![market.mark];
			known.extend([index].into_iter().filter(|price| price.in_bounds()));
			known.extend([slow].into_iter().filter(|price| price.in_bounds()));
			if self.is(Fault::SlowPriceIgnored) {
				known.truncate(1);
			}
			let price = match side {
				Side::Long => known.into_iter().min(),
				Side::Short => known.into_iter().max(),
			};
			let price = price.expect("there is a mark");
			let numbers = market.book.side(side);
			let margined = I256::product(position.units.0, numbers.level(side, price, rate).expect("fits").0);
			sum = match side {
				Side::Long => sum.plus(margined.expect("fits")),
				Side::Short => sum.minus(margined.expect("fits")),
			}
			.expect("fits");

			let value = numbers.level(side, price, Ratio::ZERO).expect("fits");
			let all = profit(side, position.units, value, position.entry).expect("fits").0;
			let funding =
				funding_received(side, position.units, numbers.funding, position.funding_at).expect("fits").0;
			let counted = match asked {
				_ if !self.may_be_taken(position.market) => Ratio::ZERO,
				Requirement::Withdrawal if !self.is(Fault::ProfitCounted) => market.params.withdrawal_credit,
				_ => market.params.opening_credit,
			};
			let discount = Ratio(1_000_000_000 - counted.0);
			withheld += share(Quote(all - funding), discount, Rounding::Up).expect("fits").0;
		}
		let leaving = if self.is(Fault::LeavingIgnored) { 0 } else { account.leaving.0 };
		let off = i128::from(self.is(Fault::SurplusOffByOne));
		sum.quote_floor().expect("fits").0 - withheld - leaving + off
	}

	/// Whether money may leave on the prices of all markets an account is in.
	pub fn money_may_leave(&self, account: &Account<Test>) -> bool {
		account.positions.iter().all(|position| {
			let id = position.market;
			self.observed(id).state == PriceState::Valid
				&& matches!(
					Around::status(id),
					MarketStatus::Open | MarketStatus::Guarded | MarketStatus::Auction
				) && !self.market(id).quarantined
				&& self.is_live(id)
		})
	}

	/// What a healthy account pays when a key of it fires: at most five times within a day, never more than its health.
	pub fn refiling_fee(&self, account: &Account<Test>, health: Quote) -> Quote {
		let paid = account.refiling.spent(world(|world| world.now), 86_400_000).0;
		let once = world(|world| world.refiling_fee).0;
		let once = if self.is(Fault::FeeIgnored) { 0 } else { once };
		Quote(once.min(250_000 - paid).min(health.0).max(0))
	}

	/// Whether mark was set in this block.
	pub fn is_live(&self, id: MarketId) -> bool {
		u64::from(self.market(id).marked_in) == System::block_number()
	}

	/// Whether a position could be taken at mark.
	fn may_be_taken(&self, id: MarketId) -> bool {
		let trades = matches!(Around::status(id), MarketStatus::Open | MarketStatus::Guarded);
		trades && !self.market(id).quarantined && self.is_live(id)
	}

	/// Funding since the last touch becomes a part of what a position has cost; what it bore is its claim.
	pub fn account_funding(&self, account: &mut Account<Test>, id: MarketId) {
		let Some((index, position)) = account.find(id) else { return };
		let mut book = self.market(id).book;
		let SideBook { funding: now, returns, .. } = *book.side(position.side);
		let received =
			funding_received(position.side, position.units, now, position.funding_at).expect("fits").0;
		let position = &mut account.positions[index];
		account.cash.0 += book.fetch(position.units, &mut position.borne, returns).expect("fits").0;
		position.funding_at = now;
		position.entry.0 += if position.side == Side::Long { received } else { -received };
	}

	/// `units` of a position have become `cash`.
	pub fn leave(account: &mut Account<Test>, id: MarketId, units: Units, cash: Quote) {
		let (index, _) = account.find(id).expect("it is held");
		let position = &mut account.positions[index];
		position.entry.0 -= entry_part(position.entry, units, position.units).expect("fits").0;
		position.units = position.units.minus(units).expect("there are as many");
		account.cash.0 += cash.0;
		if position.units.is_zero() {
			account.positions.remove(index);
		}
	}

	/// Buy (`Long`) or sell: close what is opposite, open the rest.
	pub fn fill(
		&mut self,
		account: &mut Account<Test>,
		id: MarketId,
		side: Side,
		size: Size,
		price: Price,
	) -> Result<Fill, Refused> {
		self.account_funding(account, id);
		account.free_from = System::block_number() as u32 + 2;
		let mut fill = Fill::default();
		if let Some((held, most)) = self.held(account, id).filter(|(held, _)| *held != side) {
			fill.closed = most.min(size);
			let (_, position) = account.find(id).expect("it is held");
			let book = &mut self.markets.get_mut(&id).expect("listed").book;
			let units = fits(units_to_close(position.units, book.side(held).scale, fill.closed))?;
			let cash = fits(book.close(held, units, price))?;
			Self::leave(account, id, units, cash);
		}
		fill.opened = Size(size.0 - fill.closed.0);
		if !fill.opened.is_zero() {
			self.open(account, id, side, fill.opened, price)?;
		}
		if let Some((index, position)) = account.find(id) {
			let (_, size) = self.held(account, id).expect("it is held");
			let market = self.market(id);
			let worth = fits(notional(size, market.mark))?;
			let tier = next_tier(market, position.tier, worth, !fill.opened.is_zero());
			account.positions[index].tier = tier.ok_or(Refused::PositionTooLarge)?;
		}
		Ok(fill)
	}

	fn open(
		&mut self,
		account: &mut Account<Test>,
		id: MarketId,
		side: Side,
		size: Size,
		price: Price,
	) -> Result<(), Refused> {
		let references = self.market(id).references;
		let book = &mut self.markets.get_mut(&id).expect("listed").book;
		let numbers = *book.side(side);
		let units = fits(units_for(size, numbers.scale))?;
		let cash = fits(book.open(side, units, price))?;
		account.cash.0 += cash.0;
		let cost = if side == Side::Long { Quote(-cash.0) } else { cash };
		if let Some((index, _)) = account.find(id) {
			let position = &mut account.positions[index];
			position.units = fits(position.units.plus(units))?;
			position.entry.0 += cost.0;
			position.opened.grown |= position.opened.at != references;
			position.opened.at = references;
			return Ok(());
		}
		let position = Position {
			market: id,
			side,
			units,
			generation: numbers.generation,
			tier: TierIndex::FIRST,
			entry: cost,
			funding_at: numbers.funding,
			opened: Opened { at: references, grown: false },
			borne: Borne::new(numbers.returns),
			key: None,
		};
		account.positions.try_push(position).map_err(|_| Refused::TooManyPositions)
	}
}

/// A tier as it is kept.
fn kept(market: &Market, index: TierIndex) -> KeptTier {
	market.tiers.as_slice()[usize::from(index.0)]
}

/// What who opens in a tier is asked for: by the table at its reach, and never less than is kept.
fn initial(market: &Market, index: TierIndex) -> Ratio {
	let (tier, table) = (kept(market, index), market.params.tiers.as_slice());
	let of_table = table.iter().find(|line| line.up_to >= tier.up_to).or(table.last());
	of_table.expect("there is one").initial.max(tier.maintenance)
}

/// Where the maintenance rate of a tier goes: to that of the table, or up to its lowest.
fn goes_to(market: &Market, index: TierIndex) -> Ratio {
	let (tier, table) = (kept(market, index), market.params.tiers.as_slice());
	match table.iter().find(|line| line.up_to == tier.up_to) {
		Some(line) => line.maintenance,
		None => tier.maintenance.max(table[0].maintenance),
	}
}

/// The tier of a position after a touch: of its size when it grows, else of that only when it asks no more.
fn next_tier(market: &Market, held: TierIndex, worth: Quote, grows: bool) -> Option<TierIndex> {
	let line = market.params.tiers.as_slice().iter().find(|line| worth <= line.up_to);
	let asked = line.map(|line| {
		let number = market.tiers.as_slice().iter().position(|tier| tier.up_to == line.up_to);
		TierIndex(number.expect("each tier of the table is kept") as u8)
	});
	if grows {
		return asked;
	}
	let asks_no_more = |asked: &TierIndex| {
		let [to, from] = [*asked, held].map(|index| kept(market, index));
		let reaches_no_further = to.up_to <= from.up_to || to.maintenance < from.maintenance;
		let rates = |index| [kept(market, index).maintenance, goes_to(market, index), initial(market, index)];
		let mut pairs = rates(*asked).into_iter().zip(rates(held));
		reaches_no_further && pairs.all(|(to, from)| to <= from)
	};
	Some(asked.filter(asks_no_more).unwrap_or(held))
}
