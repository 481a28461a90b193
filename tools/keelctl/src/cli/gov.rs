// SPDX-License-Identifier: Apache-2.0
//! `keelctl gov`.

mod approve;
mod effect;
mod propose;
mod queue;
mod upgrade;
mod vote;

use super::{from_one, keys_of, read, whole, Context, Signers};
use crate::{
	call::CallText,
	chain,
	gov::{self, Body, Outcome},
	number::counted,
	Result,
};
use clap::{Args, Subcommand};
use serde_json::json;

#[derive(Subcommand)]
pub enum Command {
	/// Propose a call: shows what it would be, when it would act and who could stop it, then proposes it.
	Propose(propose::Propose),
	/// Vote, with one key: in a motion or a referendum. Without arguments: lists what one can vote on.
	Vote(vote::Vote),
	/// Close a motion that has enough ayes, or none to hope for. Anybody may.
	Close(vote::Close),
	/// Upgrade the runtime: propose, vote, wait for the timelock, apply. Says where it stands, and goes on
	/// from there when it is given again.
	Upgrade(upgrade::Upgrade),
	/// Bring the code of an upgrade that is authorised. Anybody may.
	Apply(upgrade::Apply),
	/// Move a call in a body: propose it, let the signers vote aye, close it. Joins a motion that is open.
	Motion(Motion),
	/// Approve of an act in an emergency that `pause` and `resume` do not know: extend, renew, rearm, cancel. Without
	/// one: lists what is approved of, what is stopped, and what is left of the budgets.
	Approve(approve::Approve),
	/// What a call would be as a vote: its class, how long it waits, how many must vote, and what it would do to the accounts
	/// in each scenario of the chain. Sends nothing.
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
pub struct Motion {
	/// council, technical, risk or security.
	body: Body,

	/// The call: Pallet.call(args), or encoded as 0x...
	#[arg(value_parser = read::<CallText>)]
	call: CallText,

	#[command(flatten)]
	signers: Signers,

	/// How many ayes it needs; as many as the chain asks for by default.
	#[arg(long, value_name = "AYES", value_parser = from_one::<u32>)]
	threshold: Option<u32>,
}

pub async fn run(command: Command, context: &Context) -> Result<()> {
	match command {
		Command::Propose(command) => propose::propose(command, context).await,
		Command::Vote(command) => vote::vote(command, context).await,
		Command::Close(command) => vote::close(command, context).await,
		Command::Upgrade(command) => upgrade::upgrade(command, context).await,
		Command::Apply(command) => upgrade::apply(command, context).await,
		Command::Motion(command) => motion(command, context).await,
		Command::Approve(command) => approve::approve(command, context).await,
		Command::Forecast(command) => forecast(command, context).await,
		Command::Queue => queue::queue(context).await,
		Command::Status => status(context).await,
	}
}

async fn motion(command: Motion, context: &Context) -> Result<()> {
	let signers = command.signers.keys(context)?;
	let chain = context.chain().await?;
	let call = chain.resolve(command.call).await?;
	let tell = |line: &str| context.out.tell(line);
	let outcome = gov::motion(&chain, command.body, &call, &signers, command.threshold, &tell).await?;
	show_outcome(outcome, command.body, &chain::name(&call), context);
	Ok(())
}

/// What became of a motion about `call`.
fn show_outcome(outcome: Outcome, body: Body, call: &str, context: &Context) {
	match outcome {
		Outcome::Executed(included) => {
			let events: Vec<_> = included.events.iter().map(ToString::to_string).collect();
			context.out.result(
				format!("{call} executed in block {}", included.number),
				json!({ "executed": true, "block": included.number, "events": events }),
			);
		}
		Outcome::Rejected { index, block, ayes, threshold } => context.out.result(
			format!("motion {index} was rejected in block {block}: it had {ayes} of {threshold} ayes"),
			json!({
				"executed": false, "rejected": true, "index": index, "block": block, "ayes": ayes,
				"threshold": threshold,
			}),
		),
		Outcome::Open { index, hash, ayes, threshold } => context.out.result(
			format!(
				"motion {index} is open: {ayes} of {threshold} ayes. Members vote with `keelctl gov vote motion {} \
				 {index} aye`",
				body.word()
			),
			json!({
				"executed": false, "index": index, "hash": format!("0x{}", hex::encode(hash)),
				"ayes": ayes, "threshold": threshold,
			}),
		),
	}
}

async fn forecast(command: Forecast, context: &Context) -> Result<()> {
	let chain = context.chain().await?;
	let call = chain.resolve(command.call).await?;
	let at = chain.best().await?;
	let told = gov::change::forecast(&at, &call).await?;
	let mut lines = vec![
		format!("{} is {}", chain::name(&call), told.class),
		format!("it waits at least {} after the vote", gov::clock::blocks(told.delay)),
		format!("{} KEEL must take part in the vote", told.turnout),
		format!("it declares {}", counted(told.weight / 1_000_000, "microsecond")),
		"two thirds of the Security Council can take it out of the timelock, once: ChangeControl.cancel"
			.to_owned(),
	];
	let effect = effect::told(&at, &call).await?;
	lines.extend(effect.lines);
	context.out.result(
		lines.join("\n"),
		json!({
			"call": chain::name(&call), "class": told.class, "delay": told.delay,
			"turnout": told.turnout, "weight": told.weight.to_string(), "effect": effect.object,
		}),
	);
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
