// SPDX-License-Identifier: Apache-2.0
//! The exchange in whole blocks: reports land, people trade, an account is liquidated with nobody asking.

use frame_support::assert_ok;
use keel_emergency::Act;
use keel_primitives::*;
use keel_traits::Place;
use sp_core::{sr25519, Pair};
use sp_keyring::Sr25519Keyring;
use sp_runtime::{DispatchError, MultiSignature};

use super::chain::*;
use keel_runtime::{exchange_api::runtime_decl_for_exchange_api::ExchangeApiV1, *};

pub const BTC: MarketId = MarketId(0);
const ETH: MarketId = MarketId(1);

/// The reporter key of a member.
pub fn reporter(member: Sr25519Keyring) -> sr25519::Pair {
	sr25519::Pair::from_string(&format!("//{member}//reporter"), None).expect("a key")
}

/// Sign a report and send it as a feeder does: as a general transaction of no account.
pub fn report(member: Sr25519Keyring, prices: [u32; 3]) -> sp_runtime::ApplyExtrinsicResult {
	report_prices(member, prices.map(Price::dollars))
}

/// The same with prices to the last unit.
pub fn report_prices(member: Sr25519Keyring, prices: [Price; 3]) -> sp_runtime::ApplyExtrinsicResult {
	let round = System::block_number() - 1;
	let reports: keel_oracle::ReportsOf<Runtime> = (0u32..)
		.zip(prices)
		.map(|(feed, price)| keel_oracle::Report {
			feed: FeedId(feed),
			price,
			confidence: Price(price.0 / 10_000),
		})
		.collect::<Vec<_>>()
		.try_into()
		.expect("three feeds");
	let payload = Oracle::report_payload(round, &reports);
	let signature = MultiSignature::Sr25519(reporter(member).sign(&payload));
	let call =
		keel_oracle::Call::<Runtime>::report { member: member.to_account_id(), round, reports, signature };
	general(call)
}

/// A block in which all five members report `prices`.
pub fn reported_block(prices: [u32; 3]) {
	next_block();
	for member in [Alice, Bob, Charlie, Dave, Eve] {
		assert_eq!(report(member, prices), Ok(Ok(())));
	}
}

/// Report until the markets are open.
pub fn open_markets(prices: [u32; 3]) {
	for _ in 0..10 {
		reported_block(prices);
		if Runtime::market(BTC).is_some_and(|market| market.status == MarketStatus::Open) {
			return;
		}
	}
	panic!("the market did not open: {:?}", Runtime::market(BTC));
}

pub fn dollars(key: Sr25519Keyring, amount: i64) {
	let call = keel_margin::Call::<Runtime>::deposit { sub: SubAccount(0), amount: Quote::dollars(amount) };
	assert_ok!(send(key, call));
}

/// `buyer` buys `size` of BTC from `seller` at `price`.
pub fn trade(
	buyer: Sr25519Keyring,
	seller: Sr25519Keyring,
	size: Size,
	price: u32,
) -> sp_runtime::DispatchResult {
	trade_in(BTC, buyer, seller, size, price)
}

pub fn trade_in(
	market: MarketId,
	buyer: Sr25519Keyring,
	seller: Sr25519Keyring,
	size: Size,
	price: u32,
) -> sp_runtime::DispatchResult {
	let offer = keel_margin::OfferIds::<Runtime>::get().next;
	assert_ok!(send(
		seller,
		keel_margin::Call::<Runtime>::offer_trade {
			sub: SubAccount(0),
			market,
			side: Side::Short,
			size,
			price: Price::dollars(price),
			expires: System::block_number() + 10,
			taker: Some(buyer.to_account_id()),
		}
	));
	send(buyer, keel_margin::Call::<Runtime>::accept_trade { offer, sub: SubAccount(0) })
}

pub fn view(key: Sr25519Keyring) -> keel_traits::AccountView {
	Runtime::account(key.to_account_id(), SubAccount(0)).expect("the account exists")
}

#[test]
fn markets_open_when_prices_land_and_halt_when_they_stop() {
	on("dev", || {
		assert_eq!(Runtime::markets().len(), 3);
		assert_ne!(Runtime::market(BTC).unwrap().status, MarketStatus::Open);
		open_markets([8_000, 200, 20]);
		let price = Runtime::price(FeedId(0)).expect("the feed exists");
		assert_eq!(
			(price.observation.price, price.observation.state),
			(Price::dollars(8_000), PriceState::Valid)
		);
		// A minute without reports: the price is stale, and nobody trades on it.
		pass_blocks(40);
		assert_ne!(Runtime::market(BTC).unwrap().status, MarketStatus::Open);
		assert_eq!(Runtime::price(FeedId(0)).unwrap().observation.state, PriceState::Stale);
	});
}

#[test]
fn the_first_reporter_keys_are_the_derived_ones() {
	for (member, key) in genesis::exchange::REPORTERS {
		assert_eq!(reporter(member).public().0, key, "{member}");
	}
}

#[test]
fn a_ten_fold_long_is_liquidated_with_nobody_asking_and_a_careful_one_is_not() {
	on("dev", || {
		open_markets([8_000, 200, 20]);
		// One bitcoin each: ten-fold with 800 dollars, one-and-a-half-fold with 5,400.
		dollars(Bob, 810);
		dollars(Charlie, 5_400);
		dollars(Dave, 100_000);
		assert_ok!(trade(Bob, Dave, Size::ONE, 8_000));
		assert_ok!(trade(Charlie, Dave, Size::ONE, 8_000));
		let backstop = |market: u8| {
			Runtime::account(configs::exchange::BackstopOwner::get(), SubAccount(market)).expect("it exists")
		};
		let backstop_before = backstop(0).equity;

		for price in [7_800, 7_600, 7_400, 7_400] {
			reported_block([price, 200, 20]);
			assert!(Margin::conservation().1, "custody adds up");
		}
		next_block();
		let (bold, careful) = (view(Bob), view(Charlie));
		let left = bold.positions.first().map_or(Size::ZERO, |position| position.size);
		assert!(left < Size::ONE, "{bold:?}");
		assert_ne!(bold.place, Place::Queued, "{bold:?}");
		assert_eq!(careful.positions[0].size, Size::ONE);
		assert!(backstop(0).positions.iter().any(|position| position.side == Side::Long), "it took the rest");
		assert!(backstop(0).equity >= backstop_before, "below the mark");
		let tranche = InsuranceFund::balance(keel_insurance_fund::Pot::Tranche(BTC)).expect("it exists");
		assert!(tranche > Quote::ZERO, "the penalty");
	});
}

#[test]
fn anybody_gives_to_a_backstop_and_a_trading_key_does_not() {
	on("dev", || {
		let backstop =
			|| Runtime::account(configs::exchange::BackstopOwner::get(), SubAccount(0)).expect("it exists");
		let before = backstop().equity;
		let give =
			keel_liquidation::Call::<Runtime>::fund_backstop { market: BTC, amount: Quote::dollars(1_000) };
		assert_ok!(send(Bob, give.clone()));
		assert_eq!(backstop().equity.0 - before.0, Quote::dollars(1_000).0);
		assert!(Margin::conservation().1, "custody adds up");
		use frame_support::traits::InstanceFilter;
		assert!(!configs::wallets::ProxyType::Trade.filter(&give.into()));
	});
}

#[test]
fn a_bankrupt_account_is_paid_for_to_the_unit() {
	on("dev", || {
		open_markets([8_000, 200, 20]);
		dollars(Bob, 450);
		dollars(Dave, 100_000);
		assert_ok!(trade(Bob, Dave, Size::ONE, 8_000));
		let fund = keel_insurance_fund::Pot::Tranche(BTC);
		assert_ok!(send(
			Alice,
			keel_insurance_fund::Call::<Runtime>::contribute { pot: fund, amount: Quote::dollars(100) }
		));
		// A gap of 12 %, which two rounds tell: 960 dollars lost, 450 there.
		reported_block([7_040, 200, 20]);
		reported_block([7_040, 200, 20]);
		next_block();
		next_block();
		let receipts = keel_liquidation::MarketReceipts::<Runtime>::get(BTC);
		assert!(receipts.loss >= Quote::dollars(500), "{receipts:?}");
		assert!(receipts.balance(), "{receipts:?}");
		assert_eq!(receipts.tranche, Quote::dollars(100), "{receipts:?}");
		assert_eq!(receipts.market_debt, Quote::ZERO, "{receipts:?}");
		assert!(
			Runtime::account(Bob.to_account_id(), SubAccount(0)).is_none_or(|bob| bob.positions.is_empty())
		);
		let (markets, custody) = Margin::conservation();
		assert!(custody, "{markets:?}");
	});
}

#[test]
fn who_gained_in_a_market_does_not_wait_for_another_that_is_halted() {
	on("dev", || {
		open_markets([8_000, 200, 20]);
		dollars(Bob, 1_000);
		dollars(Dave, 100_000);
		assert_ok!(trade(Bob, Dave, Size::ONE, 8_000));
		assert_ok!(trade_in(ETH, Bob, Dave, Size(10 * Size::ONE.0), 200));
		reported_block([8_000, 190, 20]);
		reported_block([8_000, 190, 20]);
		next_block();
		let act = Act::HaltMarket { market: ETH, blocks: 5 };
		assert_ok!(send(Alice, keel_emergency::Call::<Runtime>::approve { act }));
		// 100 dollars are lost in ether, and 960 in bitcoin.
		reported_block([7_040, 185, 20]);
		reported_block([7_040, 185, 20]);
		next_block();
		let bob = MarginAccount::main(Bob.to_account_id());
		let receipts = |market| keel_liquidation::MarketReceipts::<Runtime>::get(market);
		let entry = keel_liquidation::Entries::<Runtime>::get(&bob).expect("it waits for ether");
		assert!(matches!(entry.place, keel_liquidation::Place::Parked(_)), "{entry:?}");
		assert_eq!(entry.bankrupt_in.to_vec(), [(ETH, Side::Long)], "bitcoin is paid for, and ether waits");
		let certain = receipts(BTC);
		assert!((Quote::dollars(60)..Quote::dollars(61)).contains(&certain.loss), "{certain:?}");
		next_block();
		assert!(view(Dave).positions.iter().all(|position| position.market == ETH), "its claim is settled");
		assert!(Margin::conservation().1, "custody adds up");

		// Ether opens again, lower: 50 dollars more are lost, and they are ether's.
		for _ in 0..20 {
			reported_block([7_040, 185, 20]);
		}
		assert!(!keel_liquidation::Entries::<Runtime>::contains_key(&bob));
		assert_eq!(receipts(BTC), certain, "nothing is charged twice");
		let later = receipts(ETH);
		assert!((Quote::dollars(50)..Quote::dollars(51)).contains(&later.loss), "{later:?}");
		assert!(certain.balance() && later.balance());
		assert!(Runtime::account(bob.owner, bob.sub).is_none(), "nothing is left, and nothing is owed");
		assert!(Margin::conservation().1, "custody adds up");
	});
}

#[test]
fn money_does_not_leave_while_the_mark_stands_still() {
	on("dev", || {
		open_markets([8_000, 200, 20]);
		dollars(Bob, 10_000);
		dollars(Dave, 20_000);
		assert_ok!(trade(Bob, Dave, Size::ONE, 8_000));
		// The reporters are gone for longer than a price lives; when they come back it has fallen.
		pass_blocks(40);
		reported_block([6_000, 200, 20]);
		next_block();
		let market = Runtime::market(BTC).unwrap();
		assert_eq!((market.status, market.price_state), (MarketStatus::Halted, PriceState::Valid));
		assert_eq!((market.index, market.mark), (Price::dollars(6_000), Price::dollars(8_000)));
		let withdraw =
			keel_margin::Call::<Runtime>::withdraw { sub: SubAccount(0), amount: Quote::dollars(100) };
		assert_eq!(send(Bob, withdraw.clone()), Err(keel_margin::Error::<Runtime>::PriceUnavailable.into()));
		// Once the mark follows, what is really free may leave.
		for _ in 0..6 {
			reported_block([6_000, 200, 20]);
		}
		assert_eq!(Runtime::market(BTC).unwrap().mark, Price::dollars(6_000));
		assert_ok!(send(Bob, withdraw));
	});
}

#[test]
fn a_report_lands_in_a_block_that_democracy_fills() {
	// G1 for the oracle.
	on("dev", || {
		let proposal = super::governance::note(
			Alice,
			&frame_system::Call::<Runtime>::remark { remark: vec![1; 200] }.into(),
		);
		let value = configs::governance::MinimumDeposit::get();
		assert_ok!(send(Bob, pallet_democracy::Call::<Runtime>::propose { proposal, value }));
		to_block(period::<keel_change_control::periods::LaunchPeriod<Runtime>>());
		assert_eq!(report(Alice, [8_000, 200, 20]), Ok(Ok(())));
		// So do top-ups.
		dollars(Bob, 10);
	});
}

#[test]
fn a_guarded_market_only_reduces_and_opens_again_by_itself() {
	on("dev", || {
		open_markets([8_000, 200, 20]);
		dollars(Bob, 5_000);
		dollars(Dave, 5_000);
		let guard = keel_circuit_breaker::Call::<Runtime>::guard_market { market: BTC, blocks: 5 };
		assert_eq!(answer(Bob, guard), Err(DispatchError::BadOrigin));
		let act = Act::GuardMarket { market: BTC, blocks: 5 };
		assert_ok!(send(Alice, keel_emergency::Call::<Runtime>::approve { act }));
		assert_eq!(
			trade(Bob, Dave, Size::ONE, 8_000),
			Err(keel_margin::Error::<Runtime>::ReducingOnly.into())
		);
		for _ in 0..7 {
			reported_block([8_000, 200, 20]);
		}
		assert_ok!(trade(Bob, Dave, Size::ONE, 8_000));
	});
}

#[test]
fn whoever_has_a_position_in_a_market_has_no_say_in_stopping_it() {
	on("dev", || {
		open_markets([8_000, 200, 20]);
		dollars(Alice, 5_000);
		dollars(Dave, 5_000);
		let approve = |act| send(Alice, keel_emergency::Call::<Runtime>::approve { act });
		assert_ok!(approve(Act::GuardMarket { market: ETH, blocks: 1 }));
		assert_ok!(trade(Alice, Dave, Size::ONE, 8_000));
		let no_say = Err(keel_emergency::Error::<Runtime>::HasAPosition.into());
		assert_eq!(approve(Act::HaltMarket { market: BTC, blocks: 5 }), no_say);
		assert_eq!(send(Alice, keel_emergency::Call::<Runtime>::halt_alone { market: BTC }), no_say);
		assert_ok!(approve(Act::HaltMarket { market: ETH, blocks: 5 }));
	});
}

/// A member approved of a halt, opened a position behind that, and the halt came with his voice.
#[test]
fn whoever_has_opened_a_position_since_he_approved_counts_no_more() {
	on("local", || {
		open_markets([8_000, 200, 20]);
		dollars(Eve, 5_000);
		dollars(Dave, 5_000);
		let act = Act::HaltMarket { market: BTC, blocks: 5 };
		let approve = |key| send(key, keel_emergency::Call::<Runtime>::approve { act: act.clone() });
		assert_ok!(approve(Eve));
		assert_ok!(approve(Alice));
		assert_ok!(trade(Eve, Dave, Size::ONE, 8_000));
		assert_ok!(approve(Bob));
		assert_eq!(Runtime::market(BTC).unwrap().status, MarketStatus::Open, "two of five have a say");
		assert_ok!(approve(Charlie));
		assert_eq!(Runtime::market(BTC).unwrap().status, MarketStatus::Halted);
	});
}

#[test]
fn a_trading_key_trades_but_never_takes_money_out() {
	use sp_runtime::MultiAddress;
	on("dev", || {
		open_markets([8_000, 200, 20]);
		dollars(Bob, 5_000);
		assert_ok!(send(
			Bob,
			pallet_proxy::Call::<Runtime>::add_proxy {
				delegate: MultiAddress::Id(Eve.to_account_id()),
				proxy_type: configs::wallets::ProxyType::Trade,
				delay: 0
			}
		));
		let by_proxy = |call: RuntimeCall| {
			let seen = System::event_count() as usize;
			assert_ok!(send(
				Eve,
				pallet_proxy::Call::<Runtime>::proxy {
					real: MultiAddress::Id(Bob.to_account_id()),
					force_proxy_type: None,
					call: Box::new(call)
				}
			));
			events()
				.into_iter()
				.skip(seen)
				.find_map(|event| match event {
					RuntimeEvent::Proxy(pallet_proxy::Event::ProxyExecuted { result }) => Some(result),
					_ => None,
				})
				.expect("the proxy tells")
		};
		let sub = SubAccount(0);
		let offer = keel_margin::Call::<Runtime>::offer_trade {
			sub,
			market: BTC,
			side: Side::Long,
			size: Size::ONE,
			price: Price::dollars(8_000),
			expires: System::block_number() + 5,
			taker: None,
		};
		assert_ok!(by_proxy(offer.into()));
		let filtered = Err(frame_system::Error::<Runtime>::CallFiltered.into());
		let withdraw = keel_margin::Call::<Runtime>::withdraw { sub, amount: Quote::ONE };
		assert_eq!(by_proxy(withdraw.clone().into()), filtered);
		let batch = pallet_utility::Call::<Runtime>::batch_all { calls: vec![withdraw.into()] };
		assert_eq!(by_proxy(batch.into()), filtered);
		let send_away = pallet_balances::Call::<Runtime>::transfer_keep_alive {
			dest: MultiAddress::Id(Eve.to_account_id()),
			value: 1,
		};
		assert_eq!(by_proxy(send_away.into()), filtered);
		let cap = keel_margin::Call::<Runtime>::set_key_cap { most: Quote::dollars(100) };
		assert_eq!(by_proxy(cap.clone().into()), filtered);

		// The drain: with all that Bob has the key buys from itself, and sells to itself at the edge of the band.
		next_block();
		dollars(Eve, 6_000);
		let all = Size(12_500_000_000);
		let offer = |side, size, dollars| {
			let call = keel_margin::Call::<Runtime>::offer_trade {
				sub,
				market: BTC,
				side,
				size,
				price: Price::dollars(dollars),
				expires: System::block_number() + 5,
				taker: None,
			};
			(call, keel_margin::OfferIds::<Runtime>::get().next)
		};
		let accept = |offer| keel_margin::Call::<Runtime>::accept_trade { offer, sub };
		let (buy, at_mark) = offer(Side::Long, all, 8_000);
		assert_ok!(by_proxy(buy.into()));
		assert_ok!(send(Eve, accept(at_mark)));
		let capped = Err(keel_margin::Error::<Runtime>::KeyCapReached.into());
		let (sell, worse) = offer(Side::Short, all, 7_840);
		assert_ok!(by_proxy(sell.into()));
		assert_eq!(send(Eve, accept(worse)), capped, "what the key has offered");
		let (buy, cheap) = offer(Side::Long, all, 7_840);
		assert_ok!(send(Eve, buy));
		let take: RuntimeCall = accept(cheap).into();
		assert_eq!(by_proxy(take.clone()), capped, "what the key takes");
		let batch = pallet_utility::Call::<Runtime>::batch_all { calls: vec![take.clone()] };
		assert_eq!(by_proxy(batch.into()), capped, "what the key takes in a batch");
		assert_eq!(view(Bob).equity, Quote::dollars(5_000));
		assert_eq!(view(Eve).equity, Quote::dollars(6_000));

		// Its owner lets it lose 100 dollars in a day: 8 dollars a bitcoin, once.
		assert_ok!(send(Bob, cap));
		assert_eq!(by_proxy(take.clone()), capped);
		let (sell, near) = offer(Side::Short, all, 7_992);
		assert_ok!(by_proxy(sell.into()));
		assert_ok!(send(Eve, accept(near)));
		assert_eq!(view(Bob).equity, Quote::dollars(4_900));
		let (sell, nearer) = offer(Side::Short, Size(10_000_000_000), 7_999);
		assert_ok!(by_proxy(sell.into()));
		assert_eq!(send(Eve, accept(nearer)), capped);
		// The owner himself does what he likes with his money.
		let (buy, cheaper) = offer(Side::Long, Size::ONE, 7_992);
		assert_ok!(send(Eve, buy));
		assert_ok!(send(Bob, accept(cheaper)));
		assert_eq!(view(Bob).equity, Quote::dollars(4_892));
	});
}

#[test]
fn in_safe_mode_nothing_leaves_that_was_asked_for_before() {
	on("dev", || {
		open_markets([8_000, 200, 20]);
		dollars(Alice, 2_000);
		dollars(Bob, 2_000);
		assert_ok!(trade(Alice, Bob, Size::ONE, 8_000));
		assert_ok!(send(
			Alice,
			keel_margin::Call::<Runtime>::withdraw { sub: SubAccount(0), amount: Quote::dollars(100) }
		));
		assert_ok!(SafeMode::force_enter(RuntimeOrigin::root()));
		for _ in 0..3 {
			reported_block([8_000, 200, 20]);
			assert_eq!(view(Alice).leaving, Quote::dollars(100));
		}
		assert_ok!(SafeMode::force_exit(RuntimeOrigin::root()));
		reported_block([8_000, 200, 20]);
		assert_eq!((view(Alice).leaving, view(Alice).equity), (Quote::ZERO, Quote::dollars(1_900)));
	});
}
