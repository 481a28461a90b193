// SPDX-License-Identifier: Apache-2.0
//! A connection to a node.
//!
//! Everything is named by text and resolved with the metadata the node serves, so one keelctl works
//! with every runtime version that still has the names. State is read at the best block.

use crate::{
	call::{Call, CallText},
	error::{refusal_help, Dispatch, Error, Result},
	value::{self, Decoded},
};
use std::{fmt, sync::Arc, time::Duration};
use subxt::{
	backend::LegacyBackend,
	client::{OnlineClientAtBlock, OnlineClientAtBlockImpl},
	config::{RpcConfigFor, SubstrateExtrinsicParamsBuilder},
	error::{DispatchError, TransactionEventsError},
	events::Phase,
	ext::{
		codec::Encode,
		scale_decode::DecodeAsType,
		scale_value::{Composite, Value},
	},
	rpcs::{methods::legacy::LegacyRpcMethods, RpcClient},
	transactions::{SubmittableTransaction, TransactionStatus},
	utils::{AccountId32, MultiSignature, H256},
	OnlineClient, SubstrateConfig,
};
use subxt_signer::sr25519::Keypair;

/// The chain at one block.
pub type AtBlock = OnlineClientAtBlock<SubstrateConfig>;
type Unsent = SubmittableTransaction<SubstrateConfig, OnlineClientAtBlockImpl<SubstrateConfig>>;

/// How long a transaction may take to get into a block, in seconds.
const INCLUSION_SECONDS: u64 = 60;
/// How many blocks a signature is valid for.
const MORTALITY_BLOCKS: u64 = 64;

/// A connection to a node.
#[derive(Clone)]
pub struct Chain {
	client: OnlineClient<SubstrateConfig>,
	rpc: LegacyRpcMethods<RpcConfigFor<SubstrateConfig>>,
	raw: RpcClient,
}

/// Something the chain said in a block.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
	/// The pallet.
	pub pallet: String,
	/// The event.
	pub name: String,
	/// Its fields.
	pub fields: Composite<()>,
	/// The transaction that caused it, by its position in the block; `None` for hooks.
	pub transaction: Option<u32>,
}

impl Event {
	/// Whether it is `pallet`'s `name`.
	pub fn is(&self, pallet: &str, name: &str) -> bool {
		self.pallet == pallet && self.name == name
	}

	/// A field.
	pub fn field(&self, name: &str) -> Option<&Decoded> {
		value::field_of(&self.fields, name)
	}

	/// An unsigned field.
	pub fn number(&self, name: &str) -> Option<u128> {
		self.field(name).and_then(value::unsigned)
	}
}

impl fmt::Display for Event {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "{}.{} {}", self.pallet, self.name, value::composite_json(&self.fields))
	}
}

/// A transaction that succeeded.
#[derive(Clone, Debug)]
pub struct Included {
	/// The block's hash.
	pub block: H256,
	/// The block's number.
	pub number: u64,
	/// What the transaction caused.
	pub events: Vec<Event>,
}

impl Included {
	/// The first event `pallet.name`.
	pub fn event(&self, pallet: &str, name: &str) -> Option<&Event> {
		self.events.iter().find(|event| event.is(pallet, name))
	}
}

impl Chain {
	/// Connect to the node at `url`.
	pub async fn connect(url: &str) -> Result<Self> {
		let no_node = |reason: String| Error::NoNode { url: url.to_owned(), reason };
		let connection = RpcClient::from_insecure_url(url);
		let raw = tokio::time::timeout(Duration::from_secs(10), connection)
			.await
			.map_err(|_| no_node("it does not answer within 10 s".to_owned()))?
			.map_err(|error| no_node(root_cause(&error)))?;
		let backend = LegacyBackend::builder().build(raw.clone());
		let client = OnlineClient::from_backend(Arc::new(backend))
			.await
			.map_err(|error| no_node(root_cause(&error)))?;
		Ok(Self { client, rpc: LegacyRpcMethods::new(raw.clone()), raw })
	}

	/// The hash of the chain's first block.
	pub fn genesis(&self) -> H256 {
		self.client.genesis_hash()
	}

	/// Plain JSON-RPC, for what has no method here.
	pub fn rpc(&self) -> &RpcClient {
		&self.raw
	}

	/// The chain at the best block.
	pub async fn best(&self) -> Result<AtBlock> {
		let hash = self.rpc.chain_get_block_hash(None).await.map_err(Error::node)?;
		self.at(hash.ok_or_else(|| Error::Node("there is no best block".to_owned()))?).await
	}

	/// The chain at the last finalised block.
	pub async fn finalized(&self) -> Result<AtBlock> {
		self.client.at_current_block().await.map_err(Error::node)
	}

	/// The chain at the block with this hash.
	pub async fn at(&self, hash: H256) -> Result<AtBlock> {
		self.client.at_block(hash).await.map_err(Error::node)
	}

	/// The chain at the block with this number.
	pub async fn at_number(&self, number: u64) -> Result<AtBlock> {
		let number = u32::try_from(number).map_err(Error::node)?;
		let hash = self.rpc.chain_get_block_hash(Some(number.into())).await.map_err(Error::node)?;
		self.at(hash.ok_or_else(|| Error::Node(format!("there is no block {number}")))?).await
	}

	/// The number of the best block.
	pub async fn best_number(&self) -> Result<u64> {
		let header = self.rpc.chain_get_header(None).await.map_err(Error::node)?;
		header.map(|header| u64::from(header.number)).ok_or_else(|| Error::Node("no best block".to_owned()))
	}

	/// The name and version of the runtime in force.
	pub async fn runtime_version(&self) -> Result<(String, u32)> {
		let version = self.rpc.state_get_runtime_version(None).await.map_err(Error::node)?;
		let name = version.other.get("specName").and_then(|name| name.as_str()).unwrap_or_default();
		Ok((name.to_owned(), version.spec_version))
	}

	/// Wait until the best block is `number` or later; call `each` on every new best block.
	pub async fn wait_for_block(&self, number: u64, mut each: impl FnMut(u64)) -> Result<u64> {
		let mut last = self.best_number().await?;
		while last < number {
			tokio::time::sleep(Duration::from_millis(200)).await;
			let now = self.best_number().await?;
			if now != last {
				last = now;
				each(now);
			}
		}
		Ok(last)
	}

	/// Wait for `condition`, asked once per block, at most `blocks` blocks.
	pub async fn wait_until<T, F>(
		&self,
		what: &str,
		blocks: u64,
		help: &'static str,
		mut condition: impl FnMut(AtBlock) -> F,
	) -> Result<T>
	where
		F: std::future::Future<Output = Result<Option<T>>>,
	{
		let mut number = self.best_number().await?;
		let last = number.saturating_add(blocks);
		loop {
			if let Some(found) = condition(self.best().await?).await? {
				return Ok(found);
			}
			if number >= last {
				return Err(Error::Timeout { what: what.to_owned(), blocks, help });
			}
			number = self.wait_for_block(number + 1, |_| ()).await?;
		}
	}

	/// The nonce of the next transaction of `account`, those in the pool counted.
	pub async fn next_nonce(&self, account: &AccountId32) -> Result<u64> {
		self.rpc.system_account_next_index(account).await.map_err(Error::node)
	}

	/// Turn a written or encoded call into one that can be sent.
	pub async fn resolve(&self, text: CallText) -> Result<Call> {
		match text {
			CallText::Written(call) => {
				// Encoding and decoding finds mistakes now, not after a motion.
				encode(&self.best().await?, &call)?;
				Ok(call)
			},
			CallText::Encoded(bytes) => {
				self.best().await?.tx().from_call_data_bytes(&bytes).map_err(|error| Error::Encode {
					call: format!("0x{}", hex::encode(&bytes)),
					reason: root_cause(&error),
				})
			},
		}
	}

	/// Sign `call`, send it and wait until it has succeeded in a block.
	pub async fn submit(&self, call: &Call, signer: &Keypair) -> Result<Included> {
		let account = signer.public_key().to_account_id();
		let nonce = self.next_nonce(&account).await?;
		self.submit_with_nonce(call, signer, nonce).await
	}

	/// The same with a given nonce, for several transactions of one account at once.
	pub async fn submit_with_nonce(&self, call: &Call, signer: &Keypair, nonce: u64) -> Result<Included> {
		let at = self.best().await?;
		encode(&at, call)?;
		let params = SubstrateExtrinsicParamsBuilder::new()
			.nonce(nonce)
			.mortal_from_unchecked(MORTALITY_BLOCKS, at.block_number(), at.block_hash())
			.build();
		let unsent = at
			.tx()
			.create_signable_offline(call, params)
			.and_then(|mut signable| signable.sign(signer))
			.map_err(|error| encode_error(call, &error))?;
		self.send(call, unsent).await
	}

	/// Send `call` as a general transaction without a signature: for calls that carry their own proof.
	pub async fn submit_authorized(&self, call: &Call) -> Result<Included> {
		let unsent = self.authorized(call).await?;
		self.send(call, unsent).await
	}

	/// The same, without waiting for a block: returns when the pool has taken it.
	pub async fn submit_authorized_unwatched(&self, call: &Call) -> Result<H256> {
		let unsent = self.authorized(call).await?;
		self.rpc.author_submit_extrinsic(unsent.encoded()).await.map_err(|error| refused(call, &error))
	}

	async fn authorized(&self, call: &Call) -> Result<Unsent> {
		let at = self.best().await?;
		encode(&at, call)?;
		let params = SubstrateExtrinsicParamsBuilder::new().immortal().nonce(0).build();
		// A general transaction has a place for a signature only if the runtime has the extension
		// `VerifyMultiSignature`; Keel has none, so what is given here is not sent.
		let nobody = (AccountId32([0; 32]), MultiSignature::Sr25519([0; 64]));
		at.tx()
			.create_v5_signable_offline(call, params)
			.and_then(|mut signable| signable.sign_with_account_and_signature(&nobody.0, &nobody.1))
			.map_err(|error| encode_error(call, &error))
	}

	async fn send(&self, call: &Call, unsent: Unsent) -> Result<Included> {
		let mut progress = unsent.submit_and_watch().await.map_err(|error| refused(call, &error))?;
		let late = || Error::Late { call: name(call), seconds: INCLUSION_SECONDS };
		let watch = async {
			while let Some(status) = progress.next().await {
				match status.map_err(Error::node)? {
					TransactionStatus::InBestBlock(block) | TransactionStatus::InFinalizedBlock(block) => {
						return self.included(call, &block).await.map(Some);
					},
					TransactionStatus::Error { message }
					| TransactionStatus::Invalid { message }
					| TransactionStatus::Dropped { message } => return Err(refused_text(call, message)),
					_ => {},
				}
			}
			Ok(None)
		};
		let included = tokio::time::timeout(Duration::from_secs(INCLUSION_SECONDS), watch).await;
		included.map_err(|_| late())??.ok_or_else(late)
	}

	async fn included(
		&self,
		call: &Call,
		block: &subxt::transactions::TransactionInBlock<
			SubstrateConfig,
			OnlineClientAtBlockImpl<SubstrateConfig>,
		>,
	) -> Result<Included> {
		let hash = block.block_hash();
		let at = self.at(hash).await?;
		match block.wait_for_success().await {
			Ok(events) => Ok(Included {
				block: hash,
				number: at.block_number(),
				events: events.iter().map(read_event).collect::<Result<_>>()?,
			}),
			Err(TransactionEventsError::ExtrinsicFailed(error)) => {
				Err(Error::Failed { call: name(call), error: dispatch(&error, &at) })
			},
			Err(error) => Err(Error::node(root_cause(&error))),
		}
	}
}

/// `Pallet.call`.
pub fn name(call: &Call) -> String {
	format!("{}.{}", call.pallet_name(), call.call_name())
}

/// The encoded call.
pub fn encode(at: &AtBlock, call: &Call) -> Result<Vec<u8>> {
	at.tx().call_data(call).map_err(|error| encode_error(call, &error))
}

/// A storage value, decoded; `None` when there is nothing and no default.
pub async fn storage(at: &AtBlock, pallet: &str, entry: &str, keys: Vec<Decoded>) -> Result<Option<Decoded>> {
	storage_as(at, pallet, entry, keys).await
}

/// A storage value as a Rust type.
pub async fn storage_as<T: DecodeAsType>(
	at: &AtBlock,
	pallet: &str,
	entry: &str,
	keys: Vec<Decoded>,
) -> Result<Option<T>> {
	let client = at.storage();
	let found = client.try_fetch((pallet, entry), keys).await.map_err(|error| state_error(pallet, entry, &error))?;
	found.map(|value| value.decode_as::<T>().map_err(Error::node)).transpose()
}

/// All keys and values of a map whose hashers keep the key.
pub async fn storage_map(
	at: &AtBlock,
	pallet: &str,
	entry: &str,
	prefix: Vec<Decoded>,
) -> Result<Vec<(Vec<Decoded>, Decoded)>> {
	let client = at.storage();
	let mut entries =
		client.iter((pallet, entry), prefix).await.map_err(|error| state_error(pallet, entry, &error))?;
	let mut found = Vec::new();
	while let Some(pair) = entries.next().await {
		let pair = pair.map_err(Error::node)?;
		let key = pair.key().and_then(|key| key.decode()).map_err(Error::node)?;
		found.push((key, pair.value().decode().map_err(Error::node)?));
	}
	Ok(found)
}

/// A constant of a pallet as a Rust type.
pub fn constant<T: DecodeAsType>(at: &AtBlock, pallet: &str, entry: &str) -> Result<T> {
	at.constants()
		.entry(subxt::dynamic::constant::<T>(pallet, entry))
		.map_err(|_| Error::Missing { what: format!("constant {pallet}.{entry}") })
}

/// Call a runtime API.
pub async fn runtime_api(at: &AtBlock, api: &str, method: &str, arguments: Vec<Decoded>) -> Result<Decoded> {
	let payload = subxt::dynamic::runtime_api_call::<Vec<Decoded>, Decoded>(api, method, arguments);
	at.runtime_apis().call(payload).await.map_err(|error| state_error(api, method, &error))
}

/// Call a view function of a pallet.
pub async fn view(at: &AtBlock, pallet: &str, function: &str, arguments: Vec<Decoded>) -> Result<Decoded> {
	let payload = subxt::dynamic::view_function_call::<Vec<Decoded>, Decoded>(pallet, function, arguments);
	at.view_functions().call(payload).await.map_err(|error| state_error(pallet, function, &error))
}

/// Everything the chain said in a block.
pub async fn events(at: &AtBlock) -> Result<Vec<Event>> {
	let events = at.events().fetch().await.map_err(Error::node)?;
	let list = events.iter().map(read_event).collect();
	list
}

/// The error inside a `Result` that the chain reports in an event.
pub fn outcome(result: &Decoded, at: &AtBlock) -> std::result::Result<(), Dispatch> {
	match value::variant(result) {
		Some("Err") => {
			let error = value::items_of_variant(result).next().cloned().unwrap_or_else(|| result.clone());
			Err(Dispatch::from_value(&error, at.metadata_ref()))
		},
		_ => Ok(()),
	}
}

/// An account as an argument.
pub fn account_value(account: &AccountId32) -> Decoded {
	Value::from_bytes(account.0)
}

/// An account as an address argument (`MultiAddress::Id`).
pub fn address_value(account: &AccountId32) -> Decoded {
	Value::unnamed_variant("Id", [account_value(account)])
}

/// A call as an argument of another call.
pub fn nested(call: &Call) -> Decoded {
	call.clone().into_value()
}

/// A call with named arguments.
pub fn call<const N: usize>(pallet: &str, name: &str, arguments: [(&str, Decoded); N]) -> Call {
	subxt::dynamic::tx(pallet, name, Composite::named(arguments))
}

fn read_event(
	event: std::result::Result<subxt::events::Event<'_, SubstrateConfig>, subxt::error::EventsError>,
) -> Result<Event> {
	let event = event.map_err(Error::node)?;
	Ok(Event {
		pallet: event.pallet_name().to_owned(),
		name: event.event_name().to_owned(),
		fields: event.decode_fields_unchecked_as::<Composite<()>>().map_err(Error::node)?,
		transaction: match event.phase() {
			Phase::ApplyExtrinsic(index) => Some(index),
			Phase::Initialization | Phase::Finalization => None,
		},
	})
}

fn dispatch(error: &DispatchError, at: &AtBlock) -> Dispatch {
	match error {
		DispatchError::Module(module) => {
			Dispatch::module(module.pallet_index(), module.error_index(), at.metadata_ref())
		},
		DispatchError::Token(token) => Dispatch::plain("Token", &token.to_string()),
		DispatchError::Arithmetic(kind) => Dispatch::plain("Arithmetic", &kind.to_string()),
		other => Dispatch::plain(&format!("{other:?}"), ""),
	}
}

fn encode_error(call: &Call, error: &subxt::error::ExtrinsicError) -> Error {
	use subxt::error::ExtrinsicError as E;
	match error {
		E::PalletNameNotFound(pallet) => Error::Missing { what: format!("pallet {pallet}") },
		E::CallNameNotFound { pallet_name, call_name } => {
			Error::Missing { what: format!("call {pallet_name}.{call_name}") }
		},
		other => {
			let reason = root_cause(other);
			if reason.contains("not found") && !reason.contains("ield") {
				Error::Missing { what: format!("call {}", name(call)) }
			} else {
				Error::Encode { call: name(call), reason }
			}
		},
	}
}

fn refused(call: &Call, error: &(impl std::error::Error + 'static)) -> Error {
	refused_text(call, root_cause(error))
}

fn refused_text(call: &Call, reason: String) -> Error {
	let help = refusal_help(&reason);
	Error::Refused { call: name(call), reason, help }
}

fn state_error(pallet: &str, entry: &str, error: &(impl std::error::Error + 'static)) -> Error {
	let reason = root_cause(error);
	if reason.to_ascii_lowercase().contains("not found") {
		Error::Missing { what: format!("{pallet}.{entry}") }
	} else {
		Error::Node(format!("{pallet}.{entry}: {reason}"))
	}
}

/// The innermost reason of a chain of errors.
fn root_cause(error: &(dyn std::error::Error + 'static)) -> String {
	let mut innermost = error;
	while let Some(source) = innermost.source() {
		innermost = source;
	}
	let text = innermost.to_string();
	// The node's refusals carry their reason as JSON data behind the general message.
	text.split_once("data:").map_or(text.clone(), |(_, data)| data.trim().to_owned())
}

/// The encoded length, as calls with a length bound want it.
pub fn encoded_len(bytes: &[u8]) -> u32 {
	u32::try_from(bytes.encode().len()).unwrap_or(u32::MAX)
}
