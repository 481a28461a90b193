// SPDX-License-Identifier: Apache-2.0
//! Stops: safe mode for the whole chain, guarded and halted markets, paused calls, and the way back.
//!
//! What stops or lets go on is done by approvals of members, each with a transaction of his own: no motion is
//! needed, and the approval that makes enough does it.

use crate::{
	call::CallText,
	chain::{self, AtBlock, Chain, Included},
	error::{Error, Result},
	gov::Tell,
	keys,
	value::{self, Decoded},
};
use std::{fmt, str::FromStr};
use subxt::{ext::scale_value::Value, utils::AccountId32};
use subxt_signer::sr25519::Keypair;

/// How far a market is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restriction {
	/// Positions may only shrink.
	Guard,
	/// Nothing trades and nothing is liquidated.
	Halt,
}

impl Restriction {
	const fn act(self) -> &'static str {
		match self {
			Self::Guard => "GuardMarket",
			Self::Halt => "HaltMarket",
		}
	}

	const fn limit(self) -> &'static str {
		match self {
			Self::Guard => "MaxGuardBlocks",
			Self::Halt => "MaxHaltBlocks",
		}
	}
}

/// A call by its pallet's name and its own: `Margin.withdraw`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallName {
	pallet: String,
	name: String,
}

impl FromStr for CallName {
	type Err = String;

	fn from_str(text: &str) -> Result<Self, String> {
		let parts = text.split_once('.').filter(|(pallet, name)| {
			let word = |word: &str| word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
			!pallet.is_empty() && !name.is_empty() && word(pallet) && word(name)
		});
		let (pallet, name) =
			parts.ok_or("a call is named by its pallet and its own name, like Margin.withdraw")?;
		Ok(Self { pallet: pallet.to_owned(), name: name.to_owned() })
	}
}

impl CallName {
	/// That the chain has it.
	pub fn find(&self, at: &AtBlock) -> Result<()> {
		chain::find_call(at, &self.pallet, &self.name)
	}

	/// As an argument.
	fn value(&self) -> Decoded {
		Value::unnamed_composite([&self.pallet, &self.name].map(|name| Value::from_bytes(name.as_bytes())))
	}

	fn read(value: &Decoded) -> Option<Self> {
		let [pallet, name] = <[_; 2]>::try_from(value::items(value)).ok()?;
		let text = |name| value::bytes(name).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
		Some(Self { pallet: text(pallet)?, name: text(name)? })
	}
}

impl fmt::Display for CallName {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "{}.{}", self.pallet, self.name)
	}
}

/// What is done by approvals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
	/// Restrict a market for a number of blocks: half of the Security Council.
	RestrictMarket {
		/// The market.
		market: u32,
		/// How far.
		restriction: Restriction,
		/// For how long.
		blocks: u32,
	},
	/// End the orders on a market: two thirds of the Technical Committee or of the Council.
	ResumeMarket {
		/// The market.
		market: u32,
	},
	/// Enter safe mode: two thirds of the Security Council. It ends by itself.
	EnterSafeMode,
	/// Leave it: two thirds of the Technical Committee or of the Council.
	ExitSafeMode,
	/// Pause a call: half of the Security Council. It ends by itself.
	PauseCall(CallName),
	/// Let a call go on: half of the Technical Committee or of the Council.
	ResumeCall(CallName),
	/// Keep safe mode on for longer: two thirds of the Security Council and half of the Council.
	ExtendSafeMode,
	/// Keep a call paused for longer: half of the Security Council and half of the Council.
	RenewPause(CallName),
	/// Take a change out of its timelock, once: two thirds of the Security Council.
	CancelChange {
		/// Its referendum.
		referendum: u32,
	},
	/// Give a used right back: half of the Council.
	Rearm(Power),
}

/// A right that is used up when it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Power {
	/// To enter safe mode.
	SafeMode,
	/// To pause a call.
	Pause(CallName),
	/// To halt a market alone: a member's own.
	Alone(AccountId32),
}

impl Power {
	/// As an argument.
	fn value(&self) -> Decoded {
		match self {
			Self::SafeMode => Value::unnamed_variant("SafeMode", []),
			Self::Pause(name) => Value::unnamed_variant("Pause", [name.value()]),
			Self::Alone(member) => Value::unnamed_variant("Alone", [chain::account_value(member)]),
		}
	}

	fn read(value: &Decoded) -> Option<Self> {
		let inside = || value::items_of_variant(value).next();
		Some(match value::variant(value)? {
			"SafeMode" => Self::SafeMode,
			"Pause" => Self::Pause(CallName::read(inside()?)?),
			"Alone" => Self::Alone(AccountId32(value::bytes32(inside()?)?)),
			_ => return None,
		})
	}
}

impl fmt::Display for Power {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::SafeMode => f.write_str("to enter safe mode"),
			Self::Pause(name) => write!(f, "to pause {name}"),
			Self::Alone(member) => write!(f, "of {} to halt a market alone", keys::display_name(member)),
		}
	}
}

impl Act {
	/// Who must approve.
	pub const fn needs(&self) -> &'static str {
		match self {
			Self::RestrictMarket { .. } | Self::PauseCall(_) => "half of the Security Council",
			Self::EnterSafeMode => "two thirds of the Security Council",
			Self::ResumeMarket { .. } | Self::ExitSafeMode => {
				"two thirds of the Technical Committee or of the Council"
			}
			Self::ResumeCall(_) => "half of the Technical Committee or of the Council",
			Self::ExtendSafeMode => "two thirds of the Security Council and half of the Council",
			Self::RenewPause(_) => "half of the Security Council and half of the Council",
			Self::CancelChange { .. } => "two thirds of the Security Council",
			Self::Rearm(_) => "half of the Council",
		}
	}

	/// As an argument.
	fn value(&self) -> Decoded {
		let market = |market: &u32| ("market", Value::u128((*market).into()));
		let call = |call: &CallName| [("call", call.value())];
		match self {
			Self::RestrictMarket { market: id, restriction, blocks } => {
				let fields = [market(id), ("blocks", Value::u128((*blocks).into()))];
				Value::named_variant(restriction.act(), fields)
			}
			Self::ResumeMarket { market: id } => Value::named_variant("ResumeMarket", [market(id)]),
			Self::EnterSafeMode => Value::unnamed_variant("EnterSafeMode", []),
			Self::ExitSafeMode => Value::unnamed_variant("ExitSafeMode", []),
			Self::PauseCall(name) => Value::named_variant("PauseCall", call(name)),
			Self::ResumeCall(name) => Value::named_variant("ResumeCall", call(name)),
			Self::ExtendSafeMode => Value::unnamed_variant("ExtendSafeMode", []),
			Self::RenewPause(name) => Value::named_variant("RenewPause", call(name)),
			Self::CancelChange { referendum } => {
				Value::named_variant("CancelChange", [("referendum", Value::u128((*referendum).into()))])
			}
			Self::Rearm(power) => Value::named_variant("Rearm", [("power", power.value())]),
		}
	}

	fn read(value: &Decoded) -> Option<Self> {
		let number = |name: &str| {
			value::field(value, name).and_then(value::unsigned).and_then(|number| u32::try_from(number).ok())
		};
		let restrict = |restriction| {
			Some(Self::RestrictMarket { market: number("market")?, restriction, blocks: number("blocks")? })
		};
		let call = || value::field(value, "call").and_then(CallName::read);
		Some(match value::variant(value)? {
			"GuardMarket" => restrict(Restriction::Guard)?,
			"HaltMarket" => restrict(Restriction::Halt)?,
			"ResumeMarket" => Self::ResumeMarket { market: number("market")? },
			"EnterSafeMode" => Self::EnterSafeMode,
			"ExtendSafeMode" => Self::ExtendSafeMode,
			"ExitSafeMode" => Self::ExitSafeMode,
			"PauseCall" => Self::PauseCall(call()?),
			"RenewPause" => Self::RenewPause(call()?),
			"ResumeCall" => Self::ResumeCall(call()?),
			"CancelChange" => Self::CancelChange { referendum: number("referendum")? },
			"Rearm" => Self::Rearm(Power::read(value::field(value, "power")?)?),
			_ => return None,
		})
	}
}

impl fmt::Display for Act {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::RestrictMarket { market, restriction, blocks } => {
				let does = if *restriction == Restriction::Halt { "halt" } else { "guard" };
				write!(f, "{does} market {market} for {blocks} blocks")
			}
			Self::ResumeMarket { market } => write!(f, "resume market {market}"),
			Self::EnterSafeMode => f.write_str("enter safe mode"),
			Self::ExtendSafeMode => f.write_str("extend safe mode"),
			Self::ExitSafeMode => f.write_str("leave safe mode"),
			Self::PauseCall(name) => write!(f, "pause {name}"),
			Self::RenewPause(name) => write!(f, "keep {name} paused"),
			Self::ResumeCall(name) => write!(f, "resume {name}"),
			Self::CancelChange { referendum } => write!(f, "cancel the change of referendum {referendum}"),
			Self::Rearm(power) => write!(f, "give the right {power} back"),
		}
	}
}

/// An act that members approve of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenAct {
	/// The act.
	pub act: Act,
	/// Who approves, and the block before which each approval counts.
	pub approvals: Vec<(AccountId32, u64)>,
}

/// The acts that members approve of.
pub async fn open_acts(at: &AtBlock) -> Result<Vec<OpenAct>> {
	let acts = chain::view(at, "Emergency", "open_acts", vec![]).await?;
	let odd = || Error::Node("Emergency.open_acts has another shape".to_owned());
	value::items(&acts).into_iter().map(|act| read_open_act(act).ok_or_else(odd)).collect()
}

fn read_open_act(open: &Decoded) -> Option<OpenAct> {
	let [act, approvals] = <[_; 2]>::try_from(value::items(open)).ok()?;
	let approval = |approval: &Decoded| {
		let who = value::field(approval, "who").and_then(value::bytes32)?;
		let until = value::field(approval, "until").and_then(value::unsigned)?;
		Some((AccountId32(who), u64::try_from(until).ok()?))
	};
	let approvals = value::items(approvals).into_iter().map(approval).collect::<Option<_>>()?;
	Some(OpenAct { act: Act::read(act)?, approvals })
}

/// For how many more blocks safe mode may last within any thirty days.
pub async fn safe_mode_left(at: &AtBlock) -> Result<u64> {
	left(chain::view(at, "Emergency", "safe_mode_left", vec![]).await?)
}

/// The same for the pauses of a call.
pub async fn pause_left(at: &AtBlock, call: &CallName) -> Result<u64> {
	left(chain::view(at, "Emergency", "pause_left", vec![call.value()]).await?)
}

fn left(blocks: Decoded) -> Result<u64> {
	let blocks = value::unsigned(&blocks).and_then(|blocks| u64::try_from(blocks).ok());
	blocks.ok_or_else(|| Error::Node("a budget of Emergency has another shape".to_owned()))
}

/// What became of an act.
#[derive(Clone, Debug)]
pub enum Approved {
	/// It is done.
	Done(Included),
	/// More must approve.
	Waiting {
		/// How many approve so far.
		approvals: usize,
		/// Who must.
		needs: &'static str,
	},
}

impl Approved {
	/// What was done; an error if more must approve.
	pub fn done(self) -> Result<Included> {
		match self {
			Self::Done(included) => Ok(included),
			Self::Waiting { approvals, needs } => Err(Error::Governance {
				problem: format!("{approvals} approve; it takes {needs}"),
				help: "Let more members give the same command.".to_owned(),
			}),
		}
	}
}

/// Let each member approve of an act, until it is done.
pub async fn approve(chain: &Chain, act: &Act, members: &[Keypair], tell: Tell<'_>) -> Result<Approved> {
	let call = chain::call("Emergency", "approve", [("act", act.value())]);
	let call = chain.resolve(CallText::Written(call)).await?;
	for member in members {
		let included = chain.submit(&call, member).await?;
		tell(&format!("{} approved in block {}", keys::display_name(&keys::id(member)), included.number));
		if included.event("Emergency", "Done").is_some() {
			return Ok(Approved::Done(included));
		}
	}
	let approvals = chain::view(&chain.best().await?, "Emergency", "approvals", vec![act.value()]).await?;
	Ok(Approved::Waiting { approvals: value::items(&approvals).len(), needs: act.needs() })
}

/// One member of the Security Council halts a market alone, for some minutes, once.
pub async fn halt_alone(chain: &Chain, market: u32, member: &Keypair) -> Result<Included> {
	let call = chain::call("Emergency", "halt_alone", [("market", Value::u128(market.into()))]);
	chain.submit(&call, member).await
}

/// Where a market stands on the ladder of the circuit breaker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
	/// Open, Guarded, Auction, Halted or Settling.
	pub status: String,
	/// What the guardians demand.
	pub guardian: String,
	/// The block in which all that the guardians demand is over.
	pub until: u64,
	/// What the price demands.
	pub price: String,
	/// What its losses demand: halted, when the insurance fund has paid its share of them.
	pub losses: String,
}

impl Standing {
	/// Whether people have to end what somebody or something demands.
	pub fn is_to_be_resumed(&self) -> bool {
		self.guardian != "Open" || self.losses != "Open"
	}
}

/// The block until which safe mode lasts, if the chain is in it.
pub async fn safe_mode_until(at: &AtBlock) -> Result<Option<u64>> {
	chain::storage_as(at, "SafeMode", "EnteredUntil", vec![]).await
}

/// Where a market stands; nothing for one the breaker does not know, which is halted.
pub async fn standing(at: &AtBlock, market: u32) -> Result<Option<Standing>> {
	let key = vec![Value::u128(market.into())];
	let Some(record) = chain::storage(at, "CircuitBreaker", "Markets", key).await? else {
		return Ok(None);
	};
	let read = || {
		let part = |name: &str| value::field(&record, name);
		let status = |record| value::field(record, "status").and_then(value::variant).map(str::to_owned);
		let guardian = part("guardian")?;
		let block = |name: &str| value::field(guardian, name).and_then(value::unsigned);
		let until = block("guarded_until")?.max(block("halted_until")?);
		Some(Standing {
			status: status(&record)?,
			guardian: status(guardian)?,
			until: u64::try_from(until).ok()?,
			price: status(part("price")?)?,
			// A runtime that is older halts no market for its losses.
			losses: part("losses").map_or(Some("Open".to_owned()), status)?,
		})
	};
	read().map(Some).ok_or_else(|| Error::Node("CircuitBreaker.Markets has another shape".to_owned()))
}

/// The calls that are paused, and the block in which each goes on. None where the runtime is older than such pauses.
pub async fn paused(at: &AtBlock) -> Result<Vec<(CallName, u64)>> {
	let pauses = match chain::view(at, "Emergency", "pauses", vec![]).await {
		Err(Error::Missing { .. }) => return Ok(Vec::new()),
		pauses => pauses?,
	};
	let odd = || Error::Node("Emergency.pauses has another shape".to_owned());
	value::items(&pauses).into_iter().map(|pause| read_pause(pause).ok_or_else(odd)).collect()
}

fn read_pause(pause: &Decoded) -> Option<(CallName, u64)> {
	let [call, pause] = <[_; 2]>::try_from(value::items(pause)).ok()?;
	let until = value::field(pause, "until").and_then(value::unsigned)?;
	Some((CallName::read(call)?, u64::try_from(until).ok()?))
}

/// The longest order of a kind, in blocks.
pub fn longest(at: &AtBlock, restriction: Restriction) -> Result<u32> {
	chain::constant(at, "CircuitBreaker", restriction.limit())
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::fit::fit;
	use codec::Encode;
	use scale_info::{MetaType, PortableRegistry, Registry, TypeInfo};
	use subxt::ext::scale_value::scale;

	#[test]
	fn a_call_is_named_by_two_words() {
		let name: CallName = "Margin.withdraw".parse().expect("a name");
		assert_eq!(name.to_string(), "Margin.withdraw");
		for text in ["", "Margin", "Margin.", ".withdraw", "Margin.withdraw()", "Margin withdraw", "a.b.c"] {
			assert!(text.parse::<CallName>().is_err(), "{text}");
		}
	}

	/// As the chain has it.
	#[derive(Encode, TypeInfo)]
	struct MarketId(u32);

	/// A bounded list.
	#[derive(Encode, TypeInfo)]
	struct Name(Vec<u8>);

	#[derive(Encode, TypeInfo)]
	#[allow(dead_code)]
	enum OnChain {
		GuardMarket { market: MarketId, blocks: u32 },
		HaltMarket { market: MarketId, blocks: u32 },
		ResumeMarket { market: MarketId },
		EnterSafeMode,
		ExitSafeMode,
		PauseCall { call: (Name, Name) },
		ResumeCall { call: (Name, Name) },
		ExtendSafeMode,
		RenewPause { call: (Name, Name) },
		CancelChange { referendum: u32 },
		Rearm { power: Right },
	}

	#[derive(Encode, TypeInfo)]
	#[allow(dead_code)]
	enum Right {
		SafeMode,
		Pause((Name, Name)),
		Alone(Account),
	}

	#[derive(Encode, TypeInfo)]
	struct Account([u8; 32]);

	fn types() -> (u32, PortableRegistry) {
		let mut registry = Registry::new();
		let id = registry.register_type(&MetaType::new::<OnChain>()).id;
		(id, registry.into())
	}

	/// What an act is as an argument of a call, and of a question.
	fn encoded(act: &Act) -> [Vec<u8>; 2] {
		let (id, types) = types();
		[fit(act.value(), id, &types), act.value()].map(|value| {
			let mut bytes = Vec::new();
			scale::encode_as_type(&value, id, &types, &mut bytes).expect("it fits");
			bytes
		})
	}

	#[test]
	fn an_act_is_what_the_chain_reads() {
		let call = || (Name(b"Margin".to_vec()), Name(b"withdraw".to_vec()));
		let name = || "Margin.withdraw".parse().expect("a name");
		let restrict = |restriction| Act::RestrictMarket { market: 2, restriction, blocks: 9 };
		let market = || MarketId(2);
		let rearm = Act::Rearm;
		for (act, expected) in [
			(restrict(Restriction::Guard), OnChain::GuardMarket { market: market(), blocks: 9 }),
			(restrict(Restriction::Halt), OnChain::HaltMarket { market: market(), blocks: 9 }),
			(Act::ResumeMarket { market: 2 }, OnChain::ResumeMarket { market: market() }),
			(Act::EnterSafeMode, OnChain::EnterSafeMode),
			(Act::ExitSafeMode, OnChain::ExitSafeMode),
			(Act::PauseCall(name()), OnChain::PauseCall { call: call() }),
			(Act::ResumeCall(name()), OnChain::ResumeCall { call: call() }),
			(Act::ExtendSafeMode, OnChain::ExtendSafeMode),
			(Act::RenewPause(name()), OnChain::RenewPause { call: call() }),
			(Act::CancelChange { referendum: 7 }, OnChain::CancelChange { referendum: 7 }),
			(rearm(Power::SafeMode), OnChain::Rearm { power: Right::SafeMode }),
			(rearm(Power::Pause(name())), OnChain::Rearm { power: Right::Pause(call()) }),
			(
				rearm(Power::Alone(AccountId32([9; 32]))),
				OnChain::Rearm { power: Right::Alone(Account([9; 32])) },
			),
		] {
			assert_eq!(encoded(&act), [expected.encode(), expected.encode()], "{act:?}");
			// And what the chain answers is read as the same.
			let (id, types) = types();
			let answer = scale::decode_as_type(&mut &expected.encode()[..], id, &types).expect("it is one");
			assert_eq!(Act::read(&answer.remove_context()), Some(act));
		}
	}

	#[test]
	fn a_paused_call_is_read_with_its_end() {
		let name = |text: &str| Value::unnamed_composite([Value::from_bytes(text.as_bytes())]);
		let call = Value::unnamed_composite([name("Margin"), name("withdraw")]);
		let pause = Value::named_composite([("until", Value::u128(40)), ("renewals", Value::u128(0))]);
		let read = read_pause(&Value::unnamed_composite([call, pause])).expect("a pause");
		assert_eq!(read, ("Margin.withdraw".parse().expect("a name"), 40));
	}

	#[test]
	fn an_act_that_waits_is_not_done() {
		let waiting = Approved::Waiting { approvals: 1, needs: Act::EnterSafeMode.needs() };
		let error = waiting.done().expect_err("more must approve").to_string();
		assert_eq!(error, "1 approve; it takes two thirds of the Security Council");
	}
}
