// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::{GenesisConfig, Tranche, Tranches};
use frame_support::traits::BuildGenesisConfig;
use keel_primitives::FeedId;
use keel_traits::OnMarketListed;

#[test]
fn starts_with_what_genesis_says() {
	World::default().fund(70).tranche(BTC, 100, 30).caps(1, 2, 3).run(|| {
		assert_eq!(balance(Pot::Fund), dollars(70));
		assert_eq!(balance(Pot::Tranche(BTC)), dollars(30));
		assert_eq!(crate::FundCaps::<Test>::get(), caps(1, 2, 3));
	});
}

#[test]
fn its_target_wins_over_that_of_a_market_listed_before() {
	World::default().run(|| {
		InsuranceFund::on_market_listed(BTC, FeedId(0));
		let tranches = vec![(BTC, dollars(100), Quote::ZERO)];
		GenesisConfig::<Test> { tranches, ..Default::default() }.build();
		assert_eq!(Tranches::<Test>::get(BTC), Some(Tranche { balance: Quote::ZERO, target: dollars(100) }));
	});
}

#[test]
#[should_panic = "out of bounds"]
fn does_not_start_with_a_debt() {
	World::default().fund(-1).build();
}

#[test]
#[should_panic = "must rise"]
fn does_not_start_with_invalid_caps() {
	World::default().caps(3, 2, 1).build();
}

#[test]
fn genesis_is_json_that_reads_back() {
	let json = serde_json::json!({
		"caps": {
			"perAccount": 1,
			"perOwner": 2,
			"perMarket": 4,
			"perBlock": 3,
			"perDay": 3_000_000_000_000u64,
		},
		"fund": 5,
		"tranches": [[0, 10, 4]],
	});
	let genesis: GenesisConfig<Test> = serde_json::from_value(json.clone()).unwrap();
	assert_eq!(serde_json::to_value(&genesis).unwrap(), json);
}
