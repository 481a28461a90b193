// SPDX-License-Identifier: Apache-2.0
//! Votes for the benchmarks of change control.

use alloc::vec;
use keel_change_control::{benchmarking::BenchmarkHelper, BoundedCallOf};
use keel_primitives::MarketId;
use pallet_democracy::{ReferendumInfo, ReferendumStatus, Tally, VoteThreshold};

use crate::*;

/// Opens and ends votes as democracy would.
pub struct Ballots;

impl BenchmarkHelper<Runtime> for Ballots {
	fn open(call: BoundedCallOf<Runtime>) -> u32 {
		let index = pallet_democracy::ReferendumCount::<Runtime>::get();
		pallet_democracy::ReferendumCount::<Runtime>::put(index.saturating_add(1));
		let voted = Balances::total_issuance();
		let status = ReferendumStatus {
			end: System::block_number().saturating_add(1),
			proposal: call,
			threshold: VoteThreshold::SimpleMajority,
			delay: 1,
			tally: Tally { ayes: voted, nays: 0, turnout: voted },
		};
		pallet_democracy::ReferendumInfoOf::<Runtime>::insert(index, ReferendumInfo::Ongoing(status));
		index
	}

	fn close(index: u32) {
		pallet_democracy::ReferendumInfoOf::<Runtime>::insert(
			index,
			ReferendumInfo::Finished { end: System::block_number(), approved: true },
		);
	}

	fn largest() -> RuntimeCall {
		let remark = frame_system::Call::remark { remark: vec![0; 118] };
		let mut calls = vec![RuntimeCall::from(remark); keel_change_control::MAX_CALLS.saturating_sub(2)];
		let account = AccountId::new([1; 32]);
		calls.push(pallet_treasury::Call::spend_local { amount: 1, beneficiary: account.into() }.into());
		pallet_utility::Call::batch { calls }.into()
	}

	fn shut() {
		// Every market has a position in it, and is unknown to the breaker: halted.
		keel_margin::stage::markets::<Runtime>();
		for id in (0..constants::limits::MARKETS).map(MarketId) {
			keel_margin::Markets::<Runtime>::mutate_extant(id, |market| market.book.long.units.0 = 1);
			keel_circuit_breaker::Markets::<Runtime>::remove(id);
		}
	}
}
