// SPDX-License-Identifier: Apache-2.0
//! `keelctl stress`: what a scenario, or moves that one names, would do to the accounts that there are.

use super::{super::Context, forecast::once, table};
use crate::{
	chain::AtBlock,
	error::Error,
	exchange::{self, Market, Report, Scenario, Shock},
	number::counted,
	plot::{self, Line},
	units::SignedPercent,
	Result,
};
use clap::Args;
use serde_json::{json, Value};
use std::path::PathBuf;

/// In how many steps a plot goes from nothing to the whole scenario.
const STEPS: u32 = 25;

#[derive(Args)]
pub struct Stress {
	/// A scenario of the library, by its id or its name; or moves of mark prices, all at once, like BTC=-30% ETH=-40%.
	#[arg(value_name = "SCENARIO|MARKET=MOVE", allow_negative_numbers = true)]
	what: Vec<String>,
	/// Also draw who becomes liquidatable against the size of the shock, from nothing to the whole of it, into an SVG file.
	#[arg(long, value_name = "FILE")]
	plot: Option<PathBuf>,
}

pub async fn stress(command: Stress, context: &Context) -> Result<()> {
	let at = context.chain().await?.state().await?;
	let markets = exchange::markets(&at).await?;
	let library = exchange::scenarios(&at).await?;
	if command.what.is_empty() {
		list(&library, &markets, context);
		return Ok(());
	}
	let (title, report) = asked(&at, &command.what, &library, &markets).await?;
	let mut lines = vec![format!("{title}, in block {}", at.block_number())];
	lines.extend(tell(&report, &markets));
	let mut object =
		json!({ "block": at.block_number(), "scenario": title, "report": report_json(&report, &markets) });
	if let Some(file) = command.plot {
		let curve = curve(&at, &report, context).await?;
		let drawn = draw(&title, &curve)?;
		std::fs::write(&file, drawn).map_err(|error| Error::Usage {
			problem: format!("{} cannot be written: {error}", file.display()),
			help: "Give --plot a file in a folder that is there.".to_owned(),
		})?;
		lines.push(format!("drawn into {}", file.display()));
		object["plot"] = json!(file.display().to_string());
	}
	context.out.result(lines.join("\n"), object);
	Ok(())
}

/// The report that is asked for, and what it is called.
async fn asked(
	at: &AtBlock,
	what: &[String],
	library: &[Scenario],
	markets: &[Market],
) -> Result<(String, Report)> {
	if what.iter().any(|text| text.contains('=')) {
		let mut shocks = Vec::new();
		for text in what {
			let shock: Shock = text.parse().map_err(|error: exchange::ShockError| Error::Usage {
				problem: error.to_string(),
				help: "Moves are in percent of the mark price: BTC=-10% ETH=+5%.".to_owned(),
			})?;
			shocks.push((exchange::named(markets, &shock.market)?, shock.by));
		}
		once(&shocks)?;
		let moves: Vec<_> = shocks.iter().map(|(market, by)| (market.id, *by)).collect();
		let title: Vec<_> = shocks.iter().map(|(market, by)| format!("{} {by}", market.name)).collect();
		return Ok((title.join(", "), exchange::stress_moves(at, &moves).await?));
	}
	let scenario = find(library, &what.join(" "))?;
	Ok((scenario.name.clone(), exchange::stress(at, scenario.id).await?))
}

/// A scenario by its id, or by its name or a part of it that no other has.
fn find<'a>(library: &'a [Scenario], text: &str) -> Result<&'a Scenario> {
	let wanted = text.to_lowercase();
	let by_id = library.iter().find(|scenario| scenario.id.to_string() == wanted);
	let mut by_name = library.iter().filter(|scenario| scenario.name.to_lowercase().contains(&wanted));
	let only = match (by_name.next(), by_name.next()) {
		(Some(one), None) => Some(one),
		_ => None,
	};
	by_id.or(only).ok_or_else(|| Error::Usage {
		problem: format!("`{text}` is no scenario of this chain, or more than one"),
		help: format!(
			"Give one of: {}. Or moves, like BTC=-30%.",
			library
				.iter()
				.map(|scenario| format!("{} ({})", scenario.id, scenario.name))
				.collect::<Vec<_>>()
				.join(", ")
		),
	})
}

fn list(library: &[Scenario], markets: &[Market], context: &Context) {
	let feed = |id: u32| {
		let market = markets.iter().find(|market| market.feed == id);
		market.map_or_else(|| format!("feed {id}"), |market| market.base().to_owned())
	};
	let rows = library.iter().map(|scenario| {
		let moves: Vec<_> = scenario.shocks.iter().map(|(id, by)| format!("{} {by}", feed(*id))).collect();
		let others = f64::from(scenario.correlation) / 10_000.0;
		vec![
			scenario.id.to_string(),
			scenario.name.clone(),
			moves.join(", "),
			format!("{others} % of the largest"),
		]
	});
	let rows: Vec<_> = rows.collect();
	let text = if rows.is_empty() {
		"this chain has no scenarios yet: a referendum adds them by StressTest.set_scenario. Moves can be given, like \
		 `keelctl stress BTC=-30%`"
			.to_owned()
	} else {
		let table = table(&["id", "scenario", "moves", "others move"], rows);
		format!("{table}\nrun one with `keelctl stress ID`, or moves of your own: `keelctl stress BTC=-30%`")
	};
	let scenarios: Vec<_> = library
		.iter()
		.map(|scenario| {
			let moves: Vec<_> =
				scenario.shocks.iter().map(|(id, by)| json!({ "feed": id, "by_percent": by })).collect();
			json!({ "id": scenario.id, "name": scenario.name, "moves": moves, "correlation_ppm": scenario.correlation })
		})
		.collect();
	context.out.result(text, json!({ "scenarios": scenarios }));
}

fn name(markets: &[Market], id: u32) -> String {
	markets.iter().find(|market| market.id == id).map_or_else(|| id.to_string(), |market| market.name.clone())
}

fn moves_text(shocks: &[(u32, SignedPercent)], markets: &[Market]) -> String {
	let moves: Vec<_> = shocks.iter().map(|(id, by)| format!("{} {by}", name(markets, *id))).collect();
	if moves.is_empty() {
		"none".to_owned()
	} else {
		moves.join(", ")
	}
}

fn tell(report: &Report, markets: &[Market]) -> Vec<String> {
	let rows = report.rounds.iter().enumerate().map(|(index, round)| {
		let toll = &round.toll;
		vec![
			(index + 1).to_string(),
			moves_text(&round.shocks, markets),
			toll.accounts.to_string(),
			toll.notional().to_string(),
			toll.bankrupt.to_string(),
			toll.shortfall.to_string(),
		]
	});
	let header = ["round", "moves", "liquidatable", "to close", "bankrupt", "need of the funds"];
	let mut lines = vec![table(&header, rows.collect()).to_string()];
	let (first, last) = (report.first(), report.last());
	lines.push(match first.accounts {
		0 => "no account would become liquidatable".to_owned(),
		_ if first.accounts == last.accounts => {
			"closing them moves no price so far that it hits anybody else".to_owned()
		}
		_ => format!(
			"closing them moves prices on: {} instead of {} in the end",
			counted(last.accounts, "account"),
			first.accounts
		),
	});
	if !report.stands_still {
		lines.push(format!(
			"STILL MOVING after {}: closing goes on moving prices",
			counted(report.rounds.len() as u64, "round")
		));
	}
	if last.cut_short {
		lines.push(
			"CUT SHORT: there are more accounts than one question looks at, all figures are too low"
				.to_owned(),
		);
	}
	lines.push("dollars; accounts that are being liquidated already are not counted".to_owned());
	lines
}

pub fn report_json(report: &Report, markets: &[Market]) -> Value {
	let rounds: Vec<_> = report
		.rounds
		.iter()
		.map(|round| {
			let moves: Vec<_> = round
				.shocks
				.iter()
				.map(|(id, by)| json!({ "market": name(markets, *id), "by_percent": by }))
				.collect();
			let to_close: Vec<_> = round
				.toll
				.to_close
				.iter()
				.map(|to_close| {
					json!({
						"market": name(markets, to_close.market), "mark": to_close.mark,
						"long": to_close.long, "short": to_close.short,
					})
				})
				.collect();
			json!({
				"moves": moves, "liquidatable": round.toll.accounts, "to_close": to_close,
				"notional": round.toll.notional(), "bankrupt": round.toll.bankrupt,
				"shortfall": round.toll.shortfall, "cut_short": round.toll.cut_short,
			})
		})
		.collect();
	json!({ "rounds": rounds, "stands_still": report.stands_still })
}

/// A part of the scenario, and what it would do alone and with what closing adds.
struct Step {
	percent: f64,
	first: exchange::Toll,
	last: exchange::Toll,
}

/// The scenario in parts, from nothing to the whole.
async fn curve(at: &AtBlock, report: &Report, context: &Context) -> Result<Vec<Step>> {
	let mut steps = Vec::new();
	let whole = &report.rounds[0].shocks;
	for step in 0..=STEPS {
		context.out.now(&format!("running part {step} of {STEPS} of the scenario"));
		let part = |(market, by): &(u32, SignedPercent)| {
			(*market, SignedPercent(by.0 / i64::from(STEPS) * i64::from(step)))
		};
		let moves: Vec<_> = whole.iter().map(part).collect();
		let report = exchange::stress_moves(at, &moves).await?;
		steps.push(Step {
			percent: f64::from(step) * 100.0 / f64::from(STEPS),
			first: report.first().clone(),
			last: report.last().clone(),
		});
	}
	Ok(steps)
}

fn draw(title: &str, curve: &[Step]) -> Result<String> {
	let line = |label: &'static str, of: &dyn Fn(&Step) -> f64| Line {
		label,
		points: curve.iter().map(|step| (step.percent, of(step))).collect(),
	};
	let dollars = |raw: i128| raw as f64 / 1e6;
	plot::svg(
		&format!("{title}: who becomes liquidatable"),
		"part of the scenario, in percent",
		&[
			(
				"accounts",
				vec![
					line("at once", &|step| f64::from(step.first.accounts)),
					line("with what closing adds", &|step| f64::from(step.last.accounts)),
				],
			),
			(
				"dollars",
				vec![
					line("to close at once", &|step| dollars(step.first.notional().0)),
					line("with what closing adds", &|step| dollars(step.last.notional().0)),
					line("need of the funds", &|step| dollars(step.last.shortfall.0)),
				],
			),
		],
	)
	.map_err(Error::Node)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::exchange::{Round, Toll};
	use crate::units::SignedDollars;

	fn scenario(id: u32, name: &str) -> Scenario {
		Scenario { id, name: name.to_owned(), shocks: vec![], correlation: 0 }
	}

	fn toll(accounts: u32) -> Toll {
		Toll { accounts, bankrupt: 0, shortfall: SignedDollars(0), to_close: vec![], cut_short: false }
	}

	#[test]
	fn a_scenario_is_found_by_id_by_name_and_by_a_part_of_it() {
		let library = [scenario(0, "12 March 2020"), scenario(1, "19 May 2021"), scenario(2, "20 May 2022")];
		for (text, id) in [("0", 0), ("19 may 2021", 1), ("march", 0), ("2022", 2)] {
			assert_eq!(find(&library, text).expect(text).id, id, "{text}");
		}
		for text in ["May", "3", "April"] {
			let error = find(&library, text).expect_err(text).to_string();
			assert!(error.contains("is no scenario of this chain, or more than one"), "{error}");
		}
	}

	#[test]
	fn what_closing_adds_and_what_is_not_known_is_said() {
		let round = |accounts| Round { shocks: vec![(0, SignedPercent(-100_000_000))], toll: toll(accounts) };
		let text = |report: &Report| tell(report, &[]).join("\n");
		let still = Report { rounds: vec![round(3), round(5)], stands_still: true };
		assert!(text(&still).contains("5 accounts instead of 3 in the end"), "{}", text(&still));
		assert!(!text(&still).contains("STILL MOVING"));
		let moving = Report { rounds: vec![round(3), round(5)], stands_still: false };
		assert!(text(&moving).contains("STILL MOVING after 2 rounds"), "{}", text(&moving));
		let none = Report { rounds: vec![round(0)], stands_still: true };
		assert!(text(&none).contains("no account would become liquidatable"));
		let mut cut = none;
		cut.rounds[0].toll.cut_short = true;
		assert!(text(&cut).contains("CUT SHORT"));
	}

	#[test]
	fn a_plot_shows_each_line() {
		let step = |percent, accounts| Step { percent, first: toll(accounts), last: toll(accounts * 2) };
		let svg = draw("12 March 2020", &[step(0.0, 0), step(50.0, 4), step(100.0, 9)]).expect("it is drawn");
		assert!(svg.starts_with("<svg"), "{svg}");
		for part in ["12 March 2020", "part of the scenario", "with what closing adds", "need of the funds"] {
			assert!(svg.contains(part), "{part}");
		}
	}
}
