// SPDX-License-Identifier: Apache-2.0
//! Turns members' reports into one price per feed and block, and says how far it can be trusted.
//!
//! # Overview
//!
//! Members watch the world and report prices. What they report in block `N` is aggregated at the start
//! of block `N + 1`; the price that comes out has *landed* and is the same for everybody in that block.
//! When too few report, no price lands: the last one ages, becomes stale, and says so. When enough report
//! and do not agree, the last one is uncertain at once. Yesterday's price is never served as today's: its age
//! counts from when its reports were taken.
//!
//! A round on a feed, in order:
//!
//! 1. The latest report of each member counts while it is fresh: made for one of the last
//!    [`ReportWindow`](Config::ReportWindow) blocks, not older than the feed's greatest age, and not taken
//!    before a gap: as long between two blocks as `ReportWindow` of them take. At least one must be new.
//! 2. There must be a quorum: `2f + 1` of `n = 3f + 1` seats, and at least the feed's own; and as many of the
//!    sources that members name, and at least three.
//! 3. Reports too far from *this round's* median are left out, and so are reports that repeat one value
//!    while the others move away from it.
//! 4. A quorum must be left. Its median is the price: the middle report by weight, which the members behind
//!    one source share; of an even number of sources the mean of the two middle ones, rounded down.
//!
//! With at most `f` liars the price lies within what honest members reported, and is doubted only as far as
//! those differ (`round.rs`).
//!
//! # Seats
//!
//! The quorum counts seats, not who is left. A seat counts from genesis or from its member's first report
//! on, and until it is closed: silence, a lost key or a removal do not lower the quorum.
//!
//! A body that gives a seat, closes one, lists a feed or loosens one waits (`change.rs`), one seat at a
//! time, and another body may veto it. What a referendum enacts has waited in its timelock, where everybody
//! could read how many seats it gives: it acts at once. Tightening a feed acts at once too.
//!
//! A member whom a body removes is not heard and comes back by itself, unless its seat is closed by then.
//! No body removes so many that the others could not be a quorum: that is a halt, which the breaker has
//! for it, with a budget and an end.
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
mod change;
mod events;
mod feed;
mod invariants;
mod landing;
mod member;
#[cfg(test)]
mod mock;
mod report;
mod round;
mod score;
mod source;
mod stats;
#[cfg(test)]
mod tests;
mod views;
pub mod weights;

use frame_support::pallet_macros::import_section;

pub use change::{Change, Matter, Periods, Subject, Waiting, MAX_WAITING};
pub use feed::{Feed, FeedName, FeedParams, AGE_MS_MAX, DEVIATION_MIN, MAX_RETIRED, VOLATILE_MIN};
pub use landing::Landed;
pub use member::{Member, REPORTER_CONTEXT};
pub use pallet::*;
pub use report::{Report, Reported, REPORT_CONTEXT};
pub use round::{RejectedReport, Rejection};
pub use score::Score;
pub use source::{NextSource, SourceId};
pub use stats::Stats;
pub use views::FeedView;
pub use weights::WeightInfo;

#[cfg(feature = "runtime-benchmarks")]
pub use benchmarking::BenchmarkHelper;

/// The least quorum a feed may ask for. The median of fewer reports is one member's word.
pub const LEAST_QUORUM: u32 = 3;

/// The pallet. Its events are in `events.rs`.
#[import_section(events::events)]
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
	/// A change that waits.
	pub type WaitingOf<T> = Waiting<<T as frame_system::Config>::AccountId, BlockNumberFor<T>>;

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// What a reporter key makes: its signer is an account.
		type Signature: Parameter
			+ Verify<Signer: IdentifyAccount<AccountId = <Self as frame_system::Config>::AccountId>>;

		/// Whose decisions have waited already: a referendum's. They take effect at once.
		type EnactOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// The body that gives seats and closes them, lists feeds and sets what prices must meet. What
		/// tightens takes effect at once; everything else waits.
		type GovernOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Who may stop a change that waits.
		type VetoOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// For how many blocks after a veto the body decides on nothing of the kind.
		#[pallet::constant]
		type CoolOff: Get<BlockNumberFor<Self>>;

		/// Who may remove a member at once, for a while. Its seat counts as before, so this can only make
		/// prices rarer, never let fewer members decide.
		type GuardOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// The periods of a chain whose genesis names none.
		type DefaultPeriods: Get<Periods<BlockNumberFor<Self>>>;

		/// The feeds that something follows, or may again. They are not retired.
		type InUse: frame_support::traits::Contains<FeedId>;

		/// The time between two blocks, in milliseconds.
		#[pallet::constant]
		type BlockTime: Get<u64>;

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

	/// The changes that wait, in the order they were decided.
	#[pallet::storage]
	pub type WaitingChanges<T: Config> =
		StorageValue<_, BoundedVec<WaitingOf<T>, ConstU32<MAX_WAITING>>, ValueQuery>;

	/// What was vetoed, and the block from which the body may decide on it again. As many as there are feeds, and two.
	#[pallet::storage]
	pub type CoolingOff<T: Config> = StorageMap<_, Twox64Concat, Matter, BlockNumberFor<T>>;

	/// The feeds that were retired. None is listed again under the same id: who followed it would follow another.
	#[pallet::storage]
	pub type RetiredFeeds<T> = StorageValue<_, BoundedVec<FeedId, ConstU32<MAX_RETIRED>>, ValueQuery>;

	/// How long changes wait, and removals last.
	#[pallet::storage]
	pub type SeatPeriods<T: Config> =
		StorageValue<_, Periods<BlockNumberFor<T>>, ValueQuery, T::DefaultPeriods>;

	/// The last blocks and their times, oldest first: as many as a report may be old, and this one.
	#[pallet::storage]
	pub type Rounds<T: Config> = StorageValue<
		_,
		BoundedVec<(BlockNumberFor<T>, Moment), landing::OneMore<T::ReportWindow>>,
		ValueQuery,
	>;

	/// Feeds and members at the start of the chain. No price: the first quorum brings it.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// Id, name and parameters of each feed.
		pub feeds: Vec<(FeedId, String, FeedParams)>,
		/// Each member, and its reporter key. Their seats count from the first block on.
		pub members: Vec<(T::AccountId, T::AccountId)>,
		/// How long changes wait, and removals last; absent: as long as on a chain with real money.
		pub periods: Option<Periods<BlockNumberFor<T>>>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		/// Panics when the feeds or members would be refused as calls: a chain must not start with them.
		fn build(&self) {
			if let Some(periods) = &self.periods {
				assert!(periods.is_valid(), "oracle.periods: more than 0, and removal more than seatDelay");
				SeatPeriods::<T>::put(periods);
			}
			for (member, reporter) in &self.members {
				Pallet::<T>::seat_at_genesis(member, reporter)
					.unwrap_or_else(|e| panic!("oracle member at genesis: {e:?}"));
			}
			for (feed, name, params) in &self.feeds {
				let name = FeedName::try_from(name.as_bytes().to_vec())
					.unwrap_or_else(|_| panic!("the name of feed {} is too long", feed.0));
				Pallet::<T>::carry_out(Change::ListFeed { feed: *feed, name, params: *params })
					.unwrap_or_else(|e| panic!("feed {} at genesis: {e:?}", feed.0));
			}
		}
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The account has no seat of the oracle. Seats are given by governance.
		NotAMember,
		/// The account has a seat already.
		AlreadyMember,
		/// There is no room for another seat. Close one first.
		TooManyMembers,
		/// The member has no reporter key yet. Register one with `set_reporter`.
		NoReporter,
		/// The key reports for a member already. Each member needs a key of its own: one source counts
		/// once.
		ReporterInUse,
		/// The proof is not the new key's signature over this member and its present key on this chain. Let
		/// the key sign with `keelctl reporter`, anew after every rotation.
		NotProven,
		/// A body has removed the member. It is heard again when the removal ends; `members` says when.
		Removed,
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
		/// A parameter of the feed is outside its bounds: age more than two blocks and at most 3,600,000 ms;
		/// deviation 0.1 to 50 %, confidence half of it to 50 %, volatile 1 to 100 %; quorum 3 to the most members.
		InvalidParams,
		/// The feed would ask for more reports than there are seats that count. Give seats first.
		QuorumAboveSeats,
		/// A feed asks for at least as many reports as there are seats, or fewer than three sources would be left. Lower
		/// its least quorum, or give a seat with another source, first.
		SeatNeeded,
		/// The member is removed already. Close its seat to confirm it.
		AlreadyRemoved,
		/// The member was removed before, and nobody confirmed it. Close its seat instead, which waits.
		RemovedBefore,
		/// The members or sources that are left or heard could not be a quorum, and all markets would halt. To stop a
		/// market use `circuit_breaker.halt_market`, which has an end; a referendum may do this.
		WouldHalt,
		/// Another seat, or another change of this feed, waits for so many blocks still. Seats change one at a
		/// time: decide again then, or withdraw the other one.
		AnotherWaits {
			/// The blocks until it is due.
			blocks: u16,
		},
		/// Something of the kind was vetoed. The body decides on it again after the cool-off: `cooling_off` names
		/// the block. A referendum may at any time.
		Vetoed,
		/// Too many changes wait. Decide again when one has taken effect, or withdraw one.
		TooManyWaiting,
		/// No such change waits. `waiting_changes` names those that do.
		NothingWaits,
		/// What the prices must meet has changed while this change waited. Decide again.
		ChangedMeanwhile,
		/// A body has corrected your source. Ask it to name another with `correct_source`.
		SourceCorrected,
		/// The feed was retired, and its id is not used again. Leave it out of your reports.
		FeedRetired,
		/// A market follows the feed, or may again. Only feeds that no market names are retired.
		FeedInUse,
		/// As many feeds were retired as ids are kept of. It takes an upgrade to keep more.
		TooManyRetired,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(now: BlockNumberFor<T>) -> Weight {
			Self::begin_block(now)
		}

		fn integrity_test() {
			let returns = T::WeightInfo::return_member().saturating_mul(T::MaxMembers::get().into());
			let changes = T::WeightInfo::carry_out().saturating_mul(MAX_WAITING.into());
			let worst = T::WeightInfo::begin_block(T::MaxMembers::get(), T::MaxFeeds::get())
				.saturating_add(returns)
				.saturating_add(changes);
			assert!(
				worst.all_lte(T::HookWeight::get()),
				"a full round ({worst:?}) exceeds the oracle's share of a block ({:?})",
				T::HookWeight::get()
			);
			// A report made on the newest block comes in one later and is read another one later.
			assert!(T::ReportWindow::get() >= 2, "no report could ever be fresh");
			assert!(T::MaxMembers::get() >= LEAST_QUORUM, "there could never be a quorum");
			assert!(T::MaxMembers::get() <= round::SHARERS_MAX, "shares of a source would have a rest");
			assert!(T::DefaultPeriods::get().is_valid(), "removals could not be confirmed");
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
		/// Use a key that holds nothing: it lives online. `proof` is the new key's signature over the bytes
		/// `"keel/oracle/reporter/1"`, genesis hash, your account and the key you have now (an option); so
		/// nobody registers a key of somebody else. What the old key has reported no longer counts.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::set_reporter())]
		pub fn set_reporter(
			origin: OriginFor<T>,
			reporter: T::AccountId,
			proof: T::Signature,
		) -> DispatchResult {
			let member = ensure_signed(origin)?;
			Self::do_set_reporter(member, reporter, proof)
		}

		/// Give somebody a seat: at once by referendum, after the seat delay by the body.
		///
		/// The member registers its reporter key itself, with `set_reporter`. The quorum counts the seat from
		/// the member's first report on.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::add_member().max(T::WeightInfo::wait()))]
		pub fn add_member(origin: OriginFor<T>, member: T::AccountId) -> DispatchResult {
			Self::decide(origin, Change::OpenSeat { member })
		}

		/// Remove a member at once: it is not heard.
		///
		/// By a body it is for a while: the quorum counts the seat as before, and the member comes back by
		/// itself unless its seat is closed by then. A referendum closes the seat.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::remove_member().max(T::WeightInfo::close_seat()))]
		pub fn remove_member(origin: OriginFor<T>, member: T::AccountId) -> DispatchResult {
			match T::EnactOrigin::try_origin(origin) {
				Ok(_) => Self::carry_out(Change::CloseSeat { member }),
				Err(origin) => {
					T::GuardOrigin::try_origin(origin)
						.map(drop)
						.or_else(|origin| T::GovernOrigin::ensure_origin(origin).map(drop))?;
					Self::do_remove_member(member)
				}
			}
		}

		/// List a feed: at once by referendum, after the seat delay by the body. It has no price until a
		/// quorum of members has reported one.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::add_feed().max(T::WeightInfo::wait()))]
		pub fn add_feed(
			origin: OriginFor<T>,
			feed: FeedId,
			name: FeedName,
			params: FeedParams,
		) -> DispatchResult {
			Self::decide(origin, Change::ListFeed { feed, name, params })
		}

		/// Set what the prices of a feed must meet, for prices that land from then on: at once by referendum,
		/// or when nothing of it is looser than before; else after the seat delay.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::set_feed_params().max(T::WeightInfo::wait()))]
		pub fn set_feed_params(origin: OriginFor<T>, feed: FeedId, params: FeedParams) -> DispatchResult {
			let from = Feeds::<T>::get(feed).map_or(params, |known| known.params);
			Self::decide(origin, Change::SetFeedParams { feed, from, to: params })
		}

		/// Take a seat away for good, with the member's reporter key and reports: at once by referendum, after
		/// the seat delay by the body. So a removal is confirmed.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::close_seat().max(T::WeightInfo::wait()))]
		pub fn close_seat(origin: OriginFor<T>, member: T::AccountId) -> DispatchResult {
			Self::decide(origin, Change::CloseSeat { member })
		}

		/// Stop the change of a seat or a feed that waits. Nothing comes of it, and for `CoolOff` blocks the body
		/// decides on nothing of the kind: on no seat, no new feed, or nothing looser of that feed.
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::take_back())]
		pub fn veto_change(origin: OriginFor<T>, subject: Subject<T::AccountId>) -> DispatchResult {
			T::VetoOrigin::ensure_origin(origin)?;
			Self::veto(subject)
		}

		/// Take back the change of a seat or a feed that waits, as the body that has decided on it.
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::take_back())]
		pub fn withdraw_change(origin: OriginFor<T>, subject: Subject<T::AccountId>) -> DispatchResult {
			T::GovernOrigin::ensure_origin(origin)?;
			Self::take_back(&subject)?;
			Self::deposit_event(Event::ChangeWithdrawn { subject });
			Ok(())
		}

		/// Name what your reports come from, as a member: a venue, or a list of venues that one program makes one price
		/// of.
		///
		/// Members who read the same name the same, and have one weight together. It counts after twice the seat delay,
		/// so that a body can correct it before. A later word takes the place of one that waits.
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::set_source())]
		pub fn set_source(origin: OriginFor<T>, source: SourceId) -> DispatchResult {
			let member = ensure_signed(origin)?;
			Self::do_set_source(member, source)
		}

		/// Correct what a member is taken to read: at once by referendum, after the seat delay by the body. The member
		/// names no other by itself after that.
		#[pallet::call_index(10)]
		#[pallet::weight(T::WeightInfo::correct_source().max(T::WeightInfo::wait()))]
		pub fn correct_source(
			origin: OriginFor<T>,
			member: T::AccountId,
			source: SourceId,
		) -> DispatchResult {
			Self::decide(origin, Change::CorrectSource { member, source })
		}

		/// Retire a feed that no market names: at once by referendum, after the seat delay by the body.
		///
		/// Its price and what members have said of it are removed, reports that name it are refused, and its id is not
		/// used again.
		#[pallet::call_index(11)]
		#[pallet::weight(T::WeightInfo::retire_feed().max(T::WeightInfo::wait()))]
		pub fn retire_feed(origin: OriginFor<T>, feed: FeedId) -> DispatchResult {
			Self::decide(origin, Change::RetireFeed { feed })
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
