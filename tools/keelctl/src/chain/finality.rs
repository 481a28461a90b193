// SPDX-License-Identifier: Apache-2.0
//! What is final, and waiting that ends.
//!
//! A block that is not final may be replaced by another, with all that was in it. A connection remembers
//! the blocks it was told of; when a command is done, `settle` waits until none of them can be replaced,
//! or says that they still can.

use super::{AtBlock, Chain};
use crate::error::{Error, Result};
use std::{
	sync::{Mutex, PoisonError},
	time::{Duration, Instant},
};
use subxt::{rpcs::rpc_params, utils::H256};

/// How often the node is asked for its newest block.
const PULSE: Duration = Duration::from_millis(200);
/// For how long no block may come before a command gives up.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// What makes a block on command, on chains without consensus.
const SEAL: &str = "engine_createBlock";

/// What a command waits for before it tells what it has done or seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Wait {
	/// A block of the longest chain: quick, and may still be replaced.
	Best,
	/// A block that cannot be replaced any more.
	#[default]
	Final,
}

/// How sure it is what was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
	/// Every block that was looked at or written to is final; the newest of them.
	Final(u64),
	/// The newest block may still be replaced.
	NotFinal {
		/// That block.
		block: u64,
		/// The newest one that cannot be; nothing if the node does not say.
		finalized: Option<u64>,
	},
}

/// A block by number and hash.
type Place = (u64, H256);

/// The blocks that something was told of.
#[derive(Debug, Default)]
pub(super) struct Track(Mutex<Tracked>);

#[derive(Clone, Debug, Default)]
struct Tracked {
	/// The newest one that was read.
	read: Option<Place>,
	/// Those that transactions went into.
	written: Vec<Place>,
}

impl Track {
	pub(super) fn read(&self, at: &AtBlock) {
		let place = (at.block_number(), at.block_hash());
		let mut tracked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
		if tracked.read.is_none_or(|(newest, _)| newest <= place.0) {
			tracked.read = Some(place);
		}
	}

	pub(super) fn written(&self, place: Place) {
		self.0.lock().unwrap_or_else(PoisonError::into_inner).written.push(place);
	}

	/// All of them, the newest last.
	fn places(&self) -> Vec<Place> {
		let tracked = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
		let mut places = tracked.written;
		places.extend(tracked.read);
		places.sort_by_key(|(number, _)| *number);
		places
	}

	fn has_written(&self) -> bool {
		!self.0.lock().unwrap_or_else(PoisonError::into_inner).written.is_empty()
	}
}

impl Chain {
	/// The chain as it is told: at the last final block, or at the best one.
	pub async fn state(&self) -> Result<AtBlock> {
		let at = match self.wait {
			Wait::Final => self.finalized().await?,
			Wait::Best => self.best().await?,
		};
		self.track.read(&at);
		Ok(at)
	}

	/// The number of the last final block.
	pub async fn finalized_number(&self) -> Result<u64> {
		let hash = self.rpc.chain_get_finalized_head().await.map_err(Error::node)?;
		let header = self.rpc.chain_get_header(Some(hash)).await.map_err(Error::node)?;
		header.map(|header| header.number).ok_or_else(|| Error::Node("no final block".to_owned()))
	}

	/// Whether a transaction of this connection is in a block.
	pub fn has_written(&self) -> bool {
		self.track.has_written()
	}

	/// The newest block that this connection was told of.
	pub fn newest(&self) -> u64 {
		self.track.places().last().map_or(0, |(number, _)| *number)
	}

	/// Wait for what this connection waits for: until every block it was told of is final, or not at all.
	/// An error if one of them was replaced, or if finality stands still.
	pub async fn settle(&self) -> Result<Standing> {
		let places = self.track.places();
		let block = self.newest();
		let mut finalized = self.finalized_number().await?;
		let mut since = Instant::now();
		while finalized < block {
			if self.wait == Wait::Best {
				return Ok(Standing::NotFinal { block, finalized: Some(finalized) });
			}
			if since.elapsed() >= self.patience {
				return Err(Error::NotFinal { block, finalized, seconds: self.patience.as_secs() });
			}
			tokio::time::sleep(PULSE).await;
			let now = self.finalized_number().await?;
			if now != finalized {
				(finalized, since) = (now, Instant::now());
			}
		}
		for (number, hash) in places {
			if self.hash_of(number).await? != Some(hash) {
				return Err(Error::Replaced { block: number });
			}
		}
		Ok(Standing::Final(block))
	}

	pub(super) async fn hash_of(&self, number: u64) -> Result<Option<H256>> {
		let number = u32::try_from(number).map_err(Error::node)?;
		self.rpc.chain_get_block_hash(Some(number.into())).await.map_err(Error::node)
	}

	/// Wait until the best block is `number` or later; returns its number. An error if no block comes.
	pub async fn wait_for_block(&self, number: u64) -> Result<u64> {
		let mut last = self.best_number().await?;
		let mut since = Instant::now();
		while last < number {
			if since.elapsed() >= self.patience {
				return Err(self.standstill(last).await);
			}
			tokio::time::sleep(PULSE).await;
			let now = self.best_number().await?;
			if now != last {
				(last, since) = (now, Instant::now());
			}
		}
		Ok(last)
	}

	/// Ends when no block comes any more, with what to do about it.
	pub(super) async fn stands_still(&self) -> Error {
		let mut last = 0;
		loop {
			last = match self.wait_for_block(last + 1).await {
				Ok(number) => number,
				Err(error) => return error,
			};
		}
	}

	async fn standstill(&self, block: u64) -> Error {
		let seconds = self.patience.as_secs();
		let help = if self.is_sealed().await {
			"This chain makes blocks without consensus. With --manual-seal it makes one when it is told: call \
			 engine_createBlock with [true, true, null]. With --instant-seal it makes one for each \
			 transaction, so nothing passes while nobody sends any: commands that wait for blocks need \
			 --block-time 2000, or a chain with consensus. What was sent is not lost: it waits in the node."
		} else {
			"Is the node producing blocks? `keelctl doctor` looks; the node's log says why it does not. What \
			 was sent is not lost: it waits in the node. On a slow network wait longer with --patience SECONDS."
		};
		Error::NoBlocks { block, seconds, help }
	}

	/// Whether blocks are made without consensus: for transactions, on command, or by a timer.
	pub async fn is_sealed(&self) -> bool {
		let methods = self.raw.request::<serde_json::Value>("rpc_methods", rpc_params![]).await;
		let methods =
			methods.ok().and_then(|answer| answer.get("methods").and_then(|list| list.as_array().cloned()));
		methods.is_some_and(|list| list.iter().any(|method| method.as_str() == Some(SEAL)))
	}
}
