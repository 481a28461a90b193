// SPDX-License-Identifier: Apache-2.0
//! Who produces blocks and finality, and how that changes.
//!
//! The validator set is the governed `ValidatorMembership`. A member takes part once it has set its
//! session keys; keys are rotated by setting them again. Changes take effect at a session's end.

use alloc::vec::Vec;
use frame_support::{
	parameter_types,
	traits::{ConstBool, ConstU32, ConstU64},
};
use frame_system::EnsureRoot;
use keel_change_control::periods::SessionPeriod;
use pallet_session::PeriodicSessions;
use sp_consensus_aura::sr25519::AuthorityId as AuraId;
use sp_runtime::traits::{ConvertInto, OpaqueKeys};

use crate::{
	constants::{currency::deposit, limits, time::SLOT_MS},
	*,
};

impl pallet_aura::Config for Runtime {
	type AllowMultipleBlocksPerSlot = ConstBool<false>;
	type AuthorityId = AuraId;
	type DisabledValidators = ();
	type MaxAuthorities = ConstU32<{ limits::VALIDATORS }>;
	type SlotDuration = ConstU64<SLOT_MS>;
}

impl pallet_grandpa::Config for Runtime {
	type EquivocationReportSystem = ();
	type KeyOwnerProof = sp_core::Void;
	type MaxAuthorities = ConstU32<{ limits::VALIDATORS }>;
	type MaxNominators = ConstU32<0>;
	type MaxSetIdSessionEntries = ConstU64<0>;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = ();
}

impl pallet_membership::Config for Runtime {
	type AddOrigin = EnsureRoot<AccountId>;
	type MaxMembers = ConstU32<{ limits::VALIDATORS }>;
	type MembershipChanged = ();
	type MembershipInitialized = ();
	type PrimeOrigin = EnsureRoot<AccountId>;
	type RemoveOrigin = EnsureRoot<AccountId>;
	type ResetOrigin = EnsureRoot<AccountId>;
	type RuntimeEvent = RuntimeEvent;
	type SwapOrigin = EnsureRoot<AccountId>;
	type WeightInfo = pallet_membership::weights::SubstrateWeight<Runtime>;
}

/// Makes the members with session keys the validators of the next session.
pub struct MembersValidate;

impl pallet_session::SessionManager<AccountId> for MembersValidate {
	fn new_session(_: u32) -> Option<Vec<AccountId>> {
		let ready: Vec<AccountId> = ValidatorMembership::members()
			.into_iter()
			.filter(|member| Session::load_keys(member).is_some())
			.collect();
		// Never without a validator: nobody could vote one in again. And none is news only when it is: a new
		// finality set starts over with every session otherwise. Rotated keys are seen without it.
		(!ready.is_empty() && ready != Session::validators()).then_some(ready)
	}

	fn start_session(_: u32) {}

	fn end_session(_: u32) {}
}

parameter_types! {
	pub const NoOffset: BlockNumber = 0;
	/// One entry of keys.
	pub const KeyDeposit: Balance = deposit(1, 64);
}

impl pallet_session::Config for Runtime {
	type Currency = Balances;
	type DisablingStrategy = ();
	type KeyDeposit = KeyDeposit;
	type Keys = SessionKeys;
	type NextSessionRotation = PeriodicSessions<SessionPeriod<Runtime>, NoOffset>;
	type RuntimeEvent = RuntimeEvent;
	type SessionHandler = <SessionKeys as OpaqueKeys>::KeyTypeIdProviders;
	type SessionManager = MembersValidate;
	type ShouldEndSession = PeriodicSessions<SessionPeriod<Runtime>, NoOffset>;
	type ValidatorId = AccountId;
	type ValidatorIdOf = ConvertInto;
	type WeightInfo = pallet_session::weights::SubstrateWeight<Runtime>;
}
