// SPDX-License-Identifier: Apache-2.0
//! How many motions a member may have open in a body: so few that all other members find room.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::marker::PhantomData;
use frame_support::{
	ensure,
	traits::{Consideration, MaybeConsideration},
	weights::Weight,
	CloneNoBound, DebugNoBound, EqNoBound, PartialEqNoBound,
};
use pallet_collective::{CostOf, Error, Proposals, WeightInfo};
use scale_info::TypeInfo;
use sp_runtime::DispatchError;

use crate::{
	constants::limits::{BODY_MEMBERS, BODY_MOTIONS, MEMBER_MOTIONS},
	*,
};

const _: () = assert!(BODY_MEMBERS * MEMBER_MOTIONS <= BODY_MOTIONS, "members of a body could fill its list");

/// What a member leaves for an open motion: one of the few places that are his. Where none is left the body answers
/// `TooManyProposals`, as when its whole list is full, which all members together cannot do.
///
/// The collective keeps the proposer of a motion with it, and does not let go of him by itself when the motion is over:
/// whoever proposes next clears up.
#[derive(
	CloneNoBound,
	DebugNoBound,
	EqNoBound,
	PartialEqNoBound,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
#[scale_info(skip_type_params(I))]
pub struct Place<I>(PhantomData<I>);

impl<I> Consideration<AccountId, u32> for Place<I>
where
	I: Send + Sync + 'static,
	Runtime: pallet_collective::Config<I, Consideration = Self>,
{
	fn new(who: &AccountId, _: u32) -> Result<Self, DispatchError> {
		let open = Proposals::<Runtime, I>::get();
		// Those that were open when somebody last proposed: never more than may be.
		let known: Vec<_> = CostOf::<Runtime, I>::iter().collect();
		let mut own = 0_u32;
		for (motion, (proposer, _)) in known {
			if !open.contains(&motion) {
				CostOf::<Runtime, I>::remove(motion);
			} else if proposer == *who {
				own = own.saturating_add(1);
			}
		}
		ensure!(own < MEMBER_MOTIONS, Error::<Runtime, I>::TooManyProposals);
		Ok(Self(PhantomData))
	}

	fn update(self, _: &AccountId, _: u32) -> Result<Self, DispatchError> {
		Ok(self)
	}

	fn drop(self, _: &AccountId) -> Result<(), DispatchError> {
		Ok(())
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn ensure_successful(who: &AccountId, _: u32) {
		// The collective's own benchmarks propose as one member until the list is full.
		let own: Vec<_> = CostOf::<Runtime, I>::iter().filter(|(_, (proposer, _))| proposer == who).collect();
		for (motion, _) in own {
			CostOf::<Runtime, I>::remove(motion);
		}
	}
}

impl<I> MaybeConsideration<AccountId, u32> for Place<I>
where
	I: Send + Sync + 'static,
	Runtime: pallet_collective::Config<I, Consideration = Self>,
{
	fn is_none(&self) -> bool {
		false
	}
}

type Sdk = pallet_collective::weights::SubstrateWeight<Runtime>;

/// The SDK's weights of a body, and what it takes to count a member's motions.
pub struct MotionWeights;

impl MotionWeights {
	/// As many motions as there may be, each looked at, and all of them over.
	fn counting() -> Weight {
		let most = u64::from(BODY_MOTIONS);
		let db = <Runtime as frame_system::Config>::DbWeight::get();
		Weight::from_parts(2_000_000, 0)
			.saturating_mul(most)
			.saturating_add(db.reads(most.saturating_add(2)))
			.saturating_add(db.writes(most))
	}
}

impl WeightInfo for MotionWeights {
	fn set_members(m: u32, n: u32, p: u32) -> Weight {
		Sdk::set_members(m, n, p)
	}

	fn execute(b: u32, m: u32) -> Weight {
		Sdk::execute(b, m)
	}

	fn propose_execute(b: u32, m: u32) -> Weight {
		Sdk::propose_execute(b, m)
	}

	fn propose_proposed(b: u32, m: u32, p: u32) -> Weight {
		Sdk::propose_proposed(b, m, p).saturating_add(Self::counting())
	}

	fn vote(m: u32) -> Weight {
		Sdk::vote(m)
	}

	fn close_early_disapproved(m: u32, p: u32) -> Weight {
		Sdk::close_early_disapproved(m, p)
	}

	fn close_early_approved(b: u32, m: u32, p: u32) -> Weight {
		Sdk::close_early_approved(b, m, p)
	}

	fn close_disapproved(m: u32, p: u32) -> Weight {
		Sdk::close_disapproved(m, p)
	}

	fn close_approved(b: u32, m: u32, p: u32) -> Weight {
		Sdk::close_approved(b, m, p)
	}

	fn disapprove_proposal(p: u32) -> Weight {
		Sdk::disapprove_proposal(p)
	}

	fn kill(d: u32, p: u32) -> Weight {
		Sdk::kill(d, p)
	}

	fn release_proposal_cost() -> Weight {
		Sdk::release_proposal_cost()
	}
}
