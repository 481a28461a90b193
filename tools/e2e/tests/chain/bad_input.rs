// SPDX-License-Identifier: Apache-2.0
//! What a real chain says to input that cannot be: each mistake has its own error and changes nothing.

use keel_e2e::{prices, Node, Scene};
use keelctl::{
	exchange::{self, Terms},
	keys,
	oracle::{self, Reporter},
	units::{Dollars, Price, Size},
	Error,
};
use subxt_signer::sr25519::dev;

fn name(error: &Error) -> String {
	error.dispatch_name().unwrap_or_else(|| panic!("no error of the chain: {error}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_mistake_has_its_own_error_and_changes_nothing() {
	let mut scene = Scene::open().await;
	let chain = scene.chain.clone();
	let expires = chain.best_number().await.expect("a block") + 50;
	let terms = scene.terms();
	let before = scene.fingerprint().await;

	let mistakes = [
		("Margin.UnknownMarket", Terms { market: 999, ..terms.clone() }),
		("Margin.ZeroSize", Terms { size: Size(0), ..terms.clone() }),
		("Margin.InvalidPrice", Terms { price: Price(0), ..terms.clone() }),
		("Margin.OutsideBand", Terms { price: Price(terms.price.0 * 2), ..terms.clone() }),
	];
	for (expected, terms) in mistakes {
		let error = scene.refuses(&exchange::offer_call(&terms, expires), &dev::dave()).await;
		assert_eq!(name(&error), expected);
	}
	let unknown = exchange::accept_call(12_345, 0, false);
	assert_eq!(name(&scene.refuses(&unknown, &dev::bob()).await), "Margin.UnknownOffer");
	assert_eq!(scene.fingerprint().await, before, "nothing has changed");

	let error = exchange::market(&chain.best().await.expect("a best block"), "DOGE").await;
	assert!(matches!(error, Err(Error::UnknownMarket { .. })), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_is_taken_once_and_only_with_margin() {
	let mut scene = Scene::open().await;
	let chain = scene.chain.clone();
	let terms = scene.terms();
	let trade = async {
		let dollars = Dollars::parse("20000").expect("dollars");
		exchange::deposit(&chain, 0, dollars, &dev::dave()).await?;
		let (offer, _) = exchange::offer(&chain, &terms, &dev::dave()).await?;
		let without_margin = exchange::accept(&chain, offer, 0, false, &dev::bob()).await;
		let error = without_margin.expect_err("Bob has no margin");
		assert_eq!(name(&error), "Margin.InsufficientMargin");
		exchange::deposit(&chain, 0, dollars, &dev::bob()).await?;
		exchange::accept(&chain, offer, 0, false, &dev::bob()).await?;
		Ok(offer)
	};
	let offer = scene.feeder.hold(&scene.calm, trade).await.expect("the offer is taken");
	let before = scene.fingerprint().await;
	let again = exchange::accept_call(offer, 0, false);
	assert_eq!(name(&scene.refuses(&again, &dev::bob()).await), "Margin.UnknownOffer");
	assert_eq!(scene.fingerprint().await, before, "nothing has changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_that_cannot_be_are_refused_by_the_pool() {
	let scene = Scene::open().await;
	let chain = &scene.chain;
	let at = chain.best().await.expect("a best block");
	let round = u32::try_from(at.block_number()).expect("a young chain");
	let feed = scene.market.feed;
	let price = Price::parse("8000").expect("a price");
	let reporters = oracle::reporters(&at, prices::reporter_keys()).await.expect("reporters");
	let member = reporters[0].clone();
	let stranger = Reporter { member: keys::id(&dev::ferdie()), key: dev::ferdie() };
	let impostor = Reporter { member: member.member, key: dev::ferdie() };
	for (why, reporter, round, reports) in [
		("a stranger", &stranger, round, vec![(feed, price, Price(0))]),
		("a wrong key", &impostor, round, vec![(feed, price, Price(0))]),
		("an unknown feed", &member, round + 1, vec![(999, price, Price(0))]),
		("a price of zero", &member, round + 1, vec![(feed, Price(0), Price(0))]),
		("no feed at all", &member, round + 1, vec![]),
		("a block far in the future", &member, round + 1_000, vec![(feed, price, Price(0))]),
	] {
		let call = oracle::report_call(chain.genesis(), reporter, round, &reports);
		let answer = chain.submit_authorized(&at, &call).await;
		assert!(matches!(&answer, Err(Error::Refused { .. })), "{why}: {answer:?}");
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_stale_price_nobody_opens() {
	let scene = Scene::open().await;
	let chain = &scene.chain;
	let market = scene.market.id;
	chain
		.wait_until("a stale price", 200, "Prices must age.", |at| async move {
			let market = exchange::market(&at, &market.to_string()).await?;
			Ok((market.price_state == "Stale").then_some(()))
		})
		.await
		.expect("without reports the price becomes stale");
	let expires = chain.best_number().await.expect("a block") + 50;
	let error = chain.submit(&exchange::offer_call(&scene.terms(), expires), &dev::dave()).await;
	let error = name(&error.expect_err("the price is stale"));
	assert!(["Margin.MarketHalted", "Margin.PriceUnavailable"].contains(&error.as_str()), "{error}");
}

#[test]
fn without_a_binary_the_tests_say_what_to_run() {
	// What `Node::binary` says is what somebody reads who runs `cargo test` alone.
	let answer = std::panic::catch_unwind(|| Node::binary_at("/no/such/keel-node".into()));
	let message = answer.expect_err("there is no such file");
	let message = message.downcast_ref::<String>().expect("a message");
	assert!(message.contains("run scripts/test"), "{message}");
}
