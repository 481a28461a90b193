// SPDX-License-Identifier: Apache-2.0
//! `keelctl gov`.

use super::{keys_of, read, Context, Signers};
use crate::{
	call::CallText,
	chain,
	gov::{self, Applied, Body, ByCouncil, ByPublic, Checks, Outcome},
	keys,
	units::Keel,
	wasm::Runtime,
	Result,
};
use clap::{Args, Subcommand};
use serde_json::json;
use std::path::PathBuf;

#[derive(Subcommand)]
pub enum Command {
	/// Upgrade the runtime: propose, vote, wait for the timelock, apply. Says where it stands.
	Upgrade(Upgrade),
	/// Bring the code of an upgrade that is authorised. Anybody may.
	Apply(Apply),
	/// Move a call in a body: propose it, let the signers vote aye, close it.
	Motion(Motion),
	/// What a call would be as a vote: its class, how long it waits, how many must vote. Sends nothing.
	Forecast(Forecast),
	/// What is being voted on and what waits in its timelock, with countdowns.
	Queue,
	/// What is proposed, voted on and authorised now.
	Status,
}

#[derive(Args)]
pub struct Forecast {
	/// The call: Pallet.call(args), or encoded as 0x...
	#[arg(value_parser = read::<CallText>)]
	call: CallText,
}

#[derive(Args)]
pub struct Upgrade {
	/// The runtime, as scripts/wasm builds it.
	#[arg(value_name = "WASM")]
	wasm: PathBuf,

	/// Take the public road: propose, second, launch, vote, delegate, enact, unlock.
	#[arg(long, conflicts_with_all = ["council", "technical", "voting_period", "delay"])]
	public: bool,

	/// Members of the Council that vote for the motion.
	#[arg(long, value_delimiter = ',', value_name = "KEYS")]
	council: Vec<String>,

	/// Members of the Technical Committee that fast-track it.
	#[arg(long, value_delimiter = ',', value_name = "KEYS")]
	technical: Vec<String>,

	/// Who votes in the referendum; the signer of the command by default.
	#[arg(long, value_name = "KEY")]
	voter: Option<String>,

	/// Who seconds and delegates, on the public road.
	#[arg(long, value_name = "KEY", default_value = "//Bob")]
	seconder: String,

	/// Who brings the code: an account without any role.
	#[arg(long, value_name = "KEY", default_value = "//Ferdie")]
	applier: String,

	/// KEEL to vote with.
	#[arg(long, value_name = "KEEL", default_value = "1000", value_parser = read::<Keel>)]
	balance: Keel,

	/// Blocks to vote; the chain's shortest fast track by default.
	#[arg(long, value_name = "BLOCKS")]
	voting_period: Option<u32>,

	/// Blocks between the vote and the authorisation; the chain's enactment period by default.
	#[arg(long, value_name = "BLOCKS")]
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

#[derive(Args)]
pub struct Motion {
	/// council, technical, risk or security.
	body: Body,

	/// The call: Pallet.call(args), or encoded as 0x...
	#[arg(value_parser = read::<CallText>)]
	call: CallText,

	#[command(flatten)]
	signers: Signers,

	/// How many ayes it needs; all signers by default.
	#[arg(long, value_name = "AYES")]
	threshold: Option<u32>,
}

pub async fn run(command: Command, context: &Context) -> Result<()> {
	match command {
		Command::Upgrade(command) => upgrade(command, context).await,
		Command::Apply(command) => apply(command, context).await,
		Command::Motion(command) => motion(command, context).await,
		Command::Forecast(command) => forecast(command, context).await,
		Command::Queue => queue(context).await,
		Command::Status => status(context).await,
	}
}

async fn upgrade(command: Upgrade, context: &Context) -> Result<()> {
	// The file is judged before the node is asked for anything.
	let runtime = Runtime::read(&command.wasm)?;
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

	let signer = context.signer()?;
	let voter = command.voter.as_deref().map(|text| keys::keypair(text, "--voter")).transpose()?;
	let voter = voter.unwrap_or_else(|| signer.clone());
	let applier = keys::keypair(&command.applier, "--applier")?;
	if gov::authorised(&chain.best().await?).await? == Some(runtime.hash) {
		tell("it is authorised already");
	} else if command.public {
		let seconder = keys::keypair(&command.seconder, "--seconder")?;
		let plan = ByPublic {
			proposer: signer,
			seconder: seconder.clone(),
			voter,
			delegator: seconder,
			balance: command.balance,
		};
		gov::by_public(&chain, &runtime, &plan, &tell).await?;
	} else {
		let plan = ByCouncil {
			council: keys_of(&command.council, context)?,
			technical: keys_of(&command.technical, context)?,
			voter,
			balance: command.balance,
			voting_period: command.voting_period,
			delay: command.delay,
		};
		gov::by_council(&chain, &runtime, &plan, &tell).await?;
	}
	let applied = gov::apply(&chain, &runtime, &applier, Checks::BeforeSending, &tell).await?;
	show_applied(&applied, context);
	Ok(())
}

async fn apply(command: Apply, context: &Context) -> Result<()> {
	let runtime = Runtime::read(&command.wasm)?;
	let chain = context.chain().await?;
	let checks = if command.unchecked { Checks::ByTheChain } else { Checks::BeforeSending };
	let tell = |line: &str| context.out.tell(line);
	let applied = gov::apply(&chain, &runtime, &context.signer()?, checks, &tell).await?;
	show_applied(&applied, context);
	Ok(())
}

fn show_applied(applied: &Applied, context: &Context) {
	context.out.result(
		format!("upgraded from {} to {}: in force since block {}", applied.from, applied.to, applied.first),
		json!({ "from": applied.from, "to": applied.to, "block": applied.block, "first": applied.first }),
	);
}

async fn motion(command: Motion, context: &Context) -> Result<()> {
	let chain = context.chain().await?;
	let call = chain.resolve(command.call).await?;
	let signers = command.signers.keys(context)?;
	let tell = |line: &str| context.out.tell(line);
	match gov::motion(&chain, command.body, &call, &signers, command.threshold, &tell).await? {
		Outcome::Executed(included) => {
			let events: Vec<_> = included.events.iter().map(ToString::to_string).collect();
			context.out.result(
				format!("{} executed in block {}", chain::name(&call), included.number),
				json!({ "executed": true, "block": included.number, "events": events }),
			);
		}
		Outcome::Open { index, hash, ayes, threshold } => context.out.result(
			format!("motion {index} is open: {ayes} of {threshold} ayes"),
			json!({
				"executed": false, "index": index, "hash": format!("0x{}", hex::encode(hash)),
				"ayes": ayes, "threshold": threshold,
			}),
		),
	}
	Ok(())
}

async fn forecast(command: Forecast, context: &Context) -> Result<()> {
	let chain = context.chain().await?;
	let call = chain.resolve(command.call).await?;
	let told = gov::change::forecast(&chain.best().await?, &call).await?;
	let lines = [
		format!("{} is {}", chain::name(&call), told.class),
		format!("it waits at least {} blocks after the vote", told.delay),
		format!("{} KEEL must take part in the vote", told.turnout),
		format!("it declares {} microseconds", told.weight / 1_000_000),
		"two thirds of the Security Council can take it out of the timelock, once: ChangeControl.cancel"
			.to_owned(),
	];
	context.out.result(
		lines.join("\n"),
		json!({
			"call": chain::name(&call), "class": told.class, "delay": told.delay,
			"turnout": told.turnout.0.to_string(), "weight": told.weight.to_string(),
		}),
	);
	Ok(())
}

async fn queue(context: &Context) -> Result<()> {
	let chain = context.chain().await?;
	let at = chain.best().await?;
	let now = at.block_number();
	let mut lines = vec![format!("block {now}")];
	let mut changes = Vec::new();
	for change in gov::change::queue(&at).await? {
		let index = change.referendum;
		let stands = match (change.due, gov::standing(&at, index).await?) {
			(Some(due), _) => format!("waits, due in block {due}, {} from now", due.saturating_sub(now)),
			(None, Some(gov::Standing::Ongoing { end, .. })) => {
				format!("is voted on until block {end}, {} from now", end.saturating_sub(now))
			}
			(None, _) => "is over".to_owned(),
		};
		lines.push(format!("referendum {index}, {}: {stands}", change.class));
		changes.push(json!({ "referendum": index, "class": change.class, "due": change.due }));
	}
	if changes.is_empty() {
		lines.push("nothing is voted on, and nothing waits".to_owned());
	}
	context.out.result(lines.join("\n"), json!({ "block": now, "changes": changes }));
	Ok(())
}

async fn status(context: &Context) -> Result<()> {
	let chain = context.chain().await?;
	let at = chain.best().await?;
	let (name, version) = chain.runtime_version().await?;
	let authorised = gov::authorised(&at).await?.map(|hash| format!("0x{}", hex::encode(hash)));
	let external = chain::storage(&at, "Democracy", "NextExternal", vec![]).await?.is_some();
	let count: u32 = chain::storage_as(&at, "Democracy", "ReferendumCount", vec![]).await?.unwrap_or(0);
	let mut lines = vec![format!("block {}, runtime {name} {version}", at.block_number())];
	let mut referenda = Vec::new();
	for index in 0..count {
		match gov::standing(&at, index).await? {
			Some(gov::Standing::Ongoing { end, delay }) => {
				lines.push(format!(
					"referendum {index}: voting until block {end}, enacted {delay} blocks later"
				));
				referenda.push(json!({ "index": index, "end": end, "delay": delay }));
			}
			Some(gov::Standing::Finished { end, approved }) => {
				let verdict = if approved { "passed" } else { "rejected" };
				lines.push(format!("referendum {index}: {verdict} in block {end}"));
				referenda.push(json!({ "index": index, "end": end, "approved": approved }));
			}
			None => {}
		}
	}
	if external {
		lines.push("a proposal of the Council waits for its referendum".to_owned());
	}
	lines.push(match &authorised {
		Some(hash) => format!("authorised upgrade: {hash}; anybody may bring it with `keelctl gov apply`"),
		None => "no upgrade is authorised".to_owned(),
	});
	context.out.result(
		lines.join("\n"),
		json!({
			"block": at.block_number(), "spec_name": name, "spec_version": version,
			"referenda": referenda, "external": external, "authorised": authorised,
		}),
	);
	Ok(())
}
