// SPDX-License-Identifier: Apache-2.0
//! Negative controls: each check sees the smallest thing it is there to see.

use super::*;
use crate::{
	invariants::do_try_state, Flow, Flows, Fund, FundCaps, FundSpending, MarketSpending, OwnerSpending,
	Tranches,
};

/// A world in which everything has moved; `corrupt` breaks it, and the check must say `complaint`.
fn assert_seen(complaint: &'static str, corrupt: impl FnOnce()) {
	World::default().tranche(BTC, 500, 300).fund(100).caps(50, 50, 50).build().execute_with(|| {
		keep(BTC, dollars(400));
		absorb(BTC, dollars(520));
		do_try_state::<Test>().unwrap();

		corrupt();
		assert_eq!(do_try_state::<Test>(), Err(complaint.into()));
	});
}

#[test]
fn a_unit_missing_from_a_tranche_is_seen() {
	assert_seen("a balance is not its flows", || {
		Tranches::<Test>::mutate(BTC, |tranche| tranche.as_mut().unwrap().balance.0 += 1);
	});
}

#[test]
fn a_unit_missing_from_the_fund_is_seen() {
	assert_seen("a balance is not its flows", || Fund::<Test>::mutate(|balance| balance.0 -= 1));
}

#[test]
fn a_debt_is_seen_even_if_flows_explain_it() {
	assert_seen("a balance is negative", || {
		Fund::<Test>::put(Quote(-1));
		Flows::<Test>::mutate(Pot::Fund, |flow| flow.received.0 = flow.paid.0 - 1);
	});
}

#[test]
fn a_target_out_of_bounds_is_seen() {
	assert_seen("a target is out of bounds", || {
		Tranches::<Test>::mutate(BTC, |tranche| tranche.as_mut().unwrap().target = Quote(-1));
	});
}

#[test]
fn a_negative_flow_is_seen_even_if_it_cancels_out() {
	assert_seen("a flow is negative", || {
		let balance = balance(Pot::Tranche(BTC)).0;
		let flow = Flow { received: Quote(balance - 1), paid: Quote(-1) };
		Flows::<Test>::insert(Pot::Tranche(BTC), flow);
	});
}

#[test]
fn a_flow_without_a_pot_is_seen() {
	assert_seen("a flow has no pot", || {
		let flow = Flow { received: Quote(1), paid: Quote(1) };
		Flows::<Test>::insert(Pot::Tranche(UNKNOWN), flow);
	});
}

#[test]
fn invalid_caps_are_seen() {
	assert_seen("the caps are invalid", || FundCaps::<Test>::put(caps(3, 2, 1)));
}

#[test]
fn forgotten_spending_is_seen() {
	assert_seen("a block spent more than its day", || {
		FundSpending::<Test>::mutate(|spending| spending.day.hours.clear());
	});
}

#[test]
fn invented_spending_is_seen() {
	assert_seen("more was spent than paid", || {
		FundSpending::<Test>::mutate(|spending| spending.day.hours[0].paid.0 += 1_000_000_000);
	});
}

#[test]
fn hours_that_are_out_of_order_are_seen() {
	assert_seen("hours are out of order", || {
		FundSpending::<Test>::mutate(|spending| {
			let mut earlier = spending.day.hours[0];
			earlier.paid = Quote::ZERO;
			spending.day.hours[0].hour += 1;
			spending.day.hours.try_push(earlier).unwrap();
		});
	});
}

#[test]
fn invented_spending_for_a_market_is_seen() {
	assert_seen("more was spent for one than was paid for all", || {
		MarketSpending::<Test>::mutate(BTC, |window| window.record(dollars(1_000_000), 0));
	});
}

#[test]
fn invented_spending_for_an_owner_is_seen() {
	assert_seen("more was spent for one than was paid for all", || {
		OwnerSpending::<Test>::mutate(ALICE, |window| window.record(dollars(1_000_000), 0));
	});
}

#[test]
fn hours_of_an_owner_that_are_out_of_order_are_seen() {
	assert_seen("hours of a market or an owner are out of order", || {
		OwnerSpending::<Test>::mutate(ALICE, |window| {
			for hour in [2, 1] {
				window.hours.try_push(crate::spending::Bucket { hour, paid: Quote::ZERO }).unwrap();
			}
		});
	});
}
