// SPDX-License-Identifier: Apache-2.0
//! KEEL, USDK, and test money.

use frame_support::{
	parameter_types,
	traits::{fungible::ItemOf, AsEnsureOriginWithArg, ConstU128, ConstU32, VariantCountOf},
	PalletId,
};
use frame_system::{EnsureNever, EnsureRootWithSuccess};
use sp_runtime::traits::AccountIdConversion;

use crate::{
	constants::{
		currency::{deposit, EXISTENTIAL_DEPOSIT},
		USDK,
	},
	*,
};

impl pallet_balances::Config for Runtime {
	type AccountStore = System;
	type Balance = Balance;
	type DoneSlashHandler = ();
	type DustRemoval = ();
	type ExistentialDeposit = ConstU128<EXISTENTIAL_DEPOSIT>;
	type FreezeIdentifier = RuntimeFreezeReason;
	type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
	type MaxLocks = ConstU32<50>;
	type MaxReserves = ConstU32<50>;
	type ReserveIdentifier = [u8; 8];
	type RuntimeEvent = RuntimeEvent;
	type RuntimeFreezeReason = RuntimeFreezeReason;
	type RuntimeHoldReason = RuntimeHoldReason;
	type WeightInfo = pallet_balances::weights::SubstrateWeight<Runtime>;
}

parameter_types! {
	pub const AssetDeposit: Balance = deposit(1, 210);
	pub const AssetAccountDeposit: Balance = deposit(1, 80);
	pub const MetadataDepositBase: Balance = deposit(1, 68);
	pub const MetadataDepositPerByte: Balance = deposit(0, 1);
	pub const ApprovalDeposit: Balance = EXISTENTIAL_DEPOSIT;
	pub const UsdkId: u32 = USDK;
	pub const UsdkIssuerId: PalletId = PalletId(*b"keel/usd");
	/// Owns USDK and has no key: a referendum acts for it, by `utility.dispatch_as`.
	pub UsdkIssuer: AccountId = UsdkIssuerId::get().into_account_truncating();
}

impl pallet_assets::Config for Runtime {
	type ApprovalDeposit = ApprovalDeposit;
	type AssetAccountDeposit = AssetAccountDeposit;
	type AssetDeposit = AssetDeposit;
	type AssetId = u32;
	type AssetIdAllocator = ();
	type AssetIdParameter = codec::Compact<u32>;
	type Balance = u128;
	type CallbackHandle = ();
	// New assets come by referendum.
	type CreateOrigin = AsEnsureOriginWithArg<EnsureRootWithSuccess<AccountId, UsdkIssuer>>;
	type Currency = Balances;
	type Extra = ();
	// Nobody overrides an asset's roles: that would be a way to freeze custody.
	type ForceOrigin = EnsureNever<AccountId>;
	type Freezer = ();
	type Holder = ();
	type MetadataDepositBase = MetadataDepositBase;
	type MetadataDepositPerByte = MetadataDepositPerByte;
	type RemoveItemsLimit = ConstU32<1000>;
	type ReserveData = ();
	type RuntimeEvent = RuntimeEvent;
	type StringLimit = ConstU32<50>;
	type WeightInfo = pallet_assets::weights::SubstrateWeight<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = ();
}

/// USDK as a single token.
pub type Usdk = ItemOf<Assets, UsdkId, AccountId>;

impl keel_faucet::Config for Runtime {
	type Collateral = Usdk;
	type Native = Balances;
	type WeightInfo = weights::Faucet;
}
