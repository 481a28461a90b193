// SPDX-License-Identifier: Apache-2.0
//! What must hold between blocks, numbered; each has a test that breaks it.

use crate::{
	change::Subject, Config, CoolingOff, Feeds, Members, Pallet, Prices, Reporters, Reports, RetiredFeeds,
	Rounds, SeatPeriods, WaitingChanges, LEAST_QUORUM,
};
use alloc::vec::Vec;
use frame_support::{ensure, traits::Get};
use keel_primitives::{PriceState, Ratio};
use sp_runtime::{
	traits::{SaturatedConversion, Saturating},
	TryRuntimeError,
};

impl<T: Config> Pallet<T> {
	/// All invariants.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::feeds_are_valid()?;
		Self::keys_and_members_match()?;
		Self::reports_are_from_members_on_feeds()?;
		Self::prices_say_how_old_they_are()?;
		Self::time_runs_forward()?;
		Self::removals_end()?;
		Self::changes_take_turns()?;
		Self::feeds_ask_for_no_more_than_there_are()?;
		Self::sources_come_in_time()?;
		Self::retired_ids_are_not_used()
	}

	/// 1. There are at most `MaxFeeds` feeds, each with valid parameters.
	fn feeds_are_valid() -> Result<(), TryRuntimeError> {
		let feeds = Feeds::<T>::iter().count();
		ensure!(u32::try_from(feeds) == Ok(Feeds::<T>::count()), "feeds are miscounted");
		ensure!(Feeds::<T>::count() <= T::MaxFeeds::get(), "more feeds than the bound");
		for (_, feed) in Feeds::<T>::iter() {
			ensure!(Self::are_within_bounds(&feed.params), "a feed has invalid parameters");
		}
		Ok(())
	}

	/// 2. There are at most `MaxMembers` members, and reporter keys and members with one are the same
	///    pairs: no key speaks for two, none for nobody.
	fn keys_and_members_match() -> Result<(), TryRuntimeError> {
		ensure!(Members::<T>::count() <= T::MaxMembers::get(), "more members than the bound");
		let mut with_key = 0_usize;
		for (member, known) in Members::<T>::iter() {
			if let Some(reporter) = known.reporter {
				with_key = with_key.saturating_add(1);
				ensure!(Reporters::<T>::get(&reporter) == Some(member), "a reporter key is another member's");
			}
		}
		ensure!(Reporters::<T>::iter().count() == with_key, "a reporter key belongs to nobody");
		Ok(())
	}

	/// 3. Kept reports are from members who are heard, in ascending order of feed, on listed feeds, within
	///    bounds, for no later round than the member's last, and for none from before it came.
	fn reports_are_from_members_on_feeds() -> Result<(), TryRuntimeError> {
		for (member, kept) in Reports::<T>::iter() {
			let Some(known) = Members::<T>::get(&member) else {
				return Err("reports of somebody who is no member".into());
			};
			ensure!(kept.is_empty() || !known.is_removed(), "reports of a member who was removed");
			ensure!(kept.is_sorted_by(|a, b| a.report.feed < b.report.feed), "reports are out of order");
			for reported in kept {
				let report = reported.report;
				ensure!(Feeds::<T>::contains_key(report.feed), "a report on an unknown feed");
				ensure!(report.price.in_bounds(), "a reported price out of bounds");
				ensure!(report.confidence <= report.price, "a reported confidence out of bounds");
				ensure!(Some(reported.round) <= known.last_round, "a report later than the last round");
				ensure!(reported.round >= known.since, "a report from before the member came");
				ensure!(reported.round <= reported.received, "a report came before its round");
			}
		}
		Ok(())
	}

	/// 4. A price belongs to a feed, is within bounds, was taken before it landed, did not land in the future, is
	///    stale exactly when its time is over, and was not renewed in a block that is still to come.
	fn prices_say_how_old_they_are() -> Result<(), TryRuntimeError> {
		let (time, now) = (Self::time(), frame_system::Pallet::<T>::block_number().saturated_into::<u32>());
		for (feed, landed) in Prices::<T>::iter() {
			ensure!(Feeds::<T>::contains_key(feed), "a price of an unknown feed");
			ensure!(landed.price.in_bounds(), "a price out of bounds");
			ensure!(landed.landed_at <= time, "a price from the future");
			ensure!(landed.taken_at <= landed.landed_at, "a price landed before it was taken");
			ensure!(landed.renewed_in <= now, "a price is renewed in a later block");
			ensure!(landed.renewed_at <= landed.landed_at, "a price was renewed after it landed");
			ensure!(landed.sources >= crate::LEAST_QUORUM, "a price without a quorum");
			ensure!(landed.state != PriceState::Missing, "a price that is missing");
			let is_over = time > landed.fresh_until;
			ensure!((landed.state == PriceState::Stale) == is_over, "a price hides its age");
		}
		Ok(())
	}

	/// 5. The remembered blocks ascend, and so do their times.
	fn time_runs_forward() -> Result<(), TryRuntimeError> {
		let rounds = Rounds::<T>::get();
		ensure!(rounds.is_sorted_by(|a, b| a.0 < b.0 && a.1 <= b.1), "time runs backwards");
		Ok(())
	}

	/// 6. A seat counts only when its member has a key. A removal ends, no later than one that begins now,
	///    and no body can remove the member again at once.
	fn removals_end() -> Result<(), TryRuntimeError> {
		let (now, periods) = (frame_system::Pallet::<T>::block_number(), SeatPeriods::<T>::get());
		ensure!(periods.is_valid(), "removals cannot be confirmed");
		for (_, member) in Members::<T>::iter() {
			ensure!(!member.counts || member.reporter.is_some(), "a seat counts that nobody took");
			ensure!(member.since <= now, "a member who comes later");
			ensure!(member.score.distance <= Ratio::ONE, "a score out of bounds");
			if let Some(back_at) = member.back_at {
				ensure!(back_at > now, "a removal is over");
				ensure!(back_at <= now.saturating_add(periods.removal), "a removal has no end");
				ensure!(member.removable_from > back_at, "a member is removed for ever, again and again");
			}
		}
		Ok(())
	}

	/// 7. One change waits of each feed, and one of all seats; each is due, no later than one that is decided now. No veto
	///    lasts longer than one of now.
	fn changes_take_turns() -> Result<(), TryRuntimeError> {
		let now = frame_system::Pallet::<T>::block_number();
		let latest = now.saturating_add(SeatPeriods::<T>::get().seat_delay);
		let mut seen: Vec<Subject<T::AccountId>> = Vec::new();
		for waits in WaitingChanges::<T>::get() {
			ensure!(waits.due > now, "a change is overdue");
			ensure!(waits.due <= latest, "a change waits too long");
			let subject = waits.change.subject();
			ensure!(!seen.iter().any(|first| first.keeps_waiting(&subject)), "two changes do not take turns");
			seen.push(subject);
		}
		for (_, until) in CoolingOff::<T>::iter() {
			ensure!(until <= now.saturating_add(T::CoolOff::get()), "a veto lasts too long");
		}
		Ok(())
	}

	/// 8. No feed asks for more reports than there are seats that count, but for the least there is.
	fn feeds_ask_for_no_more_than_there_are() -> Result<(), TryRuntimeError> {
		let most = Self::counted_seats().max(LEAST_QUORUM);
		for (_, feed) in Feeds::<T>::iter() {
			ensure!(feed.params.quorum_min <= most, "a feed asks for more reports than there are seats");
		}
		Ok(())
	}

	/// 9. What a member has named counts in time, and not beside what a body has corrected.
	fn sources_come_in_time() -> Result<(), TryRuntimeError> {
		let (now, delay) = (frame_system::Pallet::<T>::block_number(), SeatPeriods::<T>::get().seat_delay);
		let latest = now.saturating_add(delay).saturating_add(delay);
		for (_, member) in Members::<T>::iter() {
			let next = member.next_source;
			ensure!(next.is_none_or(|next| next.due <= latest), "a source waits too long");
			ensure!(!member.is_corrected || next.is_none(), "a member goes behind a correction");
		}
		Ok(())
	}

	/// 10. No feed has the id of one that was retired.
	fn retired_ids_are_not_used() -> Result<(), TryRuntimeError> {
		for feed in RetiredFeeds::<T>::get() {
			ensure!(!Feeds::<T>::contains_key(feed), "a feed is listed again that was retired");
		}
		Ok(())
	}
}
