// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::{Error, FundCaps, Tranche, Tranches, AMOUNT_MAX};
use frame_support::{assert_noop, assert_ok};
use keel_primitives::FeedId;
use keel_test_support::{ALICE, BOB};
use keel_traits::OnMarketListed;
use sp_runtime::DispatchError::BadOrigin;

#[test]
fn nobody_else_governs() {
	World::default().tranche(BTC, 100, 100).run(|| {
		let alice = || RuntimeOrigin::signed(ALICE);
		assert_noop!(InsuranceFund::withdraw(alice(), Pot::Fund, ALICE, dollars(1)), BadOrigin);
		assert_noop!(InsuranceFund::set_target(alice(), BTC, dollars(1)), BadOrigin);
		assert_noop!(InsuranceFund::set_caps(alice(), caps(1, 1, 1)), BadOrigin);
	});
}

#[test]
fn a_pot_can_be_emptied_but_not_overdrawn() {
	World::default().tranche(BTC, 100, 100).fund(50).run(|| {
		for (pot, all) in [(Pot::Tranche(BTC), dollars(100)), (Pot::Fund, dollars(50))] {
			let too_much = Quote(all.0 + 1);
			let call = InsuranceFund::withdraw(RuntimeOrigin::root(), pot, BOB, too_much);
			assert_noop!(call, Error::<Test>::InsufficientBalance);

			assert_ok!(InsuranceFund::withdraw(RuntimeOrigin::root(), pot, BOB, all));
			assert_eq!(balance(pot), Quote::ZERO);
			assert_eq!(last_event(), Event::Withdrawn { pot, to: BOB, amount: all });
		}
		assert_eq!(Custody::balance(BOB), dollars(150));
	});
}

#[test]
fn a_withdrawal_does_not_use_up_what_losses_may_cost() {
	World::default().fund(100).caps(40, 40, 40).run(|| {
		assert_ok!(InsuranceFund::withdraw(RuntimeOrigin::root(), Pot::Fund, BOB, dollars(50)));
		assert_eq!(absorb(BTC, dollars(99)).fund, dollars(40));
	});
}

#[test]
fn a_withdrawal_names_an_amount_and_a_pot() {
	World::default().run(|| {
		for amount in [Quote::ZERO, Quote(-1)] {
			let call = InsuranceFund::withdraw(RuntimeOrigin::root(), Pot::Fund, BOB, amount);
			assert_noop!(call, Error::<Test>::AmountOutOfBounds);
		}
		let call = InsuranceFund::withdraw(RuntimeOrigin::root(), Pot::Tranche(UNKNOWN), BOB, dollars(1));
		assert_noop!(call, Error::<Test>::UnknownMarket);
	});
}

#[test]
fn a_target_can_change_and_moves_no_money() {
	World::default().tranche(BTC, 100, 80).run(|| {
		assert_ok!(InsuranceFund::set_target(RuntimeOrigin::root(), BTC, dollars(50)));
		assert_eq!(Tranches::<Test>::get(BTC), Some(Tranche { balance: dollars(80), target: dollars(50) }));
		assert_eq!(last_event(), Event::TargetSet { market: BTC, target: dollars(50) });

		for target in [Quote(-1), Quote(AMOUNT_MAX.0 + 1)] {
			let call = InsuranceFund::set_target(RuntimeOrigin::root(), BTC, target);
			assert_noop!(call, Error::<Test>::AmountOutOfBounds);
		}
		let call = InsuranceFund::set_target(RuntimeOrigin::root(), UNKNOWN, dollars(50));
		assert_noop!(call, Error::<Test>::UnknownMarket);
	});
}

#[test]
fn caps_must_rise_from_loss_to_block_to_day() {
	World::default().run(|| {
		#[rustfmt::skip]
		let table = [
			("all equal",                 caps(5, 5, 5),                     true),
			("rising",                    caps(1, 2, 3),                     true),
			("closed",                    caps(0, 0, 0),                     true),
			("a loss above its block",    caps(3, 2, 9),                     false),
			("a block above its day",     caps(1, 9, 3),                     false),
			("negative",                  caps(-1, 2, 3),                    false),
			("a day above a trillion",    caps(1, 2, 1_000_000_000_001),     false),
		];
		for (why, caps, valid) in table {
			if valid {
				assert_ok!(InsuranceFund::set_caps(RuntimeOrigin::root(), caps));
				assert_eq!(FundCaps::<Test>::get(), caps, "{why}");
				assert_eq!(last_event(), Event::CapsSet { caps }, "{why}");
			} else {
				let call = InsuranceFund::set_caps(RuntimeOrigin::root(), caps);
				assert_noop!(call, Error::<Test>::InvalidCaps);
			}
		}
	});
}

#[test]
fn a_listed_market_gets_a_tranche_once() {
	World::default().run(|| {
		InsuranceFund::on_market_listed(ETH, FeedId(0));
		assert_eq!(last_event(), Event::TrancheOpened { market: ETH, target: InitialTarget::get() });

		keep(ETH, dollars(5));
		InsuranceFund::on_market_listed(ETH, FeedId(0));
		assert_eq!(balance(Pot::Tranche(ETH)), dollars(5));
	});
}
