// SPDX-License-Identifier: Apache-2.0
//! Stopping things: what a pause stops, what nothing may ever stop, and for how long.

use frame_support::{
	parameter_types,
	traits::{ConstU32, Contains, EitherOf, EitherOfDiverse, Get},
};
use frame_system::EnsureRoot;
use keel_change_control::periods::{SafeModeDuration, SafeModeExtension};
use pallet_collective::EnsureProportionAtLeast;
use pallet_tx_pause::RuntimeCallNameOf;

use super::{
	changes::is_a_pallets,
	governance::{bodies, Council23, CouncilHalf, SecHalf, Tech23, TechHalf},
};
use crate::*;

/// What safe mode lets through: a chain in safe mode still produces blocks, judges accounts, lets people
/// add margin and reduce risk, and can be governed out of it. Everything else waits.
///
/// Inherents are calls too: one that is missing here would stop block production.
pub struct LivesInSafeMode;

impl Contains<RuntimeCall> for LivesInSafeMode {
	fn contains(call: &RuntimeCall) -> bool {
		match call {
			// Blocks go on.
			RuntimeCall::System(..) | RuntimeCall::Timestamp(..) | RuntimeCall::Session(..) => true,
			RuntimeCall::Grandpa(..) => true,
			// Prices and judgement go on; what stops a market may also start it.
			RuntimeCall::Oracle(..) | RuntimeCall::CircuitBreaker(..) | RuntimeCall::Liquidation(..) => true,
			// Margin may be added and risk reduced; a debt and the fund may be paid into.
			RuntimeCall::Margin(call) => reduces_risk(call),
			RuntimeCall::InsuranceFund(keel_insurance_fund::Call::contribute { .. }) => true,
			// Governance goes on.
			RuntimeCall::ChangeControl(..)
			| RuntimeCall::Democracy(..)
			| RuntimeCall::Council(..)
			| RuntimeCall::TechnicalCommittee(..)
			| RuntimeCall::RiskCommittee(..)
			| RuntimeCall::SecurityCouncil(..)
			| RuntimeCall::ValidatorMembership(..)
			| RuntimeCall::Preimage(..)
			| RuntimeCall::Scheduler(..)
			| RuntimeCall::Parameters(..)
			| RuntimeCall::Migrations(..)
			| RuntimeCall::SafeMode(..)
			| RuntimeCall::TxPause(..) => true,
			// Wrappers: the calls inside are filtered again.
			RuntimeCall::Utility(..) | RuntimeCall::Multisig(..) | RuntimeCall::Proxy(..) => true,
			_ => false,
		}
	}
}

/// Calls of the exchange that can only make an account or a market safer.
fn reduces_risk(call: &keel_margin::Call<Runtime>) -> bool {
	use keel_margin::Call::*;
	matches!(
		call,
		deposit { .. }
			| offer_reduce { .. }
			| accept_reduce { .. }
			| cancel_offer { .. }
			| repay_debt { .. }
			| lift_quarantine { .. }
	)
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

/// Root or `N/D` of a body, for so many blocks.
type LastingFor<Body, const N: u32, const D: u32, Blocks> = EitherOf<
	frame_system::EnsureRootWithSuccess<AccountId, Blocks>,
	frame_system::EnsureWithSuccess<EnsureProportionAtLeast<AccountId, Body, N, D>, AccountId, Blocks>,
>;

impl pallet_safe_mode::Config for Runtime {
	type Currency = Balances;
	type EnterDepositAmount = NoDeposit;
	type EnterDuration = SafeModeDuration<Runtime>;
	type ExtendDepositAmount = NoDeposit;
	type ExtendDuration = SafeModeExtension<Runtime>;
	type ForceDepositOrigin = EnsureRoot<AccountId>;
	type ForceEnterOrigin = LastingFor<bodies::SecurityCouncil, 2, 3, EnterFor>;
	type ForceExitOrigin = EitherOfDiverse<Tech23, Council23>;
	// Another body than the one that entered it.
	type ForceExtendOrigin = LastingFor<bodies::Council, 1, 2, ExtendBy>;
	type Notify = ();
	type ReleaseDelay = NoRelease;
	type RuntimeEvent = RuntimeEvent;
	type RuntimeHoldReason = RuntimeHoldReason;
	type WeightInfo = pallet_safe_mode::weights::SubstrateWeight<Runtime>;
	type WhitelistedCalls = LivesInSafeMode;
}

/// The calls of the exchange by which people leave.
pub const LEAVING: [&str; 2] = ["withdraw", "transfer"];

/// What cannot be paused by name: whatever lives in safe mode, and names that do not exist. A pause of a
/// misspelt call would look like a pause and stop nothing.
pub struct CannotBePaused;

impl CannotBePaused {
	/// Pallets without which the chain or its governance would stop.
	const VITAL: [&'static str; 21] = [
		"System",
		"Timestamp",
		"Session",
		"Grandpa",
		"Democracy",
		"Council",
		"TechnicalCommittee",
		"RiskCommittee",
		"SecurityCouncil",
		"ValidatorMembership",
		"Preimage",
		"Scheduler",
		"Parameters",
		"Migrations",
		"SafeMode",
		"TxPause",
		"Oracle",
		"CircuitBreaker",
		"ChangeControl",
		"Liquidation",
		"Utility",
	];
}

impl Contains<RuntimeCallNameOf<Runtime>> for CannotBePaused {
	fn contains((pallet, call): &RuntimeCallNameOf<Runtime>) -> bool {
		let (Ok(pallet), Ok(call)) = (core::str::from_utf8(pallet), core::str::from_utf8(call)) else {
			return true;
		};
		let exists = call_names(pallet).is_some_and(|names| names.contains(&call));
		let saves = ["deposit", "offer_reduce", "accept_reduce", "cancel_offer"];
		// Who wants to leave before a change takes effect must be able to.
		let in_margin = |calls: &[&str]| pallet == "Margin" && calls.contains(&call);
		!exists
			|| Self::VITAL.contains(&pallet)
			|| in_margin(&saves)
			|| (in_margin(&LEAVING) && ChangeControl::exit_window())
	}
}

impl pallet_tx_pause::Config for Runtime {
	type MaxNameLen = ConstU32<64>;
	type PauseOrigin = SecHalf;
	type RuntimeCall = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type UnpauseOrigin = EitherOfDiverse<TechHalf, CouncilHalf>;
	type WeightInfo = pallet_tx_pause::weights::SubstrateWeight<Runtime>;
	type WhitelistedCalls = CannotBePaused;
}
