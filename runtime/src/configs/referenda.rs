// SPDX-License-Identifier: Apache-2.0
//! How a vote becomes an act: the votes that change control stands behind, and the way out that it keeps open.

use codec::Decode;
use frame_support::{
	parameter_types,
	traits::{schedule::v3::TaskName, Contains, LockIdentifier},
	weights::Weight,
};
use keel_change_control::{BoundedCallOf, Referenda, WayOut};
use sp_runtime::Perbill;

use super::{
	changes::Classes,
	emergency::LEAVING,
	governance::{self, ProductionTimetable},
	system::SchedulerWeight,
};
use crate::{
	constants::{hooks, limits, BLOCK_WEIGHT},
	*,
};

/// The votes of `pallet-democracy`.
pub struct Votes;

/// How democracy marks what it schedules and locks.
const DEMOCRACY: LockIdentifier = *b"democrac";

impl Referenda<Runtime> for Votes {
	fn count() -> u32 {
		pallet_democracy::ReferendumCount::<Runtime>::get()
	}

	fn proposal(index: u32) -> Option<BoundedCallOf<Runtime>> {
		match pallet_democracy::ReferendumInfoOf::<Runtime>::get(index)? {
			pallet_democracy::ReferendumInfo::Ongoing(status) => Some(status.proposal),
			pallet_democracy::ReferendumInfo::Finished { .. } => None,
		}
	}

	fn turnout(index: u32) -> Option<u128> {
		match pallet_democracy::ReferendumInfoOf::<Runtime>::get(index)? {
			pallet_democracy::ReferendumInfo::Ongoing(status) => Some(status.tally.turnout),
			pallet_democracy::ReferendumInfo::Finished { .. } => None,
		}
	}

	fn electorate() -> u128 {
		Balances::total_issuance()
	}

	fn end(index: u32) -> Option<BlockNumber> {
		match pallet_democracy::ReferendumInfoOf::<Runtime>::get(index)? {
			pallet_democracy::ReferendumInfo::Ongoing(status) => Some(status.end),
			pallet_democracy::ReferendumInfo::Finished { .. } => None,
		}
	}

	fn is_hurried(index: u32) -> bool {
		// Only what a simple majority carries can be fast-tracked. All else is tabled one by one, at its time.
		match pallet_democracy::ReferendumInfoOf::<Runtime>::get(index) {
			Some(pallet_democracy::ReferendumInfo::Ongoing(status)) => {
				status.threshold != pallet_democracy::VoteThreshold::SuperMajorityApprove
			}
			_ => false,
		}
	}

	fn is_barred_for_good(hash: &Hash) -> bool {
		pallet_democracy::Blacklist::<Runtime>::get(hash).is_some_and(|(until, _)| until == BlockNumber::MAX)
	}

	fn is_barred(hash: &Hash) -> bool {
		pallet_democracy::Blacklist::<Runtime>::get(hash)
			.is_some_and(|(until, _)| System::block_number() < until)
	}

	fn withdraw(index: u32) {
		Democracy::internal_cancel_referendum(index);
	}

	fn index_of(task: &TaskName) -> Option<u32> {
		let (mark, index) = <(LockIdentifier, u32)>::decode(&mut &task[..]).ok()?;
		(mark == DEMOCRACY && *task == Self::task_of(index)).then_some(index)
	}

	fn task_of(index: u32) -> TaskName {
		pallet_democracy::EncodeInto::encode_into::<_, <Runtime as frame_system::Config>::Hashing>(&(
			DEMOCRACY, index,
		))
	}
}

/// The way out: no safe mode, no pause of withdrawals, and of what is open at least half is in markets whose holders can
/// withdraw.
pub struct Withdrawals;

impl WayOut for Withdrawals {
	fn is_open() -> bool {
		let withdraw = RuntimeCall::Margin(keel_margin::Call::withdraw {
			sub: keel_primitives::SubAccount(0),
			amount: keel_primitives::Quote::ZERO,
		});
		if !SafeMode::contains(&withdraw) || !TxPause::contains(&withdraw) {
			return false;
		}
		let (may_leave, all) = Margin::open_notional_that_may_leave();
		may_leave.0.saturating_mul(2) >= all.0
	}

	fn open() {
		for call in LEAVING {
			let names = (b"Margin".to_vec().try_into(), call.as_bytes().to_vec().try_into());
			if let (Ok(pallet), Ok(call)) = names {
				// It is refused where nothing is paused.
				let _ = <TxPause as frame_support::traits::TransactionPause>::unpause((pallet, call));
			}
		}
	}
}

parameter_types! {
	/// What the scheduler has, but for its own work.
	pub MostOfAChange: Weight = Perbill::from_percent(90) * SchedulerWeight::get();
	pub ChangeControlWeight: Weight = hooks::CHANGE_CONTROL * BLOCK_WEIGHT;
}

impl keel_change_control::Config for Runtime {
	// Two thirds of the Security Council.
	type CancelOrigin =
		pallet_collective::EnsureProportionAtLeast<AccountId, governance::bodies::SecurityCouncil, 2, 3>;
	type Classes = Classes;
	type DefaultTimetable = ProductionTimetable;
	type HookWeight = ChangeControlWeight;
	type MaxOpen = frame_support::traits::ConstU32<64>;
	type MaxSpends = frame_support::traits::ConstU32<{ limits::COUNCIL_SPENDS }>;
	type MaxWeight = MostOfAChange;
	type PalletsOrigin = OriginCaller;
	type Preimages = Preimage;
	type Referenda = Votes;
	type Scheduler = Scheduler;
	type SpendWindow = governance::SpendWindow;
	type WayOut = Withdrawals;
	type WeightInfo = weights::ChangeControl;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarks::Ballots;
}
