// SPDX-License-Identifier: Apache-2.0
//! Whole blocks, as a node makes them. Called inside of a chain.

use std::sync::OnceLock;

use codec::Encode;
use frame_support::inherent::ProvideInherent;
use keel_oracle::{Report, ReportsOf};
use keel_primitives::{FeedId, Price};
use keel_runtime::{
	constants::time::SLOT_MS, genesis::exchange::REPORTERS, AccountId, Executive, Header, Nonce, Oracle,
	Runtime, RuntimeCall, System, Timestamp, TxExtension, UncheckedExtrinsic,
};
use sp_consensus_aura::{Slot, AURA_ENGINE_ID};
use sp_core::{sr25519, Pair};
use sp_inherents::InherentData;
use sp_runtime::{
	generic::{Digest, DigestItem, Era},
	traits::Header as _,
	MultiSignature,
};

/// A slot well after the epoch.
const FIRST_SLOT: u64 = 850_000_000;
/// Under which the slot's time is given to a block.
const TIMESTAMP: sp_inherents::InherentIdentifier = *b"timstap0";

/// How many members the oracle of a development chain has.
pub const MEMBERS: usize = REPORTERS.len();

/// Begin the block after this one, a slot later: hooks run, and the time is set.
pub fn begin() {
	let number = System::block_number() + 1;
	let slot = Slot::from(FIRST_SLOT + u64::from(number));
	let digest = Digest { logs: vec![DigestItem::PreRuntime(AURA_ENGINE_ID, slot.encode())] };
	let parent = if number == 1 { Default::default() } else { System::parent_hash() };
	Executive::initialize_block(&Header::new(number, Default::default(), Default::default(), parent, digest));
	let mut data = InherentData::new();
	data.put_data(TIMESTAMP, &(*slot * SLOT_MS)).expect("it encodes");
	let call = Timestamp::create_inherent(&data).expect("there is a timestamp");
	Executive::apply_extrinsic(UncheckedExtrinsic::new_bare(call.into()))
		.expect("an inherent is valid")
		.expect("the timestamp is set");
}

/// End this block: what is idle runs, and its header is made.
pub fn finish() -> Header {
	Executive::finalize_block()
}

/// Put what a member says into this block, as a feeder does: signed by its reporter key, as a general transaction.
/// `prices` are in ascending order of feed.
pub fn report(member: usize, prices: &[(FeedId, Price)]) {
	let round = System::block_number() - 1;
	let reports: Vec<Report> = prices
		.iter()
		.map(|(feed, price)| Report { feed: *feed, price: *price, confidence: Price(price.0 / 10_000) })
		.collect();
	let reports = ReportsOf::<Runtime>::try_from(reports).expect("there are no more feeds than may be");
	let (account, key) = &members()[member];
	let payload = Oracle::report_payload(round, &reports);
	let signature = MultiSignature::Sr25519(key.sign(&payload));
	let call = keel_oracle::Call::<Runtime>::report { member: account.clone(), round, reports, signature };
	let transaction = UncheckedExtrinsic::new_transaction(RuntimeCall::from(call), extension());
	Executive::apply_extrinsic(transaction).expect("a report is valid").expect("a report is taken");
}

/// The members of the oracle and their reporter keys.
fn members() -> &'static [(AccountId, sr25519::Pair)] {
	static KEYS: OnceLock<Vec<(AccountId, sr25519::Pair)>> = OnceLock::new();
	KEYS.get_or_init(|| {
		let key = |name: &str| sr25519::Pair::from_string(&format!("//{name}//reporter"), None);
		REPORTERS
			.iter()
			.map(|(member, _)| (member.to_account_id(), key(&member.to_string()).expect("a development key")))
			.collect()
	})
}

fn extension() -> TxExtension {
	(
		frame_system::AuthorizeCall::new(),
		frame_system::CheckNonZeroSender::new(),
		frame_system::CheckSpecVersion::new(),
		frame_system::CheckTxVersion::new(),
		frame_system::CheckGenesis::new(),
		frame_system::CheckEra::from(Era::Immortal),
		frame_system::CheckNonce::from(Nonce::from(0_u32)),
		frame_system::CheckWeight::new(),
		pallet_transaction_payment::ChargeTransactionPayment::from(0).into(),
		keel_urgent_calls::CheckUrgency::new(),
		frame_metadata_hash_extension::CheckMetadataHash::new(false),
		frame_system::WeightReclaim::new(),
	)
}
