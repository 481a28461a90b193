// SPDX-License-Identifier: Apache-2.0
//! Who may use the room that full blocks keep for urgent calls: of every call of the class `Operational`, whoever can do
//! something with it.
//!
//! A call that is not here is sent by no account. What is new is so too, until it is added.

use alloc::vec::Vec;
use codec::{Decode, Encode};
use frame_support::{
	dispatch::GetDispatchInfo,
	traits::{fungible::Inspect, InstanceFilter},
	weights::Weight,
};
use keel_emergency::{Bodies, Body};
use keel_primitives::{MarketId, SubAccount};
use keel_urgent_calls::{Judge, Kind, Refusal, Uses};
use sp_runtime::{traits::StaticLookup, Perbill};

use super::{
	assets::Usdk, emergency::Seats, exchange::MinDeposit, governance::MaxMotionWeight, wallets::ProxyType,
};
use crate::{constants::BLOCK_WEIGHT, *};

/// A member carries out at once what is at most so much of a block: nobody needs more, and the room is for all.
const AT_ONCE: Perbill = Perbill::from_percent(5);
/// The longest motion that is closed in the room.
const LONGEST_MOTION: u32 = 1024 * 1024;
/// More calls in one transaction are looked at by nobody.
const MOST_CALLS: u32 = 32;
/// Bytes of code that are hashed in the time it takes to look at a call.
const HASHED_AT_ONCE: u32 = 16 * 1024;

/// What the runtime knows of urgent calls.
pub struct Urgent;

impl Judge<AccountId, RuntimeCall> for Urgent {
	fn uses(who: &AccountId, call: &RuntimeCall) -> Result<Uses<AccountId>, Refusal> {
		let mut look = Look { signer: who.clone(), uses: Uses::default(), through: Vec::new(), seen: 0 };
		look.at(who, call)?;
		Ok(look.uses)
	}

	fn units(call: &RuntimeCall) -> u32 {
		units(call).min(MOST_CALLS)
			+ match call {
				RuntimeCall::System(frame_system::Call::apply_authorized_upgrade { code }) => {
					u32::try_from(code.len()).unwrap_or(u32::MAX) / HASHED_AT_ONCE
				}
				_ => 0,
			}
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn dearest(who: &AccountId) -> RuntimeCall {
		type MostProxies = <Runtime as pallet_proxy::Config>::MaxProxies;
		let real = AccountId::from([7; 32]);
		for body in Body::ALL {
			Seats::seat(body, &real);
		}
		// The last of as many as there may be.
		let most = <MostProxies as frame_support::traits::Get<u32>>::get();
		let mut proxies = frame_support::BoundedVec::<Named, MostProxies>::default();
		for number in 1..=most {
			let other = sp_io::hashing::blake2_256(&number.to_le_bytes());
			let delegate = if number == most { who.clone() } else { AccountId::from(other) };
			let _ = proxies.try_push(Named { delegate, proxy_type: ProxyType::Any, delay: 0 });
		}
		pallet_proxy::Proxies::<Runtime>::insert(&real, (proxies, Balance::default()));
		let act = keel_emergency::Act::ExtendSafeMode;
		let call: RuntimeCall = keel_emergency::Call::<Runtime>::approve { act }.into();
		let (real, call) = (Address::Id(real), alloc::boxed::Box::new(call));
		pallet_proxy::Call::<Runtime>::proxy { real, force_proxy_type: None, call }.into()
	}
}

/// How many calls there are in one, itself counted.
fn units(call: &RuntimeCall) -> u32 {
	let inside = |calls: &[RuntimeCall]| calls.iter().map(units).fold(0, u32::saturating_add);
	let inner = match call {
		RuntimeCall::Utility(utility) => match utility {
			pallet_utility::Call::batch { calls }
			| pallet_utility::Call::batch_all { calls }
			| pallet_utility::Call::force_batch { calls } => inside(calls),
			pallet_utility::Call::if_else { main, fallback } => units(main).saturating_add(units(fallback)),
			pallet_utility::Call::as_derivative { call, .. } => units(call),
			_ => 0,
		},
		RuntimeCall::Proxy(
			pallet_proxy::Call::proxy { call, .. } | pallet_proxy::Call::proxy_announced { call, .. },
		)
		| RuntimeCall::Multisig(pallet_multisig::Call::as_multi_threshold_1 { call, .. }) => units(call),
		_ => 0,
	};
	inner.saturating_add(1)
}

/// A transaction that is looked at.
struct Look {
	signer: AccountId,
	uses: Uses<AccountId>,
	/// What the proxies may do that the call goes through.
	through: Vec<ProxyType>,
	/// Calls seen so far.
	seen: u32,
}

impl Look {
	/// Look at a call that is made as `who`, and at all calls in it.
	fn at(&mut self, who: &AccountId, call: &RuntimeCall) -> Result<(), Refusal> {
		self.seen = self.seen.saturating_add(1);
		if self.seen > MOST_CALLS {
			return Err(Refusal::TooMany);
		}
		if !self.through.iter().all(|may| may.filter(call)) {
			return Err(Refusal::NotAProxy);
		}
		match call {
			RuntimeCall::Utility(utility) => match utility {
				pallet_utility::Call::batch { calls }
				| pallet_utility::Call::batch_all { calls }
				| pallet_utility::Call::force_batch { calls } => calls.iter().try_for_each(|call| self.at(who, call)),
				pallet_utility::Call::if_else { main, fallback } => {
					self.at(who, main)?;
					self.at(who, fallback)
				}
				pallet_utility::Call::as_derivative { index, call } => {
					self.at(&pallet_utility::derivative_account_id(who.clone(), *index), call)
				}
				_ => Err(Refusal::NotByAccounts),
			},
			RuntimeCall::Proxy(pallet_proxy::Call::proxy { real, force_proxy_type, call }) => {
				let real = account(real)?;
				let named = named(&real, who, *force_proxy_type)?;
				if named.delay != 0 {
					return Err(Refusal::NotAProxy);
				}
				self.as_proxy(&real, named.proxy_type, call)
			}
			RuntimeCall::Proxy(pallet_proxy::Call::proxy_announced {
				delegate,
				real,
				force_proxy_type,
				call,
			}) => {
				let (delegate, real) = (account(delegate)?, account(real)?);
				let named = named(&real, &delegate, *force_proxy_type)?;
				if !has_announced(&delegate, &real, call, named.delay) {
					return Err(Refusal::NotAProxy);
				}
				self.as_proxy(&real, named.proxy_type, call)
			}
			RuntimeCall::Multisig(pallet_multisig::Call::as_multi_threshold_1 {
				other_signatories,
				call,
			}) => {
				let mut all = other_signatories.clone();
				all.push(who.clone());
				all.sort();
				self.at(&Multisig::multi_account_id(&all, 1), call)
			}
			call => {
				let kind = kind(who, call)?;
				self.uses.note(who, kind)?;
				// Whoever signs has no more of it by acting for others.
				if *who == self.signer {
					return Ok(());
				}
				let signer = self.signer.clone();
				self.uses.note(&signer, kind)
			}
		}
	}

	fn as_proxy(&mut self, real: &AccountId, may: ProxyType, call: &RuntimeCall) -> Result<(), Refusal> {
		self.through.push(may);
		let looked = self.at(real, call);
		self.through.pop();
		looked
	}
}

fn account(address: &Address) -> Result<AccountId, Refusal> {
	<Runtime as frame_system::Config>::Lookup::lookup(address.clone()).map_err(|_| Refusal::NotAProxy)
}

type Named = pallet_proxy::ProxyDefinition<AccountId, ProxyType, BlockNumber>;

fn named(real: &AccountId, delegate: &AccountId, kind: Option<ProxyType>) -> Result<Named, Refusal> {
	Proxy::find_proxy(real, delegate, kind).map_err(|_| Refusal::NotAProxy)
}

/// Whether a proxy has announced a call, and waited as long as it must.
fn has_announced(delegate: &AccountId, real: &AccountId, call: &RuntimeCall, delay: BlockNumber) -> bool {
	let hash = <<Runtime as pallet_proxy::Config>::CallHasher as sp_runtime::traits::Hash>::hash_of(call);
	let now = System::block_number();
	pallet_proxy::Announcements::<Runtime>::get(delegate).0.iter().any(|announcement| {
		// The SDK gives no other way to what it says.
		let said =
			announcement.using_encoded(|mut bytes| <(AccountId, Hash, BlockNumber)>::decode(&mut bytes).ok());
		said.is_some_and(|(whose, what, height)| {
			whose == *real && what == hash && now.saturating_sub(height) >= delay
		})
	})
}

/// What a call that carries no other is for, if `who` can do something with it.
fn kind(who: &AccountId, call: &RuntimeCall) -> Result<Kind, Refusal> {
	match call {
		RuntimeCall::Margin(call) => exchange(who, call),
		RuntimeCall::Emergency(keel_emergency::Call::approve { act }) => {
			seated(act.bodies().any(|body| Seats::is_member(body, who)), Kind::Stop)
		}
		RuntimeCall::Emergency(keel_emergency::Call::halt_alone { .. }) => {
			seated(Seats::is_member(Body::SecurityCouncil, who), Kind::Stop)
		}
		RuntimeCall::Council(call) => body(who, call),
		RuntimeCall::TechnicalCommittee(call) => body(who, call),
		RuntimeCall::RiskCommittee(call) => body(who, call),
		RuntimeCall::SecurityCouncil(call) => body(who, call),
		RuntimeCall::System(frame_system::Call::apply_authorized_upgrade { code }) => {
			let authorised = System::authorized_upgrade()
				.and_then(|upgrade| upgrade.using_encoded(|mut bytes| Hash::decode(&mut bytes).ok()));
			let hash = || Hash::from(sp_io::hashing::blake2_256(code));
			authorised.filter(|known| *known == hash()).map(|_| Kind::Upgrade).ok_or(Refusal::NotAuthorised)
		}
		_ => Err(Refusal::NotByAccounts),
	}
}

fn seated(sits: bool, kind: Kind) -> Result<Kind, Refusal> {
	sits.then_some(kind).ok_or(Refusal::NoSeat)
}

fn exchange(who: &AccountId, call: &keel_margin::Call<Runtime>) -> Result<Kind, Refusal> {
	use keel_margin::Call::{accept_reduce, cancel_offer, deposit, offer_reduce};
	let offered = |offer: u64| keel_margin::Offers::<Runtime>::get(offer).ok_or(Refusal::UnknownOffer);
	match call {
		deposit { .. } => {
			let enough = Usdk::balance(who) >= MinDeposit::get().0.unsigned_abs();
			enough.then_some(Kind::AddMargin).ok_or(Refusal::TooLittle)
		}
		offer_reduce { sub, market, .. } => holds(who, *sub, *market),
		accept_reduce { offer, sub } => {
			let terms = offered(*offer)?;
			if terms.taker.is_some_and(|taker| taker != *who) {
				return Err(Refusal::UnknownOffer);
			}
			holds(who, *sub, terms.market)
		}
		cancel_offer { offer } => {
			let terms = offered(*offer)?;
			let may = terms.maker.owner == *who || terms.expires < System::block_number();
			may.then_some(Kind::Cancel).ok_or(Refusal::UnknownOffer)
		}
		_ => Err(Refusal::NotByAccounts),
	}
}

/// Whether an account has something to reduce.
fn holds(who: &AccountId, sub: SubAccount, market: MarketId) -> Result<Kind, Refusal> {
	let account = keel_margin::Accounts::<Runtime>::get(who, sub);
	let holds = account.positions.iter().any(|position| position.market == market);
	holds.then_some(Kind::Reduce).ok_or(Refusal::NoPosition)
}

/// What a member does in a body; and whoever closes a motion that can be closed.
fn body<I: 'static>(who: &AccountId, call: &pallet_collective::Call<Runtime, I>) -> Result<Kind, Refusal>
where
	Runtime: pallet_collective::Config<I, Proposal = RuntimeCall>,
{
	use pallet_collective::Call::{close, execute, propose, vote};
	let sits = || pallet_collective::Members::<Runtime, I>::get().contains(who);
	let light = |weight: Weight| weight.all_lte(AT_ONCE * BLOCK_WEIGHT);
	match call {
		vote { .. } => seated(sits(), Kind::Vote),
		propose { .. } | execute { .. } => {
			seated(sits(), Kind::Motion)?;
			light(call.get_dispatch_info().call_weight).then_some(Kind::Motion).ok_or(Refusal::TooHeavy)
		}
		close { proposal_hash, proposal_weight_bound, length_bound, .. } => {
			if !is_decided::<I>(proposal_hash) {
				return Err(Refusal::NothingToClose);
			}
			let fits =
				proposal_weight_bound.all_lte(MaxMotionWeight::get()) && *length_bound <= LONGEST_MOTION;
			fits.then_some(Kind::Motion).ok_or(Refusal::TooHeavy)
		}
		_ => Err(Refusal::NotByAccounts),
	}
}

/// Whether there is such a motion and nothing can change what becomes of it.
fn is_decided<I: 'static>(hash: &Hash) -> bool
where
	Runtime: pallet_collective::Config<I>,
{
	// Index, threshold, ayes, nays, end: the SDK gives no other way to them.
	type Motion = (u32, u32, Vec<AccountId>, Vec<AccountId>, BlockNumber);
	let motion = pallet_collective::Voting::<Runtime, I>::get(hash);
	let motion = motion.and_then(|motion| motion.using_encoded(|mut bytes| Motion::decode(&mut bytes).ok()));
	let seats = pallet_collective::Members::<Runtime, I>::get().len();
	motion.is_some_and(|(_, threshold, ayes, nays, end)| {
		let threshold = usize::try_from(threshold).unwrap_or(usize::MAX);
		ayes.len() >= threshold
			|| seats.saturating_sub(nays.len()) < threshold
			|| System::block_number() >= end
	})
}

impl keel_urgent_calls::Config for Runtime {
	type Judge = Urgent;
	type WeightInfo = weights::UrgentCalls;
}
