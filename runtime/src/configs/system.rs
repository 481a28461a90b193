// SPDX-License-Identifier: Apache-2.0
//! Blocks, accounts, time, scheduled calls, fees, migrations.

use frame_support::{
	derive_impl,
	migrations::{FailedMigrationHandler, FailedMigrationHandling},
	parameter_types,
	traits::{
		fungible::Credit, ConstU32, ConstU64, ConstU8, EqualPrivilegeOnly, FindAuthor, Get, InsideBoth,
		OnUnbalanced,
	},
	weights::{
		constants::{BlockExecutionWeight, ExtrinsicBaseWeight, ParityDbWeight},
		ConstantMultiplier, IdentityFee, Weight,
	},
};
use frame_system::{
	limits::{BlockLength, BlockWeights},
	EnsureRoot,
};
use keel_change_control::periods::SafeModeDuration;
use pallet_transaction_payment::{FungibleAdapter, Multiplier, TargetedFeeAdjustment};
use sp_runtime::{traits::AccountIdLookup, FixedPointNumber, Perbill, Perquintill};

use super::{
	emergency::{CustodyStaysFree, SafeModeFilter, TreasuryPaysPeople},
	governance::FeePerByte,
};
use crate::{
	constants::{hooks, time::SLOT_MS, BLOCK_WEIGHT, NORMAL_RESERVE, NORMAL_SHARE, SS58_PREFIX},
	*,
};

/// Part of the normal class that initialisation is assumed to use on average.
const AVERAGE_ON_INITIALIZE: Perbill = Perbill::from_percent(10);

parameter_types! {
	pub const BlockHashCount: BlockNumber = 4096;
	pub const Version: RuntimeVersion = VERSION;
	pub const Ss58Prefix: u16 = SS58_PREFIX;
	/// One second of a two-second slot. Operational calls always find a quarter of it: normal ones
	/// stop at three quarters.
	pub Weights: BlockWeights = BlockWeights::builder()
		.base_block(BlockExecutionWeight::get())
		.for_class(frame_support::dispatch::DispatchClass::all(), |weights| {
			weights.base_extrinsic = ExtrinsicBaseWeight::get();
		})
		.for_class(frame_support::dispatch::DispatchClass::Normal, |weights| {
			weights.max_total = Some(NORMAL_SHARE * BLOCK_WEIGHT);
			// However many operational calls there are, and whatever democracy takes: votes, motions and
			// withdrawals go on.
			weights.reserved = Some(NORMAL_RESERVE * BLOCK_WEIGHT);
		})
		.for_class(frame_support::dispatch::DispatchClass::Operational, |weights| {
			weights.max_total = Some(BLOCK_WEIGHT);
			weights.reserved = Some(BLOCK_WEIGHT - NORMAL_SHARE * BLOCK_WEIGHT);
		})
		.avg_block_initialization(AVERAGE_ON_INITIALIZE)
		.build_or_panic();
	/// Room for a runtime upgrade of 4 MiB beside other transactions.
	pub Length: BlockLength = BlockLength::builder()
		.max_length(6 * 1024 * 1024)
		.modify_max_length_for_class(frame_support::dispatch::DispatchClass::Normal, |length| {
			*length = NORMAL_SHARE * *length;
		})
		.build();
}

#[derive_impl(frame_system::config_preludes::SolochainDefaultConfig)]
impl frame_system::Config for Runtime {
	type AccountData = pallet_balances::AccountData<Balance>;
	type AccountId = AccountId;
	type BaseCallFilter =
		InsideBoth<InsideBoth<CustodyStaysFree, TreasuryPaysPeople>, InsideBoth<SafeModeFilter, TxPause>>;
	type Block = Block;
	type BlockHashCount = BlockHashCount;
	type BlockLength = Length;
	type BlockWeights = Weights;
	// The database of the node, which is built without RocksDB. The figures are the SDK's: they allow for a
	// state larger than memory, which no benchmark here has.
	type DbWeight = ParityDbWeight;
	type Hash = Hash;
	type Lookup = AccountIdLookup<AccountId, ()>;
	type MaxConsumers = ConstU32<128>;
	type MultiBlockMigrator = Migrations;
	type Nonce = Nonce;
	type SS58Prefix = Ss58Prefix;
	type Version = Version;
}

impl pallet_timestamp::Config for Runtime {
	// Half a slot, as Aura wants it.
	type MinimumPeriod = ConstU64<{ SLOT_MS / 2 }>;
	type Moment = u64;
	type OnTimestampSet = Aura;
	type WeightInfo = pallet_timestamp::weights::SubstrateWeight<Runtime>;
}

/// The first nonce of an account: further on the later it comes to be. An account that was emptied and comes back does
/// not begin again where it began, so what it has signed before is not good a second time, unless it sent more than four
/// transactions a block for as long as it was there. Four a block last for 68 years.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirstNonce;

impl Get<u32> for FirstNonce {
	fn get() -> u32 {
		System::block_number().saturating_mul(4)
	}
}

/// The time of this block: its slot. Hooks run before the timestamp inherent, which still shows the
/// previous block's time then, so that a gap between blocks would be seen one block late.
pub struct SlotClock;

impl Get<u64> for SlotClock {
	fn get() -> u64 {
		let digest = System::digest();
		let pre_runtime = digest.logs().iter().filter_map(|item| item.as_pre_runtime());
		pre_runtime
			.filter(|(engine, _)| *engine == sp_consensus_aura::AURA_ENGINE_ID)
			.find_map(|(_, data)| <sp_consensus_aura::Slot as codec::Decode>::decode(&mut &data[..]).ok())
			.map(|slot| (*slot).saturating_mul(SLOT_MS))
			.unwrap_or_else(Timestamp::get)
	}
}

parameter_types! {
	pub SchedulerWeight: Weight = hooks::SCHEDULER * BLOCK_WEIGHT;
}

impl pallet_scheduler::Config for Runtime {
	type BlockNumberProvider = System;
	type MaxScheduledPerBlock = ConstU32<50>;
	type MaximumWeight = SchedulerWeight;
	type OriginPrivilegeCmp = EqualPrivilegeOnly;
	type PalletsOrigin = OriginCaller;
	type Preimages = Preimage;
	type RuntimeCall = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type RuntimeOrigin = RuntimeOrigin;
	// Only a passed referendum schedules: whoever could schedule could also choose a delay of nothing.
	type ScheduleOrigin = EnsureRoot<AccountId>;
	type WeightInfo = pallet_scheduler::weights::SubstrateWeight<Runtime>;
}

parameter_types! {
	/// Of what normal transactions may use of a block: above it fees rise, below it they fall.
	pub TargetFullness: Perquintill = Perquintill::from_percent(25);
	/// A minute of full blocks raises the fee for weight by 30 %, one of empty blocks lowers it by 8 %.
	pub AdjustmentVariable: Multiplier = Multiplier::saturating_from_rational(117, 10_000);
	pub MinimumMultiplier: Multiplier = Multiplier::saturating_from_rational(1, 10);
	/// Whoever fills blocks must not be able to price out those who have to add margin.
	pub MaximumMultiplier: Multiplier = Multiplier::saturating_from_integer(1_000);
}

/// Fees go to the treasury: nobody who orders transactions may gain from their number.
pub struct FeesToTreasury;

impl OnUnbalanced<Credit<AccountId, Balances>> for FeesToTreasury {
	fn on_nonzero_unbalanced(fees: Credit<AccountId, Balances>) {
		// Refused only below the existential deposit; then the fee is burned.
		let _ = <Balances as frame_support::traits::fungible::Balanced<AccountId>>::resolve(
			&Treasury::account_id(),
			fees,
		);
	}
}

impl pallet_transaction_payment::Config for Runtime {
	type FeeMultiplierUpdate = TargetedFeeAdjustment<
		Runtime,
		TargetFullness,
		AdjustmentVariable,
		MinimumMultiplier,
		MaximumMultiplier,
	>;
	type LengthToFee = ConstantMultiplier<Balance, FeePerByte>;
	type OnChargeTransaction = FungibleAdapter<Balances, FeesToTreasury>;
	type OperationalFeeMultiplier = ConstU8<5>;
	type RuntimeEvent = RuntimeEvent;
	// A picosecond costs 1e-12 KEEL.
	type WeightToFee = IdentityFee<Balance>;
	type WeightInfo = pallet_transaction_payment::weights::SubstrateWeight<Runtime>;
}

impl pallet_skip_feeless_payment::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
}

parameter_types! {
	pub MigrationWeight: Weight = hooks::MIGRATIONS * BLOCK_WEIGHT;
}

/// A migration that fails is dropped, and the chain goes on in safe mode, with every market halted and an incident open
/// for each, for as long as safe mode lasts: nobody trades on a state that is half of one form and half of another.
///
/// To keep transactions out for ever, or to enter a safe mode without end, would lock out the governance that must
/// repair it.
pub struct ContainFailedMigration;

impl FailedMigrationHandler for ContainFailedMigration {
	fn failed(_: Option<u32>) -> FailedMigrationHandling {
		use frame_support::traits::SafeMode as Mode;
		let blocks = SafeModeDuration::<Runtime>::get();
		if <SafeMode as Mode>::enter(blocks).is_err() {
			// It was entered before: it lasts longer. There is no other way to fail.
			let _ = <SafeMode as Mode>::extend(blocks);
		}
		for market in keel_margin::Markets::<Runtime>::iter_keys() {
			// Refused where the market is halted for longer, or its budget is used up: safe mode holds all the same.
			let _ = CircuitBreaker::halt_market(RuntimeOrigin::root(), market, blocks);
		}
		FailedMigrationHandling::ForceUnstuck
	}
}

impl pallet_migrations::Config for Runtime {
	type CursorMaxLen = ConstU32<65_536>;
	type FailedMigrationHandler = ContainFailedMigration;
	type IdentifierMaxLen = ConstU32<256>;
	type MaxServiceWeight = MigrationWeight;
	type MigrationStatusHandler = ();
	#[cfg(not(feature = "runtime-benchmarks"))]
	type Migrations = ();
	#[cfg(feature = "runtime-benchmarks")]
	type Migrations = pallet_migrations::mock_helpers::MockedMigrations;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = pallet_migrations::weights::SubstrateWeight<Runtime>;
}

/// The account of the author of this block.
pub struct SlotAuthor;

impl FindAuthor<AccountId> for SlotAuthor {
	fn find_author<'a, I>(digests: I) -> Option<AccountId>
	where
		I: 'a + IntoIterator<Item = (sp_runtime::ConsensusEngineId, &'a [u8])>,
	{
		let index = Aura::find_author(digests)?;
		Session::validators().get(usize::try_from(index).ok()?).cloned()
	}
}

impl pallet_authorship::Config for Runtime {
	type EventHandler = ();
	type FindAuthor = SlotAuthor;
}
