// SPDX-License-Identifier: Apache-2.0
//! What is done on a path, and how.

use super::{
	acts::Act,
	block::Block,
	model::{peek, Who},
};
use crate::{mock::*, *};
use keel_primitives::*;
use sp_runtime::{traits::Dispatchable, DispatchResult};

/// A step of a path, with the numbers it was taken with: a list of them is the whole story.
#[derive(Clone, Debug)]
pub enum Command {
	Deposit {
		who: Who,
		amount: Quote,
	},
	/// A withdrawal or a transfer.
	Leave {
		who: Who,
		to: Destination,
		amount: Quote,
	},
	/// The side of one that reduces follows from the position.
	Offer {
		terms: OfferOf<Test>,
	},
	Accept {
		who: Who,
		offer: u64,
		intent: Intent,
	},
	Cancel {
		owner: AccountId,
		offer: u64,
	},
	SetLeverage {
		who: Who,
		leverage: Option<u32>,
	},
	Repay {
		owner: AccountId,
		market: MarketId,
		amount: Quote,
	},
	/// New rules; when they contradict themselves, how that is told.
	SetParams {
		market: MarketId,
		params: Box<MarketParams>,
		fault: Option<&'static str>,
	},
	Status {
		market: MarketId,
		status: MarketStatus,
	},
	/// What an account could trade.
	View {
		who: Who,
		market: MarketId,
		side: Side,
		price: Price,
	},
	/// A withdrawal while custody counts a unit less than is claimed.
	Short {
		who: Who,
		amount: Quote,
	},
	/// What liquidation does.
	Act(Act),
	Block(Block),
}

impl Command {
	pub fn kind(&self) -> &'static str {
		match self {
			Self::Deposit { .. } => "deposit",
			Self::Leave { to: Destination::Owner, .. } => "withdraw",
			Self::Leave { .. } => "transfer",
			Self::Offer { terms } if terms.intent == Intent::Reduce => "offer_reduce",
			Self::Offer { .. } => "offer_trade",
			Self::Accept { intent: Intent::Reduce, .. } => "accept_reduce",
			Self::Accept { .. } => "accept_trade",
			Self::Cancel { .. } => "cancel_offer",
			Self::SetLeverage { .. } => "set_leverage",
			Self::Repay { .. } => "repay_debt",
			Self::SetParams { .. } => "set_market_params",
			Self::Status { .. } => "status",
			Self::View { .. } => "max_size",
			Self::Short { .. } => "withdraw while custody is short",
			Self::Act(act) => act.kind(),
			Self::Block(_) => "block",
		}
	}

	/// Do it. What a call answers is what a block would make of it: nothing is left of one that fails.
	pub fn run(&self) -> DispatchResult {
		match self.clone() {
			Self::Deposit { who, amount } => call(who.owner, Call::deposit { sub: who.sub, amount }),
			Self::Leave { who, to: Destination::Owner, amount } => {
				call(who.owner, Call::withdraw { sub: who.sub, amount })
			}
			Self::Leave { who, to: Destination::Sub(to), amount } => {
				call(who.owner, Call::transfer { from: who.sub, to, amount })
			}
			Self::Offer { terms } => {
				let Offer { maker, market, side, size, price, expires, taker, intent, .. } = terms;
				let sub = maker.sub;
				let call_of = match intent {
					Intent::Trade => Call::offer_trade { sub, market, side, size, price, expires, taker },
					Intent::Reduce => Call::offer_reduce { sub, market, size, price, expires, taker },
				};
				call(maker.owner, call_of)
			}
			Self::Accept { who, offer, intent: Intent::Trade } => {
				call(who.owner, Call::accept_trade { offer, sub: who.sub })
			}
			Self::Accept { who, offer, intent: Intent::Reduce } => {
				call(who.owner, Call::accept_reduce { offer, sub: who.sub })
			}
			Self::Cancel { owner, offer } => call(owner, Call::cancel_offer { offer }),
			Self::SetLeverage { who, leverage } => {
				call(who.owner, Call::set_leverage { sub: who.sub, leverage })
			}
			Self::Repay { owner, market, amount } => call(owner, Call::repay_debt { market, amount }),
			Self::SetParams { market, params, .. } => {
				let set: RuntimeCall = Call::set_market_params { market, params: *params }.into();
				answer(set.dispatch(RuntimeOrigin::root()))
			}
			Self::Status { market, status: next } => {
				status(market, next);
				Ok(())
			}
			Self::View { who, market, side, price } => {
				peek(|| Margin::max_size(who, market, side, price)).map(|_| ())
			}
			Self::Short { who, amount } => {
				world(|world| world.other_claims.0 += 1);
				let refused = call(who.owner, Call::withdraw { sub: who.sub, amount });
				world(|world| world.other_claims.0 -= 1);
				refused
			}
			Self::Act(act) => act.run(),
			Self::Block(block) => {
				block.run();
				Ok(())
			}
		}
	}
}

fn call(owner: AccountId, call: Call<Test>) -> DispatchResult {
	answer(RuntimeCall::Margin(call).dispatch(signed(owner)))
}

fn answer(result: frame_support::dispatch::DispatchResultWithPostInfo) -> DispatchResult {
	result.map(|_| ()).map_err(|refused| refused.error)
}

/// What refused a command, by its name.
pub fn name_of(result: &DispatchResult) -> String {
	match result {
		Ok(()) => "ok".into(),
		Err(sp_runtime::DispatchError::Module(error)) => error.message.unwrap_or("unnamed").into(),
		Err(other) => format!("{other:?}"),
	}
}
