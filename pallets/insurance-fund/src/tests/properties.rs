// SPDX-License-Identifier: Apache-2.0
//! Any sequence of commands, against a model that is slow and obvious.

use super::*;
use crate::{invariants::do_try_state, Caps};
use keel_test_support::{Clock, BOB};
use keel_traits::Claims;
use proptest::prelude::*;
use std::collections::BTreeMap;

const HOUR_MS: u64 = 60 * 60 * 1_000;

/// Amounts are in the smallest unit.
#[derive(Clone, Debug)]
enum Command {
	Keep(MarketId, i128),
	/// Market, loss, and what the fund has paid for the account before.
	Absorb(MarketId, i128, i128),
	Contribute(Pot, i128),
	Withdraw(Pot, i128),
	SetTarget(MarketId, i128),
	SetCaps([i128; 3]),
	NextBlock {
		after: u64,
	},
}

fn command() -> impl Strategy<Value = Command> {
	let market = || prop::sample::select(vec![BTC, ETH, UNKNOWN]);
	let pot = || prop::sample::select(vec![Pot::Tranche(BTC), Pot::Tranche(UNKNOWN), Pot::Fund]);
	let amount = || -2..1_000i128;
	prop_oneof![
		1 => (market(), amount()).prop_map(|(market, amount)| Command::Keep(market, amount)),
		3 => (market(), amount(), 0..500i128)
			.prop_map(|(market, loss, before)| Command::Absorb(market, loss, before)),
		1 => (pot(), amount()).prop_map(|(pot, amount)| Command::Contribute(pot, amount)),
		1 => (pot(), amount()).prop_map(|(pot, amount)| Command::Withdraw(pot, amount)),
		1 => (market(), amount()).prop_map(|(market, target)| Command::SetTarget(market, target)),
		1 => [amount(), amount(), amount()].prop_map(Command::SetCaps),
		1 => Just(Command::NextBlock { after: 0 }),
		1 => (1..14 * HOUR_MS).prop_map(|after| Command::NextBlock { after }),
	]
}

/// Every pot by its balance, every payment of the fund for a loss, and nothing clever.
#[derive(Default)]
struct Model {
	balances: BTreeMap<Pot, i128>,
	targets: BTreeMap<MarketId, i128>,
	caps: [i128; 3],
	block: u64,
	now: u64,
	/// Block, time and amount.
	payments: Vec<(u64, u64, i128)>,
}

impl Model {
	fn take(&mut self, pot: Pot, amount: i128) -> i128 {
		let balance = self.balances.entry(pot).or_default();
		let taken = amount.clamp(0, *balance);
		*balance -= taken;
		taken
	}

	fn keep(&mut self, market: MarketId, amount: i128) {
		let pot = Pot::Tranche(market);
		for _ in 0..amount {
			let balance = self.balances.get(&pot).copied().unwrap_or_default();
			let to = if balance < self.targets.get(&market).copied().unwrap_or_default() {
				pot
			} else {
				Pot::Fund
			};
			*self.balances.entry(to).or_default() += 1;
		}
	}

	fn absorb(&mut self, market: MarketId, loss: i128, before: i128) -> (i128, i128) {
		let tranche = self.take(Pot::Tranche(market), loss);
		let (block, hour) = (self.block, self.now / HOUR_MS);
		let spent = |counts: &dyn Fn(u64, u64) -> bool| -> i128 {
			self.payments.iter().filter(|(b, t, _)| counts(*b, *t)).map(|(_, _, paid)| paid).sum()
		};
		let left = (self.caps[0] - before)
			.min(self.caps[1] - spent(&|b, _| b == block))
			.min(self.caps[2] - spent(&|_, t| t / HOUR_MS + 24 >= hour));
		let fund = self.take(Pot::Fund, (loss - tranche).min(left));
		self.payments.push((block, self.now, fund));
		(tranche, fund)
	}
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(512))]

	#[test]
	fn the_pots_do_what_the_model_does(commands in prop::collection::vec(command(), 1..60)) {
		World::default().tranche(BTC, 0, 0).tranche(ETH, 0, 0).run(|| {
			Custody::give(ALICE, dollars(1));
			let mut model = Model { block: 1, ..Default::default() };
			for command in commands {
				match command {
					Command::Keep(market, amount) => {
						keep(market, Quote(amount.max(0)));
						model.keep(market, amount);
					},
					Command::Absorb(market, loss, before) => {
						let paid = absorb_more(market, Quote(loss), Quote(before));
						assert_eq!((paid.tranche.0, paid.fund.0), model.absorb(market, loss, before));
					},
					Command::Contribute(pot, amount) => {
						let origin = RuntimeOrigin::signed(ALICE);
						if InsuranceFund::contribute(origin, pot, Quote(amount)).is_ok() {
							*model.balances.entry(pot).or_default() += amount;
						}
					},
					Command::Withdraw(pot, amount) => {
						let had = pot.balance::<Test>().unwrap_or_default().0;
						let done = InsuranceFund::withdraw(RuntimeOrigin::root(), pot, BOB, Quote(amount));
						assert_eq!(done.is_ok(), amount > 0 && amount <= had);
						if done.is_ok() {
							model.take(pot, amount);
						}
					},
					Command::SetTarget(market, target) => {
						let origin = RuntimeOrigin::root();
						if InsuranceFund::set_target(origin, market, Quote(target)).is_ok() {
							model.targets.insert(market, target);
						}
					},
					Command::SetCaps(caps) => {
						let [per_account, per_block, per_day] = caps.map(Quote);
						let new =
							Caps { per_account, per_owner: per_day, per_market: per_day, per_block, per_day };
						if InsuranceFund::set_caps(RuntimeOrigin::root(), new).is_ok() {
							model.caps = caps;
						}
					},
					// Time stands still within a block.
					Command::NextBlock { after } => {
						model.now += after;
						Clock::advance(after);
						model.block += 1;
						System::set_block_number(model.block);
					},
				}
				for (pot, balance) in &model.balances {
					assert_eq!(pot.balance::<Test>().unwrap_or_default().0, *balance, "{pot:?}");
				}
				do_try_state::<Test>().unwrap();
				assert_eq!(InsuranceFund::claims(), Custody::held());
			}
		});
	}
}
