// SPDX-License-Identifier: Apache-2.0
//! `keelctl pause` and `keelctl resume`.

use super::{from_one, Context, Signers};
use crate::{
	exchange,
	gov::Body,
	pause::{self, Restriction},
	Result,
};
use clap::Args;
use serde_json::json;

/// How long a market is restricted when nobody says, if the chain allows so long: ten minutes.
const BLOCKS: u32 = 300;

#[derive(Args)]
pub struct Pause {
	/// The market to restrict; without it the whole chain enters safe mode.
	market: Option<String>,

	/// Halt the market: nothing trades and nothing is liquidated. Otherwise it is guarded: positions may
	/// only shrink.
	#[arg(long, requires = "market")]
	halt: bool,

	/// For how many blocks the market is restricted. Safe mode has a length of its own.
	#[arg(long, requires = "market", value_name = "BLOCKS", value_parser = from_one::<u32>)]
	blocks: Option<u32>,

	#[command(flatten)]
	signers: Signers,
}

#[derive(Args)]
pub struct Resume {
	/// The market to open; without it the whole chain leaves safe mode.
	market: Option<String>,

	/// The body that resumes: another one than paused.
	#[arg(long, default_value = "technical")]
	body: Body,

	#[command(flatten)]
	signers: Signers,
}

pub async fn pause(command: Pause, context: &Context) -> Result<()> {
	let members = command.signers.keys(context)?;
	let chain = context.chain().await?;
	let tell = |line: &str| context.out.tell(line);
	let Some(name) = &command.market else {
		pause::enter_safe_mode(&chain, &members, &tell).await?;
		let until = pause::safe_mode_until(&chain.best().await?).await?;
		let text = until.map_or("safe mode".to_owned(), |block| format!("safe mode until block {block}"));
		context.out.result(text, json!({ "safe_mode_until": until }));
		return Ok(());
	};
	let at = chain.best().await?;
	let market = exchange::market(&at, name).await?;
	let restriction = if command.halt { Restriction::Halt } else { Restriction::Guard };
	let longest = pause::longest(&at, restriction)?;
	let blocks = command.blocks.unwrap_or_else(|| BLOCKS.min(longest));
	pause::restrict_market(&chain, market.id, restriction, blocks, &members, &tell).await?;
	show_market(&chain, &market, context).await
}

pub async fn resume(command: Resume, context: &Context) -> Result<()> {
	let members = command.signers.keys(context)?;
	let chain = context.chain().await?;
	let tell = |line: &str| context.out.tell(line);
	match &command.market {
		None => {
			pause::leave_safe_mode(&chain, command.body, &members, &tell).await?;
			context.out.result("safe mode is over", json!({ "safe_mode_until": null }));
			Ok(())
		}
		Some(name) => {
			let market = exchange::market(&chain.best().await?, name).await?;
			pause::resume_market(&chain, market.id, command.body, &members, &tell).await?;
			show_market(&chain, &market, context).await
		}
	}
}

async fn show_market(chain: &crate::Chain, market: &exchange::Market, context: &Context) -> Result<()> {
	let standing = pause::standing(&chain.best().await?, market.id).await?;
	let (text, object) = match standing {
		Some(standing) if standing.guardian != "Open" => (
			format!("{} is {} until block {}", market.name, standing.status, standing.until),
			json!({ "market": market.id, "status": standing.status, "until": standing.until }),
		),
		Some(standing) => (
			format!("{} is {}", market.name, standing.status),
			json!({ "market": market.id, "status": standing.status }),
		),
		None => (format!("{} is unknown to the breaker", market.name), json!({ "market": market.id })),
	};
	context.out.result(text, object);
	Ok(())
}
