// SPDX-License-Identifier: Apache-2.0
//! A chain with this pallet alone, and a world to test it in.

use crate::{self as keel_insurance_fund, invariants::do_try_state, Caps};
use frame_support::{derive_impl, parameter_types};
use frame_system::EnsureRoot;
use keel_primitives::{MarketId, Quote};
use keel_test_support::{Clock, Custody};
use keel_traits::{Claims, OnFundExhausted};
use sp_runtime::{traits::IdentityLookup, BuildStorage};

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(RuntimeCall, RuntimeEvent, RuntimeError, RuntimeOrigin, RuntimeTask)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type InsuranceFund = keel_insurance_fund;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type AccountId = keel_test_support::AccountId;
	type Lookup = IdentityLookup<Self::AccountId>;
	type Block = frame_system::mocking::MockBlock<Test>;
}

parameter_types! {
	pub InitialTarget: Quote = Quote::dollars(500);
	/// What was told of markets for which all was paid.
	pub static Told: Vec<(MarketId, Quote)> = Vec::new();
}

/// Hears of markets for which all was paid.
pub struct Exhausted;

impl OnFundExhausted for Exhausted {
	fn on_fund_exhausted(market: MarketId, paid: Quote) {
		Told::mutate(|told| told.push((market, paid)));
	}
}

impl keel_insurance_fund::Config for Test {
	type Custody = Custody;
	type GovernOrigin = EnsureRoot<Self::AccountId>;
	type InitialTarget = InitialTarget;
	type OnExhausted = Exhausted;
	type Now = Clock;
	type WeightInfo = ();
}

/// The state a test begins with, in whole dollars.
#[derive(Default)]
pub struct World {
	fund: i64,
	caps: (i64, i64, i64),
	tranches: Vec<(MarketId, i64, i64)>,
}

impl World {
	pub fn fund(mut self, balance: i64) -> Self {
		self.fund = balance;
		self
	}

	/// Per account, per block, per day.
	pub fn caps(mut self, per_account: i64, per_block: i64, per_day: i64) -> Self {
		self.caps = (per_account, per_block, per_day);
		self
	}

	pub fn tranche(mut self, market: MarketId, target: i64, balance: i64) -> Self {
		self.tranches.push((market, target, balance));
		self
	}

	pub fn build(self) -> sp_io::TestExternalities {
		let dollars = Quote::dollars;
		let backing = self.tranches.iter().map(|tranche| tranche.2).sum::<i64>() + self.fund;
		let genesis = RuntimeGenesisConfig {
			system: Default::default(),
			insurance_fund: keel_insurance_fund::GenesisConfig {
				caps: caps(self.caps.0, self.caps.1, self.caps.2),
				fund: dollars(self.fund),
				tranches: self.tranches.iter().map(|&(m, t, b)| (m, dollars(t), dollars(b))).collect(),
				..Default::default()
			},
		};
		let mut world = sp_io::TestExternalities::new(genesis.build_storage().unwrap());
		world.execute_with(|| {
			System::set_block_number(1);
			Custody::claim_moves(dollars(backing));
		});
		world
	}

	/// Build, run the test, check the invariants and that every claim is backed.
	pub fn run(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			test();
			do_try_state::<Test>().unwrap();
			assert_eq!(InsuranceFund::claims(), Custody::held());
		});
	}
}

/// Caps without one of their own for owners and markets.
pub fn caps(per_account: i64, per_block: i64, per_day: i64) -> Caps {
	let [per_account, per_block, per_day] = [per_account, per_block, per_day].map(Quote::dollars);
	Caps { per_account, per_owner: per_day, per_market: per_day, per_block, per_day }
}
