// SPDX-License-Identifier: Apache-2.0
//! The library, and what moves do to a book that a page can hold. The real book is asked in tests of the runtime.

use crate::*;
use core::cell::RefCell;
use frame_support::{assert_noop, assert_ok, derive_impl, traits::ConstU32};
use frame_system::EnsureRoot;
use keel_primitives::{FeedId, MarketId, Price, Quote};
use keel_traits::{LiveBook, Shock, ToClose, Toll};
use sp_runtime::{BuildStorage, DispatchError, Permill};

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeFreezeReason,
		RuntimeHoldReason,
		RuntimeSlashReason,
		RuntimeLockId,
		RuntimeTask,
		RuntimeViewFunction
	)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type StressTest = crate;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
}

impl Config for Test {
	type Book = Book;
	type GovernOrigin = EnsureRoot<u64>;
	type MaxScenarios = ConstU32<4>;
	type MaxShocks = ConstU32<3>;
	type WeightInfo = ();
}

const BTC: MarketId = MarketId(0);
const ETH: MarketId = MarketId(1);
const PERCENT: i64 = 10_000_000;

/// Longs of a market: they become unhealthy when its price has fallen so far, and are worth so much.
#[derive(Clone, Copy)]
struct Long {
	market: MarketId,
	falls: i64,
	worth: Quote,
}

thread_local! {
	static LONGS: RefCell<Vec<Long>> = const { RefCell::new(Vec::new()) };
}

pub struct Book;

impl LiveBook for Book {
	fn priced() -> Vec<(MarketId, FeedId)> {
		vec![(BTC, FeedId(10)), (ETH, FeedId(11))]
	}

	fn is_listed(market: MarketId) -> bool {
		market == BTC || market == ETH
	}

	fn toll(shocks: &[Shock]) -> Result<Toll, DispatchError> {
		let mut toll =
			Toll { accounts: 0, bankrupt: 0, shortfall: Quote::ZERO, to_close: Vec::new(), cut_short: false };
		for long in LONGS.with_borrow(Clone::clone) {
			let by = shocks.iter().find(|shock| shock.market == long.market).map_or(0, |shock| shock.by);
			if by > -long.falls {
				continue;
			}
			toll.accounts += 1;
			match toll.to_close.iter_mut().find(|to_close| to_close.market == long.market) {
				Some(to_close) => to_close.long.0 += long.worth.0,
				None => toll.to_close.push(ToClose {
					market: long.market,
					mark: Price::MIN,
					long: long.worth,
					short: Quote::ZERO,
				}),
			}
		}
		Ok(toll)
	}
}

fn chain(longs: &[Long]) -> sp_io::TestExternalities {
	LONGS.set(longs.to_vec());
	let storage = RuntimeGenesisConfig::default().build_storage().expect("genesis builds");
	let mut chain = sp_io::TestExternalities::new(storage);
	chain.execute_with(|| System::set_block_number(1));
	chain
}

fn test(longs: &[Long], test: impl FnOnce()) {
	chain(longs).execute_with(|| {
		test();
		invariants::do_try_state::<Test>().expect("the invariants hold");
	});
}

fn scenario(shocks: &[(u32, i64)], correlation: u32) -> ScenarioOf<Test> {
	let shocks: Vec<_> = shocks.iter().map(|(feed, by)| FeedShock { feed: FeedId(*feed), by: *by }).collect();
	Scenario {
		name: b"a bad day".to_vec().try_into().expect("it fits"),
		shocks: shocks.try_into().expect("they fit"),
		correlation: Permill::from_percent(correlation),
	}
}

fn set(id: u32, scenario: ScenarioOf<Test>) {
	assert_ok!(StressTest::set_scenario(RuntimeOrigin::root(), ScenarioId(id), scenario));
}

fn depth(market: MarketId, dollars: i64) {
	let depth = Some(Quote::dollars(dollars));
	assert_ok!(StressTest::set_depth(RuntimeOrigin::root(), market, depth));
}

#[test]
fn the_library_is_changed_by_governance_alone() {
	test(&[], || {
		let bad_day = scenario(&[(10, -50 * PERCENT)], 100);
		let by_alice = StressTest::set_scenario(RuntimeOrigin::signed(1), ScenarioId(0), bad_day.clone());
		assert_eq!(by_alice, Err(DispatchError::BadOrigin));
		set(0, bad_day.clone());
		assert_eq!(StressTest::scenarios(), [(ScenarioId(0), bad_day)]);
		System::assert_last_event(Event::ScenarioSet { scenario: ScenarioId(0) }.into());
		assert_eq!(
			StressTest::remove_scenario(RuntimeOrigin::signed(1), ScenarioId(0)),
			Err(DispatchError::BadOrigin)
		);
		assert_eq!(StressTest::set_depth(RuntimeOrigin::signed(1), BTC, None), Err(DispatchError::BadOrigin));
		assert_ok!(StressTest::remove_scenario(RuntimeOrigin::root(), ScenarioId(0)));
		assert_noop!(
			StressTest::remove_scenario(RuntimeOrigin::root(), ScenarioId(0)),
			Error::<Test>::UnknownScenario
		);
		assert_noop!(StressTest::run(ScenarioId(0)), Error::<Test>::UnknownScenario);
	});
}

#[test]
fn what_is_no_scenario_is_refused_and_told_why() {
	test(&[], || {
		let refused = |scenario, error: Error<Test>| {
			assert_noop!(StressTest::set_scenario(RuntimeOrigin::root(), ScenarioId(0), scenario), error);
		};
		refused(scenario(&[], 0), Error::NoShocks);
		refused(scenario(&[(1, 0), (2, 5), (1, 7)], 0), Error::MovesTwice);
		refused(scenario(&[(1, -100 * PERCENT - 1)], 0), Error::MoveOutOfBounds);
		refused(scenario(&[(1, (1 << 37) + 1)], 0), Error::MoveOutOfBounds);
		for name in [&b""[..], b"two\nlines", b"\xff"] {
			let mut nameless = scenario(&[(1, 5)], 0);
			nameless.name = name.to_vec().try_into().expect("it fits");
			refused(nameless, Error::NoName);
		}
		assert_noop!(
			StressTest::set_depth(RuntimeOrigin::root(), BTC, Some(Quote::ZERO)),
			Error::<Test>::NoDepth
		);
		assert_noop!(
			StressTest::set_depth(RuntimeOrigin::root(), MarketId(7), Some(Quote::dollars(1))),
			Error::<Test>::UnknownMarket
		);
		// The ends are taken.
		set(0, scenario(&[(1, -100 * PERCENT), (2, 1 << 37)], 0));
	});
}

#[test]
fn the_library_is_bounded_and_a_scenario_can_be_changed_when_it_is_full() {
	test(&[], || {
		(0..4).for_each(|id| set(id, scenario(&[(1, 5)], 0)));
		assert_noop!(
			StressTest::set_scenario(RuntimeOrigin::root(), ScenarioId(4), scenario(&[(1, 5)], 0)),
			Error::<Test>::TooManyScenarios
		);
		set(3, scenario(&[(1, 7)], 0));
		assert_eq!(StressTest::scenarios().last().map(|(_, scenario)| scenario.shocks[0].by), Some(7));
	});
}

#[test]
fn feeds_without_a_name_move_by_their_part_of_the_largest_move() {
	let shocks = |scenario: ScenarioOf<Test>| {
		let shocks = scenario.shocks_of(&Book::priced());
		shocks.iter().map(|shock| shock.by / PERCENT).collect::<Vec<_>>()
	};
	assert_eq!(shocks(scenario(&[(10, -50 * PERCENT)], 80)), [-50, -40]);
	assert_eq!(shocks(scenario(&[(10, -50 * PERCENT), (11, 10 * PERCENT)], 80)), [-50, 10]);
	assert_eq!(shocks(scenario(&[(9, 20 * PERCENT), (8, -40 * PERCENT)], 50)), [-20, -20]);
	assert_eq!(shocks(scenario(&[(10, -50 * PERCENT)], 0)), [-50, 0]);
}

#[test]
fn a_market_that_moves_twice_is_refused() {
	test(&[], || {
		let shock = |market| Shock { market, by: -PERCENT };
		assert!(StressTest::moves(vec![shock(ETH), shock(BTC)]).is_ok());
		assert_eq!(
			StressTest::moves(vec![shock(BTC), shock(ETH), shock(BTC)]),
			Err(Error::<Test>::MovesTwice.into())
		);
	});
}

#[test]
fn without_depth_there_is_one_round() {
	let long = Long { market: BTC, falls: 10 * PERCENT, worth: Quote::dollars(1_000_000) };
	test(&[long], || {
		set(0, scenario(&[(10, -10 * PERCENT)], 0));
		let report = StressTest::run(ScenarioId(0)).expect("there is one");
		assert!(report.stands_still);
		assert_eq!(report.rounds.len(), 1);
		assert_eq!(report.rounds[0].toll.accounts, 1);
		assert_eq!(report, StressTest::moves(report.rounds[0].shocks.clone()).expect("they are moves"));
	});
}

#[test]
fn closing_moves_the_price_until_nobody_else_must_be_closed() {
	let long = |falls: i64, millions: i64| Long {
		market: BTC,
		falls: falls * PERCENT,
		worth: Quote::dollars(millions * 1_000_000),
	};
	// A fall by 10 % closes the first, five million: 5 % more, 14.5 % in all. That closes the second: 15 % more, 23.5 % in
	// all, which does not reach the third.
	test(&[long(10, 5), long(14, 10), long(24, 100)], || {
		depth(BTC, 1_000_000);
		set(0, scenario(&[(10, -10 * PERCENT)], 0));
		let report = StressTest::run(ScenarioId(0)).expect("there is one");
		assert!(report.stands_still);
		let rounds: Vec<_> =
			report.rounds.iter().map(|round| (round.shocks[0].by, round.toll.accounts)).collect();
		assert_eq!(rounds, [(-100_000_000, 1), (-145_000_000, 2), (-235_000_000, 2)]);
	});
}

#[test]
fn who_closes_in_a_market_that_did_not_move_moves_it() {
	// He must be closed whatever ether does.
	let long = Long { market: ETH, falls: 0, worth: Quote::dollars(3_000_000) };
	test(&[long], || {
		depth(ETH, 1_000_000);
		let report = StressTest::moves(vec![Shock { market: BTC, by: -PERCENT }]).expect("they are moves");
		let last = report.rounds.last().expect("there is a round");
		assert_eq!(last.shocks[1], Shock { market: ETH, by: -3 * PERCENT });
	});
}

#[test]
fn what_never_stands_still_ends_and_says_so() {
	// One more each percent, and closing each moves the price by another.
	let longs: Vec<_> = (1..=60)
		.map(|falls| Long { market: BTC, falls: falls * PERCENT, worth: Quote::dollars(2_000_000) })
		.collect();
	test(&longs, || {
		depth(BTC, 1_000_000);
		let report = StressTest::moves(vec![Shock { market: BTC, by: -PERCENT }]).expect("they are moves");
		let accounts: Vec<_> = report.rounds.iter().map(|round| round.toll.accounts).collect();
		assert!(accounts.windows(2).all(|two| two[0] <= two[1]), "{accounts:?}");
		assert!(report.rounds.len() <= ROUNDS);
		assert_eq!(report.stands_still, report.rounds.len() < ROUNDS);
	});
}

#[test]
fn the_library_of_genesis_gets_its_ids_in_order() {
	let preset = |name: &str| Preset {
		name: name.into(),
		shocks: vec![FeedShock { feed: FeedId(10), by: -PERCENT }],
		correlation: Permill::one(),
	};
	let genesis = RuntimeGenesisConfig {
		stress_test: GenesisConfig {
			scenarios: vec![preset("first"), preset("second")],
			depths: vec![(ETH, Quote::dollars(7))],
			..Default::default()
		},
		..Default::default()
	};
	let storage = genesis.build_storage().expect("genesis builds");
	sp_io::TestExternalities::new(storage).execute_with(|| {
		let names: Vec<_> =
			StressTest::scenarios().into_iter().map(|(id, scenario)| (id.0, scenario.name)).collect();
		let name = |text: &[u8]| Name::try_from(text.to_vec()).expect("it fits");
		assert_eq!(names, [(0, name(b"first")), (1, name(b"second"))]);
		assert_eq!(Depths::<Test>::get(ETH), Some(Quote::dollars(7)));
	});
}

#[test]
fn every_message_of_try_state_is_raised() {
	let raised = |corrupt: fn()| {
		chain(&[]).execute_with(|| {
			corrupt();
			invariants::do_try_state::<Test>().expect_err("the state is corrupt")
		})
	};
	let invalid = raised(|| Scenarios::<Test>::insert(ScenarioId(0), scenario(&[], 0)));
	assert_eq!(invalid, "a stored scenario is valid".into());
	let many =
		raised(|| (0..5).for_each(|id| Scenarios::<Test>::insert(ScenarioId(id), scenario(&[(1, 5)], 0))));
	assert_eq!(many, "there are no more scenarios than may be".into());
	let shallow = raised(|| Depths::<Test>::insert(BTC, Quote::ZERO));
	assert_eq!(shallow, "a stored depth is above zero".into());
}
