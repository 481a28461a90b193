// SPDX-License-Identifier: Apache-2.0
//! What an account takes in the state.

use codec::Encode;
use frame_support::storage::StoragePrefixedMap;
use keel_primitives::{MarketId, Size, SubAccount};
use keel_runtime::Runtime;
use keel_sim::chain::Chain;
use pallet_balances::AccountData;

use crate::{
	blocks,
	people::{come, main_account, person, trade, MARKETS},
};

/// Bytes of an account with so many positions.
pub struct Sizes {
	pub positions: u32,
	/// The account's item: its value.
	pub account: usize,
	/// Its keys in the trigger book, which have no values: how many, and their bytes together.
	pub triggers: usize,
	pub trigger_bytes: usize,
	/// The value of an account of the system.
	pub system: usize,
}

/// An account with positions in so many markets, half of them long, with a margin call armed.
pub fn measure(positions: u32) -> Sizes {
	let mut chain = Chain::genesis();
	let (who, rich) = (person("trader", 0), person("rich", 0));
	chain.act(|| {
		blocks::open_markets(MARKETS);
		come(&who, 1_000_000);
		come(&rich, 1_000_000);
		for market in (0..positions).map(MarketId) {
			let (long, short) = if market.0 % 2 == 0 { (&who, &rich) } else { (&rich, &who) };
			trade(long, short, market, Size::ONE).expect("both have margin");
		}
	});
	let account = chain.try_out(|| keel_margin::Accounts::<Runtime>::get(&who, SubAccount(0)));
	assert_eq!(account.positions.len(), usize::try_from(positions).expect("there are few"));
	// A key of the trigger book ends with whose it is.
	let whose = main_account(&who).encode();
	let prefix = keel_margin::Triggers::<Runtime>::final_prefix();
	let triggers: Vec<_> = chain.keys(&prefix).into_iter().filter(|key| key.ends_with(&whose)).collect();
	let system = frame_system::AccountInfo::<u32, AccountData<u128>>::default();
	Sizes {
		positions,
		account: account.encoded_size(),
		triggers: triggers.len(),
		trigger_bytes: triggers.iter().map(Vec::len).sum(),
		system: system.encoded_size(),
	}
}
