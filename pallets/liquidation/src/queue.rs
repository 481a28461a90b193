// SPDX-License-Identifier: Apache-2.0
//! Who is in liquidation, and where: the only place that changes the queue.
//!
//! An account is in it once: its [`Entry`] says whether it is in line (one key in [`Queue`]) or parked
//! (a key in [`Parked`] for each market it waits for).

use crate::{pallet::*, types::Markets, Config, Entry, Place, Rank};
use alloc::{collections::BTreeSet, vec::Vec};
use frame_support::BoundedVec;
use keel_primitives::{MarginAccount, MarketId, Quote};
use keel_traits::{Exposure, Judgement, Liquidatable, OnUnhealthy};
use sp_runtime::{DispatchError, SaturatedConversion};

impl<T: Config> OnUnhealthy<T::AccountId> for Pallet<T> {
	fn on_unhealthy(account: &MarginAccount<T::AccountId>, judgement: &Judgement) {
		match Entries::<T>::get(account).map(|entry| entry.place) {
			None => Self::enter(account, judgement),
			Some(Place::Parked(_)) => Self::line_up(account, Rank::of(judgement)),
			// It may come earlier now, never later. One that was put aside stays behind the others.
			Some(Place::InLine(rank)) if !rank.is_aside() && Rank::of(judgement) < rank => {
				Self::line_up(account, Rank::of(judgement))
			}
			Some(Place::InLine(_)) => (),
		}
		if judgement.is_bankrupt() {
			Self::mark_bankrupt(account, judgement);
		}
	}

	fn in_liquidation(limit: u32) -> Vec<MarginAccount<T::AccountId>> {
		let limit = usize::try_from(limit).unwrap_or(usize::MAX);
		let mut first: Vec<_> = Queue::<T>::iter_keys().map(|(_, account)| account).take(limit).collect();
		let mut seen: BTreeSet<_> = first.iter().cloned().collect();
		for (_, account) in Parked::<T>::iter_keys() {
			if first.len() >= limit {
				break;
			}
			// Who waits for several markets is parked in each.
			if seen.insert(account.clone()) {
				first.push(account);
			}
		}
		first
	}
}

impl<T: Config> Pallet<T> {
	/// A new account gets in line.
	pub(crate) fn enter(account: &MarginAccount<T::AccountId>, judgement: &Judgement) {
		let rank = Rank::of(judgement);
		let entry = Entry {
			place: Place::InLine(rank),
			from_fund: Quote::ZERO,
			advanced: BoundedVec::new(),
			bankrupt_in: BoundedVec::new(),
		};
		Entries::<T>::insert(account, entry);
		Queue::<T>::insert((rank, account), ());
		Self::deposit_event(Event::Queued { account: account.clone(), judgement: *judgement });
	}

	/// Move an account to `rank`, wherever it is now.
	pub(crate) fn line_up(account: &MarginAccount<T::AccountId>, rank: Rank) {
		Self::move_to(account, Place::InLine(rank));
	}

	/// An account gets in line, or comes earlier because it has become worse; whether it is bankrupt is noted.
	pub(crate) fn advance(
		account: &MarginAccount<T::AccountId>,
		earlier: Rank,
		judgement: Option<&Judgement>,
	) {
		Self::line_up(account, earlier);
		if let Some(judgement) = judgement.filter(|judgement| judgement.is_bankrupt()) {
			Self::mark_bankrupt(account, judgement);
		}
	}

	/// Where an account belongs that was judged so, or has nothing left to be judged by.
	pub(crate) fn rank_of(judgement: Option<&Judgement>) -> Rank {
		judgement.map_or(Rank::first(), Rank::of)
	}

	/// The step failed: behind all others, and not before the next block.
	pub(crate) fn put_aside(account: &MarginAccount<T::AccountId>, error: DispatchError) {
		Self::line_up(account, Self::aside_now());
		Self::deposit_event(Event::PutAside { account: account.clone(), error });
	}

	/// The rank of whoever is put aside in this block.
	pub(crate) fn aside_now() -> Rank {
		Rank::aside(frame_system::Pallet::<T>::block_number().saturated_into())
	}

	/// Wait for the markets of `exposures`, none of which can be liquidated now.
	pub(crate) fn park(account: &MarginAccount<T::AccountId>, exposures: &[Exposure]) {
		let mut markets = Markets::new();
		for exposure in exposures {
			if !markets.contains(&exposure.market) {
				// An account has at most that many positions; a market left out just does not wake it.
				frame_support::defensive_assert!(markets.try_push(exposure.market).is_ok());
			}
		}
		Self::mark(account);
		Self::move_to(account, Place::Parked(markets));
		Self::deposit_event(Event::Postponed { account: account.clone() });
	}

	/// A market of a parked account can be liquidated again: back in line, judged anew.
	pub(crate) fn unpark(account: &MarginAccount<T::AccountId>) {
		let judgement = T::Margin::judge(account);
		if judgement.is_some_and(|judgement| judgement.is_bankrupt()) {
			// It was waited for since it was parked; that it is bankrupt is told now.
			Self::clear_bankrupt(account);
		}
		Self::advance(account, Self::rank_of(judgement.as_ref()), judgement.as_ref());
	}

	/// The account is not ours any more.
	pub(crate) fn leave(account: &MarginAccount<T::AccountId>) {
		Self::clear_bankrupt(account);
		if let Some(entry) = Entries::<T>::take(account) {
			Self::vacate(account, &entry.place);
		}
		Self::deposit_event(Event::Released { account: account.clone() });
	}

	fn move_to(account: &MarginAccount<T::AccountId>, place: Place) {
		Entries::<T>::mutate_extant(account, |entry| {
			Self::vacate(account, &entry.place);
			Self::occupy(account, &place);
			entry.place = place;
		});
	}

	fn occupy(account: &MarginAccount<T::AccountId>, place: &Place) {
		match place {
			Place::InLine(rank) => Queue::<T>::insert((rank, account), ()),
			Place::Parked(markets) => {
				for market in markets {
					Parked::<T>::insert(market, account, ());
					Self::count_parked(*market, |count| count.saturating_add(1));
				}
			}
		}
	}

	fn vacate(account: &MarginAccount<T::AccountId>, place: &Place) {
		match place {
			Place::InLine(rank) => Queue::<T>::remove((rank, account)),
			Place::Parked(markets) => {
				for market in markets {
					Parked::<T>::remove(market, account);
					Self::count_parked(*market, |count| count.saturating_sub(1));
				}
			}
		}
	}

	/// Zero is not stored: who walks the counts finds only markets that somebody waits for.
	fn count_parked(market: MarketId, change: impl FnOnce(u32) -> u32) {
		ParkedCount::<T>::mutate_exists(market, |count| {
			*count = Some(change(count.unwrap_or_default())).filter(|count| *count > 0);
		});
	}
}
