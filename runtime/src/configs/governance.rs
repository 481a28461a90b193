// SPDX-License-Identifier: Apache-2.0
//! Who decides, and how long it takes. The permission matrix is `docs/spec/governance.md`.
//!
//! Every period is read from the chain's timetable. Origins match what the buttons of Polkadot.js Apps
//! ask for: "at least" proportions, because Apps proposes motions with a threshold of exactly one half,
//! two thirds or all.

use core::{marker::PhantomData, ops::RangeInclusive};

use frame_support::{
	dynamic_params::{dynamic_pallet_params, dynamic_params},
	parameter_types,
	traits::{
		fungible::HoldConsideration,
		tokens::{PayFromAccount, UnityAssetBalanceConversion},
		ConstU32, EitherOf, EitherOfDiverse, EnsureOrigin, EnsureOriginWithArg, Get, LinearStoragePrice,
	},
	weights::Weight,
	PalletId,
};
use frame_system::{EnsureRoot, EnsureSigned};
use keel_change_control::{periods, GuardedScheduler, PerClass, Timetable};
use pallet_collective::{EnsureMember, EnsureProportionAtLeast};
use sp_runtime::{traits::IdentityLookup, Perbill, Permill};

use super::motions::{MotionWeights, Place};
use crate::{
	constants::{
		currency::{deposit, KEEL, MICRO},
		limits,
		time::{DAYS, HOURS},
		BLOCK_WEIGHT,
	},
	*,
};

/// The bodies, as instances of the collective.
pub mod bodies {
	/// Proposes, spends, decides what is no emergency.
	pub type Council = pallet_collective::Instance1;
	/// Judges code: fast-tracks, vetoes.
	pub type TechnicalCommittee = pallet_collective::Instance2;
	/// Keeps the parameters of risk within what was voted.
	pub type RiskCommittee = pallet_collective::Instance3;
	/// Stops things, for a while.
	pub type SecurityCouncil = pallet_collective::Instance4;
}

/// Root, or at least `N/D` of a body.
pub type AtLeast<Body, const N: u32, const D: u32> =
	EitherOfDiverse<EnsureRoot<AccountId>, EnsureProportionAtLeast<AccountId, Body, N, D>>;
/// Half of the Council.
pub type CouncilHalf = AtLeast<bodies::Council, 1, 2>;
/// Two thirds of the Council.
pub type Council23 = AtLeast<bodies::Council, 2, 3>;
/// All of the Council.
pub type CouncilAll = AtLeast<bodies::Council, 1, 1>;
/// Half of the Technical Committee.
pub type TechHalf = AtLeast<bodies::TechnicalCommittee, 1, 2>;
/// Two thirds of the Technical Committee.
pub type Tech23 = AtLeast<bodies::TechnicalCommittee, 2, 3>;
/// All of the Technical Committee.
pub type TechAll = AtLeast<bodies::TechnicalCommittee, 1, 1>;
/// Half of the Risk Committee.
pub type RiskHalf = AtLeast<bodies::RiskCommittee, 1, 2>;
/// Two thirds of the Risk Committee.
pub type Risk23 = AtLeast<bodies::RiskCommittee, 2, 3>;
/// Half of the Security Council.
pub type SecHalf = AtLeast<bodies::SecurityCouncil, 1, 2>;
/// Two thirds of the Security Council.
pub type Sec23 = AtLeast<bodies::SecurityCouncil, 2, 3>;

parameter_types! {
	/// The timetable of a chain whose genesis names none. Days, so that everyone affected can leave
	/// before a change that was voted against them takes effect.
	pub const ProductionTimetable: Timetable<BlockNumber> = Timetable {
		launch_period: DAYS,
		voting_period: 7 * DAYS,
		fast_track_voting_period: 3 * HOURS,
		enactment_period: 7 * DAYS,
		vote_locking_period: 7 * DAYS,
		cooloff_period: 7 * DAYS,
		motion_duration: 3 * DAYS,
		session_period: 4 * HOURS,
		safe_mode_duration: 4 * HOURS,
		safe_mode_extension: 4 * HOURS,
		least_delay: PerClass {
			emergency: HOURS,
			operational: DAYS,
			economic: 3 * DAYS,
			constitutional: 7 * DAYS,
		},
		least_turnout: PerClass {
			emergency: Permill::from_percent(1),
			operational: Permill::from_percent(1),
			economic: Permill::from_percent(3),
			constitutional: Permill::from_percent(5),
		},
		longest_standstill: 14 * DAYS,
		authorization_life: 14 * DAYS,
		fast_track: true,
		instant: false,
	};
}

/// An origin that is somebody only where the chain's timetable has a fast track.
pub struct WhereFastTracked<Origin>(PhantomData<Origin>);

impl<Origin: EnsureOrigin<RuntimeOrigin>> EnsureOrigin<RuntimeOrigin> for WhereFastTracked<Origin> {
	type Success = Origin::Success;

	fn try_origin(origin: RuntimeOrigin) -> Result<Self::Success, RuntimeOrigin> {
		if keel_change_control::Timetables::<Runtime>::get().fast_track {
			Origin::try_origin(origin)
		} else {
			Err(origin)
		}
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn try_successful_origin() -> Result<RuntimeOrigin, ()> {
		Origin::try_successful_origin()
	}
}

/// Whoever did not vote said No. With any other default one Aye and a time-out would pass for
/// unanimity.
pub struct AbstentionIsNo;

impl pallet_collective::DefaultVote for AbstentionIsNo {
	fn default_vote(_: Option<bool>, _: u32, _: u32, _: u32) -> bool {
		false
	}
}

parameter_types! {
	/// A motion's call must fit into a quarter of a block.
	pub MaxMotionWeight: Weight = Perbill::from_percent(25) * BLOCK_WEIGHT;
}

macro_rules! body {
	($instance:ty) => {
		impl pallet_collective::Config<$instance> for Runtime {
			type Consideration = Place<$instance>;
			type DefaultVote = AbstentionIsNo;
			type DisapproveOrigin = EnsureRoot<AccountId>;
			type KillOrigin = EnsureRoot<AccountId>;
			type MaxMembers = ConstU32<{ limits::BODY_MEMBERS }>;
			type MaxProposalWeight = MaxMotionWeight;
			type MaxProposals = ConstU32<{ limits::BODY_MOTIONS }>;
			type MotionDuration = periods::MotionDuration<Runtime>;
			type Proposal = RuntimeCall;
			type RuntimeEvent = RuntimeEvent;
			type RuntimeOrigin = RuntimeOrigin;
			// Bodies never choose themselves.
			type SetMembersOrigin = EnsureRoot<AccountId>;
			type WeightInfo = MotionWeights;
		}
	};
}
body!(bodies::Council);
body!(bodies::TechnicalCommittee);
body!(bodies::RiskCommittee);
body!(bodies::SecurityCouncil);

parameter_types! {
	/// High, because tabling a referendum costs everyone the rest of that block.
	pub const MinimumDeposit: Balance = 100 * KEEL;
}

impl pallet_democracy::Config for Runtime {
	type BlacklistOrigin = EnsureRoot<AccountId>;
	type CancelProposalOrigin = TechAll;
	type CancellationOrigin =
		EitherOfDiverse<Council23, EnsureProportionAtLeast<AccountId, bodies::SecurityCouncil, 2, 3>>;
	type CooloffPeriod = periods::CooloffPeriod<Runtime>;
	type Currency = Balances;
	type EnactmentPeriod = periods::EnactmentPeriod<Runtime>;
	type ExternalDefaultOrigin = CouncilAll;
	type ExternalMajorityOrigin = CouncilHalf;
	type ExternalOrigin = CouncilHalf;
	type FastTrackOrigin = WhereFastTracked<Tech23>;
	type FastTrackVotingPeriod = periods::FastTrackVotingPeriod<Runtime>;
	type InstantAllowed = periods::InstantAllowed<Runtime>;
	type InstantOrigin = WhereFastTracked<TechAll>;
	type LaunchPeriod = periods::LaunchPeriod<Runtime>;
	type MaxBlacklisted = ConstU32<100>;
	type MaxDeposits = ConstU32<100>;
	type MaxProposals = ConstU32<100>;
	type MaxVotes = ConstU32<100>;
	type MinimumDeposit = MinimumDeposit;
	type PalletsOrigin = OriginCaller;
	type Preimages = Preimage;
	type RuntimeEvent = RuntimeEvent;
	// What passes waits as long as its class asks, and what was looked at is what runs.
	type Scheduler = GuardedScheduler<Runtime>;
	type Slash = Treasury;
	type SubmitOrigin = EnsureSigned<AccountId>;
	type VetoOrigin = EnsureMember<AccountId, bodies::TechnicalCommittee>;
	type VoteLockingPeriod = periods::VoteLockingPeriod<Runtime>;
	type VotingPeriod = periods::VotingPeriod<Runtime>;
	type WeightInfo = pallet_democracy::weights::SubstrateWeight<Runtime>;
}

parameter_types! {
	pub const PreimageBase: Balance = deposit(2, 64);
	/// A whole KEEL per 10 kB: a runtime of 1 MB locks about 100.
	pub const PreimageByte: Balance = 100 * MICRO;
	pub const PreimageHold: RuntimeHoldReason =
		RuntimeHoldReason::Preimage(pallet_preimage::HoldReason::Preimage);
}

impl pallet_preimage::Config for Runtime {
	type Consideration = HoldConsideration<
		AccountId,
		Balances,
		PreimageHold,
		LinearStoragePrice<PreimageBase, PreimageByte, Balance>,
	>;
	type Currency = Balances;
	// Nobody lets go of bytes that others have stored, or stores them for nothing.
	type ManagerOrigin = EnsureRoot<AccountId>;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = pallet_preimage::weights::SubstrateWeight<Runtime>;
}

parameter_types! {
	pub const TreasuryId: PalletId = PalletId(*b"keel/trs");
	pub const SpendPeriod: BlockNumber = DAYS;
	pub const PayoutPeriod: BlockNumber = 30 * DAYS;
	pub const NoBurn: Permill = Permill::zero();
	pub const AnyAmount: Balance = Balance::MAX;
	/// What the Council may spend at once. More is a referendum's.
	pub const CouncilSpend: Balance = 10_000 * KEEL;
	/// Within which its spends are counted.
	pub const SpendWindow: BlockNumber = 30 * DAYS;
	pub TreasuryAccount: AccountId = Treasury::account_id();
}

/// Three fifths of the Council.
type ThreeFifths = EnsureProportionAtLeast<AccountId, bodies::Council, 3, 5>;

/// Three fifths of the Council: so much at once, and so often within the window. Once too often it may spend nothing,
/// and the treasury answers `InsufficientPermission`. A spend that fails is not counted: calls change nothing then.
pub struct CouncilSpends;

impl EnsureOrigin<RuntimeOrigin> for CouncilSpends {
	type Success = Balance;

	fn try_origin(origin: RuntimeOrigin) -> Result<Balance, RuntimeOrigin> {
		<ThreeFifths as EnsureOrigin<RuntimeOrigin>>::try_origin(origin)?;
		Ok(if ChangeControl::spend() { CouncilSpend::get() } else { 0 })
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn try_successful_origin() -> Result<RuntimeOrigin, ()> {
		<ThreeFifths as EnsureOrigin<RuntimeOrigin>>::try_successful_origin()
	}
}

impl pallet_treasury::Config for Runtime {
	type AssetKind = ();
	type BalanceConverter = UnityAssetBalanceConversion;
	type Beneficiary = AccountId;
	type BeneficiaryLookup = IdentityLookup<AccountId>;
	type BlockNumberProvider = System;
	type Burn = NoBurn;
	type BurnDestination = ();
	type Currency = Balances;
	type MaxApprovals = ConstU32<100>;
	type PalletId = TreasuryId;
	type Paymaster = PayFromAccount<Balances, TreasuryAccount>;
	type PayoutPeriod = PayoutPeriod;
	type RejectOrigin = CouncilHalf;
	type RuntimeEvent = RuntimeEvent;
	type SpendFunds = ();
	type SpendOrigin = EitherOf<frame_system::EnsureRootWithSuccess<AccountId, AnyAmount>, CouncilSpends>;
	type SpendPeriod = SpendPeriod;
	type WeightInfo = pallet_treasury::weights::SubstrateWeight<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = ();
}

/// The fee for a byte, from a hundredth of what it is at first to a hundred times that: a transaction of 300 bytes costs
/// at most 0.3 KEEL for its length, so that whoever votes can always pay for it.
pub const FEE_PER_BYTE: RangeInclusive<Balance> = MICRO / 10..=1_000 * MICRO;

/// The fee for a byte as it is charged: within its bounds, whatever is stored.
pub struct FeePerByte;

impl Get<Balance> for FeePerByte {
	fn get() -> Balance {
		dynamic_params::fees::FeePerByte::get().clamp(*FEE_PER_BYTE.start(), *FEE_PER_BYTE.end())
	}
}

/// Values that governance may change without new code. Each is refused outside its bounds (`changes::within_bounds`), and
/// held within them where it is used.
#[dynamic_params(RuntimeParameters, pallet_parameters::Parameters::<Runtime>)]
pub mod dynamic_params {
	use super::*;

	/// What transactions cost.
	#[dynamic_pallet_params]
	#[codec(index = 0)]
	pub mod fees {
		use super::*;

		/// The fee for a byte of a transaction, in 1e-12 KEEL.
		#[codec(index = 0)]
		pub static FeePerByte: Balance = 10 * MICRO;
	}
}

#[cfg(feature = "runtime-benchmarks")]
impl Default for RuntimeParameters {
	fn default() -> Self {
		RuntimeParameters::Fees(dynamic_params::fees::Parameters::FeePerByte(
			dynamic_params::fees::FeePerByte,
			Some(MICRO),
		))
	}
}

/// Parameters are changed by referendum, whichever they are.
pub struct ByReferendum;

impl EnsureOriginWithArg<RuntimeOrigin, RuntimeParametersKey> for ByReferendum {
	type Success = ();

	fn try_origin(origin: RuntimeOrigin, _: &RuntimeParametersKey) -> Result<(), RuntimeOrigin> {
		frame_system::ensure_root(origin.clone()).map_err(|_| origin)
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn try_successful_origin(_: &RuntimeParametersKey) -> Result<RuntimeOrigin, ()> {
		Ok(RuntimeOrigin::root())
	}
}

impl pallet_parameters::Config for Runtime {
	type AdminOrigin = ByReferendum;
	type RuntimeEvent = RuntimeEvent;
	type RuntimeParameters = RuntimeParameters;
	type WeightInfo = ();
}
