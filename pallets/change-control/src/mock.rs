// SPDX-License-Identifier: Apache-2.0
//! A chain with the SDK's scheduler and preimages, and votes that tests decide.

use std::cell::RefCell;

use codec::Encode;
use frame_support::{
	derive_impl, parameter_types,
	traits::{
		schedule::v3::TaskName, Bounded, ConstU32, ConstU64, EqualPrivilegeOnly, GetCallMetadata, Hooks,
	},
	weights::Weight,
};
use frame_system::{EnsureRoot, EnsureSignedBy};
use sp_runtime::{testing::H256, BuildStorage, Permill};

use crate::{BoundedCallOf, Class, Classify, Look, PerClass, Reason, Referenda, Refusal, Timetable};

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
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type Scheduler = pallet_scheduler;
	#[runtime::pallet_index(2)]
	pub type Balances = pallet_balances;
	#[runtime::pallet_index(3)]
	pub type Preimage = pallet_preimage;
	#[runtime::pallet_index(4)]
	pub type Utility = pallet_utility;
	#[runtime::pallet_index(5)]
	pub type ChangeControl = crate;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type AccountData = pallet_balances::AccountData<u64>;
	type Block = frame_system::mocking::MockBlock<Test>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
}

impl pallet_preimage::Config for Test {
	type Consideration = ();
	type Currency = Balances;
	type ManagerOrigin = EnsureRoot<u64>;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = ();
}

impl pallet_utility::Config for Test {
	type PalletsOrigin = OriginCaller;
	type RuntimeCall = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = ();
}

parameter_types! {
	pub const SchedulerWeight: Weight = Weight::from_parts(100_000_000_000, u64::MAX);
	pub const HookWeight: Weight = Weight::from_parts(20_000_000_000, u64::MAX);
}

impl pallet_scheduler::Config for Test {
	type BlockNumberProvider = System;
	type MaxScheduledPerBlock = ConstU32<2>;
	type MaximumWeight = SchedulerWeight;
	type OriginPrivilegeCmp = EqualPrivilegeOnly;
	type PalletsOrigin = OriginCaller;
	type Preimages = Preimage;
	type RuntimeCall = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type RuntimeOrigin = RuntimeOrigin;
	type ScheduleOrigin = EnsureRoot<u64>;
	type WeightInfo = ();
}

pub const TIMETABLE: Timetable<u64> = Timetable {
	launch_period: 100,
	voting_period: 700,
	fast_track_voting_period: 12,
	enactment_period: 700,
	vote_locking_period: 700,
	cooloff_period: 700,
	motion_duration: 300,
	session_period: 16,
	safe_mode_duration: 16,
	safe_mode_extension: 16,
	least_delay: PerClass { emergency: 1, operational: 5, economic: 20, constitutional: 50 },
	least_turnout: PerClass {
		emergency: Permill::from_percent(1),
		operational: Permill::from_percent(2),
		economic: Permill::from_percent(3),
		constitutional: Permill::from_percent(5),
	},
	longest_standstill: 30,
	authorization_life: 40,
	fast_track: true,
	instant: false,
};

/// What a call is here: a remark's first letter says it.
pub struct Classes;

impl Classify<RuntimeCall> for Classes {
	fn look(call: &RuntimeCall) -> Look<'_, RuntimeCall> {
		let says = |remark: &[u8]| match remark.first() {
			Some(b'c') => Look::Is(Class::Constitutional),
			Some(b'e') if after_upgrade() => Look::Is(Class::Constitutional),
			Some(b'e') => Look::Is(Class::Economic),
			Some(b'o') => Look::Is(Class::Operational),
			Some(b's') => Look::Is(Class::Emergency),
			_ => Look::Never(Reason::Unlisted),
		};
		match call {
			RuntimeCall::System(
				frame_system::Call::remark { remark } | frame_system::Call::remark_with_event { remark },
			) => says(remark),
			// Something to see an effect by.
			RuntimeCall::System(frame_system::Call::set_heap_pages { pages }) if *pages > 100 => {
				Look::Is(Class::Constitutional)
			}
			RuntimeCall::System(frame_system::Call::set_heap_pages { .. }) => Look::Is(Class::Economic),
			RuntimeCall::System(frame_system::Call::set_storage { .. }) => Look::Never(Reason::NeverAllowed),
			RuntimeCall::Utility(
				pallet_utility::Call::batch { calls } | pallet_utility::Call::batch_all { calls },
			) => Look::Carries(calls.iter().collect()),
			RuntimeCall::Utility(pallet_utility::Call::with_weight { call, .. }) => {
				Look::Carries(vec![&**call])
			}
			_ => Look::Never(Reason::Unlisted),
		}
	}

	fn name(call: &RuntimeCall) -> (&'static str, &'static str) {
		let metadata = call.get_call_metadata();
		(metadata.pallet_name, metadata.function_name)
	}

	type Aftermath = bool;

	/// Of a change that sets the pages to 99 something is left to do; to 13 they are set once.
	fn together(acts: &[&RuntimeCall]) -> Result<(bool, Weight), Refusal> {
		let count = |pages| acts.iter().filter(|act| ***act == set_pages(pages)).count();
		if count(13) > 1 {
			return Err(Refusal::whole(Reason::MoreThanOnce));
		}
		let is_99 = count(99) > 0;
		Ok((is_99, Weight::from_parts(if is_99 { 5_000 } else { 0 }, 0)))
	}

	fn follow(is_99: bool) {
		if is_99 {
			sp_io::storage::set(b"followed", b"yes");
		}
	}
}

/// A vote: what about, how many took part, whether it is over.
#[derive(Clone)]
struct Vote {
	call: BoundedCallOf<Test>,
	voted: u128,
	hurried: bool,
	end: u64,
	over: bool,
}

#[derive(Default)]
struct World {
	votes: Vec<Vote>,
	barred: Vec<(H256, bool)>,
	shut: bool,
	opened: u32,
	upgraded: bool,
}

thread_local! {
	static WORLD: RefCell<World> = RefCell::default();
}

fn world<R>(change: impl FnOnce(&mut World) -> R) -> R {
	WORLD.with(|world| change(&mut world.borrow_mut()))
}

fn after_upgrade() -> bool {
	world(|world| world.upgraded)
}

/// From now on calls have other classes.
pub fn upgrade() {
	world(|world| world.upgraded = true);
}

/// Nobody can withdraw, or everybody can again.
pub fn shut(shut: bool) {
	world(|world| world.shut = shut);
}

/// A hash is vetoed, or blacklisted for good.
pub fn bar(call: &RuntimeCall, for_good: bool) {
	let hash = bounded(call).hash();
	world(|world| world.barred.push((hash, for_good)));
}

pub struct Votes;

pub const ELECTORATE: u128 = 1_000_000;

impl Referenda<Test> for Votes {
	fn count() -> u32 {
		world(|world| world.votes.len() as u32)
	}

	fn proposal(index: u32) -> Option<BoundedCallOf<Test>> {
		world(|world| world.votes.get(index as usize).filter(|vote| !vote.over).map(|vote| vote.call.clone()))
	}

	fn turnout(index: u32) -> Option<u128> {
		world(|world| world.votes.get(index as usize).map(|vote| vote.voted))
	}

	fn electorate() -> u128 {
		ELECTORATE
	}

	fn is_hurried(index: u32) -> bool {
		world(|world| world.votes.get(index as usize).is_some_and(|vote| vote.hurried))
	}

	fn end(index: u32) -> Option<u64> {
		world(|world| world.votes.get(index as usize).filter(|vote| !vote.over).map(|vote| vote.end))
	}

	fn is_barred(hash: &H256) -> bool {
		world(|world| world.barred.iter().any(|(barred, _)| barred == hash))
	}

	fn is_barred_for_good(hash: &H256) -> bool {
		world(|world| world.barred.contains(&(*hash, true)))
	}

	fn withdraw(index: u32) {
		end(index);
	}

	fn index_of(task: &TaskName) -> Option<u32> {
		let index = u32::from_le_bytes(task[..4].try_into().expect("four"));
		(task[4..] == [7; 28]).then_some(index)
	}

	fn task_of(index: u32) -> TaskName {
		let mut task = [7; 32];
		task[..4].copy_from_slice(&index.to_le_bytes());
		task
	}
}

parameter_types! {
	pub const Production: Timetable<u64> = TIMETABLE;
}

/// The way out of this world.
pub struct Door;

impl crate::WayOut for Door {
	fn is_open() -> bool {
		world(|world| !world.shut)
	}

	fn open() {
		world(|world| world.opened += 1);
	}
}

/// How often the way out was opened.
pub fn opened() -> u32 {
	world(|world| world.opened)
}

frame_support::ord_parameter_types! {
	pub const GuardianAccount: u64 = 9;
}

impl crate::Config for Test {
	type CancelOrigin = EnsureSignedBy<GuardianAccount, u64>;
	type Classes = Classes;
	type DefaultTimetable = Production;
	type HookWeight = HookWeight;
	type MaxOpen = ConstU32<8>;
	type MaxSpends = ConstU32<3>;
	type MaxWeight = SchedulerWeight;
	type PalletsOrigin = OriginCaller;
	type Preimages = Preimage;
	type Referenda = Votes;
	type Scheduler = Scheduler;
	type SpendWindow = ConstU64<30>;
	type WayOut = Door;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Votes;
}

#[cfg(feature = "runtime-benchmarks")]
impl crate::benchmarking::BenchmarkHelper<Test> for Votes {
	fn open(call: BoundedCallOf<Test>) -> u32 {
		table_as_is(call)
	}

	fn close(index: u32) {
		end(index);
	}

	fn largest() -> RuntimeCall {
		let calls = vec![remark(b'e', 119); crate::MAX_CALLS - 1];
		pallet_utility::Call::batch { calls }.into()
	}

	fn shut() {
		shut(true);
	}
}

pub fn chain(timetable: Option<Timetable<u64>>) -> sp_io::TestExternalities {
	world(|world| *world = World::default());
	let mut chain: sp_io::TestExternalities =
		RuntimeGenesisConfig { change_control: crate::GenesisConfig { timetable }, ..Default::default() }
			.build_storage()
			.expect("genesis is valid")
			.into();
	chain.execute_with(next_block);
	chain
}

/// Begin the next block: the scheduler first, as in the runtime.
pub fn next_block() {
	let number = System::block_number() + 1;
	System::set_block_number(number);
	System::reset_events();
	Scheduler::on_initialize(number);
	ChangeControl::on_initialize(number);
	assert_eq!(ChangeControl::do_try_state(), Ok(()));
}

pub fn to_block(number: u64) {
	while System::block_number() < number {
		next_block();
	}
}

/// Where the bytes of a call are, once they are stored.
pub fn bounded(call: &RuntimeCall) -> BoundedCallOf<Test> {
	let bytes = call.encode();
	match bytes.clone().try_into() {
		Ok(inline) => Bounded::Inline(inline),
		Err(_) => {
			Bounded::Lookup { hash: sp_io::hashing::blake2_256(&bytes).into(), len: bytes.len() as u32 }
		}
	}
}

/// Open a vote on `call`, whose bytes are stored; returns its index.
pub fn table(call: &RuntimeCall) -> u32 {
	let bytes = call.encode();
	if bytes.len() > 128 {
		// Somebody may have done so before.
		let _ = Preimage::note_preimage(RuntimeOrigin::signed(1), bytes);
	}
	table_as_is(bounded(call))
}

/// The same without storing anything.
pub fn table_as_is(call: BoundedCallOf<Test>) -> u32 {
	world(|world| {
		let end = System::block_number() + TIMETABLE.voting_period;
		world.votes.push(Vote { call, voted: ELECTORATE, hurried: false, end, over: false });
		world.votes.len() as u32 - 1
	})
}

/// It ends in another block.
pub fn ends(index: u32, end: u64) {
	world(|world| world.votes[index as usize].end = end);
}

/// Bodies hurry it.
pub fn hurry(index: u32) {
	world(|world| world.votes[index as usize].hurried = true);
}

/// The scheduler loses a task, as when its block has too little left for it.
pub fn lose(index: u32) {
	let (due, place) =
		pallet_scheduler::Lookup::<Test>::take(Votes::task_of(index)).expect("it is scheduled");
	pallet_scheduler::Agenda::<Test>::mutate(due, |agenda| agenda[place as usize] = None);
}

/// So many take part.
pub fn voted(index: u32, voted: u128) {
	world(|world| world.votes[index as usize].voted = voted);
}

/// The vote ends, and nothing comes of it.
pub fn end(index: u32) {
	world(|world| world.votes[index as usize].over = true);
}

/// The vote passes, with a delay of `delay` blocks, as democracy says it: it ends after it was scheduled.
pub fn pass(index: u32, delay: u64) -> sp_runtime::DispatchResult {
	use frame_support::traits::schedule::{v3::Named, DispatchTime};
	let call = Votes::proposal(index).expect("it is open");
	let passed = crate::GuardedScheduler::<Test>::schedule_named(
		Votes::task_of(index),
		DispatchTime::At(System::block_number() + delay.max(1)),
		None,
		63,
		frame_system::RawOrigin::Root.into(),
		call,
	);
	end(index);
	passed.map(drop)
}

/// A remark of so many bytes, which is of the class its first letter says.
pub fn remark(letter: u8, length: usize) -> RuntimeCall {
	frame_system::Call::remark { remark: vec![letter; length] }.into()
}

/// An act whose effect is easy to see; economic up to a hundred.
pub fn set_pages(pages: u64) -> RuntimeCall {
	frame_system::Call::set_heap_pages { pages }.into()
}

/// What was set.
pub fn pages() -> Option<u64> {
	sp_io::storage::get(b":heappages").and_then(|bytes| codec::Decode::decode(&mut &bytes[..]).ok())
}

/// The events of this pallet in this block.
pub fn events() -> Vec<crate::Event<Test>> {
	System::events()
		.into_iter()
		.filter_map(|record| match record.event {
			RuntimeEvent::ChangeControl(event) => Some(event),
			_ => None,
		})
		.collect()
}
