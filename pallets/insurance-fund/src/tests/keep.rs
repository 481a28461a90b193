// SPDX-License-Identifier: Apache-2.0

use super::*;

#[test]
fn penalties_fill_the_tranche_to_its_target_then_the_fund() {
	#[rustfmt::skip]
	let table = [
		("there is room for all of it",      100,  40,  60, 60,  0),
		("one dollar more than there is room", 100, 40,  61, 60,  1),
		("the tranche is full",              100, 100,  30,  0, 30),
		("the tranche is above its target",  100, 150,  30,  0, 30),
		("a target of zero takes nothing",     0,   0,  30,  0, 30),
		("nothing to keep",                  100,  40,   0,  0,  0),
	];
	for (why, target, balance_before, penalty, to_tranche, to_fund) in table {
		World::default().tranche(BTC, target, balance_before).run(|| {
			keep(BTC, dollars(penalty));
			assert_eq!(balance(Pot::Tranche(BTC)), dollars(balance_before + to_tranche), "{why}");
			assert_eq!(balance(Pot::Fund), dollars(to_fund), "{why}");
		});
	}
}

#[test]
fn the_penalty_of_a_market_without_a_tranche_is_not_lost() {
	World::default().run(|| {
		keep(UNKNOWN, Quote(1));
		assert_eq!(balance(Pot::Fund), Quote(1));
	});
}

#[test]
fn tells_where_a_penalty_went() {
	World::default().tranche(BTC, 10, 0).run(|| {
		keep(BTC, dollars(12));
		assert_eq!(last_event(), Event::Kept { market: BTC, tranche: dollars(10), fund: dollars(2) });
	});
}
