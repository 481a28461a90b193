// SPDX-License-Identifier: Apache-2.0
//! At the start of a block: what was reported becomes what is known.

use crate::{
	member::count,
	round::{
		liars_of, quorum_of, settle, share, Agreed, Candidate, Outcome, RejectedReport, Rejection, Rules,
		Verdict,
	},
	source::{Seats, SourceId},
	stats::{Pace, Stats},
	Config, Event, Feed, FeedParams, Feeds, MemberOf, Members, Pallet, Prices, ReportedOf, Reports, Rounds,
	WeightInfo,
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{defensive, pallet_prelude::Weight, traits::Get, BoundedVec};
use frame_system::pallet_prelude::BlockNumberFor;
use keel_primitives::{FeedId, Moment, Price, PriceState, Ratio, Volatility};
use keel_traits::{Observation, PriceFeed};
use scale_info::TypeInfo;
use sp_runtime::traits::{One, SaturatedConversion, Saturating};

/// The last price of a feed, and what is known of it in this block.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Landed {
	/// The price.
	pub price: Price,
	/// What was said before a quorum last reported anew; the price itself when it is the first. One late report beside
	/// what the others said some blocks ago makes no second round of it.
	pub before: Price,
	/// The price that landed when a quorum last reported anew.
	pub said: Price,
	/// How far it may be off.
	pub confidence: Price,
	/// Of how many sources' reports it was made.
	pub sources: u32,
	/// Chain time when the reports it was made of were taken: the middle one's. Its age counts from here.
	pub taken_at: Moment,
	/// Chain time when it landed.
	pub landed_at: Moment,
	/// The block in which a price last landed for which a quorum had reported anew.
	pub renewed_in: u32,
	/// Chain time of that block.
	pub renewed_at: Moment,
	/// Chain time up to which it is fresh. A price carries its own expiry: new parameters hold for the
	/// prices that land after them.
	pub fresh_until: Moment,
	/// How far it can be trusted in this block.
	pub state: PriceState,
	/// Volatility per day before this block's price.
	pub volatility: Volatility,
	/// What is kept of the history, this price included.
	pub stats: Stats,
}

/// A bound of one more.
pub struct OneMore<Bound>(core::marker::PhantomData<Bound>);

impl<Bound: Get<u32>> Get<u32> for OneMore<Bound> {
	fn get() -> u32 {
		Bound::get().saturating_add(1)
	}
}

/// Who says something, and what is behind it.
#[derive(Clone, Copy)]
struct Speaker {
	/// The place among the members.
	at: usize,
	/// What the member reads.
	source: Option<SourceId>,
}

/// A report, and who has made it.
type Heard<'a, T> = (Speaker, &'a ReportedOf<T>);

/// The time of a block.
#[derive(Clone, Copy)]
struct Clock<BlockNumber> {
	/// The block.
	block: BlockNumber,
	/// Its chain time.
	time: Moment,
	/// Chain time when blocks last came in again after a gap. What was taken before is of before the gap.
	since: Moment,
}

impl<T: Config> Pallet<T> {
	/// Carry out what has waited, bring back who was removed for a while, take note of the time, settle a
	/// round on every feed, and say what it cost.
	pub(crate) fn begin_block(now: BlockNumberFor<T>) -> Weight {
		let carried = Self::carry_out_due(now);
		let clock = Self::tick(now);
		let members: Vec<_> = Members::<T>::iter().collect();
		let returned = T::WeightInfo::return_member().saturating_mul(Self::return_members(&members, now));
		// Whoever is silent or removed has no report here, and its seat counts all the same.
		let counted = members.iter().filter(|(_, member)| member.counts);
		let seats = Self::seats_of(counted.map(|(_, member)| member.clone()));
		let reports: Vec<_> = members
			.iter()
			.enumerate()
			.map(|(at, (who, member))| {
				(Reports::<T>::get(who), Speaker { at, source: member.source_in(now) })
			})
			.collect();
		let mut rejected = Vec::new();
		let mut feeds = 0_u32;
		for (id, feed) in Feeds::<T>::iter() {
			feeds = feeds.saturating_add(1);
			let on_feed: Vec<_> = reports
				.iter()
				.filter_map(|(kept, speaker)| {
					let at = kept.binary_search_by_key(&id, |r| r.report.feed).ok()?;
					Some((*speaker, kept.get(at)?))
				})
				.collect();
			let left_out = Self::settle_feed(id, &feed, &on_feed, seats, clock);
			rejected
				.extend(left_out.into_iter().map(|(at, reason)| (at, RejectedReport { feed: id, reason })));
		}
		Self::tell_of_rejections(&members, rejected);
		let members = count(members.iter());
		T::WeightInfo::begin_block(members, feeds).saturating_add(carried).saturating_add(returned)
	}

	/// Tell each member once of all of its reports that were left out. `rejected` names members by their place.
	fn tell_of_rejections(
		members: &[(T::AccountId, MemberOf<T>)],
		mut rejected: Vec<(usize, RejectedReport)>,
	) {
		rejected.sort_unstable_by_key(|(at, report)| (*at, report.feed));
		for of_one in rejected.chunk_by(|a, b| a.0 == b.0) {
			let member = of_one.first().and_then(|(at, _)| members.get(*at));
			let feeds = of_one.iter().map(|(_, report)| *report).collect();
			if let Some((member, _)) = member {
				let feeds = BoundedVec::truncate_from(feeds);
				Self::deposit_event(Event::ReportRejected { member: member.clone(), feeds });
			}
		}
	}

	/// Chain time of this block, remembered with its number. Time never runs backwards here.
	fn tick(now: BlockNumberFor<T>) -> Clock<BlockNumberFor<T>> {
		Rounds::<T>::mutate(|rounds| {
			let last = rounds.last().map(|(_, time)| *time).unwrap_or_default();
			let time = T::Now::get().max(last);
			if rounds.is_full() {
				rounds.remove(0);
			}
			if rounds.try_push((now, time)).is_err() {
				defensive!("room was made above, and the bound is at least two");
			}
			let gap = T::BlockTime::get().saturating_mul(T::ReportWindow::get().into());
			let after_gap = |pair: &[(_, Moment)]| match pair {
				[(_, before), (_, after)] if after.saturating_sub(*before) > gap => Some(*after),
				_ => None,
			};
			let since = rounds.windows(2).rev().find_map(after_gap).unwrap_or_default();
			Clock { block: now, time, since }
		})
	}

	/// Chain time of this block.
	pub(crate) fn time() -> Moment {
		Rounds::<T>::get().last().map(|(_, time)| *time).unwrap_or_default()
	}

	/// Settle a round of one feed. Returns who has just said what was left out, and why.
	fn settle_feed(
		id: FeedId,
		feed: &Feed,
		reports: &[Heard<'_, T>],
		seats: Seats,
		clock: Clock<BlockNumberFor<T>>,
	) -> Vec<(usize, Rejection)> {
		let before = Prices::<T>::get(id);
		let time = clock.time;
		let allowed = feed.params.allowed_deviation(before.map(|last| time.saturating_sub(last.landed_at)));
		let last_renewed = before.map(|last| (last.renewed_in, last.renewed_at)).unwrap_or_default();
		let (verdict, rejected) = Self::settle_round(feed, reports, seats, clock, allowed, last_renewed.0);
		let after = match (verdict, before) {
			(Verdict::Agreed(agreed), before) => {
				let landed = Self::land_price(id, &feed.params, agreed, before.as_ref(), time);
				let (renewed_in, renewed_at) =
					if agreed.renewed { (clock.block.saturated_into(), time) } else { last_renewed };
				Some(Landed { renewed_in, renewed_at, ..landed })
			}
			(Verdict::Disagreed(range), Some(last)) => {
				let least = share(last.price, allowed);
				Some(last.doubted(range.furthest_from(last.price).max(least), time))
			}
			(_, before) => before.map(|landed| landed.aged(time)),
		};
		if after == before {
			return rejected;
		}
		let state = |landed: &Option<Landed>| landed.map(|l| l.state).unwrap_or_default();
		let (from, to) = (state(&before), state(&after));
		Prices::<T>::set(id, after);
		if from != to {
			Self::deposit_event(Event::StateChanged { feed: id, from, to });
		}
		rejected
	}

	/// A round needs news: old reports alone do not make a price look new.
	fn settle_round(
		feed: &Feed,
		reports: &[Heard<'_, T>],
		seats: Seats,
		clock: Clock<BlockNumberFor<T>>,
		deviation_max: Ratio,
		renewed_in: u32,
	) -> (Verdict, Vec<(usize, Rejection)>) {
		let params = &feed.params;
		let is_new = |r: &ReportedOf<T>| r.received.saturating_add(One::one()) >= clock.block;
		let is_fresh = |r: &ReportedOf<T>| {
			Self::is_fresh_round(r.round, clock.block)
				&& clock.time.saturating_sub(r.taken_at) <= params.age_ms_max
				&& r.taken_at >= clock.since
		};
		let candidates: Vec<_> = reports
			.iter()
			.filter(|(_, r)| is_fresh(r))
			.map(|(speaker, r)| Candidate {
				member: (speaker.at, is_new(r)),
				source: speaker.source,
				is_news: r.received.saturated_into::<u32>() >= renewed_in,
				taken_at: r.taken_at,
				price: r.report.price,
				confidence: r.report.confidence,
				repeats: r.repeats,
				anchor: r.anchor,
			})
			.collect();
		if !candidates.iter().any(|candidate| candidate.member.1) {
			return (Verdict::Silent, Vec::new());
		}
		let rules = Rules {
			quorum: quorum_of(seats.reports).max(params.quorum_min),
			liars: liars_of(seats.reports),
			sources: seats.source_quorum(),
			bad_sources: seats.bad_sources(),
			deviation_max,
			stuck_rounds: T::StuckRounds::get(),
			stuck_distance: params.stuck_distance(),
		};
		let Outcome { verdict, rejected } = settle(candidates, &rules);
		// A report counts in several rounds, and is told of once.
		let told = rejected.into_iter().filter(|((_, is_new), _)| *is_new);
		(verdict, told.map(|((at, _), reason)| (at, reason)).collect())
	}

	fn land_price(
		id: FeedId,
		params: &FeedParams,
		agreed: Agreed,
		last: Option<&Landed>,
		time: Moment,
	) -> Landed {
		let Agreed { price, confidence, sources, taken_at, renewed } = agreed;
		let (before, said) = match last {
			Some(last) if renewed => (last.said, price),
			Some(last) => (last.before, last.said),
			None => (price, price),
		};
		// Judged against what was known before it: a jump must not excuse itself.
		let history = last.map(|l| l.stats).unwrap_or(Stats::start(price));
		let state = params.classify(price, confidence, history.slow);
		let stats = match last {
			Some(last) => {
				let elapsed_ms = time.saturating_sub(last.landed_at);
				history.after(before, price, elapsed_ms, &Self::pace(params))
			}
			None => history,
		};
		Self::deposit_event(Event::PriceLanded { feed: id, price, confidence, sources, state });
		Landed {
			price,
			before,
			said,
			confidence,
			sources,
			taken_at,
			landed_at: time,
			renewed_in: 0,
			renewed_at: 0,
			fresh_until: taken_at.saturating_add(params.age_ms_max),
			state,
			volatility: history.volatility(),
			stats,
		}
	}

	fn pace(params: &FeedParams) -> Pace {
		Pace {
			slow_half_life_ms: T::SlowHalfLife::get(),
			variance_half_life_ms: T::VolatilityHalfLife::get(),
			elapsed_max_ms: params.age_ms_max,
			jump_max: params.volatile_max,
		}
	}
}

impl Landed {
	/// The same price at `time`, when no newer one has landed.
	fn aged(self, time: Moment) -> Self {
		let state = if time > self.fresh_until { PriceState::Stale } else { self.state };
		Self { state, volatility: self.stats.volatility(), ..self }
	}

	/// The same price at `time`, when a quorum has reported and did not agree: it may be off by `confidence`.
	fn doubted(self, confidence: Price, time: Moment) -> Self {
		let state = match self.state {
			PriceState::Valid => PriceState::Uncertain,
			other => other,
		};
		Self { state, confidence, ..self }.aged(time)
	}

	/// What is known at `time`, in block `block`.
	fn observed(&self, time: Moment, block: u32) -> Observation {
		Observation {
			price: self.price,
			before: self.before,
			confidence: self.confidence,
			slow: self.stats.slow,
			volatility: self.volatility,
			taken_at: self.taken_at,
			landed_at: self.landed_at,
			renewed_at: self.renewed_at,
			age_ms: time.saturating_sub(self.taken_at),
			sources: self.sources,
			renewed: self.renewed_in == block,
			state: self.state,
		}
	}
}

impl<T: Config> PriceFeed for Pallet<T> {
	fn observe(feed: FeedId) -> Observation {
		match Prices::<T>::get(feed) {
			Some(landed) => {
				let block = frame_system::Pallet::<T>::block_number().saturated_into();
				landed.observed(Self::time(), block)
			}
			None => Observation { age_ms: u64::MAX, ..Default::default() },
		}
	}

	fn exists(feed: FeedId) -> bool {
		Feeds::<T>::contains_key(feed)
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn land(feed: FeedId, price: Price) {
		if !Feeds::<T>::contains_key(feed) {
			let name = crate::FeedName::truncate_from(b"BENCH/USD".to_vec());
			Feeds::<T>::insert(feed, Feed { name, params: crate::benchmarking::params() });
		}
		let time = Self::time();
		let landed = Landed {
			price,
			before: price,
			said: price,
			confidence: Price::ZERO,
			sources: crate::LEAST_QUORUM,
			taken_at: time,
			landed_at: time,
			renewed_in: frame_system::Pallet::<T>::block_number().saturated_into(),
			renewed_at: time,
			fresh_until: Moment::MAX,
			state: PriceState::Valid,
			volatility: Volatility::ZERO,
			stats: Stats::start(price),
		};
		Prices::<T>::insert(feed, landed);
	}
}
