// SPDX-License-Identifier: Apache-2.0
//! A chain with nothing but this pallet. What calls of `System` are here stands for urgent calls.

use crate as keel_urgent_calls;
use crate::*;
use frame_support::derive_impl;
use sp_runtime::BuildStorage;

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(RuntimeCall, RuntimeEvent, RuntimeError, RuntimeOrigin, RuntimeTask)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system::Pallet<Test>;
	#[runtime::pallet_index(1)]
	pub type UrgentCalls = keel_urgent_calls::Pallet<Test>;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
}

/// May send nothing urgent.
pub const STRANGER: u64 = 99;
/// For whom everybody acts.
pub const PRINCIPAL: u64 = 7;

/// One of a kind.
pub fn one(kind: Kind) -> RuntimeCall {
	let pages = Kind::ALL.iter().position(|each| *each == kind).expect("it is one of them") as u64;
	frame_system::Call::set_heap_pages { pages }.into()
}

/// Several that add margin.
pub fn batch(count: usize) -> RuntimeCall {
	frame_system::Call::kill_storage { keys: vec![vec![]; count] }.into()
}

/// One that adds margin for the principal.
pub fn proxied() -> RuntimeCall {
	frame_system::Call::set_code { code: vec![] }.into()
}

/// Nothing urgent.
pub fn ordinary() -> RuntimeCall {
	frame_system::Call::remark { remark: vec![] }.into()
}

/// Knows the calls above.
pub struct Seats;

impl Judge<u64, RuntimeCall> for Seats {
	fn uses(who: &u64, call: &RuntimeCall) -> Result<Uses<u64>, Refusal> {
		use frame_system::Call::*;
		let mut uses = Uses::default();
		if *who == STRANGER {
			return Err(Refusal::NoSeat);
		}
		match call {
			RuntimeCall::System(set_heap_pages { pages }) => uses.note(who, Kind::ALL[*pages as usize])?,
			RuntimeCall::System(kill_storage { keys }) => {
				for _ in keys {
					uses.note(who, Kind::AddMargin)?;
				}
			}
			RuntimeCall::System(set_code { .. }) => {
				uses.note(who, Kind::AddMargin)?;
				uses.note(&PRINCIPAL, Kind::AddMargin)?;
			}
			_ => return Err(Refusal::NotByAccounts),
		}
		Ok(uses)
	}

	fn units(call: &RuntimeCall) -> u32 {
		match call {
			RuntimeCall::System(frame_system::Call::kill_storage { keys }) => keys.len() as u32,
			_ => 1,
		}
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn dearest(_: &u64) -> RuntimeCall {
		proxied()
	}
}

impl Config for Test {
	type Judge = Seats;
	type WeightInfo = ();
}

/// An empty chain.
pub fn chain() -> sp_io::TestExternalities {
	frame_system::GenesisConfig::<Test>::default().build_storage().expect("genesis builds").into()
}
