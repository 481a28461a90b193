// SPDX-License-Identifier: Apache-2.0
//! The tiers that a market keeps: whatever table is set, nobody's rate changes by it.

use codec::{Decode, Encode, MaxEncodedLen};
use keel_math::{kept_tiers::KEPT_TIERS_MAX, KeptTier, KeptTiers, KeptTiersFull, Tier, TierIndex, Tiers};
use keel_primitives::{Quote, Ratio};
use proptest::prelude::*;
use scale_info::TypeInfo;

/// Tiers up to these dollars, of these maintenance rates in tenths of a percent; opening takes twice that.
fn table(list: &[(i64, u32)]) -> Tiers {
	let tier = |(dollars, rate): &(i64, u32)| Tier {
		up_to: Quote::dollars(*dollars),
		initial: Ratio::basis_points(20 * rate),
		maintenance: Ratio::basis_points(10 * rate),
	};
	let table = Tiers::of(&list.iter().map(tier).collect::<Vec<_>>()).unwrap();
	assert_eq!(table.validate(), Ok(()));
	table
}

/// What is kept: reach in dollars, rate in tenths of a percent, positions.
fn shown(kept: &KeptTiers) -> Vec<(i128, u64, u32)> {
	let show = |tier: &KeptTier| (tier.up_to.0 / 1_000_000, tier.maintenance.0 / 1_000_000, tier.positions);
	kept.as_slice().iter().map(show).collect()
}

fn number(kept: &KeptTiers, dollars: i64) -> TierIndex {
	kept.index_of(Quote::dollars(dollars)).unwrap()
}

/// A position in each tier of a table.
fn occupied(list: &[(i64, u32)]) -> KeptTiers {
	let mut kept = KeptTiers::of(&table(list));
	for (dollars, _) in list {
		kept.enter(number(&kept, *dollars));
	}
	kept
}

#[test]
fn a_reach_that_stays_continues_its_tier_and_another_takes_a_number_of_its_own() {
	let mut kept = occupied(&[(100, 30), (1_000, 40)]);
	assert_eq!(kept.set_table(&table(&[(50, 30), (100, 35), (1_000, 45)])), Ok(()));
	// At once nobody's rate is another.
	assert_eq!(shown(&kept), [(100, 30, 1), (1_000, 40, 1), (50, 30, 0)]);
	assert_eq!(kept.get(TierIndex(3)), None);
	assert_eq!(kept.index_of(Quote::dollars(49)), None);
}

#[test]
fn what_the_table_has_no_more_is_kept_while_somebody_is_in_it() {
	let mut kept = occupied(&[(100, 30), (1_000, 40)]);
	kept.set_table(&table(&[(200, 35)])).unwrap();
	assert_eq!(shown(&kept), [(100, 30, 1), (1_000, 40, 1), (200, 35, 0)]);
	kept.leave(number(&kept, 1_000));
	kept.enter(number(&kept, 200));
	kept.set_table(&table(&[(300, 36)])).unwrap();
	assert_eq!(shown(&kept), [(100, 30, 1), (300, 36, 0), (200, 35, 1)]);
	kept.leave(number(&kept, 200));
	kept.set_table(&table(&[(300, 36)])).unwrap();
	assert_eq!(shown(&kept), [(100, 30, 1), (300, 36, 0)], "the last ones that nobody needs are forgotten");
	// A reach that comes back continues.
	kept.set_table(&table(&[(100, 50)])).unwrap();
	assert_eq!(shown(&kept), [(100, 30, 1)]);
}

#[test]
fn rates_move_by_steps_where_somebody_is_and_at_once_where_nobody_is() {
	let mut kept = occupied(&[(100, 30), (1_000, 40)]);
	let new = table(&[(100, 50), (200, 60), (300, 70)]);
	kept.set_table(&new).unwrap();
	kept.leave(number(&kept, 1_000));
	assert!(!kept.is_at_rest(&new));
	let step = Ratio::basis_points(100);
	kept.move_maintenance(&new, step);
	assert_eq!(shown(&kept), [(100, 40, 1), (1_000, 50, 0), (200, 60, 0), (300, 70, 0)]);
	kept.move_maintenance(&new, step);
	kept.move_maintenance(&new, step);
	assert_eq!(shown(&kept)[0], (100, 50, 1));
	assert!(kept.is_at_rest(&new));
}

#[test]
fn a_retired_tier_keeps_its_rate_but_none_below_the_lowest_of_the_table() {
	let mut kept = occupied(&[(100, 20), (1_000, 60)]);
	let new = table(&[(50, 40), (200, 50)]);
	kept.set_table(&new).unwrap();
	assert_eq!(kept.lowest(&new), Ratio::percent(2));
	let targets = [100, 1_000].map(|reach| kept.maintenance_target(&new, number(&kept, reach)).unwrap());
	assert_eq!(targets, [4, 6].map(Ratio::percent));
	for _ in 0..5 {
		kept.move_maintenance(&new, Ratio::percent(1));
	}
	assert_eq!(shown(&kept), [(100, 40, 1), (1_000, 60, 1), (50, 40, 0), (200, 50, 0)]);
	assert_eq!([kept.lowest(&new), kept.highest()], [4, 6].map(Ratio::percent));
	// A rate that falls leaves them where they are.
	let cheap = table(&[(50, 10), (200, 20)]);
	kept.set_table(&cheap).unwrap();
	kept.move_maintenance(&cheap, Ratio::ONE);
	assert_eq!(shown(&kept)[..2], [(100, 40, 1), (1_000, 60, 1)]);
	assert_eq!(kept.maintenance_target(&new, TierIndex(9)), None);
	assert_eq!(kept.maintenance(TierIndex(9)), Ratio::percent(6), "of one that is not kept the highest");
	// What nobody has does not count for the lowest.
	kept.leave(number(&kept, 100));
	kept.set_table(&new).unwrap();
	kept.move_maintenance(&new, Ratio::ONE);
	assert_eq!(kept.lowest(&new), Ratio::percent(4));
}

#[test]
fn who_opens_in_a_retired_tier_keeps_what_the_table_asks_at_its_reach() {
	let mut kept = occupied(&[(100, 20), (1_000, 60)]);
	let new = table(&[(150, 25), (200, 50)]);
	kept.set_table(&new).unwrap();
	let initial = |kept: &KeptTiers, reach| kept.initial(&new, number(kept, reach));
	// Twice 2.5 %; twice 5 %, that of the largest.
	assert_eq!([initial(&kept, 100), initial(&kept, 1_000)], [5, 10].map(Ratio::percent));
	let cheap = table(&[(150, 20), (200, 25)]);
	kept.set_table(&cheap).unwrap();
	// Never below what is kept.
	assert_eq!(kept.initial(&cheap, number(&kept, 1_000)), Ratio::percent(6));
	assert_eq!(kept.initial(&cheap, TierIndex(200)), Ratio::percent(6));
}

#[test]
fn growing_takes_the_tier_of_the_size_and_nothing_else_raises_a_rate() {
	let before = [(100, 30), (1_000, 60), (5_000, 120)];
	let (old, mut kept) = (table(&before), occupied(&before));
	let next = |kept: &KeptTiers, table: &Tiers, held: i64, dollars: i64, increased: bool| {
		let next = kept.next_tier(table, number(kept, held), Quote::dollars(dollars), increased)?;
		Some(kept.get(next).unwrap().up_to.0 / 1_000_000)
	};
	for (what, held, notional, increased, expected) in [
		("grows within its tier", 1_000, 500, true, Some(1_000)),
		("grows into the next", 1_000, 2_000, true, Some(5_000)),
		("grows after the price has fallen", 5_000, 500, true, Some(1_000)),
		("grows beyond the last", 5_000, 6_000, true, None),
		("is touched after the price has risen", 100, 2_000, false, Some(100)),
		("is touched beyond the last", 1_000, 6_000, false, Some(1_000)),
		("is reduced into a lower one", 5_000, 50, false, Some(100)),
		("is reduced and still beyond its own", 100, 500, false, Some(100)),
	] {
		assert_eq!(next(&kept, &old, held, notional, increased), expected, "{what}");
	}
	let new = table(&[(50, 30), (100, 60), (2_000, 90)]);
	kept.set_table(&new).unwrap();
	for (what, held, notional, increased, expected) in [
		("grows out of a retired one", 1_000, 1_500, true, Some(2_000)),
		("is in a retired one that asks less", 1_000, 1_500, false, Some(1_000)),
		("is in a retired one that asks more", 5_000, 1_500, false, Some(2_000)),
		("is reduced out of a retired one", 1_000, 50, false, Some(50)),
		// 3 % now: on the way to 6 %, which is no more than the 6 % that are kept.
		("the other one is on its way", 1_000, 90, false, Some(100)),
		// 3 % now and for good, where the other goes up.
		("the same now, and less for good", 100, 40, false, Some(50)),
	] {
		assert_eq!(next(&kept, &new, held, notional, increased), expected, "{what}");
	}
	// Less now, but more at its end: no.
	let dearer = table(&[(50, 60), (100, 70), (2_000, 90)]);
	kept.set_table(&dearer).unwrap();
	assert_eq!(next(&kept, &dearer, 1_000, 90, false), Some(1_000));
	// As much, and further: no.
	let same = table(&[(100, 60), (2_000, 60)]);
	let mut kept = occupied(&[(100, 60), (2_000, 60)]);
	kept.set_table(&same).unwrap();
	assert_eq!(next(&kept, &same, 100, 1_500, false), Some(100));
	assert_eq!(next(&kept, &same, 2_000, 50, false), Some(100));
}

/// Four tiers, and four retired ones, with a position in each: there is room for no other.
fn full() -> KeptTiers {
	let mut kept = occupied(&[(10, 30), (20, 31), (30, 32), (40, 33)]);
	let second = [(100, 50), (200, 51), (300, 52), (400, 53)];
	kept.set_table(&table(&second)).unwrap();
	for (dollars, _) in second {
		kept.enter(number(&kept, dollars));
	}
	assert_eq!(kept.as_slice().len(), KEPT_TIERS_MAX);
	kept
}

#[test]
fn where_there_is_no_room_a_reach_that_is_kept_always_has_it() {
	let mut kept = full();
	let before = kept;
	assert_eq!(kept.set_table(&table(&[(500, 60)])), Err(KeptTiersFull));
	assert_eq!(kept.set_table(&table(&[(100, 40), (500, 60)])), Err(KeptTiersFull));
	assert_eq!(kept, before, "nothing was changed");
	// Every table of reaches that are kept, whatever its rates.
	let reaches = [10, 20, 30, 40, 100, 200, 300, 400];
	for chosen in 1_u32..256 {
		let list = (0..8).filter(|bit| chosen >> bit & 1 == 1).map(|bit| (reaches[bit], 70 + bit as u32));
		let list: Vec<_> = list.collect();
		if list.len() <= 4 {
			assert_eq!({ before }.set_table(&table(&list)), Ok(()), "{list:?}");
		}
	}
}

#[test]
fn where_there_is_no_room_any_table_comes_after_a_while() {
	let mut kept = full();
	let wanted = table(&[(500, 60)]);
	assert_eq!(kept.set_table(&wanted), Err(KeptTiersFull));
	// The tier of a reach that is kept is moved to the rate of the new one.
	let on_the_way = table(&[(10, 30), (400, 60)]);
	kept.set_table(&on_the_way).unwrap();
	while !kept.is_at_rest(&on_the_way) {
		assert_eq!({ kept }.set_table(&wanted), Err(KeptTiersFull));
		kept.move_maintenance(&on_the_way, Ratio::basis_points(5));
	}
	let rates = |kept: &KeptTiers| kept.as_slice().iter().map(|tier| tier.maintenance).collect::<Vec<_>>();
	let before = rates(&kept);
	assert_eq!(kept.set_table(&wanted), Ok(()));
	assert_eq!(rates(&kept), before, "nobody's rate is another");
	assert_eq!(shown(&kept)[7], (500, 60, 1));
	// With one number free, the tier that can do without it does.
	let mut kept = full();
	kept.leave(number(&kept, 10));
	let two = table(&[(250, 33), (500, 60)]);
	assert_eq!(kept.set_table(&two), Ok(()));
	assert_eq!([shown(&kept)[0], shown(&kept)[3]], [(500, 60, 0), (250, 33, 1)]);
}

#[test]
fn of_several_that_could_be_taken_over_the_nearest_is() {
	let mut kept = occupied(&[(10, 30), (20, 31), (30, 31), (40, 33)]);
	let second = [(100, 50), (200, 51), (300, 52), (400, 53)];
	kept.set_table(&table(&second)).unwrap();
	for (dollars, _) in second {
		kept.enter(number(&kept, dollars));
	}
	let takes = |reach| {
		let mut next = kept;
		next.set_table(&table(&[(reach, 31), (100, 50), (200, 51), (300, 52)])).unwrap();
		let place = shown(&next).iter().position(|tier| tier.0 == i128::from(reach));
		place.map(|place| shown(&kept)[place].0)
	};
	assert_eq!(takes(35), Some(30));
	// Who had less to reach loses nothing; who had more would come to a tier that is too small for him.
	assert_eq!(takes(29), Some(20));
	assert_eq!(takes(15), Some(20));
}

#[test]
fn they_are_a_plain_list_to_everybody() {
	let kept = full();
	assert_eq!(kept.encode(), kept.as_slice().encode());
	assert_eq!(KeptTiers::decode(&mut &kept.encode()[..]), Ok(kept));
	assert_eq!(kept.encode().len(), KeptTiers::max_encoded_len());
	assert_eq!(KeptTiers::max_encoded_len(), 225);
	assert_eq!(KeptTiers::type_info(), <Vec<KeptTier>>::type_info());
	let nine = [KeptTier::default(); KEPT_TIERS_MAX + 1].to_vec();
	assert!(KeptTiers::decode(&mut &nine.encode()[..]).is_err());
	assert!(KeptTiers::decode(&mut &kept.encode()[..100]).is_err());
}

#[test]
fn a_number_that_is_not_kept_changes_nothing() {
	let mut kept = occupied(&[(100, 30)]);
	let before = kept;
	kept.enter(TierIndex(1));
	kept.leave(TierIndex(u8::MAX));
	assert_eq!(kept, before);
	kept.leave(TierIndex(0));
	kept.leave(TierIndex(0));
	assert_eq!(shown(&kept), [(100, 30, 0)]);
}

#[test]
fn a_table_that_is_not_kept_or_a_reach_that_is_kept_twice_does_not_fit() {
	let kept = occupied(&[(100, 30), (200, 40)]);
	assert!(kept.fits(&table(&[(100, 30), (200, 40)])) && kept.fits(&table(&[(200, 30)])));
	assert!(!kept.fits(&table(&[(100, 30), (300, 40)])));
	let twice = [kept.as_slice()[0]; 2].to_vec();
	let twice = KeptTiers::decode(&mut &twice.encode()[..]).unwrap();
	assert!(!twice.fits(&table(&[(100, 30)])));
}

proptest! {
	/// Tables come and go, and positions with them: a table changes nobody's rate, a step no rate by more than it may;
	/// a touch that does not grow a position raises no rate of it, of now or later.
	#[test]
	fn no_table_changes_a_rate_at_once(
		acts in prop::collection::vec(
			(prop::collection::btree_map(1_i64..12, 1_u32..30, 1..5), prop::collection::vec((0_usize..8, 0_i64..14, any::<bool>()), 0..6)),
			1..20,
		),
	) {
		let first = table(&[(5, 20)]);
		let (mut kept, mut now) = (KeptTiers::of(&first), first);
		let mut held: Vec<TierIndex> = Vec::new();
		for (tiers, touches) in acts {
			let mut rates: Vec<u32> = tiers.values().copied().collect();
			rates.sort();
			let list: Vec<(i64, u32)> = tiers.keys().copied().zip(rates).collect();
			let before: Vec<Ratio> = held.iter().map(|held| kept.maintenance(*held)).collect();
			let unchanged = kept;
			match kept.set_table(&table(&list)) {
				Ok(()) => now = table(&list),
				Err(KeptTiersFull) => {
					prop_assert_eq!(kept, unchanged);
					prop_assert!(list.iter().any(|(reach, _)| kept.index_of(Quote::dollars(*reach)).is_none()));
				}
			}
			let after: Vec<Ratio> = held.iter().map(|held| kept.maintenance(*held)).collect();
			prop_assert_eq!(&before, &after);
			prop_assert!(kept.fits(&now));
			for (which, dollars, grows) in touches {
				let worth = Quote::dollars(dollars);
				if which >= held.len() {
					if let Some(new) = kept.next_tier(&now, TierIndex(0), worth, true) {
						kept.enter(new);
						held.push(new);
					}
					continue;
				}
				let from = held[which];
				let Some(to) = kept.next_tier(&now, from, worth, grows) else { continue };
				if grows {
					prop_assert_eq!(kept.get(to).map(|tier| tier.up_to), now.tier_of(worth).map(|tier| tier.up_to));
				} else {
					prop_assert!(kept.maintenance(to) <= kept.maintenance(from));
					prop_assert!(kept.maintenance_target(&now, to) <= kept.maintenance_target(&now, from));
					prop_assert!(kept.initial(&now, to) <= kept.initial(&now, from));
				}
				kept.leave(from);
				kept.enter(to);
				held[which] = to;
			}
			let step = Ratio::basis_points(3);
			let before = kept;
			kept.move_maintenance(&now, step);
			for (index, tier) in kept.iter().filter(|(_, tier)| tier.positions > 0) {
				prop_assert!(tier.maintenance.0.abs_diff(before.maintenance(index).0) <= step.0);
			}
			for (index, tier) in kept.iter() {
				let count = held.iter().filter(|held| **held == index).count();
				prop_assert_eq!(u32::try_from(count).ok(), Some(tier.positions));
			}
		}
	}
}
