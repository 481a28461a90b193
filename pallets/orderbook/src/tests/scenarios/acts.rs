// SPDX-License-Identifier: Apache-2.0
//! Acts: calls, as transactions make them, and what the world and the house do.

use super::{
	chain::*,
	language::{Act, Lasts, Named, Share, Wanted, Who},
	stage::Stage,
};
use crate::{Call, Conditionals, NextOrder, OrderId, OrderName, TimeInForce};
use frame_support::storage::with_storage_layer;
use keel_margin::Markets;
use keel_primitives::{MarketId, Quote, Side};
use keel_traits::{Deficit, Intent, Liquidatable};
use scale_info::{TypeDef, TypeInfo};
use sp_runtime::{traits::Dispatchable, DispatchError};

/// The name of an error: `Orderbook.WouldCross`.
pub fn name(error: DispatchError) -> String {
	match error {
		DispatchError::Module(error) => {
			let index = error.error[0];
			match error.index {
				2 => format!("Margin.{}", variant::<keel_margin::Error<Chain>>(index)),
				_ => format!("Orderbook.{}", variant::<crate::Error<Chain>>(index)),
			}
		}
		other => format!("{other:?}"),
	}
}

/// The name of an enum's variant with this index.
fn variant<T: TypeInfo>(index: u8) -> &'static str {
	let TypeDef::Variant(all) = T::type_info().type_def else { return "no enum" };
	let found = all.variants.iter().find(|variant| variant.index == index);
	found.map_or("an error without a name", |variant| variant.name)
}

/// Send a call. Without an owner it is governance's.
fn send(owner: Option<AccountId>, call: impl Into<RuntimeCall>) -> Result<(), String> {
	let origin = owner.map_or_else(RuntimeOrigin::root, RuntimeOrigin::signed);
	call.into().dispatch(origin).map(|_| ()).map_err(|refused| name(refused.error))
}

impl Stage {
	/// Do it; the error is a name.
	pub fn act(&mut self, act: &Act) -> Result<(), String> {
		match act {
			Act::Deposit(who, amount) => {
				send(Some(who.owner), keel_margin::Call::<Chain>::deposit { sub: who.sub, amount: *amount })
			}
			Act::Withdraw(who, amount) => {
				send(Some(who.owner), keel_margin::Call::<Chain>::withdraw { sub: who.sub, amount: *amount })
			}
			Act::Leverage(who, leverage) => send(
				Some(who.owner),
				keel_margin::Call::<Chain>::set_leverage { sub: who.sub, leverage: *leverage },
			),
			Act::Place(who, wanted) => self.place(who, wanted),
			Act::Amend { who, order, size, price, post_only } => {
				let (sub, order) = (who.sub, self.named(order)?);
				let (size, price, post_only) = (*size, *price, *post_only);
				send(Some(who.owner), Call::<Chain>::amend_order { sub, order, size, price, post_only })
			}
			Act::Cancel(who, order) => {
				let order = self.named(order)?;
				let waits = |id| Conditionals::<Chain>::get(who).iter().any(|waiting| waiting.id == id);
				match order {
					OrderName::Id(id) if waits(id) => send(
						Some(who.owner),
						Call::<Chain>::cancel_conditional { sub: who.sub, conditional: Some(id) },
					),
					order => send(Some(who.owner), Call::<Chain>::cancel_order { sub: who.sub, order }),
				}
			}
			Act::CancelAll(who, market) => {
				send(Some(who.owner), Call::<Chain>::cancel_all { sub: who.sub, market: *market })
			}
			Act::Alive(who, blocks) => {
				send(Some(who.owner), Call::<Chain>::keep_alive { sub: who.sub, blocks: *blocks })
			}
			Act::Fees(fees) => send(None, Call::<Chain>::set_fees { fees: fees.clone() }),
			Act::Mode(market, every_block) => {
				send(None, Call::<Chain>::set_mode { market: *market, every_block: *every_block })
			}
			Act::Set(market, changes) => {
				let mut params = Markets::<Chain>::get(market).ok_or("there is no such market")?.params;
				changes.iter().for_each(|change| change.apply(&mut params));
				send(None, keel_margin::Call::<Chain>::set_market_params { market: *market, params })
			}
			Act::Settle(market, price) => {
				send(None, keel_margin::Call::<Chain>::settle_market { market: *market, price: *price })
			}
			Act::Price(market, price, state) => {
				land(*market, *price, *state);
				self.landing.insert(*market);
				Ok(())
			}
			Act::Status(market, status) => {
				world(|world| world.statuses.insert(*market, *status));
				Ok(())
			}
			Act::Blocks { count, milliseconds } => {
				for _ in 0..*count {
					next_block(*milliseconds);
					self.landing.clear();
					check()?;
				}
				Ok(())
			}
			Act::Owes(market, amount, who) => owe(*market, *amount, who),
			Act::Share(share) => {
				let share = match share {
					Share::Everything => ENOUGH,
					Share::Expiries(count) => share_for_expiries(*count),
					Share::Price => share_for_a_price(),
				};
				world(|world| world.share = share);
				Ok(())
			}
		}
	}

	/// The order that is meant.
	fn named(&self, order: &Named) -> Result<OrderName, String> {
		match order {
			Named::As(name) => self.order(name).map(|(_, id)| OrderName::Id(id)),
			Named::Client(client) => Ok(OrderName::Client(*client)),
		}
	}

	/// Whose order a name is, and its id.
	pub fn order(&self, name: &str) -> Result<(Who, OrderId), String> {
		self.orders.get(name).copied().ok_or_else(|| format!("no order is called `{name}`"))
	}

	fn place(&mut self, who: &Who, wanted: &Wanted) -> Result<(), String> {
		let Wanted { size, market, price, post_only, self_trade, client, .. } = *wanted;
		let sub = who.sub;
		let time_in_force = match wanted.lasts {
			Lasts::TillCancelled => TimeInForce::GoodTillCancelled,
			Lasts::Blocks(more) => TimeInForce::GoodTillBlock(System::block_number() + more),
			Lasts::Immediate => TimeInForce::ImmediateOrCancel,
			Lasts::WholeOrNothing => TimeInForce::FillOrKill,
		};
		let other = wanted.pair.as_ref().map(|name| self.order(name)).transpose()?.map(|(_, id)| id);
		let call = match (wanted.side, wanted.trigger) {
			(Some(side), Some((when, trigger))) => {
				let intent = if wanted.reducing { Intent::Reduce } else { Intent::Trade };
				Call::<Chain>::place_conditional {
					sub,
					trigger,
					when,
					market,
					side,
					size,
					price,
					time_in_force,
					intent,
					other,
				}
			}
			(Some(side), None) => Call::place_order {
				sub,
				market,
				side,
				size,
				price,
				time_in_force,
				post_only,
				self_trade,
				client,
			},
			(None, _) => Call::reduce_order { sub, market, size, price, time_in_force, post_only, client },
		};
		let id = NextOrder::<Chain>::get();
		send(Some(who.owner), call)?;
		if let Some(name) = &wanted.name {
			self.orders.insert(name.clone(), (*who, id));
		}
		Ok(())
	}
}

/// A loss of `who` that nobody bears is the market's debt: `who` has been paid.
fn owe(market: MarketId, amount: Quote, who: &Who) -> Result<(), String> {
	with_storage_layer(|| {
		let borne = Margin::socialise(who, Deficit { market, side: Side::Long, amount });
		if borne.is_zero() {
			Ok(())
		} else {
			Err(DispatchError::Other("somebody bears it"))
		}
	})
	.map_err(name)
}
