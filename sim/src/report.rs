// SPDX-License-Identifier: Apache-2.0
//! An outcome for people, for programs, and as a picture.

use keel_primitives::Quote;
use serde_json::{json, Value};

use crate::{
	figures::{MarketFigures, Outcome, Point, Spread},
	orders::{Order, Orders},
	plot::{self, Line},
	prices::told,
	replay::Plan,
};

/// At most so many points a line of a plot.
const POINTS_MAX: usize = 480;

/// Lines of two columns.
struct Table(Vec<(String, String)>);

impl Table {
	fn row(&mut self, what: impl Into<String>, value: impl Into<String>) {
		self.0.push((what.into(), value.into()));
	}

	fn text(&self, title: &str) -> String {
		let width = self.0.iter().map(|(what, _)| what.chars().count()).max().unwrap_or_default();
		let line = |(what, value): &(String, String)| format!("  {what:<width$}  {value}\n");
		format!("{title}\n{}\n", self.0.iter().map(line).collect::<String>())
	}
}

/// The tables.
pub fn text(plan: &Plan, start: i64, outcome: &Outcome) -> String {
	let mut text = head(plan, start, outcome).text("Replay");
	for market in &outcome.markets {
		text += &of_market(market).text(&format!("{}, {}", market.base, market.source));
	}
	text += &waterfall(outcome).text("Waterfall");
	if outcome.orders.count() > 0 {
		text += &deleveraging(&outcome.orders);
	}
	text += &checks(outcome).text("Checks");
	text
}

fn head(plan: &Plan, start: i64, outcome: &Outcome) -> Table {
	let mut table = Table(Vec::new());
	let book = &plan.book;
	let slots = outcome.seconds / 2;
	table.row("from", format!("{}, {} bars of {} s", told(start), outcome.rows, outcome.seconds));
	table.row(
		"time",
		format!(
			"{} blocks a bar, which lasts {slots}: {:.1} h of chain time for {:.1} h of the record",
			plan.blocks_per_row,
			outcome.blocks as f64 * 2.0 / 3_600.0,
			outcome.rows as f64 * outcome.seconds as f64 / 3_600.0
		),
	);
	table.row("inside of a bar", format!("{:?}", plan.between).to_lowercase());
	table.row(
		"accounts",
		format!("{} with {}, seed {}", outcome.accounts, money(outcome.deposited), book.seed),
	);
	table.row("leverage:percent", book.mix.to_string());
	table.row("sizes", format!("{} to {} dollars, {} % long", book.sizes.least, book.sizes.most, book.longs));
	let multiplier = plan.multiplier.map_or("0".to_owned(), |m| format!("{}", m.0 as f64 / 1e9));
	table.row("volatility multiplier", multiplier);
	table
}

fn of_market(market: &MarketFigures) -> Table {
	let mut table = Table(Vec::new());
	let [first, low, high, last] = market.prices.map(price);
	table.row("price", format!("{first} first, {low} lowest, {high} highest, {last} last"));
	table.row("open on a side", format!("{} first, {} last", money(market.open), money(market.open_at_end)));
	table.row("age of the landed price", spread(&market.age_ms, |ms| format!("{:.1} s", ms / 1_000.0)));
	table.row("tracking error", spread(&market.tracking, percent));
	table.row("not open", format!("{} blocks, {} of them halted", market.not_open, market.halted));
	let three = |three: [f64; 3]| {
		let [first, most, last] = three.map(percent);
		format!("{first} first, {most} most, {last} last")
	};
	table.row("volatility a day", three(market.sigma));
	table.row("initial margin", three(market.initial));
	table
}

fn waterfall(outcome: &Outcome) -> Table {
	let tally = &outcome.tally;
	let mut table = Table(Vec::new());
	table.row("found unhealthy", format!("{} times, {} of them bankrupt", tally.queued, tally.bankrupt));
	let taken = |taken: &crate::tally::Taken| format!("{} times, {}", taken.count, money(taken.notional));
	table.row("taken by backstops", taken(&tally.by_backstop));
	table.row("deleveraged", taken(&tally.deleveraged));
	table.row("of both, from backstops", taken(&tally.from_backstop));
	table.row("penalties", money(tally.penalties));
	table.row("paid for being judged", money(tally.refiling));
	let receipts = &tally.receipts;
	table.row("loss of the bankrupt", money(receipts.loss));
	table.row("  paid by tranches", money(receipts.tranche));
	table.row("  paid by the fund", money(receipts.fund));
	table.row("  socialised", money(receipts.socialised));
	table.row("  owed by markets", money(receipts.market_debt));
	table.row("paid back later", money(tally.paid_back));
	table.row(
		"tranches and fund",
		format!("{} first, {} last", money(outcome.pots[0]), money(outcome.pots[1])),
	);
	table.row("time in queue", spread(&outcome.waits, |blocks| format!("{blocks:.0} blocks")));
	table.row("longest queue", format!("{}, {} at the end", outcome.queue_max, outcome.in_line));
	table.row("overshoot", spread(&outcome.overshoot, percent));
	let [waited, confirmed, withdrawn] = tally.moves;
	table.row(
		"beyond the envelope",
		format!("{waited} moves waited for a second round, {confirmed} confirmed, {withdrawn} withdrawn"),
	);
	table
}

/// Whose positions closed, and whose would have.
fn deleveraging(orders: &Orders) -> String {
	let (pro_rata, highest) = (orders.pro_rata.spreads(), orders.highest_first.spreads());
	let mut text = format!("Deleveraging, {} times: a block, a market and a side each\n", orders.count());
	text += &format!("  {:<32}{:>24}{:>30}\n", "p50, max", "pro rata (as it was)", "highest leverage first");
	let count = |value: f64| format!("{value:.0}");
	let times = |value: f64| format!("{value:.1}x");
	let rows: [(&str, &dyn Fn(f64) -> String); 4] = [
		("positions that became smaller", &count),
		("positions that were closed whole", &count),
		("largest part of one that is gone", &percent),
		("leverage of what was closed", &times),
	];
	for ((name, told), (one, other)) in rows.iter().zip(pro_rata.iter().zip(&highest)) {
		let both = |spread: &Spread| format!("{}, {}", told(spread.p50), told(spread.max));
		text += &format!("  {name:<32}{:>24}{:>30}\n", both(one), both(other));
	}
	text + "\n"
}

fn checks(outcome: &Outcome) -> Table {
	let mut table = Table(Vec::new());
	table.row(
		"invariants and sums",
		format!("asked {} times, {} broken", outcome.checks, outcome.broken.len()),
	);
	table.row("state root", outcome.root.clone());
	for broken in outcome.broken.iter().take(10) {
		table.row("BROKEN", broken.clone());
	}
	table
}

/// All of it for programs. Amounts are in millionths of a dollar and written as text, ratios as parts of one.
pub fn json(plan: &Plan, start: i64, outcome: &Outcome) -> Value {
	let amount = |quote: Quote| Value::String(quote.0.to_string());
	let spread = |s: &Spread| json!({ "count": s.count, "p50": s.p50, "p99": s.p99, "max": s.max });
	let order = |order: &Order| {
		let [touched, closed, worst, leverage] = order.spreads();
		json!({
			"positionsSmaller": spread(&touched),
			"positionsClosed": spread(&closed),
			"largestPart": spread(&worst),
			"leverage": spread(&leverage),
		})
	};
	let taken = |t: &crate::tally::Taken| json!({ "count": t.count, "notional": amount(t.notional) });
	let (tally, receipts) = (&outcome.tally, &outcome.tally.receipts);
	let markets: Vec<Value> = outcome
		.markets
		.iter()
		.map(|market| {
			json!({
				"asset": market.base,
				"source": market.source,
				"prices": { "first": market.prices[0], "low": market.prices[1], "high": market.prices[2],
					"last": market.prices[3] },
				"open": { "first": amount(market.open), "last": amount(market.open_at_end) },
				"ageMs": spread(&market.age_ms),
				"trackingError": spread(&market.tracking),
				"blocksNotOpen": market.not_open,
				"blocksHalted": market.halted,
				"volatility": { "first": market.sigma[0], "most": market.sigma[1], "last": market.sigma[2] },
				"initialMargin": { "first": market.initial[0], "most": market.initial[1], "last": market.initial[2] },
			})
		})
		.collect();
	json!({
		"from": told(start),
		"bars": outcome.rows,
		"barSeconds": outcome.seconds,
		"blocksPerBar": plan.blocks_per_row,
		"between": format!("{:?}", plan.between).to_lowercase(),
		"blocks": outcome.blocks,
		"seed": plan.book.seed,
		"accounts": outcome.accounts,
		"leverageMix": plan.book.mix.to_string(),
		"deposited": amount(outcome.deposited),
		"markets": markets,
		"foundUnhealthy": tally.queued,
		"bankrupt": tally.bankrupt,
		"takenByBackstops": taken(&tally.by_backstop),
		"deleveraged": taken(&tally.deleveraged),
		"fromBackstops": taken(&tally.from_backstop),
		"penalties": amount(tally.penalties),
		"refilingFees": amount(tally.refiling),
		"loss": amount(receipts.loss),
		"tranche": amount(receipts.tranche),
		"fund": amount(receipts.fund),
		"socialised": amount(receipts.socialised),
		"marketDebt": amount(receipts.market_debt),
		"paidBack": amount(tally.paid_back),
		"pots": { "first": amount(outcome.pots[0]), "last": amount(outcome.pots[1]) },
		"blocksInQueue": spread(&outcome.waits),
		"queueMax": outcome.queue_max,
		"inQueue": outcome.in_line,
		"overshoot": spread(&outcome.overshoot),
		"moves": { "waited": tally.moves[0], "confirmed": tally.moves[1], "withdrawn": tally.moves[2] },
		"deleveraging": {
			"times": outcome.orders.count(),
			"proRata": order(&outcome.orders.pro_rata),
			"highestLeverageFirst": order(&outcome.orders.highest_first),
		},
		"checks": outcome.checks,
		"broken": outcome.broken,
		"stateRoot": outcome.root,
	})
}

/// The picture: prices by market, what was liquidated, pots, socialised losses, queue.
pub fn svg(title: &str, outcome: &Outcome) -> Result<String, String> {
	let points = thinned(&outcome.points);
	let line = |label: &'static str, of: &dyn Fn(&Point) -> f64| Line {
		label,
		points: points.iter().map(|point| (point.hour, of(point))).collect(),
	};
	let names: Vec<String> =
		outcome.markets.iter().map(|market| format!("{}, dollars", market.base)).collect();
	let mut panels = Vec::new();
	for (index, name) in names.iter().enumerate() {
		panels.push((
			name.as_str(),
			vec![
				line("price of the record", &|point| point.markets[index].world),
				line("mark", &|point| point.markets[index].mark),
				line("landed price", &|point| point.markets[index].landed),
			],
		));
	}
	let dollars = |quote: Quote| quote.0 as f64 / 1e6;
	panels.push(("dollars", vec![line("liquidated so far", &|point| dollars(point.liquidated))]));
	panels.push((
		"dollars",
		vec![
			line("tranches and fund", &|point| dollars(point.pots)),
			line("socialised so far", &|point| dollars(point.socialised)),
		],
	));
	panels.push(("accounts", vec![line("in liquidation", &|point| point.queue as f64)]));
	plot::svg(title, "hours of the record", &panels)
}

/// Fewer points: of each part of the walk the one with the most extreme price of the first market, or the longest queue.
fn thinned(points: &[Point]) -> Vec<&Point> {
	let part = points.len().div_ceil(POINTS_MAX).max(1);
	let world = |point: &Point| point.markets.first().map_or(0.0, |market| market.world);
	let mut kept: Vec<&Point> = Vec::new();
	for part in points.chunks(part) {
		let middle = part.iter().map(world).sum::<f64>() / part.len() as f64;
		let extreme = part.iter().max_by(|a, b| {
			let far = |point: &Point| (world(point) - middle).abs();
			a.queue.cmp(&b.queue).then(far(a).total_cmp(&far(b)))
		});
		kept.extend(extreme);
	}
	kept.extend(points.last());
	kept
}

fn money(amount: Quote) -> String {
	let whole = (amount.0 / Quote::ONE.0).unsigned_abs().to_string();
	let cents = (amount.0 % Quote::ONE.0).unsigned_abs() / 10_000;
	let mut text = String::new();
	for (index, digit) in whole.chars().enumerate() {
		if index > 0 && (whole.len() - index).is_multiple_of(3) {
			text.push(',');
		}
		text.push(digit);
	}
	let sign = if amount.0 < 0 { "-" } else { "" };
	format!("{sign}{text}.{cents:02} USDK")
}

fn price(dollars: f64) -> String {
	format!("{dollars:.2}")
}

fn percent(part: f64) -> String {
	format!("{:.3} %", part * 100.0)
}

fn spread(spread: &Spread, told: impl Fn(f64) -> String) -> String {
	if spread.count == 0 {
		return "none".to_owned();
	}
	format!("p50 {}, p99 {}, max {} ({})", told(spread.p50), told(spread.p99), told(spread.max), spread.count)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn money_is_told_to_the_cent() {
		assert_eq!(money(Quote(1_234_567_890_000)), "1,234,567.89 USDK");
		assert_eq!(money(Quote(-50_000)), "-0.05 USDK");
	}

	#[test]
	fn a_thinned_line_keeps_the_lowest_price_and_the_end() {
		let point = |index: usize| Point {
			hour: index as f64,
			markets: vec![crate::figures::MarketPoint {
				world: if index == 7_777 { 10.0 } else { 100.0 },
				..Default::default()
			}],
			..Point::default()
		};
		let points: Vec<Point> = (0..10_000).map(point).collect();
		let kept = thinned(&points);
		assert!(kept.len() <= POINTS_MAX + 1);
		assert!(kept.iter().any(|point| point.hour == 7_777.0));
		assert_eq!(kept.last().map(|point| point.hour), Some(9_999.0));
	}
}
