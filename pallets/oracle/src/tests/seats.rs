// SPDX-License-Identifier: Apache-2.0
//! What a body can do with seats and feeds alone: little at once, and nothing without an end.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};
use keel_primitives::{FeedId, PriceState, Ratio};
use sp_runtime::{AccountId32, DispatchError::BadOrigin};

fn by(who: AccountId32) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

fn seat_of(index: u8) -> Subject<AccountId32> {
	Subject::Seat(member(index))
}

fn name(text: &str) -> FeedName {
	text.as_bytes().to_vec().try_into().unwrap()
}

fn params_of(feed: FeedId) -> FeedParams {
	Feeds::<Runtime>::get(feed).unwrap().params
}

fn loose() -> FeedParams {
	let half = Ratio::percent(50);
	FeedParams { age_ms_max: AGE_MS_MAX, deviation_max: half, confidence_max: half, ..params() }
}

/// Members 0 to `count` report `price`, for as many blocks.
fn reported(count: u8, blocks: u32) {
	for _ in 0..blocks {
		round(&vec![dollars(100); count.into()]);
	}
}

mod a_change_waits {
	use super::*;

	#[test]
	fn a_body_gives_one_seat_in_a_delay_and_it_is_empty_until_then() {
		World { members: 3, params: params() }.run(|| {
			round(&[dollars(100); 3]);
			assert_ok!(Oracle::add_member(by(GOVERNOR), member(3)));
			for index in 4..10 {
				// The next one is told how long the first waits.
				let refused = Error::<Runtime>::AnotherWaits { blocks: 5 };
				assert_noop!(Oracle::add_member(by(GOVERNOR), member(index)), refused);
			}
			assert_noop!(register(3, 3), Error::<Runtime>::NotAMember);
			reported(3, DELAY - 1);
			assert_noop!(register(3, 3), Error::<Runtime>::NotAMember);
			assert_noop!(
				Oracle::add_member(by(GOVERNOR), member(4)),
				Error::<Runtime>::AnotherWaits { blocks: 1 }
			);
			reported(3, 1);
			assert_eq!(events()[0], Event::MemberAdded { member: member(3) });
			assert_ok!(register(3, 3));
			// The next may wait now.
			assert_ok!(Oracle::add_member(by(GOVERNOR), member(4)));
			reported(3, 1);
			round(&[vec![dollars(100); 3], vec![dollars(1)]].concat());
			assert_eq!(btc().price, dollars(100), "one new member decides nothing");
		});
	}

	#[test]
	fn a_referendum_has_waited_and_gives_as_many_seats_as_it_says() {
		World { members: 3, params: params() }.run(|| {
			(3..10).for_each(seat);
			assert_eq!(Members::<Runtime>::count(), 10);
		});
	}

	#[test]
	fn another_body_vetoes_a_change_and_nobody_else() {
		run(|| {
			assert_ok!(Oracle::add_member(by(GOVERNOR), member(5)));
			assert_ok!(Oracle::set_feed_params(by(GOVERNOR), BTC, loose()));
			for who in [GOVERNOR, GUARDIAN, STRANGER, member(0), member(5)] {
				assert_noop!(Oracle::veto_change(by(who), seat_of(5)), BadOrigin);
			}
			assert_noop!(Oracle::veto_change(by(VETOER), seat_of(6)), Error::<Runtime>::NothingWaits);
			assert_ok!(Oracle::veto_change(by(VETOER), seat_of(5)));
			assert_ok!(Oracle::veto_change(by(VETOER), Subject::Feed(BTC)));
			let until = System::block_number() + COOL_OFF;
			let vetoed = |subject| Event::ChangeVetoed { subject, until };
			assert_eq!(events()[2..], [vetoed(seat_of(5)), vetoed(Subject::Feed(BTC))]);
			pass(2 * DELAY);
			assert!(!Members::<Runtime>::contains_key(member(5)));
			assert_eq!(params_of(BTC), params());
		});
	}

	/// The body decided on it again in the same block, or on another name of its own: each took another veto, and the
	/// one that was missed for a delay was a seat.
	#[test]
	fn a_veto_of_a_seat_holds_for_every_name_until_it_has_cooled_off() {
		run(|| {
			assert_ok!(Oracle::add_member(by(GOVERNOR), member(5)));
			assert_ok!(Oracle::veto_change(by(VETOER), seat_of(5)));
			let vetoed: sp_runtime::DispatchError = Error::<Runtime>::Vetoed.into();
			let tried = || {
				for index in 5..9 {
					assert_noop!(Oracle::add_member(by(GOVERNOR), member(index)), vetoed);
				}
				assert_noop!(Oracle::close_seat(by(GOVERNOR), member(0)), vetoed);
			};
			tried();
			// What is no seat, and what only makes prices rarer, goes on; and a referendum has waited.
			assert_ok!(Oracle::set_feed_params(by(GOVERNOR), BTC, loose()));
			assert_ok!(Oracle::remove_member(by(GUARDIAN), member(0)));
			assert_ok!(Oracle::add_member(RuntimeOrigin::root(), member(9)));
			pass(COOL_OFF - 1);
			tried();
			pass(1);
			assert_ok!(Oracle::add_member(by(GOVERNOR), member(5)));
		});
	}

	#[test]
	fn a_veto_of_a_feed_holds_for_it_and_one_of_a_new_feed_for_all_new_ones() {
		run(|| {
			let list = |id: u32| Oracle::add_feed(by(GOVERNOR), FeedId(id), name("SOL/USD"), params());
			assert_ok!(Oracle::set_feed_params(by(GOVERNOR), BTC, loose()));
			assert_ok!(list(2));
			assert_ok!(Oracle::veto_change(by(VETOER), Subject::Feed(BTC)));
			assert_ok!(Oracle::veto_change(by(VETOER), Subject::Feed(FeedId(2))));
			let vetoed: sp_runtime::DispatchError = Error::<Runtime>::Vetoed.into();
			assert_noop!(Oracle::set_feed_params(by(GOVERNOR), BTC, loose()), vetoed);
			for id in 2..5 {
				assert_noop!(list(id), vetoed);
			}
			// Tightening does not wait, and was not vetoed. Nor was a seat.
			let tight = FeedParams { deviation_max: DEVIATION_MIN, ..params() };
			assert_ok!(Oracle::set_feed_params(by(GOVERNOR), BTC, tight));
			assert_ok!(Oracle::add_member(by(GOVERNOR), member(5)));
			assert_eq!(CoolingOff::<Runtime>::iter().count(), 2);
			pass(COOL_OFF);
			assert_ok!(Oracle::set_feed_params(by(GOVERNOR), BTC, loose()));
			assert_ok!(list(4));
		});
	}

	#[test]
	fn who_decided_takes_it_back_and_nobody_else() {
		run(|| {
			assert_ok!(Oracle::add_member(by(GOVERNOR), member(5)));
			for who in [VETOER, GUARDIAN, STRANGER, member(5)] {
				assert_noop!(Oracle::withdraw_change(by(who), seat_of(5)), BadOrigin);
			}
			assert_ok!(Oracle::withdraw_change(by(GOVERNOR), seat_of(5)));
			// The next one waits from the beginning.
			pass(2);
			assert_ok!(Oracle::add_member(by(GOVERNOR), member(6)));
			pass(DELAY - 1);
			assert!(!Members::<Runtime>::contains_key(member(6)));
			pass(1);
			assert!(Members::<Runtime>::contains_key(member(6)));
			assert!(!Members::<Runtime>::contains_key(member(5)));
		});
	}

	#[test]
	fn a_new_feed_waits() {
		run(|| {
			assert_ok!(Oracle::add_feed(by(GOVERNOR), FeedId(2), name("SOL/USD"), params()));
			let twice = Oracle::add_feed(by(GOVERNOR), FeedId(2), name("SOL/EUR"), params());
			assert_eq!(twice, Err(Error::<Runtime>::AnotherWaits { blocks: 5 }.into()));
			// Another feed, and a seat, need not wait for it.
			assert_ok!(Oracle::add_feed(by(GOVERNOR), FeedId(3), name("DOT/USD"), params()));
			assert_ok!(Oracle::add_member(by(GOVERNOR), member(5)));
			pass(DELAY - 1);
			assert!(!Feeds::<Runtime>::contains_key(FeedId(2)));
			pass(1);
			assert!(Feeds::<Runtime>::contains_key(FeedId(2)) && Feeds::<Runtime>::contains_key(FeedId(3)));
		});
	}

	#[test]
	fn every_field_that_is_looser_waits_and_every_one_that_is_tighter_does_not() {
		let good = FeedParams { quorum_min: 4, confidence_max: Ratio::percent(2), ..params() };
		let looser = [
			FeedParams { age_ms_max: good.age_ms_max + 1, ..good },
			FeedParams { deviation_max: Ratio(good.deviation_max.0 + 1), ..good },
			FeedParams { confidence_max: Ratio(good.confidence_max.0 + 1), ..good },
			FeedParams { volatile_max: Ratio(good.volatile_max.0 + 1), ..good },
			FeedParams { quorum_min: 3, ..good },
			// One is enough, whatever is tighter in it.
			FeedParams { age_ms_max: 10_000, volatile_max: Ratio::ONE, ..good },
		];
		let tighter = [
			good,
			FeedParams { age_ms_max: good.age_ms_max - 1, ..good },
			FeedParams { deviation_max: DEVIATION_MIN, ..good },
			FeedParams { confidence_max: Ratio(good.deviation_max.0 / 2), ..good },
			FeedParams { volatile_max: VOLATILE_MIN, ..good },
			FeedParams { quorum_min: 5, ..good },
		];
		for (new, waits) in looser.map(|new| (new, true)).into_iter().chain(tighter.map(|new| (new, false))) {
			World { members: 5, params: good }.run(|| {
				reported(5, 1);
				assert_ok!(Oracle::set_feed_params(by(GOVERNOR), BTC, new));
				assert_eq!(params_of(BTC), if waits { good } else { new }, "{new:?}");
				pass(DELAY);
				assert_eq!(params_of(BTC), new);
			});
		}
	}

	#[test]
	fn what_was_tightened_meanwhile_is_not_undone_by_what_waits() {
		run(|| {
			assert_ok!(Oracle::set_feed_params(by(GOVERNOR), BTC, loose()));
			let tight = FeedParams { deviation_max: Ratio::percent(1), ..params() };
			assert_ok!(Oracle::set_feed_params(by(GOVERNOR), BTC, tight));
			pass(DELAY);
			let error = Error::<Runtime>::ChangedMeanwhile.into();
			assert_eq!(events(), [Event::ChangeLapsed { subject: Subject::Feed(BTC), error }]);
			assert_eq!(params_of(BTC), tight);
		});
	}

	#[test]
	fn no_more_wait_than_there_is_room_for() {
		run(|| {
			// Feeds cannot be listed that often, but they can wait.
			for feed in 2..2 + MAX_WAITING {
				assert_ok!(Oracle::add_feed(by(GOVERNOR), FeedId(feed), name("X"), params()));
			}
			let one_more = Oracle::add_feed(by(GOVERNOR), FeedId(50), name("X"), params());
			assert_eq!(one_more, Err(Error::<Runtime>::TooManyWaiting.into()));
			pass(DELAY);
			let error = Error::<Runtime>::TooManyFeeds.into();
			assert!(events().contains(&Event::ChangeLapsed { subject: Subject::Feed(FeedId(9)), error }));
			assert_eq!(Feeds::<Runtime>::count(), 4);
		});
	}

	#[test]
	fn what_could_not_be_done_now_does_not_wait() {
		run(|| {
			let add = |index| Oracle::add_member(by(GOVERNOR), member(index));
			assert_eq!(add(0), Err(Error::<Runtime>::AlreadyMember.into()));
			let close = Oracle::close_seat(by(GOVERNOR), member(9));
			assert_eq!(close, Err(Error::<Runtime>::NotAMember.into()));
			let bad = FeedParams { age_ms_max: AGE_MS_MAX + 1, ..params() };
			let set = Oracle::set_feed_params(by(GOVERNOR), BTC, bad);
			assert_eq!(set, Err(Error::<Runtime>::InvalidParams.into()));
			assert!(WaitingChanges::<Runtime>::get().is_empty());
		});
	}
}

mod the_quorum_counts_seats {
	use super::*;

	#[test]
	fn a_removal_leaves_the_quorum_as_it_was() {
		World { members: 7, params: params() }.run(|| {
			round(&[dollars(100); 7]);
			// Five of seven. Two may go; nobody takes a third.
			for index in 5..7 {
				assert_ok!(Oracle::remove_member(by(GUARDIAN), member(index)));
			}
			assert_noop!(Oracle::remove_member(by(GUARDIAN), member(4)), Error::<Runtime>::WouldHalt);
			// Three of those who are left, two liars among them, decide nothing.
			pass(3);
			round(&[cents(10_190), cents(10_190), dollars(100)]);
			assert_eq!((btc().price, btc().age_ms), (dollars(100), 6 * SLOT_MS));
			round(&[dollars(101); 5]);
			assert_eq!((btc().price, btc().sources), (dollars(101), 5));
		});
	}

	#[test]
	fn silence_and_a_lost_key_leave_it_as_it_was() {
		World { members: 7, params: params() }.run(|| {
			reported(7, 1);
			pass(100);
			// Four speak, three have been silent for long.
			reported(4, 3);
			assert_state(PriceState::Stale);
			reported(5, 1);
			assert_state(PriceState::Valid);
		});
	}

	#[test]
	fn a_seat_counts_from_its_first_report_on() {
		// Five are three; seven are five.
		run(|| {
			(5..7).for_each(seat);
			next_block();
			// Two who have never said anything stop nobody.
			reported(3, 1);
			assert_eq!(btc().sources, 3);
			for index in 5..7 {
				tell(index, dollars(100));
				assert!(events().contains(&Event::SeatCounts { member: member(index) }));
			}
			pass(4);
			reported(4, 2);
			assert!(btc().age_ms > 5 * SLOT_MS, "four of seven are no quorum");
			reported(5, 1);
			assert_eq!(btc().age_ms, 2 * SLOT_MS);
		});
	}

	#[test]
	fn a_closed_seat_counts_no_more() {
		World { members: 7, params: params() }.run(|| {
			for index in 5..7 {
				assert_ok!(Oracle::close_seat(RuntimeOrigin::root(), member(index)));
			}
			round(&[dollars(100); 3]);
			assert_eq!(btc().sources, 3);
		});
	}

	#[test]
	fn a_seat_that_a_feed_needs_is_not_closed() {
		let strict = FeedParams { quorum_min: 5, ..params() };
		World { members: 5, params: strict }.run(|| {
			for origin in [RuntimeOrigin::root(), by(GOVERNOR)] {
				let close = Oracle::close_seat(origin, member(0));
				assert_eq!(close, Err(Error::<Runtime>::SeatNeeded.into()));
			}
			// One that does not count is not needed.
			seat(5);
			assert_ok!(Oracle::close_seat(RuntimeOrigin::root(), member(5)));
		});
	}

	#[test]
	fn a_feed_asks_for_no_more_than_there_are() {
		run(|| {
			seat(5);
			let greedy = FeedParams { quorum_min: 6, ..params() };
			for origin in [RuntimeOrigin::root(), by(GOVERNOR)] {
				let set = Oracle::set_feed_params(origin.clone(), BTC, greedy);
				assert_eq!(set, Err(Error::<Runtime>::QuorumAboveSeats.into()));
				let list = Oracle::add_feed(origin, FeedId(2), name("X"), greedy);
				assert_eq!(list, Err(Error::<Runtime>::QuorumAboveSeats.into()));
			}
		});
	}

	#[test]
	fn a_body_does_not_halt_markets_by_asking_for_more_than_report() {
		run(|| {
			let greedy = FeedParams { quorum_min: 5, ..params() };
			reported(4, 3);
			let set = Oracle::set_feed_params(by(GOVERNOR), BTC, greedy);
			assert_eq!(set, Err(Error::<Runtime>::WouldHalt.into()));
			reported(5, 1);
			assert_ok!(Oracle::set_feed_params(by(GOVERNOR), BTC, greedy));
		});
	}

	#[test]
	fn nothing_is_tightened_until_no_round_agrees() {
		for tight in [
			FeedParams { deviation_max: Ratio(DEVIATION_MIN.0 - 1), ..params() },
			FeedParams { confidence_max: Ratio(params().deviation_max.0 / 2 - 1), ..params() },
			FeedParams { volatile_max: Ratio(VOLATILE_MIN.0 - 1), ..params() },
			FeedParams { age_ms_max: 2 * SLOT_MS, ..params() },
		] {
			run(|| {
				for origin in [RuntimeOrigin::root(), by(GOVERNOR)] {
					let set = Oracle::set_feed_params(origin, BTC, tight);
					assert_eq!(set, Err(Error::<Runtime>::InvalidParams.into()), "{tight:?}");
				}
			});
		}
	}
}

mod a_removal_ends {
	use super::*;

	#[test]
	fn a_member_comes_back_by_itself_and_what_it_said_stays_dead() {
		run(|| {
			reported(5, 1);
			assert_ok!(Oracle::remove_member(by(GUARDIAN), member(4)));
			let back_at = now() + REMOVAL;
			assert_eq!(events().last(), Some(&Event::MemberRemoved { member: member(4), back_at }));
			reported(4, REMOVAL - 1);
			// Said while it was away, with a key that somebody may have taken.
			let said = call(4, now(), &[report_of(BTC, dollars(1))]);
			assert!(send(said.clone()).is_err());
			reported(4, 1);
			assert_eq!(now(), back_at);
			assert!(events().contains(&Event::MemberReturned { member: member(4) }));
			assert!(send(said.clone()).is_err());
			next_block();
			assert!(send(said).is_err(), "its round is before the return");
			tell(4, dollars(100));
		});
	}

	#[test]
	fn no_body_removes_the_same_member_again_at_once() {
		run(|| {
			assert_ok!(Oracle::remove_member(by(GUARDIAN), member(4)));
			for who in [GUARDIAN, GOVERNOR] {
				assert_noop!(Oracle::remove_member(by(who), member(4)), Error::<Runtime>::AlreadyRemoved);
			}
			pass(REMOVAL);
			for who in [GUARDIAN, GOVERNOR] {
				assert_noop!(Oracle::remove_member(by(who), member(4)), Error::<Runtime>::RemovedBefore);
			}
			pass(REMOVAL - 1);
			assert_noop!(Oracle::remove_member(by(GUARDIAN), member(4)), Error::<Runtime>::RemovedBefore);
			pass(1);
			assert_ok!(Oracle::remove_member(by(GUARDIAN), member(4)));
		});
	}

	#[test]
	fn a_removal_is_confirmed_by_closing_the_seat_which_waits() {
		run(|| {
			assert_ok!(Oracle::remove_member(by(GUARDIAN), member(4)));
			assert_ok!(Oracle::close_seat(by(GOVERNOR), member(4)));
			pass(DELAY - 1);
			assert!(Members::<Runtime>::contains_key(member(4)));
			pass(1);
			assert_eq!(events(), [Event::SeatClosed { member: member(4) }]);
			assert!(!Members::<Runtime>::contains_key(member(4)));
			pass(REMOVAL);
			assert!(!Members::<Runtime>::contains_key(member(4)), "nobody comes back");
		});
	}

	#[test]
	fn nobody_is_removed_of_those_who_are_a_quorum_together() {
		run(|| {
			// Five seats, three of them a quorum: two may go.
			for index in 0..2 {
				assert_ok!(Oracle::remove_member(by(GUARDIAN), member(index)));
			}
			for who in [GUARDIAN, GOVERNOR] {
				assert_noop!(Oracle::remove_member(by(who), member(2)), Error::<Runtime>::WouldHalt);
			}
			// Also in an outage, when nobody is heard.
			pass(50);
			assert_eq!(now(), 52);
			for index in 0..2 {
				assert_ok!(Oracle::remove_member(by(GUARDIAN), member(index + 2)));
			}
			assert_noop!(Oracle::remove_member(by(GUARDIAN), member(4)), Error::<Runtime>::WouldHalt);
		});
	}

	#[test]
	fn nobody_is_removed_whom_the_others_need_because_some_are_silent() {
		run(|| {
			// Two of five have stopped long ago.
			reported(5, 1);
			reported(3, 10);
			assert_noop!(Oracle::remove_member(by(GUARDIAN), member(0)), Error::<Runtime>::WouldHalt);
			// One of the silent may go.
			assert_ok!(Oracle::remove_member(by(GUARDIAN), member(4)));
			reported(3, 1);
			assert_state(PriceState::Valid);
		});
	}

	#[test]
	fn a_referendum_removes_for_good() {
		run(|| {
			tell(0, dollars(100));
			assert_ok!(Oracle::remove_member(RuntimeOrigin::root(), member(0)));
			assert!(!Members::<Runtime>::contains_key(member(0)));
			assert!(!Reporters::<Runtime>::contains_key(reporter(0)));
			assert!(!Reports::<Runtime>::contains_key(member(0)));
		});
	}
}

mod a_key_is_proven {
	use super::*;

	#[test]
	fn a_key_that_was_seen_in_the_pool_stays_its_owners() {
		run(|| {
			// Member 1 has seen that member 0 registers key 7, and copies the proof.
			let proof = || {
				let payload = Oracle::reporter_payload(&member(0), &Some(reporter(0)));
				sp_core::Pair::sign(&key(7), &payload).into()
			};
			let copied = Oracle::set_reporter(by(member(1)), reporter(7), proof());
			assert_eq!(copied, Err(Error::<Runtime>::NotProven.into()));
			assert_ok!(Oracle::set_reporter(by(member(0)), reporter(7), proof()));
			// The proof is of no use when the key is another.
			assert_ok!(register(0, 8));
			let again = Oracle::set_reporter(by(member(0)), reporter(7), proof());
			assert_eq!(again, Err(Error::<Runtime>::NotProven.into()));
		});
	}

	#[test]
	fn what_a_key_signs_names_context_chain_member_and_its_present_key() {
		use codec::Encode;
		run(|| {
			let mut expected = b"keel/oracle/reporter/1".to_vec();
			expected.extend_from_slice(System::block_hash(0).as_bytes());
			expected.extend_from_slice(&[3; 32]);
			let first = [expected.clone(), vec![0]].concat();
			assert_eq!(Oracle::reporter_payload(&member(3), &None), first);
			let rotated = [expected, vec![1], reporter(3).encode()].concat();
			assert_eq!(Oracle::reporter_payload(&member(3), &Some(reporter(3))), rotated);
		});
	}

	#[test]
	fn a_key_that_proves_itself_on_another_chain_is_refused() {
		run(|| {
			let payload = Oracle::reporter_payload(&member(0), &Some(reporter(0)));
			let proof = sp_core::Pair::sign(&key(7), &payload);
			frame_system::BlockHash::<Runtime>::insert(0, sp_core::H256::repeat_byte(1));
			let elsewhere = Oracle::set_reporter(by(member(0)), reporter(7), proof.into());
			assert_eq!(elsewhere, Err(Error::<Runtime>::NotProven.into()));
		});
	}

	#[test]
	fn strangers_do_not_fill_the_room_of_urgent_calls() {
		use frame_support::dispatch::{DispatchClass, GetDispatchInfo};
		let calls = [
			Call::<Runtime>::set_reporter {
				reporter: reporter(0),
				proof: sp_core::sr25519::Signature::from_raw([0; 64]).into(),
			},
			Call::remove_member { member: member(0) },
			Call::close_seat { member: member(0) },
			Call::veto_change { subject: seat_of(0) },
			Call::withdraw_change { subject: seat_of(0) },
		];
		for call in calls {
			assert_eq!(call.get_dispatch_info().class, DispatchClass::Normal, "{call:?}");
		}
	}

	#[test]
	fn what_a_member_said_before_its_seat_was_closed_stays_dead() {
		run(|| {
			let old = call(0, now(), &[report_of(BTC, dollars(1))]);
			assert_ok!(send(old.clone()));
			assert_ok!(Oracle::remove_member(RuntimeOrigin::root(), member(0)));
			next_block();
			seat(0);
			assert!(send(old.clone()).is_err());
			next_block();
			assert!(send(old).is_err());
			tell(0, dollars(100));
		});
	}
}
