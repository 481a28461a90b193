// SPDX-License-Identifier: Apache-2.0
//! Margin rates by the size of a position.

use codec::{Decode, Encode, MaxEncodedLen};
use keel_math::{
	tiers::{rate_towards, TIERS_MAX},
	Tier, Tiers, TiersError,
};
use keel_primitives::{Quote, Ratio};
use proptest::prelude::*;
use scale_info::TypeInfo;

fn tier(dollars: i64, initial: u32, maintenance: u32) -> Tier {
	Tier {
		up_to: Quote::dollars(dollars),
		initial: Ratio::percent(initial),
		maintenance: Ratio::percent(maintenance),
	}
}

/// Up to 100 dollars, up to 1,000, up to 5,000.
fn three() -> [Tier; 3] {
	[tier(100, 5, 3), tier(1_000, 10, 6), tier(5_000, 20, 12)]
}

fn tiers() -> Tiers {
	Tiers::of(&three()).unwrap()
}

fn index(tier: usize) -> Option<Tier> {
	Some(three()[tier])
}

#[test]
fn a_tier_reaches_up_to_its_end_and_not_a_unit_further() {
	let unit = |dollars: i64, units: i128| Quote(Quote::dollars(dollars).0 + units);
	for (notional, expected) in [
		(Quote(-1), index(0)),
		(Quote::ZERO, index(0)),
		(unit(100, 0), index(0)),
		(unit(100, 1), index(1)),
		(unit(1_000, 0), index(1)),
		(unit(1_000, 1), index(2)),
		(unit(5_000, 0), index(2)),
		(unit(5_000, 1), None),
		(Quote(i128::MAX), None),
	] {
		assert_eq!(tiers().tier_of(notional).copied(), expected, "{notional:?}");
	}
	assert_eq!([tiers().first(), tiers().last()], [three()[0], three()[2]]);
	let none = Tiers::of(&[]).unwrap();
	assert_eq!([none.first(), none.last()], [Tier::default(); 2]);
	assert_eq!(none.tier_of(Quote::ZERO), None);
}

#[test]
fn tiers_that_make_sense_are_accepted() {
	let steady = [tier(1, 5, 3), tier(2, 5, 3), tier(3, 100, 3), tier(4, 100, 99)];
	for good in [&steady[..1], &steady[..2], &steady[..], &three()[..]] {
		assert_eq!(Tiers::of(good).unwrap().validate(), Ok(()));
	}
}

#[test]
fn each_relation_that_is_broken_has_its_own_error() {
	let whole = |initial: u64, maintenance: u64| Tier {
		up_to: Quote::ONE,
		initial: Ratio(initial),
		maintenance: Ratio(maintenance),
	};
	let refused: [(&str, &[Tier], TiersError); 12] = [
		("none", &[], TiersError::Empty),
		("a first that reaches nowhere", &[tier(0, 5, 3)], TiersError::ReachNotRising),
		("a negative reach", &[tier(-1, 5, 3)], TiersError::ReachNotRising),
		("the same reach twice", &[tier(1, 5, 3), tier(1, 5, 3)], TiersError::ReachNotRising),
		("a reach that falls", &[tier(2, 5, 3), tier(1, 5, 3)], TiersError::ReachNotRising),
		("initial equal to maintenance", &[tier(1, 3, 3)], TiersError::RatesOutOfOrder),
		("initial below maintenance", &[tier(1, 2, 3)], TiersError::RatesOutOfOrder),
		("no maintenance", &[tier(1, 5, 0)], TiersError::RatesOutOfOrder),
		("above the whole", &[whole(1_000_000_001, 1)], TiersError::RateAboveWhole),
		("both above the whole", &[whole(u64::MAX, 1_000_000_001)], TiersError::RateAboveWhole),
		("an initial rate that falls", &[tier(1, 6, 3), tier(2, 5, 3)], TiersError::RatesFalling),
		("a maintenance rate that falls", &[tier(1, 6, 3), tier(2, 6, 2)], TiersError::RatesFalling),
	];
	for (what, list, error) in refused {
		assert_eq!(Tiers::of(list).unwrap().validate(), Err(error), "{what}");
	}
	// A later tier is looked at as the first is.
	assert_eq!(
		Tiers::of(&[tier(1, 5, 3), tier(2, 6, 6)]).unwrap().validate(),
		Err(TiersError::RatesOutOfOrder)
	);
	assert_eq!(Tiers::of(&[tier(1, 5, 3); 5]), Err(TiersError::TooMany));
}

#[test]
fn tiers_are_a_plain_list_to_everybody() {
	let list = three().to_vec();
	assert_eq!(tiers().encode(), list.encode());
	assert_eq!(Tiers::decode(&mut &list.encode()[..]), Ok(tiers()));
	assert_eq!(Tiers::type_info(), <Vec<Tier>>::type_info());
	assert_eq!(Vec::from(tiers()), list);

	let four = Tiers::of(&[three()[0]; TIERS_MAX]).unwrap();
	assert_eq!(four.encode().len(), Tiers::max_encoded_len());
	assert_eq!(Tiers::decode(&mut &four.encode()[..]), Ok(four));
	let five = [three()[0]; TIERS_MAX + 1].to_vec();
	assert!(Tiers::decode(&mut &five.encode()[..]).is_err());
	assert!(Tiers::decode(&mut &four.encode()[..50]).is_err());
}

#[cfg(feature = "serde")]
#[test]
fn genesis_writes_them_as_a_list_of_tiers() {
	let text = r#"[{"upTo":100000000,"initial":50000000,"maintenance":30000000}]"#;
	let one = Tiers::of(&three()[..1]).unwrap();
	assert_eq!(serde_json::to_string(&one).unwrap(), text);
	assert_eq!(serde_json::from_str::<Tiers>(text).unwrap(), one);
	let many = format!("[{}]", [&text[1..text.len() - 1]; 5].join(","));
	let error = serde_json::from_str::<Tiers>(&many).unwrap_err().to_string();
	assert!(error.contains("more than four tiers"), "{error}");
	let unknown = text.replace("{", "{\"reach\":1,");
	assert!(serde_json::from_str::<Tiers>(&unknown).is_err());
}

proptest! {
	/// No step is larger than it may be, none passes its end, and rates that do not fall from a tier to the next do not
	/// begin to fall on the way.
	#[test]
	fn rates_move_by_a_step_and_keep_their_order(
		now in prop::array::uniform2(0..u64::MAX),
		to in prop::array::uniform2(0..u64::MAX),
		step in 0..u64::MAX,
	) {
		let sorted = |[a, b]: [u64; 2]| [a.min(b), a.max(b)].map(Ratio);
		let (now, to) = (sorted(now), sorted(to));
		let [low, high] = [0, 1].map(|tier| rate_towards(now[tier], to[tier], Ratio(step)));
		prop_assert!(low <= high);
		prop_assert!(low.0.abs_diff(now[0].0) <= step);
		let (left, before) = (low.0.abs_diff(to[0].0), now[0].0.abs_diff(to[0].0));
		prop_assert_eq!(left, before.saturating_sub(step));
	}
}
