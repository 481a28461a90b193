// SPDX-License-Identifier: Apache-2.0
//! What the chain says would happen, and what then does: caps on leverage, previews of trades, the
//! largest trade, and who a move of prices would make unhealthy.

use keel_e2e::Scene;
use keelctl::{
	chain::{Chain, Included},
	exchange::{self, Account, Leverage, Plan, Preview, Risk, Side},
	keys,
	story::{self, Part},
	units::{Dollars, Price, SignedDollars, SignedPercent, Size},
	value,
};
use subxt::utils::AccountId32;
use subxt_signer::sr25519::dev;

/// How many blocks it takes until what reporters agree on is the mark.
const STEADY: u64 = 6;

/// A chain on which the mark stands still: what is asked in one block is true in the next.
async fn still() -> Scene {
	let mut scene = Scene::open().await;
	scene.feeder.panel.spread = 0;
	let chain = scene.chain.clone();
	let id = scene.market.id;
	let steady = async {
		chain.wait_for_block(chain.best_number().await? + STEADY).await?;
		exchange::market(&chain.best().await?, &id.to_string()).await
	};
	scene.market = scene.meanwhile(steady).await;
	scene
}

fn dollars(text: &str) -> Dollars {
	Dollars::parse(text).expect("dollars")
}

fn bob() -> AccountId32 {
	keys::id(&dev::bob())
}

/// Bob's plan to do `side` at `price`.
fn plan(scene: &Scene, side: Side, price: Price) -> Plan {
	Plan { owner: bob(), sub: 0, market: scene.market.id, side, price }
}

async fn ask(chain: &Chain, plan: &Plan, size: Size) -> keelctl::Result<Preview> {
	exchange::simulate(&chain.best().await?, plan, size).await
}

/// Bob's plan comes true: Dave offers the other side, and Bob takes it.
async fn deal(chain: &Chain, plan: &Plan, size: Size) -> keelctl::Result<Included> {
	let terms = exchange::Terms {
		sub: 0,
		market: plan.market,
		side: Some(plan.side.opposite()),
		size,
		price: plan.price,
		life: 20,
		taker: Some(plan.owner),
	};
	let (offer, _) = exchange::offer(chain, &terms, &dev::dave()).await?;
	exchange::accept(chain, offer, 0, false, &dev::bob()).await
}

async fn account_of_bob(chain: &Chain) -> keelctl::Result<Option<Account>> {
	exchange::account(&chain.best().await?, &bob(), 0).await
}

/// An account, and what may leave it apart: that is judged at the slow price, which still moves a little
/// when the mark stands still.
fn settled(account: Account) -> (Account, SignedDollars) {
	let free = account.free_collateral;
	(Account { free_collateral: SignedDollars(0), ..account }, free)
}

/// Two views of one account are the same to the unit, and to the cent in what may leave it.
fn assert_same(found: Option<Account>, expected: Option<Account>) {
	let (found, expected) = (found.map(settled), expected.map(settled));
	let [may_leave, may_leave_expected] =
		[&found, &expected].map(|settled| settled.as_ref().map_or(0, |(_, free)| free.0));
	assert!(may_leave.abs_diff(may_leave_expected) < 10_000, "{may_leave} {may_leave_expected}");
	assert_eq!(found.map(|(account, _)| account), expected.map(|(account, _)| account));
}

/// What a trade has closed, opened and realised for Bob.
fn filled(included: &Included) -> (Size, Size, SignedDollars) {
	let is_bob = |event: &&keelctl::chain::Event| {
		let owner = event.field("account").and_then(|account| value::field(account, "owner"));
		event.is("Margin", "PositionChanged") && owner.and_then(value::bytes32) == Some(bob().0)
	};
	let event = included.events.iter().find(is_bob).expect("Bob's position has changed");
	let fill = event.field("fill").expect("what was filled");
	let size = |name| Size(value::field(fill, name).and_then(value::unsigned).expect("a size"));
	let realised = value::field(fill, "realised").and_then(value::signed).expect("a profit");
	(size("closed"), size("opened"), SignedDollars(realised))
}

fn refused_for<T: std::fmt::Debug>(answer: keelctl::Result<T>, expected: &str) {
	let error = answer.expect_err(expected);
	assert_eq!(error.dispatch_name().as_deref(), Some(expected), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cap_on_leverage_refuses_what_is_beyond_it_until_it_is_lifted() {
	let mut scene = still().await;
	let chain = scene.chain.clone();
	let price = scene.steps.price(scene.market.mark);
	let buy = plan(&scene, Side::Long, price);
	let (within, beyond) =
		(scene.steps.size_for(dollars("35000"), price), scene.steps.size_for(dollars("60000"), price));
	let story = async {
		let cap = |cap| {
			let chain = chain.clone();
			async move { exchange::set_leverage(&chain, 0, Leverage(cap), &dev::bob()).await }
		};
		refused_for(cap(Some(2)).await, "Margin.NoAccount");
		exchange::deposit(&chain, 0, dollars("200000"), &dev::dave()).await?;
		exchange::deposit(&chain, 0, dollars("20000"), &dev::bob()).await?;
		for out_of_range in [0, Leverage::MAX + 1] {
			refused_for(cap(Some(out_of_range)).await, "Margin.InvalidLeverage");
		}
		cap(Some(2)).await?;
		let capped = account_of_bob(&chain).await?.map(|account| account.leverage);
		assert_eq!(capped, Some(Leverage(Some(2))));

		ask(&chain, &buy, within).await?;
		refused_for(ask(&chain, &buy, beyond).await, "Margin.InsufficientMargin");
		refused_for(deal(&chain, &buy, beyond).await, "Margin.InsufficientMargin");
		cap(None).await?;
		assert_eq!(ask(&chain, &buy, beyond).await?.opened, beyond);
		assert_eq!(filled(&deal(&chain, &buy, beyond).await?), (Size(0), beyond, SignedDollars(0)));

		// What it holds is kept, whatever the cap: nothing more is opened.
		cap(Some(1)).await?;
		let account = account_of_bob(&chain).await?.expect("an account");
		assert_eq!((account.leverage, account.place.as_str()), (Leverage(Some(1)), "Filed"));
		assert_eq!(account.positions.iter().map(|p| p.size).collect::<Vec<_>>(), [beyond]);
		let at = chain.best().await?;
		assert_eq!(exchange::max_size(&at, &buy).await?, Size(0));
		Ok(())
	};
	scene.meanwhile(story).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trade_does_what_its_preview_said_and_the_largest_is_the_largest() {
	let mut scene = still().await;
	let chain = scene.chain.clone();
	let (steps, mark) = (scene.steps, scene.market.mark);
	let above = steps.price(mark.shifted(100));
	let of = |worth: &str| steps.size_for(dollars(worth), mark);
	let rest = Size(of("60000").0 - of("20000").0);
	let plan = |side, price| plan(&scene, side, price);
	// Opens; closes a part with a profit; closes the rest and opens the other side, with a loss.
	let trades = [
		(plan(Side::Long, steps.price(mark)), of("60000"), (Size(0), of("60000"))),
		(plan(Side::Short, above), of("20000"), (of("20000"), Size(0))),
		(
			plan(Side::Short, steps.price(mark.shifted(-100))),
			of("60000"),
			(rest, Size(of("60000").0 - rest.0)),
		),
	];
	let largest = plan(Side::Short, steps.price(mark));
	let story = async {
		exchange::deposit(&chain, 0, dollars("200000"), &dev::dave()).await?;
		// So much that the largest trade leaves a part of a lot's margin: the slow price may move a little.
		exchange::deposit(&chain, 0, dollars("20000.17"), &dev::bob()).await?;
		let mut profits = Vec::new();
		for (plan, size, expected) in &trades {
			let before = account_of_bob(&chain).await?;
			let preview = ask(&chain, plan, *size).await?;
			assert_same(account_of_bob(&chain).await?, before);
			assert_eq!((preview.closed, preview.opened), *expected);
			let included = deal(&chain, plan, *size).await?;
			assert_eq!(filled(&included), (preview.closed, preview.opened, preview.realised));
			assert_same(account_of_bob(&chain).await?, preview.account);
			profits.push(preview.realised);
		}
		assert!(profits[0].0 == 0 && profits[1].0 > 0 && profits[2].0 < 0, "{profits:?}");

		let size = exchange::max_size(&chain.best().await?, &largest).await?;
		let more = Size(size.0 + steps.lot.0);
		assert!(size > of("60000"), "{size}");
		refused_for(ask(&chain, &largest, more).await, "Margin.InsufficientMargin");
		refused_for(deal(&chain, &largest, more).await, "Margin.InsufficientMargin");
		assert_eq!(ask(&chain, &largest, size).await?.opened, size);
		deal(&chain, &largest, size).await?;
		assert_eq!(exchange::max_size(&chain.best().await?, &largest).await?, Size(0));

		let outside = Plan { price: steps.price(mark.shifted(500)), ..largest.clone() };
		refused_for(ask(&chain, &outside, size).await, "Margin.OutsideBand");
		refused_for(
			ask(&chain, &Plan { market: 999, ..largest.clone() }, size).await,
			"Margin.UnknownMarket",
		);
		refused_for(ask(&chain, &largest, Size(0)).await, "Margin.ZeroSize");
		Ok(())
	};
	scene.meanwhile(story).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_of_prices_finds_whom_it_makes_unhealthy_and_nobody_else() {
	let mut scene = still().await;
	let chain = scene.chain.clone();
	let market = scene.market.clone();
	let part = |key, leverage_tenths| Part { key, sub: 0, notional: dollars("50000"), leverage_tenths };
	let parts = [part(dev::bob(), 100), part(dev::charlie(), 15)];
	let story = async {
		story::open_longs(&chain, &market, &parts, &dev::dave(), &|line| eprintln!("{line}")).await?;
		let at = chain.best().await?;
		let ask = |percent: i64, limit| {
			let (at, id) = (at.clone(), market.id);
			async move { exchange::at_risk(&at, &[(id, SignedPercent(percent * 10_000_000))], limit).await }
		};
		let names = |risk: &Risk| {
			let owners = risk.accounts.iter().map(|at_risk| keys::display_name(&at_risk.owner));
			(owners.collect::<Vec<_>>(), risk.cut_short)
		};
		for (percent, limit, expected) in [
			(-1, 100, (vec![], false)),
			(-10, 100, (vec!["Bob".to_owned()], false)),
			(-70, 100, (vec!["Bob".to_owned(), "Charlie".to_owned()], false)),
			(98, 100, (vec!["Dave".to_owned()], false)),
			(-70, 1, (vec!["Bob".to_owned()], true)),
		] {
			assert_eq!(names(&ask(percent, limit).await?), expected, "{percent} %");
		}
		let eth = exchange::market(&at, "ETH").await?.id;
		let elsewhere = exchange::at_risk(&at, &[(eth, SignedPercent(-500_000_000))], 100).await?;
		assert_eq!(names(&elsewhere), (vec![], false), "nobody holds ETH");
		let unknown = exchange::at_risk(&at, &[(999, SignedPercent(0))], 100).await;
		refused_for(unknown, "Margin.UnknownMarket");

		// A tenth of what the position is worth is lost, and 3 % of the rest are asked for.
		let account = exchange::account(&at, &bob(), 0).await?.expect("an account");
		let notional = account.position(market.id).expect("a position").notional.0;
		let found = ask(-10, 100).await?.accounts.remove(0);
		let close = |a: SignedDollars, b: i128| a.0.abs_diff(b) <= 2;
		assert!(close(found.equity, account.equity.0 - notional / 10), "{found:?} of {account:?}");
		assert!(close(found.requirement, notional * 9 / 10 * 3 / 100), "{found:?} of {account:?}");
		assert!(close(found.shortfall(), found.requirement.0 - found.equity.0), "{found:?}");
		Ok(())
	};
	scene.meanwhile(story).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_several_positions_liquidation_has_a_band_and_a_market_shows_its_rules() {
	let mut scene = still().await;
	let chain = scene.chain.clone();
	let market = scene.market.clone();
	let part = Part { key: dev::charlie(), sub: 0, notional: dollars("50000"), leverage_tenths: 30 };
	let story = async {
		story::open_longs(&chain, &market, std::slice::from_ref(&part), &dev::dave(), &|_| {}).await?;
		let charlie = keys::id(&dev::charlie());
		let account = exchange::account(&chain.best().await?, &charlie, 0).await?.expect("an account");
		let [only] = account.positions.as_slice() else { panic!("one position: {account:?}") };
		assert!(only.liquidation_price.is_some());
		assert_eq!(only.liquidation_price_earliest, only.liquidation_price, "nothing else moves");
		assert_eq!(only.liquidation_price_latest, only.liquidation_price, "nothing else moves");

		let eth = exchange::market(&chain.best().await?, "ETH").await?.id;
		let eth = story::wait_until_open(&chain, eth).await?;
		story::open_longs(&chain, &eth, std::slice::from_ref(&part), &dev::dave(), &|_| {}).await?;
		let at = chain.best().await?;
		let account = exchange::account(&at, &charlie, 0).await?.expect("an account");
		assert_eq!(account.positions.len(), 2);
		for position in &account.positions {
			let (early, late) = (position.liquidation_price_earliest, position.liquidation_price_latest);
			assert!(early > position.liquidation_price && position.liquidation_price > late, "{position:?}");
		}

		let market = exchange::market(&at, "BTC").await?;
		assert!(market.open_interest.0 > 0 && market.max_open_interest > market.open_interest);
		assert!(market.soft_cap < market.hard_cap && market.soft_cap.0 > 0);
		let rates = market.tiers.iter().map(|tier| (tier.initial_rate.0, tier.maintenance_rate.0));
		let rates: Vec<_> = rates.collect();
		assert_eq!(rates, [(50_000_000, 30_000_000), (75_000_000, 40_000_000), (100_000_000, 50_000_000)]);
		assert!(market.initial_rate.0 >= rates[0].0 && market.maintenance_rate.0 == rates[0].1);
		Ok(())
	};
	scene.meanwhile(story).await;
}
