// SPDX-License-Identifier: Apache-2.0

use super::*;

#[test]
fn what_the_backstop_refuses_is_closed_at_mark_for_its_share_of_equity() {
	run(|| {
		// Nobody has given the backstop any margin.
		let alice = long(ALICE);
		set_mark(BTC, 18_900);
		tell(alice);
		next_block();
		// The only position has all of the equity.
		assert_eq!(taken(), [(alice, Size::ONE, Price::dollars(18_900), dollars(900), Taker::Deleveraged)]);
		assert_eq!(Losses::tranche(BTC), dollars(900));
		assert!(matches!(events()[0], Event::BackstopRefused { market: BTC, .. }));
		assert!(!is_queued(alice));
	});
}

#[test]
fn one_position_of_two_gives_up_its_part_of_equity() {
	run(|| {
		fund_backstop(ETH, 10_000);
		position(ALICE, BTC, Side::Long, 1, 0);
		let alice = position(ALICE, ETH, Side::Long, 10, 1_600);
		set_mark(BTC, 19_800);
		tell(alice);
		next_block();
		// Equity 1,400; requirement 990 + 500: BTC has 1,400 x 990 / 1,490 of it, rounded up.
		let (_, size, price, penalty, to) = taken()[0];
		assert_eq!((size, price, to), (Size::ONE, Price::dollars(19_800), Taker::Deleveraged));
		assert_eq!(penalty, Quote(1_400_000_000 * 990 / 1_490 + 1));
	});
}

#[test]
fn the_backstop_is_not_handed_to_itself() {
	run(|| {
		let backstop = fund_backstop(BTC, 2_000);
		Margin::open(backstop, BTC, Side::Long, Size::ONE);
		set_mark(BTC, 18_900);
		tell(backstop);
		next_block();
		let [(account, _, _, _, Taker::Deleveraged)] = taken()[..] else { panic!("one position") };
		assert_eq!(account, backstop);
	});
}

#[test]
fn a_backstop_in_trouble_is_restored_not_emptied() {
	run(|| {
		let backstop = fund_backstop(BTC, 2_000);
		Margin::open(backstop, BTC, Side::Long, Size::ONE);
		set_mark(BTC, 18_900);
		tell(backstop);
		next_block();
		// Equity 900, requirement 945: nothing is lost by closing at mark, so 900 = 1.1 (945 - 945 s) and
		// s = 139.5 / 1,039.5; two units more, because requirement and buffer are rounded up.
		let restores = Size(134_199_136);
		let taken = taken();
		let [(_, size, price, penalty, Taker::Deleveraged)] = taken[..] else { panic!("{taken:?}") };
		assert_eq!((size, price), (restores, Price::dollars(18_900)));
		assert_eq!((penalty, Losses::tranche(BTC)), (Quote::ZERO, Quote::ZERO), "it stands in for others");
		assert_eq!(Margin::size(backstop, BTC).0, Size::ONE.0 - restores.0);
		let after = Margin::judge(&backstop).unwrap();
		assert!(after.equity.0 * 10 >= after.requirement.0 * 11, "{after:?}");
		assert!(!is_queued(backstop));
	});
}

#[test]
fn a_market_without_a_backstop_is_deleveraged() {
	run(|| {
		let far = MarketId(256);
		assert_eq!(Liquidation::backstop(MarketId(255)).unwrap().sub.0, 255);
		assert_eq!(Liquidation::backstop(far), None);
		set_mark(far, 1_000);
		let alice = position(ALICE, far, Side::Long, 1, 100);
		set_mark(far, 940);
		tell(alice);
		next_block();
		assert_eq!(taken()[0].4, Taker::Deleveraged);
	});
}

#[test]
fn in_a_market_that_is_settled_everybody_is_closed_whole_at_the_mark_for_nothing() {
	run(|| {
		fund_backstop(BTC, 10_000);
		let alice = long(ALICE);
		set_mark(BTC, 18_900);
		Margin::settle_at_mark(BTC);
		tell(alice);
		next_block();
		assert_eq!(taken(), [(alice, Size::ONE, Price::dollars(18_900), dollars(0), Taker::Deleveraged)]);
		assert_eq!(Losses::tranche(BTC), dollars(0));
		assert!(!is_queued(alice));
	});
}

#[test]
fn what_is_settled_goes_before_what_is_traded() {
	run(|| {
		fund_backstop(ETH, 10_000);
		position(ALICE, BTC, Side::Long, 1, 0);
		let alice = position(ALICE, ETH, Side::Long, 1, 1_100);
		set_mark(BTC, 19_900);
		Margin::settle_at_mark(ETH);
		tell(alice);
		next_block();
		// Ether asks for less, and is closed first.
		assert_eq!(taken()[0].1, Size::ONE);
		assert_eq!(taken()[0].2, Price::dollars(1_000));
	});
}
