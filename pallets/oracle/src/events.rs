// SPDX-License-Identifier: Apache-2.0
//! What the pallet tells.

use frame_support::pallet_macros::pallet_section;

/// The events, a section of the pallet.
#[pallet_section]
mod events {
	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A quorum agreed on a price. It serves everybody in this block.
		PriceLanded {
			/// The feed.
			feed: FeedId,
			/// Dollars per whole base unit, 18 decimals.
			price: Price,
			/// How far it may be off, in the same unit.
			confidence: Price,
			/// Of how many sources' reports it was made.
			sources: u32,
			/// How far it can be trusted.
			state: PriceState,
		},
		/// How far the price of a feed can be trusted has changed.
		StateChanged {
			/// The feed.
			feed: FeedId,
			/// The state in the block before.
			from: PriceState,
			/// The state in this block.
			to: PriceState,
		},
		/// A member has reported. Its prices are aggregated at the start of the next block.
		Reported {
			/// The member.
			member: T::AccountId,
			/// The newest block the member had seen.
			round: BlockNumberFor<T>,
		},
		/// What a member has just said of some feeds was left out; their rounds went on without it. Once per member and
		/// block.
		ReportRejected {
			/// The member.
			member: T::AccountId,
			/// Which feeds, in ascending order, and why.
			feeds: BoundedVec<RejectedReport, T::MaxFeeds>,
		},
		/// A member was added. It can report once it has registered a reporter key.
		MemberAdded {
			/// The member.
			member: T::AccountId,
		},
		/// The quorum counts the seat of a member from now on: its first report was accepted.
		SeatCounts {
			/// The member.
			member: T::AccountId,
		},
		/// A body has removed a member. It is not heard, its seat counts as before.
		MemberRemoved {
			/// The member.
			member: T::AccountId,
			/// The block in which it comes back, unless its seat is closed by then.
			back_at: BlockNumberFor<T>,
		},
		/// Nobody has confirmed the removal of a member in time: it is heard again.
		MemberReturned {
			/// The member.
			member: T::AccountId,
		},
		/// A seat was closed, with the member's reporter key and reports: the quorum counts one less.
		SeatClosed {
			/// Whose it was.
			member: T::AccountId,
		},
		/// A body has decided on a change, and it waits.
		ChangeWaits {
			/// The change.
			change: Change<T::AccountId>,
			/// The block at whose start it takes effect.
			due: BlockNumberFor<T>,
		},
		/// A change that waited was vetoed. Nothing comes of it.
		ChangeVetoed {
			/// What it was about.
			subject: Subject<T::AccountId>,
			/// The body may decide on something of the kind again from this block on.
			until: BlockNumberFor<T>,
		},
		/// Who had decided on a change has taken it back.
		ChangeWithdrawn {
			/// What it was about.
			subject: Subject<T::AccountId>,
		},
		/// A change was due and did not fit any more. Nothing comes of it.
		ChangeLapsed {
			/// What it was about.
			subject: Subject<T::AccountId>,
			/// Why.
			error: DispatchError,
		},
		/// A member has registered a reporter key. An earlier one, and what it said, no longer counts.
		ReporterSet {
			/// The member.
			member: T::AccountId,
			/// The key that signs the member's reports from now on.
			reporter: T::AccountId,
		},
		/// A member has named what it reads. It counts from a block on, unless a body corrects it by then.
		SourceNamed {
			/// The member.
			member: T::AccountId,
			/// What it will read.
			source: SourceId,
			/// The block from which it counts.
			due: BlockNumberFor<T>,
		},
		/// What a member is taken to read was corrected.
		SourceCorrected {
			/// The member.
			member: T::AccountId,
			/// What it reads.
			source: SourceId,
		},
		/// A feed was listed.
		FeedAdded {
			/// The feed.
			feed: FeedId,
			/// What people call it.
			name: FeedName,
			/// What its prices must meet.
			params: FeedParams,
		},
		/// A feed was retired. It has no price any more, and its id is not used again.
		FeedRetired {
			/// The feed.
			feed: FeedId,
		},
		/// What the prices of a feed must meet has changed, for prices that land from now on.
		FeedParamsSet {
			/// The feed.
			feed: FeedId,
			/// What its prices must meet.
			params: FeedParams,
		},
	}
}
