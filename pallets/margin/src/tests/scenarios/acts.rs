// SPDX-License-Identifier: Apache-2.0
//! Acts: calls, as transactions make them, and what the world and the house do.

use super::{
	language::{Act, Terms, MARKETS},
	stage::Stage,
};
use crate::{mock::*, Call, Custodied, MarketParams, Markets, NameLimit, OfferIds};
use frame_support::{storage::with_storage_layer, traits::Hooks, BoundedVec};
use keel_math::I256;
use keel_primitives::{MarginAccount, MarketId, Quote, Side};
use keel_traits::{Liquidatable, Observation, PriceFeed};
use sp_runtime::{traits::Dispatchable, DispatchError, DispatchResult};

/// How long offers live here, in blocks.
const LIFE: u64 = 10;

/// Send a call. Without an owner it is governance's.
fn send(owner: Option<AccountId>, call: Call<Test>) -> DispatchResult {
	let origin = owner.map_or_else(RuntimeOrigin::root, RuntimeOrigin::signed);
	RuntimeCall::Margin(call).dispatch(origin).map(|_| ()).map_err(|refused| refused.error)
}

/// The name of an error.
fn name(error: DispatchError) -> String {
	match error {
		DispatchError::Module(error) => error.message.unwrap_or("an error without a name").to_owned(),
		other => format!("{other:?}"),
	}
}

fn offer(terms: &Terms, taker: Option<AccountId>) -> DispatchResult {
	let Terms { maker: MarginAccount { owner, sub }, side, size, market, price } = *terms;
	let expires = System::block_number() + LIFE;
	let call = match side {
		Some(side) => Call::offer_trade { sub, market, side, size, price, expires, taker },
		None => Call::offer_reduce { sub, market, size, price, expires, taker },
	};
	send(Some(owner), call)
}

/// The offer that was made last.
fn last_offer() -> u64 {
	OfferIds::<Test>::get().next.saturating_sub(1)
}

fn accept(taker: &MarginAccount<AccountId>, reducing: bool, offer: u64) -> DispatchResult {
	let sub = taker.sub;
	let call = if reducing { Call::accept_reduce { offer, sub } } else { Call::accept_trade { offer, sub } };
	send(Some(taker.owner), call)
}

/// The rules of a market that is listed, or of the stage's.
fn rules(id: MarketId) -> MarketParams {
	Markets::<Test>::get(id).map_or_else(params, |market| market.params)
}

/// The name of a market on chain.
fn market_name(id: MarketId) -> Result<BoundedVec<u8, NameLimit>, DispatchError> {
	let name = MARKETS.iter().find(|(_, known)| *known == id).map(|(name, _)| format!("{name}-PERP"));
	let name = name.ok_or("a market without a name")?;
	name.into_bytes().try_into().map_err(|_| "a long name".into())
}

impl Stage {
	/// Do it; the error is a name.
	pub fn act(&mut self, act: &Act) -> Result<(), String> {
		match act {
			Act::Blocks { count, seconds } => {
				for _ in 0..*count {
					self.block(*seconds);
					self.check()?;
				}
				Ok(())
			}
			Act::Price { market, price, once, state, slow, volatility } => {
				let before = if *once { Around::observe(feed(*market)).price } else { *price };
				let observation = Observation {
					price: *price,
					before,
					slow: *slow,
					volatility: *volatility,
					state: *state,
					sources: 5,
					..Default::default()
				};
				self.landing.push((feed(*market), observation));
				Ok(())
			}
			Act::Volatility(market, volatility) => world(|world| {
				let seen = world.prices.get_mut(&feed(*market)).ok_or("there is no such feed")?;
				seen.volatility = *volatility;
				Ok(())
			}),
			Act::Impact(market, price) => {
				world(|world| match price {
					Some(price) => world.impact.insert(*market, *price),
					None => world.impact.remove(market),
				});
				Ok(())
			}
			Act::Miscount(market, by) => self.miscount(*market, *by),
			Act::Status(market, to) => {
				status(*market, *to);
				Ok(())
			}
			Act::Landing(lands) => {
				if *lands {
					speak();
				} else {
					silence();
				}
				Ok(())
			}
			Act::Late => {
				late();
				Ok(())
			}
			Act::SafeMode(shut) => {
				world(|world| world.safe_mode = *shut);
				Ok(())
			}
			Act::JudgeAtMost(judgements) => {
				let share =
					judgements.map_or_else(|| World::default().hook_weight, |count| share_for(count, 1));
				world(|world| world.hook_weight = share);
				Ok(())
			}
			Act::RefilingFee(amount) => {
				world(|world| world.refiling_fee = *amount);
				Ok(())
			}
			Act::Waiting(market, who) => {
				for side in Side::BOTH {
					Margin::set_waiting(*market, side, *who == Some(side));
				}
				Ok(())
			}
			Act::Deleverage(who, size, market) => {
				Margin::deleverage(who, *market, *size).map(|_| ()).map_err(name)
			}
			Act::Release(who) => Margin::release(who).map_err(|judgement| format!("{judgement:?}")),
			call => Self::call(call).map_err(name),
		}
	}

	fn call(call: &Act) -> DispatchResult {
		match call {
			Act::Deposit(who, amount) => {
				send(Some(who.owner), Call::deposit { sub: who.sub, amount: *amount })
			}
			Act::Withdraw(who, amount) => {
				send(Some(who.owner), Call::withdraw { sub: who.sub, amount: *amount })
			}
			Act::Transfer(who, amount, to) => {
				send(Some(who.owner), Call::transfer { from: who.sub, to: *to, amount: *amount })
			}
			Act::Donate(who, amount) => {
				let amount = u128::try_from(amount.0).map_err(|_| "a negative gift")?;
				Usdk::transfer_allow_death(signed(*who), Margin::custody_account(), amount)
			}
			Act::Offer(terms) => offer(terms, None),
			Act::Accept { taker, reducing, offer } => {
				accept(taker, *reducing, offer.unwrap_or_else(last_offer))
			}
			Act::Cancel(who) => send(Some(*who), Call::cancel_offer { offer: last_offer() }),
			// The offer is not left behind when nobody may take it.
			Act::Trade(terms, taker) => with_storage_layer(|| {
				offer(terms, Some(taker.owner))?;
				accept(taker, false, last_offer())
			}),
			Act::Leverage(who, leverage) => {
				send(Some(who.owner), Call::set_leverage { sub: who.sub, leverage: *leverage })
			}
			Act::Set(id, changes) => {
				let mut params = rules(*id);
				changes.iter().for_each(|change| change.apply(&mut params));
				send(None, Call::set_market_params { market: *id, params })
			}
			Act::List(id, changes) => {
				let mut params = params();
				changes.iter().for_each(|change| change.apply(&mut params));
				send(None, Call::list_market { feed: feed(*id), name: market_name(*id)?, params })
			}
			Act::Lift(market) => send(None, Call::lift_quarantine { market: *market }),
			other => unreachable!("{other:?} is no call"),
		}
	}

	/// The next block, this long after the last one: what is to land lands.
	fn block(&mut self, seconds: u64) {
		let now = System::block_number() + 1;
		System::set_block_number(now);
		end_round();
		world(|world| {
			world.now += seconds * 1_000;
			world.prices.extend(self.landing.drain(..));
		});
		Margin::on_initialize(now);
	}

	/// Books that are wrong: the invariants see it after every statement, until it is undone.
	fn miscount(&mut self, market: Option<MarketId>, by: Quote) -> Result<(), String> {
		self.miscounted.0 += by.0;
		match market {
			Some(id) => Markets::<Test>::mutate_extant(id, |market| {
				market.book.dust = market.book.dust.plus(I256::from(by)).expect("a small mistake");
			}),
			None => Custodied::<Test>::mutate(|counted| counted.0 += by.0),
		}
		Ok(())
	}
}
