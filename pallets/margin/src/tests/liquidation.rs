// SPDX-License-Identifier: Apache-2.0
//! What liquidation may do to accounts, and that it conserves.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};
use keel_primitives::*;
use keel_traits::{Closed, Custody, Deficit, Liquidatable};

/// Alice, long a bitcoin from 50,000 with 5,000 dollars, is queued at `price`; Bob is short, Carol is rich.
fn with_queued(price: u32, test: impl FnOnce()) {
	build(|| {
		deposit(ALICE, 5_000);
		deposit(BOB, 100_000);
		deposit(CAROL, 100_000);
		trade(ALICE, BOB, BTC, Size::ONE, 50_000);
		block_at(price);
		assert_eq!(account(ALICE).place, Place::Queued);
		test();
	});
}

fn total() -> Quote {
	let ended = Generations::<Test>::iter_values().count();
	assert_eq!(ended, 0, "settle first");
	Quote([ALICE, BOB, CAROL].iter().map(|who| account(*who).cash.0).sum())
}

#[test]
fn a_position_is_handed_over_at_a_price_to_who_can_carry_it() {
	with_queued(46_300, || {
		let (alice, carol) = (main_of(ALICE), main_of(CAROL));
		let exposures = Margin::exposures(&alice);
		assert_eq!(exposures.len(), 1);
		assert_eq!((exposures[0].size, exposures[0].notional), (Size::ONE, Quote::dollars(46_300)));
		assert!(exposures[0].liquidatable);
		let at = Price::dollars(46_000);
		assert_noop!(
			Margin::hand_over(&alice, &main_of(DAVE), BTC, Size::ONE, at),
			Error::<Test>::InsufficientMargin
		);
		assert_eq!(
			Margin::hand_over(&alice, &carol, BTC, Size::ONE, at),
			Ok(Closed { side: Side::Long, size: Size::ONE, price: at })
		);
		assert_eq!(account(ALICE).cash, Quote::dollars(1_000));
		assert_eq!(account(CAROL).cash, Quote::dollars(54_000));
		assert_eq!(Margin::judge(&alice), None);
		assert_ok!(Margin::release(&alice));
		assert_eq!(account(ALICE).place, Place::Idle);
	});
}

#[test]
fn the_restoring_size_restores() {
	with_queued(46_000, || {
		let alice = main_of(ALICE);
		let exposure = Margin::exposures(&alice)[0];
		let (penalty, buffer) = (Ratio::basis_points(50), Ratio::percent(10));
		let price = Price::dollars(45_990);
		let size = Margin::size_to_restore(&alice, &exposure, price, penalty, buffer);
		assert!(size < Size::ONE && !size.is_zero());
		assert!(Margin::release(&alice).is_err(), "not yet");
		assert_ok!(Margin::hand_over(&alice, &main_of(CAROL), BTC, size, price));
		let notional = keel_math::units::notional(size, Price::dollars(46_000)).unwrap();
		let charged = keel_math::units::share(notional, penalty, keel_math::units::Rounding::Up).unwrap();
		assert_eq!(Margin::charge(&alice, charged), charged);
		world(|world| world.other_claims = charged);
		let judgement = Margin::judge(&alice).unwrap();
		assert!(judgement.equity.0 * 10 >= judgement.requirement.0 * 11, "{judgement:?}");
		assert_ok!(Margin::release(&alice));
		assert_eq!(account(ALICE).place, Place::Filed);
	});
}

#[test]
fn a_charge_takes_at_most_the_equity() {
	with_queued(46_000, || {
		let alice = main_of(ALICE);
		assert_eq!(Margin::charge(&alice, Quote::dollars(5_000)), Quote::dollars(1_000));
		assert_eq!(Margin::charge(&alice, Quote(1)), Quote::ZERO);
		world(|world| world.other_claims = Quote::dollars(1_000));
		next_block();
		Margin::credit(&alice, Deficit { market: BTC, side: Side::Long, amount: Quote::dollars(1_000) });
		world(|world| world.other_claims = Quote::ZERO);
	});
}

#[test]
fn a_share_of_fees_is_given_out_of_a_claim_also_while_the_account_is_queued() {
	with_queued(46_000, || {
		let alice = main_of(ALICE);
		assert_eq!(Margin::charge(&alice, Quote::dollars(700)), Quote::dollars(700));
		world(|world| world.other_claims = Quote::dollars(700));
		assert_noop!(Margin::give_fees(&alice, Quote::ZERO), Error::<Test>::AmountTooSmall);
		for (who, dollars) in [(ALICE, 300), (CAROL, 400)] {
			let before = account(who).cash;
			assert_ok!(Margin::give_fees(&main_of(who), Quote::dollars(dollars)));
			world(|world| world.other_claims.0 -= Quote::dollars(dollars).0);
			assert_eq!(account(who).cash.0 - before.0, Quote::dollars(dollars).0);
		}
		assert_eq!(account(ALICE).place, Place::Queued);
		next_block();
	});
}

#[test]
fn an_account_that_is_queued_may_be_given_to() {
	with_queued(46_300, || {
		let alice = main_of(ALICE);
		assert!(Margin::is_listed(BTC) && !Margin::is_listed(MarketId(2)));
		for too_little in [Quote(-1), Quote::ZERO, Quote(9_999_999)] {
			assert_noop!(Margin::give(&DAVE, &alice, too_little), Error::<Test>::AmountTooSmall);
		}
		let too_much = Quote::dollars(1_000_001);
		assert_noop!(Margin::give(&DAVE, &alice, too_much), Error::<Test>::InsufficientBalance);
		assert_ok!(Margin::give(&DAVE, &alice, Quote::dollars(1_000)));
		assert_eq!(Usdk::free_balance(DAVE), 999_000_000_000);
		assert_eq!(view(ALICE).equity, Quote::dollars(2_300));
		assert_eq!(account(ALICE).place, Place::Queued, "until it is released");
		assert_ok!(Margin::release(&alice));
		assert_eq!(account(ALICE).place, Place::Filed);
	});
}

#[test]
fn deleveraging_closes_at_mark_against_everybody_pro_rata() {
	with_queued(46_000, || {
		let alice = main_of(ALICE);
		deposit(DAVE, 100_000);
		// Bob holds a short of one; Dave becomes short of three against Carol.
		trade(CAROL, DAVE, BTC, thousandths(3_000), 46_000);
		let before = (view(BOB).equity, view(DAVE).equity);
		assert_ok!(Margin::deleverage(&alice, BTC, thousandths(400)));
		assert_eq!(view(BOB).positions[0].size, thousandths(900));
		assert_eq!(view(DAVE).positions[0].size, thousandths(2_700));
		assert_eq!((view(BOB).equity, view(DAVE).equity), before, "nobody's equity fell");
		assert_eq!(market(BTC).book.open_interest(), Ok(thousandths(3_600)));
		next_block();
	});
}

#[test]
fn a_side_that_is_closed_out_is_settled_by_the_next_block() {
	with_queued(46_000, || {
		let alice = main_of(ALICE);
		assert_ok!(Margin::deleverage(&alice, BTC, Size::ONE));
		check();
		assert_eq!(Generations::<Test>::iter().count(), 1);
		assert_eq!(account(BOB).positions.len(), 1, "a claim until it is touched");
		next_block();
		assert_eq!(account(BOB).positions.len(), 0);
		assert_eq!(account(BOB).cash, Quote::dollars(104_000));
		assert_ok!(Margin::release(&alice));
		assert_eq!(total(), Quote::dollars(205_000));
		assert_eq!(market(BTC).short.drained_to, keel_math::Generation(1));
	});
}

#[test]
fn a_loss_nobody_else_can_pay_is_borne_by_who_gained_it() {
	with_queued(44_000, || {
		let alice = main_of(ALICE);
		assert!(Margin::judge(&alice).unwrap().is_bankrupt());
		assert_ok!(Margin::deleverage(&alice, BTC, Size::ONE));
		let deficit = Deficit { market: BTC, side: Side::Long, amount: Quote::dollars(1_000) };
		assert_eq!(Margin::deficits(&alice), vec![deficit]);
		assert_eq!(Margin::debt(&alice), deficit.amount);
		assert_eq!(Margin::socialise(&alice, deficit), Quote::dollars(1_000));
		assert_eq!(Margin::debt(&alice), Quote::ZERO);
		assert!(Margin::deficits(&alice).is_empty());
		assert_ok!(Margin::release(&alice));
		next_block();
		// Bob gained 6,000 and gives back 1,000.
		assert_eq!(account(BOB).cash, Quote::dollars(105_000));
		assert_eq!(account(ALICE), Default::default());
		assert_eq!(total(), Quote::dollars(205_000));
	});
}

#[test]
fn a_loss_is_laid_on_a_side_that_is_still_there() {
	with_queued(44_000, || {
		let alice = main_of(ALICE);
		deposit(DAVE, 100_000);
		trade(CAROL, DAVE, BTC, thousandths(3_000), 44_000);
		let before = (view(BOB).equity.0, view(DAVE).equity.0);
		assert_ok!(Margin::deleverage(&alice, BTC, Size::ONE));
		for deficit in Margin::deficits(&alice) {
			assert_eq!(Margin::socialise(&alice, deficit), deficit.amount);
		}
		assert_ok!(Margin::release(&alice));
		assert_eq!(view(BOB).equity.0, before.0 - 250_000_000);
		assert_eq!(view(DAVE).equity.0, before.1 - 750_000_000);
		next_block();
	});
}

#[test]
fn a_loss_that_meets_an_empty_side_is_the_markets_debt_and_stops_new_risk() {
	with_queued(44_000, || {
		let alice = main_of(ALICE);
		assert_ok!(Margin::hand_over(&alice, &main_of(CAROL), BTC, Size::ONE, Price::dollars(44_000)));
		// The short and the long that took over leave before the loss is booked.
		trade(BOB, CAROL, BTC, Size::ONE, 44_000);
		for deficit in Margin::deficits(&alice) {
			assert_eq!(Margin::socialise(&alice, deficit), Quote::ZERO);
		}
		assert_ok!(Margin::release(&alice));
		assert_eq!(market(BTC).book.debt, Quote::dollars(1_000));
		assert_eq!(try_trade(BOB, CAROL, BTC, Size::ONE, 44_000), Err(Error::<Test>::MarketUnsound.into()));
		assert_ok!(Margin::repay_debt(signed(DAVE), BTC, Quote::dollars(1_000)));
		trade(BOB, CAROL, BTC, Size::ONE, 44_000);
	});
}

/// Alice, bankrupt by 1,000 dollars, is out; Carol has her long, of which she and Bob close all but five
/// billionths of a bitcoin: of the 6,000 dollars that the fall gave to the short side, 30 millionths are left.
const TINY: Quote = Quote(30 + keel_math::book::ROUNDINGS.0);

fn with_a_tiny_side(test: impl FnOnce(MarginAccount<AccountId>)) {
	build(|| {
		let mut fine = params();
		fine.lot = Size(1);
		fine.min_position = Quote(1);
		assert_ok!(Margin::set_market_params(RuntimeOrigin::root(), BTC, fine));
		deposit(ALICE, 5_000);
		deposit(BOB, 100_000);
		deposit(CAROL, 100_000);
		trade(ALICE, BOB, BTC, Size::ONE, 50_000);
		block_at(44_000);
		let alice = main_of(ALICE);
		assert_ok!(Margin::hand_over(&alice, &main_of(CAROL), BTC, Size::ONE, Price::dollars(44_000)));
		trade(BOB, CAROL, BTC, Size(Size::ONE.0 - 5), 44_000);
		test(alice);
		assert_eq!(market(BTC).book.debt, Quote(Quote::dollars(1_000).0 - TINY.0));
		assert!(Margin::deficits(&alice).is_empty(), "nobody waits for what nobody can bear");
		assert_ok!(Margin::release(&alice));
	});
}

#[test]
fn a_side_bears_no_more_than_it_has_gained() {
	with_a_tiny_side(|alice| {
		let before = view(BOB);
		assert_eq!(before.positions[0].size, Size(5));
		let deficit = Margin::deficits(&alice)[0];
		assert_eq!(Margin::socialise(&alice, deficit), TINY);
		assert_eq!(view(BOB).equity.0, before.equity.0 - TINY.0, "what is left of the gain, and roundings");
	});
}

#[test]
fn claims_bear_no_more_than_they_have_gained() {
	with_a_tiny_side(|alice| {
		assert_ok!(Margin::deleverage(&main_of(CAROL), BTC, Size(5)));
		assert_eq!(Generations::<Test>::iter_values().next().unwrap().left.0, 5);
		let deficit = Margin::deficits(&alice)[0];
		assert_eq!(Margin::socialise(&alice, deficit), TINY);
		next_block();
		let gained = account(BOB).cash.0 - Quote::dollars(106_000).0;
		assert!((-TINY.0 - 3..0).contains(&gained), "what is left of the gain, and roundings: {gained}");
	});
}

#[test]
fn an_account_that_is_seized_leaves_the_trigger_book_and_is_told_once() {
	build(|| {
		deposit(ALICE, 5_000);
		deposit(BOB, 100_000);
		trade(ALICE, BOB, BTC, Size::ONE, 50_000);
		let alice = main_of(ALICE);
		frame_support::assert_storage_noop!(assert_eq!(Margin::seize(&alice), None));
		assert_eq!(Margin::seize(&main_of(DAVE)), None);
		// The hook has no time to judge anybody.
		let none = <() as WeightInfo>::open_market().saturating_mul(2);
		world(|world| world.hook_weight = none);
		block_at(46_000);
		assert_eq!((account(ALICE).place, Triggers::<Test>::iter().count()), (Place::Filed, 2));

		let judgement = Margin::seize(&alice).expect("it is unhealthy");
		assert_eq!(judgement.equity, Quote::dollars(1_000));
		assert_eq!((account(ALICE).place, Triggers::<Test>::iter().count()), (Place::Queued, 1));
		// The head stays where it was, until a block has looked at the ladder.
		assert_eq!(market(BTC).long.heads().count(), 1);
		assert_eq!(unhealthy(), vec![ALICE]);
		assert_eq!(Margin::seize(&alice), Some(judgement), "it is the caller's already");
		world(|world| world.hook_weight = World::default().hook_weight);
		next_block();
		assert_eq!(unhealthy(), vec![ALICE], "told once");
	});
}

#[test]
fn a_deficit_is_split_over_the_markets_that_caused_it() {
	build(|| {
		deposit(ALICE, 10_000);
		deposit(BOB, 500_000);
		trade(ALICE, BOB, BTC, Size::ONE, 50_000);
		trade(ALICE, BOB, ETH, Size(25 * Size::ONE.0), 2_000);
		// Bitcoin loses 9,000 and ether 3,000.
		price(ETH, 1_880);
		block_at(41_000);
		let alice = main_of(ALICE);
		assert!(Margin::deficits(&alice).is_empty(), "nothing is gone");
		assert_ok!(Margin::deleverage(&alice, BTC, Size::ONE));
		assert_ok!(Margin::deleverage(&alice, ETH, Size(25 * Size::ONE.0)));
		assert_eq!(
			Margin::deficits(&alice),
			vec![
				Deficit { market: BTC, side: Side::Long, amount: Quote::dollars(1_500) },
				Deficit { market: ETH, side: Side::Long, amount: Quote::dollars(500) },
			]
		);
		for deficit in Margin::deficits(&alice) {
			Margin::socialise(&alice, deficit);
		}
		assert_ok!(Margin::release(&alice));
		next_block();
		assert_eq!(account(BOB).cash, Quote::dollars(510_000));
	});
}

/// Alice, with 10,000 dollars, has lost 9,000 in bitcoin and is out of it, and 3,000 in ether, which is halted.
fn with_left(test: impl FnOnce(MarginAccount<AccountId>)) {
	build(|| {
		deposit(ALICE, 10_000);
		deposit(BOB, 500_000);
		deposit(DAVE, 10_000);
		trade(ALICE, BOB, BTC, Size::ONE, 50_000);
		trade(ALICE, BOB, ETH, Size(25 * Size::ONE.0), 2_000);
		price(ETH, 1_880);
		block_at(41_000);
		status(ETH, MarketStatus::Halted);
		let alice = main_of(ALICE);
		assert_ok!(Margin::deleverage(&alice, BTC, Size::ONE));
		assert!(!Margin::exposures(&alice)[0].liquidatable);
		test(alice);
	});
}

fn lost(market: MarketId, dollars: i64) -> Deficit {
	Deficit { market, side: Side::Long, amount: Quote::dollars(dollars) }
}

#[test]
fn what_is_gone_is_paid_for_and_what_is_held_is_not_yet() {
	with_left(|alice| {
		assert_eq!(Margin::losses(&alice), vec![(BTC, Side::Long)]);
		// 2,000 are lacking, of which bitcoin made nine of twelve parts.
		assert_eq!(Margin::deficits(&alice), vec![lost(BTC, 1_500)]);
		assert_ok!(Margin::pull(&DAVE, Quote::dollars(1_000)));
		Margin::credit(&alice, lost(BTC, 1_000));
		assert_eq!(Margin::socialise(&alice, lost(BTC, 500)), Quote::dollars(500));
		assert!(Margin::deficits(&alice).is_empty() && Margin::losses(&alice).is_empty());
		assert_eq!(Margin::debt(&alice), Quote::dollars(500));
		check();

		status(ETH, MarketStatus::Open);
		price(ETH, 1_800);
		next_block();
		assert_ok!(Margin::deleverage(&alice, ETH, Size(25 * Size::ONE.0)));
		assert_eq!(Margin::deficits(&alice), vec![lost(ETH, 2_500)], "its part, and all that came later");
		Margin::socialise(&alice, lost(ETH, 2_500));
		assert_ok!(Margin::release(&alice));
		next_block();
		// Bob has gained 9,000 and 5,000 and bears 3,000; 1,000 came from elsewhere.
		assert_eq!(account(BOB).cash, Quote::dollars(511_000));
		assert_eq!(account(ALICE), Default::default());
	});
}

#[test]
fn what_a_short_was_paid_does_not_hide_a_debt() {
	build(|| {
		deposit(ALICE, 10_000);
		deposit(BOB, 500_000);
		trade(ALICE, BOB, BTC, Size::ONE, 50_000);
		trade(BOB, ALICE, ETH, Size(25 * Size::ONE.0), 2_000);
		price(ETH, 2_120);
		block_at(41_000);
		let alice = main_of(ALICE);
		assert_ok!(Margin::deleverage(&alice, BTC, Size::ONE));
		// 10,000 less 9,000, and 50,000 for the short: it lacks 2,000 all the same.
		assert_eq!(account(ALICE).cash, Quote::dollars(51_000));
		assert_eq!(Margin::debt(&alice), Quote::dollars(2_000));
		assert_eq!(Margin::deficits(&alice), vec![lost(BTC, 1_500)]);
		check();
	});
}

#[test]
fn a_part_of_a_position_that_is_gone_is_paid_for_too() {
	with_left(|alice| {
		status(ETH, MarketStatus::Open);
		assert_ok!(Margin::deleverage(&alice, ETH, Size(5 * Size::ONE.0)));
		assert_eq!(Margin::deficits(&alice), vec![lost(BTC, 1_500), lost(ETH, 100)]);
	});
}

#[test]
fn what_was_lost_before_the_move_that_made_the_debt_has_no_part_in_it() {
	build(|| {
		deposit(ALICE, 12_000);
		deposit(BOB, 500_000);
		trade(ALICE, BOB, BTC, Size::ONE, 50_000);
		trade(ALICE, BOB, ETH, Size(25 * Size::ONE.0), 2_000);
		// Bitcoin loses 4,000 while the account stays healthy; then ether loses 9,000.
		block_at(46_000);
		assert_eq!(account(ALICE).place, Place::Filed);
		price(ETH, 1_640);
		next_block();
		let alice = main_of(ALICE);
		assert_ok!(Margin::deleverage(&alice, BTC, Size::ONE));
		assert!(Margin::deficits(&alice).is_empty(), "nobody gained in bitcoin by the move");
		assert_eq!(market(BTC).book.bearable(Side::Short, Price::dollars(46_000)), Ok(Quote::ZERO));
		assert_ok!(Margin::deleverage(&alice, ETH, Size(25 * Size::ONE.0)));
		assert_eq!(Margin::deficits(&alice), vec![lost(ETH, 1_000)]);
	});
}

#[test]
fn what_a_solvent_account_lost_in_liquidation_is_its_own() {
	with_queued(46_000, || {
		let alice = main_of(ALICE);
		// Unhealthy and solvent: half of it is taken, and its margin has paid for that.
		assert_ok!(Margin::deleverage(&alice, BTC, thousandths(500)));
		assert!(Margin::losses(&alice).is_empty());
		block_at(43_000);
		assert!(Margin::judge(&alice).unwrap().is_bankrupt());
		assert!(Margin::deficits(&alice).is_empty(), "nothing of the debt belongs to what was closed before");
		assert_ok!(Margin::deleverage(&alice, BTC, thousandths(500)));
		assert_eq!(Margin::deficits(&alice), vec![lost(BTC, 500)]);
	});
}

#[test]
fn who_is_left_on_a_side_bears_no_more_than_the_move_gave_him() {
	build(|| {
		deposit(ALICE, 50_000);
		deposit(BOB, 500_000);
		deposit(CAROL, 50_000);
		// Alice is long ten: nine against Bob, one against Carol.
		trade(ALICE, BOB, BTC, Size(9 * Size::ONE.0), 50_000);
		trade(ALICE, CAROL, BTC, Size::ONE, 50_000);
		block_at(44_000);
		let alice = main_of(ALICE);
		assert_eq!(Margin::debt(&alice), Quote::dollars(10_000));
		// Somebody else of the other side is closed first, at the mark, against Alice.
		assert_ok!(Margin::deleverage(&main_of(BOB), BTC, Size(9 * Size::ONE.0)));
		assert_eq!(Margin::exposures(&alice)[0].size, Size::ONE);
		assert_ok!(Margin::deleverage(&alice, BTC, Size::ONE));
		let deficit = Margin::deficits(&alice)[0];
		assert_eq!(deficit.amount, Quote::dollars(10_000));
		// Carol has gained 6,000: more is not hers to give.
		let most = Quote(Quote::dollars(6_000).0 + keel_math::book::ROUNDINGS.0);
		assert_eq!(Margin::socialise(&alice, deficit), most);
		assert_eq!(market(BTC).book.debt.0, Quote::dollars(10_000).0 - most.0);
		assert_ok!(Margin::release(&alice));
		next_block();
		assert!((account(CAROL).cash.0 - Quote::dollars(50_000).0).abs() <= most.0 - Quote::dollars(6_000).0);
	});
}

#[test]
fn a_side_that_is_rebased_is_converted_and_keeps_its_value() {
	build(|| {
		let mut wide = params();
		wide.max_open_interest = keel_math::units::SIZE_MAX;
		wide.min_position = Quote(1);
		wide.lot = Size(1);
		assert_ok!(Margin::set_market_params(RuntimeOrigin::root(), ETH, wide));
		price(ETH, 1);
		deposit(BOB, 900_000);
		deposit(ALICE, 300_000);
		deposit(CAROL, 100);
		let much = Size(5_000_000 * Size::ONE.0);
		trade(ALICE, BOB, ETH, much, 1);
		trade(CAROL, BOB, ETH, Size::ONE, 1);
		// A fall makes Alice unhealthy; she is closed against Bob, of whose size a five-millionth is left.
		set_price(feed(ETH), Price(966_000_000_000_000_000), PriceState::Valid);
		next_block();
		assert_eq!(unhealthy(), vec![ALICE]);
		let before = view(BOB).equity;
		assert_ok!(Margin::deleverage(&main_of(ALICE), ETH, much));
		check();
		let ended = Generations::<Test>::iter_values().next().expect("re-based");
		assert!(!ended.is_closed_out());
		next_block();
		assert_eq!(Generations::<Test>::iter().count(), 0);
		assert_eq!(view(BOB).positions[0].size, Size::ONE);
		assert!((view(BOB).equity.0 - before.0).abs() <= 2, "{} and {before:?}", view(BOB).equity.0);
		assert_ok!(Margin::release(&main_of(ALICE)));
		price(ETH, 1);
		next_block();
		trade(BOB, CAROL, ETH, Size::ONE, 1);
	});
}

#[test]
fn a_debt_left_by_a_side_that_was_closed_out_is_queued_with_its_cause() {
	build(|| {
		deposit(ALICE, 5_000);
		deposit(CAROL, 100_000);
		trade(CAROL, ALICE, BTC, Size::ONE, 50_000);
		// The price jumps; the hook has no time to judge anybody.
		let none = <() as WeightInfo>::open_market().saturating_mul(2);
		world(|world| world.hook_weight = none);
		block_at(57_000);
		assert_eq!(account(ALICE).place, Place::Filed, "not judged yet");
		// Carol is closed against the whole other side, and that is Alice alone.
		assert_ok!(Margin::deleverage(&main_of(CAROL), BTC, Size::ONE));
		world(|world| world.hook_weight = World::default().hook_weight);
		next_block();
		assert_eq!(account(ALICE).place, Place::Queued);
		assert_eq!(unhealthy(), vec![ALICE]);
		let deficit = Deficit { market: BTC, side: Side::Short, amount: Quote::dollars(2_000) };
		assert_eq!(Margin::deficits(&main_of(ALICE)), vec![deficit]);
	});
}

#[test]
fn what_is_left_below_the_smallest_size_is_closed_against_the_house() {
	build(|| {
		let mut wide = params();
		wide.max_open_interest = keel_math::units::SIZE_MAX;
		wide.min_position = Quote(1);
		wide.lot = Size(1);
		assert_ok!(Margin::set_market_params(RuntimeOrigin::root(), ETH, wide));
		price(ETH, 1);
		for who in [ALICE, BOB, CAROL, DAVE] {
			deposit(who, 10_000);
		}
		trade(ALICE, BOB, ETH, Size(1_000 * Size::ONE.0), 1);
		trade(CAROL, DAVE, ETH, Size(100), 1);
		assert_ok!(Margin::deleverage(&main_of(ALICE), ETH, Size(999 * Size::ONE.0)));
		check();
		// A thousandth of Dave's hundred billionths.
		assert!(Margin::exposures(&main_of(DAVE)).is_empty());
		assert_eq!(account(DAVE).place, Place::Idle);
		assert!((account(DAVE).cash.0 - 10_000_000_000).abs() <= 2);
	});
}

#[test]
fn while_somebody_is_not_judged_yet_the_gain_of_the_whole_fall_counts() {
	build(|| {
		deposit(ALICE, 5_000);
		deposit(BOB, 100_000);
		trade(ALICE, BOB, BTC, Size::ONE, 50_000);
		let gain = || market(BTC).book.bearable(Side::Short, market(BTC).mark).unwrap();
		let none = <() as WeightInfo>::open_market().saturating_mul(2);
		world(|world| world.hook_weight = none);
		for (mark, dollars) in [(46_000, 4_000), (44_000, 6_000)] {
			block_at(mark);
			assert_eq!(gain().0, Quote::dollars(dollars).0 + keel_math::book::ROUNDINGS.0);
		}
		world(|world| world.hook_weight = World::default().hook_weight);
		next_block();
		assert_eq!(account(ALICE).place, Place::Queued);
	});
}

#[test]
fn nobody_escapes_a_loss_on_a_side_that_is_rebased_with_it() {
	build(|| {
		let mut wide = params();
		wide.max_open_interest = keel_math::units::SIZE_MAX;
		wide.min_position = Quote(1);
		wide.lot = Size(1);
		assert_ok!(Margin::set_market_params(RuntimeOrigin::root(), ETH, wide));
		price(ETH, 1);
		for (who, dollars) in [(ALICE, 300_000), (BOB, 400_000), (DAVE, 400_000), (CAROL, 100)] {
			deposit(who, dollars);
		}
		let half = Size(2_500_000 * Size::ONE.0);
		trade(ALICE, BOB, ETH, half, 1);
		trade(ALICE, DAVE, ETH, half, 1);
		// Five billionths are what keeps the other side open: two units each for Bob and Dave, and one for the
		// house.
		trade(CAROL, BOB, ETH, Size(5), 1);
		set_price(feed(ETH), Price(900_000_000_000_000_000), PriceState::Valid);
		next_block();
		let alice = main_of(ALICE);
		let before = [BOB, DAVE].map(|who| view(who).equity.0);
		assert_ok!(Margin::deleverage(&alice, ETH, Size(5_000_000 * Size::ONE.0)));
		let deficit = Margin::deficits(&alice)[0];
		assert_eq!(deficit.amount, Quote::dollars(200_000));
		assert_eq!(Margin::socialise(&alice, deficit), deficit.amount);
		assert_ok!(Margin::release(&alice));
		next_block();
		for (who, before) in [BOB, DAVE].into_iter().zip(before) {
			let borne = before - view(who).equity.0;
			assert!((borne - Quote::dollars(100_000).0).abs() <= 10, "{borne}");
		}
	});
}

#[test]
fn references_of_a_market_stand_still_while_somebody_waits_there_and_those_of_others_go_on() {
	build(|| {
		deposit(ALICE, 5_000);
		deposit(BOB, 100_000);
		deposit(CAROL, 10_000);
		trade(ALICE, BOB, BTC, Size::ONE, 50_000);
		trade(CAROL, BOB, ETH, Size::ONE, 2_000);
		let references = || [BTC, ETH].map(|id| Side::BOTH.map(|side| market(id).book.side(side).reference));
		next_block();
		let calm = references();
		// Alice's key fires, and the hook has no time to judge her: nothing moves in bitcoin, on neither side.
		let none = <() as WeightInfo>::open_market().saturating_mul(2);
		world(|world| world.hook_weight = none);
		price(ETH, 1_990);
		block_at(46_000);
		price(ETH, 1_980);
		block_at(45_900);
		assert_eq!(references()[0], calm[0]);
		assert_ne!(references()[1], calm[1], "ether has nothing to do with it");
		// She is judged and waits.
		world(|world| world.hook_weight = World::default().hook_weight);
		block_at(45_800);
		assert_eq!((account(ALICE).place, references()[0]), (Place::Queued, calm[0]));
		// Nobody waits; but in bitcoin somebody is waited for that is parked elsewhere: both sides stand still.
		assert_ok!(Margin::hand_over(&main_of(ALICE), &main_of(BOB), BTC, Size::ONE, Price::dollars(45_800)));
		assert_ok!(Margin::release(&main_of(ALICE)));
		trade(CAROL, BOB, BTC, thousandths(100), 45_800);
		let before = references();
		Margin::set_waiting(BTC, Side::Long, true);
		price(ETH, 1_970);
		block_at(45_700);
		block_at(45_600);
		let after = references();
		assert_eq!(after[0], before[0]);
		assert_ne!(after[1], before[1], "ether goes on");
		Margin::set_waiting(BTC, Side::Long, false);
	});
}

#[test]
fn crowding_locks_nobody_in_and_hinders_nobody_who_takes_over() {
	build(|| {
		deposit(ALICE, 5_000);
		for who in [BOB, CAROL, DAVE] {
			deposit(who, 60_000);
		}
		trade(ALICE, BOB, BTC, Size::ONE, 50_000);
		let free = || [ALICE, BOB].map(|who| view(who).free_collateral);
		let before = free();
		let mut crowded = params();
		crowded.initial.soft_cap = Quote::ZERO;
		crowded.initial.hard_cap = Quote::dollars(50_000);
		assert_ok!(Margin::set_market_params(RuntimeOrigin::root(), BTC, crowded));
		assert_eq!(free(), before, "money leaves as before");
		let more = try_trade(CAROL, DAVE, BTC, Size(2 * Size::ONE.0), 50_000);
		assert_eq!(more, Err(Error::<Test>::InsufficientMargin.into()), "new risk takes all of it");
		block_at(46_000);
		let (alice, at) = (main_of(ALICE), Price::dollars(46_000));
		assert_eq!(account(ALICE).place, Place::Queued);
		// A twentieth of 46,000, not all of it.
		deposit(20, 2_400);
		assert_ok!(Margin::hand_over(&alice, &main_of(20), BTC, Size::ONE, at));
		assert_ok!(Margin::release(&alice));
	});
}

#[test]
fn what_waits_to_leave_is_margin_no_more() {
	build(|| {
		deposit(ALICE, 10_000);
		deposit(BOB, 100_000);
		trade(ALICE, BOB, BTC, thousandths(100), 50_000);
		let free = view(ALICE).free_collateral;
		assert_ok!(withdraw(ALICE, Quote::dollars(5_000)));
		assert_eq!(view(ALICE).free_collateral.0, free.0 - Quote::dollars(5_000).0);
		let most = Margin::max_size(main_of(ALICE), BTC, Side::Long, Price::dollars(50_000)).unwrap();
		// 10,000 less 5,000 and less 250 for what is held, at a twentieth.
		assert_eq!(most, thousandths(1_900));
		next_block();
		assert_eq!(account(ALICE).leaving, Quote::ZERO);
		assert_eq!(account(ALICE).cash.0 % Quote::dollars(5_000).0, 0);
	});
}
