// SPDX-License-Identifier: Apache-2.0
//! The runtime of Keel: the one place where pallets meet.
//!
//! Hooks run in the order of the pallet indices below, which is part of the design: time and
//! scheduled acts first, then prices, breakers, margin and liquidation, and democracy last, because
//! it takes all the weight that is left in a block that opens or closes a referendum. A test asserts
//! the order.

#![cfg_attr(not(feature = "std"), no_std)]
#![recursion_limit = "512"]

#[cfg(feature = "std")]
include!(concat!(env!("OUT_DIR"), "/wasm_binary.rs"));

extern crate alloc;

pub mod apis;
pub mod configs;
pub mod constants;
pub mod exchange_api;
pub mod genesis;
pub mod invariants;
pub mod stress_api;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
pub mod benchmarks;

use alloc::vec::Vec;
use sp_runtime::{
	generic, impl_opaque_keys,
	traits::{BlakeTwo256, IdentifyAccount, Verify},
	MultiAddress, MultiSignature,
};
use sp_version::RuntimeVersion;

/// A signature of an account: Ed25519, Sr25519 or ECDSA.
pub type Signature = MultiSignature;
/// An account: 32 bytes.
pub type AccountId = <<Signature as Verify>::Signer as IdentifyAccount>::AccountId;
/// How transactions name accounts.
pub type Address = MultiAddress<AccountId, ()>;
/// An amount of KEEL, in 1e-12.
pub type Balance = u128;
/// Transactions an account has sent.
pub type Nonce = sp_runtime::type_with_default::TypeWithDefault<u32, configs::system::FirstNonce>;
/// Height of a block.
pub type BlockNumber = u32;
/// A hash.
pub type Hash = sp_core::H256;
/// A block's header.
pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
/// A block.
pub type Block = generic::Block<Header, UncheckedExtrinsic>;

/// The extensions of a transaction, in the order they are checked. None carries data that a wallet
/// would not know.
pub type TxExtension = (
	frame_system::AuthorizeCall<Runtime>,
	frame_system::CheckNonZeroSender<Runtime>,
	frame_system::CheckSpecVersion<Runtime>,
	frame_system::CheckTxVersion<Runtime>,
	frame_system::CheckGenesis<Runtime>,
	frame_system::CheckEra<Runtime>,
	frame_system::CheckNonce<Runtime>,
	frame_system::CheckWeight<Runtime>,
	pallet_skip_feeless_payment::SkipCheckIfFeeless<
		Runtime,
		pallet_transaction_payment::ChargeTransactionPayment<Runtime>,
	>,
	// After the fee: who cannot pay is told so.
	keel_urgent_calls::CheckUrgency<Runtime>,
	frame_metadata_hash_extension::CheckMetadataHash<Runtime>,
	frame_system::WeightReclaim<Runtime>,
);

/// A transaction as it comes in.
pub type UncheckedExtrinsic = generic::UncheckedExtrinsic<Address, RuntimeCall, Signature, TxExtension>;
/// What a transaction's signature covers.
pub type SignedPayload = generic::SignedPayload<RuntimeCall, TxExtension>;

/// Executes blocks.
pub type Executive = frame_executive::Executive<
	Runtime,
	Block,
	frame_system::ChainContext<Runtime>,
	Runtime,
	AllPalletsWithSystem,
>;

/// Types for a node that does not know the runtime.
pub mod opaque {
	use super::BlakeTwo256;
	use sp_runtime::{generic, OpaqueExtrinsic};

	/// A header.
	pub type Header = generic::Header<super::BlockNumber, BlakeTwo256>;
	/// A block of opaque transactions.
	pub type Block = generic::Block<Header, OpaqueExtrinsic>;
	/// The id of a block.
	pub type BlockId = generic::BlockId<Block>;
}

impl_opaque_keys! {
	/// The keys of a validator.
	pub struct SessionKeys {
		/// Authors blocks.
		pub aura: Aura,
		/// Votes on finality.
		pub grandpa: Grandpa,
	}
}

/// The version must be written as a number: the Wasm's own record of it is made of the source.
macro_rules! version {
	($spec_version:tt) => {
		/// The version of this runtime.
		#[sp_version::runtime_version]
		pub const VERSION: RuntimeVersion = RuntimeVersion {
			spec_name: alloc::borrow::Cow::Borrowed("keel"),
			impl_name: alloc::borrow::Cow::Borrowed("keel"),
			authoring_version: 1,
			spec_version: $spec_version,
			impl_version: 1,
			apis: apis::RUNTIME_API_VERSIONS,
			transaction_version: 2,
			system_version: 1,
		};
	};
}

#[cfg(not(feature = "next-runtime"))]
version!(1);
// Upgrades are rehearsed with it.
#[cfg(feature = "next-runtime")]
version!(2);

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeFreezeReason,
		RuntimeHoldReason,
		RuntimeSlashReason,
		RuntimeLockId,
		RuntimeTask,
		RuntimeViewFunction
	)]
	pub struct Runtime;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type Timestamp = pallet_timestamp;
	#[runtime::pallet_index(2)]
	pub type Scheduler = pallet_scheduler;

	#[runtime::pallet_index(3)]
	pub type Oracle = keel_oracle;
	#[runtime::pallet_index(4)]
	pub type CircuitBreaker = keel_circuit_breaker;
	#[runtime::pallet_index(5)]
	pub type Margin = keel_margin;
	#[runtime::pallet_index(7)]
	pub type Liquidation = keel_liquidation;
	#[runtime::pallet_index(8)]
	pub type InsuranceFund = keel_insurance_fund;
	#[runtime::pallet_index(9)]
	pub type StressTest = keel_stress_test;

	#[runtime::pallet_index(10)]
	pub type Aura = pallet_aura;
	#[runtime::pallet_index(11)]
	pub type Authorship = pallet_authorship;
	#[runtime::pallet_index(12)]
	pub type ValidatorMembership = pallet_membership;
	#[runtime::pallet_index(13)]
	pub type Session = pallet_session;
	#[runtime::pallet_index(14)]
	pub type Grandpa = pallet_grandpa;

	#[runtime::pallet_index(20)]
	pub type Balances = pallet_balances;
	#[runtime::pallet_index(21)]
	pub type TransactionPayment = pallet_transaction_payment;
	#[runtime::pallet_index(22)]
	pub type SkipFeeless = pallet_skip_feeless_payment;
	#[runtime::pallet_index(23)]
	pub type Assets = pallet_assets;
	#[runtime::pallet_index(24)]
	pub type Faucet = keel_faucet;

	#[runtime::pallet_index(30)]
	pub type Utility = pallet_utility;
	#[runtime::pallet_index(31)]
	pub type Multisig = pallet_multisig;
	#[runtime::pallet_index(32)]
	pub type Proxy = pallet_proxy;
	#[runtime::pallet_index(33)]
	pub type Identity = pallet_identity;

	#[runtime::pallet_index(40)]
	pub type Preimage = pallet_preimage;
	#[runtime::pallet_index(41)]
	pub type Council = pallet_collective<Instance1>;
	#[runtime::pallet_index(42)]
	pub type TechnicalCommittee = pallet_collective<Instance2>;
	#[runtime::pallet_index(43)]
	pub type RiskCommittee = pallet_collective<Instance3>;
	#[runtime::pallet_index(44)]
	pub type SecurityCouncil = pallet_collective<Instance4>;
	#[runtime::pallet_index(45)]
	pub type Treasury = pallet_treasury;
	#[runtime::pallet_index(46)]
	pub type Parameters = pallet_parameters;

	#[runtime::pallet_index(50)]
	pub type SafeMode = pallet_safe_mode;
	#[runtime::pallet_index(51)]
	pub type TxPause = pallet_tx_pause;
	#[runtime::pallet_index(52)]
	pub type Migrations = pallet_migrations;
	#[runtime::pallet_index(53)]
	pub type Emergency = keel_emergency;
	#[runtime::pallet_index(54)]
	pub type UrgentCalls = keel_urgent_calls;

	#[runtime::pallet_index(60)]
	pub type ChangeControl = keel_change_control;
	#[runtime::pallet_index(63)]
	pub type Democracy = pallet_democracy;
}

/// The names of the calls of `pallet`, or `None` when there is no such pallet: a pause names calls.
pub fn call_names(pallet: &str) -> Option<&'static [&'static str]> {
	use frame_support::traits::GetCallMetadata;
	// `get_call_names` is undefined for a pallet that does not exist.
	RuntimeCall::get_module_names().contains(&pallet).then(|| RuntimeCall::get_call_names(pallet))
}
