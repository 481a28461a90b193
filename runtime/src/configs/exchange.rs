// SPDX-License-Identifier: Apache-2.0
//! The exchange: prices, breakers, margin, liquidation, insurance. Who may govern each is
//! `docs/spec/governance.md`.

use frame_support::{
	parameter_types,
	traits::{ConstU32, ConstU64, Contains, EitherOfDiverse, Get},
	weights::Weight,
	PalletId,
};
use frame_system::EnsureRoot;
use keel_primitives::{FeedId, Moment, Quote, Ratio};
use sp_runtime::{traits::AccountIdConversion, Perbill};

use super::{
	assets::Usdk,
	governance::{bodies, RiskHalf, SecHalf, TechHalf},
	system::SlotClock,
};
use crate::{
	constants::{
		hooks, limits,
		time::{DAYS, SLOT_MS},
		BLOCK_WEIGHT,
	},
	*,
};

parameter_types! {
	pub OracleWeight: Weight = hooks::ORACLE * BLOCK_WEIGHT;
	pub BreakerWeight: Weight = hooks::CIRCUIT_BREAKER * BLOCK_WEIGHT;
	pub MarginWeight: Weight = hooks::MARGIN * BLOCK_WEIGHT;
	pub LiquidationWeight: Weight = hooks::LIQUIDATION * BLOCK_WEIGHT;
}

parameter_types! {
	/// The periods of a chain whose genesis names none: a day in which a seat or a looser feed can be vetoed, a week to
	/// confirm that a member was removed.
	pub const ProductionSeatPeriods: keel_oracle::Periods<BlockNumber> =
		keel_oracle::Periods { seat_delay: DAYS, removal: 7 * DAYS };
}

/// The feeds that a market names. A settled one counts too: it may be listed again.
pub struct MarketFeeds;

impl Contains<FeedId> for MarketFeeds {
	fn contains(feed: &FeedId) -> bool {
		keel_margin::Markets::<Runtime>::iter_values().any(|market| market.feed == *feed)
	}
}

impl keel_oracle::Config for Runtime {
	type BlockTime = ConstU64<SLOT_MS>;
	type DefaultPeriods = ProductionSeatPeriods;
	// A referendum has waited in its timelock.
	type EnactOrigin = EnsureRoot<AccountId>;
	// Two thirds of those who answer for risk: what they loosen waits.
	type GovernOrigin = pallet_collective::EnsureProportionAtLeast<AccountId, bodies::RiskCommittee, 2, 3>;
	// A bad member is removed at once, for a while, by whoever notices.
	type GuardOrigin = EitherOfDiverse<SecHalf, RiskHalf>;
	type HookWeight = OracleWeight;
	type InUse = MarketFeeds;
	type MaxFeeds = ConstU32<{ limits::FEEDS }>;
	type MaxMembers = ConstU32<{ limits::ORACLE_MEMBERS }>;
	type Now = SlotClock;
	// Ten seconds: members see blocks at slightly different times, and one may be missed.
	type ReportWindow = ConstU32<5>;
	type Signature = Signature;
	// A price that has not changed for a minute while others did is not looked at any more.
	type StuckRounds = ConstU32<30>;
	// Ten minutes: longer than a spike, shorter than a trend.
	type SlowHalfLife = ConstU64<600_000>;
	// As after the veto of a proposal.
	type CoolOff = keel_change_control::periods::CooloffPeriod<Runtime>;
	// Another body than the one that waits.
	type VetoOrigin = TechHalf;
	type VolatilityHalfLife = ConstU64<3_600_000>;
	type WeightInfo = weights::Oracle;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = ();
}

parameter_types! {
	pub const MaxGuard: BlockNumber = DAYS;
	pub const MaxHalt: BlockNumber = DAYS;
	/// Three days in thirty: a market is not closed by its guardians.
	pub const PauseBudget: BlockNumber = 3 * DAYS;
	pub const PauseWindow: BlockNumber = 30 * DAYS;
}

impl keel_circuit_breaker::Config for Runtime {
	type Budget = PauseBudget;
	type BudgetWindow = PauseWindow;
	type Envelope = Margin;
	// Members act through `Emergency`.
	type GuardOrigin = EnsureRoot<AccountId>;
	type HookWeight = BreakerWeight;
	type MaxGuardBlocks = MaxGuard;
	type MaxHaltBlocks = MaxHalt;
	type MaxIncidents = ConstU32<1_000>;
	type MaxMarkets = ConstU32<{ limits::MARKETS }>;
	type Prices = Oracle;
	type RecoveryPrices = ConstU32<3>;
	// Five minutes: what flaps is one incident.
	type ReturnBlocks = ConstU32<150>;
	// Another body than the one that stopped it, through `Emergency`.
	type ResumeOrigin = EnsureRoot<AccountId>;
	type WeightInfo = weights::CircuitBreaker;
}

parameter_types! {
	/// A day without a mark: longer than any halt that one order makes.
	pub const DeadAfter: BlockNumber = DAYS;
	/// A vote states a price near the last one that the market had; further ones are the oracle's.
	pub const SettlementBand: Ratio = Ratio::percent(10);
	pub const MarginPalletId: PalletId = PalletId(*b"keel/mrg");
	pub const OfferLife: BlockNumber = DAYS;
	/// A deposit has priority over other calls, and costs a place in the block.
	/// The runtime that upgrades are rehearsed with shows that it is another by asking for two dollars.
	pub const MinDeposit: Quote = Quote::dollars(if cfg!(feature = "next-runtime") { 2 } else { 1 });
	pub const MinReduction: Quote = Quote::dollars(10);
	/// A week.
	pub const ListingRamp: Moment = 7 * 24 * 3_600_000;
	/// What waits for the next block costs work in it.
	pub const MinWithdrawal: Quote = Quote::dollars(10);
	/// A longer outage is not charged to anybody.
	pub const MaxFundingTime: Moment = 3_600_000;
	/// What judging an account and filing it again costs the block, by its weight: half a thousandth of a block.
	pub const RefilingFee: Quote = Quote(50_000);
	/// Twenty times a day: who is near a margin call is not bled.
	pub const RefilingFeesPerDay: Quote = Quote::dollars(1);
	/// From 3 to 4.5 % in fifty minutes: 1.8 percentage points an hour.
	pub const MaintenanceStep: Ratio = Ratio(10_000);
	/// A margin call comes when a fifth of the requirement is left.
	pub const WarningShare: Perbill = Perbill::from_percent(20);
}

/// Whether the chain is in safe mode.
pub struct InSafeMode;

impl Get<bool> for InSafeMode {
	fn get() -> bool {
		SafeMode::is_entered()
	}
}

impl keel_margin::Config for Runtime {
	type Collateral = Usdk;
	type Gate = CircuitBreaker;
	type HookWeight = MarginWeight;
	type LiquidationFee = Liquidation;
	type ListOrigin = EnsureRoot<AccountId>;
	type Impact = ();
	type Orders = ();
	type DeadAfter = DeadAfter;
	type SettlementBand = SettlementBand;
	type ListingRamp = ListingRamp;
	type MaxFundingTime = MaxFundingTime;
	// Who fills the queue needs 1,024 owners with positions, pays for each place, and has 675,840 dollars of free
	// collateral waiting in it. It is worked off in minutes.
	type MaxLeaving = ConstU32<4_096>;
	type MaxLeavingPerOwner = ConstU32<4>;
	type MaxMarkets = ConstU32<{ limits::MARKETS }>;
	type MaxOfferLife = OfferLife;
	type MaxOffers = ConstU32<16>;
	// An account is judged in one step: this bounds the step.
	type MaxPositions = ConstU32<8>;
	type MinDeposit = MinDeposit;
	type MinReduction = MinReduction;
	type MinWithdrawal = MinWithdrawal;
	type Now = SlotClock;
	type Losses = InsuranceFund;
	type OnListed = (CircuitBreaker, InsuranceFund);
	type OtherClaims = InsuranceFund;
	type PalletId = MarginPalletId;
	type Prices = Oracle;
	type MaintenanceStep = MaintenanceStep;
	type RefilingFee = RefilingFee;
	type RefilingFeesPerDay = RefilingFeesPerDay;
	type SafeMode = InSafeMode;
	type Unhealthy = Liquidation;
	type WarningShare = WarningShare;
	type WeightInfo = weights::Margin;
}

parameter_types! {
	pub const BackstopPalletId: PalletId = PalletId(*b"keel/bkp");
	/// Owns the accounts that take over positions, one per market. It has no key.
	pub BackstopOwner: AccountId = BackstopPalletId::get().into_account_truncating();
	/// The first target of a market's tranche.
	pub const InitialTarget: Quote = Quote::dollars(100_000);
}

impl keel_liquidation::Config for Runtime {
	type BackstopOwner = BackstopOwner;
	type GovernOrigin = EnsureRoot<AccountId>;
	type HookWeight = LiquidationWeight;
	type Losses = InsuranceFund;
	type Margin = Margin;
	type WeightInfo = weights::Liquidation;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarks::Trouble;
}

impl keel_insurance_fund::Config for Runtime {
	type Custody = Margin;
	type GovernOrigin = EnsureRoot<AccountId>;
	type InitialTarget = InitialTarget;
	type OnExhausted = CircuitBreaker;
	type Now = SlotClock;
	type WeightInfo = weights::InsuranceFund;
}

impl keel_stress_test::Config for Runtime {
	type Book = Margin;
	type GovernOrigin = EnsureRoot<AccountId>;
	type MaxScenarios = ConstU32<{ limits::SCENARIOS }>;
	type MaxShocks = ConstU32<{ limits::SCENARIO_SHOCKS }>;
	type WeightInfo = weights::StressTest;
}
