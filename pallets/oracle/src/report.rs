// SPDX-License-Identifier: Apache-2.0
//! Taking reports: who may report what, when, and how that is proven without an account that pays.

use crate::{
	score::Distances, Config, Error, Event, Feeds, Members, Pallet, Prices, ReportOf, ReportedOf, Reports,
	ReportsOf, Rounds,
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	defensive, ensure,
	pallet_prelude::{
		DispatchResult, InvalidTransaction, TransactionSource, TransactionValidityWithRefund,
		ValidTransaction, Weight,
	},
	traits::Get,
};
use frame_system::pallet_prelude::BlockNumberFor;
use keel_primitives::{FeedId, Moment, Price};
use scale_info::TypeInfo;
use sp_runtime::{
	traits::{CheckedSub, One, SaturatedConversion, Saturating, Verify, Zero},
	transaction_validity::TransactionPriority,
};

/// What the signed bytes of a report begin with, so that a signature for something else is never one
/// for a report.
pub const REPORT_CONTEXT: [u8; 20] = *b"keel/oracle/report/1";

/// Reports go before everything else that waits: what the others do depends on them.
const PRIORITY: TransactionPriority = TransactionPriority::MAX;

/// What a member says about one feed.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Report {
	/// The feed.
	pub feed: FeedId,
	/// The price, in dollars per whole base unit with 18 decimals.
	pub price: Price,
	/// How far it may be off, in the same unit: half the spread of the member's sources. At most the
	/// price.
	pub confidence: Price,
}

/// A report as it is kept until the member's next one.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Reported<BlockNumber> {
	/// What was said.
	pub report: Report,
	/// The last block the member had seen when it was said.
	pub round: BlockNumber,
	/// The block it came in.
	pub received: BlockNumber,
	/// Chain time of `round`: the report cannot be older than this says.
	pub taken_at: Moment,
	/// In how many reports in a row, after the first, the price was the same.
	pub repeats: u32,
	/// The price that landed in the round in which this one was first counted; zero while none has.
	pub anchor: Price,
}

impl<T: Config> Pallet<T> {
	/// The bytes a reporter signs: context, genesis hash, round and reports, SCALE encoded one after the
	/// other. The genesis hash binds a report to this chain, the round to its time.
	pub fn report_payload(round: BlockNumberFor<T>, reports: &ReportsOf<T>) -> Vec<u8> {
		let genesis = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
		(REPORT_CONTEXT, genesis, round, reports).encode()
	}

	/// Whether a report may enter a block or wait in the pool. What passes here cannot fail later, so
	/// nobody can fill blocks with failing reports for free.
	pub(crate) fn authorize_report(
		_source: TransactionSource,
		member: &T::AccountId,
		round: &BlockNumberFor<T>,
		reports: &ReportsOf<T>,
		signature: &T::Signature,
	) -> TransactionValidityWithRefund {
		Self::check_report(member, *round, reports)
			.and_then(|()| Self::check_signature(member, *round, reports, signature))
			.map_err(invalid)?;

		let age = frame_system::Pallet::<T>::block_number().saturating_sub(*round);
		let left = u64::from(T::ReportWindow::get()).saturating_sub(age.saturated_into());
		let valid = ValidTransaction {
			priority: PRIORITY,
			requires: Vec::new(),
			provides: alloc::vec![("keel/oracle", member, round).encode()],
			longevity: left.max(1),
			propagate: true,
		};
		Ok((valid, Weight::zero()))
	}

	fn check_signature(
		member: &T::AccountId,
		round: BlockNumberFor<T>,
		reports: &ReportsOf<T>,
		signature: &T::Signature,
	) -> Result<(), Error<T>> {
		let known = Members::<T>::get(member).ok_or(Error::<T>::NotAMember)?;
		let reporter = known.reporter.ok_or(Error::<T>::NoReporter)?;
		let payload = Self::report_payload(round, reports);
		ensure!(signature.verify(payload.as_slice(), &reporter), Error::<T>::BadSignature);
		Ok(())
	}

	/// Everything that must hold of a report but its signature.
	pub(crate) fn check_report(
		member: &T::AccountId,
		round: BlockNumberFor<T>,
		reports: &ReportsOf<T>,
	) -> Result<(), Error<T>> {
		let known = Members::<T>::get(member).ok_or(Error::<T>::NotAMember)?;
		ensure!(!known.is_removed(), Error::<T>::Removed);
		Self::check_round(known.last_round, round)?;
		// What was said before the member came, came back or changed its key is over.
		ensure!(round >= known.since, Error::<T>::StaleRound);
		ensure!(!reports.is_empty(), Error::<T>::EmptyReport);
		ensure!(reports.is_sorted_by(|a, b| a.feed < b.feed), Error::<T>::FeedsNotAscending);
		reports.iter().try_for_each(Self::check_one)
	}

	fn check_round(last: Option<BlockNumberFor<T>>, round: BlockNumberFor<T>) -> Result<(), Error<T>> {
		let now = frame_system::Pallet::<T>::block_number();
		// A node that is a block behind takes this block's number for its next: hence not `<`.
		ensure!(round <= now, Error::<T>::FutureRound);
		ensure!(last != Some(round), Error::<T>::AlreadyReported);
		ensure!(last < Some(round), Error::<T>::StaleRound);
		// It is read at the start of the next block, and must be fresh then.
		let next = now.saturating_add(One::one());
		ensure!(Self::is_fresh_round(round, next), Error::<T>::StaleRound);
		Ok(())
	}

	/// Whether a report for `round` still counts in block `now`.
	pub(crate) fn is_fresh_round(round: BlockNumberFor<T>, now: BlockNumberFor<T>) -> bool {
		now.checked_sub(&round).is_some_and(|age| age <= T::ReportWindow::get().into())
	}

	fn check_one(report: &ReportOf) -> Result<(), Error<T>> {
		ensure!(Feeds::<T>::contains_key(report.feed), Self::no_feed(report.feed));
		ensure!(report.price.in_bounds(), Error::<T>::PriceOutOfBounds);
		ensure!(report.confidence <= report.price, Error::<T>::ConfidenceOutOfBounds);
		Ok(())
	}

	/// Keep `reports` as the latest of `member`.
	pub(crate) fn do_report(
		member: T::AccountId,
		round: BlockNumberFor<T>,
		reports: ReportsOf<T>,
	) -> DispatchResult {
		Self::check_report(&member, round, &reports)?;
		let received = frame_system::Pallet::<T>::block_number();
		let taken_at = Self::time_of(round, received);
		let rounds = Rounds::<T>::get();
		let mut distances = Distances::default();
		Reports::<T>::mutate(&member, |kept| {
			for report in reports {
				let slot = kept.binary_search_by_key(&report.feed, |r| r.report.feed);
				let before = slot.ok().and_then(|at| kept.get(at));
				if let Some(distance) = before.and_then(|before| Self::distance(before, &rounds)) {
					distances.add(distance);
				}
				let (repeats, anchor) = Self::repetition(before, &report);
				let latest = Reported { report, round, received, taken_at, repeats, anchor };
				match slot {
					Ok(at) => {
						if let Some(kept) = kept.get_mut(at) {
							*kept = latest;
						}
					}
					Err(at) => {
						if kept.try_insert(at, latest).is_err() {
							defensive!("feeds are bounded by the same number as a member's reports");
						}
					}
				}
			}
		});
		// A report for the newest block comes in one later.
		let late = received.saturating_sub(round).saturating_sub(One::one()).saturated_into();
		let is_first = Members::<T>::mutate(&member, |known| {
			known.as_mut().is_some_and(|known| {
				known.last_round = Some(round);
				known.score = known.score.after(&distances, late);
				!core::mem::replace(&mut known.counts, true)
			})
		});
		if is_first {
			Self::deposit_event(Event::SeatCounts { member: member.clone() });
		}
		Self::deposit_event(Event::Reported { member, round });
		Ok(())
	}

	/// How often in a row the member has said this price, and what landed when it was first counted. A price that was
	/// never landed with has left nobody behind.
	fn repetition(before: Option<&ReportedOf<T>>, report: &ReportOf) -> (u32, Price) {
		let Some(before) = before.filter(|before| before.report.price == report.price) else {
			return (0, Price::ZERO);
		};
		let anchor = Some(before.anchor).filter(|anchor| !anchor.is_zero());
		let anchor = anchor.or_else(|| Self::landed_after(report.feed, before.received));
		(before.repeats.saturating_add(1), anchor.unwrap_or_default())
	}

	/// The feed's price, if it has landed after block `received`.
	fn landed_after(feed: FeedId, received: BlockNumberFor<T>) -> Option<Price> {
		let rounds = Rounds::<T>::get();
		// A block that is not remembered any more is before those that are.
		let then = rounds.iter().find(|(block, _)| *block >= received)?.1;
		Prices::<T>::get(feed).filter(|landed| landed.landed_at > then).map(|landed| landed.price)
	}

	/// Chain time of the newest block that is not after `round` and before `now`. Whoever reports for
	/// `round` had seen that block, so this is the oldest the report can be: an outage between the
	/// blocks makes it old although no block has passed.
	fn time_of(round: BlockNumberFor<T>, now: BlockNumberFor<T>) -> Moment {
		let rounds = Rounds::<T>::get();
		let seen = rounds.iter().rev().find(|(block, _)| *block <= round && *block < now);
		// Only the first block of the chain has nothing before it.
		seen.or(rounds.first()).map(|(_, time)| *time).unwrap_or_default()
	}
}

/// Pools and clients know some refusals by name; the others carry the index of the pallet's error.
fn invalid<T: Config>(error: Error<T>) -> InvalidTransaction {
	match error {
		Error::NotAMember | Error::Removed => InvalidTransaction::BadSigner,
		Error::BadSignature => InvalidTransaction::BadProof,
		Error::FutureRound => InvalidTransaction::Future,
		Error::StaleRound | Error::AlreadyReported => InvalidTransaction::Stale,
		other => InvalidTransaction::Custom(other.encode().first().copied().unwrap_or(u8::MAX)),
	}
}
