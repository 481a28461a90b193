// SPDX-License-Identifier: Apache-2.0
//! The ways it must not be done. Each is run as the right way is, and what it breaks must be seen: an
//! invariant that no fault has ever broken proves nothing.

use crate::{invariants::Rule, steps::Path, steps::Shape};

/// What the world does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
	/// Keys are 1 % further away than the budget pays for.
	GenerousKeys,
	/// What exposures may lose is taken from the levels of the block before.
	OldLevels,
	/// A change of cash files nothing.
	CashNotFiled,
	/// A walk goes on past a key that has fired.
	FiredKeyPassed,
	/// A generation counts as drained though nobody in it was touched.
	DrainSkipped,
	/// A margin call is armed, and its reserve may be used up before it.
	ReserveForgotten,
	/// An account in the queue keeps its keys.
	QueuedKeepsKeys,
	/// Old keys are left on file.
	KeyLeftBehind,
	/// A generation is forgotten when the first of its positions is settled.
	PrunedEarly,
	/// A loss is rounded in favour of those who bear it.
	LossForHolders,
	/// A loss is laid on the coarse units that wait for the positions of a re-based side.
	LossOnReserved,
	/// A loss is laid on a side whatever it has gained.
	Unbounded,
	/// A unit of a withdrawal is kept.
	UnitKept,
	/// A unit of a market's money is counted twice.
	UnitCountedTwice,
	/// What rounding leaves of a size is nobody's.
	SinkForgotten,
	/// A side is deleveraged at a price 1 % off the mark.
	OffMark,
	/// A bankrupt account is closed a block late.
	ClosedLate,
}

/// In how many paths a fault must have shown.
const PATHS: u64 = 500;

/// The first path on which `fault` breaks `rule`.
fn shows(fault: Fault, shape: Shape, rule: Rule) -> Option<u64> {
	(0..PATHS).find(|seed| {
		let mut path = Path::new(*seed, shape, Some(fault));
		path.run_until(|world| world.broken.iter().any(|broken| broken.rule == rule));
		path.world.broken.iter().any(|broken| broken.rule == rule)
	})
}

macro_rules! controls {
	($($name:ident: $fault:ident on $shape:ident breaks $($rule:ident),+;)+) => {$(
		#[test]
		fn $name() {
			$(
				let path = shows(Fault::$fault, Shape::$shape, Rule::$rule);
				assert!(path.is_some(), "{:?} was never seen to break {:?}", Fault::$fault, Rule::$rule);
				println!("{:?} breaks {:?} on path {}", Fault::$fault, Rule::$rule, path.unwrap_or_default());
			)+
		}
	)+};
}

controls! {
	keys_one_percent_too_generous_miss_somebody: GenerousKeys on Crossed breaks Corner, Seen, Found;
	what_may_be_lost_taken_from_old_levels_misses_somebody: OldLevels on Crossed breaks Corner, Seen, Found;
	a_change_of_cash_that_files_nothing_misses_somebody: CashNotFiled on Crossed breaks Corner, Seen, Found;
	a_fired_key_walked_past_misses_somebody: FiredKeyPassed on Crossed breaks Found;
	a_generation_not_drained_misses_somebody: DrainSkipped on Crossed breaks Seen, Found;
	a_margin_call_without_its_reserve_is_seen: ReserveForgotten on Crossed breaks Reserve;
	an_account_in_two_places_is_seen: QueuedKeepsKeys on Crossed breaks Place;
	a_key_of_nobody_is_seen: KeyLeftBehind on Crossed breaks Place;
	a_generation_pruned_too_early_is_seen: PrunedEarly on Crossed breaks Units, Judged;
	a_loss_rounded_for_those_who_bear_it_is_seen: LossForHolders on Crossed breaks House;
	a_loss_that_some_escape_by_conversion_is_seen: LossOnReserved on Crossed breaks House;
	a_loss_beyond_the_gain_is_seen: Unbounded on Crossed breaks Overshoot;
	a_unit_kept_is_seen: UnitKept on Crossed breaks Custody;
	a_unit_counted_twice_is_seen: UnitCountedTwice on Crossed breaks Quote, Custody;
	a_size_that_is_nobodys_is_seen: SinkForgotten on Crossed breaks Size;
	deleveraging_off_the_mark_is_seen: OffMark on Crossed breaks Bystander;
	a_loss_closed_late_takes_more_than_the_move_gave: ClosedLate on Isolated breaks Overshoot;
}
