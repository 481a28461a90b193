// SPDX-License-Identifier: Apache-2.0
//! Approvals by members: no motion that one member could block, and no list that one member could fill.

use crate::{
	stops::By, Act, Approval, Approvals, Bodies, Body, Config, Error, Event, Given, Pallet, Power, Stops,
};
use alloc::vec::Vec;
use frame_support::{
	ensure,
	pallet_prelude::{DispatchError, DispatchResult},
	traits::Get,
};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_runtime::traits::Saturating;

impl<T: Config> Pallet<T> {
	/// A member approves of an act; with enough others it is done at once.
	/// Counts at how many members' positions it has looked.
	pub(crate) fn do_approve(who: T::AccountId, act: Act<T::AccountId>, looked: &mut u32) -> DispatchResult {
		*looked = u32::from(act.market().is_some());
		Self::ensure_has_say(&who, &act)?;
		let now = frame_system::Pallet::<T>::block_number();
		let until = now.saturating_add(T::ApprovalLife::get());
		Self::file(&who, &act)?;
		let approvals = Approvals::<T>::try_mutate(&act, |approvals| {
			approvals.retain(|approval| {
				let counts = approval.until > now;
				if !counts && approval.who != who {
					Self::ungive(&approval.who, &act);
				}
				counts && approval.who != who
			});
			let approval = Approval { who: who.clone(), until };
			approvals.try_push(approval).map_err(|_| Error::<T>::TooManyApprovals)?;
			Ok::<_, DispatchError>(approvals.clone())
		})?;
		let last = who.clone();
		Self::deposit_event(Event::Approved { who, act: act.clone(), until });
		let approvers: Vec<_> = approvals.into_iter().map(|approval| approval.who).collect();
		if Self::are_enough(&approvers, &act, |_| true) {
			// Whoever has opened a position since he approved has no say any more.
			let still_has = |member: &T::AccountId| {
				let Some(market) = act.market().filter(|_| *member != last) else { return true };
				looked.saturating_inc();
				!T::Stops::has_position(member, market)
			};
			if Self::are_enough(&approvers, &act, still_has) {
				Self::drop_approvals(&act);
				Self::perform(&act, By::Members)?;
			}
		}
		Ok(())
	}

	/// A member takes his approval back.
	pub(crate) fn do_withdraw(who: T::AccountId, act: Act<T::AccountId>) -> DispatchResult {
		ensure!(Given::<T>::get(&who).contains(&act), Error::<T>::NotApproved);
		Self::ungive(&who, &act);
		Self::unapprove(&who, &act);
		Self::deposit_event(Event::Withdrawn { who, act });
		Ok(())
	}

	/// Clear the approvals of somebody who sits in no body any more.
	pub(crate) fn do_forget(who: &T::AccountId) -> DispatchResult {
		let sits = Body::ALL.into_iter().any(|body| T::Bodies::is_member(body, who));
		ensure!(!sits, Error::<T>::StillAMember);
		for act in Given::<T>::take(who) {
			Self::unapprove(who, &act);
		}
		Ok(())
	}

	/// Whether a member has a say in an act: a seat in one of its bodies, and no position in its market.
	pub(crate) fn ensure_has_say(who: &T::AccountId, act: &Act<T::AccountId>) -> DispatchResult {
		let sits = act.bodies().any(|body| T::Bodies::is_member(body, who));
		ensure!(sits, Error::<T>::NoSay);
		let has_stake = act.market().is_some_and(|market| T::Stops::has_position(who, market));
		ensure!(!has_stake, Error::<T>::HasAPosition);
		Ok(())
	}

	/// Whether those who approve are enough. Counted are those who sit there now, against all seats, and who have a say;
	/// no more are looked at than it takes.
	fn are_enough(
		approvers: &[T::AccountId],
		act: &Act<T::AccountId>,
		mut has_say: impl FnMut(&T::AccountId) -> bool,
	) -> bool {
		act.needs().iter().any(|shares| {
			shares.iter().all(|share| {
				let (part, whole) = share.of;
				let needed = T::Bodies::seats(share.body).saturating_mul(part).div_ceil(whole);
				let seated = approvers.iter().filter(|who| T::Bodies::is_member(share.body, who));
				let ayes = seated.filter(|who| has_say(who)).take(needed as usize).count();
				needed > 0 && u32::try_from(ayes) == Ok(needed)
			})
		})
	}

	/// Note that a member has given this approval. Whoever has given as many as he may loses the one he gave first: he
	/// fills nobody else's room.
	fn file(who: &T::AccountId, act: &Act<T::AccountId>) -> DispatchResult {
		let first = Given::<T>::try_mutate(who, |acts| {
			acts.retain(|given| given != act);
			let first = acts.is_full().then(|| acts.remove(0));
			acts.try_push(act.clone()).map_err(|_| Error::<T>::TooManyApprovals)?;
			Ok::<_, Error<T>>(first)
		})?;
		if let Some(first) = first {
			Self::unapprove(who, &first);
		}
		Ok(())
	}

	fn unapprove(who: &T::AccountId, act: &Act<T::AccountId>) {
		Approvals::<T>::mutate_exists(act, |approvals| {
			if let Some(left) = approvals {
				left.retain(|approval| approval.who != *who);
				if left.is_empty() {
					*approvals = None;
				}
			}
		});
	}

	/// An act was done: what was approved of is over.
	pub(crate) fn drop_approvals(act: &Act<T::AccountId>) {
		for approval in Approvals::<T>::take(act) {
			Self::ungive(&approval.who, act);
		}
	}

	fn ungive(who: &T::AccountId, act: &Act<T::AccountId>) {
		Given::<T>::mutate_exists(who, |acts| {
			if let Some(left) = acts {
				left.retain(|given| given != act);
				if left.is_empty() {
					*acts = None;
				}
			}
		});
	}

	/// One member of the Security Council halts a market for some minutes, once.
	pub(crate) fn do_halt_alone(who: T::AccountId, market: keel_primitives::MarketId) -> DispatchResult {
		ensure!(T::Bodies::is_member(Body::SecurityCouncil, &who), Error::<T>::NoSay);
		ensure!(!T::Stops::has_position(&who, market), Error::<T>::HasAPosition);
		Self::consume(Power::Alone(who.clone()))?;
		T::Stops::halt_market(market, Self::blocks(T::AloneBlocks::get()))?;
		Self::deposit_event(Event::HaltedAlone { who, market });
		Ok(())
	}

	/// A number of blocks as acts tell it.
	pub(crate) fn blocks(blocks: BlockNumberFor<T>) -> u32 {
		blocks.try_into().unwrap_or(u32::MAX)
	}
}
