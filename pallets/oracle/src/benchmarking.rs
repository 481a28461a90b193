// SPDX-License-Identifier: Apache-2.0
//! Worst cases: every member has just reported on every feed, no two alike; there are as many seats and feeds as there
//! may be, and as many changes wait.

use super::*;
use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_support::{
	pallet_prelude::*,
	traits::{Authorize, Hooks},
};
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use keel_primitives::{FeedId, Price, Ratio};
use sp_runtime::traits::{One, Saturating, Zero};

/// Makes keys and signatures, which a pallet cannot for an unknown signature type.
pub trait BenchmarkHelper<Signature, AccountId> {
	/// A new key.
	fn new_key() -> AccountId;
	/// The key's signature over `payload`.
	fn sign(key: &AccountId, payload: &[u8]) -> Signature;
}

impl BenchmarkHelper<sp_runtime::MultiSignature, sp_runtime::AccountId32> for () {
	fn new_key() -> sp_runtime::AccountId32 {
		let key = sp_io::crypto::sr25519_generate(sp_runtime::KeyTypeId(*b"orcl"), None);
		sp_runtime::AccountId32::new(key.0)
	}

	fn sign(key: &sp_runtime::AccountId32, payload: &[u8]) -> sp_runtime::MultiSignature {
		let key: &[u8; 32] = key.as_ref();
		let signature = sp_io::crypto::sr25519_sign(sp_runtime::KeyTypeId(*b"orcl"), &(*key).into(), payload)
			.expect("the key was made by `new_key`");
		sp_runtime::MultiSignature::Sr25519(signature)
	}
}

/// Parameters that every benchmark's price meets.
pub(crate) fn params() -> FeedParams {
	FeedParams {
		age_ms_max: 60_000,
		deviation_max: Ratio::percent(50),
		confidence_max: Ratio::percent(50),
		volatile_max: Ratio::ONE,
		quorum_min: LEAST_QUORUM,
	}
}

/// Nothing but `feeds` feeds: what the genesis of a chain brings would make rounds larger than stated.
fn list_feeds<T: Config>(feeds: u32) {
	let _ = Feeds::<T>::clear(u32::MAX, None);
	let _ = Members::<T>::clear(u32::MAX, None);
	let _ = Reporters::<T>::clear(u32::MAX, None);
	let _ = Reports::<T>::clear(u32::MAX, None);
	let _ = Prices::<T>::clear(u32::MAX, None);
	WaitingChanges::<T>::kill();
	RetiredFeeds::<T>::kill();
	for id in 0..feeds {
		let name = FeedName::truncate_from(b"A NAME AS LONG AS NAMES MAY GET!".to_vec());
		Feeds::<T>::insert(FeedId(id), Feed { name, params: params() });
	}
}

fn reports_on<T: Config>(feeds: u32, offset: u32) -> ReportsOf<T> {
	let price = Price(Price::dollars(1_000).0 + u128::from(offset));
	let reports: Vec<_> =
		(0..feeds).map(|id| Report { feed: FeedId(id), price, confidence: Price::ONE }).collect();
	BoundedVec::truncate_from(reports)
}

fn member_with_key<T: Config>(index: u32) -> (T::AccountId, T::AccountId) {
	let member: T::AccountId = account("member", index, 0);
	let reporter = T::BenchmarkHelper::new_key();
	let seat = MemberOf::<T> {
		reporter: Some(reporter.clone()),
		counts: true,
		source: Some(SourceId(index)),
		..MemberOf::<T>::new(BlockNumberFor::<T>::zero())
	};
	Members::<T>::insert(&member, seat);
	Reporters::<T>::insert(&reporter, &member);
	(member, reporter)
}

/// As many feeds and seats as there may be, less `free` seats; all have just reported. Returns the members.
fn full<T: Config>(free: u32) -> Vec<T::AccountId> {
	list_feeds::<T>(T::MaxFeeds::get());
	let seats = 0..T::MaxMembers::get().saturating_sub(free);
	let members: Vec<_> = seats.map(|index| member_with_key::<T>(index).0).collect();
	let round = begin::<T>(1);
	for member in &members {
		let _ = Pallet::<T>::do_report(member.clone(), round, reports_on::<T>(T::MaxFeeds::get(), 0));
	}
	members
}

/// A feed that no market of a genesis names.
fn last_feed<T: Config>() -> FeedId {
	FeedId(T::MaxFeeds::get().saturating_sub(1))
}

/// As many feeds were retired as may be, but one.
fn retired_before<T: Config>() {
	let ids: Vec<_> = (1..MAX_RETIRED).map(|id| FeedId(u32::MAX.saturating_sub(id))).collect();
	let ids: BoundedVec<FeedId, ConstU32<MAX_RETIRED>> = BoundedVec::truncate_from(ids);
	RetiredFeeds::<T>::put(ids);
}

/// Changes of feeds wait, as many as may beside one more.
fn others_wait<T: Config>() {
	let now = frame_system::Pallet::<T>::block_number();
	let due = now.saturating_add(SeatPeriods::<T>::get().seat_delay);
	let waiting: Vec<_> = (1..MAX_WAITING)
		.map(|id| {
			let name = FeedName::truncate_from(b"A NAME AS LONG AS NAMES MAY GET!".to_vec());
			let feed = FeedId(u32::MAX.saturating_sub(id));
			Waiting { change: Change::ListFeed { feed, name, params: params() }, due }
		})
		.collect();
	let waiting: BoundedVec<WaitingOf<T>, ConstU32<MAX_WAITING>> = BoundedVec::truncate_from(waiting);
	WaitingChanges::<T>::put(waiting);
}

/// Start block `number`.
fn begin<T: Config>(number: u32) -> BlockNumberFor<T> {
	let number = BlockNumberFor::<T>::from(number);
	frame_system::Pallet::<T>::set_block_number(number);
	Pallet::<T>::begin_block(number);
	number
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn authorize_report(f: Linear<1, { T::MaxFeeds::get() }>) {
		list_feeds::<T>(T::MaxFeeds::get());
		let (member, reporter) = member_with_key::<T>(0);
		let round = begin::<T>(1);
		let reports = reports_on::<T>(f, 0);
		let payload = Pallet::<T>::report_payload(round, &reports);
		let signature = T::BenchmarkHelper::sign(&reporter, &payload);
		let call = Call::<T>::report { member, round, reports, signature };

		#[block]
		{
			call.authorize(TransactionSource::External).expect("report can be authorised").expect("is valid");
		}
	}

	#[benchmark]
	fn report(f: Linear<1, { T::MaxFeeds::get() }>) {
		list_feeds::<T>(T::MaxFeeds::get());
		let (member, reporter) = member_with_key::<T>(0);
		// A full record is rewritten.
		let first = begin::<T>(1);
		let _ = Pallet::<T>::do_report(member.clone(), first, reports_on::<T>(T::MaxFeeds::get(), 0));
		let round = begin::<T>(2);
		// A price has landed on each, from which the last report's distance is measured.
		for id in 0..T::MaxFeeds::get() {
			<Pallet<T> as keel_traits::PriceFeed>::land(FeedId(id), Price::dollars(1_001));
		}
		let reports = reports_on::<T>(f, 0);
		let payload = Pallet::<T>::report_payload(round, &reports);
		let signature = T::BenchmarkHelper::sign(&reporter, &payload);

		#[extrinsic_call]
		_(RawOrigin::Authorized, member.clone(), round, reports, signature);

		assert_eq!(Members::<T>::get(&member).and_then(|m| m.last_round), Some(round));
	}

	/// Prices have landed before, everybody has news on everything, and time has passed: the statistics move. Everybody has
	/// repeated his value so often that he may be stuck, so each is compared with all others; as many are as a price
	/// lands without.
	#[benchmark]
	fn begin_block(m: Linear<3, { T::MaxMembers::get() }>, f: Linear<1, { T::MaxFeeds::get() }>) {
		list_feeds::<T>(f);
		let members: Vec<_> = (0..m).map(|index| member_with_key::<T>(index).0).collect();
		let mut next = BlockNumberFor::<T>::one();
		for number in 1..3 {
			next = begin::<T>(number);
			for (member, offset) in members.iter().zip(1..) {
				let _ = Pallet::<T>::do_report(member.clone(), next, reports_on::<T>(f, offset * number));
			}
		}
		let stuck = round::liars_of(m);
		for (member, index) in members.iter().zip(0..) {
			Reports::<T>::mutate(member, |kept| {
				for reported in kept.iter_mut() {
					reported.repeats = T::StuckRounds::get();
					reported.anchor = Price::ONE;
					if index < stuck {
						reported.report.price = Price::dollars(1_400);
					}
				}
			});
		}
		next += One::one();
		frame_system::Pallet::<T>::set_block_number(next);
		Rounds::<T>::mutate(|rounds| {
			if let Some((_, time)) = rounds.last_mut() {
				*time = time.saturating_add(2_000);
			}
		});

		#[block]
		{
			Pallet::<T>::on_initialize(next);
		}

		assert_eq!(Prices::<T>::get(FeedId(0)).map(|landed| landed.sources), Some(m.saturating_sub(stuck)));
	}

	#[benchmark]
	fn set_reporter() {
		list_feeds::<T>(T::MaxFeeds::get());
		let (member, _) = member_with_key::<T>(0);
		let round = begin::<T>(1);
		let _ = Pallet::<T>::do_report(member.clone(), round, reports_on::<T>(T::MaxFeeds::get(), 0));
		let reporter = T::BenchmarkHelper::new_key();
		let current = Members::<T>::get(&member).and_then(|seat| seat.reporter);
		let proof = T::BenchmarkHelper::sign(&reporter, &Pallet::<T>::reporter_payload(&member, &current));

		#[extrinsic_call]
		_(RawOrigin::Signed(member.clone()), reporter.clone(), proof);

		assert_eq!(Reporters::<T>::get(&reporter), Some(member));
	}

	#[benchmark]
	fn add_member() -> Result<(), BenchmarkError> {
		let origin = T::EnactOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		full::<T>(1);
		let member: T::AccountId = account("new", 0, 0);

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, member.clone());

		assert!(Members::<T>::contains_key(&member));
		Ok(())
	}

	#[benchmark]
	fn remove_member() -> Result<(), BenchmarkError> {
		let members = full::<T>(0);
		let member = members.first().cloned().ok_or(BenchmarkError::Weightless)?;

		#[block]
		{
			Pallet::<T>::do_remove_member(member.clone())?;
		}

		assert!(Members::<T>::get(&member).is_some_and(|seat| seat.is_removed()));
		Ok(())
	}

	#[benchmark]
	fn close_seat() -> Result<(), BenchmarkError> {
		let origin = T::EnactOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let members = full::<T>(0);
		let member = members.first().cloned().ok_or(BenchmarkError::Weightless)?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, member.clone());

		assert!(!Members::<T>::contains_key(&member));
		Ok(())
	}

	#[benchmark]
	fn add_feed() -> Result<(), BenchmarkError> {
		let origin = T::EnactOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		full::<T>(0);
		Feeds::<T>::remove(FeedId(0));
		let name = FeedName::truncate_from(b"A NAME AS LONG AS NAMES MAY GET!".to_vec());
		let feed = FeedId(u32::MAX);

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, feed, name, params());

		assert!(Feeds::<T>::contains_key(feed));
		Ok(())
	}

	/// By the body, which asks for more reports than before: those who are heard are counted too.
	#[benchmark]
	fn set_feed_params() -> Result<(), BenchmarkError> {
		let origin = T::GovernOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		full::<T>(0);
		let changed = FeedParams { quorum_min: T::MaxMembers::get(), ..params() };

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, FeedId(0), changed);

		assert_eq!(Feeds::<T>::get(FeedId(0)).map(|feed| feed.params), Some(changed));
		Ok(())
	}

	#[benchmark]
	fn set_source() {
		let (member, _) = member_with_key::<T>(0);

		#[extrinsic_call]
		_(RawOrigin::Signed(member.clone()), SourceId(1));

		assert!(Members::<T>::get(&member).is_some_and(|seat| seat.next_source.is_some()));
	}

	#[benchmark]
	fn correct_source() -> Result<(), BenchmarkError> {
		let origin = T::EnactOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let members = full::<T>(0);
		let member = members.first().cloned().ok_or(BenchmarkError::Weightless)?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, member.clone(), SourceId(1));

		assert!(Members::<T>::get(&member).is_some_and(|seat| seat.is_corrected));
		Ok(())
	}

	/// Everybody has reported on it, and as many were retired before as may be.
	#[benchmark]
	fn retire_feed() -> Result<(), BenchmarkError> {
		let origin = T::EnactOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		full::<T>(0);
		let feed = last_feed::<T>();
		retired_before::<T>();

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, feed);

		assert!(!Feeds::<T>::contains_key(feed));
		Ok(())
	}

	/// Closing a seat looks at all seats and feeds.
	#[benchmark]
	fn wait() -> Result<(), BenchmarkError> {
		let origin = T::GovernOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let members = full::<T>(0);
		let member = members.first().cloned().ok_or(BenchmarkError::Weightless)?;
		others_wait::<T>();

		#[block]
		{
			Pallet::<T>::close_seat(origin, member.clone())?;
		}

		assert_eq!(
			WaitingChanges::<T>::get().last().map(|waits| waits.change.subject()),
			Some(Subject::Seat(member))
		);
		Ok(())
	}

	#[benchmark]
	fn take_back() -> Result<(), BenchmarkError> {
		let origin = T::VetoOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		others_wait::<T>();
		let first = WaitingChanges::<T>::get().first().map(|waits| waits.change.subject());
		let subject = first.ok_or(BenchmarkError::Weightless)?;

		#[extrinsic_call]
		veto_change(origin as T::RuntimeOrigin, subject.clone());

		assert!(WaitingChanges::<T>::get().iter().all(|waits| waits.change.subject() != subject));
		Ok(())
	}

	/// Retiring a feed, read from among as many changes as may wait.
	#[benchmark]
	fn carry_out() -> Result<(), BenchmarkError> {
		full::<T>(0);
		let feed = last_feed::<T>();
		retired_before::<T>();
		others_wait::<T>();
		let now = frame_system::Pallet::<T>::block_number();
		WaitingChanges::<T>::mutate(|waiting| {
			let _ = waiting.try_push(Waiting { change: Change::RetireFeed { feed }, due: now });
		});

		#[block]
		{
			Pallet::<T>::carry_out_due(now);
		}

		assert!(!Feeds::<T>::contains_key(feed));
		Ok(())
	}

	#[benchmark]
	fn return_member() {
		let (member, _) = member_with_key::<T>(0);
		let now = frame_system::Pallet::<T>::block_number();
		let seats = Members::<T>::get(&member)
			.map(|seat| (member.clone(), MemberOf::<T> { back_at: Some(now), ..seat }));
		let seats: Vec<_> = seats.into_iter().collect();

		#[block]
		{
			Pallet::<T>::return_members(&seats, now);
		}

		assert!(Members::<T>::get(&member).is_some_and(|seat| !seat.is_removed()));
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Runtime);
}
