// SPDX-License-Identifier: Apache-2.0
//! A connection to a node.
//!
//! Everything is named by text and resolved with the metadata the node serves, so one keelctl works
//! with every runtime version that still has the names: each block is read with the metadata of its own
//! runtime, so an upgrade in between changes nothing.

mod address;
mod events;
mod finality;
mod named;
mod state;
mod submit;

pub use events::{events, outcome, Event};
pub use finality::{Standing, Wait, PATIENCE};
pub use named::find_call;
pub use state::{broken, constant, runtime_api, storage, storage_as, storage_bytes, storage_map, view};
pub use submit::{account_value, address_value, call, encode, encoded_len, name, nested, DryRun, Included};

use crate::error::{Error, Result};
use finality::Track;
use std::{sync::Arc, time::Duration};
use subxt::{
	backend::LegacyBackend,
	client::OnlineClientAtBlock,
	config::RpcConfigFor,
	error::{BackendError, ExtrinsicError, RpcError},
	rpcs::{methods::legacy::LegacyRpcMethods, rpc_params, RpcClient},
	utils::H256,
	OnlineClient, SubstrateConfig,
};

/// The chain at one block.
pub type AtBlock = OnlineClientAtBlock<SubstrateConfig>;

/// A connection to a node.
#[derive(Clone)]
pub struct Chain {
	client: OnlineClient<SubstrateConfig>,
	rpc: LegacyRpcMethods<RpcConfigFor<SubstrateConfig>>,
	raw: RpcClient,
	/// What is waited for before something is told.
	wait: Wait,
	/// For how long no block may come.
	patience: Duration,
	track: Arc<Track>,
}

impl Chain {
	/// Connect to the node at `url`.
	pub async fn connect(url: &str) -> Result<Self> {
		address::check(url)?;
		let no_node =
			|reason: String| Error::NoNode { url: url.to_owned(), reason: address::explained(url, reason) };
		let connection = RpcClient::from_insecure_url(url);
		let raw = tokio::time::timeout(Duration::from_secs(10), connection)
			.await
			.map_err(|_| no_node("it does not answer within 10 s".to_owned()))?
			.map_err(|error| no_node(root_cause(&error)))?;
		let backend = LegacyBackend::builder().build(raw.clone());
		let client = OnlineClient::from_backend(Arc::new(backend))
			.await
			.map_err(|error| no_node(root_cause(&error)))?;
		let rpc = LegacyRpcMethods::new(raw.clone());
		Ok(Self { client, rpc, raw, wait: Wait::Best, patience: PATIENCE, track: Arc::default() })
	}

	/// The same connection, which waits in another way, and for so long without a block.
	pub fn waiting(mut self, wait: Wait, patience: Duration) -> Self {
		(self.wait, self.patience) = (wait, patience);
		self
	}

	/// The hash of the chain's first block.
	pub fn genesis(&self) -> H256 {
		self.client.genesis_hash()
	}

	/// The type of the chain, as its specification says: `Development`, `Local`, `Live`, or one of its own.
	pub async fn kind(&self) -> Result<String> {
		let kind: serde_json::Value =
			self.raw.request("system_chainType", rpc_params![]).await.map_err(Error::node)?;
		// A type of the chain's own is an object with its name, which may be that of another type.
		let own =
			kind.get("Custom").and_then(serde_json::Value::as_str).map(|name| format!("Custom ({name})"));
		Ok(own.or_else(|| kind.as_str().map(str::to_owned)).unwrap_or_else(|| kind.to_string()))
	}

	/// Plain JSON-RPC, for what has no method here.
	pub fn rpc(&self) -> &RpcClient {
		&self.raw
	}

	/// The chain at the best block.
	pub async fn best(&self) -> Result<AtBlock> {
		let hash = self.rpc.chain_get_block_hash(None).await.map_err(Error::node)?;
		let at = self.at(hash.ok_or_else(|| Error::Node("there is no best block".to_owned()))?).await?;
		self.track.read(&at);
		Ok(at)
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
		let hash = self.hash_of(number).await?;
		let at = self.at(hash.ok_or_else(|| Error::Node(format!("there is no block {number}")))?).await?;
		self.track.read(&at);
		Ok(at)
	}

	/// The number of the best block.
	pub async fn best_number(&self) -> Result<u64> {
		let header = self.rpc.chain_get_header(None).await.map_err(Error::node)?;
		header.map(|header| header.number).ok_or_else(|| Error::Node("no best block".to_owned()))
	}

	/// The name and version of the runtime in force.
	pub async fn runtime_version(&self) -> Result<(String, u32)> {
		let version = self.rpc.state_get_runtime_version(None).await.map_err(Error::node)?;
		let name = version.other.get("specName").and_then(|name| name.as_str()).unwrap_or_default();
		Ok((name.to_owned(), version.spec_version))
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
			number = self.wait_for_block(number + 1).await?;
		}
	}
}

/// What the node says in the data of its refusal: the reason is there, the message is the same for all.
fn user_reason(error: &(dyn std::error::Error + 'static)) -> Option<String> {
	let user = if let Some(ExtrinsicError::ErrorSubmittingTransaction(BackendError::Rpc(error))) =
		error.downcast_ref::<ExtrinsicError>()
	{
		match error {
			RpcError::ClientError(subxt::rpcs::Error::User(user)) => user,
			_ => return None,
		}
	} else {
		match error.downcast_ref::<subxt::rpcs::Error>()? {
			subxt::rpcs::Error::User(user) => user,
			_ => return None,
		}
	};
	let data = user.data.as_ref().map(|data| {
		let text = data.get();
		serde_json::from_str::<String>(text).unwrap_or_else(|_| text.to_owned())
	});
	Some(match data {
		Some(data) => format!("{}: {data}", user.message),
		None => user.message.clone(),
	})
}

/// The innermost reason of a chain of errors.
fn root_cause(error: &(dyn std::error::Error + 'static)) -> String {
	if let Some(reason) = user_reason(error) {
		return reason;
	}
	let mut innermost = error;
	while let Some(source) = innermost.source() {
		innermost = source;
	}
	let mut text = innermost.to_string();
	for prefix in ["RPC error: ", "client error: "].iter().cycle().take(6) {
		text = text.strip_prefix(prefix).map(str::to_owned).unwrap_or(text);
	}
	// The node's refusals carry their reason as JSON data behind the general message.
	text.split_once("data:").map_or(text.clone(), |(_, data)| data.trim().to_owned())
}
