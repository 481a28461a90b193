// SPDX-License-Identifier: Apache-2.0
//! Losses that others pay, in whole blocks: what a market or an owner may cost, and who may ask for a step.

use super::{
	chain::*,
	exchange::{dollars, open_markets, reported_block, BTC},
};
use frame_support::assert_ok;
use keel_circuit_breaker::{Cause, Evidence};
use keel_insurance_fund::{Caps, Pot};
use keel_primitives::*;
use keel_runtime::{exchange_api::runtime_decl_for_exchange_api::ExchangeApiV1, *};
use sp_keyring::Sr25519Keyring;

const ETH: MarketId = MarketId(1);

/// A sub-account of `owner` with 450 dollars buys a bitcoin at 8,000 from Dave.
fn long(owner: Sr25519Keyring, sub: u8) -> MarginAccount<AccountId> {
	let sub = SubAccount(sub);
	let amount = Quote::dollars(450);
	assert_ok!(send(owner, keel_margin::Call::<Runtime>::deposit { sub, amount }));
	let offer = keel_margin::OfferIds::<Runtime>::get().next;
	let expires = System::block_number() + 10;
	let (side, size, price) = (Side::Short, Size::ONE, Price::dollars(8_000));
	let taker = Some(owner.to_account_id());
	assert_ok!(send(
		Dave,
		keel_margin::Call::<Runtime>::offer_trade {
			sub: SubAccount(0),
			market: BTC,
			side,
			size,
			price,
			expires,
			taker
		}
	));
	assert_ok!(send(owner, keel_margin::Call::<Runtime>::accept_trade { offer, sub }));
	MarginAccount::new(owner.to_account_id(), sub)
}

fn fund_paid() -> Quote {
	keel_liquidation::MarketReceipts::<Runtime>::get(BTC).fund
}

/// The attack: open many accounts in a market and let them go bankrupt, so that the fund has nothing left for others.
#[test]
fn a_market_that_has_cost_the_fund_its_share_is_halted_and_the_others_have_theirs() {
	on("dev", || {
		open_markets([8_000, 200, 20]);
		let [per_account, per_owner, per_market, per_day] = [30, 50, 60, 500].map(Quote::dollars);
		let caps = Caps { per_account, per_owner, per_market, per_block: per_day, per_day };
		assert_ok!(InsuranceFund::set_caps(RuntimeOrigin::root(), caps));
		let give = keel_insurance_fund::Call::<Runtime>::contribute {
			pot: Pot::Fund,
			amount: Quote::dollars(1_000),
		};
		assert_ok!(send(Alice, give));
		dollars(Dave, 100_000);
		let mut accounts: Vec<_> = (0..3).map(|sub| long(Bob, sub)).collect();
		accounts.push(long(Charlie, 0));

		// A gap of 12 %, which two rounds say: each loses 960 dollars.
		reported_block([7_040, 200, 20]);
		reported_block([7_040, 200, 20]);
		next_block();
		assert_eq!(fund_paid(), per_market, "whoever came first, and however many they were");
		assert_eq!(InsuranceFund::allowance_of_market(ETH), per_market);
		assert_eq!(InsuranceFund::allowance(), per_account);
		assert_eq!(Runtime::market(BTC).unwrap().status, MarketStatus::Halted);
		assert_eq!(Runtime::market(ETH).unwrap().status, MarketStatus::Open);
		let (_, incident) = CircuitBreaker::incidents().pop().expect("it is on record");
		let evidence = Evidence::Losses { paid: per_market };
		assert_eq!((incident.market, incident.cause, incident.evidence), (BTC, Cause::Losses, evidence));
		assert!(Margin::conservation().1, "custody adds up");

		// Neither time nor prices end it; who ends guardians' orders does, and the rest is worked off without the fund.
		for _ in 0..10 {
			reported_block([7_040, 200, 20]);
		}
		assert_eq!(Runtime::market(BTC).unwrap().status, MarketStatus::Halted);
		assert_ok!(CircuitBreaker::resume_market(RuntimeOrigin::root(), BTC));
		for _ in 0..4 {
			reported_block([7_040, 200, 20]);
		}
		assert_eq!(Runtime::market(BTC).unwrap().status, MarketStatus::Open);
		for account in accounts {
			assert!(!keel_liquidation::Entries::<Runtime>::contains_key(&account), "{account:?}");
		}
		assert_eq!(fund_paid(), per_market);
		assert!(keel_liquidation::MarketReceipts::<Runtime>::get(BTC).balance());
		assert!(Margin::conservation().1, "custody adds up");
	});
}
