// SPDX-License-Identifier: Apache-2.0
//! The RPCs beyond those every node has. Keel's own questions are runtime APIs, which every client and
//! light client can ask; there is no RPC of our own.

use std::sync::Arc;

use futures::channel::mpsc;
use jsonrpsee::RpcModule;
use keel_runtime::AccountId;
use sc_consensus_grandpa::{
	FinalityProofProvider, GrandpaJustificationStream, SharedAuthoritySet, SharedVoterState,
};
use sc_consensus_grandpa_rpc::{Grandpa, GrandpaApiServer};
use sc_consensus_manual_seal::{
	rpc::{ManualSeal, ManualSealApiServer},
	EngineCommand,
};
use sc_rpc::SubscriptionTaskExecutor;

use crate::service::{Block, BlockNumber, FullBackend, FullClient, FullPool, Hash};

/// What the finality RPC needs.
pub struct GrandpaDeps {
	/// The authorities that vote.
	pub shared_authority_set: SharedAuthoritySet<Hash, BlockNumber>,
	/// What this node votes.
	pub shared_voter_state: SharedVoterState,
	/// Justifications as they come.
	pub justification_stream: GrandpaJustificationStream<Block>,
	/// Proofs of finality.
	pub finality_provider: Arc<FinalityProofProvider<FullBackend, Block>>,
	/// Runs subscriptions.
	pub subscription_executor: SubscriptionTaskExecutor,
}

/// What all RPCs need.
pub struct Deps {
	/// The chain.
	pub client: Arc<FullClient>,
	/// Transactions waiting.
	pub pool: Arc<FullPool>,
	/// Finality.
	pub grandpa: GrandpaDeps,
	/// Where commands to make blocks go, when blocks are made on command.
	pub sealing: Option<mpsc::Sender<EngineCommand<Hash>>>,
}

/// All of them.
pub fn create(deps: Deps) -> Result<RpcModule<()>, Box<dyn std::error::Error + Send + Sync>> {
	use pallet_transaction_payment_rpc::{TransactionPayment, TransactionPaymentApiServer};
	use substrate_frame_rpc_system::{System, SystemApiServer};

	let Deps { client, pool, grandpa, sealing } = deps;
	let mut module = RpcModule::new(());
	module.merge(SystemApiServer::<Hash, AccountId, u32>::into_rpc(System::new(client.clone(), pool)))?;
	module.merge(TransactionPayment::new(client).into_rpc())?;
	module.merge(
		Grandpa::new(
			grandpa.subscription_executor,
			grandpa.shared_authority_set,
			grandpa.shared_voter_state,
			grandpa.justification_stream,
			grandpa.finality_provider,
		)
		.into_rpc(),
	)?;
	if let Some(commands) = sealing {
		module.merge(ManualSeal::new(commands).into_rpc())?;
	}
	Ok(module)
}
