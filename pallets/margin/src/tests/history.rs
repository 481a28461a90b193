// SPDX-License-Identifier: Apache-2.0
//! The history of every account can be told from the events alone: what it has, how much of it came from where, and
//! what each market has brought.

use super::random::{apply, step};
use crate::{mock::*, *};
use keel_math::{units::size_of, Scale, Units};
use keel_primitives::*;
use keel_traits::Liquidatable;
use proptest::prelude::*;
use std::collections::BTreeMap;

type Who = MarginAccount<AccountId>;

/// What is open in a market, as told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Open {
	/// Side and size; none while its generation has ended and it is not settled.
	held: Option<(Side, Size)>,
	units: Units,
	entry: Quote,
}

/// What a market has done for an account, as told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Line {
	open: Open,
	realised: Quote,
	funding: Quote,
}

/// An account, as told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Told {
	/// Money put in less money taken out.
	moved: Quote,
	lines: BTreeMap<MarketId, Line>,
}

impl Told {
	/// What was moved and made, less what longs cost and with what shorts were paid.
	fn cash(&self) -> Quote {
		let open = |line: &Line| match line.open.held {
			Some((Side::Short, _)) => line.open.entry.0,
			_ => -line.open.entry.0,
		};
		Quote(
			self.moved.0
				+ self.lines.values().map(|line| line.realised.0 + line.funding.0 + open(line)).sum::<i128>(),
		)
	}
}

/// A book that is kept by reading events.
#[derive(Clone, Debug, Default)]
struct Ledger {
	accounts: BTreeMap<Who, Told>,
	/// The scale of each side since it was last told.
	scales: BTreeMap<(MarketId, Side), Scale>,
	/// How many amounts of funding were rounded.
	rounded: i128,
}

type Read = Result<(), String>;

impl Ledger {
	fn moved(&mut self, who: &Who, amount: i128) {
		self.accounts.entry(*who).or_default().moved.0 += amount;
	}

	fn line(&mut self, who: &Who, market: MarketId) -> &mut Line {
		self.accounts.entry(*who).or_default().lines.entry(market).or_default()
	}

	fn read(&mut self, event: &Event<Test>) -> Read {
		match event {
			Event::Deposited { account, amount }
			| Event::FeesEarned { account, amount }
			| Event::DebtCovered { account, amount, .. } => self.moved(account, amount.0),
			Event::Withdrawn { account, amount }
			| Event::Charged { account, amount }
			| Event::RefilingFeePaid { account, amount, .. } => self.moved(account, -amount.0),
			Event::Transferred { from, to, amount } => {
				self.moved(from, -amount.0);
				self.moved(&Who::new(from.owner, *to), amount.0);
			}
			Event::FundingAccounted { account, market, received } => {
				self.rounded += 1;
				let line = self.line(account, *market);
				line.funding.0 += received.0;
				match line.open.held.ok_or("funding of what is not held")?.0 {
					Side::Long => line.open.entry.0 += received.0,
					Side::Short => line.open.entry.0 -= received.0,
				}
			}
			Event::PositionChanged { account, market, side, fill, after, units, entry, cash, .. } => {
				let line = self.line(account, *market);
				let signed = |held: Option<(Side, Size)>| match held {
					None => 0,
					Some((Side::Long, size)) => size.0 as i128,
					Some((Side::Short, size)) => -(size.0 as i128),
				};
				let done = signed(Some((*side, Size(fill.closed.0 + fill.opened.0))));
				// A size is rounded down, before and after.
				if (signed(line.open.held) + done - signed(*after)).abs() > 2 {
					return Err(format!("{:?} and {fill:?} are not {after:?}", line.open));
				}
				line.realised.0 += fill.realised.0;
				line.open = Open { held: *after, units: *units, entry: *entry };
				let told = self.accounts[account].cash();
				if told != *cash {
					return Err(format!("{told:?} is not {cash:?} after {event:?}"));
				}
			}
			Event::PositionSettled { account, market, side, received, units } => {
				let scale = self.scales.get(&(*market, *side)).copied().unwrap_or_default();
				let line = self.line(account, *market);
				let (cost, sign) = match side {
					Side::Long => (line.open.entry.0 - received.0, -1),
					Side::Short => (line.open.entry.0 + received.0, 1),
				};
				if units.is_zero() {
					// All of it is cash: what it cost less than that is profit.
					line.realised.0 += sign * cost;
					line.open = Open::default();
				} else {
					let size = size_of(*units, scale).map_err(|error| format!("{error:?}"))?;
					line.open = Open { held: Some((*side, size)), units: *units, entry: Quote(cost) };
				}
			}
			Event::Deleveraged { market, side, scale, .. } => {
				let side = side.opposite();
				self.scales.insert((*market, side), *scale);
				self.resize(*market, side, |open| size_of(open.units, *scale).ok())?;
			}
			// Until it is settled, a position has a side, and no size that could be told.
			Event::GenerationEnded { market, side, .. } => {
				self.scales.remove(&(*market, *side));
				self.resize(*market, *side, |_| Some(Size::ZERO))?;
			}
			_ => {}
		}
		Ok(())
	}

	fn resize(&mut self, market: MarketId, side: Side, size: impl Fn(&Open) -> Option<Size>) -> Read {
		let lines = self.accounts.values_mut().filter_map(|told| told.lines.get_mut(&market));
		for line in lines.filter(|line| line.open.held.is_some_and(|(held, _)| held == side)) {
			line.open.held = Some((side, size(&line.open).ok_or("a size that does not fit")?));
		}
		Ok(())
	}

	/// Whether what was told is what is stored. Nobody may have a position that is to be settled.
	fn compare(&self) -> Read {
		let mut funding = 0;
		let mut stored: BTreeMap<Who, (Quote, BTreeMap<MarketId, Open>)> = BTreeMap::new();
		for (owner, sub, account) in Accounts::<Test>::iter() {
			let open = |position: &Position| {
				let of = market(position.market);
				funding += Margin::funding_due(&of, position).unwrap().0;
				let size = size_of(position.units, of.book.side(position.side).scale).unwrap();
				let held = Some((position.side, size));
				(position.market, Open { held, units: position.units, entry: position.entry })
			};
			let positions = account.positions.iter().map(open).collect();
			stored.insert(Who::new(owner, sub), (account.cash, positions));
		}
		for (who, told) in &self.accounts {
			let (cash, positions) = stored.remove(who).unwrap_or_default();
			let open = |(market, line): (&MarketId, &Line)| line.open.held.map(|_| (*market, line.open));
			let held: BTreeMap<_, _> = told.lines.iter().filter_map(open).collect();
			if (told.cash(), &held) != (cash, &positions) {
				return Err(format!(
					"{who:?}: told {:?} {held:?}, found {cash:?} {positions:?}",
					told.cash()
				));
			}
			funding += told.lines.values().map(|line| line.funding.0).sum::<i128>();
		}
		if let Some(unknown) = stored.first_key_value() {
			return Err(format!("nothing was told of {unknown:?}"));
		}
		// What one side pays the other receives, but for what is rounded where it is accounted or due.
		if funding.abs() > self.rounded + 2 * self.accounts.len() as i128 {
			return Err(format!("funding sums to {funding}"));
		}
		Ok(())
	}
}

fn events() -> Vec<Event<Test>> {
	let told = System::events().into_iter().filter_map(|record| match record.event {
		RuntimeEvent::Margin(event) => Some(event),
		_ => None,
	});
	let told = told.collect();
	System::reset_events();
	told
}

/// Funding of 0.4 % per eight hours in bitcoin, and somebody rich.
fn begin() {
	let paying = MarketParams { interest: keel_math::FundingRate(4_000_000), ..params() };
	Margin::set_market_params(RuntimeOrigin::root(), BTC, paying).unwrap();
	deposit(ALICE, 900_000);
	for who in 10..16 {
		deposit(who, 20_000);
	}
}

/// The next block, a minute later.
fn next_minute() {
	world(|world| world.now += 58_000);
	next_block();
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(48))]

	#[test]
	fn the_history_of_every_account_is_told_by_events(steps in prop::collection::vec(step(), 1..120)) {
		build(|| {
			begin();
			let mut ledger = Ledger::default();
			for step in steps {
				apply(step);
				next_minute();
				for event in events() {
					ledger.read(&event).unwrap();
				}
				ledger.compare().unwrap();
			}
		});
	}
}

/// A history with every event that the ledger reads.
fn everything_happens() -> Vec<Event<Test>> {
	begin();
	deposit(BOB, 100_000);
	deposit(CAROL, 5_000);
	trade(ALICE, BOB, BTC, Size::ONE, 50_000);
	trade(CAROL, BOB, BTC, Size::ONE, 50_000);
	next_minute();
	withdraw(ALICE, Quote::dollars(100)).unwrap();
	transfer(BOB, 0, 1, Quote::dollars(50)).unwrap();
	next_minute();
	// Carol is closed in two parts; after each Bob, who bears it, trades.
	price(BTC, 46_000);
	next_minute();
	let half = thousandths(500);
	Margin::deleverage(&main_of(CAROL), BTC, half).unwrap();
	trade(BOB, ALICE, BTC, thousandths(100), 46_000);
	let penalty = Margin::charge(&main_of(CAROL), Quote::dollars(7));
	world(|world| world.other_claims = penalty);
	price(BTC, 40_000);
	next_minute();
	Margin::deleverage(&main_of(CAROL), BTC, half).unwrap();
	let [deficit] = Margin::deficits(&main_of(CAROL))[..] else { panic!("one position was closed") };
	Margin::socialise(&main_of(CAROL), deficit);
	trade(BOB, ALICE, BTC, thousandths(100), 40_000);
	// With the last long the shorts are closed out.
	next_minute();
	Margin::deleverage(&main_of(ALICE), BTC, thousandths(800)).unwrap();
	next_minute();
	events()
}

fn kind(event: &Event<Test>) -> String {
	format!("{event:?}").split([' ', '{']).next().unwrap_or_default().into()
}

#[test]
fn no_event_of_it_can_be_missing() {
	build(|| {
		// What was before the first event is not told by any: nothing.
		System::reset_events();
		let told = everything_happens();
		let rebuilt = |missing: Option<usize>| {
			let mut ledger = Ledger::default();
			for (_, event) in told.iter().enumerate().filter(|(index, _)| Some(*index) != missing) {
				ledger.read(event)?;
			}
			ledger.compare()
		};
		assert_eq!(rebuilt(None), Ok(()));
		let mut missed = std::collections::BTreeSet::new();
		for (index, event) in told.iter().enumerate() {
			let is_read = matches!(
				event,
				Event::Deposited { .. }
					| Event::Withdrawn { .. }
					| Event::Transferred { .. }
					| Event::FundingAccounted { .. }
					| Event::PositionChanged { .. }
					| Event::PositionSettled { .. }
					| Event::Charged { .. }
					| Event::DebtCovered { .. }
			);
			// Who was closed out by it is told so by the end of the generation.
			let scales = matches!(event, Event::Deleveraged { .. })
				&& !matches!(told[index - 1], Event::GenerationEnded { .. });
			if is_read || scales {
				assert!(rebuilt(Some(index)).is_err(), "nobody misses {event:?}");
				missed.insert(kind(event));
			}
		}
		assert_eq!(missed.len(), 9, "{missed:?}");
	});
}

#[test]
fn funding_of_a_position_that_has_ended_is_told_as_funding() {
	build(|| {
		begin();
		deposit(BOB, 100_000);
		trade(ALICE, BOB, BTC, Size::ONE, 50_000);
		next_minute();
		System::reset_events();
		Margin::deleverage(&main_of(ALICE), BTC, Size::ONE).unwrap();
		next_block();
		// 50,000 x 0.4 % for a minute of 480 in eight hours; at the end it is on neither side profit.
		let paid = Quote(416_667);
		let of = |who: AccountId| {
			move |event: &Event<Test>| match event {
				Event::FundingAccounted { account, received, .. } if account.owner == who => Some(*received),
				_ => None,
			}
		};
		let told = events();
		assert_eq!(told.iter().find_map(of(ALICE)), Some(Quote(-paid.0)));
		assert_eq!(told.iter().find_map(of(BOB)), Some(Quote(paid.0 - 1)));
	});
}

#[test]
fn a_position_of_which_next_to_nothing_is_left_is_told_to_be_settled() {
	build(|| {
		System::reset_events();
		begin();
		for (who, dollars) in [(BOB, 300_000), (CAROL, 1_000), (DAVE, 1_000)] {
			deposit(who, dollars);
		}
		let most = Size(99_999_900_000);
		trade(ALICE, BOB, BTC, most, 50_000);
		trade(CAROL, DAVE, BTC, Size(200_000), 50_000);
		trade(CAROL, BOB, BTC, Size(100_000), 50_000);
		next_minute();
		// A unit counts 3e-6 from now on, and Dave has 200,000 of the smallest.
		Margin::deleverage(&main_of(ALICE), BTC, most).unwrap();
		deposit(DAVE, 10);
		assert!(account(DAVE).positions.is_empty());
		let mut ledger = Ledger::default();
		for event in events() {
			ledger.read(&event).unwrap();
		}
		ledger.compare().unwrap();
	});
}
