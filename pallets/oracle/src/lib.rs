// SPDX-License-Identifier: Apache-2.0
//! Turns members' reports into one price per feed and block, and says how far it can be trusted.
//!
//! # Overview
//!
//! Members watch the world and report prices. What they report in block `N` is aggregated at the start
//! of block `N + 1`; the price that comes out has *landed* and is the same for everybody in that block.
//! When no quorum agrees, no price lands: the last one ages, becomes stale, and says so. Yesterday's
//! price is never served as today's.
//!
//! A round on a feed, in order:
//!
//! 1. The latest report of each member counts while it is fresh: made for one of the last
//!    [`ReportWindow`](Config::ReportWindow) blocks, and not older than the feed's greatest age. At
//!    least one must be new.
//! 2. There must be a quorum: `2f + 1` of `n = 3f + 1` members, and at least the feed's own.
//! 3. Reports too far from *this round's* median are left out, and so are reports that repeat one value
//!    while the others move away.
//! 4. A quorum must be left. Its median is the price: the middle report, or of an even number the mean
//!    of the two middle ones, rounded down.
//!
//! With at most `f` liars the price lies within what honest members reported (`round.rs`).
//!
//! # Reporting
//!
//! [`Call::report`] is an *authorised* call: it has no signer and no fee. It carries the member, the
//! round and a signature by the member's reporter key over
//!
//! ```text
//! "keel/oracle/report/1" (20 bytes) ++ genesis hash (32) ++ round (u32, little-endian) ++ SCALE(reports)
//! ```
//!
//! `round` is the number of the newest block the member had seen. The pool checks all of it before it
//! keeps the report, gives it the highest priority, and forgets it when the round is over. It travels as
//! a *general* transaction (extrinsic format 5): bare ones do not pass through the extensions, and
//! signed ones have a signer and pay.
//!
//! ```text
//! compact length ++ 0x45 ++ 0x00 ++ extensions ++ call
//! ```
//!
//! where `0x45` is format 5 with the general bit, `0x00` the version of the extensions, and `extensions`
//! their explicit values in the order of the metadata: era `0x00` (immortal), nonce `0x00`, tip `0x00`,
//! metadata hash mode `0x00`, as far as the runtime has them.
//!
//! - subxt 0.51: `create_v5_signable_offline(&call, default_params)`, then
//!   `sign_with_account_and_signature` with any account and signature. The runtime has no extension that
//!   takes them, so they are not encoded.
//! - polkadot-js 16.5.6: `createType('GeneralExtrinsic', { transactionExtensionVersion: 0, payload: {
//!   era: '0x00', nonce: 0, tip: 0, mode: 0, method } })`, sent with
//!   `provider.send('author_submitExtrinsic', [general.toHex()])`: `api.rpc` would encode it twice.
//!
//! A refused report names its reason: `BadSigner` (not a member), `BadProof` (wrong signature), `Stale`
//! (this or a later round was reported for, or the round is over), `Future` (a block that does not exist
//! yet); any other is `Custom(n)`, where `n` is the index of this pallet's error.
//!
//! # Time
//!
//! Prices land in hooks, before the timestamp inherent: `Timestamp` still holds the previous block's
//! time there, and would hide an outage. All times here come from [`Config::Now`], the time of the slot
//! in this block's digest, read once at the start of the block.

#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod feed;
#[cfg(any(test, feature = "std", feature = "try-runtime"))]
mod invariants;
mod landing;
mod member;
#[cfg(test)]
mod mock;
mod report;
mod round;
mod stats;
#[cfg(test)]
mod tests;
mod views;
pub mod weights;

pub use feed::{Feed, FeedName, FeedParams, AGE_MS_MAX};
pub use landing::Landed;
pub use member::Member;
pub use pallet::*;
pub use report::{Report, Reported, REPORT_CONTEXT};
pub use round::Rejection;
pub use stats::Stats;
pub use views::FeedView;
pub use weights::WeightInfo;

#[cfg(feature = "runtime-benchmarks")]
pub use benchmarking::BenchmarkHelper;

/// The least quorum a feed may ask for. The median of fewer reports is one member's word.
pub const LEAST_QUORUM: u32 = 3;

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::{string::String, vec::Vec};
	use frame_support::pallet_prelude::*;
	use frame_system::{ensure_authorized, pallet_prelude::*};
	use keel_primitives::{FeedId, Moment, Price, PriceState};
	use sp_runtime::traits::{IdentifyAccount, Verify};

	/// What a member says about one feed.
	pub type ReportOf = Report;
	/// A report as it is kept.
	pub type ReportedOf<T> = Reported<BlockNumberFor<T>>;
	/// The reports of one member in one round.
	pub type ReportsOf<T> = BoundedVec<ReportOf, <T as Config>::MaxFeeds>;
	/// A member and its state.
	pub type MemberOf<T> = member::Member<<T as frame_system::Config>::AccountId, BlockNumberFor<T>>;

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// What a reporter key makes: its signer is an account.
		type Signature: Parameter
			+ Verify<Signer: IdentifyAccount<AccountId = <Self as frame_system::Config>::AccountId>>;

		/// Who lists feeds, sets what prices must meet, and adds and removes members.
		type GovernOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Who may remove a member at once. The feeds' own quorums stay, so this can only make prices
		/// rarer, never let fewer members decide.
		type GuardOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// The time of this block: that of its slot, known before the timestamp inherent.
		type Now: Get<Moment>;

		/// The most members. A round costs members times feeds.
		#[pallet::constant]
		type MaxMembers: Get<u32>;

		/// The most feeds.
		#[pallet::constant]
		type MaxFeeds: Get<u32>;

		/// For how many blocks after its round a report counts. It lets members who see blocks at
		/// slightly different times form a quorum.
		#[pallet::constant]
		type ReportWindow: Get<u32>;

		/// After how many repeats of one value a member is left out, when the others have moved a quarter
		/// of the feed's allowed deviation meanwhile.
		#[pallet::constant]
		type StuckRounds: Get<u32>;

		/// After as many milliseconds a price has half its weight in the slow price.
		#[pallet::constant]
		type SlowHalfLife: Get<u64>;

		/// After as many milliseconds a return has half its weight in the volatility.
		#[pallet::constant]
		type VolatilityHalfLife: Get<u64>;

		/// What the start of a block may cost here. The worst case is checked against it when the node
		/// starts.
		type HookWeight: Get<Weight>;

		/// What calls and hooks cost.
		type WeightInfo: WeightInfo;

		/// Makes keys and signatures.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: BenchmarkHelper<Self::Signature, Self::AccountId>;
	}

	/// The feeds: what is priced, and what its prices must meet.
	#[pallet::storage]
	pub type Feeds<T> = CountedStorageMap<_, Twox64Concat, FeedId, Feed>;

	/// The last price of each feed. A feed without one has never had a quorum.
	#[pallet::storage]
	pub type Prices<T> = StorageMap<_, Twox64Concat, FeedId, Landed>;

	/// The members: who may report.
	#[pallet::storage]
	pub type Members<T: Config> = CountedStorageMap<_, Blake2_128Concat, T::AccountId, MemberOf<T>>;

	/// The member behind each reporter key.
	#[pallet::storage]
	pub type Reporters<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, T::AccountId>;

	/// The latest report of each member on each feed, in ascending order of feed.
	#[pallet::storage]
	pub type Reports<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, BoundedVec<ReportedOf<T>, T::MaxFeeds>, ValueQuery>;

	/// The last blocks and their times, oldest first.
	#[pallet::storage]
	pub type Rounds<T: Config> =
		StorageValue<_, BoundedVec<(BlockNumberFor<T>, Moment), T::ReportWindow>, ValueQuery>;

	/// Feeds and members at the start of the chain. No price: the first quorum brings it.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// Id, name and parameters of each feed.
		pub feeds: Vec<(FeedId, String, FeedParams)>,
		/// Each member, and its reporter key.
		pub members: Vec<(T::AccountId, T::AccountId)>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		/// Panics when the feeds or members would be refused as calls: a chain must not start with them.
		fn build(&self) {
			for (feed, name, params) in &self.feeds {
				let name = FeedName::try_from(name.as_bytes().to_vec())
					.unwrap_or_else(|_| panic!("the name of feed {} is too long", feed.0));
				Pallet::<T>::do_add_feed(*feed, name, *params)
					.unwrap_or_else(|e| panic!("feed {} at genesis: {e:?}", feed.0));
			}
			for (member, reporter) in &self.members {
				Pallet::<T>::do_add_member(member.clone())
					.and_then(|()| Pallet::<T>::do_set_reporter(member.clone(), reporter.clone()))
					.unwrap_or_else(|e| panic!("oracle member at genesis: {e:?}"));
			}
		}
	}

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
			/// How many members' reports it was made of.
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
		/// A member's report was left out of the round; the round went on without it.
		ReportRejected {
			/// The member.
			member: T::AccountId,
			/// The feed.
			feed: FeedId,
			/// Why.
			reason: Rejection,
		},
		/// A member was added. It can report once it has registered a reporter key.
		MemberAdded {
			/// The member.
			member: T::AccountId,
		},
		/// A member was removed, with its reporter key and its reports.
		MemberRemoved {
			/// The member.
			member: T::AccountId,
		},
		/// A member has registered a reporter key. An earlier one, and what it said, no longer counts.
		ReporterSet {
			/// The member.
			member: T::AccountId,
			/// The key that signs the member's reports from now on.
			reporter: T::AccountId,
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
		/// What the prices of a feed must meet has changed, for prices that land from now on.
		FeedParamsSet {
			/// The feed.
			feed: FeedId,
			/// What its prices must meet.
			params: FeedParams,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The account is not a member of the oracle. Members are added by governance.
		NotAMember,
		/// The account is a member already.
		AlreadyMember,
		/// There is no room for another member. Remove one first.
		TooManyMembers,
		/// The member has no reporter key yet. Register one with `set_reporter`.
		NoReporter,
		/// The key reports for a member already. Each member needs a key of its own: one source counts
		/// once.
		ReporterInUse,
		/// The signature is not the reporter key's over this round and these reports on this chain. Check
		/// the key, the genesis hash and the order of the signed bytes.
		BadSignature,
		/// The round is a block that does not exist yet. Report for the newest block you have seen.
		FutureRound,
		/// The round is over, or the member has reported for a later one. Report for the newest block you
		/// have seen.
		StaleRound,
		/// The member has reported for this round. One report per member and round: wait for the next
		/// block.
		AlreadyReported,
		/// The report names no feed.
		EmptyReport,
		/// Feeds must be in ascending order of id, each named once.
		FeedsNotAscending,
		/// There is no such feed. Feeds are listed by governance.
		UnknownFeed,
		/// The price is zero or outside 1e-6 to 1e9 dollars. Prices have 18 decimals; list 1000-fold units
		/// of cheaper assets.
		PriceOutOfBounds,
		/// The confidence is larger than the price. It has the price's unit.
		ConfidenceOutOfBounds,
		/// The feed is listed already. Change it with `set_feed_params`.
		FeedExists,
		/// There is no room for another feed.
		TooManyFeeds,
		/// A feed needs a name.
		FeedWithoutName,
		/// A parameter of the feed is outside its bounds: age 1 to 3,600,000 ms; deviation and confidence
		/// above 0 and at most 50 %; volatile above 0 and at most 100 %; quorum 3 to the most members.
		InvalidParams,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(now: BlockNumberFor<T>) -> Weight {
			Self::begin_block(now)
		}

		fn integrity_test() {
			let worst = T::WeightInfo::begin_block(T::MaxMembers::get(), T::MaxFeeds::get());
			assert!(
				worst.all_lte(T::HookWeight::get()),
				"a full round ({worst:?}) exceeds the oracle's share of a block ({:?})",
				T::HookWeight::get()
			);
			// A report made on the newest block comes in one later and is read another one later.
			assert!(T::ReportWindow::get() >= 2, "no report could ever be fresh");
			assert!(T::MaxMembers::get() >= LEAST_QUORUM, "there could never be a quorum");
			assert!(T::StuckRounds::get() > 0, "every report would count as stuck");
			assert!(T::SlowHalfLife::get() > 0, "the slow price would have no memory");
			assert!(T::VolatilityHalfLife::get() > 0, "volatility would have no memory");
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Report prices as an oracle member. Free, and ahead of everything else.
		///
		/// Sent by no account: `signature` is the member's reporter key's over the bytes
		/// `"keel/oracle/report/1"`, genesis hash, `round` and `reports`. `round` is the number of the
		/// newest block the member had seen; one report per member and round, and rounds only go forward.
		/// `reports` names each feed once, in ascending order of id. Prices and confidences are dollars
		/// per whole base unit with 18 decimals.
		#[pallet::call_index(0)]
		#[pallet::weight((T::WeightInfo::report(count(reports)), DispatchClass::Operational, Pays::No))]
		#[pallet::authorize(Pallet::<T>::authorize_report)]
		#[pallet::weight_of_authorize(T::WeightInfo::authorize_report(count(reports)))]
		pub fn report(
			origin: OriginFor<T>,
			member: T::AccountId,
			round: BlockNumberFor<T>,
			reports: ReportsOf<T>,
			signature: T::Signature,
		) -> DispatchResult {
			ensure_authorized(origin)?;
			// Checked when the call was authorised.
			let _ = signature;
			Self::do_report(member, round, reports)
		}

		/// Register or rotate the key that signs your reports, as an oracle member.
		///
		/// Use a key that holds nothing: it lives online. What the old key has reported no longer counts.
		#[pallet::call_index(1)]
		#[pallet::weight((T::WeightInfo::set_reporter(), DispatchClass::Operational))]
		pub fn set_reporter(origin: OriginFor<T>, reporter: T::AccountId) -> DispatchResult {
			let member = ensure_signed(origin)?;
			Self::do_set_reporter(member, reporter)
		}

		/// Add a member. It registers its reporter key itself, with `set_reporter`.
		///
		/// The quorum grows with the members: `2f + 1` of `3f + 1`.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::add_member())]
		pub fn add_member(origin: OriginFor<T>, member: T::AccountId) -> DispatchResult {
			T::GovernOrigin::ensure_origin(origin)?;
			Self::do_add_member(member)
		}

		/// Remove a member, its reporter key and its reports, at once.
		#[pallet::call_index(3)]
		#[pallet::weight((T::WeightInfo::remove_member(), DispatchClass::Operational))]
		pub fn remove_member(origin: OriginFor<T>, member: T::AccountId) -> DispatchResult {
			T::GuardOrigin::try_origin(origin)
				.map(drop)
				.or_else(|origin| T::GovernOrigin::ensure_origin(origin).map(drop))?;
			Self::do_remove_member(member)
		}

		/// List a feed. It has no price until a quorum of members has reported one.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::add_feed())]
		pub fn add_feed(
			origin: OriginFor<T>,
			feed: FeedId,
			name: FeedName,
			params: FeedParams,
		) -> DispatchResult {
			T::GovernOrigin::ensure_origin(origin)?;
			Self::do_add_feed(feed, name, params)
		}

		/// Set what the prices of a feed must meet, for prices that land from the next block on.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::set_feed_params())]
		pub fn set_feed_params(origin: OriginFor<T>, feed: FeedId, params: FeedParams) -> DispatchResult {
			T::GovernOrigin::ensure_origin(origin)?;
			Self::do_set_feed_params(feed, params)
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// A feed with its price, age and state in this block; nothing for an unknown feed.
		pub fn feed_view(feed: FeedId) -> Option<FeedView> {
			Self::view_of(feed)
		}

		/// All feeds with their prices, in no particular order.
		pub fn feeds() -> Vec<FeedView> {
			Self::all_views()
		}
	}

	/// The number of reports; bounded far below `u32::MAX`.
	fn count<Bound>(reports: &BoundedVec<ReportOf, Bound>) -> u32 {
		u32::try_from(reports.len()).unwrap_or(u32::MAX)
	}
}
