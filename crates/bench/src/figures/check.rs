// SPDX-License-Identifier: Apache-2.0
//! A margin check against a transfer, in turns, in a state without a database.

use std::time::Duration;

use frame_support::traits::UnfilteredDispatchable;
use keel_primitives::{MarketId, Quote, Size, SubAccount};
use keel_runtime::{AccountId, Address, Margin, Runtime, RuntimeCall, RuntimeOrigin, System};
use keel_sim::chain::Chain;
use keel_traits::Liquidatable;

use crate::{
	blocks,
	people::{come, main_account, person, trade, MARKETS},
	spread::Spread,
};

/// How often each is measured, and how many of each are one measurement.
const TIMES: usize = 400;
const TO_GET_WARM: usize = 20;
const TOGETHER: u32 = 50;

/// What each takes.
pub struct Check {
	/// `transfer_keep_alive` of the native token, between accounts that exist.
	pub transfer: Spread,
	/// The margin check: equity, requirement and health of an account with eight positions.
	pub judge: Spread,
	/// The same account as its owner sees it, with prices and free collateral.
	pub view: Spread,
	/// A deposit into it: the dollars move, it is judged, and filed where that has changed.
	pub deposit: Spread,
	/// The margin check of an account with one position.
	pub judge_one: Spread,
}

/// Measure them in turns.
pub fn measure() -> Check {
	let mut chain = Chain::genesis();
	let (who, one, rich) = (person("trader", 0), person("trader", 1), person("rich", 0));
	let (giver, taker) = (person("giver", 0), person("taker", 0));
	chain.act(|| {
		blocks::open_markets(MARKETS);
		for somebody in [&who, &one, &rich] {
			come(somebody, 1_000_000);
		}
		for market in (0..MARKETS).map(MarketId) {
			let (long, short) = if market.0 % 2 == 0 { (&who, &rich) } else { (&rich, &who) };
			trade(long, short, market, Size::ONE).expect("both have margin");
		}
		trade(&one, &rich, MarketId(0), Size::ONE).expect("both have margin");
		for somebody in [&giver, &taker, &who] {
			<keel_runtime::Balances as frame_support::traits::fungible::Mutate<_>>::mint_into(
				somebody,
				1_000_000 * keel_runtime::constants::currency::KEEL,
			)
			.expect("it can be minted");
		}
		let dollars = 1_000_000_000_000;
		<keel_runtime::configs::assets::Usdk as frame_support::traits::fungible::Mutate<_>>::mint_into(
			&who, dollars,
		)
		.expect("it can be minted");
		blocks::begin();
		blocks::hooks();
	});

	let transfer: RuntimeCall = pallet_balances::Call::<Runtime>::transfer_keep_alive {
		dest: Address::Id(taker),
		value: keel_runtime::constants::currency::MILLI,
	}
	.into();
	let deposit: RuntimeCall =
		keel_margin::Call::<Runtime>::deposit { sub: SubAccount(0), amount: Quote::dollars(1) }.into();
	let send = |call: &RuntimeCall, by: &AccountId| {
		call.clone()
			.dispatch_bypass_filter(RuntimeOrigin::signed(by.clone()))
			.expect("there is enough for it");
	};
	let judge = |who: &AccountId| {
		std::hint::black_box(<Margin as Liquidatable<AccountId>>::judge(&main_account(who)))
			.expect("it has positions");
	};

	let mut took: [Vec<Duration>; 5] = Default::default();
	let mut state = chain.without_database();
	for turn in 0..TO_GET_WARM + TIMES {
		let times = state.execute_with(|| {
			System::reset_events();
			[
				many(|| send(&transfer, &giver)),
				many(|| judge(&who)),
				many(|| drop(std::hint::black_box(Margin::account_view(main_account(&who))))),
				// One deposit a block and owner: forget the last one.
				many(|| {
					send(&deposit, &who);
					keel_margin::UrgentCalls::<Runtime>::remove(&who);
				}),
				many(|| judge(&one)),
			]
		});
		if turn >= TO_GET_WARM {
			took.iter_mut().zip(times).for_each(|(all, time)| all.push(time));
		}
	}
	let [transfer, judge, view, deposit, judge_one] = took.map(|all| Spread::of(all).over(TOGETHER));
	Check { transfer, judge, view, deposit, judge_one }
}

fn many(act: impl Fn()) -> Duration {
	blocks::timed(|| (0..TOGETHER).for_each(|_| act()))
}
