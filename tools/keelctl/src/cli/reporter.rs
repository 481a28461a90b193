// SPDX-License-Identifier: Apache-2.0
//! `keelctl reporter`.

use super::Context;
use crate::{
	keys::{self, KeyName},
	reporter, Result,
};
use clap::{Args, Subcommand};
use serde_json::json;
use subxt_signer::sr25519::Keypair;

#[derive(Subcommand)]
pub enum Command {
	/// Register the key that signs reports, as the member: both keys are here.
	Register(Key),
	/// Print what the member sends to register the key: the member's key is elsewhere.
	Prove(Prove),
}

/// The reporter key.
#[derive(Args)]
pub struct Key {
	/// The reporter key: file:PATH, env:NAME or keystore:PATH.
	#[arg(long, value_name = "KEY")]
	reporter_key: KeyName,
}

impl Key {
	fn read(&self, context: &Context) -> Result<Keypair> {
		context.open(&self.reporter_key)
	}
}

#[derive(Args)]
pub struct Prove {
	/// The member: an address, a public key or a development key.
	member: String,

	#[command(flatten)]
	key: Key,
}

pub async fn run(command: Command, context: &Context) -> Result<()> {
	match command {
		Command::Register(key) => {
			let key = key.read(context)?;
			let member = context.signer()?;
			let chain = context.chain().await?;
			reporter::register(&chain, &member, &key).await?;
			let (member, reporter) = (keys::id(&member), keys::id(&key));
			context.out.result(
				format!("{reporter} reports for {} now", keys::display_name(&member)),
				json!({ "member": member.to_string(), "reporter": reporter.to_string() }),
			);
		}
		Command::Prove(Prove { member, key }) => {
			let (member, key) = (keys::account(&member)?, key.read(context)?);
			let chain = context.chain().await?;
			let proof = hex::encode(reporter::prove(&chain, &member, &key).await?.0);
			let reporter = keys::id(&key);
			context.out.result(
				format!("oracle.setReporter(reporter: {reporter}, proof: Sr25519 0x{proof})"),
				json!({
					"member": member.to_string(),
					"reporter": reporter.to_string(),
					"proof": { "Sr25519": format!("0x{proof}") },
				}),
			);
		}
	}
	Ok(())
}
