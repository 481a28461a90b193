// SPDX-License-Identifier: Apache-2.0
//! Transactions: made, signed, sent, and waited for.

use super::{
	events::read_event,
	named::{fitted, takes},
	root_cause, AtBlock, Chain, Event,
};
use crate::{
	call::{Call, CallText},
	error::{refusal_help, urgent_refusal, Dispatch, Error, Result},
	value::Decoded,
};
use std::time::Duration;
use subxt::{
	client::OnlineClientAtBlockImpl,
	config::SubstrateExtrinsicParamsBuilder,
	error::{DispatchError, ExtrinsicError, TransactionEventsError},
	ext::{
		codec::Encode,
		scale_value::{Composite, Value},
	},
	transactions::{SubmittableTransaction, TransactionInBlock, TransactionStatus},
	utils::{AccountId32, MultiSignature, H256},
	SubstrateConfig,
};
use subxt_signer::sr25519::Keypair;

type Client = OnlineClientAtBlockImpl<SubstrateConfig>;
type Unsent = SubmittableTransaction<SubstrateConfig, Client>;

/// How long a transaction may take to get into a block, in seconds.
const INCLUSION_SECONDS: u64 = 60;
/// How many blocks a signature is valid for.
const MORTALITY_BLOCKS: u64 = 64;

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

/// What a transaction would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DryRun {
	/// It would succeed.
	Ok,
	/// It would get into a block and fail there.
	Failed(Dispatch),
	/// It would not get into a block; the encoded reason.
	Invalid(String),
}

impl Included {
	/// The first event `pallet.name`.
	pub fn event(&self, pallet: &str, name: &str) -> Option<&Event> {
		self.events.iter().find(|event| event.is(pallet, name))
	}
}

impl Chain {
	/// The nonce of the next transaction of `account`, those in the pool counted.
	pub async fn next_nonce(&self, account: &AccountId32) -> Result<u64> {
		self.rpc.system_account_next_index(account).await.map_err(Error::node)
	}

	/// Turn a written or encoded call into one that can be sent.
	pub async fn resolve(&self, text: CallText) -> Result<Call> {
		match text {
			CallText::Written(written) => {
				let at = self.best().await?;
				let call = fitted(&at, &written)?;
				// Mistakes are found now, not after a motion.
				encode(&at, &call)?;
				Ok(call)
			}
			CallText::Encoded(bytes) => {
				self.best().await?.tx().from_call_data_bytes(&bytes).map_err(|error| Error::Encode {
					call: format!("0x{}", hex::encode(&bytes)),
					reason: root_cause(&error),
					takes: None,
				})
			}
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
		let (unsent, signed_for) = self.signed(call, signer, nonce).await?;
		let sent = self.send(call, unsent).await;
		if !matches!(sent, Err(Error::Refused { .. })) || self.best().await?.spec_version() == signed_for {
			return sent;
		}
		// The runtime was upgraded after it was signed, and signatures are for one version. With the same
		// nonce it cannot be taken twice.
		let (unsent, _) = self.signed(call, signer, nonce).await?;
		self.send(call, unsent).await
	}

	/// What `call` would do in the best block. The node must offer its unsafe methods, as development
	/// nodes do to callers on the same machine.
	pub async fn dry_run(&self, call: &Call, signer: &Keypair) -> Result<DryRun> {
		let at = self.best().await?;
		let nonce = at.tx().account_nonce(&signer.public_key().to_account_id()).await.map_err(Error::node)?;
		// In the state of the best block its own hash is not known yet: immortal refers to genesis.
		let params = SubstrateExtrinsicParamsBuilder::new().nonce(nonce).immortal();
		let unsent = sign(&at, call, signer, params)?;
		let answer = self.rpc.dry_run(unsent.encoded(), Some(at.block_hash())).await.map_err(Error::node)?;
		match answer.0.as_slice() {
			[0, 0, ..] => Ok(DryRun::Ok),
			[0, 1, error @ ..] => Ok(DryRun::Failed(Dispatch::decode(error, at.metadata_ref())?)),
			invalid => Ok(DryRun::Invalid(format!("0x{}", hex::encode(invalid)))),
		}
	}

	/// The signed transaction, and the version of the runtime it is for.
	async fn signed(&self, call: &Call, signer: &Keypair, nonce: u64) -> Result<(Unsent, u32)> {
		let at = self.best().await?;
		let params = SubstrateExtrinsicParamsBuilder::new().nonce(nonce).mortal_from_unchecked(
			MORTALITY_BLOCKS,
			at.block_number(),
			at.block_hash(),
		);
		Ok((sign(&at, call, signer, params)?, at.spec_version()))
	}

	/// Send `call` as a general transaction without a signature, for calls that carry their own proof.
	/// Returns when the pool has taken it.
	pub async fn submit_authorized(&self, at: &AtBlock, call: &Call) -> Result<H256> {
		encode(at, call)?;
		let params = SubstrateExtrinsicParamsBuilder::new().immortal().nonce(0).build();
		// A general transaction has a place for a signature only if the runtime has the extension
		// `VerifyMultiSignature`; Keel has none, so what is given here is not sent.
		let nobody = (AccountId32([0; 32]), MultiSignature::Sr25519([0; 64]));
		let unsent = at
			.tx()
			.create_v5_signable_offline(call, params)
			.and_then(|mut signable| signable.sign_with_account_and_signature(&nobody.0, &nobody.1))
			.map_err(|error| encode_error(at, call, &error))?;
		self.rpc.author_submit_extrinsic(unsent.encoded()).await.map_err(|error| refused(call, &error))
	}

	async fn send(&self, call: &Call, unsent: Unsent) -> Result<Included> {
		let mut progress = unsent.submit_and_watch().await.map_err(|error| refused(call, &error))?;
		let late = || Error::Late { call: name(call), seconds: INCLUSION_SECONDS };
		let watch = async {
			while let Some(status) = progress.next().await {
				match status.map_err(Error::node)? {
					TransactionStatus::InBestBlock(block) | TransactionStatus::InFinalizedBlock(block) => {
						return self.included(call, &block).await.map(Some);
					}
					TransactionStatus::Error { message }
					| TransactionStatus::Invalid { message }
					| TransactionStatus::Dropped { message } => return Err(refused_text(call, message)),
					_ => {}
				}
			}
			Ok(None)
		};
		let watch = tokio::time::timeout(Duration::from_secs(INCLUSION_SECONDS), watch);
		let included = tokio::select! {
			included = watch => included.map_err(|_| late())??.ok_or_else(late)?,
			error = self.stands_still() => return Err(error),
		};
		self.track.written((included.number, included.block));
		Ok(included)
	}

	async fn included(
		&self,
		call: &Call,
		block: &TransactionInBlock<SubstrateConfig, Client>,
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
			}
			Err(error) => Err(Error::node(root_cause(&error))),
		}
	}
}

fn sign(
	at: &AtBlock,
	call: &Call,
	signer: &Keypair,
	params: SubstrateExtrinsicParamsBuilder<SubstrateConfig>,
) -> Result<Unsent> {
	encode(at, call)?;
	at.tx()
		.create_signable_offline(call, params.build())
		.and_then(|mut signable| signable.sign(signer))
		.map_err(|error| encode_error(at, call, &error))
}

/// `Pallet.call`.
pub fn name(call: &Call) -> String {
	format!("{}.{}", call.pallet_name(), call.call_name())
}

/// The encoded call.
pub fn encode(at: &AtBlock, call: &Call) -> Result<Vec<u8>> {
	at.tx().call_data(call).map_err(|error| encode_error(at, call, &error))
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

/// The encoded length, as calls with a length bound want it.
pub fn encoded_len(bytes: &[u8]) -> u32 {
	u32::try_from(bytes.encode().len()).unwrap_or(u32::MAX)
}

fn dispatch(error: &DispatchError, at: &AtBlock) -> Dispatch {
	match error {
		DispatchError::Module(module) => {
			Dispatch::module(module.pallet_index(), module.error_index(), at.metadata_ref())
		}
		DispatchError::Token(token) => Dispatch::plain("Token", &token.to_string()),
		DispatchError::Arithmetic(kind) => Dispatch::plain("Arithmetic", &kind.to_string()),
		other => Dispatch::plain(&format!("{other:?}"), ""),
	}
}

fn encode_error(at: &AtBlock, call: &Call, error: &ExtrinsicError) -> Error {
	match error {
		ExtrinsicError::PalletNameNotFound(pallet) => Error::Missing { what: format!("pallet {pallet}") },
		ExtrinsicError::CallNameNotFound { pallet_name, call_name } => {
			Error::Missing { what: format!("call {pallet_name}.{call_name}") }
		}
		other => {
			let reason = root_cause(other);
			if reason.contains("not found") && !reason.contains("ield") {
				Error::Missing { what: format!("call {}", name(call)) }
			} else {
				Error::Encode { call: name(call), reason, takes: takes(at.metadata_ref(), call) }
			}
		}
	}
}

fn refused(call: &Call, error: &(impl std::error::Error + 'static)) -> Error {
	refused_text(call, root_cause(error))
}

fn refused_text(call: &Call, reason: String) -> Error {
	match urgent_refusal(&reason) {
		Some((reason, help)) => Error::Refused { call: name(call), reason, help },
		None => Error::Refused { call: name(call), help: refusal_help(&reason), reason },
	}
}
