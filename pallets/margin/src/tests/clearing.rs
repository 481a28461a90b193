// SPDX-License-Identifier: Apache-2.0
//! What the order book may do: reserve margin, and settle trades of which each side is judged.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok, assert_storage_noop, storage::with_storage_layer};
use keel_primitives::*;
use keel_traits::{Clearing, Liquidatable, Match, OpenOrders, Unfilled};
use sp_runtime::DispatchError;

fn with(maker: AccountId, size: u128, at: u32) -> Match<AccountId> {
	Match {
		maker: main_of(maker),
		intent: Intent::Trade,
		size: thousandths(size),
		price: Price::dollars(at),
		maker_fee: Quote::ZERO,
		taker_fee: Quote::ZERO,
	}
}

/// `taker` buys of resting orders, all or nothing.
fn try_buy(taker: AccountId, intent: Intent, matches: &[Match<AccountId>]) -> Result<(), Unfilled> {
	with_storage_layer(|| {
		let mut ticket = <Margin as Clearing<_>>::open(&main_of(taker), BTC, Side::Long, intent)?;
		for with in matches {
			<Margin as Clearing<_>>::fill(&mut ticket, with)?;
		}
		<Margin as Clearing<_>>::close(ticket).map_err(Unfilled::Taker)
	})
}

fn buys(taker: AccountId, matches: &[Match<AccountId>]) {
	assert_eq!(try_buy(taker, Intent::Trade, matches), Ok(()));
	check();
}

fn size(who: AccountId) -> Option<(Side, u128)> {
	view(who).positions.first().map(|position| (position.side, position.size.0 / 1_000_000))
}

fn orders(who: AccountId, buys: u128, sells: u128) {
	let open = OpenOrders { market: BTC, buys: thousandths(buys), sells: thousandths(sells) };
	world(|world| world.orders.insert(main_of(who), vec![open]));
}

fn backed(who: AccountId, buys: u128, sells: u128) -> Result<(), DispatchError> {
	let open = OpenOrders { market: BTC, buys: thousandths(buys), sells: thousandths(sells) };
	<Margin as Clearing<_>>::ensure_backed(&main_of(who), &[open])
}

#[test]
fn a_taker_is_filled_by_many_and_judged_once_and_trades_are_told() {
	build(|| {
		for who in [ALICE, BOB, CAROL] {
			deposit(who, 10_000);
		}
		System::reset_events();
		buys(ALICE, &[with(BOB, 300, 50_000), with(CAROL, 500, 50_010)]);
		assert_eq!(size(ALICE), Some((Side::Long, 800)));
		assert_eq!((size(BOB), size(CAROL)), (Some((Side::Short, 300)), Some((Side::Short, 500))));
		assert_eq!(account(ALICE).cash, Quote::dollars(10_000 - 15_000 - 25_005));
		assert_eq!(market(BTC).last_price, Price::dollars(50_010));
		let trades: Vec<_> = System::events()
			.into_iter()
			.filter_map(|record| match record.event {
				RuntimeEvent::Margin(Event::Traded { offer, buyer, seller, size, price, .. }) => {
					Some((offer, buyer.owner, seller.owner, size, price))
				}
				_ => None,
			})
			.collect();
		let trade = |seller, size, at| (None, ALICE, seller, thousandths(size), Price::dollars(at));
		assert_eq!(trades, [trade(BOB, 300, 50_000), trade(CAROL, 500, 50_010)]);
	});
}

#[test]
fn fees_leave_the_accounts_and_are_the_callers_claim() {
	build(|| {
		deposit(ALICE, 10_000);
		deposit(BOB, 10_000);
		let paying = Match { maker_fee: Quote(-3), taker_fee: Quote(10), ..with(BOB, 100, 50_000) };
		assert_eq!(try_buy(ALICE, Intent::Trade, &[paying]), Ok(()));
		assert_eq!(account(ALICE).cash, Quote(Quote::dollars(5_000).0 - 10));
		assert_eq!(account(BOB).cash, Quote(Quote::dollars(15_000).0 + 3));
		// Until the caller names its claim custody does not add up.
		assert!(!Margin::conservation().1);
		world(|world| world.other_claims = Quote(7));
		check();
	});
}

#[test]
fn a_maker_who_cannot_honour_the_order_is_the_makers_fault_and_changes_nothing() {
	build(|| {
		deposit(ALICE, 100_000);
		deposit(BOB, 1_000);
		deposit(CAROL, 10_000);
		let mut ticket =
			<Margin as Clearing<_>>::open(&main_of(ALICE), BTC, Side::Long, Intent::Trade).unwrap();
		let insufficient = Unfilled::Maker(Error::<Test>::InsufficientMargin.into());
		assert_storage_noop!(assert_eq!(
			<Margin as Clearing<_>>::fill(&mut ticket, &with(BOB, 1_000, 50_000)),
			Err(insufficient)
		));
		// A fee counts: 1,000 dollars carry 0.4 bitcoins at 5 %, and not a millionth of a dollar less.
		let paying = Match { maker_fee: Quote(1), ..with(BOB, 400, 50_000) };
		assert_eq!(<Margin as Clearing<_>>::fill(&mut ticket, &paying), Err(insufficient));
		assert_eq!(<Margin as Clearing<_>>::fill(&mut ticket, &with(BOB, 400, 50_000)), Ok(()));
		let reducing = Match { intent: Intent::Reduce, ..with(CAROL, 1, 50_000) };
		let not_reducing = Unfilled::Maker(Error::<Test>::NotReducing.into());
		assert_eq!(<Margin as Clearing<_>>::fill(&mut ticket, &reducing), Err(not_reducing));
		assert_ok!(<Margin as Clearing<_>>::close(ticket));
		assert_eq!(size(ALICE), Some((Side::Long, 400)));
	});
}

#[test]
fn a_taker_who_cannot_keep_all_that_was_filled_undoes_all_of_it() {
	build(|| {
		deposit(ALICE, 1_000);
		deposit(BOB, 100_000);
		assert_noop!(
			try_buy(ALICE, Intent::Trade, &[with(BOB, 200, 50_000), with(BOB, 201, 50_000)]),
			Unfilled::Taker(Error::<Test>::InsufficientMargin.into())
		);
		buys(ALICE, &[with(BOB, 200, 50_000), with(BOB, 200, 50_000)]);
		assert_noop!(
			try_buy(BOB, Intent::Reduce, &[with(ALICE, 401, 50_000)]),
			Unfilled::Taker(Error::<Test>::NotReducing.into())
		);
		// A ticket that was not filled changes nothing and asks for nothing.
		block_at(49_500);
		assert!(view(ALICE).free_collateral.is_zero());
		assert_storage_noop!(assert_eq!(try_buy(ALICE, Intent::Trade, &[]), Ok(())));
	});
}

#[test]
fn a_taker_cannot_push_a_healthy_maker_below_its_maintenance() {
	build(|| {
		deposit(ALICE, 1_000_000);
		deposit(BOB, 2_600);
		deposit(CAROL, 1_000_000);
		trade(CAROL, BOB, BTC, Size::ONE, 50_000);
		// Mark rises: Bob keeps what he has with 1,600 against 1,530, and may take no more.
		block_at(51_000);
		assert_eq!(account(BOB).place, Place::Filed);
		let insufficient = Unfilled::Maker(Error::<Test>::InsufficientMargin.into());
		for at in [49_980, 51_000, 52_020] {
			assert_eq!(try_buy(ALICE, Intent::Trade, &[with(BOB, 1, at)]), Err(insufficient));
		}
		// He may reduce, but not where it costs more than the share of his equity.
		let sell = |at| {
			with_storage_layer(|| {
				let mut ticket =
					<Margin as Clearing<_>>::open(&main_of(ALICE), BTC, Side::Short, Intent::Trade)?;
				<Margin as Clearing<_>>::fill(&mut ticket, &with(BOB, 500, at))?;
				<Margin as Clearing<_>>::close(ticket).map_err(Unfilled::Taker)
			})
		};
		assert_eq!(sell(52_020), Ok(()));
		assert!(view(BOB).health.0 >= 0);
		check();
	});
	build(|| {
		deposit(ALICE, 1_000_000);
		deposit(BOB, 2_600);
		deposit(CAROL, 1_000_000);
		trade(CAROL, BOB, BTC, Size::ONE, 50_000);
		block_at(51_000);
		let mut ticket =
			<Margin as Clearing<_>>::open(&main_of(ALICE), BTC, Side::Short, Intent::Trade).unwrap();
		// Beyond the band, which the caller keeps to, it would: closing half may cost half of 1,600 at most.
		let refused = <Margin as Clearing<_>>::fill(&mut ticket, &with(BOB, 500, 52_601));
		assert_eq!(refused, Err(Unfilled::Maker(Error::<Test>::InsufficientMargin.into())));
		assert_ok!(<Margin as Clearing<_>>::close(ticket));
	});
}

/// The attack of design section 3: sell low to one's own second account, so that the first one's loss is others'.
#[test]
fn reducing_at_the_edge_of_the_band_to_oneself_gains_nothing() {
	for equity in [1_600_i64, 2_000, 3_000, 10_000] {
		build(|| {
			deposit(CAROL, 1_000_000);
			deposit(ALICE, equity.max(2_500));
			deposit(BOB, 50_000);
			trade(ALICE, CAROL, BTC, Size::ONE, 50_000);
			// Down, but not to where anybody must be liquidated.
			if equity < 2_500 {
				block_at(49_100);
			}
			let wealth = |()| view(ALICE).equity.0 + view(BOB).equity.0;
			let before = wealth(());
			let edge = market(BTC).mark.0 / 1_000 * 980;
			let sale = Match { price: Price(edge), ..with(BOB, 1_000, 0) };
			let sold = with_storage_layer(|| {
				let mut ticket =
					<Margin as Clearing<_>>::open(&main_of(ALICE), BTC, Side::Short, Intent::Trade)?;
				<Margin as Clearing<_>>::fill(&mut ticket, &sale)?;
				<Margin as Clearing<_>>::close(ticket).map_err(Unfilled::Taker)
			});
			// Whether it is allowed or not: nothing is gained, and nobody owes.
			assert!(wealth(()) <= before, "{sold:?}");
			assert!(view(ALICE).equity.0 >= 0 && view(BOB).health.0 >= 0);
		});
	}
}

#[test]
fn whom_liquidation_has_may_not_trade_on_the_book_either() {
	build(|| {
		deposit(ALICE, 100_000);
		deposit(BOB, 2_500);
		deposit(CAROL, 100_000);
		trade(BOB, CAROL, BTC, Size::ONE, 50_000);
		block_at(48_600);
		assert_eq!(account(BOB).place, Place::Queued);
		let in_liquidation: DispatchError = Error::<Test>::InLiquidation.into();
		let match_bob = try_buy(ALICE, Intent::Trade, &[with(BOB, 100, 48_600)]);
		assert_eq!(match_bob, Err(Unfilled::Maker(in_liquidation)));
		assert_eq!(try_buy(BOB, Intent::Trade, &[]), Err(Unfilled::Market(in_liquidation)));
		assert_eq!(<Margin as Clearing<_>>::held(&main_of(BOB), BTC), Err(in_liquidation));
		assert_eq!(backed(BOB, 0, 0), Err(in_liquidation));
	});
}

#[test]
fn while_losers_wait_nobody_joins_the_side_that_would_pay_and_it_is_nobodys_fault() {
	build(|| {
		for who in [ALICE, BOB, CAROL] {
			deposit(who, 100_000);
		}
		trade(CAROL, BOB, BTC, Size::ONE, 50_000);
		<Margin as keel_traits::Liquidatable<AccountId>>::set_waiting(BTC, Side::Short, true);
		let pending = Unfilled::Market(Error::<Test>::LossesPending.into());
		assert_eq!(try_buy(ALICE, Intent::Trade, &[with(BOB, 100, 50_000)]), Err(pending));
		<Margin as keel_traits::Liquidatable<AccountId>>::set_waiting(BTC, Side::Short, false);
		<Margin as keel_traits::Liquidatable<AccountId>>::set_waiting(BTC, Side::Long, true);
		assert_eq!(try_buy(ALICE, Intent::Trade, &[with(BOB, 100, 50_000)]), Err(pending));
	});
}

#[test]
fn a_key_that_a_taker_leaves_behind_when_the_last_of_a_side_goes_keeps_nobody_out() {
	build(|| {
		deposit(ALICE, 50_000);
		deposit(BOB, 2_600);
		deposit(CAROL, 50_000);
		trade(ALICE, BOB, BTC, Size::ONE, 50_000);
		block_at(51_000);
		// Half is closed against Bob: his units count half, and the 25,500 that he owes beside them.
		assert_ok!(Margin::deleverage(&main_of(ALICE), BTC, thousandths(500)));
		deposit(BOB, 10);
		let key = account(BOB).positions[0].key.unwrap();
		let matches = [with(ALICE, 500, 51_000), with(ALICE, 200, 51_000), with(CAROL, 200, 51_000)];
		// He closes the last short there is, opens a long against a new short, and adds to it against another. Of
		// what shorts now count his old key knows nothing: it would have fired.
		buys(BOB, &matches);
		let fresh = market(BTC).maintenance_level(Side::Short, keel_math::TierIndex::FIRST).unwrap();
		assert!(keel_math::keys::key_fires(Side::Short, fresh, key));
		assert_eq!((size(BOB), size(ALICE)), (Some((Side::Long, 400)), Some((Side::Short, 200))));
		assert_eq!(size(CAROL), Some((Side::Short, 200)));
	});
}

#[test]
fn the_market_refuses_what_is_beyond_its_open_interest_or_only_adds_while_it_is_guarded() {
	build(|| {
		for who in [ALICE, BOB, CAROL, DAVE] {
			deposit(who, 100_000);
		}
		let mut tight = params();
		tight.max_open_interest = Size::ONE;
		assert_ok!(Margin::set_market_params(RuntimeOrigin::root(), BTC, tight));
		buys(ALICE, &[with(BOB, 1_000, 50_000)]);
		let limit = Unfilled::Market(Error::<Test>::OpenInterestLimit.into());
		assert_eq!(try_buy(CAROL, Intent::Trade, &[with(DAVE, 1, 50_000)]), Err(limit));
		// Who hands a position on adds nothing.
		buys(CAROL, &[with(ALICE, 400, 50_000)]);
		status(BTC, MarketStatus::Guarded);
		let reducing_only = Unfilled::Market(Error::<Test>::ReducingOnly.into());
		assert_eq!(try_buy(CAROL, Intent::Trade, &[with(DAVE, 1, 50_000)]), Err(reducing_only));
		buys(DAVE, &[with(ALICE, 100, 50_000)]);
		let terms = |intent| <Margin as Clearing<_>>::terms(BTC, intent);
		assert_eq!(terms(Intent::Trade), Err(Error::<Test>::ReducingOnly.into()));
		assert!(terms(Intent::Reduce).unwrap().matches);
		status(BTC, MarketStatus::Auction);
		assert!(!terms(Intent::Trade).unwrap().matches);
		status(BTC, MarketStatus::Halted);
		assert_eq!(terms(Intent::Reduce), Err(Error::<Test>::MarketHalted.into()));
		status(BTC, MarketStatus::Open);
		set_price(feed(BTC), Price::dollars(50_000), PriceState::Uncertain);
		assert_eq!(terms(Intent::Trade), Err(Error::<Test>::PriceUnavailable.into()));
		assert_ok!(terms(Intent::Reduce));
		set_price(feed(BTC), Price::dollars(50_000), PriceState::Stale);
		assert_eq!(terms(Intent::Reduce), Err(Error::<Test>::PriceUnavailable.into()));
		let unknown = <Margin as Clearing<_>>::terms(MarketId(9), Intent::Reduce);
		assert_eq!(unknown, Err(Error::<Test>::UnknownMarket.into()));
	});
}

#[test]
fn the_terms_are_those_of_the_market() {
	build(|| {
		let terms = <Margin as Clearing<_>>::terms(BTC, Intent::Trade).unwrap();
		assert_eq!(
			(terms.mark, terms.tick, terms.lot),
			(Price::dollars(50_000), params().tick, params().lot)
		);
		assert_eq!((terms.lowest, terms.highest), (Price::dollars(49_000), Price::dollars(51_000)));
		assert_eq!((terms.least, terms.matches), (params().min_position, true));
	});
}

#[test]
fn orders_reserve_what_their_worse_side_would_add() {
	build(|| {
		deposit(ALICE, 5_000);
		deposit(BOB, 100_000);
		// 5,000 dollars carry two bitcoins at 5 %.
		assert_ok!(backed(ALICE, 2_000, 2_000));
		assert_noop!(backed(ALICE, 2_001, 0), Error::<Test>::InsufficientMargin);
		assert_noop!(backed(ALICE, 0, 2_001), Error::<Test>::InsufficientMargin);
		buys(ALICE, &[with(BOB, 1_000, 50_000)]);
		// One is held: one more may be bought, three sold.
		assert_ok!(backed(ALICE, 1_000, 3_000));
		assert_noop!(backed(ALICE, 1_001, 0), Error::<Test>::InsufficientMargin);
		assert_noop!(backed(ALICE, 0, 3_001), Error::<Test>::InsufficientMargin);
	});
	build(|| {
		deposit(ALICE, 5_000);
		deposit(BOB, 100_000);
		trade(BOB, ALICE, BTC, Size::ONE, 50_000);
		assert_ok!(backed(ALICE, 3_000, 1_000));
		assert_noop!(backed(ALICE, 3_001, 0), Error::<Test>::InsufficientMargin);
		assert_noop!(backed(ALICE, 0, 1_001), Error::<Test>::InsufficientMargin);
	});
}

#[test]
fn what_orders_reserve_cannot_leave() {
	build(|| {
		deposit(ALICE, 5_000);
		orders(ALICE, 1_000, 500);
		// A bitcoin at 5 % is 2,500.
		assert_eq!(
			(view(ALICE).reserved, view(ALICE).free_collateral),
			(Quote::dollars(2_500), Quote::dollars(2_500))
		);
		assert_noop!(
			withdraw(ALICE, Quote(Quote::dollars(2_500).0 + 1)),
			Error::<Test>::InsufficientFreeCollateral
		);
		assert_ok!(withdraw(ALICE, Quote::dollars(2_500)));
		// They lock nothing when they are gone.
		orders(ALICE, 0, 0);
		assert_ok!(withdraw(ALICE, Quote::dollars(2_500)));
	});
	build(|| {
		deposit(ALICE, 10_000);
		deposit(BOB, 100_000);
		trade(ALICE, BOB, BTC, Size::ONE, 50_000);
		// What waits to leave is refused when orders need it by then.
		assert_ok!(withdraw(ALICE, Quote::dollars(5_000)));
		orders(ALICE, 1_000, 0);
		next_block();
		let refused = Event::LeavingRefused {
			account: main_of(ALICE),
			amount: Quote::dollars(5_000),
			reason: Refusal::NotEnoughFreeCollateral,
		};
		assert!(System::events().iter().any(|record| record.event == refused.clone().into()));
	});
}

#[test]
fn orders_in_a_market_count_as_a_position_in_it() {
	build(|| {
		deposit(ALICE, 100_000);
		deposit(BOB, 100_000);
		let open = |market| OpenOrders { market: MarketId(market), buys: thousandths(1), sells: Size::ZERO };
		for id in 2..6 {
			price(MarketId(id), 100);
			let name = b"X".to_vec().try_into().unwrap();
			assert_ok!(Margin::list_market(RuntimeOrigin::root(), FeedId(id), name, params()));
		}
		next_block();
		trade(ALICE, BOB, BTC, thousandths(10), 50_000);
		let ensure = |orders: &[OpenOrders]| <Margin as Clearing<_>>::ensure_backed(&main_of(ALICE), orders);
		assert_ok!(ensure(&[open(0), open(1), open(2), open(3)]));
		assert_noop!(ensure(&[open(1), open(2), open(3), open(4)]), Error::<Test>::TooManyPositions);
	});
}

#[test]
fn fees_repay_what_a_market_owes_and_no_more() {
	build_without_check(|| {
		Markets::<Test>::mutate_extant(BTC, |market| market.book.borrow(Quote(100)).unwrap());
		assert_eq!(<Margin as Clearing<_>>::repay(BTC, Quote(30)), Quote(30));
		assert_eq!(<Margin as Clearing<_>>::repay(BTC, Quote(300)), Quote(70));
		assert_eq!(<Margin as Clearing<_>>::repay(BTC, Quote(300)), Quote::ZERO);
		assert_eq!(<Margin as Clearing<_>>::repay(MarketId(9), Quote(300)), Quote::ZERO);
		assert!(market(BTC).book.debt.is_zero());
	});
}

#[test]
fn what_is_held_is_told_as_settling_will_leave_it_and_nothing_is_settled() {
	build(|| {
		let mut wide = params();
		wide.max_open_interest = keel_math::units::SIZE_MAX;
		wide.min_position = Quote(1);
		wide.lot = Size(1);
		assert_ok!(Margin::set_market_params(RuntimeOrigin::root(), ETH, wide));
		price(ETH, 1);
		for who in [ALICE, BOB, CAROL, DAVE] {
			deposit(who, 900_000);
		}
		let much = Size(5_000_000 * Size::ONE.0);
		trade(ALICE, BOB, ETH, much, 1);
		trade(CAROL, BOB, ETH, Size::ONE, 1);
		trade(CAROL, DAVE, ETH, Size(100), 1);
		// Of a unit of the short side a five-millionth is left: Bob's is converted, and of Dave's nothing is left.
		assert_ok!(Margin::deleverage(&main_of(ALICE), ETH, much));
		assert_eq!(Generations::<Test>::iter().count(), 1);
		for (who, holds) in [(BOB, true), (DAVE, false), (CAROL, true)] {
			let held = || <Margin as keel_traits::Clearing<AccountId>>::held(&main_of(who), ETH).unwrap();
			let before = sp_io::storage::root(sp_runtime::StateVersion::V1);
			let told = held();
			assert_eq!(before, sp_io::storage::root(sp_runtime::StateVersion::V1));
			assert_eq!(told.is_some(), holds);
			let exposures = Margin::exposures(&main_of(who));
			assert_eq!(exposures.first().map(|exposure| (exposure.side, exposure.size)), told);
			assert_eq!(held(), told);
		}
		assert_eq!(Generations::<Test>::iter().count(), 0);
	});
}

#[test]
fn a_market_that_owes_takes_the_orders_that_let_people_out() {
	build(|| {
		for who in [ALICE, BOB, CAROL] {
			deposit(who, 100_000);
		}
		trade(ALICE, BOB, BTC, Size::ONE, 50_000);
		Markets::<Test>::mutate_extant(BTC, |market| market.book.borrow(Quote::dollars(1_000)).unwrap());
		world(|world| world.other_claims = Quote::dollars(1_000));
		assert_ok!(Margin::terms(BTC, Intent::Trade));
		// Alice sells what she has to Carol, who opens.
		buys(CAROL, &[with(ALICE, 1_000, 50_000)]);
		assert!(account(ALICE).positions.is_empty());
		// Two that open are refused, and so is everybody while nobody knows what is wrong.
		let unsound = DispatchError::from(Error::<Test>::MarketUnsound);
		let opening = try_buy(CAROL, Intent::Trade, &[with(ALICE, 100, 50_000)]);
		assert!(matches!(opening, Err(Unfilled::Market(error) | Unfilled::Maker(error)) if error == unsound));
		Markets::<Test>::mutate_extant(BTC, |market| market.quarantined = true);
		assert_noop!(Margin::terms(BTC, Intent::Trade), Error::<Test>::MarketUnsound);
	});
}
