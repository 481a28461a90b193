// SPDX-License-Identifier: Apache-2.0
//! `keelctl pause` and `keelctl resume`.

use super::{from_one, Context, Signers};
use crate::{
	exchange,
	pause::{self, Act, Approved, CallName, Restriction},
	Error, Result,
};
use clap::Args;
use serde_json::json;
use std::str::FromStr;

/// How long a market is restricted when nobody says, if the chain allows so long: ten minutes.
const BLOCKS: u32 = 300;

#[derive(Args)]
pub struct Pause {
	/// The market to restrict; without it and --call the whole chain enters safe mode.
	market: Option<String>,

	/// Halt the market: nothing trades and nothing is liquidated. Otherwise it is guarded: positions may
	/// only shrink.
	#[arg(long, requires = "market")]
	halt: bool,

	/// Halt it with one approval, for some minutes: a member of the Security Council may do so once, until half
	/// of the Council gives the right back.
	#[arg(long, requires = "halt", conflicts_with = "blocks")]
	alone: bool,

	/// For how many blocks the market is restricted. Safe mode and pauses of calls have a length of their own.
	#[arg(long, requires = "market", value_name = "BLOCKS", value_parser = from_one::<u32>)]
	blocks: Option<u32>,

	/// Pause this call for everybody, like Margin.withdraw.
	#[arg(long, value_name = "PALLET.CALL", conflicts_with = "market", value_parser = CallName::from_str)]
	call: Option<CallName>,

	#[command(flatten)]
	signers: Signers,
}

#[derive(Args)]
pub struct Resume {
	/// The market to open; without it and --call the whole chain leaves safe mode.
	market: Option<String>,

	/// Let this call go on.
	#[arg(long, value_name = "PALLET.CALL", conflicts_with = "market", value_parser = CallName::from_str)]
	call: Option<CallName>,

	#[command(flatten)]
	signers: Signers,
}

pub async fn pause(command: Pause, context: &Context) -> Result<()> {
	let members = command.signers.keys(context)?;
	let chain = context.chain().await?;
	let tell = |line: &str| context.out.tell(line);
	let Some(name) = &command.market else {
		let Some(call) = command.call else {
			let approved = pause::approve(&chain, &Act::EnterSafeMode, &members, &tell).await?;
			return show_safe_mode(&chain, &approved, context).await;
		};
		call.find(&chain.best().await?)?;
		let text = format!("{call} is paused");
		let approved = pause::approve(&chain, &Act::PauseCall(call), &members, &tell).await?;
		show_call(text, &approved, context);
		return Ok(());
	};
	let at = chain.best().await?;
	let market = exchange::market(&at, name).await?;
	if command.alone {
		let member = members.first().map_or_else(|| context.signer(), |member| Ok(member.clone()))?;
		let included = pause::halt_alone(&chain, market.id, &member).await?;
		return show_market(&chain, &market, &Approved::Done(included), context).await;
	}
	let restriction = if command.halt { Restriction::Halt } else { Restriction::Guard };
	let longest = pause::longest(&at, restriction)?;
	let blocks = command.blocks.unwrap_or_else(|| BLOCKS.min(longest));
	let act = Act::RestrictMarket { market: market.id, restriction, blocks };
	let approved = pause::approve(&chain, &act, &members, &tell).await?;
	show_market(&chain, &market, &approved, context).await
}

pub async fn resume(command: Resume, context: &Context) -> Result<()> {
	let members = command.signers.keys(context)?;
	let chain = context.chain().await?;
	let tell = |line: &str| context.out.tell(line);
	let Some(name) = &command.market else {
		let Some(call) = command.call else {
			if pause::safe_mode_until(&chain.best().await?).await?.is_none() {
				return nothing_to_resume("safe mode is off");
			}
			let approved = pause::approve(&chain, &Act::ExitSafeMode, &members, &tell).await?;
			return show_safe_mode(&chain, &approved, context).await;
		};
		let at = chain.best().await?;
		call.find(&at)?;
		if !pause::paused(&at).await?.iter().any(|(paused, _)| *paused == call) {
			return nothing_to_resume(&format!("{call} is not paused"));
		}
		let text = format!("{call} goes on");
		let approved = pause::approve(&chain, &Act::ResumeCall(call), &members, &tell).await?;
		show_call(text, &approved, context);
		return Ok(());
	};
	let at = chain.best().await?;
	let market = exchange::market(&at, name).await?;
	if let Some(standing) =
		pause::standing(&at, market.id).await?.filter(|standing| !standing.is_to_be_resumed())
	{
		let (name, status) = (&market.name, standing.status.to_lowercase());
		return nothing_to_resume(&format!(
			"neither guardians nor losses have stopped {name}: its price makes it {status}"
		));
	}
	let act = Act::ResumeMarket { market: market.id };
	let approved = pause::approve(&chain, &act, &members, &tell).await?;
	show_market(&chain, &market, &approved, context).await
}

/// An approval of what is not stopped would fail, or wait for others who would wonder.
fn nothing_to_resume(problem: &str) -> Result<()> {
	Err(Error::Governance {
		problem: problem.to_owned(),
		help: "There is nothing to resume. `keelctl doctor` says what stands, and why.".to_owned(),
	})
}

/// What is missing, where more must approve.
fn waiting(approved: &Approved) -> Option<(String, usize)> {
	match approved {
		Approved::Done(_) => None,
		Approved::Waiting { approvals, needs } => Some((
			format!("NOT YET: {approvals} approve; it takes {needs}. Others approve with the same command."),
			*approvals,
		)),
	}
}

fn show_call(text: String, approved: &Approved, context: &Context) {
	match waiting(approved) {
		Some((text, approvals)) => context.out.result(text, json!({ "done": false, "approvals": approvals })),
		None => context.out.result(text, json!({ "done": true })),
	}
}

async fn show_safe_mode(chain: &crate::Chain, approved: &Approved, context: &Context) -> Result<()> {
	if let Some((text, approvals)) = waiting(approved) {
		context.out.result(text, json!({ "done": false, "approvals": approvals }));
		return Ok(());
	}
	let until = pause::safe_mode_until(&chain.best().await?).await?;
	let text = match until {
		Some(block) => format!("safe mode until block {block}"),
		None => "safe mode is over".to_owned(),
	};
	context.out.result(text, json!({ "done": true, "safe_mode_until": until }));
	Ok(())
}

async fn show_market(
	chain: &crate::Chain,
	market: &exchange::Market,
	approved: &Approved,
	context: &Context,
) -> Result<()> {
	if let Some((text, approvals)) = waiting(approved) {
		let object = json!({ "done": false, "approvals": approvals, "market": market.id });
		context.out.result(text, object);
		return Ok(());
	}
	let standing = pause::standing(&chain.best().await?, market.id).await?;
	let (text, object) = match standing {
		Some(standing) if standing.guardian != "Open" => (
			format!("{} is {} until block {}", market.name, standing.status, standing.until),
			json!({
				"done": true, "market": market.id, "status": standing.status, "until": standing.until,
			}),
		),
		Some(standing) => (
			format!("{} is {}", market.name, standing.status),
			json!({ "done": true, "market": market.id, "status": standing.status }),
		),
		None => (
			format!("{} is unknown to the breaker", market.name),
			json!({ "done": true, "market": market.id }),
		),
	};
	context.out.result(text, object);
	Ok(())
}
