// SPDX-License-Identifier: Apache-2.0
//! A chain in a test: the genesis of a preset, whole blocks, signed transactions.

use codec::Encode;
use frame_support::inherent::ProvideInherent;
pub use frame_support::traits::Get;
use serde_json::Value;
use sp_consensus_aura::{Slot, AURA_ENGINE_ID};
use sp_inherents::InherentData;
use sp_keyring::Sr25519Keyring;
use sp_runtime::{
	generic::{Digest, DigestItem, Era},
	traits::{Dispatchable, Header as _},
	transaction_validity::{InvalidTransaction, TransactionValidityError},
	ApplyExtrinsicResult, BuildStorage, DispatchError, DispatchResult,
};

use keel_runtime::{constants::time::SLOT_MS, genesis, *};

use std::cell::Cell;
pub use Sr25519Keyring::{Alice, Bob, Charlie, Dave, Eve};

/// A slot well after the epoch.
const FIRST_SLOT: u64 = 850_000_000;

thread_local! {
	/// How many slots this chain has had without a block.
	static SKIPPED: Cell<u64> = const { Cell::new(0) };
}

/// Run `test` on a chain with the genesis of `preset`, in its first block, and finish the block it ends in. After
/// each block the invariants of every pallet are checked.
pub fn on(preset: &str, test: impl FnOnce()) {
	on_genesis(config(preset), test);
}

/// No code of these tests is a runtime.
struct NoRuntime;

impl sp_core::traits::ReadRuntimeVersion for NoRuntime {
	fn read_runtime_version(
		&self,
		_: &[u8],
		_: &mut dyn sp_externalities::Externalities,
	) -> Result<Vec<u8>, String> {
		Err("it is no Wasm".into())
	}
}

/// The same with a changed genesis.
pub fn on_genesis(config: Value, test: impl FnOnce()) {
	let config: RuntimeGenesisConfig = serde_json::from_value(config).expect("it is a genesis");
	let mut chain: sp_io::TestExternalities = config.build_storage().expect("genesis builds").into();
	chain.register_extension(sp_core::traits::ReadRuntimeVersionExt::new(NoRuntime));
	chain.execute_with(|| {
		SKIPPED.set(0);
		begin_block();
		test();
		end_block();
	});
}

/// Key, value, and how often it is referred to, as the SDK keeps them.
type Pair = (Vec<u8>, (Vec<u8>, i32));

/// A chain as somebody left it in the middle of a block, to go on from it as often as one likes.
pub struct Left {
	state: Vec<Pair>,
	root: Hash,
}

/// What is left of a chain with the genesis of `preset` after `act` in its first block.
pub fn leave(preset: &str, act: impl FnOnce()) -> Left {
	let config: RuntimeGenesisConfig = serde_json::from_value(config(preset)).expect("it is a genesis");
	let mut chain: sp_io::TestExternalities = config.build_storage().expect("genesis builds").into();
	chain.execute_with(|| {
		SKIPPED.set(0);
		begin_block();
		act();
	});
	chain.commit_all().expect("the state can be kept");
	let (state, root) = chain.into_raw_snapshot();
	Left { state, root }
}

impl Left {
	/// Run `test` from there, and finish the block it ends in.
	pub fn go_on(&self, test: impl FnOnce()) {
		let mut chain = sp_io::TestExternalities::from_raw_snapshot(
			self.state.clone(),
			self.root,
			sp_storage::StateVersion::V1,
		);
		chain.execute_with(|| {
			SKIPPED.set(0);
			test();
			end_block();
		});
	}
}

/// Finish this block, in which every invariant must hold.
fn end_block() {
	Executive::finalize_block();
	let number = System::block_number();
	let broken = super::invariants::broken();
	assert!(broken.is_empty(), "invariants are broken in block {number}: {broken:?}");
}

/// The whole genesis of `preset`, as the node makes it of the preset's patch.
pub fn config(preset: &str) -> Value {
	let mut config = serde_json::to_value(RuntimeGenesisConfig::default()).expect("it has a JSON form");
	let id = match preset {
		"dev" => sp_genesis_builder::DEV_RUNTIME_PRESET,
		"local" => sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET,
		other => other,
	};
	let patch = genesis::preset(&id.into()).expect("the preset exists");
	merge(&mut config, serde_json::from_slice(&patch).expect("it is JSON"));
	config
}

/// `patch` over `config`, as the node merges them.
pub fn merge(config: &mut Value, patch: Value) {
	match (config, patch) {
		(Value::Object(config), Value::Object(patch)) => {
			for (key, value) in patch {
				merge(config.entry(key).or_insert(Value::Null), value);
			}
		}
		(config, patch) => *config = patch,
	}
}

/// Begin the next block; nothing is checked.
pub fn begin_block() {
	let number = System::block_number() + 1;
	let slot = Slot::from(FIRST_SLOT + u64::from(number) + SKIPPED.get());
	let digest = Digest { logs: vec![DigestItem::PreRuntime(AURA_ENGINE_ID, slot.encode())] };
	let parent = if number == 1 { Default::default() } else { System::parent_hash() };
	let header = Header::new(number, Default::default(), Default::default(), parent, digest);
	Executive::initialize_block(&header);
	let mut data = InherentData::new();
	data.put_data(sp_timestamp_key(), &(*slot * SLOT_MS)).expect("it encodes");
	let call = Timestamp::create_inherent(&data).expect("there is a timestamp");
	Executive::apply_extrinsic(UncheckedExtrinsic::new_bare(call.into()))
		.expect("an inherent is valid")
		.expect("the timestamp is set");
}

fn sp_timestamp_key() -> sp_inherents::InherentIdentifier {
	*b"timstap0"
}

/// Finish this block and begin the next.
pub fn next_block() {
	next_block_after(0);
}

/// Finish this block and begin the next, with so many slots without a block between them.
pub fn next_block_after(slots: u64) {
	end_block();
	SKIPPED.set(SKIPPED.get() + slots);
	begin_block();
}

/// Finish blocks until the chain is in block `number`.
pub fn to_block(number: BlockNumber) {
	while System::block_number() < number {
		next_block();
	}
}

/// Finish `count` blocks.
pub fn pass_blocks(count: BlockNumber) {
	to_block(System::block_number() + count);
}

/// Sign `call` and put it into this block. The outer result is the transaction's validity.
pub fn submit(key: Sr25519Keyring, call: impl Into<RuntimeCall>) -> ApplyExtrinsicResult {
	Executive::apply_extrinsic(signed(key, call))
}

/// The next transaction of `key`, which is good for ever.
pub fn signed(key: Sr25519Keyring, call: impl Into<RuntimeCall>) -> UncheckedExtrinsic {
	let call = call.into();
	let account = key.to_account_id();
	let extension = extension(System::account_nonce(&account));
	let payload = SignedPayload::new(call.clone(), extension.clone()).expect("it encodes");
	let signature = payload.using_encoded(|bytes| key.sign(bytes));
	UncheckedExtrinsic::new_signed(call, account.into(), signature.into(), extension)
}

/// Put `call` into this block as a general transaction: of no account, authorised by itself.
pub fn general(call: impl Into<RuntimeCall>) -> ApplyExtrinsicResult {
	Executive::apply_extrinsic(UncheckedExtrinsic::new_transaction(call.into(), extension(0_u32.into())))
}

fn extension(nonce: Nonce) -> TxExtension {
	(
		frame_system::AuthorizeCall::new(),
		frame_system::CheckNonZeroSender::new(),
		frame_system::CheckSpecVersion::new(),
		frame_system::CheckTxVersion::new(),
		frame_system::CheckGenesis::new(),
		frame_system::CheckEra::from(Era::Immortal),
		frame_system::CheckNonce::from(nonce),
		frame_system::CheckWeight::new(),
		pallet_transaction_payment::ChargeTransactionPayment::from(0).into(),
		keel_urgent_calls::CheckUrgency::new(),
		frame_metadata_hash_extension::CheckMetadataHash::new(false),
		frame_system::WeightReclaim::new(),
	)
}

/// The same for a transaction that must be valid: what its call answered. Where it finds no room in this block it waits
/// for the next, as in the pool.
pub fn send(key: Sr25519Keyring, call: impl Into<RuntimeCall>) -> DispatchResult {
	let call = call.into();
	let sent = match submit(key, call.clone()) {
		Err(TransactionValidityError::Invalid(InvalidTransaction::ExhaustsResources)) => {
			next_block();
			submit(key, call)
		}
		sent => sent,
	};
	sent.expect("the transaction is valid")
}

/// What `call` answers the account of `key`, as if it were in a transaction that was taken.
pub fn answer(key: Sr25519Keyring, call: impl Into<RuntimeCall>) -> DispatchResult {
	let origin = RuntimeOrigin::signed(key.to_account_id());
	let answer = frame_support::storage::with_storage_layer(|| call.into().dispatch(origin));
	answer.map(drop).map_err(|refused| refused.error)
}

/// A motion of a one-seat body, which executes at once: what the inner call answered.
pub fn motion<I: 'static>(key: Sr25519Keyring, call: impl Into<RuntimeCall>) -> DispatchResult
where
	Runtime: pallet_collective::Config<I, Proposal = RuntimeCall>,
	RuntimeCall: From<pallet_collective::Call<Runtime, I>>,
	<Runtime as frame_system::Config>::RuntimeEvent: TryInto<pallet_collective::Event<Runtime, I>>,
{
	let call: RuntimeCall = call.into();
	let length = call.encoded_size() as u32;
	let (block, events) = (System::block_number(), System::event_count());
	send(
		key,
		pallet_collective::Call::<Runtime, I>::propose {
			threshold: 1,
			proposal: Box::new(call),
			length_bound: length,
		},
	)?;
	let seen = if System::block_number() == block { events } else { 0 };
	System::read_events_no_consensus()
		.skip(seen as usize)
		.filter_map(|record| record.event.try_into().ok())
		.find_map(|event| match event {
			pallet_collective::Event::Executed { result, .. } => Some(result),
			_ => None,
		})
		.unwrap_or(Err(DispatchError::Other("the motion was not executed")))
}

/// What all events of this block are called, for assertions by name.
pub fn events() -> Vec<RuntimeEvent> {
	System::read_events_no_consensus().map(|record| record.event).collect()
}

/// A period of the chain's timetable.
pub fn period<P: Get<BlockNumber>>() -> BlockNumber {
	P::get()
}
