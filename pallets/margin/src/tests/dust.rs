// SPDX-License-Identifier: Apache-2.0
//! Nobody buys time with dust: who waits behind ten thousand small accounts is judged in the block in which his key
//! fires, and each of them pays for what it costs.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok, traits::Hooks, weights::Weight};
use keel_math::{Tier, TierIndex, Tiers};
use keel_primitives::*;
use keel_traits::{Custody, Liquidatable};

/// The share of a block that the hook has in the runtime: 14 % of a second.
const SHARE: Weight = Weight::from_parts(140_000_000_000, u64::MAX);

/// Positions up to ten thousand dollars are of the first tier.
fn two_tiers() -> MarketParams {
	let tier = |up_to, initial, maintenance| Tier {
		up_to: Quote::dollars(up_to),
		initial: Ratio::percent(initial),
		maintenance: Ratio::percent(maintenance),
	};
	let tiers = Tiers::of(&[tier(10_000, 5, 3), tier(1_000_000_000, 10, 5)]).unwrap();
	MarketParams { tiers, ..params() }
}

/// So many sub-accounts of 40 owners, each long ten dollars of ether with sixty cents; Bob sells.
fn dust(count: u64) -> Vec<MarginAccount<AccountId>> {
	let accounts: Vec<_> = (0..count)
		.map(|index| MarginAccount::new(100 + index % 40, SubAccount((index / 40) as u8)))
		.collect();
	assert_ok!(Margin::pull(&ALICE, Quote(600_000 * count as i128)));
	for (index, who) in accounts.iter().enumerate() {
		assert_ok!(Margin::add_cash(who, Quote(600_000)));
		long_of(who, ETH, thousandths(5), 2_000);
		if index % 1_000 == 0 {
			System::reset_events();
		}
	}
	accounts
}

/// Somebody buys from Bob.
fn long_of(who: &MarginAccount<AccountId>, market: MarketId, size: Size, dollars: u32) {
	let offer = Offer {
		maker: *who,
		market,
		side: Side::Long,
		size,
		price: Price::dollars(dollars),
		expires: System::block_number() + 10,
		taker: None,
		intent: Intent::Trade,
		by_key: false,
	};
	assert_ok!(Margin::do_offer(offer));
	assert_ok!(Margin::do_accept(OfferIds::<Test>::get().next - 1, main_of(BOB), Intent::Trade, false));
}

fn queued(accounts: &[MarginAccount<AccountId>]) -> usize {
	accounts.iter().filter(|who| Margin::stored(who).place == Place::Queued).count()
}

/// The block, without a look at everybody for each of its checks.
fn block() -> Weight {
	let now = System::block_number() + 1;
	System::set_block_number(now);
	world(|world| world.now += 2_000);
	let used = Margin::on_initialize(now);
	assert!(used.all_lte(world(|world| world.hook_weight)));
	used
}

/// A thousand dollars more than the 10 % that a hundred thousand dollars of ether ask for.
fn whale() {
	deposit(CAROL, 10_100);
	long_of(&main_of(CAROL), ETH, thousandths(50_000), 2_000);
	assert_eq!(account(CAROL).positions[0].tier, TierIndex(1));
}

#[test]
fn a_whale_behind_ten_thousand_dust_accounts_is_judged_in_the_block_in_which_its_key_fires() {
	build(|| {
		assert_ok!(Margin::set_market_params(RuntimeOrigin::root(), ETH, two_tiers()));
		deposit(BOB, 900_000);
		whale();
		let dust = dust(10_000);
		check();
		// Ether falls by 5.5 %: everybody is unhealthy, and the dust is nearer to it than the whale.
		world(|world| world.hook_weight = SHARE);
		price(ETH, 1_890);
		block();
		assert_eq!(account(CAROL).place, Place::Queued, "the whale is found at once");
		let found = queued(&dust);
		// 140 ms for what one position costs at most, less two markets and what is set aside for the last one.
		assert!(found > 100, "{found}");
		check();
		// The dust is worked off in its turn.
		block();
		assert!(queued(&dust) > 2 * found - 10);
		check();
	});
}

#[test]
fn no_line_starves_when_a_block_has_weight_for_one() {
	build(|| {
		assert_ok!(Margin::set_market_params(RuntimeOrigin::root(), ETH, two_tiers()));
		deposit(BOB, 900_000);
		whale();
		let dust = dust(20);
		deposit(DAVE, 5_000);
		long_of(&main_of(DAVE), BTC, Size::ONE, 50_000);
		for (who, dollars) in [(10, 10_100), (11, 10_100), (12, 10_100)] {
			deposit(who, dollars);
			long_of(&main_of(who), ETH, thousandths(50_000), 2_000);
		}
		judge_at_most(1, 1);
		price(BTC, 46_000);
		price(ETH, 1_890);
		let mut blocks = Vec::new();
		for _ in 0..6 {
			block();
			let large = [CAROL, 10, 11, 12].map(main_of);
			blocks.push((queued(&large), queued(&dust), queued(&[main_of(DAVE)])));
		}
		let (large, small, other) = blocks[5];
		assert!(large >= 1 && small >= 1 && other == 1, "{blocks:?}");
		check();
	});
}

#[test]
fn judging_is_charged_by_the_positions_that_an_account_has() {
	build(|| {
		deposit(BOB, 900_000);
		let accounts = dust(30);
		for who in [10, 11] {
			deposit(who, 4_400);
			long_of(&main_of(who), BTC, thousandths(500), 50_000);
			long_of(&main_of(who), ETH, thousandths(12_000), 2_000);
		}
		block();
		let quiet = block();
		price(ETH, 1_880);
		price(BTC, 46_500);
		let used = block();
		assert_eq!((queued(&accounts), queued(&[10, 11].map(main_of))), (30, 2));
		let seize = <() as WeightInfo>::seize;
		let judged = seize(1).saturating_mul(30).saturating_add(seize(2).saturating_mul(2));
		assert_eq!(used, quiet.saturating_add(judged));
	});
}

/// Alice, long a bitcoin with 5,000 dollars, has her margin call at 46,700, for five cents.
fn with_fee(test: impl FnOnce()) {
	build(|| {
		world(|world| world.refiling_fee = Quote(50_000));
		deposit(ALICE, 5_000);
		deposit(BOB, 900_000);
		trade(ALICE, BOB, BTC, Size::ONE, 50_000);
		test();
	});
}

fn judgement() -> keel_traits::Judgement {
	Margin::judge(&main_of(ALICE)).expect("she has a position")
}

fn kept() -> Quote {
	world(|world| world.kept.get(&BTC).copied().unwrap_or_default())
}

#[test]
fn a_key_that_fires_and_finds_the_account_healthy_costs_it_a_fee() {
	with_fee(|| {
		block_at(46_700);
		assert_eq!(account(ALICE).place, Place::Filed);
		assert_eq!(account(ALICE).cash, Quote(Quote::dollars(-45_000).0 - 50_000));
		assert_eq!(kept(), Quote(50_000));
		let paid = Event::RefilingFeePaid { account: main_of(ALICE), market: BTC, amount: Quote(50_000) };
		System::assert_has_event(paid.into());
		// Who is unhealthy pays nothing for being found.
		block_at(46_000);
		assert_eq!(account(ALICE).place, Place::Queued);
		assert_eq!(kept(), Quote(50_000));
	});
}

#[test]
fn a_market_that_owes_is_repaid_by_the_fee_first() {
	with_fee(|| {
		// A loss that nobody bore: what others kept has paid it out, and the market owes it.
		Markets::<Test>::mutate_extant(BTC, |market| market.book.borrow(Quote(30_000)).unwrap());
		world(|world| world.other_claims = Quote(30_000));
		block_at(46_700);
		assert_eq!((market(BTC).book.debt, kept()), (Quote::ZERO, Quote(20_000)));
	});
}

#[test]
fn the_fee_is_capped_within_a_day_also_round_midnight_and_starts_afresh_after_it() {
	with_fee(|| {
		// Midnight comes after a few of them.
		world(|world| world.now = 20_000 * 86_400_000 - 20_000);
		let call = || {
			// A deposit arms the margin call; the price comes back to it.
			deposit(ALICE, 10);
			let before = account(ALICE).cash;
			let reserve = account(ALICE).warning.expect("armed");
			let health = judgement().health;
			let beyond = (health.0 - reserve.0) / 970_000 + 1;
			let mark = Price(market(BTC).mark.0 - beyond as u128 * Price::ONE.0);
			set_price(feed(BTC), mark, PriceState::Valid);
			next_block();
			before.0 - account(ALICE).cash.0
		};
		let mut fees = Vec::new();
		for _ in 0..7 {
			fees.push(call());
			block_at(50_000);
		}
		assert_eq!(fees, [50_000, 50_000, 50_000, 50_000, 50_000, 0, 0], "at most a quarter of a dollar");
		// A day later, and the quarter that what was paid in it may count beyond.
		world(|world| world.now += 86_400_000 + 21_600_000);
		block_at(50_000);
		assert_eq!(call(), 50_000);
	});
}

#[test]
fn a_fee_never_makes_an_account_unhealthy() {
	with_fee(|| {
		// Three hundredths of a cent above the requirement.
		block_at(46_700);
		let health = judgement().health;
		assert!(health.0 > 0);
		let mut account_of = account(ALICE);
		let spare = Quote(300);
		let taken = health.0 - spare.0;
		account_of.cash.0 -= taken;
		account_of.refiling = Default::default();
		assert_ok!(Margin::pull(&ALICE, Quote(1)));
		world(|world| world.other_claims.0 += taken + 1);
		TotalCash::<Test>::mutate(|total| total.0 -= taken);
		Accounts::<Test>::insert(ALICE, SubAccount(0), account_of);
		let mut walked = crate::judging::Walked::default();
		Margin::judge_one(BTC, &main_of(ALICE), crate::accounts::Cause::Fired, &mut walked);
		assert_eq!(walked.fees[&BTC], spare);
		assert_eq!(judgement().health, Quote::ZERO);
		Margin::finish(walked);
	});
}

#[test]
fn the_least_position_pays_for_its_judging() {
	with_fee(|| {
		// Half a percent of ten dollars is five cents.
		assert_ok!(Margin::set_market_params(RuntimeOrigin::root(), BTC, params()));
		let cheaper = MarketParams { min_position: Quote(9_999_999), ..params() };
		assert_noop!(
			Margin::set_market_params(RuntimeOrigin::root(), BTC, cheaper),
			Error::<Test>::MinPositionTooSmall
		);
		let name = b"SOL-PERP".to_vec().try_into().unwrap();
		price(MarketId(2), 20);
		assert_noop!(
			Margin::list_market(RuntimeOrigin::root(), FeedId(2), name, cheaper),
			Error::<Test>::MinPositionTooSmall
		);
	});
}
