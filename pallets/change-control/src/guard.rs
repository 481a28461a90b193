// SPDX-License-Identifier: Apache-2.0
//! Between a vote and its effect: what is tabled is looked at, what passes waits, and what was looked at is what runs.
//!
//! ```text
//! tabled ──judge──► open ──passes──► waiting ──timelock──► enacted
//!    │ refused: taken from the vote     │ refused: too few voted, vetoed       │ cancelled by the guardians
//! ```

use alloc::vec::Vec;
use codec::{Decode, DecodeLimit, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::marker::PhantomData;
use frame_support::{
	dispatch::{GetDispatchInfo, PostDispatchInfo},
	ensure,
	storage::storage_prefix,
	traits::{
		schedule::{
			v3::{Named, TaskName},
			DispatchTime, Period, Priority,
		},
		Bounded, Get, QueryPreimage, UnfilteredDispatchable,
	},
	weights::{Weight, WeightMeter},
};
use frame_system::pallet_prelude::BlockNumberFor;
use scale_info::TypeInfo;
use sp_runtime::{
	traits::{One, Saturating, Zero},
	DispatchError,
};

use crate::{classify, pallet::*, Call, Class, Classify, Reason, Refusal, Timetables, WeightInfo};

/// The call of a runtime.
pub type CallOf<T> = <T as frame_system::Config>::RuntimeCall;
/// A call, or where its bytes are stored.
pub type BoundedCallOf<T> = Bounded<CallOf<T>, <T as frame_system::Config>::Hashing>;
/// The hash of a call's bytes.
pub type HashOf<T> = <T as frame_system::Config>::Hash;

/// Where the scheduler keeps a task.
type AddressOf<T> =
	<<T as Config>::Scheduler as Named<BlockNumberFor<T>, CallOf<T>, <T as Config>::PalletsOrigin>>::Address;

/// The longest call that is read: the parameters of every market fit, and new code comes by its hash.
pub const MAX_BYTES: u32 = 16 * 1024;
/// How deep calls may lie in each other: whoever reads deeper ones needs a stack as deep, and the chain's ends.
const MAX_DEPTH: u32 = 64;
/// How many blocks after the one it is due in a change may be put where that one is full.
const REACH: u32 = 32;

/// What was found out about a change.
struct Looked<T: Config> {
	change: CallOf<T>,
	class: Class,
	weight: Weight,
	aftermath: <T::Classes as Classify<CallOf<T>>>::Aftermath,
	follows: Weight,
}

/// A referendum that is open, or whose change waits.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
#[scale_info(skip_type_params(T))]
#[codec(mel_bound(T: Config))]
pub struct Change<T: Config> {
	/// What was voted. Its bytes are pinned.
	pub call: BoundedCallOf<T>,
	/// What it changes.
	pub class: Class,
	/// What it declares to weigh.
	pub weight: Weight,
	/// How far it is.
	pub stage: Stage<BlockNumberFor<T>>,
}

/// How far a change is.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Stage<BlockNumber> {
	/// It is being voted on.
	Open,
	/// It has passed, and its timelock runs.
	Waiting {
		/// The block it is due in.
		due: BlockNumber,
		/// For how many blocks nobody could withdraw, of all the chain's, when that block was set.
		stood_still: BlockNumber,
		/// For how many blocks its timelock has stood still.
		held: BlockNumber,
	},
}

/// A referendum that is looked after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Place {
	/// The referendum.
	pub referendum: u32,
	/// Whether bodies could hurry it.
	pub hurried: bool,
}

/// The votes that this pallet stands behind.
pub trait Referenda<T: frame_system::Config> {
	/// How many there have been.
	fn count() -> u32;
	/// What is being voted on; none when it is over.
	fn proposal(index: u32) -> Option<BoundedCallOf<T>>;
	/// How many tokens have taken part so far, in the smallest unit.
	fn turnout(index: u32) -> Option<u128>;
	/// How many tokens there are, in the smallest unit.
	fn electorate() -> u128;
	/// Whether bodies could hurry it: then there may be as many as they like.
	fn is_hurried(index: u32) -> bool;
	/// The last block of the vote, unless it is over.
	fn end(index: u32) -> Option<BlockNumberFor<T>>;
	/// Whether the hash is vetoed or blacklisted now.
	fn is_barred(hash: &HashOf<T>) -> bool;
	/// Whether it is blacklisted for good.
	fn is_barred_for_good(hash: &HashOf<T>) -> bool;
	/// Take it from the vote.
	fn withdraw(index: u32);
	/// Which one schedules under this name.
	fn index_of(task: &TaskName) -> Option<u32>;
	/// Under which name it schedules.
	fn task_of(index: u32) -> TaskName;
}

/// The way out of the exchange.
pub trait WayOut {
	/// Whether people can take their money out.
	fn is_open() -> bool;
	/// Lift what somebody has done to shut it: people may want to leave from now on.
	fn open();
}

/// What an account is told before it asks others to vote.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Forecast<BlockNumber> {
	/// What the change changes.
	pub class: Class,
	/// How long it waits at least when it has passed, in blocks.
	pub delay: BlockNumber,
	/// How long it waits when nobody hurries its vote, in blocks.
	pub unhurried: BlockNumber,
	/// How many tokens must take part, in the smallest unit.
	pub turnout: u128,
	/// What it declares to weigh.
	pub weight: Weight,
}

impl<T: Config> Pallet<T> {
	/// What a change would be, of bytes that are stored; or which of its calls is refused, and why.
	fn look_at(call: &BoundedCallOf<T>) -> Result<Looked<T>, Refusal> {
		let unreadable = || Refusal::whole(Reason::Unreadable);
		let length = call.len().or_else(|| T::Preimages::len(&call.hash())).ok_or_else(unreadable)?;
		ensure!(length <= MAX_BYTES, unreadable());
		let bytes = match call {
			Bounded::Inline(bytes) => bytes.to_vec(),
			Bounded::Lookup { .. } | Bounded::Legacy { .. } => {
				T::Preimages::fetch(&call.hash(), Some(length)).map_err(|_| unreadable())?.into_owned()
			}
		};
		// All of them: bytes behind a call would give it another hash.
		let change =
			CallOf::<T>::decode_all_with_depth_limit(MAX_DEPTH, &mut &bytes[..]).map_err(|_| unreadable())?;
		let (class, acts) = classify::<_, T::Classes>(&change)?;
		let (aftermath, follows) = T::Classes::together(&acts)?;
		let weight = change.get_dispatch_info().call_weight.saturating_add(follows);
		let most = T::MaxWeight::get().saturating_sub(T::WeightInfo::enact());
		ensure!(weight.all_lte(most), Refusal::whole(Reason::TooHeavy { weight, most }));
		Ok(Looked { change, class, weight, aftermath, follows })
	}

	/// How many tokens must have taken part for a change of this class, in the smallest unit.
	pub fn needed(class: Class) -> u128 {
		Timetables::<T>::get().least_turnout.of(class).mul_ceil(T::Referenda::electorate())
	}

	/// Look at the referenda that were tabled since the last block, forget those that are over, and put changes back into
	/// the scheduler that it has lost.
	pub(crate) fn look_after(meter: &mut WeightMeter) {
		for Place { referendum: index, .. } in Open::<T>::get() {
			meter.consume(T::WeightInfo::look());
			match (Changes::<T>::get(index), T::Referenda::proposal(index)) {
				(Some(Change { stage: Stage::Open, .. }) | None, None) => Self::forget(index),
				(Some(change), _) => Self::put_back(index, change),
				(None, Some(call)) => {
					if T::Preimages::have(&call) && meter.try_consume(T::WeightInfo::judge()).is_ok() {
						Self::settle(index, call);
					}
				}
			}
		}
		let count = T::Referenda::count();
		let mut next = NextReferendum::<T>::get();
		if next == count {
			return;
		}
		while next < count && meter.try_consume(T::WeightInfo::judge()).is_ok() {
			Self::judge(next);
			next = next.saturating_add(1);
		}
		NextReferendum::<T>::put(next);
	}

	/// A change that is overdue and is not scheduled: the scheduler drops what finds a block with too little left for it,
	/// and an enactment that failed has changed nothing.
	fn put_back(index: u32, change: Change<T>) {
		let Stage::Waiting { due, stood_still, held } = change.stage else { return };
		let now = frame_system::Pallet::<T>::block_number();
		if due >= now || T::Scheduler::next_dispatch_time(T::Referenda::task_of(index)).is_ok() {
			return;
		}
		let next = now.saturating_add(One::one());
		if let Some((_, due)) = Self::schedule(index, next, change.weight) {
			Self::deposit_event(Event::Held { referendum: index, due });
			Changes::<T>::insert(
				index,
				Change { stage: Stage::Waiting { due, stood_still, held }, ..change },
			);
		}
	}

	fn judge(index: u32) {
		// It may have been cancelled in the block that tabled it.
		let Some(call) = T::Referenda::proposal(index) else { return };
		match Self::take_up(index, &call) {
			// Whoever stored them has taken them back: that is no reason to take a vote from those who asked for it.
			Ok(()) if !T::Preimages::have(&call) => {
				Self::deposit_event(Event::Unread { referendum: index, hash: call.hash() });
			}
			Ok(()) => Self::settle(index, call),
			Err(refusal) => Self::turn_away(index, refusal),
		}
	}

	/// The bytes are there: look at them.
	fn settle(index: u32, call: BoundedCallOf<T>) {
		match Self::look_at(&call) {
			Ok(Looked { class, weight, .. }) => {
				T::Preimages::hold(&call);
				Changes::<T>::insert(index, Change { call, class, weight, stage: Stage::Open });
				let delay = Timetables::<T>::get().least_delay.of(class);
				Self::deposit_event(Event::Tabled { referendum: index, class, delay, weight });
			}
			Err(refusal) => {
				Self::forget(index);
				Self::turn_away(index, refusal);
			}
		}
	}

	/// Take a referendum from the vote.
	fn turn_away(index: u32, refusal: Refusal) {
		T::Referenda::withdraw(index);
		Self::refuse(index, refusal);
	}

	/// Give a referendum its place among those that are looked after.
	fn take_up(index: u32, call: &BoundedCallOf<T>) -> Result<(), Refusal> {
		ensure!(!T::Referenda::is_barred(&call.hash()), Refusal::whole(Reason::Blacklisted));
		// Else a few votes without an end would take all room there is.
		let latest =
			frame_system::Pallet::<T>::block_number().saturating_add(Timetables::<T>::get().voting_period);
		let in_time = T::Referenda::end(index).is_some_and(|end| end <= latest);
		ensure!(in_time, Refusal::whole(Reason::VoteTooLong));
		let hurried = T::Referenda::is_hurried(index);
		Open::<T>::try_mutate(|open| {
			// The other half is for votes that come one by one, whatever bodies do.
			let taken = open.iter().filter(|place| place.hurried).count();
			let half = usize::try_from(T::MaxOpen::get()).unwrap_or(usize::MAX).div_ceil(2);
			ensure!(!hurried || taken < half, Refusal::whole(Reason::TooManyOpen));
			let place = Place { referendum: index, hurried };
			open.try_push(place).map_err(|_| Refusal::whole(Reason::TooManyOpen))
		})
	}

	fn refuse(referendum: u32, Refusal { call, reason }: Refusal) {
		Self::deposit_event(Event::Refused { referendum, call, reason });
	}

	/// Let go of a change and of its bytes.
	fn forget(index: u32) {
		Open::<T>::mutate(|open| open.retain(|place| place.referendum != index));
		if let Some(change) = Changes::<T>::take(index) {
			T::Preimages::drop(&change.call);
		}
	}

	/// Whether people may want to leave before a change of this class, and must be able to.
	fn leaves_a_way_out(class: Class) -> bool {
		matches!(class, Class::Economic | Class::Constitutional)
	}

	/// Whether a change waits that people may want to leave before: nobody may shut the way out then.
	pub fn exit_window() -> bool {
		ExitWindows::<T>::get() > 0
	}

	/// Count a block in which nobody can withdraw.
	pub(crate) fn count_standstill() {
		if Self::exit_window() && !T::WayOut::is_open() {
			StoodStill::<T>::mutate(|blocks| blocks.saturating_inc());
		}
	}

	/// An upgrade that was authorised and is not applied in time is authorised no more: an old one, found and applied in a
	/// bad moment, would undo what was learnt since.
	pub(crate) fn expire_authorization() {
		// The hash comes first; on chain the SDK gives no other way to it.
		let authorized = frame_system::Pallet::<T>::authorized_upgrade()
			.and_then(|upgrade| upgrade.using_encoded(|mut bytes| HashOf::<T>::decode(&mut bytes).ok()));
		let now = frame_system::Pallet::<T>::block_number();
		match (authorized, Authorization::<T>::get()) {
			(None, None) => {}
			(None, Some(_)) => Authorization::<T>::kill(),
			(Some(code_hash), Some((known, until))) if code_hash == known => {
				if now >= until {
					let key = storage_prefix(b"System", b"AuthorizedUpgrade");
					frame_support::storage::unhashed::kill(&key);
					Authorization::<T>::kill();
					Self::deposit_event(Event::AuthorizationExpired { code_hash });
				}
			}
			(Some(code_hash), _) => {
				let until = now.saturating_add(Timetables::<T>::get().authorization_life);
				Authorization::<T>::put((code_hash, until));
			}
		}
	}

	/// An upgrade was authorised anew: from now on it lives as long as any.
	pub fn renew_authorization() {
		Authorization::<T>::kill();
	}

	/// Count one spend from the treasury without a vote; whether there was one left.
	pub fn spend() -> bool {
		let now = frame_system::Pallet::<T>::block_number();
		Spends::<T>::mutate(|spends| {
			spends.retain(|block| block.saturating_add(T::SpendWindow::get()) > now);
			spends.try_push(now).is_ok()
		})
	}

	/// A referendum has passed: what it decided is scheduled, not before the delay of its class.
	fn pass(index: u32, asked_for: BlockNumberFor<T>) -> Result<AddressOf<T>, Refusal> {
		let change = Changes::<T>::get(index).ok_or_else(|| {
			let unread = Open::<T>::get().iter().any(|place| place.referendum == index);
			Refusal::whole(if unread { Reason::Unreadable } else { Reason::NotTabled })
		})?;
		// A veto is for what is not tabled yet; in the timelock others may cancel.
		ensure!(!T::Referenda::is_barred_for_good(&change.call.hash()), Refusal::whole(Reason::Blacklisted));
		let voted = T::Referenda::turnout(index).ok_or_else(|| Refusal::whole(Reason::NotTabled))?;
		let needed = Self::needed(change.class);
		ensure!(voted >= needed, Refusal::whole(Reason::TurnoutTooLow { voted, needed }));

		let (timetable, now) = (Timetables::<T>::get(), frame_system::Pallet::<T>::block_number());
		let delay = timetable.least_delay.of(change.class);
		// Nor later than any change: one that never came would keep the way out open for ever.
		let latest = now.saturating_add(delay.max(timetable.enactment_period));
		let due = asked_for.max(now.saturating_add(delay)).min(latest);
		let (address, due) =
			Self::schedule(index, due, change.weight).ok_or_else(|| Refusal::whole(Reason::NoRoom))?;
		let stage = Stage::Waiting { due, stood_still: StoodStill::<T>::get(), held: Zero::zero() };
		if Self::leaves_a_way_out(change.class) {
			ExitWindows::<T>::mutate(|count| *count = count.saturating_add(1));
			T::WayOut::open();
		}
		Self::deposit_event(Event::Waits { referendum: index, class: change.class, due });
		Changes::<T>::insert(index, Change { stage, ..change });
		Ok(address)
	}

	/// Put the enactment into the first block from `due` on that has room.
	fn schedule(
		index: u32,
		due: BlockNumberFor<T>,
		weight: Weight,
	) -> Option<(AddressOf<T>, BlockNumberFor<T>)> {
		let enactment: CallOf<T> = Call::<T>::enact { referendum: index, weight }.into();
		let call = Bounded::Inline(enactment.encode().try_into().ok()?);
		(0..REACH).find_map(|late| {
			let block = due.saturating_add(late.into());
			let root = frame_system::RawOrigin::Root.into();
			// Above all else that is scheduled: it was promised for this block.
			T::Scheduler::schedule_named(
				T::Referenda::task_of(index),
				DispatchTime::At(block),
				None,
				0,
				root,
				call.clone(),
			)
			.ok()
			.map(|address| (address, block))
		})
	}

	/// The timelock is over.
	pub(crate) fn do_enact(
		index: u32,
		declared: Weight,
	) -> Result<Weight, sp_runtime::DispatchErrorWithPostInfo<PostDispatchInfo>> {
		let change = Changes::<T>::get(index).ok_or(Error::<T>::NoSuchChange)?;
		let Stage::Waiting { due, stood_still, held } = change.stage else {
			return Err(Error::<T>::NotPassed.into());
		};
		let now = frame_system::Pallet::<T>::block_number();
		ensure!(now >= due, Error::<T>::NotDue);
		if Self::leaves_a_way_out(change.class) {
			if let Some(wait) = Self::still_to_wait(stood_still, held) {
				let later = now.saturating_add(wait);
				let (_, due) = Self::schedule(index, later, change.weight).ok_or(Error::<T>::NoRoom)?;
				let stage = Stage::Waiting {
					due,
					stood_still: StoodStill::<T>::get(),
					held: held.saturating_add(wait),
				};
				Self::deposit_event(Event::Held { referendum: index, due });
				Changes::<T>::insert(index, Change { stage, ..change });
				return Ok(T::WeightInfo::enact());
			}
			ExitWindows::<T>::mutate(|count| *count = count.saturating_sub(1));
		}
		// As it was looked at: an upgrade meanwhile may have given its bytes another meaning.
		let barred = T::Referenda::is_barred_for_good(&change.call.hash());
		let looked =
			if barred { Err(Refusal::whole(Reason::Blacklisted)) } else { Self::look_at(&change.call) };
		let looked = looked.and_then(|looked| {
			let is_the_same = looked.class == change.class && looked.weight.all_lte(declared);
			is_the_same.then_some(looked).ok_or_else(|| Refusal::whole(Reason::MeansSomethingElse))
		});
		Self::forget(index);
		let looked = match looked {
			Ok(looked) => looked,
			Err(refusal) => {
				Self::refuse(index, refusal);
				return Ok(T::WeightInfo::enact());
			}
		};
		let result = looked.change.dispatch_bypass_filter(frame_system::RawOrigin::Root.into());
		let spent = match &result {
			Ok(post) => post.actual_weight,
			Err(error) => error.post_info.actual_weight,
		};
		let spent = spent.map(|spent| spent.saturating_add(looked.follows));
		if result.is_ok() {
			T::Classes::follow(looked.aftermath);
		}
		let result = result.map(drop).map_err(|error| error.error);
		Self::deposit_event(Event::Enacted { referendum: index, class: change.class, result });
		Ok(T::WeightInfo::enact().saturating_add(spent.unwrap_or(change.weight)))
	}

	/// How much longer a change waits because nobody could withdraw meanwhile.
	fn still_to_wait(stood_still: BlockNumberFor<T>, held: BlockNumberFor<T>) -> Option<BlockNumberFor<T>> {
		let left = Timetables::<T>::get().longest_standstill.saturating_sub(held);
		let lost = StoodStill::<T>::get().saturating_sub(stood_still);
		let lost = if T::WayOut::is_open() { lost } else { lost.max(One::one()) };
		let wait = lost.min(left);
		(!wait.is_zero()).then_some(wait)
	}

	/// Take a change out of its timelock, for those who may.
	pub fn take_out(index: u32) -> Result<(), DispatchError> {
		let change = Changes::<T>::get(index).ok_or(Error::<T>::NoSuchChange)?;
		ensure!(matches!(change.stage, Stage::Waiting { .. }), Error::<T>::NotPassed);
		let hash = change.call.hash();
		// Of all that were tabled before it was cancelled: else the same bytes, tabled twice, would pass by the guardians.
		let cancelled = CancelledOnce::<T>::get(hash).unwrap_or(u32::MAX);
		ensure!(index < cancelled, Error::<T>::CancelledBefore);
		if cancelled == u32::MAX {
			CancelledOnce::<T>::insert(hash, T::Referenda::count());
		}
		// It may have lost its place there. What is left of it there finds no change any more.
		let _ = T::Scheduler::cancel_named(T::Referenda::task_of(index));
		if Self::leaves_a_way_out(change.class) {
			ExitWindows::<T>::mutate(|count| *count = count.saturating_sub(1));
		}
		Self::forget(index);
		Self::deposit_event(Event::Cancelled { referendum: index, hash });
		Ok(())
	}

	/// The changes that are open or wait.
	pub fn queue() -> Vec<(u32, Change<T>)> {
		let mut all: Vec<_> = Changes::<T>::iter().collect();
		all.sort_by_key(|(index, _)| *index);
		all
	}

	/// What a call would be as a change, for people.
	pub fn foretell(call: &BoundedCallOf<T>) -> Result<Forecast<BlockNumberFor<T>>, Refusal> {
		ensure!(!T::Referenda::is_barred(&call.hash()), Refusal::whole(Reason::Blacklisted));
		let Looked { class, weight, .. } = Self::look_at(call)?;
		let timetable = Timetables::<T>::get();
		let delay = timetable.least_delay.of(class);
		let unhurried = delay.max(timetable.enactment_period);
		Ok(Forecast { class, delay, unhurried, turnout: Self::needed(class), weight })
	}
}

/// The scheduler as the votes see it: what they schedule was looked at when it was tabled, and waits as long as its class
/// asks. Whatever else is asked of it is refused.
pub struct GuardedScheduler<T>(PhantomData<T>);

impl<T: Config> Named<BlockNumberFor<T>, CallOf<T>, T::PalletsOrigin> for GuardedScheduler<T> {
	type Address = AddressOf<T>;
	type Hasher = T::Hashing;

	fn schedule_named(
		id: TaskName,
		when: DispatchTime<BlockNumberFor<T>>,
		_: Option<Period<BlockNumberFor<T>>>,
		_: Priority,
		_: T::PalletsOrigin,
		_: BoundedCallOf<T>,
	) -> Result<Self::Address, DispatchError> {
		let index = T::Referenda::index_of(&id).ok_or(Error::<T>::NoSuchChange)?;
		let when = when.evaluate(frame_system::Pallet::<T>::block_number());
		Pallet::<T>::pass(index, when).map_err(|refusal| {
			Pallet::<T>::forget(index);
			// The votes have said by now that it passed: this says that nothing comes of it.
			Pallet::<T>::refuse(index, refusal);
			Error::<T>::Refused.into()
		})
	}

	fn cancel_named(_: TaskName) -> Result<(), DispatchError> {
		Err(DispatchError::BadOrigin)
	}

	fn reschedule_named(
		_: TaskName,
		_: DispatchTime<BlockNumberFor<T>>,
	) -> Result<Self::Address, DispatchError> {
		Err(DispatchError::BadOrigin)
	}

	fn next_dispatch_time(id: TaskName) -> Result<BlockNumberFor<T>, DispatchError> {
		T::Scheduler::next_dispatch_time(id)
	}
}
