// SPDX-License-Identifier: Apache-2.0
//! Stress tests of the real book: what they say is what a scan of all accounts says, and what then happens.

use codec::Encode;
use frame_support::assert_ok;
use keel_margin::MarketParams;
use keel_math::stress::{compound, impact};
use keel_primitives::*;
use keel_stress_test::{Report, ScenarioId};
use keel_traits::{Shock, ToClose, Toll};
use sp_keyring::Sr25519Keyring;

use super::{
	chain::*,
	exchange::{dollars, open_markets, reported_block, trade_in, BTC},
};
use keel_runtime::{
	exchange_api::runtime_decl_for_exchange_api::ExchangeApiV1,
	stress_api::{effects, Effect, NoEffect},
	*,
};

const ETH: MarketId = MarketId(1);
const PRICES: [u32; 3] = [8_000, 200, 20];
const PERCENT: i64 = 10_000_000;

/// Whoever trades, with what he puts in, and how many bitcoins and ethers he buys; Dave sells.
fn people() -> Vec<(Sr25519Keyring, i64, u128, u128)> {
	vec![
		(Alice, 5_000, 1, 0),
		(Bob, 810, 1, 0),
		(Charlie, 2_700, 1, 0),
		(Eve, 1_500, 1, 10),
		(Sr25519Keyring::Ferdie, 3_000, 2, 30),
		(Sr25519Keyring::AliceStash, 500, 0, 20),
		(Sr25519Keyring::BobStash, 20_000, 3, 3),
	]
}

/// A book with longs of all kinds.
fn book() {
	open_markets(PRICES);
	dollars(Dave, 100_000);
	for (who, cash, bitcoins, ethers) in people() {
		dollars(who, cash);
		for (market, size, price) in [(BTC, bitcoins, 8_000), (ETH, ethers, 200)] {
			if size > 0 {
				assert_ok!(trade_in(market, who, Dave, Size(size * Size::ONE.0), price));
			}
		}
	}
	reported_block(PRICES);
	next_block();
}

fn factor(by: i64) -> f64 {
	1.0 + by as f64 / 1e9
}

/// What moves do, by looking at every account, in floating point: the rates of both markets are those of small positions.
fn scanned(shocks: &[Shock]) -> (u32, u32, f64, Vec<(MarketId, f64, f64)>) {
	let by = |market| shocks.iter().find(|shock| shock.market == market).map_or(0, |shock| shock.by);
	let (mut accounts, mut bankrupt, mut shortfall) = (0, 0, 0.0);
	let mut to_close = std::collections::BTreeMap::<MarketId, (f64, f64)>::new();
	for owner in Sr25519Keyring::well_known() {
		let Some(account) = Runtime::account(owner.to_account_id(), SubAccount(0)) else { continue };
		let (mut equity, mut requirement) = (account.equity.0 as f64, 0.0);
		let mut positions = Vec::new();
		for position in account.positions {
			let before = position.notional.0 as f64;
			let after = before * factor(by(position.market));
			let direction = if position.side == Side::Long { 1.0 } else { -1.0 };
			equity += direction * (after - before);
			requirement += 0.03 * after;
			positions.push((position.market, position.side, after));
		}
		if equity >= requirement {
			continue;
		}
		accounts += 1;
		if equity < 0.0 {
			bankrupt += 1;
			shortfall -= equity;
		}
		for (market, side, worth) in positions {
			let entry = to_close.entry(market).or_default();
			match side {
				Side::Long => entry.0 += worth,
				Side::Short => entry.1 += worth,
			}
		}
	}
	(
		accounts,
		bankrupt,
		shortfall,
		to_close.into_iter().map(|(id, (long, short))| (id, long, short)).collect(),
	)
}

fn close(told: Quote, scanned: f64) {
	assert!((told.0 as f64 - scanned).abs() <= 10.0, "{told:?} against {scanned}");
}

fn same(toll: &Toll, shocks: &[Shock]) {
	let (accounts, bankrupt, shortfall, to_close) = scanned(shocks);
	assert_eq!((toll.accounts, toll.bankrupt, toll.cut_short), (accounts, bankrupt, false), "{shocks:?}");
	close(toll.shortfall, shortfall);
	let markets: Vec<_> = toll.to_close.iter().map(|to_close| to_close.market).collect();
	assert_eq!(markets, to_close.iter().map(|(market, ..)| *market).collect::<Vec<_>>());
	for (told, (_, long, short)) in toll.to_close.iter().zip(to_close) {
		close(told.long, long);
		close(told.short, short);
	}
}

fn fall(percent: i64) -> Vec<Shock> {
	vec![Shock { market: BTC, by: -percent * PERCENT }, Shock { market: ETH, by: -percent * PERCENT }]
}

#[test]
fn a_stress_test_says_what_a_scan_of_all_accounts_says() {
	on("dev", || {
		book();
		let mut hit = Vec::new();
		for percent in (-60..=98).step_by(2) {
			let report = StressTest::moves(fall(percent)).expect("they are moves");
			// Closing moves prices, and each round is one that a scan finds.
			for round in &report.rounds {
				same(&round.toll, &round.shocks);
			}
			hit.push(report.rounds[0].toll.accounts);
		}
		hit.dedup();
		assert!(hit.len() > 6, "falls and rises differ in whom they hit: {hit:?}");
	});
}

#[test]
fn each_round_adds_what_closing_moves() {
	on("dev", || {
		book();
		assert_ok!(StressTest::set_depth(RuntimeOrigin::root(), BTC, Some(Quote::dollars(2_000))));
		let report = StressTest::moves(fall(8)).expect("they are moves");
		assert!(report.rounds.len() > 2, "closing hits others: {report:?}");
		for two in report.rounds.windows(2) {
			let ToClose { long, short, .. } = two[0]
				.toll
				.to_close
				.iter()
				.find(|to_close| to_close.market == BTC)
				.expect("bitcoins are closed");
			let net = Quote(short.0 - long.0);
			let added = impact(net, Quote::dollars(2_000)).expect("there is a depth");
			assert_eq!(two[1].shocks[0].by, compound(-8 * PERCENT, added));
			assert!(two[0].toll.accounts <= two[1].toll.accounts);
		}
		assert!(report.stands_still);
	});
}

#[test]
fn who_is_told_to_become_liquidatable_does() {
	on("dev", || {
		book();
		let told = StressTest::moves(vec![Shock { market: BTC, by: -10 * PERCENT }]).expect("they are moves");
		let accounts = told.rounds[0].toll.accounts;
		assert!(accounts > 0);
		// The price falls so far, in two steps that the chain takes as moves of a market, and all at once.
		let positions = |owner: Sr25519Keyring| {
			let account = Runtime::account(owner.to_account_id(), SubAccount(0));
			account
				.map_or(0, |account| account.positions.iter().map(|position| position.size.0).sum::<u128>())
		};
		let before: Vec<_> = people().iter().map(|(who, ..)| positions(*who)).collect();
		reported_block([7_200, 200, 20]);
		(0..10).for_each(|_| reported_block([7_200, 200, 20]));
		let after: Vec<_> = people().iter().map(|(who, ..)| positions(*who)).collect();
		let reduced = before.iter().zip(&after).filter(|(before, after)| after < before).count();
		assert_eq!(reduced, accounts as usize, "{before:?} {after:?}");
	});
}

#[test]
fn the_library_of_a_development_chain_has_three_days() {
	on("dev", || {
		book();
		let names: Vec<_> =
			StressTest::scenarios().into_iter().map(|(_, scenario)| scenario.name.into_inner()).collect();
		assert_eq!(names, [&b"12 March 2020"[..], b"19 May 2021", b"10 October 2025"]);
		let report = |id| -> Report { StressTest::run(ScenarioId(id)).expect("there is one") };
		let by = |report: &Report| {
			report.rounds[0].shocks.iter().map(|shock| shock.by / PERCENT).collect::<Vec<_>>()
		};
		// SOL was not traded in 2020: it falls with the one that fell most.
		assert_eq!(by(&report(0)), [-51, -54, -54]);
		assert_eq!(by(&report(2)), [-15, -21, -31]);
		(0..3).for_each(|id| report(id).rounds.iter().for_each(|round| same(&round.toll, &round.shocks)));
		assert!(report(0).rounds[0].toll.accounts >= report(2).rounds[0].toll.accounts);
	});
}

fn params(change: impl FnOnce(&mut MarketParams)) -> RuntimeCall {
	let mut params = keel_margin::Markets::<Runtime>::get(BTC).expect("it is listed").params;
	change(&mut params);
	keel_margin::Call::<Runtime>::set_market_params { market: BTC, params }.into()
}

fn accounts(report: &Report) -> u32 {
	report.rounds[0].toll.accounts
}

#[test]
fn what_a_change_would_do_is_told_and_nothing_is_done() {
	on("dev", || {
		book();
		let tighter = params(|params| {
			let tiers: Vec<_> = params
				.tiers
				.as_slice()
				.iter()
				.map(|tier| keel_math::Tier {
					maintenance: Ratio::percent(40),
					initial: Ratio::percent(50),
					..*tier
				})
				.collect();
			params.tiers = keel_math::Tiers::of(&tiers).expect("as many as before");
			params.withdrawal_rate = Ratio::percent(50);
			params.funding_multiple = Ratio(5_000_000);
		});
		let root = sp_io::storage::root(sp_runtime::StateVersion::V1);
		let told = effects(&tighter.encode()).expect("the call is one that works");
		assert_eq!(root, sp_io::storage::root(sp_runtime::StateVersion::V1), "nothing has changed");
		assert_eq!(told.len(), 4, "without a scenario, and with each");
		let Effect { scenario: None, before, after } = &told[0] else { panic!("{told:?}") };
		assert_eq!(accounts(before), 0, "nobody is unhealthy now");
		assert!(accounts(after) >= 3, "at 40 % many are: {after:?}");
		for effect in &told {
			assert!(accounts(&effect.before) <= accounts(&effect.after), "{effect:?}");
		}
	});
}

#[test]
fn what_a_change_does_not_touch_stays_as_it_is() {
	on("dev", || {
		book();
		let told = effects(&params(|params| params.band = Ratio::percent(1)).encode()).expect("it works");
		for effect in told {
			assert_eq!(effect.before, effect.after);
		}
	});
}

#[test]
fn a_change_that_fails_says_so() {
	on("dev", || {
		book();
		assert_eq!(effects(b"\xff\xff"), Err(NoEffect::NoCall));
		let remark = RuntimeCall::System(frame_system::Call::remark { remark: Vec::new() }).encode();
		assert_eq!(effects(&[remark, vec![0]].concat()), Err(NoEffect::NoCall), "bytes are left over");
		let remove = keel_stress_test::Call::<Runtime>::remove_scenario { id: ScenarioId(7) };
		let unknown = keel_stress_test::Error::<Runtime>::UnknownScenario.into();
		assert_eq!(effects(&RuntimeCall::from(remove).encode()), Err(NoEffect::Fails(unknown)));
	});
}
