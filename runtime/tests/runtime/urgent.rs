// SPDX-License-Identifier: Apache-2.0
//! The room that a full block keeps for urgent calls: nobody fills it, neither an account with the means nor a stranger.

use std::collections::BTreeSet;

use codec::Encode;
use frame_support::{
	assert_ok,
	dispatch::{DispatchClass, GetDispatchInfo},
	weights::Weight,
};
use keel_emergency::Act;
use keel_primitives::{MarketId, Price, Quote, Side, Size, SubAccount};
use keel_urgent_calls::{Kind, Refusal};
use sp_keyring::Sr25519Keyring::{self, Ferdie};
use sp_runtime::{
	traits::Dispatchable,
	transaction_validity::{InvalidTransaction, TransactionSource, TransactionValidityError},
	DispatchError, DispatchResult, MultiAddress,
};

use super::{
	chain::*,
	exchange::{dollars, open_markets, report, BTC},
	motions::{calls, name},
};
use keel_runtime::{constants::BLOCK_WEIGHT, *};

type Margin = keel_margin::Call<Runtime>;
type Utility = pallet_utility::Call<Runtime>;
type Sec = pallet_collective::Call<Runtime, pallet_collective::Instance4>;
type CheckWeight = frame_system::CheckWeight<Runtime>;

const MAIN: SubAccount = SubAccount(0);
const PRICES: [u32; 3] = [8_000, 200, 20];

fn deposit(amount: i64) -> RuntimeCall {
	Margin::deposit { sub: MAIN, amount: Quote::dollars(amount) }.into()
}

fn reduce(market: MarketId) -> RuntimeCall {
	let (size, price) = (Size::ONE, Price::dollars(8_000));
	// Markets open in the first ten blocks.
	let expires = 50;
	Margin::offer_reduce { sub: MAIN, market, size, price, expires, taker: None }.into()
}

fn proxied(real: Sr25519Keyring, call: RuntimeCall) -> RuntimeCall {
	let real = MultiAddress::Id(real.to_account_id());
	pallet_proxy::Call::proxy { real, force_proxy_type: None, call: Box::new(call) }.into()
}

fn remark(bytes: usize) -> RuntimeCall {
	frame_system::Call::remark { remark: vec![0; bytes] }.into()
}

/// As democracy does when a vote begins: nothing is left of the block but what is kept.
fn fill_the_block() {
	System::register_extra_weight_unchecked(BLOCK_WEIGHT, DispatchClass::Mandatory);
}

fn no_room() -> TransactionValidityError {
	InvalidTransaction::ExhaustsResources.into()
}

fn refused(refusal: Refusal) -> TransactionValidityError {
	refusal.into()
}

/// How many such transactions of an account get into this block.
fn filled(key: Sr25519Keyring, call: &RuntimeCall) -> usize {
	(0..2_000).take_while(|_| submit(key, call.clone()).is_ok()).count()
}

/// How many get into it where only their weight is looked at. The call fails as it does in a transaction.
fn filled_without_the_check(key: Sr25519Keyring, call: &RuntimeCall) -> usize {
	let info = call.get_dispatch_info();
	let length = signed(key, call.clone()).encode().len();
	let fits = |_: &i32| {
		let Ok((_, block)) = CheckWeight::do_validate(&info, length) else { return false };
		if CheckWeight::do_prepare(&info, length, block).is_err() {
			return false;
		}
		let origin = RuntimeOrigin::signed(key.to_account_id());
		let answer = call.clone().dispatch(origin);
		let post = answer.unwrap_or_else(|error| error.post_info);
		System::reclaim_weight(&info, &post).is_ok()
	};
	(0..2_000).take_while(fits).count()
}

/// What filled the room, by whom. Each fails for him.
fn attacks() -> Vec<(&'static str, RuntimeCall)> {
	let heavy = Weight::from_parts(50_000_000_000, 0);
	let market = MarketId(0);
	let motion = |bytes: usize| Box::new(remark(bytes));
	vec![
		("a deposit of too little", Margin::deposit { sub: MAIN, amount: Quote(1) }.into()),
		("a reduction without a position", reduce(market)),
		("a cancellation of nothing", Margin::cancel_offer { offer: 9 }.into()),
		(
			"a stranger's approval",
			keel_emergency::Call::approve { act: Act::HaltMarket { market, blocks: 1 } }.into(),
		),
		("a stranger's halt", keel_emergency::Call::halt_alone { market }.into()),
		("a stranger's motion", Sec::execute { proposal: motion(100), length_bound: 1_000 }.into()),
		("a stranger's vote", Sec::vote { proposal: Hash::default(), index: 0, approve: true }.into()),
		(
			"closing no motion, of any weight",
			Sec::close {
				proposal_hash: Hash::default(),
				index: 0,
				proposal_weight_bound: heavy,
				length_bound: 100,
			}
			.into(),
		),
		(
			"any weight, as if by a vote",
			Utility::with_weight { call: Box::new(deposit(1)), weight: heavy }.into(),
		),
		(
			"a change of any weight, as if it were due",
			keel_change_control::Call::cancel { referendum: 0 }.into(),
		),
		(
			"code that nobody has authorised",
			frame_system::Call::apply_authorized_upgrade { code: vec![0; 9] }.into(),
		),
		("a proxy of a stranger", proxied(Alice, deposit(1))),
		(
			"many in a batch",
			Utility::force_batch { calls: vec![Margin::deposit { sub: MAIN, amount: Quote(1) }.into(); 8] }
				.into(),
		),
		("for a derived account", Utility::as_derivative { index: 7, call: Box::new(deposit(1)) }.into()),
		(
			"a report in an account's name, for nothing",
			keel_oracle::Call::report {
				member: Alice.to_account_id(),
				round: 0,
				reports: Default::default(),
				signature: sp_core::sr25519::Signature::default().into(),
			}
			.into(),
		),
	]
}

#[test]
fn neither_one_account_nor_a_stranger_fills_the_room_that_is_kept() {
	for (what, call) in attacks() {
		// What it was: as many as there is room for, and no top-up of anybody else.
		on("local", || {
			fill_the_block();
			let sent = filled_without_the_check(Ferdie, &call);
			// What is too little for one more of them is filled with the least there is.
			let rest = filled_without_the_check(Ferdie, &Margin::cancel_offer { offer: 9 }.into());
			println!("{what}: {sent} of them filled the room, and {rest} of the least");
			assert!(sent >= 1, "{what}");
			assert_eq!(submit(Alice, deposit(100)), Err(no_room()), "{what}");
		});
		on("local", || {
			fill_the_block();
			let sent = filled(Ferdie, &call);
			assert!(sent <= 1, "{what}: {sent}");
			assert_eq!(submit(Alice, deposit(100)), Ok(Ok(())), "{what}");
		});
	}
}

/// Twice the same at once: the first is what it is, the second waits. In the next block it is the first again.
fn waits_for_the_next_block(key: Sr25519Keyring, call: &RuntimeCall, answer: DispatchResult) {
	assert_eq!(submit(key, call.clone()), Ok(answer));
	let known = System::account_nonce(key.to_account_id());
	for _ in 0..3 {
		assert_eq!(submit(key, call.clone()), Err(no_room()));
	}
	assert_eq!(System::account_nonce(key.to_account_id()), known, "it can be sent again");
	next_block();
}

#[test]
fn one_of_a_kind_gets_into_a_block_whether_it_succeeds_or_fails() {
	on("dev", || {
		open_markets(PRICES);
		waits_for_the_next_block(Bob, &deposit(5_000), Ok(()));
		let too_little = Err(keel_margin::Error::<Runtime>::AmountTooSmall.into());
		let fails = Margin::deposit { sub: MAIN, amount: Quote(1) }.into();
		waits_for_the_next_block(Bob, &fails, too_little);
		waits_for_the_next_block(Bob, &deposit(1), Ok(()));
		// Calls that are not urgent are none of its business.
		let transfer = Margin::transfer { from: MAIN, to: SubAccount(1), amount: Quote::dollars(10) };
		for _ in 0..3 {
			assert_ok!(submit(Bob, transfer.clone()).expect("it is valid"));
		}
	});
}

/// Bob is long, and Dave short, of one bitcoin.
fn bob_and_dave_trade() {
	open_markets(PRICES);
	dollars(Bob, 5_000);
	dollars(Dave, 5_000);
	let (side, size, price) = (Side::Short, Size::ONE, Price::dollars(8_000));
	let offer = keel_margin::OfferIds::<Runtime>::get().next;
	let expires = System::block_number() + 10;
	assert_ok!(send(
		Dave,
		Margin::offer_trade { sub: MAIN, market: BTC, side, size, price, expires, taker: None }
	));
	assert_ok!(send(Bob, Margin::accept_trade { offer, sub: MAIN }));
	next_block();
}

#[test]
fn in_a_block_that_is_full_others_add_margin_reduce_cancel_and_stop() {
	on("local", || {
		bob_and_dave_trade();
		for member in [Alice, Bob, Charlie, Dave, Eve] {
			assert_eq!(report(member, PRICES), Ok(Ok(())));
		}
		fill_the_block();
		for (_, call) in attacks() {
			filled(Ferdie, &call);
		}
		let offer = keel_margin::OfferIds::<Runtime>::get().next;
		assert_eq!(submit(Dave, reduce(BTC)), Ok(Ok(())));
		assert_eq!(submit(Bob, Margin::accept_reduce { offer, sub: MAIN }), Ok(Ok(())));
		for owner in [Alice, Bob, Charlie, Dave, Eve] {
			assert_eq!(submit(owner, deposit(100)), Ok(Ok(())));
		}
		let act = Act::HaltMarket { market: BTC, blocks: 3 };
		for member in [Alice, Charlie, Eve] {
			let call = keel_emergency::Call::approve { act: act.clone() };
			assert_eq!(submit(member, call), Ok(Ok(())), "{member}");
		}
		assert!(events().contains(&keel_emergency::Event::Done { act }.into()));
		// What is not urgent finds its own room and no more.
		assert_eq!(submit(Charlie, pallet_identity::Call::clear_identity {}).map(drop), Ok(()));
	});
}

#[test]
fn in_a_block_that_a_vote_fills_margin_is_added_behind_every_attack() {
	on("dev", || {
		let proposal = super::governance::note(Alice, &remark(200));
		let value = configs::governance::MinimumDeposit::get();
		assert_ok!(send(Bob, pallet_democracy::Call::propose { proposal, value }));
		to_block(period::<keel_change_control::periods::LaunchPeriod<Runtime>>());
		let used = System::block_weight().total().ref_time();
		assert!(used >= BLOCK_WEIGHT.ref_time() / 10 * 9, "democracy has taken the block: {used}");
		for (_, call) in attacks() {
			filled(Ferdie, &call);
		}
		for owner in [Alice, Bob, Charlie, Dave, Eve] {
			assert_eq!(submit(owner, deposit(10)), Ok(Ok(())), "{owner}");
		}
	});
}

#[test]
fn whoever_cannot_do_it_is_refused_before_the_pool_takes_it() {
	let hash = Hash::default();
	let pool = |key, call: RuntimeCall| {
		let transaction = signed(key, call);
		Executive::validate_transaction(TransactionSource::External, transaction, hash).map(drop)
	};
	on("local", || {
		bob_and_dave_trade();
		let nobody = Sr25519Keyring::One;
		fund_nobody();
		let cases: [(_, RuntimeCall, Refusal); 13] = [
			(nobody, deposit(1), Refusal::TooLittle),
			(nobody, reduce(BTC), Refusal::NoPosition),
			(Bob, reduce(MarketId(1)), Refusal::NoPosition),
			(Bob, Margin::cancel_offer { offer: 77 }.into(), Refusal::UnknownOffer),
			(Bob, Margin::accept_reduce { offer: 77, sub: MAIN }.into(), Refusal::UnknownOffer),
			(Ferdie, keel_emergency::Call::approve { act: Act::EnterSafeMode }.into(), Refusal::NoSeat),
			(Ferdie, keel_emergency::Call::halt_alone { market: BTC }.into(), Refusal::NoSeat),
			(Ferdie, Sec::vote { proposal: hash, index: 0, approve: true }.into(), Refusal::NoSeat),
			(Alice, keel_emergency::Call::act { act: Act::EnterSafeMode }.into(), Refusal::NotByAccounts),
			(Alice, frame_system::Call::set_code { code: vec![] }.into(), Refusal::NotByAccounts),
			(Ferdie, proxied(Alice, deposit(1)), Refusal::NotAProxy),
			(Bob, Utility::batch_all { calls: vec![deposit(1), deposit(2)] }.into(), Refusal::TooMany),
			(
				Alice,
				frame_system::Call::apply_authorized_upgrade { code: vec![1; 100] }.into(),
				Refusal::NotAuthorised,
			),
		];
		for (key, call, refusal) in cases {
			assert_eq!(pool(key, call.clone()), Err(refused(refusal)), "{key}: {call:?}");
			assert_eq!(submit(key, call.clone()), Err(refused(refusal)), "{key}: {call:?}");
		}
		// The controls: whoever can.
		for (key, call) in [
			(Bob, deposit(1)),
			(Bob, reduce(BTC)),
			(Alice, keel_emergency::Call::approve { act: Act::EnterSafeMode }.into()),
			(Bob, Utility::batch_all { calls: vec![deposit(1), reduce(BTC)] }.into()),
		] {
			assert_ok!(pool(key, call));
		}
		assert_eq!(keel_urgent_calls::UsedNow::<Runtime>::iter().count(), 0, "the pool uses nothing");
	});
}

#[test]
fn a_cancellation_is_its_makers_and_everybodys_when_it_has_expired() {
	on("dev", || {
		bob_and_dave_trade();
		let offer = keel_margin::OfferIds::<Runtime>::get().next;
		assert_ok!(send(Bob, reduce(BTC)));
		let cancel = || Margin::cancel_offer { offer };
		assert_eq!(submit(Charlie, cancel()), Err(refused(Refusal::UnknownOffer)));
		keel_margin::Offers::<Runtime>::mutate(offer, |terms| {
			terms.as_mut().expect("it is there").expires = System::block_number() - 1;
		});
		assert_eq!(submit(Charlie, cancel()), Ok(Ok(())));
		assert_eq!(submit(Eve, cancel()), Err(refused(Refusal::UnknownOffer)), "it is gone");
	});
}

#[test]
fn a_proxy_counts_for_itself_and_for_whom_it_acts_within_what_it_may() {
	use configs::wallets::ProxyType;
	on("dev", || {
		bob_and_dave_trade();
		let name_proxy = |real, delegate: Sr25519Keyring, proxy_type| {
			let delegate = MultiAddress::Id(delegate.to_account_id());
			assert_ok!(send(real, pallet_proxy::Call::add_proxy { delegate, proxy_type, delay: 0 }));
		};
		name_proxy(Bob, Eve, ProxyType::Trade);
		name_proxy(Dave, Eve, ProxyType::Trade);
		name_proxy(Bob, Ferdie, ProxyType::Governance);
		assert_eq!(submit(Eve, proxied(Bob, deposit(5))), Ok(Ok(())));
		// One for himself, and one for whom he acts, whoever that is.
		assert_eq!(submit(Eve, proxied(Dave, deposit(5))), Err(no_room()));
		assert_eq!(submit(Eve, deposit(5)), Err(no_room()));
		assert_eq!(submit(Bob, deposit(5)), Err(no_room()));
		assert_eq!(submit(Dave, deposit(5)), Ok(Ok(())));
		// Another kind is another thing.
		assert_eq!(submit(Eve, proxied(Bob, reduce(BTC))), Ok(Ok(())));
		next_block();
		// Who may not act for Bob in this uses up nothing of Bob's, in whatever it is wrapped.
		let batch = |call| Utility::batch_all { calls: vec![call] }.into();
		for call in
			[proxied(Bob, deposit(5)), proxied(Bob, batch(deposit(5))), batch(proxied(Bob, deposit(5)))]
		{
			assert_eq!(submit(Ferdie, call.clone()), Err(refused(Refusal::NotAProxy)));
			assert_eq!(submit(Charlie, call), Err(refused(Refusal::NotAProxy)));
		}
		let both = Utility::batch_all { calls: vec![proxied(Bob, deposit(5)), proxied(Dave, deposit(5))] };
		assert_eq!(submit(Eve, both), Err(refused(Refusal::TooMany)));
		assert_eq!(submit(Bob, deposit(5)), Ok(Ok(())));
	});
}

#[test]
fn derived_and_shared_accounts_are_no_second_account() {
	on("dev", || {
		let index = 3;
		let derived = pallet_utility::derivative_account_id(Bob.to_account_id(), index);
		let shared = Multisig::multi_account_id(
			&{
				let mut all = vec![Bob.to_account_id(), Eve.to_account_id()];
				all.sort();
				all
			},
			1,
		);
		for account in [&derived, &shared] {
			let transfer = pallet_assets::Call::transfer {
				id: codec::Compact(constants::USDK),
				target: MultiAddress::Id(account.clone()),
				amount: 100_000_000,
			};
			assert_ok!(send(Bob, transfer));
			let dest = MultiAddress::Id(account.clone());
			let value = constants::currency::KEEL;
			assert_ok!(send(Bob, pallet_balances::Call::transfer_keep_alive { dest, value }));
		}
		let for_derived = Utility::as_derivative { index, call: Box::new(deposit(5)) };
		let for_shared = pallet_multisig::Call::as_multi_threshold_1 {
			other_signatories: vec![Eve.to_account_id()],
			call: Box::new(deposit(5)),
		};
		assert_eq!(submit(Bob, for_derived.clone()), Ok(Ok(())));
		assert_eq!(submit(Bob, for_shared.clone()), Err(no_room()));
		assert_eq!(submit(Bob, deposit(5)), Err(no_room()));
		next_block();
		assert_eq!(submit(Bob, for_shared), Ok(Ok(())));
		let mine = pallet_multisig::Call::as_multi_threshold_1 {
			other_signatories: vec![Bob.to_account_id()],
			call: Box::new(deposit(5)),
		};
		assert_eq!(submit(Eve, mine), Err(no_room()), "the account is one, whoever signs for it");
	});
}

#[test]
fn members_vote_and_approve_some_times_in_a_block_and_carry_out_nothing_heavy() {
	on("local", || {
		let propose = |threshold, bytes: usize| {
			let proposal = Box::new(remark(bytes));
			RuntimeCall::from(Sec::propose { threshold, proposal, length_bound: 4_000_000 })
		};
		assert_eq!(submit(Alice, propose(3, 10)), Ok(Ok(())));
		assert_eq!(submit(Alice, propose(3, 11)), Err(no_room()));
		// What declares a tenth of a block, to be carried out at once without a vote.
		let weight = Weight::from_parts(BLOCK_WEIGHT.ref_time() / 10, 0);
		let heavy = || Box::new(Utility::with_weight { call: Box::new(remark(1)), weight }.into());
		let alone: [Sec; 2] = [
			Sec::propose { threshold: 1, proposal: heavy(), length_bound: 100 },
			Sec::execute { proposal: heavy(), length_bound: 100 },
		];
		for call in alone {
			assert_eq!(submit(Bob, call), Err(refused(Refusal::TooHeavy)));
		}
		let hash = pallet_collective::Proposals::<Runtime, pallet_collective::Instance4>::get()[0];
		let vote = |approve| Sec::vote { proposal: hash, index: 0, approve };
		for round in 0..4 {
			assert_ok!(submit(Bob, vote(round % 2 == 0)).expect("it is valid"));
		}
		assert_eq!(submit(Bob, vote(true)), Err(no_room()));
		let close = || Sec::close {
			proposal_hash: hash,
			index: 0,
			proposal_weight_bound: Weight::from_parts(1_000_000_000, 10_000),
			length_bound: 100,
		};
		// Not decided yet: nobody closes it. Then anybody does, once.
		assert_eq!(submit(Ferdie, close()), Err(refused(Refusal::NothingToClose)));
		next_block();
		for member in [Bob, Charlie, Dave] {
			assert_ok!(submit(member, vote(true)).expect("it is valid"));
		}
		let heavy = Sec::close {
			proposal_hash: hash,
			index: 0,
			proposal_weight_bound: Weight::from_parts(500_000_000_000, 0),
			length_bound: 100,
		};
		assert_eq!(submit(Ferdie, heavy), Err(refused(Refusal::TooHeavy)));
		assert_eq!(submit(Ferdie, close()), Ok(Ok(())));
		assert_eq!(submit(Eve, close()), Err(refused(Refusal::NothingToClose)));
	});
}

#[test]
fn whoever_has_the_code_that_was_authorised_applies_it() {
	on("dev", || {
		let code = vec![7; 100_000];
		let hash = sp_io::hashing::blake2_256(&code).into();
		let apply = |code: &[u8]| frame_system::Call::apply_authorized_upgrade { code: code.to_vec() };
		assert_eq!(submit(Bob, apply(&code)), Err(refused(Refusal::NotAuthorised)));
		assert_ok!(System::authorize_upgrade_without_checks(RuntimeOrigin::root(), hash));
		assert_eq!(submit(Bob, apply(&code[1..])), Err(refused(Refusal::NotAuthorised)));
		// Hashing it is charged for.
		let weight = |code: &[u8]| signed(Bob, apply(code)).get_dispatch_info().extension_weight.ref_time();
		assert!(weight(&code) > weight(&[]) + 6 * 50_000_000, "{} {}", weight(&code), weight(&[]));
		assert_ok!(submit(Bob, apply(&code)).expect("it is valid"));
	});
}

/// Calls of the class Operational by name, and why the extension refuses them from an account that has nothing.
fn refusals() -> BTreeSet<(String, u8)> {
	let urgent =
		calls().into_iter().filter(|call| call.get_dispatch_info().class == DispatchClass::Operational);
	urgent
		.map(|call| match submit(Sr25519Keyring::One, call.clone()) {
			Err(TransactionValidityError::Invalid(InvalidTransaction::Custom(code))) => (name(&call), code),
			other => panic!("{} of an account that has nothing: {other:?}", name(&call)),
		})
		.collect()
}

/// What docs/spec/governance.md says of each urgent call: of which kind it is, and how often it gets into a block.
fn documented() -> BTreeSet<(String, String, u8)> {
	let page = include_str!("../../../docs/spec/governance.md");
	let (_, section) = page.split_once("## Urgent calls").expect("there is a section");
	let (section, _) = section.split_once("###").expect("and one after it");
	let rows = section.lines().filter(|line| line.starts_with("| ") && line.contains('`'));
	rows.flat_map(|row| {
		let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
		let [kind, names, _, times] = cells[..] else { panic!("{row}") };
		let times = times.parse().expect("a number");
		names.split('`').skip(1).step_by(2).map(move |name| (name.to_owned(), kind.to_owned(), times))
	})
	.collect()
}

#[test]
fn the_page_on_governance_says_of_each_urgent_call_who_may_and_how_often() {
	let kind = |words: &str| {
		let found = Kind::ALL.iter().find(|kind| {
			let name = format!("{kind:?}").to_lowercase();
			name == words.replace(' ', "")
		});
		*found.unwrap_or_else(|| panic!("{words} is no kind"))
	};
	let documented = documented();
	let names: BTreeSet<_> = documented.iter().map(|(name, ..)| name.clone()).collect();
	for (name, words, times) in &documented {
		assert_eq!(kind(words).allowance(), *times, "{name}");
	}
	on("local", || {
		fund_nobody();
		let nobodys = Refusal::NotByAccounts.code();
		let somebodys = refusals().into_iter().filter(|(_, code)| *code != nobodys);
		assert_eq!(names, somebodys.map(|(name, _)| name).collect());
	});
}

/// An account that has nothing but the fee.
fn fund_nobody() {
	let value = constants::currency::KEEL;
	let dest = MultiAddress::Id(Sr25519Keyring::One.to_account_id());
	assert_ok!(send(Alice, pallet_balances::Call::transfer_keep_alive { dest, value }));
}

#[test]
fn every_urgent_call_of_the_runtime_is_somebodys_or_nobodys() {
	on("local", || {
		fund_nobody();
		let all = refusals();
		let bodies = ["Council", "TechnicalCommittee", "RiskCommittee", "SecurityCouncil"];
		let of_bodies = bodies.iter().flat_map(|body| {
			let seat = ["execute", "propose", "vote"].map(|call| (format!("{body}.{call}"), Refusal::NoSeat));
			seat.into_iter().chain([(format!("{body}.close"), Refusal::NothingToClose)])
		});
		let somebodys: BTreeSet<_> = [
			("Margin.deposit", Refusal::TooLittle),
			("Margin.offer_reduce", Refusal::NoPosition),
			("Margin.accept_reduce", Refusal::UnknownOffer),
			("Margin.cancel_offer", Refusal::UnknownOffer),
			("Emergency.approve", Refusal::NoSeat),
			("Emergency.halt_alone", Refusal::NoSeat),
			("System.apply_authorized_upgrade", Refusal::NotAuthorised),
		]
		.into_iter()
		.map(|(call, refusal)| (call.to_owned(), refusal))
		.chain(of_bodies)
		.map(|(call, refusal)| (call, refusal.code()))
		.collect();
		let nobodys = Refusal::NotByAccounts.code();
		let (others, found): (BTreeSet<_>, BTreeSet<_>) =
			all.into_iter().partition(|(_, code)| *code == nobodys);
		assert_eq!(found, somebodys);
		let others: Vec<_> = others.into_iter().map(|(call, _)| call).collect();
		for call in ["Oracle.report", "Emergency.act", "CircuitBreaker.halt_market", "ChangeControl.enact"] {
			assert!(others.iter().any(|other| other == call), "{call} is not in {others:?}");
		}
	});
}

#[test]
fn a_member_who_is_refused_in_the_call_uses_up_his_own_and_nobody_elses() {
	on("local", || {
		let approve = |act| keel_emergency::Call::approve { act };
		let none = keel_emergency::Call::halt_alone { market: MarketId(9) };
		let unknown: DispatchError = keel_circuit_breaker::Error::<Runtime>::UnknownMarket.into();
		for _ in 0..4 {
			assert_eq!(submit(Eve, none.clone()), Ok(Err(unknown)));
		}
		assert_eq!(submit(Eve, none), Err(no_room()));
		assert_eq!(submit(Alice, approve(Act::EnterSafeMode)), Ok(Ok(())));
	});
}
