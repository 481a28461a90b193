// SPDX-License-Identifier: Apache-2.0
//! Accounts that act for others: batches, multisigs, proxies; and who they say they are.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	parameter_types,
	traits::{ConstU32, InstanceFilter},
};
use frame_system::EnsureRoot;
use scale_info::TypeInfo;
use sp_runtime::traits::{BlakeTwo256, Verify};

use super::governance::CouncilHalf;
use crate::{
	constants::{currency::deposit, time::DAYS},
	*,
};

impl pallet_utility::Config for Runtime {
	type PalletsOrigin = OriginCaller;
	type RuntimeCall = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = pallet_utility::weights::SubstrateWeight<Runtime>;
}

parameter_types! {
	pub const MultisigBase: Balance = deposit(1, 88);
	pub const MultisigFactor: Balance = deposit(0, 32);
}

impl pallet_multisig::Config for Runtime {
	type BlockNumberProvider = System;
	type Currency = Balances;
	type DepositBase = MultisigBase;
	type DepositFactor = MultisigFactor;
	type MaxSignatories = ConstU32<100>;
	type RuntimeCall = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = pallet_multisig::weights::SubstrateWeight<Runtime>;
}

/// What a proxy may do for the account that named it.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum ProxyType {
	/// Anything.
	#[default]
	Any,
	/// Propose, vote and sit in bodies.
	Governance,
	/// Trade, and add margin, but never take money out: a key for a trading machine.
	Trade,
}

impl InstanceFilter<RuntimeCall> for ProxyType {
	fn filter(&self, call: &RuntimeCall) -> bool {
		match self {
			Self::Any => true,
			Self::Governance => matches!(
				call,
				RuntimeCall::Democracy(..)
					| RuntimeCall::Council(..)
					| RuntimeCall::TechnicalCommittee(..)
					| RuntimeCall::RiskCommittee(..)
					| RuntimeCall::SecurityCouncil(..)
					| RuntimeCall::Preimage(..)
					| RuntimeCall::Utility(..)
			),
			Self::Trade => trades(call),
		}
	}

	fn is_superset(&self, other: &Self) -> bool {
		*self == Self::Any || self == other
	}
}

/// Calls of a trading key: nothing that takes money out. Batches are allowed, because each call inside is
/// filtered again.
fn trades(call: &RuntimeCall) -> bool {
	use keel_margin::Call::*;
	matches!(
		call,
		RuntimeCall::Margin(
			deposit { .. }
				| offer_trade { .. }
				| offer_reduce { .. }
				| cancel_offer { .. }
				| accept_trade { .. }
				| accept_reduce { .. }
		) | RuntimeCall::Utility(
			pallet_utility::Call::batch { .. }
				| pallet_utility::Call::batch_all { .. }
				| pallet_utility::Call::force_batch { .. }
		)
	)
}

parameter_types! {
	pub const ProxyBase: Balance = deposit(1, 8);
	pub const ProxyFactor: Balance = deposit(0, 33);
	pub const AnnouncementBase: Balance = deposit(1, 16);
	pub const AnnouncementFactor: Balance = deposit(0, 68);
}

impl pallet_proxy::Config for Runtime {
	type AnnouncementDepositBase = AnnouncementBase;
	type AnnouncementDepositFactor = AnnouncementFactor;
	type BlockNumberProvider = System;
	type CallHasher = BlakeTwo256;
	type Currency = Balances;
	type MaxPending = ConstU32<32>;
	type MaxProxies = ConstU32<32>;
	type ProxyDepositBase = ProxyBase;
	type ProxyDepositFactor = ProxyFactor;
	type ProxyType = ProxyType;
	type RuntimeCall = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = pallet_proxy::weights::SubstrateWeight<Runtime>;
}

parameter_types! {
	pub const IdentityBase: Balance = deposit(1, 258);
	pub const IdentityByte: Balance = deposit(0, 1);
	pub const UsernameDeposit: Balance = deposit(1, 32);
	pub const SubAccountDeposit: Balance = deposit(1, 53);
	pub const UsernameExpiration: BlockNumber = 7 * DAYS;
	pub const UsernameGrace: BlockNumber = 30 * DAYS;
}

impl pallet_identity::Config for Runtime {
	type BasicDeposit = IdentityBase;
	type ByteDeposit = IdentityByte;
	type Currency = Balances;
	type ForceOrigin = EnsureRoot<AccountId>;
	type IdentityInformation = pallet_identity::legacy::IdentityInfo<ConstU32<100>>;
	type MaxRegistrars = ConstU32<20>;
	type MaxSubAccounts = ConstU32<100>;
	type MaxSuffixLength = ConstU32<7>;
	type MaxUsernameLength = ConstU32<32>;
	type OffchainSignature = Signature;
	type PendingUsernameExpiration = UsernameExpiration;
	type RegistrarOrigin = CouncilHalf;
	type RuntimeEvent = RuntimeEvent;
	type SigningPublicKey = <Signature as Verify>::Signer;
	type Slashed = Treasury;
	type SubAccountDeposit = SubAccountDeposit;
	type UsernameAuthorityOrigin = CouncilHalf;
	type UsernameDeposit = UsernameDeposit;
	type UsernameGracePeriod = UsernameGrace;
	type WeightInfo = pallet_identity::weights::SubstrateWeight<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = ();
}
