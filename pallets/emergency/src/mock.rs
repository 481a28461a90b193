// SPDX-License-Identifier: Apache-2.0
//! A chain with nothing but this pallet, bodies that a test seats, and things that can be stopped.

use crate as keel_emergency;
use crate::*;
use frame_support::{
	derive_impl, parameter_types,
	traits::{ConstU32, ConstU64, Hooks},
};
use keel_primitives::MarketId;
use sp_runtime::{BuildStorage, DispatchError};
use std::{
	cell::RefCell,
	collections::{BTreeMap, BTreeSet},
};

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
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system::Pallet<Test>;
	#[runtime::pallet_index(1)]
	pub type Emergency = keel_emergency::Pallet<Test>;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
}

/// Five seats.
pub const SECURITY: [u64; 5] = [1, 2, 3, 4, 5];
/// Three seats.
pub const TECHNICAL: [u64; 3] = [11, 12, 13];
/// Three seats, one of them of a member of the Security Council.
pub const COUNCIL: [u64; 3] = [21, 22, 5];
/// Sits nowhere.
pub const STRANGER: u64 = 99;
pub const BTC: MarketId = MarketId(0);

/// What is stopped.
#[derive(Default)]
pub struct World {
	pub seats: BTreeMap<Body, Vec<u64>>,
	/// Open again from this block on.
	pub safe_mode: Option<u64>,
	pub paused: BTreeSet<CallName>,
	/// What was ordered, in blocks; nothing to end it.
	pub orders: Vec<(MarketId, &'static str, u32)>,
	pub positions: BTreeSet<(u64, MarketId)>,
	pub cancelled: Vec<u32>,
}

thread_local! {
	static WORLD: RefCell<World> = RefCell::default();
}

pub fn world<R>(change: impl FnOnce(&mut World) -> R) -> R {
	WORLD.with(|world| change(&mut world.borrow_mut()))
}

pub struct Seats;

impl Bodies<u64> for Seats {
	fn seats(body: Body) -> u32 {
		world(|world| world.seats.get(&body).map_or(0, |seats| seats.len() as u32))
	}

	fn is_member(body: Body, who: &u64) -> bool {
		world(|world| world.seats.get(&body).is_some_and(|seats| seats.contains(who)))
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn seat(body: Body, who: &u64) {
		world(|world| world.seats.entry(body).or_default().push(*who));
	}
}

pub struct Doors;

impl Stops<u64, u64> for Doors {
	fn guard_market(market: MarketId, blocks: u32) -> DispatchResult {
		world(|world| world.orders.push((market, "guard", blocks)));
		Ok(())
	}

	fn halt_market(market: MarketId, blocks: u32) -> DispatchResult {
		if blocks > 100 {
			return Err(DispatchError::Other("too long"));
		}
		world(|world| world.orders.push((market, "halt", blocks)));
		Ok(())
	}

	fn resume_market(market: MarketId) -> DispatchResult {
		world(|world| world.orders.push((market, "resume", 0)));
		Ok(())
	}

	fn enter_safe_mode(blocks: u64) -> DispatchResult {
		world(|world| match world.safe_mode {
			Some(_) => Err(DispatchError::Other("entered")),
			None => {
				world.safe_mode = Some(System::block_number() + blocks);
				Ok(())
			}
		})
	}

	fn extend_safe_mode(blocks: u64) -> DispatchResult {
		world(|world| {
			let until = world.safe_mode.as_mut().ok_or(DispatchError::Other("exited"))?;
			*until += blocks;
			Ok(())
		})
	}

	fn exit_safe_mode() -> DispatchResult {
		world(|world| world.safe_mode.take()).map(drop).ok_or(DispatchError::Other("exited"))
	}

	fn pause_call(call: &CallName) -> DispatchResult {
		if call == &name("vital") {
			return Err(DispatchError::Other("unpausable"));
		}
		world(|world| world.paused.insert(call.clone()));
		Ok(())
	}

	fn resume_call(call: &CallName) -> DispatchResult {
		world(|world| world.paused.remove(call)).then_some(()).ok_or(DispatchError::Other("not paused"))
	}

	fn is_paused(call: &CallName) -> bool {
		world(|world| world.paused.contains(call))
	}

	fn cancel_change(referendum: u32) -> DispatchResult {
		world(|world| world.cancelled.push(referendum));
		Ok(())
	}

	fn has_position(who: &u64, market: MarketId) -> bool {
		world(|world| world.positions.contains(&(*who, market)))
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn market() -> MarketId {
		BTC
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn open_accounts(_: &u64) {}

	#[cfg(feature = "runtime-benchmarks")]
	fn keep_paused(call: &CallName) {
		world(|world| world.paused.insert(call.clone()));
	}
}

pub const WINDOW: u64 = 300;
pub const BUDGET: u64 = 30;

parameter_types! {
	pub const HookWeight: frame_support::weights::Weight = frame_support::weights::Weight::MAX;
	/// What a control may make too large.
	pub static Most: u64 = BUDGET;
	/// What a control may make too many.
	pub static Renewals: u32 = 3;
}

impl Config for Test {
	type AloneBlocks = ConstU64<4>;
	type ApprovalLife = ConstU64<20>;
	type Bodies = Seats;
	type Budget = Most;
	type ExtensionBlocks = ConstU64<5>;
	type HookWeight = HookWeight;
	type MaxApprovals = ConstU32<12>;
	type MaxGiven = ConstU32<3>;
	type MaxPauses = ConstU32<3>;
	type MaxRenewals = Renewals;
	type MaxSeats = ConstU32<5>;
	type PauseBlocks = ConstU64<6>;
	type SafeModeBlocks = ConstU64<8>;
	type Stops = Doors;
	type WeightInfo = ();
	type Window = ConstU64<WINDOW>;
}

pub fn chain() -> sp_io::TestExternalities {
	let seats = [
		(Body::SecurityCouncil, SECURITY.to_vec()),
		(Body::TechnicalCommittee, TECHNICAL.to_vec()),
		(Body::Council, COUNCIL.to_vec()),
	];
	world(|world| *world = World { seats: seats.into(), ..World::default() });
	let storage = RuntimeGenesisConfig::default().build_storage().expect("genesis is valid");
	let mut chain: sp_io::TestExternalities = storage.into();
	chain.execute_with(|| System::set_block_number(1));
	chain
}

/// Run `test` on a chain, and check all invariants after it.
pub fn run(test: impl FnOnce()) {
	chain().execute_with(|| {
		test();
		assert_eq!(Emergency::do_try_state(), Ok(()));
	});
}

pub fn name(call: &str) -> CallName {
	let bounded = |text: &str| text.as_bytes().to_vec().try_into().expect("it is short");
	CallName { pallet: bounded("Pallet"), call: bounded(call) }
}

/// Safe mode ends by itself before hooks of the next block, as the SDK's does.
pub fn next_block() {
	begin_block();
	assert_eq!(Emergency::do_try_state(), Ok(()));
}

/// The same without a look at the invariants.
pub fn begin_block() {
	let now = System::block_number() + 1;
	System::set_block_number(now);
	System::reset_events();
	world(|world| world.safe_mode = world.safe_mode.filter(|until| *until > now));
	Emergency::on_initialize(now);
}

pub fn pass_blocks(count: u64) {
	(0..count).for_each(|_| next_block());
}

/// `who` approves, as a transaction: what fails changes nothing.
pub fn approve(who: u64, act: &Act<u64>) -> DispatchResult {
	frame_support::storage::with_storage_layer(|| {
		let result = Emergency::approve(RuntimeOrigin::signed(who), act.clone());
		result.map(drop).map_err(|refused| refused.error)
	})
}

/// All of these approve, in this order: what the last was answered.
pub fn all(who: &[u64], act: &Act<u64>) -> DispatchResult {
	let (last, others) = who.split_last().expect("somebody");
	for who in others {
		frame_support::assert_ok!(approve(*who, act));
	}
	approve(*last, act)
}

pub fn is_done(act: &Act<u64>) -> bool {
	let done = RuntimeEvent::Emergency(Event::Done { act: act.clone() });
	System::events().iter().any(|record| record.event == done)
}
