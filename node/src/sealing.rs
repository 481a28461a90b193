// SPDX-License-Identifier: Apache-2.0
//! Blocks without consensus, for development chains: instantly, on command, or at an interval.
//!
//! The chain's clock is virtual here. Aura wants each block in a later slot than its parent, so a block's
//! time is the wall clock's or one slot after the parent's, whichever is later: quick blocks run ahead of
//! the wall clock, and price age, funding and expiries follow the chain's clock.

use std::{
	sync::{
		atomic::{AtomicU64, Ordering},
		Arc,
	},
	time::Duration,
};

use futures::{channel::mpsc, stream, Stream, StreamExt};
use sc_consensus_manual_seal::{
	consensus::aura::AuraConsensusDataProvider, run_manual_seal, EngineCommand, ManualSealParams,
};
use sc_service::{error::Error as ServiceError, ChainType, TaskManager};
use sc_transaction_pool_api::TransactionPool;
use sp_timestamp::Timestamp;

use crate::{
	cli::SealingArgs,
	service::{Block, FullBackend, FullClient, FullPool, FullSelectChain},
};

type Hash = <Block as sp_runtime::traits::Block>::Hash;

/// How blocks are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sealing {
	/// By Aura, final by GRANDPA: as a network does.
	Consensus,
	/// For each transaction.
	Instant,
	/// On command.
	Manual,
	/// Every so often.
	Every(Duration),
}

impl From<SealingArgs> for Sealing {
	fn from(args: SealingArgs) -> Self {
		match (args.instant_seal, args.manual_seal, args.block_time) {
			(true, _, _) => Self::Instant,
			(_, true, _) => Self::Manual,
			(_, _, Some(milliseconds)) => Self::Every(Duration::from_millis(milliseconds)),
			_ => Self::Consensus,
		}
	}
}

impl Sealing {
	/// Only a development chain may do without consensus.
	pub fn check(self, spec: &dyn sc_service::ChainSpec) -> Result<(), String> {
		if self == Self::Consensus || spec.chain_type() == ChainType::Development {
			return Ok(());
		}
		Err(format!(
			"--instant-seal, --manual-seal and --block-time make blocks without consensus; they work with --dev \
			 only, and this chain is '{}'",
			spec.id()
		))
	}
}

/// Commands that come in by RPC. The sender is kept alive by the RPC server.
pub type Commands = mpsc::Receiver<EngineCommand<Hash>>;

/// How many transactions one block is made for at most, where each makes one.
const TOGETHER_MAX: usize = 1_024;

/// Start making blocks.
pub fn start(
	sealing: Sealing,
	client: Arc<FullClient>,
	pool: Arc<FullPool>,
	select_chain: FullSelectChain,
	task_manager: &TaskManager,
	registry: Option<&substrate_prometheus_endpoint::Registry>,
	commands: Commands,
) -> Result<(), ServiceError> {
	// Empty blocks are allowed in every mode: the engine counts Aura's slot among the inherent transactions,
	// of which it makes none, and so takes a block with one transaction for an empty one.
	let seal = || EngineCommand::SealNewBlock {
		create_empty: true,
		finalize: true,
		parent_hash: None,
		sender: None,
	};
	let automatic: std::pin::Pin<Box<dyn Stream<Item = EngineCommand<Hash>> + Send>> = match sealing {
		Sealing::Consensus | Sealing::Manual => Box::pin(stream::pending()),
		// Those that come together go into one block.
		Sealing::Instant => {
			Box::pin(pool.import_notification_stream().ready_chunks(TOGETHER_MAX).map(move |_| seal()))
		}
		Sealing::Every(interval) => {
			Box::pin(stream::unfold(tokio::time::interval(interval), move |mut interval| async move {
				interval.tick().await;
				Some((seal(), interval))
			}))
		}
	};

	let slot_duration = sc_consensus_aura::slot_duration(&*client)?;
	let clock = Arc::new(AtomicU64::new(parent_time(&client)?));
	let slot_ms = slot_duration.as_millis();
	let params = ManualSealParams {
		block_import: client.clone(),
		env: sc_basic_authorship::ProposerFactory::new(
			task_manager.spawn_handle(),
			client.clone(),
			pool.clone(),
			registry,
			None,
		),
		client: client.clone(),
		pool,
		commands_stream: stream::select(automatic, commands),
		select_chain,
		consensus_data_provider: Some(Box::new(AuraConsensusDataProvider::<Block>::new_with_slot_duration(
			slot_duration,
		))),
		create_inherent_data_providers: move |_, ()| {
			let clock = clock.clone();
			async move {
				let wall = Timestamp::current().as_millis();
				let time = next_time(clock.load(Ordering::SeqCst), wall, slot_ms);
				clock.store(time, Ordering::SeqCst);
				let timestamp = sp_timestamp::InherentDataProvider::new(time.into());
				let slot =
					sp_consensus_aura::inherents::InherentDataProvider::from_timestamp_and_slot_duration(
						*timestamp,
						slot_duration,
					);
				Ok((slot, timestamp))
			}
		},
	};
	task_manager.spawn_essential_handle().spawn_blocking(
		"sealing",
		Some("block-authoring"),
		run_manual_seal::<_, _, FullBackend, _, _, _, _, _, _>(params),
	);
	Ok(())
}

/// The time of the next block: never in the parent's slot.
pub fn next_time(parent: u64, wall: u64, slot_ms: u64) -> u64 {
	wall.max(parent.saturating_add(slot_ms))
}

/// The clock goes on where the chain in the database stopped.
fn parent_time(client: &FullClient) -> Result<u64, ServiceError> {
	use codec::Decode;
	use sc_client_api::{StorageKey, StorageProvider, UsageProvider};
	let best = client.usage_info().chain.best_hash;
	let key = [sp_crypto_hashing::twox_128(b"Timestamp"), sp_crypto_hashing::twox_128(b"Now")].concat();
	let value = client.storage(best, &StorageKey(key))?;
	// There is no timestamp at genesis.
	Ok(value.and_then(|value| u64::decode(&mut &value.0[..]).ok()).unwrap_or_default())
}
