// SPDX-License-Identifier: Apache-2.0
//! The exchange of a development chain: three markets, five reporters, and backstops with money.

use alloc::{string::String, vec::Vec};
use keel_insurance_fund::Caps;
use keel_margin::{GenesisAccount, GenesisMarket, MarketParams};
use keel_math::{FundingRate, InitialParams, Tier, Tiers};
use keel_oracle::{FeedParams, Periods};
use keel_primitives::{FeedId, MarginAccount, MarketId, Price, Quote, Ratio, Size, SubAccount};
use keel_stress_test::{FeedShock, Preset};
use sp_core::hex2array;
use sp_keyring::Sr25519Keyring;
use sp_runtime::Permill;

use crate::{configs::exchange::BackstopOwner, AccountId, BlockNumber};

/// Base asset, feed, parameters of the market.
const MARKETS: [(&str, u32, Class); 3] = [("BTC", 0, LARGE), ("ETH", 1, LARGE), ("SOL", 2, SMALL)];

/// What differs between markets.
struct Class {
	/// Reach in dollars, initial and maintenance rate in basis points.
	tiers: [(u32, u32, u32); 3],
	/// In basis points: at least the initial rate of the last tier.
	withdrawal: u32,
	largest_move: Ratio,
	/// Open interest, in dollars, from which on initial margin rises; at twice that it is 100 %.
	soft_cap: u32,
	/// How many dollars, closed at once, move the price by one percent.
	depth: u32,
	/// In thousandths of a base unit.
	lot_milli: u128,
	/// In whole base units.
	open_interest: u128,
}

/// Twenty-fold leverage.
const LARGE: Class = Class {
	tiers: [(1_000_000, 500, 300), (5_000_000, 750, 400), (20_000_000, 1_000, 500)],
	withdrawal: 1_000,
	largest_move: Ratio::basis_points(150),
	soft_cap: 200_000_000,
	depth: 10_000_000,
	lot_milli: 1,
	open_interest: 100_000,
};
/// Ten-fold leverage.
const SMALL: Class = Class {
	tiers: [(250_000, 1_000, 600), (1_000_000, 1_500, 800), (5_000_000, 2_000, 1_000)],
	withdrawal: 2_500,
	largest_move: Ratio::basis_points(400),
	soft_cap: 10_000_000,
	depth: 1_000_000,
	lot_milli: 10,
	open_interest: 1_000_000,
};

impl Class {
	fn tiers(&self) -> Tiers {
		let list = self.tiers.map(|(up_to, initial, maintenance)| Tier {
			up_to: Quote::dollars(up_to.into()),
			initial: Ratio::basis_points(initial),
			maintenance: Ratio::basis_points(maintenance),
		});
		Tiers::of(&list).expect("three tiers are allowed")
	}

	fn initial(&self) -> InitialParams {
		let [(free_notional, ..), ..] = self.tiers;
		let soft_cap = Quote::dollars(self.soft_cap.into());
		InitialParams {
			soft_cap,
			hard_cap: Quote(soft_cap.0.saturating_mul(2)),
			free_notional: Quote::dollars(free_notional.into()),
			// Until a replay of falls has shown what volatility makes of initial margins, it does not count.
			volatility_multiplier: Ratio::ZERO,
		}
	}
}

/// The reporter keys `//Alice//reporter` to `//Eve//reporter`; a test derives them.
pub const REPORTERS: [(Sr25519Keyring, [u8; 32]); 5] = [
	(Sr25519Keyring::Alice, hex2array!("60e9f2b4e12ae695d4d2ef8c56e2eb1e0458c96452e98cc81a82a2cb34cb2a48")),
	(Sr25519Keyring::Bob, hex2array!("ca0401db30e41be9ca84f82d09292a2adbcf4018c8404b3860976336a65fa03b")),
	(Sr25519Keyring::Charlie, hex2array!("5017bd815ba996311d5e61cb9db27385f3a51dcd3d3eb94cc990e0138dc91119")),
	(Sr25519Keyring::Dave, hex2array!("34c0812589a05b8e8e9215bd64e1f8ae01e25b5c9ffbe1f00cc8a84b9e4cb562")),
	(Sr25519Keyring::Eve, hex2array!("685908018014f9747e180c36fbac214ec83fe40a54e3d81dfcc6b3945a62c42b")),
];

/// Ten seconds to veto a seat or a looser feed, two minutes to confirm that a member was removed.
pub const SEAT_PERIODS: Periods<BlockNumber> = Periods { seat_delay: 5, removal: 60 };

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
		.map(|(base, feed, class)| GenesisMarket {
			feed: FeedId(*feed),
			name: alloc::format!("{base}-PERP"),
			params: MarketParams {
				tiers: class.tiers(),
				initial: class.initial(),
				withdrawal_rate: Ratio::basis_points(class.withdrawal),
				opening_credit: Ratio::ONE,
				withdrawal_credit: Ratio::percent(50),
				band: Ratio::percent(2),
				largest_move: class.largest_move,
				worst_fee: Ratio::basis_points(125),
				interest: FundingRate(0),
				damper: Ratio::basis_points(5),
				// 0.2 or 0.4 % in eight hours at most.
				funding_multiple: Ratio::percent(10),
				lot: Size(class.lot_milli * 1_000_000),
				tick: Price(10_000_000_000_000_000),
				max_open_interest: Size(class.open_interest * Size::ONE.0),
				min_position: Quote::dollars(10),
				isolated: false,
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
	per_owner: Quote::dollars(200_000),
	per_market: Quote::dollars(500_000),
	per_block: Quote::dollars(500_000),
	per_day: Quote::dollars(2_000_000),
};

/// Days on which prices fell further than anybody was prepared for: from the highest to the lowest price within 24 hours, in
/// percent of the highest. In March 2020 and May 2021 on Binance's spot market; on 10 October 2025 as it was reported of
/// several. Assets that were not traded then fall as much as the one that fell most.
const FALLS: [(&str, &[(u32, u8)]); 3] = [
	("12 March 2020", &[(0, 51), (1, 54)]),
	("19 May 2021", &[(0, 32), (1, 46), (2, 55)]),
	("10 October 2025", &[(0, 15), (1, 21), (2, 31)]),
];

/// The library of scenarios.
pub fn scenarios() -> Vec<Preset> {
	let fall = |(feed, percent): &(u32, u8)| FeedShock {
		feed: FeedId(*feed),
		by: i64::from(*percent).saturating_mul(-10_000_000),
	};
	FALLS
		.iter()
		.map(|(name, falls)| Preset {
			name: (*name).into(),
			shocks: falls.iter().map(fall).collect(),
			correlation: Permill::one(),
		})
		.collect()
}

/// How deep the markets are.
pub fn depths() -> Vec<(MarketId, Quote)> {
	let depths = MARKETS.iter().map(|(.., class)| Quote::dollars(class.depth.into()));
	(0..).map(MarketId).zip(depths).collect()
}
