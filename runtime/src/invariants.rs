// SPDX-License-Identifier: Apache-2.0
//! Whether the books are right: what every pallet of ours says of its own state, for whoever asks a node.
//!
//! It is in every build, so that a chain with real money can be asked as it is. Pallets of the SDK check theirs only in a
//! build with the feature `try-runtime`.

use alloc::{string::String, vec::Vec};
use codec::{Decode, Encode};
use scale_info::TypeInfo;
use sp_runtime::TryRuntimeError;

use crate::*;

/// What checks the invariants of a pallet.
type Check = fn() -> Result<(), TryRuntimeError>;

/// The pallets of this product, by the names of their crates, and what checks their invariants.
pub const CHECKS: [(&str, Check); 10] = [
	("keel-change-control", ChangeControl::do_try_state),
	("keel-circuit-breaker", CircuitBreaker::do_try_state),
	("keel-emergency", Emergency::do_try_state),
	("keel-faucet", Faucet::do_try_state),
	("keel-insurance-fund", keel_insurance_fund::invariants::do_try_state::<Runtime>),
	("keel-liquidation", keel_liquidation::invariants::do_try_state::<Runtime>),
	("keel-margin", Margin::do_try_state),
	("keel-oracle", Oracle::do_try_state),
	("keel-stress-test", keel_stress_test::invariants::do_try_state::<Runtime>),
	("keel-urgent-calls", UrgentCalls::do_try_state),
];

/// An invariant that does not hold. Each check ends with the first it finds.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Broken {
	/// Whose it is: the name of the crate.
	pub pallet: String,
	/// What is wrong.
	pub message: String,
}

/// What is broken in the state as it is; nothing when all is well.
pub fn broken() -> Vec<Broken> {
	let ask = |(pallet, check): (&str, Check)| {
		let message: &'static str = check().err()?.into();
		Some(Broken { pallet: pallet.into(), message: message.into() })
	};
	CHECKS.into_iter().filter_map(ask).collect()
}

sp_api::decl_runtime_apis! {
	/// Whether the books are right, in the state of a block.
	pub trait InvariantsApi {
		/// The invariants that do not hold, by pallet; nothing when all is well. It walks the whole state of our
		/// pallets: ask it of a node of your own.
		fn broken() -> Vec<Broken>;
	}
}
