// SPDX-License-Identifier: Apache-2.0
//! What a development node says of each block: one line.

use std::sync::Arc;

use futures::StreamExt;
use sc_client_api::{BlockBackend, BlockchainEvents, UsageProvider};
use sp_runtime::traits::Header;

use crate::service::{BlockNumber, FullClient, Hash};

/// Say it of each block that becomes the best.
pub async fn tell(client: Arc<FullClient>) {
	let mut imported = client.import_notification_stream();
	while let Some(block) = imported.next().await {
		if !block.is_new_best {
			continue;
		}
		// The clock is not one that anybody sent.
		let sent =
			client.block_body(block.hash).ok().flatten().map_or(0, |body| body.len().saturating_sub(1));
		let finalized = client.usage_info().chain.finalized_number;
		log::info!(target: "blocks", "{}", line(*block.header.number(), block.hash, sent, finalized));
	}
}

/// The line.
pub fn line(number: BlockNumber, hash: Hash, transactions: usize, finalized: BlockNumber) -> String {
	let plural = if transactions == 1 { "" } else { "s" };
	format!("block {number} {hash}: {transactions} transaction{plural}, final up to {finalized}")
}
