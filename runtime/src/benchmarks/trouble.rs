// SPDX-License-Identifier: Apache-2.0
//! Accounts in trouble, brought there by what does so in life: calls, prices that land, hooks.
//!
//! As many markets are listed as there may be. The account in trouble is alone on its side of some of the last
//! ones, whose backstops have no margin.

use alloc::vec::Vec;
use codec::Encode;
use frame_support::traits::{Get, Hooks};
use keel_insurance_fund::{Caps, Pot};
use keel_margin::MarketParams;
use keel_math::{units::SIZE_MAX, FundingRate, InitialParams, Tier, Tiers};
use keel_oracle::{FeedName, FeedParams};
use keel_primitives::{FeedId, MarginAccount, MarketId, Price, Quote, Ratio, Side, Size, SubAccount};
use keel_traits::{Custody, Deficit, Liquidatable, LossAbsorber, PriceFeed};
use sp_consensus_aura::{Slot, AURA_ENGINE_ID};
use sp_runtime::generic::{Digest, DigestItem};

use crate::{
	constants::{limits, time::SLOT_MS},
	*,
};

const MAIN: SubAccount = SubAccount(0);
/// What every market is worth.
const PRICE: Price = Price::dollars(100);
/// The price after a fall by a tenth.
const FALLEN: Price = Price::dollars(90);
/// Others on the other side of each market in which there is trouble.
const NEIGHBOURS: u32 = 3;
/// A slot well after the epoch.
const FIRST_SLOT: u64 = 850_000_000;

fn params(initial: Ratio, maintenance: Ratio) -> MarketParams {
	let tier = |up_to| Tier { up_to, initial, maintenance };
	let [first, second, third] = [1, 2, 3].map(Quote::dollars).map(tier);
	MarketParams {
		tiers: Tiers::of(&[first, second, third, tier(Quote(i128::MAX))]).expect("four tiers are allowed"),
		initial: InitialParams {
			soft_cap: Quote(i128::MAX - 1),
			hard_cap: Quote(i128::MAX),
			free_notional: Quote(i128::MAX),
			volatility_multiplier: Ratio::ZERO,
		},
		withdrawal_rate: Ratio::percent(50),
		opening_credit: Ratio::ONE,
		withdrawal_credit: Ratio::percent(50),
		band: Ratio::ZERO,
		largest_move: Ratio::ZERO,
		worst_fee: Ratio::ZERO,
		interest: FundingRate(1),
		damper: Ratio(1),
		// One part per billion, of rates that are one part apart.
		funding_multiple: Ratio::ONE,
		lot: Size(1),
		tick: Price(1),
		max_open_interest: SIZE_MAX,
		min_position: Quote(1),
		isolated: false,
	}
}

/// With hardly any margin: positions can be so large that a ten-millionth of them is still one.
fn lenient() -> MarketParams {
	params(Ratio(3), Ratio(2))
}
/// Whoever opened on the lenient terms is unhealthy on these.
fn strict() -> MarketParams {
	let mut strict = params(Ratio::percent(25), Ratio::percent(20));
	// Funding as before.
	strict.funding_multiple = Ratio(20);
	strict
}

/// Rules that nobody could set.
fn set_rules(market: MarketId, params: MarketParams) {
	keel_margin::Markets::<Runtime>::mutate(market, |market| {
		let market = market.as_mut().expect("the market is listed");
		market.set_params(params).expect("the reaches are the same");
		market.move_maintenance(Ratio(u64::MAX));
	});
}

/// A position on lenient terms.
const HUGE: Size = Size(1_000_000 * Size::ONE.0);
/// A position beside a huge one.
const SMALL: Size = Size(Size::ONE.0 / 10);

/// Brings accounts into trouble.
pub struct Trouble;

impl keel_liquidation::BenchmarkHelper<AccountId> for Trouble {
	/// A long against a giant, from before the rules became strict.
	fn unhealthy(markets: u32) -> MarginAccount<AccountId> {
		spend_every_hour();
		open_exchange(lenient());
		let markets = last_markets(markets);
		let account = rich("unhealthy", 0, 5 * count(&markets));
		let giant = rich(GIANT, 0, 10_000_000_000);
		for market in &markets {
			trade(&account, &giant, *market, HUGE);
			// Penalties fill the tranche, and what it has no room for goes to the fund.
			InsuranceFund::set_target(root(), *market, Quote::ONE).expect("the market has a tranche");
		}
		for short in shorts() {
			markets.iter().for_each(|market| trade(&account, &short, *market, SMALL));
		}
		for market in markets {
			set_rules(market, strict());
		}
		MarginAccount::main(account)
	}

	/// The giant is deleveraged but for a ten-millionth: less than a millionth is left of every unit of the
	/// other side, which is therefore re-based.
	fn end_generations() {
		let giant = MarginAccount::main(frame_benchmarking::account(GIANT, 0, 0));
		for exposure in Margin::exposures(&giant) {
			let rest = exposure.size.0 / 10_000_000;
			let size = Size(exposure.size.0.saturating_sub(rest));
			Margin::deleverage(&giant, exposure.market, size).expect("the giant has it");
			let market = keel_margin::Markets::<Runtime>::get(exposure.market).expect("it is listed");
			assert_ne!(market.book.long.generation, Default::default(), "the generation has ended");
		}
	}

	fn ruin() {
		// The fund pays some of the first part.
		give(Pot::Fund, Quote::dollars(1_000));
		next_block(FALLEN);
	}

	fn owe(market: MarketId) {
		give(Pot::Fund, Quote::dollars(1_000));
		let debtor = MarginAccount::main(frame_benchmarking::account("debtor", 0, 0));
		let (side, amount) = (Side::Long, Quote::dollars(1_000_000_000_000));
		// The other side bears what it has gained, at most.
		Margin::socialise(&debtor, Deficit { market, side, amount });
	}

	fn set_halted(halted: bool) {
		for market in Margin::markets() {
			if halted {
				CircuitBreaker::halt_market(root(), market, 1).expect("nobody has halted it before");
			} else {
				CircuitBreaker::resume_market(root(), market).expect("it was halted");
			}
		}
	}
}

/// Who stands against the account in trouble.
const GIANT: &str = "giant";

fn root() -> RuntimeOrigin {
	RuntimeOrigin::root()
}

fn count(markets: &[MarketId]) -> i64 {
	i64::try_from(markets.len()).expect("there are few markets")
}

/// The last of all markets. The first ones may have backstops with margin, from genesis.
fn last_markets(count: u32) -> Vec<MarketId> {
	let most = <Runtime as keel_margin::Config>::MaxPositions::get();
	let first = limits::MARKETS.saturating_sub(count.min(most));
	(first..limits::MARKETS).map(MarketId).collect()
}

/// All markets there may be, open and with a price.
fn open_exchange(params: MarketParams) {
	for id in keel_margin::NextMarket::<Runtime>::get().0..limits::MARKETS {
		let feed = FeedId(id);
		let name = FeedName::truncate_from(b"A NAME AS LONG AS NAMES MAY GET!".to_vec());
		Oracle::add_feed(root(), feed, name, feed_params()).expect("there is room for the feed");
		let name = frame_support::BoundedVec::truncate_from(b"BENCHMARK-PERPET".to_vec());
		// Rules of which the least position pays for its judging; then those that make room for the extreme.
		let market = keel_margin::NextMarket::<Runtime>::get();
		let mut payable = strict();
		(payable.worst_fee, payable.min_position) = (Ratio::percent(2), Quote::dollars(10));
		Margin::list_market(root(), feed, name, payable).expect("there is room for the market");
		set_rules(market, params);
	}
	// A market without a price is halted until several have landed.
	for _ in 0..<Runtime as keel_circuit_breaker::Config>::RecoveryPrices::get() {
		next_block(PRICE);
	}
}

fn feed_params() -> FeedParams {
	FeedParams {
		age_ms_max: keel_oracle::AGE_MS_MAX,
		deviation_max: Ratio::percent(50),
		confidence_max: Ratio::percent(50),
		volatile_max: Ratio::ONE,
		quorum_min: keel_oracle::LEAST_QUORUM,
	}
}

/// Begin a block `slots` after the last.
fn pass_slots(slots: u64) {
	let now = <configs::system::SlotClock as Get<u64>>::get() / SLOT_MS;
	let slot = Slot::from(now.max(FIRST_SLOT).saturating_add(slots));
	let digest = Digest { logs: [DigestItem::PreRuntime(AURA_ENGINE_ID, slot.encode())].into() };
	let number = System::block_number().saturating_add(1);
	System::initialize(&number, &Default::default(), &digest);
}

/// The next block: `price` has landed on every feed, and the hooks before liquidation have run.
fn next_block(price: Price) {
	pass_slots(1);
	let number = System::block_number();
	Oracle::on_initialize(number);
	for feed in (0..limits::FEEDS).map(FeedId) {
		Oracle::land(feed, price);
	}
	CircuitBreaker::on_initialize(number);
	Margin::on_initialize(number);
}

/// Somebody with `dollars` in a margin account.
fn rich(name: &'static str, index: u32, dollars: i64) -> AccountId {
	let who: AccountId = frame_benchmarking::account(name, index, 0);
	let amount = Quote::dollars(dollars);
	<Margin as Custody<AccountId>>::fund(&who, amount);
	Margin::deposit(RuntimeOrigin::signed(who.clone()), MAIN, amount).expect("the account is funded");
	who
}

fn trade(buyer: &AccountId, seller: &AccountId, market: MarketId, size: Size) {
	let offer = keel_margin::OfferIds::<Runtime>::get().next;
	let (by, expires) = (RuntimeOrigin::signed(buyer.clone()), System::block_number());
	let taker = Some(seller.clone());
	Margin::offer_trade(by, MAIN, market, Side::Long, size, PRICE, expires, taker).expect("terms are good");
	Margin::accept_trade(RuntimeOrigin::signed(seller.clone()), offer, MAIN).expect("both have margin");
}

/// Others on the other side.
fn shorts() -> Vec<AccountId> {
	(0..NEIGHBOURS).map(|index| rich("short", index, 1_000_000)).collect()
}

fn give(pot: Pot, amount: Quote) {
	let who: AccountId = frame_benchmarking::account("donor", 0, 0);
	<Margin as Custody<AccountId>>::fund(&who, amount);
	InsuranceFund::contribute(RuntimeOrigin::signed(who), pot, amount).expect("the donor is funded");
}

/// The fund paid a dollar in every hour of the last day, and pays no more for one account: its record is as
/// long as it gets.
fn spend_every_hour() {
	const HOUR_SLOTS: u64 = 3_600_000 / SLOT_MS;
	let most = Quote::dollars(1_000_000);
	let caps =
		Caps { per_account: Quote::ONE, per_owner: most, per_market: most, per_block: most, per_day: most };
	InsuranceFund::set_caps(root(), caps).expect("caps rise from account to day");
	give(Pot::Fund, Quote::dollars(24));
	let saved = MarginAccount::main(frame_benchmarking::account("saved", 0, 0));
	let (market, side) = (MarketId(0), Side::Long);
	for _ in 0..24 {
		pass_slots(HOUR_SLOTS);
		let amount = InsuranceFund::absorb(market, &saved.owner, Quote::ONE, Quote::ZERO).total();
		Margin::credit(&saved, Deficit { market, side, amount });
	}
}
