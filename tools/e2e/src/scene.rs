// SPDX-License-Identifier: Apache-2.0
//! A development chain with fresh prices and an open market.

use crate::{prices, Node, Options};
use keelctl::{
	call::Call,
	chain::{self, Chain},
	exchange::{self, Market, Side, Steps, Terms},
	feed::Feeder,
	keys, oracle,
	rounds::Round,
	story,
	units::Size,
	Error,
};
use std::{collections::BTreeMap, future::Future};
use subxt_signer::sr25519::{dev, Keypair};

/// Milliseconds between blocks; the chain's clock still advances two seconds per block.
const BLOCK_TIME: u64 = 500;

/// A running chain with an open market.
pub struct Scene {
	/// A connection to its node.
	pub chain: Chain,
	/// Five honest reporters.
	pub feeder: Feeder,
	/// The prices they hold.
	pub calm: Round,
	/// BTC, open.
	pub market: Market,
	/// What its sizes and prices are multiples of.
	pub steps: Steps,
	/// The node it runs on.
	pub node: Node,
}

impl Scene {
	/// Start a node that is in a hurry, report prices, and wait until the market is open.
	pub async fn open() -> Self {
		Self::open_on(Options::quick(BLOCK_TIME)).await
	}

	/// The same on a node of its own kind.
	pub async fn open_on(options: Options) -> Self {
		let node = Node::start(options).await;
		let chain = node.chain().await;
		let at = chain.best().await.expect("a best block");
		let feeds = oracle::feeds(&at).await.expect("feeds");
		let by_asset: BTreeMap<String, u32> = feeds.iter().map(|f| (f.base().to_owned(), f.id)).collect();
		let reporters = oracle::reporters(&at, prices::reporter_keys()).await.expect("reporters");
		let mut feeder = Feeder::new(chain.clone(), reporters, by_asset);
		let calm = prices::march_2020().remove(0);
		let market = exchange::market(&at, "BTC").await.expect("the BTC market");
		let opening = story::wait_until_open(&chain, market.id);
		let market = feeder.hold(&calm, opening).await.expect("the market opens");
		let steps = exchange::steps(&at, market.id).await.expect("the rules of the market");
		Self { chain, feeder, calm, market, steps, node }
	}

	/// The error with which the chain answers, while prices stay fresh.
	pub async fn refuses(&mut self, call: &Call, signer: &Keypair) -> Error {
		let answer = async { Ok(self.chain.submit(call, signer).await) };
		let answer = self.feeder.hold(&self.calm, answer).await.expect("prices are taken");
		match answer {
			Err(error) => error,
			Ok(included) => panic!("{} was taken in block {}", chain::name(call), included.number),
		}
	}

	/// Sell one BTC at mark.
	pub fn terms(&self) -> Terms {
		Terms {
			sub: 0,
			market: self.market.id,
			side: Some(Side::Short),
			size: Size::parse("1").expect("a size"),
			price: self.steps.price(self.market.mark),
			life: 20,
			taker: None,
		}
	}

	/// Do `deed` while prices stay fresh.
	pub async fn meanwhile<T>(&mut self, deed: impl Future<Output = keelctl::Result<T>>) -> T {
		let done = self.feeder.hold(&self.calm, deed).await;
		done.unwrap_or_else(|error| panic!("{error}"))
	}

	/// What must not change: the offers, and the accounts of everybody who tries.
	pub async fn fingerprint(&self) -> String {
		let at = self.chain.best().await.expect("a best block");
		let mut all = format!("{:?}", exchange::offers(&at).await.expect("offers"));
		for key in [dev::bob(), dev::dave()] {
			let account = exchange::account(&at, &keys::id(&key), 0).await.expect("readable");
			let money = account.map(|a| (a.cash, a.positions.iter().map(|p| p.size).collect::<Vec<_>>()));
			all.push_str(&format!("{money:?}"));
		}
		all
	}
}
