// SPDX-License-Identifier: Apache-2.0
//! Pauses on a real node: what each of them stops, and how it ends.

use keel_e2e::{calls, Node, Options, Scene};
use keelctl::{
	call::Call,
	chain::{self, Chain, DryRun},
	exchange::{self, Terms},
	pause::{self, Act, Restriction},
	units::{Dollars, Size},
};
use std::collections::BTreeSet;
use subxt::dynamic::Value;
use subxt_signer::sr25519::{dev, Keypair};

/// What safe mode lets through, as `Pallet.*` or `Pallet.call`: blocks, governance, wrappers (the calls
/// inside are filtered again), prices, added margin, what holders do with
/// USDK, and everything that reduces risk.
const LIVES: &[&str] = &[
	"Assets.approve_transfer",
	"Assets.cancel_approval",
	"Assets.refund",
	"Assets.touch",
	"Assets.transfer",
	"Assets.transfer_all",
	"Assets.transfer_approved",
	"Assets.transfer_keep_alive",
	"ChangeControl.*",
	"CircuitBreaker.*",
	"Council.*",
	"Democracy.*",
	"Emergency.*",
	"Grandpa.*",
	"InsuranceFund.contribute",
	"Liquidation.*",
	"Margin.accept_reduce",
	"Margin.cancel_offer",
	"Margin.deposit",
	"Margin.lift_quarantine",
	"Margin.offer_reduce",
	"Margin.repay_debt",
	"Migrations.*",
	"Multisig.*",
	"Oracle.*",
	"Parameters.*",
	"Preimage.*",
	"Proxy.*",
	"RiskCommittee.*",
	"SafeMode.*",
	"Scheduler.*",
	"SecurityCouncil.*",
	"Session.*",
	"System.*",
	"TechnicalCommittee.*",
	"Timestamp.*",
	"TxPause.*",
	"Utility.*",
	"ValidatorMembership.*",
];

/// What waits until safe mode is over: new risk, and money that leaves.
const WAITS: &[&str] = &[
	"Balances.*",
	"Faucet.*",
	"InsuranceFund.sweep",
	"Margin.accept_trade",
	"Margin.offer_trade",
	"Margin.set_key_cap",
	"Margin.set_leverage",
	"Margin.transfer",
	"Margin.withdraw",
];

/// The pool's answer to a signed inherent: `Err(Invalid(BadMandatory))`, encoded.
const BAD_MANDATORY: &str = "0x010008";
/// The same to an urgent call of somebody who cannot do anything with it: `Err(Invalid(Custom(..)))`.
const NOT_HIS: &str = "0x010007";

fn matches(name: &str, patterns: &[&str]) -> bool {
	patterns.iter().any(|pattern| match pattern.strip_suffix('*') {
		Some(pallet) => name.starts_with(pallet),
		None => name == *pattern,
	})
}

fn tell(line: &str) {
	eprintln!("{line}");
}

/// Alice, who is every body here, approves of it, and that is enough.
async fn does(chain: &Chain, act: Act) -> keelctl::Result<()> {
	pause::approve(chain, &act, &[dev::alice()], &tell).await?.done().map(|_| ())
}

/// The calls that are stopped before they begin, as `Pallet.call`.
async fn stopped(chain: &Chain) -> BTreeSet<String> {
	let at = chain.best().await.expect("a best block");
	let mut stopped = BTreeSet::new();
	for call in calls::all(&at) {
		let name = chain::name(&call);
		match chain.dry_run(&call, &dev::bob()).await.unwrap_or_else(|error| panic!("{name}: {error}")) {
			DryRun::Failed(error) if error.name() == "System.CallFiltered" => {
				stopped.insert(name);
			}
			// An inherent, which nobody signs.
			DryRun::Invalid(reason) if reason == BAD_MANDATORY => {}
			// An urgent call that is not his, whatever the state of the chain.
			DryRun::Invalid(reason) if reason.starts_with(NOT_HIS) => {}
			DryRun::Invalid(reason) => panic!("{name} would not get into a block: {reason}"),
			_ => {}
		}
	}
	stopped
}

#[tokio::test(flavor = "multi_thread")]
async fn safe_mode_stops_what_it_should_and_another_body_ends_it_early() {
	let node = Node::start(Options::dev()).await;
	let chain = node.chain().await;
	// The state of the genesis block is not that of a chain that runs.
	chain.wait_for_block(2).await.expect("blocks are made");
	let before = stopped(&chain).await;

	does(&chain, Act::EnterSafeMode).await.expect("the Security Council may");
	let until = pause::safe_mode_until(&chain.best().await.expect("a best block")).await.expect("readable");
	assert!(until.is_some(), "the chain says until when safe mode lasts");
	let during = stopped(&chain).await;
	for call in calls::all(&chain.best().await.expect("a best block")) {
		let name = chain::name(&call);
		if before.contains(&name) {
			continue;
		}
		assert!(!during.contains(&name) || !matches(&name, LIVES), "{name} must live in safe mode");
		assert!(during.contains(&name) || !matches(&name, WAITS), "{name} must wait in safe mode");
	}

	does(&chain, Act::ExitSafeMode).await.expect("another body may");
	assert_eq!(stopped(&chain).await, before, "all is as it was");
}

#[tokio::test(flavor = "multi_thread")]
async fn safe_mode_ends_by_itself() {
	let node = Node::start(Options::quick(300)).await;
	let chain = node.chain().await;
	does(&chain, Act::EnterSafeMode).await.expect("the Security Council may");
	let at = chain.best().await.expect("a best block");
	let until = pause::safe_mode_until(&at).await.expect("readable").expect("it is on");
	chain.wait_for_block(until + 2).await.expect("blocks go on in safe mode");
	let at = chain.best().await.expect("a best block");
	assert_eq!(pause::safe_mode_until(&at).await.expect("readable"), None);
}

/// What is tried, by whom, and what the chain says in an open market, in a guarded one, in a halted one,
/// and in safe mode.
type Row = (&'static str, Call, Keypair, [&'static str; 4]);

#[tokio::test(flavor = "multi_thread")]
async fn each_pause_stops_exactly_what_it_should() {
	let mut scene = Scene::open().await;
	let chain = scene.chain.clone();
	let terms = scene.terms();
	let expires = chain.best_number().await.expect("a block") + 500;
	let positions = async {
		for key in [dev::bob(), dev::dave(), dev::eve()] {
			exchange::deposit(&chain, 0, Dollars::parse("50000")?, &key).await?;
		}
		let (offer, _) = exchange::offer(&chain, &terms, &dev::dave()).await?;
		exchange::accept(&chain, offer, 0, false, &dev::bob()).await?;
		let opens = Terms { life: 500, size: Size::parse("0.5")?, ..terms.clone() };
		let (opens, _) = exchange::offer(&chain, &opens, &dev::dave()).await?;
		let reduces = Terms { side: None, life: 500, size: Size::parse("0.5")?, ..terms.clone() };
		let (reduces, _) = exchange::offer(&chain, &reduces, &dev::dave()).await?;
		// Priority is once per owner and block.
		let next = chain.best_number().await? + 2;
		chain.wait_for_block(next).await?;
		Ok((opens, reduces))
	};
	let (opens, reduces) = scene.feeder.hold(&scene.calm, positions).await.expect("positions are open");

	let reduce = Terms { side: None, size: Size::parse("0.5").expect("a size"), ..terms.clone() };
	let (filtered, halted) = ("System.CallFiltered", "Margin.MarketHalted");
	let guarded = "Margin.ReducingOnly";
	let rows: Vec<Row> = vec![
		("add margin", money("deposit"), dev::bob(), ["ok"; 4]),
		("take margin out", money("withdraw"), dev::eve(), ["ok", "ok", "ok", filtered]),
		("offer to open", exchange::offer_call(&terms, expires), dev::dave(), ["ok", "ok", halted, filtered]),
		(
			"take and open",
			exchange::accept_call(opens, 0, false),
			dev::eve(),
			["ok", guarded, halted, filtered],
		),
		("offer to reduce", exchange::offer_call(&reduce, expires), dev::bob(), ["ok", "ok", halted, "ok"]),
		("take and reduce", exchange::accept_call(reduces, 0, true), dev::bob(), ["ok", "ok", halted, "ok"]),
		("take an offer off", cancel(opens), dev::dave(), ["ok"; 4]),
	];

	let market = scene.market.id;
	let restrict = |restriction, blocks| does(&chain, Act::RestrictMarket { market, restriction, blocks });
	check(&mut scene, &rows, 0).await;
	let guard = restrict(Restriction::Guard, 100);
	scene.feeder.hold(&scene.calm, guard).await.expect("the Security Council guards");
	check(&mut scene, &rows, 1).await;
	let halt = restrict(Restriction::Halt, 50);
	scene.feeder.hold(&scene.calm, halt).await.expect("the Security Council halts");
	check(&mut scene, &rows, 2).await;
	let resume = async {
		does(&chain, Act::ResumeMarket { market }).await?;
		// It trades again when a price has landed since.
		let landed = chain.best_number().await? + 2;
		chain.wait_for_block(landed).await
	};
	scene.feeder.hold(&scene.calm, resume).await.expect("another body resumes early");
	check(&mut scene, &rows, 0).await;
	let enter = does(&chain, Act::EnterSafeMode);
	scene.feeder.hold(&scene.calm, enter).await.expect("the Security Council enters safe mode");
	check(&mut scene, &rows, 3).await;
	scene.node.decode_with_javascript();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guard_expires_by_itself() {
	let mut scene = Scene::open().await;
	let chain = scene.chain.clone();
	let market = scene.market.id;
	let guard = does(&chain, Act::RestrictMarket { market, restriction: Restriction::Guard, blocks: 5 });
	scene.feeder.hold(&scene.calm, guard).await.expect("the Security Council guards");
	let standing = pause::standing(&chain.best().await.expect("a best block"), market).await;
	let standing = standing.expect("readable").expect("the breaker knows the market");
	assert_eq!((standing.status.as_str(), standing.guardian.as_str()), ("Guarded", "Guarded"));
	let over = async { chain.wait_for_block(standing.until + 1).await };
	scene.feeder.hold(&scene.calm, over).await.expect("blocks go on");
	let standing = pause::standing(&chain.best().await.expect("a best block"), market).await;
	assert_eq!(standing.expect("readable").expect("it is known").status, "Open");
}

fn money(name: &str) -> Call {
	chain::call("Margin", name, [("sub", Value::u128(0)), ("amount", Value::u128(100_000_000))])
}

fn cancel(offer: u64) -> Call {
	chain::call("Margin", "cancel_offer", [("offer", Value::u128(offer.into()))])
}

/// What the chain would say now to each row, while prices stay fresh.
async fn check(scene: &mut Scene, rows: &[Row], state: usize) {
	let chain = scene.chain.clone();
	let asked = async {
		for (what, call, signer, expected) in rows {
			let answer = match chain.dry_run(call, signer).await? {
				DryRun::Ok => "ok".to_owned(),
				DryRun::Failed(error) => error.name(),
				DryRun::Invalid(reason) => format!("invalid: {reason}"),
			};
			assert_eq!(answer, expected[state], "{what}, in state {state}");
		}
		Ok(())
	};
	scene.feeder.hold(&scene.calm, asked).await.expect("prices are taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_paused_for_everybody_and_goes_on() {
	let node = Node::start(Options::quick(300)).await;
	let chain = node.chain().await;
	let faucet = || "Faucet.drip".parse().expect("a name");
	let drip = async || exchange::drip(&chain, &keelctl::keys::id(&dev::eve()), &dev::bob()).await;
	does(&chain, Act::PauseCall(faucet())).await.expect("the Security Council may");
	let error = drip().await.expect_err("it is paused");
	assert_eq!(error.dispatch_name().as_deref(), Some("System.CallFiltered"), "{error}");
	does(&chain, Act::ResumeCall(faucet())).await.expect("another body may");
	drip().await.expect("it goes on");
	let misspelt = "Faucet.drop".parse().expect("a name");
	let error = does(&chain, Act::PauseCall(misspelt)).await.expect_err("there is no such call");
	assert!(error.dispatch_name().is_some(), "{error}");
}
