// SPDX-License-Identifier: Apache-2.0
//! Stopping things: what a pause stops, what nothing may ever stop, and for how long.

use frame_support::{
	dispatch::DispatchResult,
	parameter_types,
	traits::{ConstU32, Contains, Get, GetCallMetadata},
	weights::Weight,
};
use frame_system::EnsureRoot;
use keel_change_control::periods::{SafeModeDuration, SafeModeExtension};
use keel_emergency::{Bodies, Body, CallName, Stops};
use keel_primitives::MarketId;
use pallet_tx_pause::RuntimeCallNameOf;

use super::{changes::is_a_pallets, governance::bodies};
use crate::{
	constants::{
		hooks, limits,
		time::{DAYS, HOURS, MINUTES},
		BLOCK_WEIGHT,
	},
	*,
};

/// Whether a call goes on whatever happens: in safe mode, and nobody can pause it. One table for both, so that nothing
/// that must go on in an emergency can be stopped one by one.
///
/// A chain in safe mode still produces blocks, judges accounts, lets people add margin and reduce risk, moves USDK, and can
/// be governed out of it. Everything else waits. Inherents are calls too: one that is missing here would stop block
/// production.
pub fn goes_on(pallet: &str, call: &str) -> bool {
	match pallet {
		// Blocks.
		"System" | "Timestamp" | "Session" | "Grandpa" | "ValidatorMembership" => true,
		// Prices and judgement. What stops a market may also start it.
		"Oracle" | "CircuitBreaker" | "Liquidation" => true,
		// What can only make an account, a market or the fund safer.
		"Margin" => matches!(
			call,
			"deposit" | "offer_reduce" | "accept_reduce" | "cancel_offer" | "repay_debt" | "lift_quarantine"
		),
		"InsuranceFund" => call == "contribute",
		// What holders of USDK do with it.
		"Assets" => matches!(
			call,
			"transfer"
				| "transfer_keep_alive"
				| "transfer_all"
				| "approve_transfer"
				| "cancel_approval"
				| "transfer_approved"
				| "touch" | "refund"
		),
		// Governance.
		"ChangeControl" | "Emergency" | "Democracy" | "Council" | "TechnicalCommittee" | "RiskCommittee"
		| "SecurityCouncil" | "Preimage" | "Scheduler" | "Parameters" | "Migrations" | "SafeMode"
		| "TxPause" => true,
		// Wrappers: the calls inside are looked at again.
		"Utility" | "Multisig" | "Proxy" => true,
		_ => false,
	}
}

/// What safe mode lets through.
pub struct LivesInSafeMode;

impl Contains<RuntimeCall> for LivesInSafeMode {
	fn contains(call: &RuntimeCall) -> bool {
		let names = call.get_call_metadata();
		goes_on(names.pallet_name, names.function_name)
	}
}

/// Lets a call pass when safe mode is off or the call lives in it.
pub type SafeModeFilter = SafeMode;

/// Custody can never be frozen or burned by a role: the calls of USDK's team that could do so are denied
/// to every account, and the way around the team, `ForceOrigin`, is nobody. A referendum may act for the keyless
/// issuer by `utility.dispatch_as`, which passes every filter: to mint, and nothing else (`changes::Classes`).
pub struct CustodyStaysFree;

impl Contains<RuntimeCall> for CustodyStaysFree {
	fn contains(call: &RuntimeCall) -> bool {
		use pallet_assets::Call::*;
		!matches!(
			call,
			RuntimeCall::Assets(
				freeze { .. }
					| freeze_asset { .. }
					| block { .. } | burn { .. }
					| force_transfer { .. }
					| start_destroy { .. }
					| destroy_accounts { .. }
					| destroy_approvals { .. }
					| finish_destroy { .. }
					| set_team { .. }
					| transfer_ownership { .. }
					| set_min_balance { .. }
			)
		)
	}
}

/// The treasury pays people: no pallet, where nobody could spend it.
pub struct TreasuryPaysPeople;

impl Contains<RuntimeCall> for TreasuryPaysPeople {
	fn contains(call: &RuntimeCall) -> bool {
		use pallet_treasury::Call::{spend, spend_local};
		match call {
			RuntimeCall::Treasury(spend { beneficiary, .. }) => !is_a_pallets(beneficiary),
			RuntimeCall::Treasury(spend_local { beneficiary: Address::Id(account), .. }) => {
				!is_a_pallets(account)
			}
			_ => true,
		}
	}
}

parameter_types! {
	/// Nobody buys a pause.
	pub const NoDeposit: Option<Balance> = None;
	pub const NoRelease: Option<BlockNumber> = None;
	pub EnterFor: BlockNumber = SafeModeDuration::<Runtime>::get();
	pub ExtendBy: BlockNumber = SafeModeExtension::<Runtime>::get();
}

/// Nobody but `Emergency`, which acts as Root, within its budgets.
type For<Blocks> = frame_system::EnsureRootWithSuccess<AccountId, Blocks>;

impl pallet_safe_mode::Config for Runtime {
	type Currency = Balances;
	type EnterDepositAmount = NoDeposit;
	type EnterDuration = SafeModeDuration<Runtime>;
	type ExtendDepositAmount = NoDeposit;
	type ExtendDuration = SafeModeExtension<Runtime>;
	type ForceDepositOrigin = EnsureRoot<AccountId>;
	type ForceEnterOrigin = For<EnterFor>;
	type ForceExitOrigin = EnsureRoot<AccountId>;
	type ForceExtendOrigin = For<ExtendBy>;
	type Notify = ();
	type ReleaseDelay = NoRelease;
	type RuntimeEvent = RuntimeEvent;
	type RuntimeHoldReason = RuntimeHoldReason;
	type WeightInfo = pallet_safe_mode::weights::SubstrateWeight<Runtime>;
	type WhitelistedCalls = LivesInSafeMode;
}

/// The calls of the exchange by which people leave.
pub const LEAVING: [&str; 2] = ["withdraw", "transfer"];

/// What cannot be paused by name: whatever goes on in safe mode, names that do not exist, and the way out while a change
/// waits that people may want to leave before. A pause of a misspelt call would look like a pause and stop nothing.
pub struct CannotBePaused;

impl Contains<RuntimeCallNameOf<Runtime>> for CannotBePaused {
	fn contains((pallet, call): &RuntimeCallNameOf<Runtime>) -> bool {
		let (Ok(pallet), Ok(call)) = (core::str::from_utf8(pallet), core::str::from_utf8(call)) else {
			return true;
		};
		let exists = call_names(pallet).is_some_and(|names| names.contains(&call));
		let leads_out = pallet == "Margin" && LEAVING.contains(&call);
		!exists || goes_on(pallet, call) || (leads_out && ChangeControl::exit_window())
	}
}

impl pallet_tx_pause::Config for Runtime {
	type MaxNameLen = ConstU32<64>;
	type PauseOrigin = EnsureRoot<AccountId>;
	type RuntimeCall = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type UnpauseOrigin = EnsureRoot<AccountId>;
	type WeightInfo = pallet_tx_pause::weights::SubstrateWeight<Runtime>;
	type WhitelistedCalls = CannotBePaused;
}

/// The bodies that have a say in an emergency.
pub struct Seats;

impl Seats {
	fn members(body: Body) -> alloc::vec::Vec<AccountId> {
		match body {
			Body::Council => pallet_collective::Members::<Runtime, bodies::Council>::get(),
			Body::TechnicalCommittee => {
				pallet_collective::Members::<Runtime, bodies::TechnicalCommittee>::get()
			}
			Body::SecurityCouncil => pallet_collective::Members::<Runtime, bodies::SecurityCouncil>::get(),
		}
	}
}

impl Bodies<AccountId> for Seats {
	fn seats(body: Body) -> u32 {
		Self::members(body).len().try_into().unwrap_or(u32::MAX)
	}

	fn is_member(body: Body, who: &AccountId) -> bool {
		Self::members(body).contains(who)
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn seat(body: Body, who: &AccountId) {
		let mut members = Self::members(body);
		members.push(who.clone());
		members.sort();
		match body {
			Body::Council => pallet_collective::Members::<Runtime, bodies::Council>::put(members),
			Body::TechnicalCommittee => {
				pallet_collective::Members::<Runtime, bodies::TechnicalCommittee>::put(members)
			}
			Body::SecurityCouncil => {
				pallet_collective::Members::<Runtime, bodies::SecurityCouncil>::put(members)
			}
		}
	}
}

/// What can be stopped: each is another pallet's, and `Emergency` does it as Root.
pub struct Doors;

impl Stops<AccountId, BlockNumber> for Doors {
	fn guard_market(market: MarketId, blocks: u32) -> DispatchResult {
		CircuitBreaker::guard_market(RuntimeOrigin::root(), market, blocks)
	}

	fn halt_market(market: MarketId, blocks: u32) -> DispatchResult {
		CircuitBreaker::halt_market(RuntimeOrigin::root(), market, blocks)
	}

	fn resume_market(market: MarketId) -> DispatchResult {
		CircuitBreaker::resume_market(RuntimeOrigin::root(), market)
	}

	fn enter_safe_mode(_: BlockNumber) -> DispatchResult {
		SafeMode::force_enter(RuntimeOrigin::root())
	}

	fn extend_safe_mode(_: BlockNumber) -> DispatchResult {
		SafeMode::force_extend(RuntimeOrigin::root())
	}

	fn exit_safe_mode() -> DispatchResult {
		SafeMode::force_exit(RuntimeOrigin::root())
	}

	fn pause_call(call: &CallName) -> DispatchResult {
		TxPause::pause(RuntimeOrigin::root(), call.names())
	}

	fn resume_call(call: &CallName) -> DispatchResult {
		TxPause::unpause(RuntimeOrigin::root(), call.names())
	}

	fn is_paused(call: &CallName) -> bool {
		pallet_tx_pause::PausedCalls::<Runtime>::contains_key(call.names())
	}

	fn cancel_change(referendum: u32) -> DispatchResult {
		ChangeControl::take_out(referendum)
	}

	fn has_position(who: &AccountId, market: MarketId) -> bool {
		keel_margin::Accounts::<Runtime>::iter_prefix_values(who)
			.any(|account| account.positions.iter().any(|position| position.market == market))
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn market() -> MarketId {
		let market = MarketId(u32::MAX);
		keel_circuit_breaker::Markets::<Runtime>::insert(market, keel_circuit_breaker::Market::default());
		market
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn open_accounts(who: &AccountId) {
		for sub in (0..=u8::MAX).map(keel_primitives::SubAccount) {
			keel_margin::Accounts::<Runtime>::insert(who, sub, keel_margin::Account::default());
		}
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn keep_paused(call: &CallName) {
		pallet_tx_pause::PausedCalls::<Runtime>::insert(call.names(), ());
	}
}

parameter_types! {
	pub EmergencyWeight: Weight = hooks::EMERGENCY * BLOCK_WEIGHT;
	/// All seats of the three bodies.
	pub const MaxApprovals: u32 = 3 * limits::BODY_MEMBERS;
	/// Long enough to wake people, too short to be forgotten.
	pub const ApprovalLife: BlockNumber = 6 * HOURS;
	/// What one member stops until others are awake.
	pub const AloneBlocks: BlockNumber = 15 * MINUTES;
	/// A pause of a call, and each time it is renewed.
	pub const CallPause: BlockNumber = DAYS;
	/// Three days in any thirty, of safe mode and of each call.
	pub const StopBudget: BlockNumber = 3 * DAYS;
	pub const StopWindow: BlockNumber = 30 * DAYS;
}

impl keel_emergency::Config for Runtime {
	type AloneBlocks = AloneBlocks;
	type ApprovalLife = ApprovalLife;
	type Bodies = Seats;
	type Budget = StopBudget;
	type ExtensionBlocks = SafeModeExtension<Runtime>;
	type HookWeight = EmergencyWeight;
	type MaxApprovals = MaxApprovals;
	type MaxGiven = ConstU32<8>;
	type MaxPauses = ConstU32<16>;
	type MaxRenewals = ConstU32<2>;
	type MaxSeats = ConstU32<{ limits::BODY_MEMBERS }>;
	type PauseBlocks = CallPause;
	type SafeModeBlocks = SafeModeDuration<Runtime>;
	type Stops = Doors;
	type WeightInfo = weights::Emergency;
	type Window = StopWindow;
}
