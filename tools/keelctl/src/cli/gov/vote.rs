// SPDX-License-Identifier: Apache-2.0
//! `keelctl gov vote` and `keelctl gov close`: for people with one key each.

use super::{read, show_outcome, whole, Context};
use crate::{
	chain::{self, AtBlock},
	gov::{
		self,
		clock::{blocks, Clock},
		Ballot, Body, Conviction, Motion, MotionName, Referendum, Verdict,
	},
	keys,
	units::Keel,
	Result,
};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{json, Value};
use subxt::utils::AccountId32;

#[derive(Args)]
pub struct Vote {
	#[command(subcommand)]
	what: Option<What>,
}

#[derive(Subcommand)]
enum What {
	/// Vote in a motion of a body one sits in.
	Motion {
		/// council, technical, risk or security.
		body: Body,

		/// Its number, or the hash of its call.
		#[arg(value_name = "INDEX|HASH")]
		motion: MotionName,

		/// aye or nay.
		vote: Side,
	},
	/// Vote in a referendum, as anybody may who holds KEEL.
	Referendum {
		/// Its number.
		#[arg(value_parser = whole::<u32>)]
		index: u32,

		/// aye or nay.
		vote: Side,

		/// KEEL to vote with. They stay yours, and are locked for as long as the conviction says.
		#[arg(long, value_name = "KEEL", value_parser = read::<Keel>)]
		balance: Keel,

		/// none, or 1x to 6x: the vote counts so often, and is locked for 1, 2, 4, 8, 16 or 32 periods if it wins.
		#[arg(long, value_name = "TIMES", default_value = "1x")]
		conviction: Conviction,
	},
}

#[derive(Clone, Copy, ValueEnum)]
enum Side {
	/// For it.
	Aye,
	/// Against it.
	Nay,
}

#[derive(Args)]
pub struct Close {
	/// council, technical, risk or security.
	body: Body,

	/// Its number, or the hash of its call.
	#[arg(value_name = "INDEX|HASH")]
	motion: MotionName,
}

pub async fn vote(command: Vote, context: &Context) -> Result<()> {
	match command.what {
		None => list(context).await,
		Some(What::Motion { body, motion, vote }) => in_motion(body, &motion, vote, context).await,
		Some(What::Referendum { index, vote, balance, conviction }) => {
			let ballot = Ballot { aye: matches!(vote, Side::Aye), balance, conviction };
			in_referendum(index, ballot, context).await
		}
	}
}

pub async fn close(command: Close, context: &Context) -> Result<()> {
	let signer = context.signer()?;
	let chain = context.chain().await?;
	let at = chain.best().await?;
	let motion = gov::find_motion(&at, command.body, &command.motion).await?;
	let call = chain::name(&motion.call(&at).await?);
	let tell = |line: &str| context.out.tell(line);
	let outcome = gov::close(&chain, &motion, &signer, &tell).await?;
	show_outcome(outcome, command.body, &call, context);
	Ok(())
}

async fn in_motion(body: Body, name: &MotionName, vote: Side, context: &Context) -> Result<()> {
	let signer = context.signer()?;
	let chain = context.chain().await?;
	let motion = gov::find_motion(&chain.best().await?, body, name).await?;
	let tell = |line: &str| context.out.tell(line);
	let motion = gov::vote_in_motion(&chain, &motion, matches!(vote, Side::Aye), &signer, &tell).await?;
	let at = chain.best().await?;
	let (line, object) = motion_line(&at, &motion, &Clock::read(&at).await?, &keys::id(&signer)).await?;
	context.out.result(line, object);
	Ok(())
}

async fn in_referendum(index: u32, ballot: Ballot, context: &Context) -> Result<()> {
	let signer = context.signer()?;
	let chain = context.chain().await?;
	let (included, before) = gov::vote_in_referendum(&chain, index, ballot, &signer).await?;
	let at = chain.best().await?;
	let clock = Clock::read(&at).await?;
	let referendum = gov::open_referendum(&at, index).await?;
	let period: u32 = chain::constant(&at, "Democracy", "VoteLockingPeriod")?;
	let locked = u64::from(period) * u64::from(ballot.conviction.periods());
	let replaced = before.map(|before| format!(", in place of {before}")).unwrap_or_default();
	let lock = match locked {
		0 => "Nothing is locked when it is over".to_owned(),
		count => format!("If it wins it stays locked for {}", blocks(count)),
	};
	context.out.result(
		format!(
			"voted {ballot} in block {}{replaced}. {lock}.\n{}",
			included.number,
			referendum_line(&referendum, "", &clock)
		),
		json!({
			"block": included.number, "referendum": index, "aye": ballot.aye,
			"balance": ballot.balance, "conviction": ballot.conviction.to_string(),
			"replaced": before.map(|before| before.to_string()), "locked_blocks": locked,
			"end": clock.json(referendum.end),
		}),
	);
	Ok(())
}

/// What the signer can vote on.
async fn list(context: &Context) -> Result<()> {
	let account = keys::id(&context.signer()?);
	let chain = context.chain().await?;
	let at = chain.best().await?;
	let clock = Clock::read(&at).await?;
	let (mut lines, mut motions, mut seats) = (Vec::new(), Vec::new(), Vec::new());
	for body in Body::ALL {
		if !body.members(&at).await?.contains(&account) {
			continue;
		}
		seats.push(body.title());
		for motion in gov::motions(&at, body).await? {
			let (line, object) = motion_line(&at, &motion, &clock, &account).await?;
			lines.push(line);
			motions.push(object);
		}
	}
	let mut referenda = Vec::new();
	for referendum in gov::open_referenda(&at).await? {
		let ballot = gov::ballot_of(&at, referendum.index, &account).await?;
		let call = gov::stored_call(&at, referendum.hash).await?.map(|call| chain::name(&call));
		let about = call.as_ref().map(|call| format!(" about {call}")).unwrap_or_default();
		let own = ballot.map_or("you have not voted".to_owned(), |ballot| format!("you voted {ballot}"));
		lines.push(format!("{}; {own}", referendum_line(&referendum, &about, &clock)));
		referenda.push(json!({
			"index": referendum.index, "call": call, "hash": format!("0x{}", hex::encode(referendum.hash)),
			"ayes": referendum.ayes, "nays": referendum.nays,
			"turnout": referendum.turnout, "end": clock.json(referendum.end),
			"voted": ballot.map(|ballot| ballot.to_string()),
		}));
	}
	if lines.is_empty() {
		lines.push("there is nothing to vote on".to_owned());
	}
	let sits =
		if seats.is_empty() { "sits in no body".to_owned() } else { format!("sits in {}", seats.join(", ")) };
	let mut text = vec![format!("{} {sits}; this is block {}", keys::display_name(&account), clock.block)];
	text.extend(lines);
	context.out.result(
		text.join("\n"),
		json!({ "block": clock.block, "seats": seats, "motions": motions, "referenda": referenda }),
	);
	Ok(())
}

/// A motion with what an account has said, for people and for programs.
pub async fn motion_line(
	at: &AtBlock,
	motion: &Motion,
	clock: &Clock,
	account: &AccountId32,
) -> Result<(String, Value)> {
	let call = chain::name(&motion.call(at).await?);
	let seats = u32::try_from(motion.body.members(at).await?.len()).unwrap_or(u32::MAX);
	let (word, index) = (motion.body.word(), motion.index);
	let own = match motion.voted(account) {
		Some(true) => "; you voted aye",
		Some(false) => "; you voted nay",
		None => "",
	};
	let next = match motion.verdict(seats, clock.block) {
		Verdict::Passes => format!("it has enough: `keelctl gov close {word} {index}`"),
		Verdict::Fails => format!("it is rejected: `keelctl gov close {word} {index}`"),
		Verdict::Open => format!("open until {}", clock.countdown(motion.end)),
	};
	let (ayes, nays, threshold) = (motion.count(true), motion.count(false), motion.threshold);
	let line = format!("motion {word} {index}, {call}: {ayes} of {threshold} ayes, {nays} nays; {next}{own}");
	let object = json!({
		"body": word, "index": index, "hash": format!("0x{}", hex::encode(motion.hash)), "call": call,
		"ayes": ayes, "nays": nays, "threshold": threshold, "end": clock.json(motion.end),
		"closable": motion.verdict(seats, clock.block) != Verdict::Open, "voted": motion.voted(account),
	});
	Ok((line, object))
}

fn referendum_line(referendum: &Referendum, about: &str, clock: &Clock) -> String {
	let Referendum { index, ayes, nays, turnout, end, .. } = referendum;
	format!(
		"referendum {index}{about}: {ayes} KEEL for it, {nays} against, {turnout} took part; voted on until {}",
		clock.countdown(*end)
	)
}
