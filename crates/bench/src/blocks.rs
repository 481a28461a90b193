// SPDX-License-Identifier: Apache-2.0
//! Blocks: time passes, prices are reported and land, hooks run. Called inside of a chain.

use std::time::{Duration, Instant};

use codec::Encode;
use frame_support::{dispatch::RawOrigin, traits::Hooks};
use keel_oracle::{Report, ReportsOf};
use keel_primitives::{FeedId, MarketStatus, Price};
use keel_runtime::{CircuitBreaker, Liquidation, Margin, Oracle, Runtime, RuntimeOrigin, System};
use keel_traits::MarketGate;
use sp_consensus_aura::{Slot, AURA_ENGINE_ID};
use sp_core::sr25519;
use sp_runtime::{
	generic::{Digest, DigestItem},
	MultiSignature,
};

/// What every market is worth at first.
pub const PRICE: Price = Price::dollars(1_000);
/// Prices of trades are multiples of a cent.
const CENT: u128 = Price::ONE.0 / 100;
/// A slot well after the epoch.
const FIRST_SLOT: u64 = 850_000_000;

/// `price` moved by so many parts per million, in whole cents.
pub fn moved(price: Price, parts: i64) -> Price {
	let factor = u128::try_from(1_000_000 + parts).expect("a price does not fall below zero");
	Price(price.0 * factor / 1_000_000 / CENT * CENT)
}

/// The block after this one begins.
pub fn begin() {
	let number = System::block_number() + 1;
	let slot = Slot::from(FIRST_SLOT + u64::from(number));
	let digest = Digest { logs: vec![DigestItem::PreRuntime(AURA_ENGINE_ID, slot.encode())] };
	System::reset_events();
	System::initialize(&number, &Default::default(), &digest);
}

/// All members report what `price` says: it lands in the next block.
pub fn report(price: impl Fn(FeedId) -> Price) {
	let mut feeds: Vec<FeedId> = keel_oracle::Feeds::<Runtime>::iter_keys().collect();
	feeds.sort();
	let reports: Vec<Report> = feeds
		.into_iter()
		.map(|feed| Report { feed, price: price(feed), confidence: Price(price(feed).0 / 10_000) })
		.collect();
	let reports = ReportsOf::<Runtime>::try_from(reports).expect("there are no more feeds than may be");
	// The authorisation of the transaction has checked it, which is no part of a block's hooks.
	let signature = MultiSignature::Sr25519(sr25519::Signature::from_raw([0; 64]));
	let members: Vec<_> = keel_oracle::Members::<Runtime>::iter_keys().collect();
	for member in members {
		let round = System::block_number() - 1;
		let by = RuntimeOrigin::from(RawOrigin::Authorized);
		Oracle::report(by, member, round, reports.clone(), signature.clone()).expect("members may report");
	}
}

/// How long each of the exchange's hooks took.
#[derive(Clone, Copy, Debug, Default)]
pub struct Took {
	pub oracle: Duration,
	pub breaker: Duration,
	pub margin: Duration,
	pub liquidation: Duration,
}

impl Took {
	pub fn all(&self) -> Duration {
		self.oracle + self.breaker + self.margin + self.liquidation
	}
}

/// The exchange's hooks, in the order of the runtime.
pub fn hooks() -> Took {
	let number = System::block_number();
	Took {
		oracle: timed(|| Oracle::on_initialize(number)),
		breaker: timed(|| CircuitBreaker::on_initialize(number)),
		margin: timed(|| Margin::on_initialize(number)),
		liquidation: timed(|| Liquidation::on_initialize(number)),
	}
}

/// How long `act` takes.
pub fn timed<R>(act: impl FnOnce() -> R) -> Duration {
	let start = Instant::now();
	std::hint::black_box(act());
	start.elapsed()
}

/// A whole block in which everybody is paid and judged, and `price` is reported.
pub fn pass(price: impl Fn(FeedId) -> Price) {
	begin();
	hooks();
	report(price);
}

/// List markets on feeds of their own, by the rules of the first one, until there are `count`; let prices land
/// until all are open.
pub fn open_markets(count: u32) {
	let like = keel_margin::Markets::<Runtime>::get(keel_primitives::MarketId(0)).expect("genesis lists it");
	let feed = keel_oracle::Feeds::<Runtime>::get(like.feed).expect("genesis lists it");
	begin();
	for id in keel_margin::NextMarket::<Runtime>::get().0..count {
		let by = RuntimeOrigin::root;
		Oracle::add_feed(by(), FeedId(id), feed.name.clone(), feed.params).expect("there is room for a feed");
		Margin::list_market(by(), FeedId(id), like.name.clone(), like.params)
			.expect("there is room for a market");
	}
	for _ in 0..20 {
		pass(|_| PRICE);
	}
	begin();
	hooks();
	report(|_| PRICE);
	for id in Margin::markets() {
		assert_eq!(CircuitBreaker::status(id), MarketStatus::Open, "market {} is open", id.0);
	}
}
