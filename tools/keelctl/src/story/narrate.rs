// SPDX-License-Identifier: Apache-2.0
//! Events of the exchange as sentences.

use crate::{
	chain::Event,
	exchange::Market,
	keys,
	units::{Price, SignedDollars, Size},
	value::{self, Decoded},
};
use subxt::utils::AccountId32;

/// What an event means for people; nothing for events that are not part of the story.
pub fn narrate(event: &Event, markets: &[Market]) -> Option<String> {
	let market = || {
		let id = event.number("market").and_then(|id| u32::try_from(id).ok())?;
		Some(markets.iter().find(|market| market.id == id).map_or("?", |market| market.name.as_str()))
	};
	let dollars = |name: &str| event.field(name).and_then(value::signed).map(SignedDollars);
	let variant = |name: &str| event.field(name).and_then(value::variant);
	match (event.pallet.as_str(), event.name.as_str()) {
		("Margin", "MarginCalled") => {
			Some(format!("margin call for {}: {}", who(event)?, judged(event, "judgement")?))
		}
		("Margin", "FoundUnhealthy") => {
			Some(format!("{} is found unhealthy: {}", who(event)?, judged(event, "judgement")?))
		}
		("Liquidation", "Liquidated") => Some(format!(
			"{} {} {} of {} taken at {} ({}), penalty {}",
			market()?,
			variant("side")?,
			Size(event.number("size")?),
			who(event)?,
			Price(event.number("price")?).brief(),
			match variant("to")? {
				"Backstop" => "by the backstop",
				_ => "by the other side, pro rata",
			},
			dollars("penalty")?,
		)),
		("Liquidation", "BackstopRefused") => Some(format!("{}: the backstop cannot take more", market()?)),
		("Liquidation", "Bankrupt") => {
			Some(format!("{} is bankrupt: {}", who(event)?, judged(event, "judgement")?))
		}
		("Liquidation", "LossCovered") => Some(format!(
			"loss of {} in {}: tranche {}, fund {}, socialised {}, owed {}",
			dollars("loss")?,
			market()?,
			dollars("tranche")?,
			dollars("fund")?,
			dollars("socialised")?,
			dollars("market_debt")?,
		)),
		("Liquidation", "Released") => Some(format!("{} is out of liquidation", who(event)?)),
		("CircuitBreaker", "Tripped") => Some(format!(
			"{} goes from {} to {} ({})",
			market()?,
			variant("from")?,
			variant("to")?,
			match variant("cause")? {
				"Price" => "its price",
				"Losses" => "the insurance fund has paid its share of the losses",
				_ => "the guardians",
			},
		)),
		("CircuitBreaker", "Resumed") => {
			Some(format!("{} goes from {} to {}", market()?, variant("from")?, variant("to")?))
		}
		("Oracle", "ReportRejected") => {
			let feeds: Vec<_> = value::bounded_items(event.field("feeds")?)
				.into_iter()
				.filter_map(|rejected| {
					let feed = value::field(rejected, "feed").and_then(value::unsigned)?;
					let why = match value::field(rejected, "reason").and_then(value::variant)? {
						"Stuck" => "it is stuck",
						_ => "it is too far from the others",
					};
					Some(format!("on feed {feed} {why}"))
				})
				.collect();
			let member = event.field("member").and_then(name)?;
			Some(format!("a report by {member} is left out: {}", feeds.join(", ")))
		}
		_ => None,
	}
}

fn who(event: &Event) -> Option<String> {
	value::field(event.field("account")?, "owner").and_then(name)
}

fn name(account: &Decoded) -> Option<String> {
	value::bytes32(account).map(|bytes| keys::display_name(&AccountId32(bytes)))
}

fn judged(event: &Event, field: &str) -> Option<String> {
	let judgement = event.field(field)?;
	let dollars = |name: &str| value::field(judgement, name).and_then(value::signed).map(SignedDollars);
	Some(format!("equity {}, needed {}", dollars("equity")?, dollars("requirement")?))
}
