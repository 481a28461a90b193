// SPDX-License-Identifier: Apache-2.0
//! Weights of the calls and of the steps of the hook.

use frame_support::weights::{constants::RocksDbWeight, Weight};

/// What the calls, and the steps of the hook, cost at worst.
pub trait WeightInfo {
	/// A deposit into an account with as many positions as it may have.
	fn deposit() -> Weight;
	/// A withdrawal, queued or at once.
	fn withdraw() -> Weight;
	/// A transfer, queued or at once.
	fn transfer() -> Weight;
	/// An offer.
	fn offer_trade() -> Weight;
	/// An offer that reduces.
	fn offer_reduce() -> Weight;
	/// Cancelling an offer.
	fn cancel_offer() -> Weight;
	/// Taking an offer, between two accounts with as many positions as they may have.
	fn accept_trade() -> Weight;
	/// Taking an offer that reduces.
	fn accept_reduce() -> Weight;
	/// Repaying a market's debt.
	fn repay_debt() -> Weight;
	/// Listing a market.
	fn list_market() -> Weight;
	/// Replacing a market's rules.
	fn set_market_params() -> Weight;
	/// Lifting a quarantine.
	fn lift_quarantine() -> Weight;
	/// Setting the leverage cap of an account.
	fn set_leverage() -> Weight;
	/// Setting what an owner's trading keys may lose.
	fn set_key_cap() -> Weight;
	/// Stating the price at which a dead market is settled.
	fn settle_market() -> Weight;
	/// Listing a market again that was settled.
	fn relist_market() -> Weight;
	/// Hook: closing both sides of a market that is settled.
	fn close_out() -> Weight;
	/// Hook: checking the books of a market and moving its levels.
	fn open_market() -> Weight;
	/// Hook: paying one withdrawal.
	fn leave() -> Weight;
	/// Hook: removing one expired offer.
	fn expire_offer() -> Weight;
	/// Hook: forgetting the calls with priority of one owner.
	fn forget_urgent() -> Weight;
	/// Hook: judging one account with so many positions whose key has fired, and filing it again.
	fn judge(positions: u32) -> Weight;
	/// Hook: judging one account with so many positions that is bankrupt, and handing it over to liquidation.
	fn seize(positions: u32) -> Weight;
	/// Hook: settling what an account holds in one ended generation, besides judging it.
	fn settle() -> Weight;
	/// Hook: keeping what the accounts judged in one market have paid for it.
	fn keep_fees() -> Weight;
	/// Hook: leaving an ended generation behind, of which everybody was judged.
	fn drain() -> Weight;
}

/// Round numbers for tests: microseconds, reads and writes of an account with sixteen positions.
impl WeightInfo for () {
	fn deposit() -> Weight {
		cost(200, 24, 24)
	}
	fn withdraw() -> Weight {
		cost(250, 45, 25)
	}
	fn transfer() -> Weight {
		cost(300, 49, 29)
	}
	fn offer_trade() -> Weight {
		cost(100, 24, 6)
	}
	fn offer_reduce() -> Weight {
		cost(100, 24, 6)
	}
	fn cancel_offer() -> Weight {
		cost(30, 3, 3)
	}
	fn accept_trade() -> Weight {
		cost(600, 80, 70)
	}
	fn accept_reduce() -> Weight {
		cost(600, 80, 70)
	}
	fn repay_debt() -> Weight {
		cost(60, 5, 5)
	}
	fn list_market() -> Weight {
		cost(40, 3, 3)
	}
	fn set_market_params() -> Weight {
		cost(20, 1, 1)
	}
	fn lift_quarantine() -> Weight {
		cost(20, 1, 1)
	}
	fn set_leverage() -> Weight {
		cost(20, 1, 1)
	}
	fn set_key_cap() -> Weight {
		cost(20, 1, 1)
	}
	fn settle_market() -> Weight {
		cost(40, 4, 4)
	}
	fn relist_market() -> Weight {
		cost(40, 4, 4)
	}
	fn close_out() -> Weight {
		cost(30, 0, 2)
	}
	fn open_market() -> Weight {
		cost(20, 3, 1)
	}
	fn leave() -> Weight {
		cost(350, 51, 29)
	}
	fn expire_offer() -> Weight {
		cost(20, 2, 2)
	}
	fn forget_urgent() -> Weight {
		cost(10, 2, 1)
	}
	fn judge(positions: u32) -> Weight {
		cost(60, 4, 3).saturating_add(cost(40, 4, 3).saturating_mul(positions.into()))
	}
	fn seize(positions: u32) -> Weight {
		cost(60, 5, 4).saturating_add(cost(40, 6, 3).saturating_mul(positions.into()))
	}
	fn settle() -> Weight {
		cost(15, 1, 1)
	}
	fn keep_fees() -> Weight {
		cost(60, 6, 6)
	}
	fn drain() -> Weight {
		cost(20, 2, 1)
	}
}

fn cost(micros: u64, reads: u64, writes: u64) -> Weight {
	Weight::from_parts(micros.saturating_mul(1_000_000), 0)
		.saturating_add(RocksDbWeight::get().reads_writes(reads, writes))
}
