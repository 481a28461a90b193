// SPDX-License-Identifier: Apache-2.0
//! `keelctl gov propose`.

use super::{from_one, read, Context, Signers};
use crate::{
	call::CallText,
	gov::{
		self,
		clock::{Clock, Periods},
		Carrier, Outlook, Proposed, Road, Rule, Takes,
	},
	Result,
};
use clap::Args;
use serde_json::{json, Value};

#[derive(Args)]
pub struct Propose {
	/// The call: Pallet.call(args), or encoded as 0x...
	#[arg(value_parser = read::<CallText>)]
	call: CallText,

	#[command(flatten)]
	signers: Signers,

	/// Propose publicly, with a deposit, as the first signer; otherwise by a motion of the Council.
	#[arg(long, conflicts_with_all = ["rule", "threshold"])]
	public: bool,

	/// How the vote is counted, when the Council proposes.
	#[arg(long, value_enum, default_value_t, value_name = "RULE")]
	rule: Rule,

	/// How many ayes the Council's motion needs; as many as the chain asks for by default.
	#[arg(long, value_name = "AYES", value_parser = from_one::<u32>)]
	threshold: Option<u32>,

	/// Show what would come of it, and send nothing.
	#[arg(long)]
	dry_run: bool,
}

pub async fn propose(command: Propose, context: &Context) -> Result<()> {
	let Propose { rule, threshold, .. } = command;
	// To look ahead takes no key.
	let signers = if command.dry_run { Vec::new() } else { command.signers.keys(context)? };
	let chain = context.chain().await?;
	let call = chain.resolve(command.call).await?;
	let road = if command.public { Road::Public } else { Road::Council { rule, threshold } };
	let outlook = Outlook::of(&chain, &call, road).await?;
	let mut object = describe(&outlook);
	if command.dry_run {
		context.out.result(outlook.lines().join("\n"), object);
		return Ok(());
	}
	for line in outlook.lines() {
		context.out.tell(&line);
	}
	let tell = |line: &str| context.out.tell(line);
	let proposed = gov::propose(&chain, &call, &outlook, &signers, &tell).await?;
	object["joined"] = json!(outlook.carrier.as_ref().map(Carrier::word));
	// Blocks went by since it was looked at.
	let at = chain.best().await?;
	let (clock, periods) = (Clock::read(&at).await?, Periods::read(&at)?);
	let (text, outcome) = show(&proposed, &outlook.name, &clock.countdown(periods.launch_after(clock.block)));
	object["outcome"] = outcome;
	context.out.result(text, object);
	Ok(())
}

/// An outlook, for programs.
fn describe(outlook: &Outlook) -> Value {
	let clock = &outlook.clock;
	let stops =
		outlook.stops.iter().map(|stop| json!({ "stage": stop.stage, "who": stop.who, "how": stop.how }));
	let stops: Vec<Value> = stops.collect();
	let (ayes, deposit) = match outlook.takes {
		Some(Takes::Ayes { needed, seats }) => (json!({ "needed": needed, "seats": seats }), Value::Null),
		Some(Takes::Deposit(deposit)) => (Value::Null, json!(deposit.plain())),
		None => (Value::Null, Value::Null),
	};
	json!({
		"call": outlook.name, "hash": format!("0x{}", hex::encode(outlook.noted.hash)),
		"class": outlook.forecast.class, "delay": outlook.forecast.delay,
		"turnout": outlook.forecast.turnout, "weight": outlook.forecast.weight.to_string(),
		"carrier": outlook.carrier.as_ref().map(Carrier::word),
		"tabled": clock.json(outlook.ordinary.tabled), "voted": clock.json(outlook.ordinary.voted),
		"earliest": clock.json(outlook.ordinary.acts),
		"fast_tracked": outlook.fast_tracked.as_ref().map(|(fast, _)| clock.json(fast.acts)),
		"fast_track": outlook.fast_tracked.as_ref().map(|(_, hurry)| json!({ "who": hurry.who, "how": hurry.how })),
		"ayes": ayes, "deposit": deposit, "stops": stops,
	})
}

/// What became of a proposal, and what comes next; `tabled` says when the next launch is.
fn show(proposed: &Proposed, call: &str, tabled: &str) -> (String, Value) {
	match proposed {
		Proposed::External => (
			format!("the Council has proposed {call}: it is tabled at the earliest in {tabled}"),
			json!({ "stands": "external" }),
		),
		Proposed::Motion { index, ayes, threshold } => (
			format!(
				"motion {index} of the Council is open: {ayes} of {threshold} ayes. Members vote with `keelctl gov \
				 vote motion council {index} aye`, or give this command again"
			),
			json!({ "stands": "motion", "index": index, "ayes": ayes, "threshold": threshold }),
		),
		Proposed::Public { proposal } => (
			format!(
				"public proposal {proposal} waits: the most seconded is tabled at the earliest in {tabled}"
			),
			json!({ "stands": "public", "index": proposal }),
		),
		Proposed::Stands(carrier) => {
			let next = match carrier {
				Carrier::Voted { referendum, .. } => {
					format!(". Vote with `keelctl gov vote referendum {referendum} aye`")
				}
				Carrier::Public { .. } => ". Second it with --public".to_owned(),
				Carrier::Motion(_, motion) => {
					format!(". Members vote with `keelctl gov vote motion council {} aye`", motion.index)
				}
				Carrier::Waits { .. } | Carrier::External => String::new(),
			};
			(format!("nothing was sent: {carrier}{next}"), json!({ "stands": carrier.word() }))
		}
	}
}
