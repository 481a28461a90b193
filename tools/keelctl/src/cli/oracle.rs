// SPDX-License-Identifier: Apache-2.0
//! `keelctl oracle`.

use super::{output::table, whole, Context};
use crate::{
	keys,
	seats::{self, Seat},
	Result,
};
use clap::Subcommand;
use serde_json::{json, Value};
use std::collections::BTreeSet;

#[derive(Subcommand)]
pub enum Command {
	/// Who has a seat of the oracle, what each member reads, when it last reported, and whether it is heard.
	Members,
	/// Name what your reports come from, as a member. Members who read the same name the same number, and count once.
	Source {
		/// The number that all who read the same have agreed on.
		#[arg(value_parser = whole::<u32>)]
		source: u32,
	},
}

pub async fn run(command: Command, context: &Context) -> Result<()> {
	match command {
		Command::Members => members(context).await,
		Command::Source { source } => {
			let member = context.signer()?;
			let chain = context.chain().await?;
			chain.submit(&seats::name_source(source), &member).await?;
			let member = keys::id(&member);
			context.out.result(
				format!(
					"{} will read source {source}, after twice the seat delay",
					keys::display_name(&member)
				),
				json!({ "member": member.to_string(), "source": source }),
			);
			Ok(())
		}
	}
}

async fn members(context: &Context) -> Result<()> {
	let chain = context.chain().await?;
	let at = chain.best().await?;
	let (now, window) = (at.block_number(), seats::window(&at));
	let seats = seats::all(&at).await?;
	let counted = seats.iter().filter(|seat| seat.counts);
	let sources = counted.clone().map(|seat| seat.source_in(now)).collect::<BTreeSet<_>>().len();
	let counted = counted.count();
	let rows = seats.iter().map(|seat| row(seat, now, window)).collect();
	let header = ["member", "source", "last report", "off by", "late by", "state"];
	context.out.result(
		format!("{}\n{counted} seats count, of {sources} sources", table(&header, rows)),
		json!({
			"block": now,
			"counted": counted,
			"sources": sources,
			"members": seats.iter().map(|seat| object(seat, now, window)).collect::<Vec<_>>(),
		}),
	);
	Ok(())
}

fn row(seat: &Seat, now: u64, window: u32) -> Vec<String> {
	let source = seat.source_in(now).map_or("none named".to_owned(), |source| source.to_string());
	let source = match seat.next_source.filter(|next| next.due > now) {
		Some(next) => format!("{source}, {} from block {}", next.source, next.due),
		None if seat.is_corrected => format!("{source}, corrected"),
		None => source,
	};
	let last = seat
		.last_round
		.map_or("never".to_owned(), |round| format!("block {round}, {} ago", now.saturating_sub(round)));
	let (off, late) = (format!("{} %", seat.distance_percent()), format!("{} blocks", seat.blocks_late()));
	vec![keys::display_name(&seat.member), source, last, off, late, seat.standing(now, window)]
}

fn object(seat: &Seat, now: u64, window: u32) -> Value {
	json!({
		"member": seat.member.to_string(),
		"reporter": seat.reporter.as_ref().map(ToString::to_string),
		"source": seat.source_in(now),
		"next_source": seat
			.next_source
			.filter(|next| next.due > now)
			.map(|next| json!({ "source": next.source, "due": next.due })),
		"corrected": seat.is_corrected,
		"last_round": seat.last_round,
		"distance_percent": seat.distance_percent(),
		"blocks_late": seat.blocks_late(),
		"counts": seat.counts,
		"back_at": seat.back_at,
		"state": seat.standing(now, window),
	})
}
