// SPDX-License-Identifier: Apache-2.0
//! The two sides of a market and the house between them.
//!
//! Per side: scale `A` (base units per stored unit), quote `K` and funding `F` (dollars per stored unit),
//! units `Q`. A position of `q` units has the size `q * A` and is worth `q * (A p + K)`: owned by a long,
//! owed by a short. Two equations hold after every operation, exactly:
//!
//! ```text
//! paid_in = K_L Q_L - K_S Q_S + unsettled + set_apart + dust - debt        1e-36 dollars
//! A_L Q_L + sink = A_S Q_S                                                 1e-36 base units
//! ```
//!
//! The house is an account like others: it owns `dust` dollars and `sink` base units (short when negative).
//! Both are what rounding leaves; at the price of an operation their value never falls.
//!
//! Each operation changes the book whole or, when it answers an error, not at all.

use crate::{
	int::{div_floor, narrow, narrow_signed, wide_product, I256},
	units::{scaled_price, size_of, weight, FundingRate, Generation, Level, Rounding, Scale, Units, ONE_E27},
	MathError, MathResult, Returns,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use keel_primitives::{Moment, Price, Quote, Ratio, Side, Size};
use primitive_types::U256;
use scale_info::TypeInfo;

/// Milliseconds in eight hours, the time a funding rate is stated for.
pub const FUNDING_PERIOD_MS: u64 = 28_800_000;

/// What rounding adds to a loss beyond the gain that it is the other side of: a unit (1e-6 dollars) for each
/// position of the account that made it, at most.
pub const ROUNDINGS: Quote = Quote(16);

/// The numbers of one side.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct SideBook {
	/// `A`: base units per stored unit.
	pub scale: Scale,
	/// `K`: dollars per stored unit, from funding, deleveraging and socialised losses.
	pub quote: Level,
	/// `F`: the part of `K` that is funding.
	pub funding: Level,
	/// `Q`: stored units of all positions of this generation.
	pub units: Units,
	/// The generation that new positions belong to.
	pub generation: Generation,
	/// What a unit was worth when last nobody waited for liquidation: what a move has given or taken is
	/// counted from here.
	pub reference: Level,
	/// What its units have borne of the losses of others, and were given back.
	pub returns: Returns,
}

/// A generation that ended, kept until its last position is settled.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Ended {
	/// What a stored unit counts in units of the next generation; zero when the side was closed out.
	pub scale: Scale,
	/// `K` at the end, with every loss booked on it: a unit's claim in dollars.
	pub quote: Level,
	/// `F` at the end.
	pub funding: Level,
	/// Units not settled yet.
	pub left: Units,
	/// Units of the next generation that wait for them.
	pub reserved: Units,
	/// The side's reference when it ended.
	pub reference: Level,
	/// What its units had borne and were given back.
	pub returns: Returns,
}

/// What a position of an ended generation becomes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settled {
	/// What the account receives; negative when it pays.
	pub cash: Quote,
	/// Its units in the next generation.
	pub units: Units,
}

/// What deleveraging did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scaled {
	/// What the closed account receives; negative when it pays.
	pub cash: Quote,
	/// The generation of the opposite side that ended by it.
	pub ended: Option<Ended>,
}

/// Whether the two equations hold.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Conservation {
	/// What was paid in is what is owed.
	pub quote: bool,
	/// Longs and the house own what shorts owe.
	pub size: bool,
}

impl Conservation {
	/// Both hold.
	pub const fn holds(self) -> bool {
		self.quote && self.size
	}
}

/// Both sides of a market, and the house between them.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Book {
	/// Those who own the underlying's value.
	pub long: SideBook,
	/// Those who owe it.
	pub short: SideBook,
	/// What positions have paid in, less what they were paid: the market's claim on custody.
	pub paid_in: Quote,
	/// What ended generations still own, less what they owe, in 1e-36 dollars.
	pub unsettled: I256,
	/// What was given back to those who bore losses and is not fetched yet, in 1e-36 dollars.
	pub set_apart: I256,
	/// The part of it that nobody has a claim to.
	pub unclaimed: Quote,
	/// The house's dollars, in 1e-36 dollars.
	pub dust: I256,
	/// The house's size, in 1e-36 base units; negative when it is short.
	pub sink: I256,
	/// Losses that met an empty side: what the market still owes to custody.
	pub debt: Quote,
}

/// `value` of a long's claim; minus `value` of a short's.
fn owed(side: Side, value: I256) -> I256 {
	match side {
		Side::Long => value,
		Side::Short => value.negated(),
	}
}

/// `amount` of dollars that a holder of `side` receives on leaving; a short pays.
fn proceeds(side: Side, amount: Quote) -> Quote {
	match side {
		Side::Long => amount,
		// No amount is i128::MIN: it is a quotient by 1e30.
		Side::Short => Quote(amount.0.saturating_neg()),
	}
}

fn not_negative(amount: Quote) -> MathResult<()> {
	if amount.is_negative() {
		Err(MathError::Insufficient)
	} else {
		Ok(())
	}
}

fn quote_sum(a: Quote, b: Quote) -> MathResult<Quote> {
	a.0.checked_add(b.0).map(Quote).ok_or(MathError::Overflow)
}

fn quote_difference(a: Quote, b: Quote) -> MathResult<Quote> {
	a.0.checked_sub(b.0).map(Quote).ok_or(MathError::Overflow)
}

impl SideBook {
	/// `U = A p (1 -+ r) + K` at 27 decimals: what a stored unit counts for at price `p` and margin
	/// rate `r`, rounded against the holder (a long's down, a short's up). At `r = 0` its value.
	///
	/// Domain: the bounds of the crate, a rate of at most one.
	pub fn level(&self, side: Side, price: Price, rate: Ratio) -> MathResult<Level> {
		scaled_price(self.scale, price, weight(side, rate), Rounding::against(side))?.plus(self.quote)
	}

	/// The value of a stored unit, rounded for who pays: a long that opens, a short that is paid.
	fn entry_level(&self, side: Side, price: Price) -> MathResult<Level> {
		scaled_price(self.scale, price, weight(side, Ratio::ZERO), Rounding::against(side).flipped())?
			.plus(self.quote)
	}

	/// The size of all positions, rounded down.
	/// Domain: the bounds of the crate.
	pub fn size(&self) -> MathResult<Size> {
		size_of(self.units, self.scale)
	}

	/// `A Q`, exact, in 1e-36 base units.
	fn exact_size(&self) -> MathResult<I256> {
		I256::signed(false, wide_product(self.units.0, self.scale.0))
	}

	/// `K Q`, exact, in 1e-36 dollars.
	fn exact_quote(&self) -> MathResult<I256> {
		I256::product(self.units.0, self.quote.0)
	}

	/// What `units` have lost since the reference, at price `mark`: zero when they gained, rounded up.
	///
	/// Domain: the bounds of the crate, any reference; an error where more is lost than an amount holds.
	pub fn lost(&self, side: Side, units: Units, mark: Price) -> MathResult<Quote> {
		let now = self.level(side, mark, Ratio::ZERO)?;
		gained(side, units, now, self.reference)?.negated().quote_ceil().map(|lost| lost.max(Quote::ZERO))
	}

	/// The reference after `units` more were opened at `price`: the mean, as what was gained before is not
	/// theirs; rounded against bearing more.
	fn reference_with(&self, side: Side, units: Units, price: Price) -> MathResult<Level> {
		if !self.units.is_zero() && self.reference == unknown_reference(side) {
			return Ok(self.reference);
		}
		let theirs = self.level(side, price, Ratio::ZERO)?;
		let sum = I256::product(self.units.0, self.reference.0)?.plus(I256::product(units.0, theirs.0)?)?;
		let all = U256::from(self.units.plus(units)?.0);
		if all.is_zero() {
			return Ok(self.reference);
		}
		match side {
			Side::Long => sum.div_ceil(all),
			Side::Short => sum.div_floor(all),
		}?
		.to_i128()
		.map(Level)
	}

	/// A side without units starts afresh, in the same generation: nobody holds a key in it.
	fn reset_when_empty(&mut self) {
		if self.units.is_zero() {
			*self = Self { generation: self.generation, ..Self::default() };
		}
	}
}

impl Ended {
	/// The most of a loss that may be laid on the claims of a side that was closed out; see
	/// [`Book::bearable`].
	///
	/// Domain: the bounds of the crate; a gain beyond all amounts counts as the largest.
	pub fn bearable(&self, side: Side) -> MathResult<Quote> {
		self.bearable_at(side, Level::ZERO)
	}

	/// The most of a loss that may be laid on the positions of a side that was re-based, where `next` is the
	/// value of a unit of the next generation: `left max(0, U - U_ref)`, as [`Book::bearable`].
	///
	/// While all units of the next generation are reserved for this one (see [`Self::is_alone`]) a loss belongs
	/// here: there the side is counted in units that may be too coarse to tell its holders apart.
	///
	/// Domain: as [`Self::bearable`], any `next`; an error where that makes a level leave its range.
	pub fn bearable_at(&self, side: Side, next: Level) -> MathResult<Quote> {
		bearable(side, self.left, self.level(side, next)?, self.reference)
	}

	/// Whether the `units` of the next generation are all reserved for this one: nobody holds the side but
	/// those whose positions are of this generation or an earlier one.
	/// Domain: any `units`.
	pub fn is_alone(&self, units: Units) -> bool {
		!self.is_settled() && self.reserved == units
	}

	/// The level of a unit of this generation, given the next generation's: `A_end U_next + K_end`,
	/// rounded against the holder. Closed out, it is the constant `K_end`.
	///
	/// Domain: any `next`; an error where the level leaves its range.
	pub fn level(&self, side: Side, next: Level) -> MathResult<Level> {
		let product = I256::product(self.scale.0, next.0)?;
		let divisor = U256::from(ONE_E27);
		let scaled = match Rounding::against(side) {
			Rounding::Down => product.div_floor(divisor),
			Rounding::Up => product.div_ceil(divisor),
		}?;
		Level(scaled.to_i128()?).plus(self.quote)
	}

	/// Whether the side was closed out: its positions are claims in dollars.
	pub const fn is_closed_out(&self) -> bool {
		self.scale.0 == 0
	}

	/// What `units` of a side that was closed out have lost since the reference; see [`SideBook::lost`].
	///
	/// Domain: the bounds of the crate, any reference; an error where more is lost than an amount holds.
	pub fn lost(&self, side: Side, units: Units) -> MathResult<Quote> {
		gained(side, units, self.quote, self.reference)?
			.negated()
			.quote_ceil()
			.map(|lost| lost.max(Quote::ZERO))
	}

	/// Whether nothing refers to it any more.
	pub const fn is_settled(&self) -> bool {
		self.left.0 == 0
	}
}

impl Book {
	/// The numbers of `side`.
	pub const fn side(&self, side: Side) -> &SideBook {
		match side {
			Side::Long => &self.long,
			Side::Short => &self.short,
		}
	}

	/// The numbers of `side`, to be changed.
	pub const fn side_mut(&mut self, side: Side) -> &mut SideBook {
		match side {
			Side::Long => &mut self.long,
			Side::Short => &mut self.short,
		}
	}

	/// Open interest: the size of all longs, rounded down.
	/// Domain: the bounds of the crate.
	pub fn open_interest(&self) -> MathResult<Size> {
		self.long.size()
	}

	/// Open `units` on `side` at `price`. Returns what the account receives: a long pays
	/// `ceil(q (A x + K))`, a short is paid `floor(q (A x + K))`.
	///
	/// Domain: the bounds of the crate, which the units of the side keep with `units` more:
	/// [`MathError::Overflow`] else.
	pub fn open(&mut self, side: Side, units: Units, price: Price) -> MathResult<Quote> {
		self.atomically(|book| {
			let numbers = book.side(side);
			let exact = I256::product(units.0, numbers.entry_level(side, price)?.0)?;
			let amount = Rounding::against(side).flipped().quote(exact)?;
			let cash = proceeds(side.opposite(), amount);
			let claim = I256::product(units.0, numbers.quote.0)?;
			let size = I256::signed(false, wide_product(units.0, numbers.scale.0))?;
			let all = numbers.units.plus(units)?;
			let reference = numbers.reference_with(side, units, price)?;
			let numbers = book.side_mut(side);
			numbers.units = all;
			numbers.reference = reference;
			book.flow(cash, owed(side, claim))?;
			book.sink = book.sink.minus(owed(side, size))?;
			Ok(cash)
		})
	}

	/// Close `units` of `side` at `price`. Returns what the account receives: a long is paid
	/// `floor(q (A x + K))`, a short pays `ceil(q (A x + K))`.
	///
	/// Domain: at most the units of the side, else [`MathError::Insufficient`]; a price within the bounds.
	pub fn close(&mut self, side: Side, units: Units, price: Price) -> MathResult<Quote> {
		self.atomically(|book| {
			let numbers = book.side(side);
			let exact = I256::product(units.0, numbers.level(side, price, Ratio::ZERO)?.0)?;
			let cash = proceeds(side, Rounding::against(side).quote(exact)?);
			book.remove(side, units, cash)?;
			Ok(cash)
		})
	}

	/// Accrue funding over `elapsed_ms` at `rate` per eight hours and price `p`: the payer's `K` and `F`
	/// move by `ceil(A p f)`, the receiver's by `floor(A p f)`. Zero-sum: the rest is dust.
	///
	/// Domain: `|rate|` at most one (100 % per eight hours), `elapsed_ms` below 2^36 (two years); an error where `K`
	/// leaves its range, at the highest price after more than fifty days of the highest rate.
	pub fn fund(&mut self, price: Price, rate: FundingRate, elapsed_ms: Moment) -> MathResult<()> {
		self.atomically(|book| {
			let payer = if rate.0 < 0 { Side::Short } else { Side::Long };
			for (side, rounding) in [(payer, Rounding::Up), (payer.opposite(), Rounding::Down)] {
				let step = funding_step(book.side(side).scale, price, rate, elapsed_ms, rounding)?;
				// A long that pays owns less, a short that pays owes more; and the reverse. A step is not
				// negative, so its negative fits.
				let change = if payer == Side::Long { Level(step.0.saturating_neg()) } else { step };
				book.move_quote(side, change)?;
				let numbers = book.side_mut(side);
				numbers.funding = numbers.funding.plus(change)?;
				numbers.reset_when_empty();
			}
			Ok(())
		})
	}

	/// Close `units` of `side` at `mark` against the whole opposite side, pro rata.
	///
	/// First `A' = A - floor(units * A_side / Q)`, so a side never gives up more than it should; then
	/// `K' = K + (A - A') p` rounded against the holders. Size and value of everybody at `mark` are what
	/// they were, and the requirement of everybody falls with his size: nobody's health falls.
	///
	/// When the last of `side` goes, so does all of the opposite side: what rounding has put there beyond
	/// it is the house's, and would otherwise be all that is left to bear the loss of who was closed.
	///
	/// Domain: at most the units of the side, else [`MathError::Insufficient`]; a mark within the bounds.
	pub fn deleverage(&mut self, side: Side, units: Units, mark: Price) -> MathResult<Scaled> {
		self.atomically(|book| {
			let share = wide_product(units.0, book.side(side).scale.0);
			let cash = book.close(side, units, mark)?;
			let opposite = book.side(side.opposite());
			let take = if book.side(side).units.is_zero() {
				wide_product(opposite.units.0, opposite.scale.0)
			} else {
				share
			};
			let ended = book.scale_down(side.opposite(), take, mark)?;
			Ok(Scaled { cash, ended })
		})
	}

	/// Nobody waits for liquidation who might leave a loss to `side`: what moves give from now on is counted
	/// from `mark`.
	/// Domain: the bounds of the crate.
	pub fn set_reference(&mut self, side: Side, mark: Price) -> MathResult<()> {
		let numbers = self.side_mut(side);
		if !numbers.units.is_zero() {
			numbers.reference = numbers.level(side, mark, Ratio::ZERO)?;
		}
		Ok(())
	}

	/// The most of a loss that may be laid on `side`: `Q max(0, U - U_ref)`, what all of it has gained at
	/// `mark` since the reference, less what it has borne since. Rounded up, and [`ROUNDINGS`] on top.
	///
	/// Domain: the bounds of the crate; a gain beyond all amounts counts as the largest.
	pub fn bearable(&self, side: Side, mark: Price) -> MathResult<Quote> {
		let numbers = self.side(side);
		bearable(side, numbers.units, numbers.level(side, mark, Ratio::ZERO)?, numbers.reference)
	}

	/// Book a loss that meets an empty side: the market owes it to custody until it is repaid.
	/// Domain: `amount >= 0`, else [`MathError::Insufficient`].
	pub fn borrow(&mut self, amount: Quote) -> MathResult<()> {
		not_negative(amount)?;
		self.atomically(|book| {
			book.paid_in = quote_difference(book.paid_in, amount)?;
			book.debt = quote_sum(book.debt, amount)?;
			Ok(())
		})
	}

	/// Repay at most the debt out of `amount >= 0`. Returns what was used.
	/// Domain: `amount >= 0`, else [`MathError::Insufficient`].
	pub fn repay(&mut self, amount: Quote) -> MathResult<Quote> {
		not_negative(amount)?;
		self.atomically(|book| {
			let used = amount.min(book.debt);
			book.paid_in = quote_sum(book.paid_in, used)?;
			book.debt = quote_difference(book.debt, used)?;
			Ok(used)
		})
	}

	/// Turn `units` of an ended generation into a claim of `q K_end`, paid now, and
	/// `floor(q A_end)` units of the next generation.
	/// Domain: at most `ended.left` units, else [`MathError::Insufficient`].
	pub fn settle(&mut self, side: Side, ended: &mut Ended, units: Units) -> MathResult<Settled> {
		let mut rest = *ended;
		let settled = self.atomically(|book| {
			let claim = I256::product(units.0, rest.quote.0)?;
			let cash = proceeds(side, Rounding::against(side).quote(claim)?);
			let next = Units(size_of(units, rest.scale)?.0);
			rest.left = rest.left.minus(units)?;
			rest.reserved = rest.reserved.minus(next)?;
			let change = owed(side, claim).negated();
			book.unsettled = book.unsettled.plus(change)?;
			book.flow(cash, change)?;
			Ok(Settled { cash, units: next })
		})?;
		*ended = rest;
		Ok(settled)
	}

	/// The house takes over `units` of the current generation that nobody holds: what rounding left of
	/// units reserved for an earlier generation.
	///
	/// Domain: at most the units of the side, else [`MathError::Insufficient`].
	pub fn absorb(&mut self, side: Side, units: Units) -> MathResult<()> {
		self.atomically(|book| {
			book.forgo(units, book.side(side).returns)?;
			book.remove(side, units, Quote::ZERO)
		})
	}

	/// The same in a generation that has ended.
	/// Domain: at most `ended.left` units, else [`MathError::Insufficient`].
	pub fn absorb_ended(&mut self, side: Side, ended: &mut Ended, units: Units) -> MathResult<()> {
		let mut rest = *ended;
		self.atomically(|book| {
			rest.left = rest.left.minus(units)?;
			book.forgo(units, rest.returns)?;
			let change = owed(side, I256::product(units.0, rest.quote.0)?).negated();
			book.unsettled = book.unsettled.plus(change)?;
			book.flow(Quote::ZERO, change)
		})?;
		*ended = rest;
		Ok(())
	}

	/// Whether both equations of this module hold. A sum that does not fit does not hold.
	pub fn conservation(&self) -> Conservation {
		Conservation {
			quote: self.exact_claims().is_ok_and(|claims| claims == I256::from(self.paid_in)),
			size: self.exact_sink().is_ok_and(|sink| sink == self.sink),
		}
	}

	/// `K_L Q_L - K_S Q_S + unsettled + set_apart + dust - debt`.
	fn exact_claims(&self) -> MathResult<I256> {
		self.long
			.exact_quote()?
			.minus(self.short.exact_quote()?)?
			.plus(self.unsettled)?
			.plus(self.set_apart)?
			.plus(self.dust)?
			.minus(I256::from(self.debt))
	}

	/// `A_S Q_S - A_L Q_L`.
	fn exact_sink(&self) -> MathResult<I256> {
		self.short.exact_size()?.minus(self.long.exact_size()?)
	}

	/// An account receives `cash`, and what the book owes to positions changes by `claims`: what does
	/// not match is the house's.
	pub(crate) fn flow(&mut self, cash: Quote, claims: I256) -> MathResult<()> {
		self.paid_in = quote_difference(self.paid_in, cash)?;
		self.dust = self.dust.minus(I256::from(cash))?.minus(claims)?;
		Ok(())
	}

	/// `units` leave `side`; their holder receives `cash`.
	fn remove(&mut self, side: Side, units: Units, cash: Quote) -> MathResult<()> {
		let numbers = self.side(side);
		let claim = I256::product(units.0, numbers.quote.0)?;
		let size = I256::signed(false, wide_product(units.0, numbers.scale.0))?;
		let rest = numbers.units.minus(units)?;
		self.flow(cash, owed(side, claim).negated())?;
		self.sink = self.sink.plus(owed(side, size))?;
		let numbers = self.side_mut(side);
		numbers.units = rest;
		numbers.reset_when_empty();
		Ok(())
	}

	/// `K` of `side` moves by `change`; the house is the counterparty.
	pub(crate) fn move_quote(&mut self, side: Side, change: Level) -> MathResult<()> {
		let numbers = self.side_mut(side);
		numbers.quote = numbers.quote.plus(change)?;
		let claims = I256::product(numbers.units.0, change.0)?;
		self.dust = self.dust.minus(owed(side, claims))?;
		Ok(())
	}

	/// Take `take` (1e-36 base units) from `side`, pro rata, at `price`.
	pub(crate) fn scale_down(&mut self, side: Side, take: U256, price: Price) -> MathResult<Option<Ended>> {
		let numbers = *self.side(side);
		if numbers.units.is_zero() {
			return Ok(None);
		}
		let step = narrow(div_floor(take, U256::from(numbers.units.0))?)?;
		// At most all of it: the house may hold a part of what the other side gives up.
		let mut scale = Scale(numbers.scale.0.saturating_sub(step));
		if size_of(numbers.units, scale)?.is_zero() {
			scale = Scale::ZERO;
		}
		let removed = Scale(numbers.scale.0.checked_sub(scale.0).ok_or(MathError::Overflow)?);
		let gain = scaled_price(removed, price, weight(side, Ratio::ZERO), Rounding::against(side))?;
		let size = I256::signed(false, wide_product(numbers.units.0, removed.0))?;
		self.move_quote(side, gain)?;
		self.sink = self.sink.plus(owed(side, size))?;
		self.side_mut(side).scale = scale;
		if scale < Scale::FLOOR {
			self.end_generation(side).map(Some)
		} else {
			Ok(None)
		}
	}

	/// The generation of `side` ends: closed out when its scale is zero, else re-based.
	fn end_generation(&mut self, side: Side) -> MathResult<Ended> {
		let numbers = *self.side(side);
		let reserved = Units(size_of(numbers.units, numbers.scale)?.0);
		let claims = owed(side, numbers.exact_quote()?);
		let lost = numbers.exact_size()?.minus(I256::signed(false, wide_product(reserved.0, ONE_E27))?)?;
		self.unsettled = self.unsettled.plus(claims)?;
		self.sink = self.sink.plus(owed(side, lost))?;
		*self.side_mut(side) = SideBook {
			units: reserved,
			generation: numbers.generation.next(),
			reference: rebased_reference(side, &numbers)?,
			..SideBook::default()
		};
		Ok(Ended {
			scale: numbers.scale,
			quote: numbers.quote,
			funding: numbers.funding,
			left: numbers.units,
			reserved,
			reference: numbers.reference,
			returns: numbers.returns,
		})
	}

	pub(crate) fn atomically<R>(&mut self, change: impl FnOnce(&mut Self) -> MathResult<R>) -> MathResult<R> {
		let mut next = *self;
		let result = change(&mut next)?;
		*self = next;
		Ok(result)
	}
}

/// What `units` have gained, exact, while the value of one went from `since` to `now`.
fn gained(side: Side, units: Units, now: Level, since: Level) -> MathResult<I256> {
	let now = I256::product(units.0, now.0)?;
	let since = I256::product(units.0, since.0)?;
	match side {
		Side::Long => now.minus(since),
		Side::Short => since.minus(now),
	}
}

fn bearable(side: Side, units: Units, now: Level, since: Level) -> MathResult<Quote> {
	if since == unknown_reference(side) {
		return Ok(Quote::ZERO);
	}
	let gained = gained(side, units, now, since)?;
	if gained <= I256::ZERO {
		return Ok(Quote::ZERO);
	}
	// A gain beyond all amounts bounds nothing.
	Ok(gained.quote_ceil().and_then(|gained| quote_sum(gained, ROUNDINGS)).unwrap_or(Quote(i128::MAX)))
}

/// A reference that has left the range: nothing is known to have been gained since, so nothing is to be borne,
/// and nothing counts as lost.
const fn unknown_reference(side: Side) -> Level {
	Level(match side {
		Side::Long => i128::MIN,
		Side::Short => i128::MAX,
	})
}

/// The reference in units of the next generation: a unit of the old one is worth `A_end U_next + K_end`. Zero
/// for a side that is closed out.
fn rebased_reference(side: Side, numbers: &SideBook) -> MathResult<Level> {
	if numbers.scale == Scale::ZERO {
		return Ok(Level::default());
	}
	let unknown = unknown_reference(side);
	if numbers.reference == unknown {
		return Ok(unknown);
	}
	let constant = I256::from(numbers.reference.0).minus(I256::from(numbers.quote.0))?;
	let next = constant.times(ONE_E27)?.div_floor(U256::from(numbers.scale.0))?;
	Ok(next.to_i128().map_or(unknown, Level))
}

/// `A p |f|` where `f = rate * elapsed / 8 h`, at 27 decimals: below 2^90 * 2^90 * 2^30 * 2^36.
fn funding_step(
	scale: Scale,
	price: Price,
	rate: FundingRate,
	elapsed_ms: Moment,
	rounding: Rounding,
) -> MathResult<Level> {
	// 18 decimals of the price, 9 of the rate.
	let divisor = wide_product(ONE_E27, u128::from(FUNDING_PERIOD_MS));
	let product = wide_product(scale.0, price.0)
		.checked_mul(wide_product(u128::from(rate.0.unsigned_abs()), u128::from(elapsed_ms)))
		.ok_or(MathError::Overflow)?;
	rounding.div(product, divisor).and_then(narrow_signed).map(Level)
}
