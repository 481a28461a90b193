// SPDX-License-Identifier: Apache-2.0
//! A chain with this pallet alone, and a world to test it in.

use crate::{self as keel_liquidation, invariants::do_try_state};
use frame_support::{derive_impl, parameter_types, traits::Hooks, weights::Weight};
use frame_system::EnsureRoot;
use keel_primitives::{MarketId, Price};
use keel_test_support::{AccountId, Losses, Margin};
use sp_runtime::{traits::IdentityLookup, BuildStorage};

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(RuntimeCall, RuntimeEvent, RuntimeError, RuntimeOrigin, RuntimeTask)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type Liquidation = keel_liquidation;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type AccountId = AccountId;
	type Lookup = IdentityLookup<Self::AccountId>;
	type Block = frame_system::mocking::MockBlock<Test>;
}

/// Owner of the backstop accounts.
pub const HOUSE: AccountId = 1_000;

parameter_types! {
	pub const BackstopOwner: AccountId = HOUSE;
	pub static HookWeight: Weight = Weight::from_parts(2_000_000_000_000, 1_000_000_000);
}

impl keel_liquidation::Config for Test {
	type Margin = Margin;
	type Losses = Losses;
	type GovernOrigin = EnsureRoot<Self::AccountId>;
	type BackstopOwner = BackstopOwner;
	type HookWeight = HookWeight;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = helper::Helper;
}

pub const BTC: MarketId = MarketId(0);
pub const ETH: MarketId = MarketId(1);

/// BTC at 20,000 dollars, ETH at 1,000; default parameters; nobody has anything.
pub fn world() -> sp_io::TestExternalities {
	let storage = RuntimeGenesisConfig::default().build_storage().unwrap();
	let mut world = sp_io::TestExternalities::new(storage);
	world.execute_with(|| {
		System::set_block_number(1);
		Margin::set_mark(BTC, Price::dollars(20_000));
		Margin::set_mark(ETH, Price::dollars(1_000));
	});
	world
}

/// Run the test in a new world, and check the invariants at its end.
pub fn run(test: impl FnOnce()) {
	world().execute_with(|| {
		test();
		do_try_state::<Test>().unwrap();
	});
}

/// The next block: events are those of this block alone. Returns what the hook used.
pub fn next_block() -> Weight {
	System::reset_events();
	System::set_block_number(System::block_number() + 1);
	Liquidation::on_initialize(System::block_number())
}

#[cfg(feature = "runtime-benchmarks")]
mod helper {
	use super::*;
	use keel_primitives::{MarginAccount, Quote, Side, Size};

	pub struct Helper;

	impl Helper {
		/// Longs of 1 unit at 1,000 dollars, at 40 dollars of margin each.
		fn account(markets: u32) -> MarginAccount<AccountId> {
			let account = MarginAccount::main(7);
			for market in (0..markets).map(MarketId) {
				Margin::set_mark(market, Price::dollars(1_000));
				Margin::open(account, market, Side::Long, Size::ONE);
			}
			Margin::deposit(account, Quote::dollars(40 * i64::from(markets)));
			account
		}
	}

	impl keel_liquidation::BenchmarkHelper<AccountId> for Helper {
		fn unhealthy(markets: u32) -> MarginAccount<AccountId> {
			Self::account(markets)
		}

		/// These accounts know no generations.
		fn end_generations() {}

		fn ruin() {
			(0..keel_liquidation::EXPOSURES_MAX)
				.map(MarketId)
				.for_each(|market| Margin::set_mark(market, Price::dollars(900)));
			Losses::set_fund(Quote::dollars(10));
		}

		fn owe(market: MarketId) {
			Margin::owe(market, Quote::dollars(1_000_000_000));
			Losses::set_fund(Quote::dollars(10));
		}

		fn set_halted(halted: bool) {
			let change = if halted { Margin::halt } else { Margin::resume };
			(0..keel_liquidation::EXPOSURES_MAX).map(MarketId).for_each(change);
		}
	}
}
