// SPDX-License-Identifier: Apache-2.0
//! The demo: somebody goes bankrupt, and everybody who can pay does.

use keel_e2e::{node::NOTHING_BROKEN, Keelctl, Node, Options};
use keelctl::units::Dollars;

/// Milliseconds between blocks; the chain's clock still advances two seconds per block.
const BLOCK_TIME: u64 = 400;

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_bankrupts_somebody_and_tranche_fund_and_winners_each_pay() {
	let node = Node::start(Options::quick(BLOCK_TIME)).await;
	let result = Keelctl::new(node.url()).does("//Alice", &["demo"]).await;
	let amount = |name: &str| -> u128 {
		let text = result[name].as_str().unwrap_or_else(|| panic!("{name}: {result}"));
		Dollars::parse(text).unwrap_or_else(|error| panic!("{name}: {error}: {result}")).0
	};
	let [loss, tranche, fund, socialised, debt] =
		["loss", "tranche", "fund", "socialised", "market_debt"].map(amount);
	assert!(tranche > 0 && fund > 0 && socialised > 0, "each pays: {result}");
	assert_eq!(loss, tranche + fund + socialised + debt, "to the unit: {result}");
	assert_eq!(debt, 0, "those who gained have gained more than that: {result}");
	assert!(amount("penalties") > 0, "one trader is closed in good order: {result}");

	// Bob at 10x, Eve at 4x, Charlie at 1.5x.
	let [bob, eve, charlie] = [0, 1, 2].map(|trader| &result["accounts"][trader]);
	assert!(bob["left"].is_null() && bob["bankrupt"] == true, "the gap took all of it: {result}");
	assert!(eve["left"] != eve["size"] && eve["bankrupt"] == false, "nobody pays for her: {result}");
	assert_eq!(charlie["left"], charlie["size"], "nothing happens to who is careful: {result}");
	// Every test ends with this question, where its node still answers; here it must.
	assert_eq!(node.books().as_deref(), Ok(NOTHING_BROKEN));
	node.decode_with_javascript();
}
