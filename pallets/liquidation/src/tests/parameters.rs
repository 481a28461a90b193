// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::{CurrentParams, Error};
use frame_support::{assert_noop, assert_ok};
use keel_primitives::Ratio;
use sp_runtime::DispatchError::BadOrigin;

#[test]
fn governance_sets_what_lies_in_bounds() {
	run(|| {
		let good = Params::default();
		#[rustfmt::skip]
		let table = [
			("the defaults",                good,                                                             true),
			("the largest of each",         Params { discount: Ratio::percent(10), penalty: Ratio::percent(10), buffer: Ratio::ONE, least_position: dollars(10_000) }, true),
			("nothing at all",              Params { discount: Ratio::ZERO, penalty: Ratio::ZERO, buffer: Ratio::ZERO, least_position: Quote::ZERO }, true),
			("a discount above 10 %",       Params { discount: Ratio(100_000_001), ..good },                  false),
			("a penalty above 10 %",        Params { penalty: Ratio(100_000_001), ..good },                   false),
			("a buffer above 100 %",        Params { buffer: Ratio(1_000_000_001), ..good },                  false),
			("a negative least position",   Params { least_position: Quote(-1), ..good },                     false),
			("a least position too large",  Params { least_position: Quote(10_000_000_001), ..good },         false),
		];
		for (why, params, valid) in table {
			let call = Liquidation::set_params(RuntimeOrigin::root(), params);
			if valid {
				assert_ok!(call);
				assert_eq!(CurrentParams::<Test>::get(), params, "{why}");
				assert_eq!(events().pop(), Some(Event::ParamsSet { params }), "{why}");
			} else {
				assert_eq!(call, Err(Error::<Test>::InvalidParams.into()), "{why}");
			}
		}
	});
}

#[test]
fn discount_and_penalty_stay_within_the_worst_fee_of_every_market() {
	run(|| {
		let params = Params { discount: Ratio::percent(1), penalty: Ratio::percent(1), ..Params::default() };
		Margin::set_worst_fee(Ratio(Ratio::percent(2).0 - 1));
		assert_noop!(Liquidation::set_params(RuntimeOrigin::root(), params), Error::<Test>::AboveWorstFee);
		Margin::set_worst_fee(Ratio::percent(2));
		assert_ok!(Liquidation::set_params(RuntimeOrigin::root(), params));
		assert_eq!(<Liquidation as frame_support::traits::Get<Ratio>>::get(), Ratio::percent(2));
	});
}

#[test]
fn nobody_else_sets_them() {
	run(|| {
		let call = Liquidation::set_params(RuntimeOrigin::signed(ALICE), Params::default());
		assert_noop!(call, BadOrigin);
	});
}

#[test]
fn genesis_is_json_that_reads_back() {
	let json = serde_json::json!({
		"params": { "discount": 1, "penalty": 2, "buffer": 3, "leastPosition": 4 },
	});
	let genesis: crate::GenesisConfig<Test> = serde_json::from_value(json.clone()).unwrap();
	assert_eq!(serde_json::to_value(&genesis).unwrap(), json);
}
