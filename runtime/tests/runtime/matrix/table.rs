// SPDX-License-Identifier: Apache-2.0
//! The matrix of docs/spec/governance.md, as data.

use std::{
	collections::{BTreeMap, BTreeSet},
	sync::LazyLock,
};

/// The page itself.
pub static PAGE: LazyLock<String> = LazyLock::new(|| {
	let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/spec/governance.md");
	std::fs::read_to_string(file).expect("the page can be read")
});

/// A body, by its name in the runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Body {
	Council,
	TechnicalCommittee,
	RiskCommittee,
	SecurityCouncil,
}

/// All of them.
pub const BODIES: [Body; 4] =
	[Body::Council, Body::TechnicalCommittee, Body::RiskCommittee, Body::SecurityCouncil];

impl Body {
	fn named(name: &str) -> Result<Self, String> {
		Ok(match name {
			"Council" => Self::Council,
			"Technical Committee" => Self::TechnicalCommittee,
			"Risk Committee" => Self::RiskCommittee,
			"Security Council" => Self::SecurityCouncil,
			other => return Err(format!("there is no body '{other}'")),
		})
	}
}

/// What of a body is needed at least: so many of so many. No body needs less than one of its members.
pub type Share = (u32, u32);

/// The shares that have a name.
pub const SHARES: [(&str, Share); 4] =
	[("half", (1, 2)), ("three fifths", (3, 5)), ("two thirds", (2, 3)), ("all", (1, 1))];

/// Any motion of a body, however few agree.
pub const ANY_MOTION: Share = (0, 1);

/// Members out of `total` that are as much as `share`.
pub fn enough((parts, of): Share, total: u32) -> u32 {
	(total * parts).div_ceil(of).max(1)
}

/// Who may send a call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Who {
	/// Motions of a body with at least this share.
	pub motions: BTreeMap<Body, Share>,
	/// A single member of a body, through `execute`.
	pub members: BTreeSet<Body>,
	/// Any account that signs.
	pub account: bool,
	/// Nobody: the author of a block, or a call that needs no signature.
	pub unsigned: bool,
}

impl Who {
	/// Nobody but a vote.
	pub fn nobody() -> Self {
		Self::default()
	}

	/// Any account that signs, and no body.
	pub fn any_account() -> Self {
		Self { account: true, ..Self::default() }
	}

	/// Whoever sends it.
	fn whoever(unsigned: bool) -> Self {
		Self {
			motions: BODIES.iter().map(|body| (*body, ANY_MOTION)).collect(),
			members: BODIES.iter().copied().collect(),
			account: true,
			unsigned,
		}
	}

	/// What the page says: "two thirds of the Council or of the Security Council".
	fn of(text: &str) -> Result<Self, String> {
		match text {
			"nobody" => return Ok(Self::nobody()),
			"any account" => return Ok(Self::any_account()),
			"whoever sends it" => return Ok(Self::whoever(false)),
			"whoever sends it, without a signature too" => return Ok(Self::whoever(true)),
			"the author of the block" => return Ok(Self { unsigned: true, ..Self::default() }),
			_ => {}
		}
		let (mut who, mut before) = (Self::default(), None);
		for part in text.split(" or ") {
			if let Some(body) = part.strip_prefix("any member of the ") {
				who.members.insert(Body::named(body)?);
				continue;
			}
			let (share, body) =
				part.split_once("of the ").ok_or_else(|| format!("'{part}' is no part of a body"))?;
			// "or of the Security Council": the same share.
			let share = match share.trim() {
				"" => before.ok_or_else(|| format!("'{part}' says no share"))?,
				name => SHARES
					.iter()
					.find(|(known, _)| *known == name)
					.map(|(_, share)| *share)
					.ok_or_else(|| format!("'{name}' is no share"))?,
			};
			before = Some(share);
			who.motions.insert(Body::named(body)?, share);
		}
		Ok(who)
	}
}

/// A row: an act, the calls that do it, and what holds of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
	/// The calls, as `Pallet.call`; what comes after the last tells two uses of a call apart.
	pub calls: Vec<String>,
	/// Who may do it without a vote.
	pub who: Who,
	/// The class of a vote that does it, or "no".
	pub vote: String,
	/// How much, how long, how often at most; and when it is over.
	pub limit: String,
}

impl Row {
	fn of(line: &str) -> Result<Self, String> {
		let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
		let [_, calls, who, vote, limit] = cells[..] else {
			return Err(format!("'{line}' has not five cells"));
		};
		let pieces: Vec<&str> = calls.split('`').collect();
		let mut names: Vec<String> =
			pieces.iter().skip(1).step_by(2).map(|name| (*name).to_owned()).collect();
		// The words behind the last name are a part of it.
		let words = pieces.last().map_or("", |words| words.trim_start_matches([',', ' ']));
		match (names.last_mut(), words) {
			(None, _) => return Err(format!("'{calls}' names no call")),
			(Some(_), "") => {}
			(Some(last), words) => *last = format!("{last}, {words}"),
		}
		Ok(Self { calls: names, who: Who::of(who)?, vote: vote.to_owned(), limit: limit.to_owned() })
	}
}

/// The lines of the table under a heading, without its own heading.
pub fn lines<'a>(page: &'a str, heading: &str) -> Vec<&'a str> {
	page.lines()
		.skip_while(|line| *line != heading)
		.skip_while(|line| !line.starts_with('|'))
		.take_while(|line| line.starts_with('|'))
		.skip(2)
		.collect()
}

/// The rows of the matrix in `page`, or what cannot be read of it.
pub fn rows(page: &str) -> Result<Vec<Row>, String> {
	let rows: Vec<_> = lines(page, "### Senders").into_iter().map(Row::of).collect::<Result<_, _>>()?;
	if rows.is_empty() {
		return Err("there is no matrix".into());
	}
	Ok(rows)
}
