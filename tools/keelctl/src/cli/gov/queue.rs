// SPDX-License-Identifier: Apache-2.0
//! `keelctl gov queue`: what is on its way, when it acts, why something stands still, and who can stop it.

use super::{vote::motion_line, Context};
use crate::{
	chain::{self, AtBlock, Chain},
	gov::{
		self,
		change::{self, Change, Standstill, Timetable},
		clock::{blocks, Clock, Periods},
		Body, Hurry, Referendum, Stop,
	},
	units::Keel,
	Result,
};
use serde_json::{json, Value};
use subxt::utils::AccountId32;

/// The name of a call, or its hash where the bytes are not stored.
async fn name(at: &AtBlock, hash: [u8; 32]) -> Result<String> {
	Ok(gov::stored_call(at, hash)
		.await?
		.map_or_else(|| format!("0x{}", hex::encode(hash)), |call| chain::name(&call)))
}

/// A line about bytes that nobody can read; none where they are stored.
async fn unread(at: &AtBlock, hash: [u8; 32]) -> Result<Option<String>> {
	Ok(gov::stored_call(at, hash).await?.is_none().then(|| {
		"  NOT STORED: nobody can read what it does, and it comes to nothing unless somebody stores its bytes \
		 (Preimage.note_preimage) before the vote ends"
			.to_owned()
	}))
}

/// What is shown of one thing on its way.
struct Item {
	lines: Vec<String>,
	object: Value,
}

pub async fn queue(context: &Context) -> Result<()> {
	let chain = context.chain().await?;
	let at = chain.best().await?;
	let clock = Clock::read(&at).await?;
	let (motions, proposals) = (motions(&at, &clock).await?, proposals(&at, &clock).await?);
	let changes = changes(&chain, &at, &clock).await?;
	let authorised = authorised(&at, &clock).await?;
	let mut lines = vec![clock_line(&clock)];
	let all = motions.iter().chain(&proposals).chain(&changes).chain(&authorised);
	lines.extend(all.flat_map(|item| item.lines.clone()));
	if lines.len() == 1 {
		lines.push("nothing is proposed or voted on, and nothing waits".to_owned());
	}
	let objects = |items: Vec<Item>| items.into_iter().map(|item| item.object).collect::<Vec<_>>();
	context.out.result(
		lines.join("\n"),
		json!({
			"block": clock.block, "motions": objects(motions), "proposals": objects(proposals),
			"changes": objects(changes), "authorised": authorised.map(|item| item.object),
		}),
	);
	Ok(())
}

fn clock_line(clock: &Clock) -> String {
	match clock.time(clock.block) {
		Some(time) => format!("block {}, {}", clock.block, time.strftime("%F %T UTC")),
		None => format!("block {}", clock.block),
	}
}

async fn motions(at: &AtBlock, clock: &Clock) -> Result<Vec<Item>> {
	// Nobody's own votes are shown.
	let nobody = AccountId32([0; 32]);
	let mut items = Vec::new();
	for body in Body::ALL {
		for motion in gov::motions(at, body).await? {
			let (line, object) = motion_line(at, &motion, clock, &nobody).await?;
			items.push(Item { lines: vec![line], object });
		}
	}
	Ok(items)
}

/// Who can give the Council's proposal a shorter vote; nobody where the chain has no fast track, or nobody can read what
/// it would do.
async fn hurry(at: &AtBlock, hash: [u8; 32]) -> Result<Option<Hurry>> {
	let stored = if Timetable::read(at).await?.fast_track { gov::stored_call(at, hash).await? } else { None };
	let Some(call) = stored else { return Ok(None) };
	// What no vote carries nobody hurries: the chain takes it from the vote.
	let Ok(forecast) = change::forecast(at, &call).await else { return Ok(None) };
	gov::hurry(at, hash, forecast.delay).await.map(Some)
}

/// What waits to be tabled.
async fn proposals(at: &AtBlock, clock: &Clock) -> Result<Vec<Item>> {
	let launch = Periods::read(at)?.launch_after(clock.block);
	let mut items = Vec::new();
	if let Some(hash) = gov::external(at).await? {
		let unread = unread(at, hash).await?;
		let hurry = hurry(at, hash).await?;
		let (call, hash) = (name(at, hash).await?, format!("0x{}", hex::encode(hash)));
		let mut lines = vec![
			format!("proposal of the Council, {call}: tabled at the earliest in {}", clock.countdown(launch)),
			"  any member of the Technical Committee can veto it".to_owned(),
		];
		let object = json!({
			"by": "council", "call": call, "hash": hash, "stored": unread.is_none(),
			"tabled": clock.json(launch),
			"fast_track": hurry.as_ref().map(|hurry| json!({ "who": hurry.who, "how": hurry.how })),
		});
		lines.extend(hurry.map(|hurry| format!("  {hurry}")));
		lines.extend(unread);
		items.push(Item { lines, object });
	}
	for (index, hash) in gov::public_proposals(at).await? {
		let backers = gov::backers(at, index).await?.len();
		let unread = unread(at, hash).await?;
		let (call, hash) = (name(at, hash).await?, format!("0x{}", hex::encode(hash)));
		let stop = gov::cancel_proposal(at, &index.to_string()).await?;
		let line = format!(
			"public proposal {index}, {call}: backed by {backers}; the most seconded is tabled at the earliest in {}",
			clock.countdown(launch)
		);
		let object = json!({
			"by": "public", "index": index, "call": call, "hash": hash, "stored": unread.is_none(),
			"backers": backers, "tabled": clock.json(launch),
			"stop": { "who": stop.who, "how": stop.how },
		});
		let lines = [line, stop_line(&stop)].into_iter().chain(unread).collect();
		items.push(Item { lines, object });
	}
	Ok(items)
}

/// What is voted on, and what waits in its timelock.
async fn changes(chain: &Chain, at: &AtBlock, clock: &Clock) -> Result<Vec<Item>> {
	let changes = change::queue(at).await?;
	let referenda = gov::open_referenda(at).await?;
	let standstill = Standstill::read(at, chain).await?;
	let mut items = Vec::new();
	for change in &changes {
		let voted = referenda.iter().find(|referendum| referendum.index == change.referendum);
		items.push(match (change.waits, voted) {
			(Some(timelock), _) => waits(at, clock, change, &standstill, timelock).await?,
			(None, Some(referendum)) => is_voted_on(at, clock, change, referendum).await?,
			(None, None) => Item {
				lines: vec![format!("referendum {}, {}: is over", change.referendum, change.class)],
				object: json!({ "referendum": change.referendum, "class": change.class, "due": null }),
			},
		});
	}
	// Tabled in this block: looked at in the next.
	let known = |referendum: &&Referendum| changes.iter().any(|change| change.referendum == referendum.index);
	for referendum in referenda.iter().filter(|referendum| !known(referendum)) {
		let (index, end) = (referendum.index, referendum.end);
		let unread = unread(at, referendum.hash).await?;
		let (call, hash) = (name(at, referendum.hash).await?, format!("0x{}", hex::encode(referendum.hash)));
		let object = json!({
			"referendum": index, "call": call, "hash": hash, "stored": unread.is_none(), "class": null,
			"due": null, "end": clock.json(end),
		});
		let line =
			format!("referendum {index}, {call}: not judged yet, voted on until {}", clock.countdown(end));
		items.push(Item { lines: [line].into_iter().chain(unread).collect(), object });
	}
	Ok(items)
}

async fn waits(
	at: &AtBlock,
	clock: &Clock,
	change: &Change,
	standstill: &Standstill,
	timelock: change::Timelock,
) -> Result<Item> {
	let (index, class, call) = (change.referendum, &change.class, name(at, change.hash).await?);
	let held = if change.leaves_a_way_out() { standstill.still_to_wait(&timelock) } else { 0 };
	let reason = standstill.reason.as_ref().filter(|_| change.leaves_a_way_out());
	let mut lines = vec![format!(
		"referendum {index}, {call} ({class}): has passed, acts in {}",
		clock.countdown(timelock.due + held)
	)];
	if held > 0 {
		lines.push(format!(
			"  {} later than block {}: so long nobody could withdraw",
			blocks(held),
			timelock.due
		));
	}
	if let Some(reason) = reason {
		lines.push(format!("  its timelock stands still, because nobody can withdraw: {reason}"));
	}
	let stop = gov::in_the_timelock(at, &index.to_string()).await?;
	lines.push(stop_line(&stop));
	let object = json!({
		"referendum": index, "call": call, "class": class, "hash": format!("0x{}", hex::encode(change.hash)),
		"due": timelock.due, "acts": clock.json(timelock.due + held), "stands_still": reason,
		"stop": { "who": stop.who, "how": stop.how },
	});
	Ok(Item { lines, object })
}

async fn is_voted_on(at: &AtBlock, clock: &Clock, change: &Change, referendum: &Referendum) -> Result<Item> {
	let (index, class, call) = (change.referendum, &change.class, name(at, change.hash).await?);
	let issuance = chain::storage_as(at, "Balances", "TotalIssuance", vec![]).await?.unwrap_or(0);
	let needed = Timetable::read(at).await?.turnout(class, Keel(issuance)).unwrap_or(Keel(0));
	let Referendum { ayes, nays, turnout, end, .. } = referendum;
	let stop = gov::during_the_vote(at, &index.to_string()).await?;
	let lines = vec![
		format!("referendum {index}, {call} ({class}): is voted on until {}", clock.countdown(*end)),
		format!("  {ayes} KEEL for it, {nays} against; {turnout} of the {needed} that must take part"),
		stop_line(&stop),
	];
	let object = json!({
		"referendum": index, "call": call, "class": class, "hash": format!("0x{}", hex::encode(change.hash)), "due": null,
		"end": clock.json(*end), "ayes": ayes, "nays": nays,
		"turnout": turnout, "turnout_needed": needed,
		"stop": { "who": stop.who, "how": stop.how },
	});
	Ok(Item { lines, object })
}

fn stop_line(stop: &Stop) -> String {
	format!("  can stop it: {}, by {}", stop.who, stop.how)
}

/// An upgrade that anybody may bring now.
async fn authorised(at: &AtBlock, clock: &Clock) -> Result<Option<Item>> {
	let Some(hash) = gov::authorised(at).await? else { return Ok(None) };
	let hash = format!("0x{}", hex::encode(hash));
	let expires = change::authorization_expiry(at).await?;
	let until =
		expires.map(|block| format!(", not any more from {}", clock.countdown(block))).unwrap_or_default();
	Ok(Some(Item {
		lines: vec![format!(
			"authorised upgrade {hash}: anybody may bring it with `keelctl gov apply`{until}"
		)],
		object: json!({ "hash": hash, "expires": expires.map(|block| clock.json(block)) }),
	}))
}
