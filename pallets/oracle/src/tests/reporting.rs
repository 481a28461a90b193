// SPDX-License-Identifier: Apache-2.0
//! Who may report what, and when.

use crate::{mock::*, *};
use codec::Encode;
use frame_support::{
	assert_noop, assert_ok,
	dispatch::{DispatchClass, GetDispatchInfo, Pays},
	pallet_prelude::{InvalidTransaction, TransactionSource, TransactionValidityError},
	traits::Authorize,
};
use keel_primitives::{FeedId, Price};
use sp_core::Pair;

fn refused(call: Call<Runtime>) -> InvalidTransaction {
	let before = Members::<Runtime>::iter().collect::<Vec<_>>();
	let reports = Reports::<Runtime>::iter().collect::<Vec<_>>();
	let Err(TransactionValidityError::Invalid(reason)) = send(call) else { panic!("was not refused") };
	assert_eq!(Members::<Runtime>::iter().collect::<Vec<_>>(), before, "a refused report changes nothing");
	assert_eq!(Reports::<Runtime>::iter().collect::<Vec<_>>(), reports, "a refused report changes nothing");
	reason
}

fn custom(error: Error<Runtime>) -> InvalidTransaction {
	InvalidTransaction::Custom(error.encode()[0])
}

#[test]
fn a_member_reports_once_and_is_heard() {
	run(|| {
		assert_ok!(send(call(0, now(), &[report_of(BTC, dollars(50_000)), report_of(ETH, dollars(3_000))])));
		assert_eq!(events(), [Event::Reported { member: member(0), round: now() }]);
		assert_eq!(Reports::<Runtime>::get(member(0)).len(), 2);
	});
}

#[test]
fn a_report_goes_first_costs_nothing_and_is_forgotten_after_its_round() {
	run(|| {
		let call = call(0, now(), &[report_of(BTC, dollars(1))]);
		let info = call.get_dispatch_info();
		assert_eq!((info.class, info.pays_fee), (DispatchClass::Operational, Pays::No));

		let (valid, _) = call.authorize(TransactionSource::External).unwrap().unwrap();
		assert_eq!(valid.priority, u64::MAX);
		assert_eq!(valid.longevity, 3, "the window is three blocks");
		assert!(valid.propagate);
		assert_eq!(valid.provides, [("keel/oracle", member(0), now()).encode()]);
	});
}

#[test]
fn every_bad_report_is_refused_with_its_own_reason() {
	run(|| {
		next_block();
		next_block();
		let good = report_of(BTC, dollars(50_000));
		let signed_by = |index: u8| {
			let reports = reports(&[good]);
			let signature = key(index).sign(&Oracle::report_payload(now(), &reports)).into();
			(reports, signature)
		};
		let as_member = |index: u8, (reports, signature): (ReportsOf<Runtime>, _)| Call::report {
			member: member(index),
			round: now(),
			reports,
			signature,
		};
		let confident = |price, confidence| Report { feed: BTC, price, confidence };

		let cases: [(&str, Call<Runtime>, InvalidTransaction); 14] = [
			("a stranger", call(9, now(), &[good]), InvalidTransaction::BadSigner),
			("another's key", as_member(0, signed_by(1)), InvalidTransaction::BadProof),
			("a round to come", call(0, now() + 1, &[good]), InvalidTransaction::Future),
			("a round long over", call(0, now() - 3, &[good]), InvalidTransaction::Stale),
			("nothing", call(0, now(), &[]), custom(Error::EmptyReport)),
			("a feed twice", call(0, now(), &[good, good]), custom(Error::FeedsNotAscending)),
			(
				"feeds out of order",
				call(0, now(), &[report_of(ETH, dollars(1)), good]),
				custom(Error::FeedsNotAscending),
			),
			(
				"an unknown feed",
				call(0, now(), &[report_of(FeedId(7), dollars(1))]),
				custom(Error::UnknownFeed),
			),
			("a price of 0", call(0, now(), &[report_of(BTC, Price(0))]), custom(Error::PriceOutOfBounds)),
			(
				"a price too low",
				call(0, now(), &[report_of(BTC, Price(Price::MIN.0 - 1))]),
				custom(Error::PriceOutOfBounds),
			),
			(
				"a price too high",
				call(0, now(), &[report_of(BTC, Price(Price::MAX.0 + 1))]),
				custom(Error::PriceOutOfBounds),
			),
			(
				"the largest number",
				call(0, now(), &[report_of(BTC, Price(u128::MAX))]),
				custom(Error::PriceOutOfBounds),
			),
			(
				"a confidence above the price",
				call(0, now(), &[confident(dollars(1), Price(dollars(1).0 + 1))]),
				custom(Error::ConfidenceOutOfBounds),
			),
			(
				"one bad price among good ones",
				call(0, now(), &[good, report_of(ETH, Price(0))]),
				custom(Error::PriceOutOfBounds),
			),
		];
		for (what, call, reason) in cases {
			assert_eq!(refused(call), reason, "{what}");
		}
	});
}

#[test]
fn bounds_of_price_and_window_are_inclusive() {
	run(|| {
		next_block();
		next_block();
		assert_ok!(send(call(0, now() - 2, &[report_of(BTC, Price::MIN), report_of(ETH, Price::MAX)])));
		let all = Report { feed: BTC, price: dollars(1), confidence: dollars(1) };
		assert_ok!(send(call(1, now(), &[all])));
	});
}

#[test]
fn a_member_reports_once_a_round_and_never_backwards() {
	run(|| {
		next_block();
		let at = |round| call(0, round, &[report_of(BTC, dollars(1))]);
		let earlier = at(now() - 1);
		assert_ok!(send(at(now())));
		assert_eq!(refused(at(now())), InvalidTransaction::Stale);
		assert_eq!(refused(earlier), InvalidTransaction::Stale);
	});
}

#[test]
fn a_report_for_another_chain_is_refused() {
	run(|| {
		let call = call(0, now(), &[report_of(BTC, dollars(1))]);
		frame_system::BlockHash::<Runtime>::insert(0, sp_core::H256::repeat_byte(1));
		assert_eq!(refused(call), InvalidTransaction::BadProof);
	});
}

#[test]
fn a_changed_price_breaks_the_signature() {
	run(|| {
		let Call::report { member, round, signature, .. } = call(0, now(), &[report_of(BTC, dollars(1))])
		else {
			unreachable!()
		};
		let reports = reports(&[report_of(BTC, dollars(2))]);
		assert_eq!(refused(Call::report { member, round, reports, signature }), InvalidTransaction::BadProof);
	});
}

#[test]
fn nobody_reports_as_a_signed_account() {
	run(|| {
		let Call::report { member, round, reports, signature } =
			call(0, now(), &[report_of(BTC, dollars(1))])
		else {
			unreachable!()
		};
		for origin in [RuntimeOrigin::signed(reporter(0)), RuntimeOrigin::none(), RuntimeOrigin::root()] {
			assert_noop!(
				Oracle::report(origin, member.clone(), round, reports.clone(), signature.clone()),
				sp_runtime::DispatchError::BadOrigin
			);
		}
	});
}

#[test]
fn a_partial_report_leaves_the_other_feeds_as_they_were() {
	run(|| {
		let first = now();
		assert_ok!(send(call(0, first, &[report_of(BTC, dollars(1)), report_of(ETH, dollars(2))])));
		next_block();
		assert_ok!(send(call(0, now(), &[report_of(ETH, dollars(3))])));
		let kept = Reports::<Runtime>::get(member(0));
		assert_eq!((kept[0].report.price, kept[0].round), (dollars(1), first));
		assert_eq!((kept[1].report.price, kept[1].round), (dollars(3), now()));
	});
}

#[test]
fn a_score_says_how_far_and_how_late_a_member_reports() {
	run(|| {
		let score = |index| Members::<Runtime>::get(member(index)).unwrap().score;
		for _ in 0..200 {
			let wide = cents(10_100);
			for index in 0..4 {
				tell(index, if index == 3 { wide } else { dollars(100) });
			}
			// It reports for the block before the newest one.
			assert!(send(call(4, now() - 2, &[report_of(BTC, dollars(100))])).is_ok());
			next_block();
		}
		assert_eq!(btc().price, dollars(100));
		let hundredth = keel_primitives::Ratio::percent(1).0;
		assert_eq!(score(0), Score::default());
		assert!((hundredth - hundredth / 100..=hundredth).contains(&score(3).distance.0), "{:?}", score(3));
		assert_eq!((score(3).lateness, score(4).distance.0), (0, 0));
		assert!((990_000..=1_000_000).contains(&score(4).lateness), "{:?}", score(4));
	});
}

#[test]
fn a_score_measures_by_the_price_of_the_next_block_alone() {
	run(|| {
		round(&[dollars(100); 5]);
		// It is silent while the price moves within what one may be off.
		for step in 1..=3 {
			round(&[cents(10_000 + 50 * step); 4]);
		}
		tell(4, cents(10_150));
		let score = Members::<Runtime>::get(member(4)).unwrap().score;
		assert_eq!(score.distance.0, 0, "what it said was right when it was said");
	});
}
