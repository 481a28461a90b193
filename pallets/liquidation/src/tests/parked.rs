// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::{round::any_step, weights::WeightInfo, Place, Queue};

fn is_parked(account: Account) -> bool {
	matches!(Entries::<Test>::get(account).unwrap().place, Place::Parked(_))
}

#[test]
fn waits_for_its_market_without_blocking_others() {
	run(|| {
		let alice = long(ALICE);
		let bob = position(BOB, ETH, Side::Long, 1, 100);
		set_mark(BTC, 18_000);
		set_mark(ETH, 940);
		Margin::halt(BTC);
		tell(alice);
		tell(bob);

		next_block();
		assert!(is_parked(alice));
		assert!(events().contains(&Event::Postponed { account: alice }));
		assert!(!is_queued(bob));

		Margin::resume(BTC);
		next_block();
		assert!(!is_queued(alice), "woken and liquidated in the same block");
	});
}

#[test]
fn waiting_is_no_work() {
	run(|| {
		let accounts: Vec<_> = (1..=10).map(long).collect();
		set_mark(BTC, 18_900);
		Margin::halt(BTC);
		accounts.iter().copied().for_each(tell);
		next_block();
		assert!(accounts.iter().copied().all(is_parked));

		// One question for the market, however many wait for it.
		let used = next_block();
		assert_eq!(used, <() as WeightInfo>::idle().saturating_add(<() as WeightInfo>::ask()));
		assert_eq!(events(), []);
	});
}

#[test]
fn only_what_may_be_taken_is_taken() {
	run(|| {
		position(ALICE, BTC, Side::Long, 1, 0);
		let alice = position(ALICE, ETH, Side::Long, 1, 1_000);
		Margin::halt(BTC);
		set_mark(ETH, 900);
		tell(alice);
		next_block();
		assert_eq!(Margin::size(alice, ETH), Size::ZERO);
		assert_eq!(Margin::size(alice, BTC), Size::ONE);
		assert!(is_parked(alice));
	});
}

#[test]
fn any_of_its_markets_wakes_an_account() {
	run(|| {
		position(ALICE, BTC, Side::Long, 1, 0);
		let alice = position(ALICE, ETH, Side::Long, 1, 1_000);
		Margin::halt(BTC);
		Margin::halt(ETH);
		set_mark(ETH, 900);
		tell(alice);
		next_block();

		Margin::resume(ETH);
		next_block();
		assert_eq!(Margin::size(alice, ETH), Size::ZERO);
		assert!(is_parked(alice), "now for BTC alone");
		next_block();
		assert_eq!(events(), []);
	});
}

#[test]
fn news_about_a_parked_account_puts_it_back_in_line() {
	run(|| {
		let alice = long(ALICE);
		set_mark(BTC, 18_900);
		Margin::halt(BTC);
		tell(alice);
		next_block();
		set_mark(BTC, 17_900);
		tell(alice);
		assert!(!is_parked(alice));
		assert!(Margin::is_waiting(BTC, Side::Long));
	});
}

#[test]
fn whoever_is_parked_is_waited_for_until_it_is_dealt_with() {
	run(|| {
		let accounts: Vec<_> = (1..=5).map(long).collect();
		set_mark(BTC, 18_900);
		Margin::halt(BTC);
		accounts.iter().copied().for_each(tell);
		next_block();
		assert!(accounts.iter().all(|account| is_parked(*account)));
		assert!(Margin::is_waiting(BTC, Side::Long), "they may be bankrupt when they wake");
		// They are, and there is weight to wake but two of them.
		set_mark(BTC, 17_900);
		Margin::resume(BTC);
		let ask = <() as WeightInfo>::ask();
		let two = <() as WeightInfo>::wake().saturating_add(<() as WeightInfo>::advance()).saturating_mul(2);
		Liquidation::wake(ask.saturating_add(two));
		let is_told = |event: &Event<Test>| matches!(event, Event::Bankrupt { .. });
		assert_eq!(events().iter().filter(|event| is_told(event)).count(), 2);
		assert_eq!(accounts.iter().filter(|account| is_parked(**account)).count(), 3);
		// Those two are closed, nobody is in line, and the rest is waited for.
		let all = HookWeight::get();
		// To close what each has, and to let it go.
		let two_steps = any_step::<Test>(1).saturating_add(any_step::<Test>(0));
		let four_steps = two_steps.saturating_mul(2);
		HookWeight::set(<() as WeightInfo>::idle().saturating_add(ask).saturating_add(four_steps));
		next_block();
		HookWeight::set(all);
		assert!(Queue::<Test>::iter_keys().next().is_none() && Margin::is_waiting(BTC, Side::Long));
		next_block();
		assert!(!Margin::is_waiting(BTC, Side::Long));
		assert!(accounts.iter().all(|account| !is_queued(*account)));
	});
}

#[test]
fn who_is_in_liquidation_is_listed_once_in_line_or_parked() {
	run(|| {
		position(ALICE, BTC, Side::Long, 1, 0);
		let alice = position(ALICE, ETH, Side::Long, 1, 1_000);
		Margin::halt(BTC);
		Margin::halt(ETH);
		set_mark(ETH, 900);
		tell(alice);
		next_block();
		assert!(is_parked(alice));
		let bob = long(BOB);
		set_mark(BTC, 18_900);
		tell(bob);
		assert_eq!(Liquidation::in_liquidation(10), [bob, alice], "parked in two markets, listed once");
		assert_eq!(Liquidation::in_liquidation(1), [bob]);
		assert_eq!(Liquidation::in_liquidation(0), []);
	});
}
