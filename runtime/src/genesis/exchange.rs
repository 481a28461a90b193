// SPDX-License-Identifier: Apache-2.0
//! The exchange of a development chain: three markets, five reporters, and backstops with money.

use alloc::{string::String, vec::Vec};
use keel_insurance_fund::Caps;
use keel_margin::{GenesisAccount, GenesisMarket, MarketParams};
use keel_math::FundingRate;
use keel_oracle::FeedParams;
use keel_primitives::{FeedId, MarginAccount, Price, Quote, Ratio, Size, SubAccount};
use sp_core::hex2array;
use sp_keyring::Sr25519Keyring;

use crate::{configs::exchange::BackstopOwner, AccountId};

/// Base asset, feed, parameters of the market.
const MARKETS: [(&str, u32, Tier); 3] = [("BTC", 0, LARGE), ("ETH", 1, LARGE), ("SOL", 2, SMALL)];

/// What differs between markets.
struct Tier {
	initial: Ratio,
	maintenance: Ratio,
	largest_move: Ratio,
	/// In thousandths of a base unit.
	lot_milli: u128,
	/// In whole base units.
	open_interest: u128,
}

/// Twenty-fold leverage.
const LARGE: Tier = Tier {
	initial: Ratio::percent(5),
	maintenance: Ratio::percent(3),
	largest_move: Ratio::basis_points(150),
	lot_milli: 1,
	open_interest: 100_000,
};
/// Ten-fold leverage.
const SMALL: Tier = Tier {
	initial: Ratio::percent(10),
	maintenance: Ratio::percent(6),
	largest_move: Ratio::basis_points(400),
	lot_milli: 10,
	open_interest: 1_000_000,
};

/// The reporter keys `//Alice//reporter` to `//Eve//reporter`; a test derives them.
pub const REPORTERS: [(Sr25519Keyring, [u8; 32]); 5] = [
	(Sr25519Keyring::Alice, hex2array!("60e9f2b4e12ae695d4d2ef8c56e2eb1e0458c96452e98cc81a82a2cb34cb2a48")),
	(Sr25519Keyring::Bob, hex2array!("ca0401db30e41be9ca84f82d09292a2adbcf4018c8404b3860976336a65fa03b")),
	(Sr25519Keyring::Charlie, hex2array!("5017bd815ba996311d5e61cb9db27385f3a51dcd3d3eb94cc990e0138dc91119")),
	(Sr25519Keyring::Dave, hex2array!("34c0812589a05b8e8e9215bd64e1f8ae01e25b5c9ffbe1f00cc8a84b9e4cb562")),
	(Sr25519Keyring::Eve, hex2array!("685908018014f9747e180c36fbac214ec83fe40a54e3d81dfcc6b3945a62c42b")),
];

/// What each market's backstop can lose.
const BACKSTOP: Quote = Quote::dollars(250_000);

/// Feeds and what their prices must meet.
pub fn feeds() -> Vec<(FeedId, String, FeedParams)> {
	let params = FeedParams {
		age_ms_max: 60_000,
		deviation_max: Ratio::percent(2),
		confidence_max: Ratio::percent(1),
		volatile_max: Ratio::percent(50),
		quorum_min: 3,
	};
	MARKETS.iter().map(|(base, feed, _)| (FeedId(*feed), alloc::format!("{base}/USD"), params)).collect()
}

/// Members and their reporter keys.
pub fn members() -> Vec<(AccountId, AccountId)> {
	REPORTERS.iter().map(|(member, key)| (member.to_account_id(), (*key).into())).collect()
}

/// The markets, in order of their ids.
pub fn markets() -> Vec<GenesisMarket> {
	MARKETS
		.iter()
		.map(|(base, feed, tier)| GenesisMarket {
			feed: FeedId(*feed),
			name: alloc::format!("{base}-PERP"),
			params: MarketParams {
				initial_rate: tier.initial,
				maintenance_rate: tier.maintenance,
				withdrawal_rate: Ratio::percent(10),
				profit_credit: Ratio::percent(50),
				band: Ratio::percent(2),
				largest_move: tier.largest_move,
				worst_fee: Ratio::basis_points(125),
				funding_rate: FundingRate(0),
				funding_cap: Ratio::basis_points(25),
				lot: Size(tier.lot_milli * 1_000_000),
				tick: Price(10_000_000_000_000_000),
				max_open_interest: Size(tier.open_interest * Size::ONE.0),
				min_position: Quote::dollars(10),
			},
		})
		.collect()
}

/// The accounts that take over positions, with what they can lose.
pub fn accounts() -> Vec<GenesisAccount<AccountId>> {
	(0..MARKETS.len())
		.filter_map(|market| u8::try_from(market).ok())
		.map(|market| GenesisAccount {
			account: MarginAccount::new(BackstopOwner::get(), SubAccount(market)),
			cash: BACKSTOP,
		})
		.collect()
}

/// What the global fund may pay.
pub const CAPS: Caps = Caps {
	per_account: Quote::dollars(100_000),
	per_block: Quote::dollars(500_000),
	per_day: Quote::dollars(2_000_000),
};
