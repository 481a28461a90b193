// SPDX-License-Identifier: Apache-2.0

use super::*;

/// 0.75 % of 18,900 dollars.
const DISCOUNT: u128 = 141_750_000_000_000_000_000;

/// Of a long at 18,900 dollars: equity 900, requirement 945. Each BTC costs 1.25 % of 18,900, 236.25, and
/// the target is 1.1 times the requirement: 900 - 236.25 s = 1.1 (945 - 945 s), so s = 139.5 / 803.25 =
/// 0.1736694678; two units more, because requirement and penalty are rounded up.
const RESTORES: Size = Size(173_669_470);

#[test]
fn takes_no_more_than_restores_the_account() {
	run(|| {
		let backstop = fund_backstop(BTC, 10_000);
		let alice = long(ALICE);
		set_mark(BTC, 18_900);
		tell(alice);
		next_block();

		let [(_, size, price, penalty, to)] = taken()[..] else { panic!("one position") };
		assert_eq!(size, RESTORES);
		assert_eq!(price, Price(Price::dollars(18_900).0 - DISCOUNT));
		assert_eq!(to, Taker::Backstop);
		assert_eq!(Margin::size(backstop, BTC), size);

		// 0.5 % of 0.17366947 x 18,900 = 16.411764..., rounded down, all of it to the tranche.
		assert_eq!(penalty, Quote(16_411_764));
		assert_eq!(Losses::tranche(BTC), penalty);

		let after = Margin::judge(&alice).unwrap();
		assert!(after.equity.0 * 10 >= after.requirement.0 * 11, "the buffer is there: {after:?}");
		assert!(!is_queued(alice));
	});
}

#[test]
fn a_penalty_repays_what_the_market_owes_before_it_fills_the_tranche() {
	for (owed, left, kept) in [(6_411_764, 0, 10_000_000), (20_000_000, 3_588_236, 0)] {
		run(|| {
			fund_backstop(BTC, 10_000);
			Margin::owe(BTC, Quote(owed));
			let alice = long(ALICE);
			set_mark(BTC, 18_900);
			tell(alice);
			next_block();
			assert_eq!(taken()[0].3, Quote(16_411_764));
			assert_eq!((Margin::debt(BTC), Losses::tranche(BTC)), (Quote(left), Quote(kept)));
		});
	}
}

#[test]
fn a_short_is_bought_back_above_the_mark() {
	run(|| {
		fund_backstop(BTC, 10_000);
		let alice = position(ALICE, BTC, Side::Short, 1, 2_000);
		set_mark(BTC, 21_000);
		tell(alice);
		next_block();
		let [(_, _, price, _, Taker::Backstop)] = taken()[..] else { panic!("one position") };
		assert_eq!(price, Price(Price::dollars(21_000).0 / 10_000 * 10_075));
	});
}

#[test]
fn the_position_with_the_largest_requirement_goes_first() {
	run(|| {
		fund_backstop(BTC, 10_000);
		fund_backstop(ETH, 10_000);
		position(ALICE, ETH, Side::Long, 30, 0);
		let alice = position(ALICE, BTC, Side::Long, 1, 4_000);
		set_mark(ETH, 940);
		tell(alice);
		next_block();
		let [(_, size, _, _, _)] = taken()[..] else { panic!("one position suffices") };
		assert_eq!(Margin::size(alice, BTC), Size::ONE);
		assert_eq!(Margin::size(alice, ETH).0 + size.0, 30 * Size::ONE.0);
	});
}

#[test]
fn dust_is_closed_whole() {
	run(|| {
		fund_backstop(BTC, 10_000);
		let alice = long(ALICE);
		let bob = main_of(BOB);
		Margin::deposit(bob, dollars(1_000));
		Margin::open(bob, BTC, Side::Long, Size(Size::ONE.0 / 2));
		set_mark(BTC, 18_900);
		let params = Params { least_position: dollars(10_000), ..Default::default() };
		crate::CurrentParams::<Test>::put(params);
		tell(alice);
		tell(bob);
		next_block();
		// What remains of one BTC is worth 15,600 dollars; half a BTC is worth 9,450 and goes at once.
		let sizes: Vec<_> = taken().into_iter().map(|(account, size, ..)| (account, size)).collect();
		assert_eq!(sizes, [(alice, RESTORES), (bob, Size(Size::ONE.0 / 2))]);
	});
}

#[test]
fn no_dust_is_left_behind() {
	run(|| {
		fund_backstop(BTC, 10_000);
		let alice = long(ALICE);
		// Equity is 60 % of the requirement, so 0.584 BTC are closed: 7,720 dollars would remain.
		set_mark(BTC, 18_560);
		let params = Params { least_position: dollars(9_000), ..Default::default() };
		crate::CurrentParams::<Test>::put(params);
		tell(alice);
		next_block();
		assert_eq!(taken().len(), 1);
		assert_eq!(Margin::size(alice, BTC), Size::ZERO);
	});
}

#[test]
fn what_remains_is_a_position_that_the_market_allows_or_nothing() {
	for (least, left) in [(7_000, true), (7_700, true), (7_900, false), (9_000, false)] {
		run(|| {
			fund_backstop(BTC, 10_000);
			let alice = long(ALICE);
			// 0.584 BTC would restore the account, and about 7,720 dollars would remain.
			set_mark(BTC, 18_560);
			Margin::set_least(BTC, dollars(least));
			tell(alice);
			next_block();
			assert_eq!(taken().len(), 1);
			assert_eq!(!Margin::size(alice, BTC).is_zero(), left, "the market's least is {least}");
		});
	}
}

#[test]
fn discount_and_penalty_never_make_an_account_bankrupt() {
	run(|| {
		fund_backstop(BTC, 10_000);
		// From just unhealthy to one dollar above bankruptcy.
		for (owner, mark) in (1..).zip([18_900, 18_500, 18_200, 18_100, 18_050, 18_001]) {
			set_mark(BTC, 20_000);
			let account = long(owner);
			set_mark(BTC, mark);
			tell(account);
			next_block();
			assert!(!Margin::equity(account).is_negative(), "at {mark}");
			assert_eq!(covered(), [], "at {mark}");
			assert!(!is_queued(account), "at {mark}");
			let [(_, _, price, ..)] = taken()[..] else { panic!("one position") };
			assert!(price <= Price::dollars(mark), "never worse than mark for the backstop");
		}
	});
}

#[test]
fn everything_needed_to_recompute_it_is_told() {
	run(|| {
		fund_backstop(BTC, 10_000);
		let alice = long(ALICE);
		set_mark(BTC, 18_900);
		let before = Margin::judge(&alice).unwrap();
		tell(alice);
		next_block();
		let expected = Event::Liquidated {
			account: alice,
			market: BTC,
			side: Side::Long,
			size: RESTORES,
			price: Price(Price::dollars(18_900).0 - DISCOUNT),
			mark: Price::dollars(18_900),
			requirement: dollars(945),
			penalty: Quote(16_411_764),
			to: Taker::Backstop,
			before,
			after: Margin::judge(&alice),
		};
		assert_eq!(events(), [expected, Event::Released { account: alice }]);
	});
}
