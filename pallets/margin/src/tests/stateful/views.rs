// SPDX-License-Identifier: Apache-2.0
//! What an account is told that it could trade is what it could trade.

use super::{
	checks::Checked,
	command::name_of,
	controls::Fault,
	model::{peek, Model, Party, Refused, Who},
	predict::{bare, party},
	rng::Rng,
};
use crate::{mock::*, *};
use keel_primitives::*;

fn terms(who: Who, market: MarketId, side: Side, size: Size, price: Price) -> OfferOf<Test> {
	let expires = System::block_number();
	Offer {
		maker: who,
		market,
		side,
		size,
		price,
		expires,
		taker: None,
		intent: Intent::Trade,
		by_key: false,
	}
}

/// A preview answers what the rules say. Returns whether it is possible.
fn preview(model: &Model, party: &Party, terms: &OfferOf<Test>) -> Result<bool, String> {
	let expected = model.alone(terms, party);
	let Offer { market, side, size, price, .. } = *terms;
	let told = peek(|| Margin::simulate_trade(party.who, market, side, size, price));
	let name = name_of(&told.as_ref().map(|_| ()).map_err(|refused| *refused));
	let foretold = expected.as_ref().err().map_or("ok", Refused::as_str);
	if name != foretold {
		return Err(format!("a preview of {size:?} says {name}, not {foretold}"));
	}
	let (Ok(told), Ok(expected)) = (told, expected) else { return Ok(false) };
	let cash = told.account.as_ref().map_or(Quote::ZERO, |account| account.cash);
	if cash != bare(expected).cash {
		return Err(format!("a preview of {size:?} leaves {:?}", told.account));
	}
	Ok(true)
}

/// The largest size is possible, a lot more is not, nor is any that is larger.
pub fn is_largest(
	who: Who,
	market: MarketId,
	side: Side,
	price: Price,
	fault: Option<Fault>,
	rng: &mut Rng,
) -> Checked {
	let largest = peek(|| Margin::max_size(who, market, side, price)).expect("it was asked before");
	let (model, party) = party(who, fault);
	let lot = model.market(market).params.lot.0;
	let possible = |size| preview(&model, &party, &terms(who, market, side, Size(size), price));
	if !largest.is_zero() && !possible(largest.0)? {
		return Err(format!("{largest:?} is not possible"));
	}
	let more = (largest.0 / lot + 1) * lot;
	let beyond = more + rng.magnitude(0, 12) / lot * lot;
	for size in [more, beyond] {
		if possible(size)? {
			return Err(format!("{size} is possible and more than {largest:?}"));
		}
	}
	Ok(())
}
