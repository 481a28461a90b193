// SPDX-License-Identifier: Apache-2.0
//! `keelctl gov approve`: acts in an emergency, each by approvals of members, and what is left of the budgets.

use super::{whole, Context, Signers};
use crate::{
	chain::AtBlock,
	gov::clock::{blocks, Clock},
	keys,
	pause::{self, Act, Approved, CallName, Power},
	Result,
};
use clap::{Args, Subcommand};
use serde_json::{json, Value};
use std::str::FromStr;

#[derive(Args)]
pub struct Approve {
	#[command(subcommand)]
	act: Option<Named>,
}

#[derive(Subcommand)]
enum Named {
	/// Keep safe mode on for longer: two thirds of the Security Council and half of the Council.
	Extend {
		#[command(flatten)]
		signers: Signers,
	},
	/// Keep a call paused for longer: half of the Security Council and half of the Council.
	Renew {
		/// The call, like Margin.withdraw.
		#[arg(value_name = "PALLET.CALL", value_parser = CallName::from_str)]
		call: CallName,

		#[command(flatten)]
		signers: Signers,
	},
	/// Give back a right that was used: half of the Council. Without arguments: the right to enter safe mode.
	Rearm {
		/// The right to pause this call, like Margin.withdraw.
		#[arg(long, value_name = "PALLET.CALL", value_parser = CallName::from_str)]
		call: Option<CallName>,

		/// The right of this member to halt a market alone.
		#[arg(long, value_name = "MEMBER", conflicts_with = "call")]
		alone: Option<String>,

		#[command(flatten)]
		signers: Signers,
	},
	/// Take a change out of its timelock, once: two thirds of the Security Council. It may be voted on again.
	Cancel {
		/// Its referendum: `keelctl gov queue` names it.
		#[arg(value_parser = whole::<u32>)]
		referendum: u32,

		#[command(flatten)]
		signers: Signers,
	},
}

impl Named {
	fn act(self) -> Result<(Act, Signers)> {
		Ok(match self {
			Self::Extend { signers } => (Act::ExtendSafeMode, signers),
			Self::Renew { call, signers } => (Act::RenewPause(call), signers),
			Self::Rearm { call, alone, signers } => {
				let power = match (call, alone) {
					(Some(call), _) => Power::Pause(call),
					(None, Some(member)) => Power::Alone(keys::account(&member)?),
					(None, None) => Power::SafeMode,
				};
				(Act::Rearm(power), signers)
			}
			Self::Cancel { referendum, signers } => (Act::CancelChange { referendum }, signers),
		})
	}
}

pub async fn approve(command: Approve, context: &Context) -> Result<()> {
	let Some(named) = command.act else {
		return list(context).await;
	};
	let (act, signers) = named.act()?;
	let members = signers.keys(context)?;
	let chain = context.chain().await?;
	let approved = pause::approve(&chain, &act, &members, &|line| context.out.tell(line)).await?;
	let (mut lines, mut object) = match approved {
		Approved::Done(included) => (
			vec![format!("done in block {}: {act}", included.number)],
			json!({ "done": true, "act": act.to_string(), "block": included.number }),
		),
		Approved::Waiting { approvals, needs } => (
			vec![format!(
				"NOT YET: {approvals} approve of it: {act}. It takes {needs}; others approve with the same command."
			)],
			json!({ "done": false, "act": act.to_string(), "approvals": approvals }),
		),
	};
	if let Some((line, left)) = budget(&chain.best().await?, &act).await? {
		lines.push(line);
		object["blocks_left"] = left.into();
	}
	context.out.result(lines.join("\n"), object);
	Ok(())
}

/// What is left of the budget that an act is charged to.
async fn budget(at: &AtBlock, act: &Act) -> Result<Option<(String, u64)>> {
	let (what, left) = match act {
		Act::ExtendSafeMode | Act::Rearm(Power::SafeMode) => {
			("safe mode may last".to_owned(), pause::safe_mode_left(at).await?)
		}
		Act::RenewPause(call) | Act::Rearm(Power::Pause(call)) => {
			(format!("{call} may be paused"), pause::pause_left(at, call).await?)
		}
		_ => return Ok(None),
	};
	Ok(Some((format!("{what} for {} more within thirty days", blocks(left)), left)))
}

async fn list(context: &Context) -> Result<()> {
	let chain = context.chain().await?;
	let at = chain.best().await?;
	let clock = Clock::read(&at).await?;
	let mut lines = Vec::new();
	let mut open: Vec<Value> = Vec::new();
	for pause::OpenAct { act, approvals } in pause::open_acts(&at).await? {
		lines.push(format!("{act}: {} approve, it takes {}", approvals.len(), act.needs()));
		let mut given: Vec<Value> = Vec::new();
		for (who, until) in &approvals {
			lines.push(format!("  {}, until {}", keys::display_name(who), clock.countdown(*until)));
			given.push(json!({ "who": who.to_string(), "until": clock.json(*until) }));
		}
		open.push(json!({ "act": act.to_string(), "needs": act.needs(), "approvals": given }));
	}
	if lines.is_empty() {
		lines.push("nothing is approved of".to_owned());
	}
	let until = pause::safe_mode_until(&at).await?;
	if let Some(until) = until {
		lines.push(format!("safe mode until {}", clock.countdown(until)));
	}
	let left = pause::safe_mode_left(&at).await?;
	lines.push(format!("safe mode may last for {} more within thirty days", blocks(left)));
	let mut paused: Vec<Value> = Vec::new();
	for (call, until) in pause::paused(&at).await? {
		let left = pause::pause_left(&at, &call).await?;
		lines.push(format!(
			"{call} is paused until {}; it may be for {} more within thirty days",
			clock.countdown(until),
			blocks(left)
		));
		paused.push(json!({ "call": call.to_string(), "until": clock.json(until), "blocks_left": left }));
	}
	context.out.result(
		lines.join("\n"),
		json!({
			"open": open, "safe_mode_until": until.map(|until| clock.json(until)), "safe_mode_blocks_left": left,
			"paused": paused,
		}),
	);
	Ok(())
}
