// SPDX-License-Identifier: Apache-2.0
//! `keelctl markets` and `keelctl market`.

use super::{super::Context, table};
use crate::{
	chain::AtBlock,
	exchange::{self, used, Market, Pots, Steps},
	pause, Result,
};
use serde_json::{json, Value};

/// A market with what is kept beside it.
struct Whole {
	market: Market,
	pots: Pots,
	/// Until when it is restricted, if it is.
	until: Option<u64>,
}

impl Whole {
	async fn of(at: &AtBlock, market: Market) -> Result<Self> {
		let pots = exchange::pots(at, market.id).await?;
		let standing = pause::standing(at, market.id).await?;
		Ok(Self { market, pots, until: standing.filter(|s| s.guardian != "Open").map(|s| s.until) })
	}

	fn status(&self) -> String {
		let until = self.until.map_or(String::new(), |block| format!(" until {block}"));
		format!("{}{until}", self.market.status)
	}

	fn json(&self) -> Value {
		let (market, pots) = (&self.market, &self.pots);
		let list = |tiers: &[exchange::Tier]| -> Vec<Value> { tiers.iter().map(tier_json).collect() };
		json!({
			"id": market.id, "name": market.name, "feed": market.feed, "status": market.status,
			"until": self.until, "mark": market.mark, "index": market.index,
			"price_state": market.price_state, "price_age_ms": (market.price_age_ms != u64::MAX).then_some(market.price_age_ms),
			"last_price": market.last_price, "band_percent": market.band,
			"open_interest": market.open_interest,
			"max_open_interest": market.max_open_interest,
			"open_notional": market.open_notional(),
			"soft_cap": market.soft_cap, "hard_cap": market.hard_cap,
			"initial_rate_percent": market.initial_rate,
			"maintenance_rate_percent": market.maintenance_rate, "tiers": list(&market.tiers),
			"retired_tiers": list(&market.retired_tiers),
			"funding_rate_percent": market.funding_rate,
			"next_funding_rate_percent": market.next_funding_rate,
			"tranche": pots.tranche, "fund": pots.fund,
			"quarantined": market.quarantined, "isolated": market.isolated, "debt": market.debt,
		})
	}
}

pub async fn list(context: &Context) -> Result<()> {
	let at = context.chain().await?.state().await?;
	let mut rows = Vec::new();
	let mut objects = Vec::new();
	for market in exchange::markets(&at).await? {
		let whole = Whole::of(&at, market).await?;
		rows.push(row(&whole));
		objects.push(whole.json());
	}
	let header =
		["id", "market", "status", "mark", "price", "open interest", "margin now", "funding / next, 8 h"];
	let safe_mode = pause::safe_mode_until(&at).await?;
	let mut text = table(&header, rows).to_string();
	if let Some(block) = safe_mode {
		text += &format!("\nSAFE MODE until block {block}: nobody trades, whatever the markets' status");
	}
	let object = json!({ "block": at.block_number(), "markets": objects, "safe_mode_until": safe_mode });
	context.out.result(text, object);
	Ok(())
}

fn row(whole: &Whole) -> Vec<String> {
	let market = &whole.market;
	vec![
		market.id.to_string(),
		market.name.clone(),
		whole.status(),
		market.mark.brief().to_string(),
		format!("{}, {}", market.price_state, age(market.price_age_ms)),
		market.open_interest.to_string(),
		format!("{} / {}", market.initial_rate.brief(2), market.maintenance_rate.brief(2)),
		format!("{} / {}", market.funding_rate.brief(4), market.next_funding_rate.brief(4)),
	]
}

pub async fn show(name: &str, context: &Context) -> Result<()> {
	let at = context.chain().await?.state().await?;
	let market = exchange::market(&at, name).await?;
	let steps = exchange::steps(&at, market.id).await?;
	let whole = Whole::of(&at, market).await?;
	let mut object = whole.json();
	object["block"] = at.block_number().into();
	object["lot"] = steps.lot.plain().into();
	object["tick"] = steps.tick.plain().into();
	context.out.result(describe(&whole, &steps).join("\n"), object);
	Ok(())
}

fn describe(whole: &Whole, steps: &Steps) -> Vec<String> {
	let (market, pots) = (&whole.market, &whole.pots);
	let quarantine = if market.quarantined { ", in quarantine: it takes no new risk" } else { "" };
	let last = if market.last_price.0 == 0 { "none yet".to_owned() } else { market.last_price.to_string() };
	let notional = market.open_notional();
	let share = |limit: i128| used(notional.0, limit.max(0).unsigned_abs()).brief(2);
	let mut lines = vec![
		format!("{} (market {}, feed {})", market.name, market.id, market.feed),
		format!("  status         {}{quarantine}", whole.status()),
		format!("  mark           {}", market.mark),
		format!("  index          {} ({}, {})", market.index, market.price_state, age(market.price_age_ms)),
		format!("  last trade     {last}"),
		format!(
			"  block trades   within {} of mark, in lots of {} and ticks of {}",
			market.band, steps.lot, steps.tick
		),
		format!(
			"  open interest  {} of at most {} ({}), worth {} dollars",
			market.open_interest,
			market.max_open_interest,
			used(market.open_interest.0, market.max_open_interest.0).brief(2),
			notional,
		),
		format!(
			"  caps           margin rises from {} dollars ({} full) and is 100 % at {} ({} full)",
			market.soft_cap,
			share(market.soft_cap.0),
			market.hard_cap,
			share(market.hard_cap.0),
		),
		format!(
			"  margin now     {} to open, {} to keep, for the smallest positions",
			market.initial_rate, market.maintenance_rate
		),
		format!(
			"  funding        {} per 8 h{}, next {}",
			market.funding_rate,
			payer(market.funding_rate.0),
			market.next_funding_rate
		),
		format!("  funds          {} dollars in its tranche, {} in the global fund", pots.tranche, pots.fund),
		format!("  debt           {} dollars", market.debt),
	];
	if market.isolated {
		lines.push("  isolated       a position here is the only one of its sub-account".to_owned());
	}
	lines.push(tier_table("positions up to", &market.tiers));
	if !market.retired_tiers.is_empty() {
		lines.push("positions of tiers that the rules have no more keep theirs, until they grow:".to_owned());
		lines.push(tier_table("retired, up to", &market.retired_tiers));
	}
	lines
}

fn tier_json(tier: &exchange::Tier) -> Value {
	json!({
		"up_to": tier.up_to, "initial_rate_percent": tier.initial_rate,
		"maintenance_rate_percent": tier.maintenance_rate,
		"maintenance_target_percent": tier.maintenance_target,
	})
}

fn tier_table(up_to: &str, tiers: &[exchange::Tier]) -> String {
	let rows: Vec<_> = tiers
		.iter()
		.map(|tier| {
			let (now, to) = (tier.maintenance_rate, tier.maintenance_target);
			let moving = if now == to { String::new() } else { format!(", moving to {to}") };
			vec![tier.up_to.to_string(), tier.initial_rate.to_string(), format!("{now}{moving}")]
		})
		.collect();
	table(&[up_to, "to open at least", "to keep"], rows).to_string()
}

const fn payer(rate: i64) -> &'static str {
	match rate {
		1.. => " (longs pay)",
		0 => "",
		_ => " (shorts pay)",
	}
}

fn age(milliseconds: u64) -> String {
	match milliseconds {
		u64::MAX => "never".to_owned(),
		ms => format!("{} s old", ms / 1_000),
	}
}

#[cfg(test)]
pub(super) mod tests {
	use super::*;
	use crate::{
		exchange::Tier,
		units::{Percent, Price, SignedDollars, SignedPercent, Size},
	};

	pub fn market() -> Market {
		let dollars = |dollars: i128| SignedDollars(dollars * 1_000_000);
		let tier = |up_to, initial, maintenance| Tier {
			up_to: dollars(up_to),
			initial_rate: Percent(initial),
			maintenance_rate: Percent(maintenance),
			maintenance_target: Percent(30_000_000),
		};
		Market {
			id: 0,
			name: "BTC-PERP".to_owned(),
			feed: 0,
			status: "Guarded".to_owned(),
			price_state: "Valid".to_owned(),
			index: Price::parse("8000").expect("a price"),
			price_age_ms: 2_500,
			mark: Price::parse("8000").expect("a price"),
			last_price: Price(0),
			open_interest: Size::parse("12.5").expect("a size"),
			max_open_interest: Size::parse("100").expect("a size"),
			soft_cap: dollars(200_000),
			hard_cap: dollars(400_000),
			initial_rate: Percent(51_234_567),
			maintenance_rate: Percent(30_000_000),
			tiers: vec![tier(1_000_000, 50_000_000, 30_000_000), tier(5_000_000, 75_000_000, 40_000_000)],
			retired_tiers: vec![tier(250_000, 60_000_000, 35_000_000)],
			band: Percent(20_000_000),
			funding_rate: SignedPercent(-123_456),
			next_funding_rate: SignedPercent(250_000),
			quarantined: true,
			isolated: true,
			debt: dollars(3),
		}
	}

	fn whole() -> Whole {
		let dollars = |dollars: i128| SignedDollars(dollars * 1_000_000);
		let market = market();
		Whole { market, pots: Pots { tranche: dollars(7), fund: dollars(9) }, until: Some(40) }
	}

	#[test]
	fn a_row_has_margin_and_funding_now_and_next() {
		let row = row(&whole());
		assert_eq!(row[2], "Guarded until 40");
		assert_eq!(row[6..], ["5.13 % / 3 %", "-0.0124 % / 0.025 %"]);
	}

	#[test]
	fn a_market_is_shown_whole() {
		let steps = Steps { lot: Size(1_000_000), tick: Price(10_000_000_000_000_000) };
		let text = describe(&whole(), &steps).join("\n");
		for part in [
			"Guarded until 40, in quarantine",
			"8,000.00 (Valid, 2 s old)",
			"last trade     none yet",
			"within 2 % of mark, in lots of 0.001 and ticks of 0.01",
			"12.5 of at most 100 (12.5 %), worth 100,000.00 dollars",
			"rises from 200,000.00 dollars (50 % full) and is 100 % at 400,000.00 (25 % full)",
			"5.1234567 % to open, 3 % to keep",
			"-0.0123456 % per 8 h (shorts pay), next 0.025 %",
			"7.00 dollars in its tranche, 9.00 in the global fund",
			"debt           3.00 dollars",
			"isolated       a position here is the only one of its sub-account",
			"1,000,000.00     5 %               3 %",
			"5,000,000.00     7.5 %             4 %, moving to 3 %",
			"positions of tiers that the rules have no more",
			"250,000.00",
		] {
			assert!(text.contains(part), "{part}: {text}");
		}
		assert_eq!(whole().json()["tiers"][1]["initial_rate_percent"], "7.5");
		assert_eq!(whole().json()["retired_tiers"][0]["maintenance_rate_percent"], "3.5");
		assert_eq!(whole().json()["isolated"], true);
		let mut tidy = whole();
		tidy.market.retired_tiers.clear();
		assert!(!describe(&tidy, &steps).join("\n").contains("no more"));
	}
}
