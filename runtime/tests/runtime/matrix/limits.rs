// SPDX-License-Identifier: Apache-2.0
//! The limits of the matrix: each figure is the runtime's, and holds: at the limit it goes, and one more is refused.

use frame_support::{
	assert_ok,
	storage::{with_transaction, TransactionOutcome},
};
use keel_change_control::periods::*;
use sp_keyring::Sr25519Keyring::{One, Two};
use sp_runtime::{traits::Dispatchable, DispatchError, DispatchResult};

use super::{
	powers::motion_of,
	table::{Body, Row},
};
use crate::chain::*;
use keel_runtime::{
	configs::governance::*,
	constants::{currency::KEEL, limits, time::DAYS},
	*,
};

fn days(blocks: BlockNumber) -> String {
	match blocks / DAYS {
		1 => "1 day".into(),
		days => format!("{days} days"),
	}
}

/// With a comma between thousands.
fn whole(number: u128) -> String {
	let digits = number.to_string();
	let parts: Vec<&str> =
		digits.as_bytes().rchunks(3).rev().map(|part| core::str::from_utf8(part).unwrap()).collect();
	parts.join(",")
}

/// What the page must say where it says a figure.
fn figures() -> Vec<(&'static str, String)> {
	fn most<Most: Get<u32>>() -> u32 {
		Most::get()
	}
	let spends = format!(
		"{} KEEL at once, {} times in {}, to no account of a pallet; paid out within {}",
		whole(CouncilSpend::get() / KEEL),
		limits::COUNCIL_SPENDS,
		days(SpendWindow::get()),
		days(PayoutPeriod::get())
	);
	vec![
		(
			"Democracy.propose",
			format!(
				"a deposit of {} KEEL; {} wait at most",
				whole(MinimumDeposit::get() / KEEL),
				most::<<Runtime as pallet_democracy::Config>::MaxProposals>()
			),
		),
		("Treasury.spend", spends),
		("Oracle.add_member", format!("{} members at most; waits the seat delay", limits::ORACLE_MEMBERS)),
		("Oracle.add_feed", format!("{} feeds at most; waits the seat delay", limits::FEEDS)),
		(
			"Identity.add_registrar",
			format!("{} registrars at most", most::<<Runtime as pallet_identity::Config>::MaxRegistrars>()),
		),
		(
			"Council.propose",
			format!(
				"{} are open at most, {} of one member; closed when its time is over",
				limits::BODY_MOTIONS,
				limits::MEMBER_MOTIONS
			),
		),
	]
}

/// Rows whose figures are not the runtime's, or that nobody looks after.
pub fn complaints(rows: &[Row]) -> Vec<String> {
	let figures = figures();
	rows.iter()
		.filter_map(|row| {
			let call = row.calls.first()?;
			match figures.iter().find(|(known, _)| row.calls.iter().any(|call| call == known)) {
				Some((_, limit)) if *limit == row.limit => None,
				Some((_, limit)) => Some(format!("{call}: its limit is '{limit}'")),
				None if row.limit.contains(|letter: char| letter.is_ascii_digit()) => {
					Some(format!("{call}: the figures of '{}' are nowhere in the runtime", row.limit))
				}
				None => None,
			}
		})
		.collect()
}

/// What a call answers to an origin. It happens all the same.
fn answer(origin: RuntimeOrigin, call: impl Into<RuntimeCall>) -> DispatchResult {
	let call: RuntimeCall = call.into();
	call.dispatch(origin).map(drop).map_err(|error| error.error)
}

/// The same, and nothing has happened.
fn tried(origin: RuntimeOrigin, call: impl Into<RuntimeCall>) -> DispatchResult {
	with_transaction(|| TransactionOutcome::Rollback(Ok::<_, DispatchError>(answer(origin, call)))).unwrap()
}

fn all_of(body: Body) -> RuntimeOrigin {
	motion_of(body, 5, 5)
}

#[test]
fn the_council_spends_so_much_at_once_and_a_vote_spends_more() {
	on("local", || {
		let spend = |amount| pallet_treasury::Call::<Runtime>::spend {
			asset_kind: Box::new(()),
			amount,
			beneficiary: Box::new(One.to_account_id()),
			valid_from: None,
		};
		let local = |amount| pallet_treasury::Call::<Runtime>::spend_local {
			amount,
			beneficiary: One.to_account_id().into(),
		};
		let most = 10_000 * KEEL;
		let too_much = Err(pallet_treasury::Error::<Runtime>::InsufficientPermission.into());
		assert_ok!(tried(motion_of(Body::Council, 3, 5), spend(most)));
		assert_eq!(tried(all_of(Body::Council), spend(most + 1)), too_much);
		assert_ok!(tried(motion_of(Body::Council, 3, 5), local(most)));
		assert_eq!(tried(all_of(Body::Council), local(most + 1)), too_much);
		// So often, and then nothing, until the first is thirty days old. A vote still may.
		for _ in 0..5 {
			assert_ok!(answer(motion_of(Body::Council, 3, 5), spend(most)));
		}
		assert_eq!(tried(all_of(Body::Council), spend(1)), too_much);
		assert_ok!(tried(RuntimeOrigin::root(), spend(most + 1)));
	});
}

#[test]
fn a_public_proposal_holds_its_deposit() {
	on("local", || {
		let propose = |value| {
			let call = frame_system::Call::<Runtime>::remark { remark: vec![] }.into();
			let proposal = <Preimage as frame_support::traits::StorePreimage>::bound::<RuntimeCall>(call);
			pallet_democracy::Call::<Runtime>::propose { proposal: proposal.unwrap(), value }
		};
		let signed = || RuntimeOrigin::signed(Bob.to_account_id());
		let low = Err(pallet_democracy::Error::<Runtime>::ValueLow.into());
		assert_eq!(tried(signed(), propose(100 * KEEL - 1)), low);
		assert_ok!(tried(signed(), propose(100 * KEEL)));
	});
}

#[test]
fn a_veto_lasts_the_cool_off_period_and_is_each_members_once() {
	on("local", || {
		let call = frame_system::Call::<Runtime>::remark { remark: vec![] }.into();
		let proposal =
			<Preimage as frame_support::traits::StorePreimage>::bound::<RuntimeCall>(call).unwrap();
		let proposal_hash = proposal.hash();
		let propose = pallet_democracy::Call::<Runtime>::external_propose_majority { proposal };
		let veto = |key: sp_keyring::Sr25519Keyring| {
			let member = pallet_collective::RawOrigin::<AccountId, bodies::TechnicalCommittee>::Member(
				key.to_account_id(),
			);
			answer(member.into(), pallet_democracy::Call::<Runtime>::veto_external { proposal_hash })
		};
		assert_ok!(answer(all_of(Body::Council), propose.clone()));
		assert_ok!(veto(Alice));
		let until = pallet_democracy::Blacklist::<Runtime>::get(proposal_hash).unwrap().0;
		assert_eq!(until, System::block_number() + CooloffPeriod::<Runtime>::get());
		assert_ok!(answer(all_of(Body::Council), propose));
		let again = Err(pallet_democracy::Error::<Runtime>::AlreadyVetoed.into());
		assert_eq!(veto(Alice), again);
		assert_ok!(veto(Bob));
	});
}

/// What asks for a seat asks the account, not the origin.
#[test]
fn without_a_seat_nobody_moves_changes_keys_or_votes() {
	on("local", || {
		let stranger = || RuntimeOrigin::signed(One.to_account_id());
		let remark = || Box::new(RuntimeCall::from(frame_system::Call::remark { remark: vec![] }));
		macro_rules! body {
			($body:ty) => {{
				type Call = pallet_collective::Call<Runtime, $body>;
				let bad = Err(pallet_collective::Error::<Runtime, $body>::NotMember.into());
				let propose = Call::propose { threshold: 1, proposal: remark(), length_bound: 100 };
				let execute = Call::execute { proposal: remark(), length_bound: 100 };
				let vote = Call::vote { proposal: Default::default(), index: 0, approve: true };
				assert_eq!(tried(stranger(), propose.clone()), bad);
				assert_eq!(tried(stranger(), execute.clone()), bad);
				assert_eq!(tried(stranger(), vote), bad);
				// The control: Alice has a seat everywhere.
				assert_ok!(tried(RuntimeOrigin::signed(Alice.to_account_id()), propose));
				assert_ok!(tried(RuntimeOrigin::signed(Alice.to_account_id()), execute));
			}};
		}
		body!(bodies::Council);
		body!(bodies::TechnicalCommittee);
		body!(bodies::RiskCommittee);
		body!(bodies::SecurityCouncil);
		let change = pallet_membership::Call::<Runtime>::change_key { new: Two.to_account_id().into() };
		assert!(tried(stranger(), change.clone()).is_err());
		assert_ok!(tried(RuntimeOrigin::signed(Alice.to_account_id()), change));
	});
}
