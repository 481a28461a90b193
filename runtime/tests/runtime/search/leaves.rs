// SPDX-License-Identifier: Apache-2.0
//! Calls that change something only a vote, or a body by its own power, may change; each told from all others of its kind by
//! a number, so that the state says which of them took effect.

use codec::{Compact, Encode};
use frame_support::{storage::unhashed, traits::Get};
use keel_change_control::Class;
use keel_emergency::{Act, CallName};
use keel_oracle::FeedParams;
use keel_primitives::{FeedId, MarketId, Quote, Ratio, Size};
use sp_keyring::Sr25519Keyring::*;
use sp_runtime::MultiAddress;

use keel_runtime::{
	configs::{
		assets::UsdkIssuer,
		changes::MOST_MINTED,
		governance::{bodies, dynamic_params::fees, CouncilSpend, RuntimeParameters},
	},
	constants::{
		currency::{KEEL, MICRO},
		USDK,
	},
	*,
};

/// A kind of call.
pub struct Kind {
	/// `Pallet.call`, as the matrix names it.
	pub name: &'static str,
	/// The class of a vote on it, as the page on governance says; none where no vote may carry it.
	pub class: Option<Class>,
	/// Whether a body may do this much by itself, where the matrix gives it the power.
	pub by_bodies: bool,
	/// The call with this number.
	pub call: fn(u64) -> RuntimeCall,
	/// Whether its effect is in the state.
	pub shows: fn(u64) -> bool,
}

impl Kind {
	/// The number of the `nth` call of this kind: some effects are few, and may be asked for again.
	pub fn number(&self, nth: u64) -> u64 {
		match self.name {
			"Emergency.act" | "TxPause.unpause" => nth % PAUSED,
			"SafeMode.force_enter" => 0,
			"Migrations.clear_historic" => nth % MIGRATIONS,
			_ => nth,
		}
	}
}

/// An account without a key.
fn account(number: u64) -> AccountId {
	let mut bytes = [0xee; 32];
	bytes[24..].copy_from_slice(&number.to_be_bytes());
	AccountId::new(bytes)
}

fn address(number: u64) -> Address {
	MultiAddress::Id(account(number))
}

fn hash(number: u64) -> Hash {
	Hash::from(<[u8; 32]>::from(account(number)))
}

fn act_for(caller: impl Into<OriginCaller>, call: impl Into<RuntimeCall>) -> RuntimeCall {
	let as_origin = Box::new(caller.into());
	pallet_utility::Call::dispatch_as { as_origin, call: Box::new(call.into()) }.into()
}

fn in_an_emergency(act: Act<AccountId>) -> RuntimeCall {
	keel_emergency::Call::act { act }.into()
}

/// The act that has the effect of this kind and number.
pub fn approvable(name: &str, number: u64) -> Act<AccountId> {
	match name {
		"Emergency.act" => Act::PauseCall { call: call_name(PAUSED + number % PAUSED) },
		"TxPause.unpause" => Act::ResumeCall { call: call_name(number) },
		"SafeMode.force_enter" => Act::EnterSafeMode,
		other => panic!("nobody approves of {other}"),
	}
}

fn signed(who: AccountId) -> frame_system::RawOrigin<AccountId> {
	frame_system::RawOrigin::Signed(who)
}

fn mint(number: u64, amount: u128) -> pallet_assets::Call<Runtime> {
	pallet_assets::Call::mint { id: Compact(USDK), beneficiary: address(number), amount }
}

fn dollars(number: u64) -> u128 {
	Assets::balance(USDK, account(number))
}

fn fee(value: Balance) -> RuntimeCall {
	let key_value = RuntimeParameters::Fees(fees::Parameters::FeePerByte(fees::FeePerByte, Some(value)));
	pallet_parameters::Call::set_parameter { key_value }.into()
}

fn spend(amount: Balance, to: AccountId) -> RuntimeCall {
	let (asset_kind, beneficiary) = (Box::new(()), Box::new(to));
	pallet_treasury::Call::spend { asset_kind, amount, beneficiary, valid_from: None }.into()
}

fn spends(amount: Balance, to: &AccountId) -> bool {
	pallet_treasury::Spends::<Runtime>::iter_values()
		.any(|spending| spending.amount == amount && spending.beneficiary == *to)
}

fn heap_pages(pages: u64) -> RuntimeCall {
	frame_system::Call::set_heap_pages { pages }.into()
}

fn has_heap_pages(pages: u64) -> bool {
	unhashed::get_raw(b":heappages") == Some(pages.encode())
}

fn authorized(code_hash: Hash) -> bool {
	System::authorized_upgrade().is_some_and(|upgrade| upgrade.encode().starts_with(code_hash.as_ref()))
}

fn feed_params(age_ms_max: u64) -> FeedParams {
	FeedParams {
		age_ms_max,
		deviation_max: Ratio::percent(2),
		confidence_max: Ratio::percent(1),
		volatile_max: Ratio::percent(50),
		quorum_min: 3,
	}
}

/// A letter for each digit.
fn letters(number: u64) -> String {
	number.to_string().bytes().map(|digit| char::from(digit - b'0' + b'a')).collect()
}

/// Calls of no importance for the rest of the search.
const PAUSABLE: [(&str, &str); 16] = [
	("Identity", "set_identity"),
	("Identity", "clear_identity"),
	("Identity", "add_sub"),
	("Identity", "remove_sub"),
	("Identity", "set_fee"),
	("Identity", "set_subs"),
	("Identity", "quit_sub"),
	("Identity", "rename_sub"),
	("Assets", "thaw"),
	("Assets", "thaw_asset"),
	("Assets", "touch_other"),
	("Assets", "refund_other"),
	("Assets", "mint"),
	("Assets", "set_reserves"),
	("Assets", "set_metadata"),
	("Assets", "clear_metadata"),
];

fn pausable(number: u64) -> pallet_tx_pause::RuntimeCallNameOf<Runtime> {
	let (pallet, call) = PAUSABLE[number as usize % PAUSABLE.len()];
	let name = |text: &str| text.as_bytes().to_vec().try_into().expect("it is short");
	(name(pallet), name(call))
}

fn call_name(number: u64) -> CallName {
	let (pallet, call) = pausable(number);
	CallName { pallet, call }
}

fn is_paused(number: u64) -> bool {
	pallet_tx_pause::PausedCalls::<Runtime>::contains_key(pausable(number))
}

/// How many of them are paused before; as many others may be paused.
const PAUSED: u64 = PAUSABLE.len() as u64 / 2;

fn migration(number: u64) -> pallet_migrations::IdentifierOf<Runtime> {
	number.encode().try_into().expect("it is short")
}

/// How many migrations have run before.
const MIGRATIONS: u64 = 64;

fn market_of(number: u64) -> MarketId {
	MarketId((number % 3) as u32)
}

/// A history is shorter than this many blocks, so that what is left of a halt says how long it was.
pub const BLOCKS: BlockNumber = 100;

macro_rules! seat {
	($name:literal, $body:ty, [$($member:ident),*]) => {
		Kind {
			name: $name,
			class: Some(Class::Constitutional),
			by_bodies: true,
			call: |number| {
				let new_members = vec![$($member.to_account_id(),)* account(number)];
				pallet_collective::Call::<Runtime, $body>::set_members {
					new_members,
					prime: None,
					old_count: 5,
				}
				.into()
			},
			shows: |number| {
				pallet_collective::Members::<Runtime, $body>::get().contains(&account(number))
			},
		}
	};
}

macro_rules! kind {
	($name:literal, $class:expr, $by_bodies:literal, $call:expr, $shows:expr) => {
		Kind { name: $name, class: $class, by_bodies: $by_bodies, call: $call, shows: $shows }
	};
}

const CONSTITUTIONAL: Option<Class> = Some(Class::Constitutional);
const ECONOMIC: Option<Class> = Some(Class::Economic);
const OPERATIONAL: Option<Class> = Some(Class::Operational);
const EMERGENCY: Option<Class> = Some(Class::Emergency);

/// What a vote may do.
pub fn votable() -> Vec<Kind> {
	let mut kinds = rules();
	kinds.extend(money());
	kinds.extend(repairs());
	kinds.extend(stops());
	kinds
}

fn rules() -> Vec<Kind> {
	vec![
		kind!("System.set_heap_pages", CONSTITUTIONAL, true, heap_pages, has_heap_pages),
		kind!(
			"System.authorize_upgrade",
			CONSTITUTIONAL,
			true,
			|number| frame_system::Call::authorize_upgrade { code_hash: hash(number) }.into(),
			|number| authorized(hash(number))
		),
		kind!(
			"ValidatorMembership.add_member",
			CONSTITUTIONAL,
			true,
			|number| pallet_membership::Call::add_member { who: address(number) }.into(),
			|number| ValidatorMembership::members().contains(&account(number))
		),
		kind!(
			"Democracy.blacklist",
			CONSTITUTIONAL,
			true,
			|number| {
				let proposal_hash = hash(number);
				pallet_democracy::Call::blacklist { proposal_hash, maybe_ref_index: None }.into()
			},
			|number| pallet_democracy::Blacklist::<Runtime>::contains_key(hash(number))
		),
		kind!(
			"Grandpa.note_stalled",
			CONSTITUTIONAL,
			true,
			|number| {
				let (delay, best_finalized_block_number) = (number as BlockNumber, 0);
				pallet_grandpa::Call::note_stalled { delay, best_finalized_block_number }.into()
			},
			|number| Grandpa::stalled() == Some((number as BlockNumber, 0))
		),
		seat!("Council.set_members", bodies::Council, [Alice, Bob]),
		seat!("TechnicalCommittee.set_members", bodies::TechnicalCommittee, [Alice, Bob]),
		seat!("RiskCommittee.set_members", bodies::RiskCommittee, [Alice, Eve]),
		seat!("SecurityCouncil.set_members", bodies::SecurityCouncil, [Alice, Bob, Charlie, Dave]),
	]
}

fn money() -> Vec<Kind> {
	vec![
		kind!(
			"Parameters.set_parameter",
			ECONOMIC,
			true,
			|number| fee(10 * MICRO + Balance::from(number)),
			|number| fees::FeePerByte::get() == 10 * MICRO + Balance::from(number)
		),
		kind!(
			"InsuranceFund.set_target",
			ECONOMIC,
			true,
			|number| {
				let target = Quote::dollars(1_000 + number as i64);
				keel_insurance_fund::Call::set_target { market: MarketId(0), target }.into()
			},
			|number| {
				keel_insurance_fund::Tranches::<Runtime>::get(MarketId(0))
					.is_some_and(|tranche| tranche.target == Quote::dollars(1_000 + number as i64))
			}
		),
		kind!(
			"StressTest.set_depth",
			ECONOMIC,
			true,
			|number| {
				let depth = Some(Quote::dollars(1_000 + number as i64));
				keel_stress_test::Call::set_depth { market: MarketId(0), depth }.into()
			},
			|number| {
				keel_stress_test::Depths::<Runtime>::get(MarketId(0))
					== Some(Quote::dollars(1_000 + number as i64))
			}
		),
		kind!(
			"InsuranceFund.set_caps",
			ECONOMIC,
			true,
			|number| {
				let mut caps = keel_insurance_fund::FundCaps::<Runtime>::get();
				caps.per_account = Quote::dollars(number as i64);
				keel_insurance_fund::Call::set_caps { caps }.into()
			},
			|number| {
				keel_insurance_fund::FundCaps::<Runtime>::get().per_account == Quote::dollars(number as i64)
			}
		),
		kind!(
			"Liquidation.set_params",
			ECONOMIC,
			true,
			|number| {
				let mut params = keel_liquidation::CurrentParams::<Runtime>::get();
				params.least_position = Quote::dollars(1_000 + number as i64);
				keel_liquidation::Call::set_params { params }.into()
			},
			|number| {
				keel_liquidation::CurrentParams::<Runtime>::get().least_position
					== Quote::dollars(1_000 + number as i64)
			}
		),
		kind!(
			"Margin.set_market_params",
			ECONOMIC,
			true,
			|number| {
				let market = market_of(number);
				let mut params = keel_margin::Markets::<Runtime>::get(market).expect("it is listed").params;
				params.max_open_interest = Size((50_000 + u128::from(number)) * Size::ONE.0);
				keel_margin::Call::set_market_params { market, params }.into()
			},
			|number| {
				keel_margin::Markets::<Runtime>::get(market_of(number)).is_some_and(|market| {
					market.params.max_open_interest == Size((50_000 + u128::from(number)) * Size::ONE.0)
				})
			}
		),
		kind!(
			"Oracle.add_feed",
			ECONOMIC,
			true,
			|number| {
				let (feed, params) = (FeedId(100 + number as u32), feed_params(60_000));
				let name = letters(number).into_bytes().try_into().expect("it is short");
				keel_oracle::Call::add_feed { feed, name, params }.into()
			},
			|number| keel_oracle::Feeds::<Runtime>::contains_key(FeedId(100 + number as u32))
		),
		kind!(
			"Oracle.set_feed_params",
			ECONOMIC,
			true,
			|number| {
				let (feed, params) = (FeedId(0), feed_params(60_000 + number));
				keel_oracle::Call::set_feed_params { feed, params }.into()
			},
			|number| {
				keel_oracle::Feeds::<Runtime>::get(FeedId(0))
					.is_some_and(|feed| feed.params.age_ms_max == 60_000 + number)
			}
		),
		kind!(
			"Oracle.add_member",
			ECONOMIC,
			true,
			|number| keel_oracle::Call::add_member { member: account(number) }.into(),
			|number| keel_oracle::Members::<Runtime>::contains_key(account(number))
		),
		kind!(
			"Assets.create",
			ECONOMIC,
			true,
			|number| {
				let id = Compact(1_000 + number as u32);
				pallet_assets::Call::create { id, admin: address(number), min_balance: 1 }.into()
			},
			|number| pallet_assets::Asset::<Runtime>::contains_key(1_000 + number as u32)
		),
		kind!("Treasury.spend", ECONOMIC, true, |number| spend(KEEL, account(number)), |number| spends(
			KEEL,
			&account(number)
		)),
		// More than the Council may.
		kind!(
			"Treasury.spend",
			ECONOMIC,
			false,
			|number| spend(CouncilSpend::get() + 1, account(number)),
			|number| spends(CouncilSpend::get() + 1, &account(number))
		),
		kind!(
			"Utility.dispatch_as",
			ECONOMIC,
			true,
			|number| act_for(signed(UsdkIssuer::get()), mint(number, 7)),
			|number| dollars(number) == 7
		),
	]
}

fn repairs() -> Vec<Kind> {
	vec![
		kind!(
			"Identity.add_registrar",
			OPERATIONAL,
			true,
			|number| pallet_identity::Call::add_registrar { account: address(number) }.into(),
			|number| {
				pallet_identity::Registrars::<Runtime>::get()
					.iter()
					.any(|registrar| registrar.as_ref().is_some_and(|info| info.account == account(number)))
			}
		),
		kind!(
			"Identity.add_username_authority",
			OPERATIONAL,
			true,
			|number| {
				let (authority, suffix) = (address(number), letters(number).into_bytes());
				pallet_identity::Call::add_username_authority { authority, suffix, allocation: 1 }.into()
			},
			|number| {
				pallet_identity::AuthorityOf::<Runtime>::iter_values()
					.any(|authority| authority.account_id == account(number))
			}
		),
		kind!(
			"Migrations.clear_historic",
			OPERATIONAL,
			true,
			|number| {
				let which = vec![migration(number)];
				let selector = pallet_migrations::HistoricCleanupSelector::Specific(which);
				pallet_migrations::Call::clear_historic { selector }.into()
			},
			|number| !pallet_migrations::Historic::<Runtime>::contains_key(migration(number))
		),
		kind!(
			"TxPause.unpause",
			OPERATIONAL,
			true,
			|number| pallet_tx_pause::Call::unpause { ident: pausable(number) }.into(),
			|number| !is_paused(number)
		),
	]
}

fn stops() -> Vec<Kind> {
	vec![
		kind!(
			"CircuitBreaker.halt_market",
			EMERGENCY,
			true,
			|number| {
				let (market, blocks) = (market_of(number), number as BlockNumber * BLOCKS);
				keel_circuit_breaker::Call::halt_market { market, blocks }.into()
			},
			|number| {
				keel_circuit_breaker::Markets::<Runtime>::get(market_of(number)).is_some_and(|market| {
					let left = market.guardian.halted_until.saturating_sub(System::block_number());
					u64::from(left.div_ceil(BLOCKS)) == number
				})
			}
		),
		kind!(
			"Emergency.act",
			EMERGENCY,
			true,
			|number| in_an_emergency(Act::PauseCall { call: call_name(PAUSED + number % PAUSED) }),
			|number| is_paused(PAUSED + number % PAUSED)
		),
	]
}

/// What no vote may carry.
pub fn refused() -> Vec<Kind> {
	vec![
		kind!("SafeMode.force_enter", None, true, |_| pallet_safe_mode::Call::force_enter {}.into(), |_| {
			pallet_safe_mode::EnteredUntil::<Runtime>::exists()
		}),
		kind!(
			"System.set_storage",
			None,
			true,
			|number| {
				let items = vec![((b"behind", number).encode(), vec![1])];
				frame_system::Call::set_storage { items }.into()
			},
			|number| unhashed::exists(&(b"behind", number).encode())
		),
		kind!(
			"System.authorize_upgrade_without_checks",
			None,
			true,
			|number| {
				let code_hash = hash(1_000_000 + number);
				frame_system::Call::authorize_upgrade_without_checks { code_hash }.into()
			},
			|number| authorized(hash(1_000_000 + number))
		),
		kind!(
			"Balances.force_set_balance",
			None,
			true,
			|number| {
				let (who, new_free) = (address(number), KEEL);
				pallet_balances::Call::force_set_balance { who, new_free }.into()
			},
			|number| Balances::free_balance(account(number)) == KEEL
		),
		kind!(
			"Balances.force_transfer",
			None,
			true,
			|number| {
				let (source, dest) = (MultiAddress::Id(Ferdie.to_account_id()), address(number));
				pallet_balances::Call::force_transfer { source, dest, value: 2 * KEEL }.into()
			},
			|number| Balances::free_balance(account(number)) == 2 * KEEL
		),
		// In the scheduler nobody looks at it.
		kind!(
			"Scheduler.schedule_after",
			None,
			true,
			|number| {
				let call = Box::new(heap_pages(1_000_000 + number));
				pallet_scheduler::Call::schedule_after { after: 0, maybe_periodic: None, priority: 0, call }
					.into()
			},
			|number| has_heap_pages(1_000_000 + number)
		),
		kind!(
			"Utility.dispatch_as",
			None,
			true,
			|number| act_for(frame_system::RawOrigin::<AccountId>::Root, heap_pages(2_000_000 + number)),
			|number| has_heap_pages(2_000_000 + number)
		),
		kind!(
			"Utility.dispatch_as",
			None,
			true,
			|number| {
				let (id, target) = (Compact(USDK), address(number));
				let transfer = pallet_assets::Call::<Runtime>::transfer { id, target, amount: 11 };
				act_for(signed(Margin::custody_account()), transfer)
			},
			|number| dollars(number) == 11
		),
		kind!(
			"Utility.dispatch_as",
			None,
			true,
			|number| act_for(signed(UsdkIssuer::get()), mint(number, MOST_MINTED + 1)),
			|number| dollars(number) == MOST_MINTED + 1
		),
		kind!(
			"Utility.as_derivative",
			None,
			true,
			|number| {
				let call = Box::new(heap_pages(3_000_000 + number));
				pallet_utility::Call::as_derivative { index: 0, call }.into()
			},
			|number| has_heap_pages(3_000_000 + number)
		),
		kind!(
			"Utility.with_weight",
			None,
			true,
			|number| {
				let (call, weight) = (Box::new(heap_pages(4_000_000 + number)), Default::default());
				pallet_utility::Call::with_weight { call, weight }.into()
			},
			|number| has_heap_pages(4_000_000 + number)
		),
		kind!(
			"Treasury.spend",
			None,
			false,
			|number| spend(number.into(), Margin::custody_account()),
			|number| spends(number.into(), &Margin::custody_account())
		),
		kind!("Parameters.set_parameter", None, true, |number| fee(KEEL + Balance::from(number)), |number| {
			fees::FeePerByte::get() == KEEL + Balance::from(number)
		}),
	]
}

/// What must be there before.
pub fn prepare() {
	use frame_support::traits::fungible::Mutate;
	for poor in [UsdkIssuer::get(), Treasury::account_id(), One.to_account_id(), Two.to_account_id()] {
		Balances::mint_into(&poor, 1_000_000 * KEEL).expect("it can be given");
	}
	for number in 0..MIGRATIONS {
		pallet_migrations::Historic::<Runtime>::insert(migration(number), ());
	}
	for number in 0..PAUSED {
		let pause = Act::PauseCall { call: call_name(number) };
		Emergency::act(RuntimeOrigin::root(), pause).expect("it can be paused");
	}
}
