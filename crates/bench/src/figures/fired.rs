// SPDX-License-Identifier: Apache-2.0
//! Finding the unhealthy: what it costs through the trigger book, and what it would cost to look at everybody.

use std::time::Duration;

use frame_support::{storage::StoragePrefixedMap, traits::Hooks};
use keel_margin::Accounts;
use keel_primitives::{FeedId, MarginAccount};
use keel_runtime::{AccountId, CircuitBreaker, Liquidation, Margin, Oracle, Runtime, System};
use keel_sim::chain::Chain;
use keel_traits::Liquidatable;

use crate::{
	blocks::{self, moved, timed, PRICE},
	measured::Measured,
	people::FALLS,
	spread::Spread,
};

/// How often each fall is measured.
const TIMES: usize = 30;
/// More blocks than any fall here takes.
const BLOCKS_MAX: u32 = 60;

/// What it cost to find so many accounts and to close their positions.
pub struct Fired {
	/// How many were found, all of them unhealthy.
	pub accounts: usize,
	/// How many blocks that took, within the hook's share of each.
	pub blocks: u32,
	/// Beyond what as many quiet blocks take: the hook that judges and queues, and that which liquidates.
	pub found: Spread,
	pub closed: Spread,
	/// What the hook that judges reads and writes beyond as many quiet blocks: different keys.
	pub reads: usize,
	pub writes: usize,
}

/// What it takes to look at everybody.
pub struct Scan {
	/// How many are unhealthy.
	pub unhealthy: usize,
	/// Judging everybody.
	pub judged: Duration,
	/// Only reading and decoding every account.
	pub read: Duration,
}

/// The first market falls.
fn fall(by: i64) {
	blocks::pass(|feed| if feed == FeedId(0) { moved(PRICE, by) } else { PRICE });
}

/// What the hooks cost block by block, until everybody is judged and closed.
struct Course {
	accounts: usize,
	/// Blocks until nobody is left to be judged, and until nobody is left to be closed.
	judging: u32,
	closing: u32,
	reads: usize,
	writes: usize,
}

fn course(chain: &Chain, by: i64) -> Course {
	chain.try_out_counted(|counts| {
		fall(by);
		let mut course = Course { accounts: 0, judging: 0, closing: 0, reads: 0, writes: 0 };
		for block in 1..BLOCKS_MAX {
			blocks::begin();
			let number = System::block_number();
			Oracle::on_initialize(number);
			CircuitBreaker::on_initialize(number);
			counts.take();
			Margin::on_initialize(number);
			let counts = counts.take().outside_of_system();
			let judged = counts.written(&Accounts::<Runtime>::final_prefix()).len();
			if judged > 0 || block == 1 {
				course.judging = block;
				course.accounts += judged;
				course.reads += counts.reads(b"");
				course.writes += counts.writes(b"");
			}
			Liquidation::on_initialize(number);
			if keel_liquidation::Entries::<Runtime>::iter_keys().next().is_none() {
				course.closing = block;
				break;
			}
		}
		course
	})
}

/// The hooks' times, each for as many blocks as it needs.
fn times(chain: &Chain, by: i64, course: &Course) -> (Duration, Duration) {
	chain.try_out(|| {
		fall(by);
		let (mut judging, mut closing) = (Duration::ZERO, Duration::ZERO);
		for block in 1..=course.closing {
			blocks::begin();
			let took = blocks::hooks();
			if block <= course.judging {
				judging += took.margin;
			}
			closing += took.liquidation;
		}
		(judging, closing)
	})
}

/// All falls. The first, in which nobody is found, is what the others are measured against.
pub fn measure(chain: &Chain) -> Vec<Fired> {
	let mut base = (Duration::ZERO, Duration::ZERO, 0, 0);
	let mut all = Vec::new();
	for (accounts, by) in FALLS {
		let course = course(chain, by);
		assert_eq!(course.accounts, accounts, "a fall by {by} parts per million fires as many");
		assert!(course.closing > 0, "everybody is closed after {BLOCKS_MAX} blocks");
		let took: Vec<_> = (0..TIMES).map(|_| times(chain, by, &course)).collect();
		if accounts == 0 {
			let median =
				|of: fn(&(Duration, Duration)) -> Duration| Spread::of(took.iter().map(of).collect()).median;
			base = (median(|took| took.0), median(|took| took.1), course.reads, course.writes);
			continue;
		}
		let quiet = usize::try_from(course.judging).expect("there are few blocks");
		all.push(Fired {
			accounts,
			blocks: course.judging,
			found: Spread::of(
				took.iter().map(|took| took.0.saturating_sub(base.0 * course.judging)).collect(),
			),
			closed: Spread::of(
				took.iter().map(|took| took.1.saturating_sub(base.1 * course.closing)).collect(),
			),
			reads: course.reads - quiet * base.2,
			writes: course.writes - quiet * base.3,
		});
	}
	all
}

/// How many are found in one block in which as many fire as it has room for, and what each of them costs.
pub fn together(chain: &Chain) -> (usize, Spread) {
	let (quiet, deepest) = (FALLS[0].1, FALLS[FALLS.len() - 1].1);
	let block = |by: i64| {
		chain.try_out(|| {
			fall(by);
			blocks::begin();
			blocks::hooks().margin
		})
	};
	let base = Spread::of((0..TIMES).map(|_| block(quiet)).collect()).median;
	let took = (0..TIMES).map(|_| block(deepest).saturating_sub(base)).collect();
	let found = chain.try_out(|| {
		fall(deepest);
		blocks::begin();
		let number = System::block_number();
		Oracle::on_initialize(number);
		CircuitBreaker::on_initialize(number);
		Margin::on_initialize(number);
		keel_liquidation::Entries::<Runtime>::iter_keys().count()
	});
	(found, Spread::of(took).over(u32::try_from(found).expect("few fire")))
}

/// Everybody is looked at, by what everybody else asks for a judgement.
pub fn scan(chain: &Chain) -> Scan {
	let (_, deepest) = FALLS[FALLS.len() - 1];
	chain.try_out(|| {
		fall(deepest);
		blocks::begin();
		let number = System::block_number();
		Oracle::on_initialize(number);
		CircuitBreaker::on_initialize(number);
		Margin::on_initialize(number);
		let mut unhealthy = 0;
		let judged = timed(|| {
			for (owner, sub) in Accounts::<Runtime>::iter_keys() {
				let account = MarginAccount::<AccountId>::new(owner, sub);
				let judgement = <Margin as Liquidatable<AccountId>>::judge(&account);
				unhealthy += usize::from(judgement.is_some_and(|judgement| judgement.is_unhealthy()));
			}
		});
		let read = timed(|| Accounts::<Runtime>::iter_values().count());
		Scan { unhealthy, judged, read }
	})
}
