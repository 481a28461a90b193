// SPDX-License-Identifier: Apache-2.0
//! Upgrades on a real node: by the Council, by the public, and the ways to get it wrong.

use keel_e2e::{wasm, Node, Options, Scene};
use keelctl::{
	chain::{self, Chain},
	exchange::{self, Terms},
	gov::{self, ByCouncil, ByPublic, Checks},
	keys,
	units::{Dollars, Keel, Size},
	wasm::Runtime,
	Error,
};
use std::path::PathBuf;
use subxt_signer::sr25519::{dev, Keypair};

const VOTE: Keel = Keel(1_000_000_000_000_000);

fn tell(line: &str) {
	eprintln!("{line}");
}

fn alone() -> Vec<Keypair> {
	vec![dev::alice()]
}

fn council() -> ByCouncil {
	ByCouncil {
		council: alone(),
		technical: alone(),
		voter: dev::alice(),
		balance: VOTE,
		voting_period: None,
		delay: None,
	}
}

/// A second build of the runtime, with a higher version and a visible change.
fn next_runtime() -> Runtime {
	let path = std::env::var_os("KEEL_NEXT_WASM").map(PathBuf::from).unwrap_or_else(|| {
		panic!("there is no second runtime: run scripts/test, which builds it, or set KEEL_NEXT_WASM")
	});
	Runtime::read(&path).expect("the second runtime")
}

async fn claiming(chain: &Chain, change: impl FnOnce(&mut wasm::Claim)) -> Runtime {
	let code = wasm::claiming(&wasm::running(chain).await, change);
	Runtime::from_bytes(wasm::compress(&code), "changed.wasm").expect("a runtime")
}

async fn balances_survive(chain: &Chain, before: &[u128]) {
	assert_eq!(balances(chain).await, before, "an upgrade changes nobody's dollars");
}

async fn balances(chain: &Chain) -> Vec<u128> {
	let at = chain.best().await.expect("a best block");
	let mut found = Vec::new();
	for key in [dev::alice(), dev::bob(), dev::charlie()] {
		let account = vec![subxt::dynamic::Value::u128(1), chain::account_value(&keys::id(&key))];
		let account = chain::storage(&at, "Assets", "Account", account).await.expect("USDK");
		found.push(
			account
				.as_ref()
				.and_then(|a| keelctl::value::field(a, "balance"))
				.and_then(keelctl::value::unsigned)
				.unwrap_or(0),
		);
	}
	found
}

/// What Bob and Dave hold, to the unit.
async fn positions(chain: &Chain, market: u32) -> Vec<Option<Size>> {
	let at = chain.best().await.expect("a best block");
	let mut found = Vec::new();
	for key in [dev::bob(), dev::dave()] {
		let account = exchange::account(&at, &keys::id(&key), 0).await.expect("readable");
		found.push(account.and_then(|account| account.position(market).map(|position| position.size)));
	}
	found
}

#[tokio::test(flavor = "multi_thread")]
async fn the_council_upgrades_the_chain_and_blocks_and_trading_go_on() {
	let mut scene = Scene::open_on(Options::dev()).await;
	let chain = scene.chain.clone();
	let (runtime, market, terms) = (next_runtime(), scene.market.id, scene.terms());
	let trade = async {
		for key in [dev::bob(), dev::dave()] {
			exchange::deposit(&chain, 0, Dollars::parse("20000")?, &key).await?;
		}
		let (offer, _) = exchange::offer(&chain, &terms, &dev::dave()).await?;
		exchange::accept(&chain, offer, 0, false, &dev::bob()).await
	};
	scene.meanwhile(trade).await;
	let (held, before) = (positions(&chain, market).await, balances(&chain).await);
	assert_eq!(held, vec![Some(terms.size); 2], "both hold what they traded");

	gov::check(&chain, &runtime).await.expect("the second runtime fits the chain");
	let early = gov::apply(&chain, &runtime, &dev::ferdie(), Checks::BeforeSending, &tell).await;
	let early = early.expect_err("nothing is authorised");
	assert!(matches!(early, Error::Governance { .. }), "{early}");
	scene.meanwhile(gov::by_council(&chain, &runtime, &council(), &tell)).await;
	let small = Dollars::parse("1.5").expect("an amount");
	scene.meanwhile(exchange::deposit(&chain, 0, small, &dev::bob())).await;
	let anybody = dev::ferdie();
	let applied = gov::apply(&chain, &runtime, &anybody, Checks::BeforeSending, &tell);
	let applied = scene.meanwhile(applied).await;
	assert_eq!(applied.to, runtime.spec_version);

	let first = chain.best_number().await.expect("a block");
	scene.meanwhile(chain.wait_for_block(first + 3)).await;
	assert_eq!(positions(&chain, market).await, held, "an upgrade changes nobody's position");
	let mut expected = before;
	expected[1] -= small.0;
	balances_survive(&chain, &expected).await;

	// The new rule, and that trading goes on under it.
	let deposit = scene.refuses(&exchange::deposit_call(0, small), &dev::bob()).await;
	assert_eq!(deposit.dispatch_name().as_deref(), Some("Margin.AmountTooSmall"), "{deposit}");
	let reduce = async {
		let (offer, _) =
			exchange::offer(&chain, &Terms { side: None, ..terms.clone() }, &dev::dave()).await?;
		exchange::accept(&chain, offer, 0, true, &dev::bob()).await
	};
	scene.meanwhile(reduce).await;
	assert_eq!(positions(&chain, market).await, vec![None; 2], "both have closed");
	scene.node.decode_with_javascript();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_public_upgrades_the_chain_and_gets_its_tokens_back() {
	let node = Node::start(Options::dev()).await;
	let chain = node.chain().await;
	let runtime = next_runtime();
	let plan = ByPublic {
		proposer: dev::charlie(),
		seconder: dev::dave(),
		voter: dev::eve(),
		delegator: dev::dave(),
		balance: VOTE,
	};
	gov::by_public(&chain, &runtime, &plan, &tell).await.expect("authorised and unlocked");
	let applied =
		gov::apply(&chain, &runtime, &dev::ferdie(), Checks::BeforeSending, &tell).await.expect("applied");
	assert_eq!(applied.to, runtime.spec_version);
	node.decode_with_javascript();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_applied_is_recognised_and_reported() {
	let node = Node::start(Options::dev()).await;
	let chain = node.chain().await;
	let (_, version) = chain.runtime_version().await.expect("a version");

	let elsewhere = claiming(&chain, |claim| claim.spec_name = "elsewhere".to_owned()).await;
	let error = gov::check(&chain, &elsewhere).await.expect_err("another chain's runtime");
	assert!(error.to_string().contains("elsewhere"), "{error}");
	let lower = claiming(&chain, |claim| claim.spec_version = version - 1).await;
	let error = gov::check(&chain, &lower).await.expect_err("a lower version");
	assert!(error.to_string().contains("spec version"), "{error}");

	let by_the_chain = |runtime: Runtime| {
		let chain = chain.clone();
		async move { gov::apply(&chain, &runtime, &dev::ferdie(), Checks::ByTheChain, &tell).await }
	};
	// The room for urgent calls is not for code that nobody has authorised: it is not even taken into the pool.
	let error = by_the_chain(lower.clone()).await.expect_err("nothing is authorised");
	assert!(error.to_string().contains("UrgentCalls.NotAuthorised"), "{error}");

	gov::by_council(&chain, &lower, &council(), &tell).await.expect("a hash can always be authorised");
	let error = by_the_chain(elsewhere.clone()).await.expect_err("another hash");
	assert!(error.to_string().contains("UrgentCalls.NotAuthorised"), "{error}");
	let checked = gov::apply(&chain, &elsewhere, &dev::ferdie(), Checks::BeforeSending, &tell).await;
	assert!(checked.is_err(), "the file is for another chain");

	// The SDK answers Ok here and takes the authorisation back.
	let error = by_the_chain(lower).await.expect_err("a lower version");
	assert_eq!(error.dispatch_name().as_deref(), Some("System.SpecVersionNeedsToIncrease"), "{error}");
	let at = chain.best().await.expect("a best block");
	assert_eq!(gov::authorised(&at).await.expect("readable"), None, "the authorisation is consumed");
	assert_eq!(chain.runtime_version().await.expect("a version").1, version, "the chain runs on");
}

#[test]
fn text_is_not_a_runtime() {
	let error = Runtime::from_bytes(b"0x0061736d".to_vec(), "hex.txt").expect_err("hex is text");
	assert!(error.to_string().contains("hexadecimal text"), "{error}");
}
