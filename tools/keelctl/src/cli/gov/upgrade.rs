// SPDX-License-Identifier: Apache-2.0
//! `keelctl gov upgrade` and `keelctl gov apply`.

use super::{keys_of, read, whole, Context};
use crate::{
	gov::{self, Applied, ByCouncil, ByPublic, Checks},
	keys::KeyName,
	units::Keel,
	wasm::Runtime,
	Result,
};
use clap::Args;
use serde_json::json;
use std::path::PathBuf;

#[derive(Args)]
pub struct Upgrade {
	/// The runtime, as scripts/wasm builds it.
	#[arg(value_name = "WASM")]
	wasm: PathBuf,

	/// Take the public road: propose, second, launch, vote, delegate, enact, unlock.
	#[arg(long, conflicts_with_all = ["council", "technical", "voting_period", "delay"])]
	public: bool,

	/// Members of the Council that vote for the motion; the signer of the command by default.
	#[arg(long, value_delimiter = ',', value_name = "KEYS")]
	council: Vec<KeyName>,

	/// Members of the Technical Committee that fast-track it; the signer of the command by default.
	#[arg(long, value_delimiter = ',', value_name = "KEYS")]
	technical: Vec<KeyName>,

	/// Who votes in the referendum; the signer of the command by default.
	#[arg(long, value_name = "KEY")]
	voter: Option<KeyName>,

	/// Who seconds and delegates, on the public road.
	#[arg(long, value_name = "KEY", default_value = "//Bob")]
	seconder: KeyName,

	/// Who brings the code: any account that can pay for it; the signer of the command by default.
	#[arg(long, value_name = "KEY")]
	applier: Option<KeyName>,

	/// KEEL to vote with.
	#[arg(long, value_name = "KEEL", default_value = "1000", value_parser = read::<Keel>)]
	balance: Keel,

	/// Blocks to vote; the chain's shortest fast track by default.
	#[arg(long, value_name = "BLOCKS", value_parser = whole::<u32>)]
	voting_period: Option<u32>,

	/// Blocks between the vote and the authorisation; the chain's enactment period by default.
	#[arg(long, value_name = "BLOCKS", value_parser = whole::<u32>)]
	delay: Option<u32>,
}

#[derive(Args)]
pub struct Apply {
	/// The runtime that was voted on.
	#[arg(value_name = "WASM")]
	wasm: PathBuf,

	/// Send it even if it is bound to fail, to hear it from the chain.
	#[arg(long)]
	unchecked: bool,
}

pub async fn upgrade(command: Upgrade, context: &Context) -> Result<()> {
	// The file and the keys are judged before the node is asked for anything.
	let runtime = Runtime::read(&command.wasm)?;
	let signer = context.signer()?;
	let or_signer = |name: Option<&KeyName>| name.map_or(Ok(signer.clone()), |name| context.open(name));
	let (voter, applier) = (or_signer(command.voter.as_ref())?, or_signer(command.applier.as_ref())?);
	let (council, technical) = (keys_of(&command.council, context)?, keys_of(&command.technical, context)?);
	let seconder = command.public.then(|| context.open(&command.seconder)).transpose()?;
	let chain = context.chain().await?;
	gov::check(&chain, &runtime).await?;
	let tell = |line: &str| context.out.tell(line);
	tell(&format!(
		"{}: {} {}, 0x{}",
		command.wasm.display(),
		runtime.spec_name,
		runtime.spec_version,
		hex::encode(runtime.hash)
	));

	let joined = if gov::authorised(&chain.best().await?).await? == Some(runtime.hash) {
		tell("it is authorised already");
		Some("authorised")
	} else if let Some(seconder) = seconder {
		let plan = ByPublic {
			proposer: signer,
			seconder: seconder.clone(),
			voter,
			delegator: seconder,
			balance: command.balance,
		};
		gov::by_public(&chain, &runtime, &plan, &tell).await?.joined
	} else {
		let plan = ByCouncil {
			council,
			technical,
			voter,
			balance: command.balance,
			voting_period: command.voting_period,
			delay: command.delay,
		};
		gov::by_council(&chain, &runtime, &plan, &tell).await?.joined
	};
	let applied = gov::apply(&chain, &runtime, &applier, Checks::BeforeSending, &tell).await?;
	show_applied(&applied, joined, context);
	Ok(())
}

pub async fn apply(command: Apply, context: &Context) -> Result<()> {
	let runtime = Runtime::read(&command.wasm)?;
	let chain = context.chain().await?;
	let checks = if command.unchecked { Checks::ByTheChain } else { Checks::BeforeSending };
	let tell = |line: &str| context.out.tell(line);
	let applied = gov::apply(&chain, &runtime, &context.signer()?, checks, &tell).await?;
	show_applied(&applied, None, context);
	Ok(())
}

fn show_applied(applied: &Applied, joined: Option<&str>, context: &Context) {
	context.out.result(
		format!("upgraded from {} to {}: in force since block {}", applied.from, applied.to, applied.first),
		json!({
			"from": applied.from, "to": applied.to, "block": applied.block, "first": applied.first,
			"joined": joined,
		}),
	);
}
