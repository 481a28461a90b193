// SPDX-License-Identifier: Apache-2.0
//! What goes on in which state of a market and of the chain: each call is tried, and the page on breakers says what is so.

use std::collections::BTreeMap;

use frame_support::{
	assert_ok,
	storage::{with_transaction, TransactionOutcome},
	traits::PalletsInfoAccess,
};
use keel_emergency::{Act, CallName};
use keel_primitives::*;
use sp_keyring::Sr25519Keyring;
use sp_runtime::{traits::Dispatchable, DispatchError, DispatchResult};

use super::{
	chain::*,
	exchange::{dollars, open_markets, reported_block, BTC},
	motions::{calls, name},
};
use keel_runtime::{configs::emergency::goes_on, *};

type Margin = keel_margin::Call<Runtime>;
type Fund = keel_insurance_fund::Call<Runtime>;

const MAIN: SubAccount = SubAccount(0);
const PRICES: [u32; 3] = [8_000, 200, 20];

/// Calls of the pallets that trade, as they are tried: by whom, and what is missing for them here though nothing stops
/// them.
pub struct Tried {
	by: Option<Sr25519Keyring>,
	pub call: RuntimeCall,
	lacks: Option<&'static str>,
}

fn by(key: Sr25519Keyring, call: impl Into<RuntimeCall>) -> Tried {
	Tried { by: Some(key), call: call.into(), lacks: None }
}

/// By a referendum.
fn by_vote(call: impl Into<RuntimeCall>) -> Tried {
	Tried { by: None, call: call.into(), lacks: None }
}

impl Tried {
	fn lacks(self, error: &'static str) -> Self {
		Self { lacks: Some(error), ..self }
	}

	/// What it answers now. Nothing is changed.
	fn answer(&self) -> DispatchResult {
		let origin =
			self.by.map_or_else(RuntimeOrigin::root, |key| RuntimeOrigin::signed(key.to_account_id()));
		undone(|| self.call.clone().dispatch(origin).map(drop).map_err(|refused| refused.error))
	}

	/// `yes`, or the error that stops it.
	pub fn outcome(&self) -> String {
		match self.answer() {
			Ok(()) => "yes".to_owned(),
			Err(error) => {
				let error = error_name(error);
				let stops = self.lacks.is_none_or(|lacks| !error.ends_with(lacks));
				if stops {
					format!("`{error}`")
				} else {
					"yes".to_owned()
				}
			}
		}
	}
}

fn undone<R>(act: impl FnOnce() -> R) -> R {
	let outcome = || TransactionOutcome::Rollback(Ok::<_, DispatchError>(act()));
	with_transaction(outcome).expect("there is room for a layer of storage")
}

/// `Margin.MarketHalted`.
fn error_name(error: DispatchError) -> String {
	let DispatchError::Module(module) = error else { return format!("{error:?}") };
	let message = module.message.unwrap_or("?");
	let mut pallets = AllPalletsWithSystem::infos().into_iter();
	let owner = pallets.find(|info| info.index == usize::from(module.index));
	format!("{}.{message}", owner.map_or("?", |info| info.name))
}

/// Bob is long and Dave short of one bitcoin; Dave offers to open and to reduce; Eve has margin only.
pub fn traded() -> Vec<Tried> {
	let (market, sub, price) = (BTC, MAIN, Price::dollars(8_000));
	let (one, half) = (Size::ONE, Size(Size::ONE.0 / 2));
	open_markets(PRICES);
	for owner in [Bob, Dave, Eve] {
		dollars(owner, 20_000);
	}
	let next = || keel_margin::OfferIds::<Runtime>::get().next;
	let expires = System::block_number() + 50;
	let offer =
		|size| Margin::offer_trade { sub, market, side: Side::Short, size, price, expires, taker: None };
	let reduce = |size| Margin::offer_reduce { sub, market, size, price, expires, taker: None };
	let first = next();
	assert_ok!(send(Dave, offer(one)));
	assert_ok!(send(Bob, Margin::accept_trade { offer: first, sub }));
	let opens = next();
	assert_ok!(send(Dave, offer(half)));
	let reduces = next();
	assert_ok!(send(Dave, reduce(half)));
	reported_block(PRICES);

	let ten = Quote::dollars(10);
	let listed = || keel_margin::Markets::<Runtime>::get(market).expect("it is listed");
	let account = keel_primitives::MarginAccount::new(Bob.to_account_id(), sub);
	let tranche = keel_insurance_fund::Pot::Tranche(market);
	vec![
		by(Bob, Margin::deposit { sub, amount: ten }),
		by(Bob, Margin::withdraw { sub, amount: ten }),
		by(Bob, Margin::transfer { from: sub, to: SubAccount(1), amount: ten }),
		by(Dave, offer(half)),
		by(Bob, reduce(half)),
		by(Dave, Margin::cancel_offer { offer: opens }),
		by(Eve, Margin::accept_trade { offer: opens, sub }),
		by(Bob, Margin::accept_reduce { offer: reduces, sub }),
		by(Bob, Margin::repay_debt { market, amount: ten }).lacks("NoDebt"),
		by(Bob, Margin::set_leverage { sub, leverage: Some(5) }),
		by(Bob, Margin::set_key_cap { most: ten }),
		by_vote(Margin::list_market {
			feed: FeedId(1),
			name: b"ETH again".to_vec().try_into().expect("it is short"),
			params: listed().params,
		}),
		by_vote(Margin::set_market_params { market, params: listed().params }),
		by_vote(Margin::lift_quarantine { market }).lacks("NotInOrder"),
		by_vote(Margin::settle_market { market, price }).lacks("MarketNotDead"),
		by_vote(Margin::relist_market { market }).lacks("NotSettling"),
		by(Eve, keel_liquidation::Call::liquidate { account }).lacks("Healthy"),
		by(Alice, keel_liquidation::Call::fund_backstop { market, amount: ten }),
		by_vote(keel_liquidation::Call::set_params {
			params: keel_liquidation::CurrentParams::<Runtime>::get(),
		}),
		by(Alice, Fund::contribute { pot: tranche, amount: ten }),
		by(Alice, Fund::sweep {}).lacks("NothingToSweep"),
		by_vote(Fund::set_target { market, target: ten }),
		by_vote(Fund::set_caps { caps: keel_insurance_fund::FundCaps::<Runtime>::get() }),
		by_vote(Fund::withdraw { pot: tranche, to: Alice.to_account_id(), amount: ten })
			.lacks("InsufficientBalance"),
		by(Alice, keel_faucet::Call::drip { who: Eve.to_account_id().into() }),
	]
}

fn act(act: Act<AccountId>) {
	assert_ok!(Emergency::act(RuntimeOrigin::root(), act));
}

fn stand(status: MarketStatus) {
	keel_circuit_breaker::Markets::<Runtime>::mutate(BTC, |market| {
		market.as_mut().expect("it is known").status = status;
	});
}

fn named(call: &RuntimeCall) -> CallName {
	let name = name(call);
	let (pallet, call) = name.split_once('.').expect("both names");
	let bounded = |text: &str| text.as_bytes().to_vec().try_into().expect("it is short");
	CallName { pallet: bounded(pallet), call: bounded(call) }
}

/// A pause of this call: why there cannot be one, or what it answers then.
fn paused(tried: &Tried) -> String {
	undone(|| match Emergency::act(RuntimeOrigin::root(), Act::PauseCall { call: named(&tried.call) }) {
		Ok(()) => tried.outcome(),
		Err(refused) => {
			assert_eq!(error_name(refused), "TxPause.Unpausable");
			"never".to_owned()
		}
	})
}

/// The states that a market and the chain may be in, and how they come to be. Nothing brings a market of block trades to
/// an auction yet: it is put there.
type Enter = fn();
const STATES: [(&str, Enter); 6] = [
	("Open", || ()),
	("Guarded", || act(Act::GuardMarket { market: BTC, blocks: 9 })),
	("Auction", || stand(MarketStatus::Auction)),
	("Halted", || act(Act::HaltMarket { market: BTC, blocks: 9 })),
	("Settling", || <CircuitBreaker as keel_traits::OnMarketListed>::on_market_settling(BTC)),
	("safe mode", || act(Act::EnterSafeMode)),
];

/// The table as it is: each call, and what it answers in each state.
fn found() -> Vec<Vec<String>> {
	let mut rows = Vec::new();
	on("dev", || {
		for tried in traded() {
			let mut row = vec![format!("`{}`", name(&tried.call))];
			row.extend(STATES.map(|(_, enter)| {
				undone(|| {
					enter();
					tried.outcome()
				})
			}));
			row.push(paused(&tried));
			rows.push(row);
		}
	});
	rows
}

/// The same as docs/spec/breakers.md has it.
fn documented() -> Vec<Vec<String>> {
	let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/spec/breakers.md");
	let page = std::fs::read_to_string(path).expect("there is a page");
	let rows = page.lines().filter(|line| line.starts_with("| `"));
	rows.map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
}

#[test]
fn the_page_on_breakers_says_of_each_call_what_goes_on_in_which_state() {
	let (found, documented) = (found(), documented());
	if found != documented {
		for row in &found {
			println!("| {} |", row.join(" | "));
		}
	}
	assert_eq!(found, documented, "the table is printed above as it is");
}

#[test]
fn the_table_has_every_call_of_the_pallets_that_trade() {
	let rows: Vec<_> = documented().into_iter().map(|row| row[0].trim_matches('`').to_owned()).collect();
	let all = ["Margin", "Liquidation", "InsuranceFund", "Faucet"].into_iter().flat_map(|pallet| {
		call_names(pallet).expect("there is one").iter().map(move |call| format!("{pallet}.{call}"))
	});
	let missing: Vec<_> = all.filter(|call| !rows.contains(call)).collect();
	assert_eq!(missing, Vec::<String>::new(), "give each a row");
}

/// Whether the filter lets an account's call pass now.
fn passes(call: &RuntimeCall) -> bool {
	let filtered: DispatchError = frame_system::Error::<Runtime>::CallFiltered.into();
	let origin = RuntimeOrigin::signed(Alice.to_account_id());
	let answer = undone(|| call.clone().dispatch(origin).map(drop).map_err(|refused| refused.error));
	answer != Err(filtered)
}

#[test]
fn every_call_of_the_runtime_passes_in_each_state_as_the_one_table_says() {
	on("dev", || {
		open_markets(PRICES);
		let mut counts = BTreeMap::<&str, usize>::new();
		let all = calls();
		// Calls that could freeze USDK are nobody's, whatever the state.
		let denied: Vec<_> = all.iter().map(|call| !passes(call)).collect();
		for (call, denied) in all.iter().zip(&denied) {
			let name = name(call);
			let (pallet, function) = name.split_once('.').expect("both names");
			let lives = goes_on(pallet, function);
			assert!(!denied || pallet == "Assets", "{name} is denied to all");
			for (state, enter) in STATES {
				let expected = !denied && (lives || state != "safe mode");
				let passes = undone(|| {
					enter();
					passes(call)
				});
				assert_eq!(passes, expected, "{name}, {state}");
				*counts.entry(state).or_default() += usize::from(passes);
			}
			let pause = || Emergency::act(RuntimeOrigin::root(), Act::PauseCall { call: named(call) });
			undone(|| match pause() {
				Ok(()) => {
					assert!(!lives, "{name} was paused, and goes on in safe mode");
					assert!(!passes(call), "{name} is paused, and passes");
					*counts.entry("paused").or_default() += 1;
				}
				Err(refused) => {
					assert_eq!(error_name(refused), "TxPause.Unpausable", "{name}");
					assert!(lives, "{name} cannot be paused, and stops in safe mode");
				}
			});
		}
		println!("{} calls: {counts:?}", all.len());
		assert!(counts["safe mode"] < counts["Open"] && counts["paused"] > 50, "{counts:?}");
		assert_eq!(counts["Open"], counts["Halted"], "what stops a market is in the call, not in the filter");
	});
}
