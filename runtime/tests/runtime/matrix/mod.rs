// SPDX-License-Identifier: Apache-2.0
//! The matrix of bodies, acts and limits on the page on governance is what the runtime does: every call is sent by every
//! body with every number of members, and only what the page says goes.

mod limits;
mod powers;
pub mod table;
mod timetable;

use std::{collections::BTreeMap, sync::OnceLock};

use powers::Power;
use table::{rows, Row, Who, PAGE};

use keel_runtime::configs::changes::{entry, Entry};

/// What the runtime says: found out once, compared often.
fn powers() -> &'static [Power] {
	static POWERS: OnceLock<Vec<Power>> = OnceLock::new();
	POWERS.get_or_init(|| match powers::powers() {
		Ok((powers, _)) => powers,
		Err(odd) => panic!("{odd}"),
	})
}

/// What holds of a call that has no row.
fn without_a_row(name: &str) -> Who {
	let whole = name.split(',').next().unwrap_or_default();
	let (pallet, call) = whole.split_once('.').unwrap_or_default();
	match entry(pallet, call) {
		Some(Entry::Account) => Who::any_account(),
		_ => Who::nobody(),
	}
}

/// In what a page and the runtime differ.
fn complaints(page: &str) -> Vec<String> {
	let rows = match rows(page) {
		Ok(rows) => rows,
		Err(unreadable) => return vec![unreadable],
	};
	let (mut said, mut found) = (BTreeMap::<&str, &Row>::new(), Vec::new());
	for row in &rows {
		for call in &row.calls {
			if said.insert(call, row).is_some() {
				found.push(format!("{call} has two rows"));
			}
		}
	}
	for Power { name, who, root, vote } in powers() {
		let row = said.remove(name.as_str());
		let expected = row.map_or_else(|| without_a_row(name), |row| row.who.clone());
		if *who != expected {
			found.push(format!("{name}: the page says {expected:?}, and it is {who:?}"));
		}
		if row.is_some_and(|row| row.vote != *vote) {
			found.push(format!("{name}: a vote on it is of the class '{vote}'"));
		}
		if *root == Some(false) {
			found.push(format!("{name}: a vote may carry it, and it is refused to Root"));
		}
	}
	found.extend(said.into_keys().map(|name| format!("{name}: there is no such call")));
	found.extend(limits::complaints(&rows));
	found
}

#[test]
fn every_body_may_do_what_the_page_says_and_nothing_else() {
	assert_eq!(complaints(&PAGE), Vec::<String>::new());
}

/// Each change makes the page say something that is not so.
#[test]
fn a_page_that_is_wrong_is_seen() {
	let line = |call: &str| {
		let name = format!("`{call}`");
		table::lines(&PAGE, "### Senders")
			.into_iter()
			.find(|line| line.contains(&name))
			.expect("it has a row")
	};
	for (call, from, to) in [
		// A smaller share, a larger one, another body, one more, one less.
		("ChangeControl.cancel", "two thirds of the Security Council", "half of the Security Council"),
		("Oracle.veto_change", "half of the Technical Committee", "all of the Technical Committee"),
		("Treasury.spend", "three fifths of the Council", "two thirds of the Council"),
		("Oracle.add_member", "of the Risk Committee", "of the Security Council"),
		("Democracy.external_propose", "half of the Council", "half of the Council or of the Risk Committee"),
		("Democracy.emergency_cancel", " or of the Security Council", ""),
		("Democracy.veto_external", "any member of the Technical Committee", "any account"),
		("System.apply_authorized_upgrade", "whoever sends it, without a signature too", "nobody"),
		// Another class, no vote at all.
		("Oracle.veto_change", "Operational", "Economic"),
		("Oracle.add_feed", "Economic", "no"),
		// Another limit.
		("Treasury.spend", "10,000 KEEL", "20,000 KEEL"),
		("Treasury.spend", "5 times", "6 times"),
		// A power that nobody has.
		("Preimage.unrequest_preimage", "nobody", "two thirds of the Technical Committee"),
		("ChangeControl.cancel", "ChangeControl.cancel", "ChangeControl.take_out"),
	] {
		let row = line(call);
		assert!(row.contains(from), "{row} does not say '{from}'");
		let page = PAGE.replace(row, &row.replacen(from, to, 1));
		let found = complaints(&page);
		assert!(found.iter().any(|complaint| complaint.contains(call)), "{call}: {from} -> {to}: {found:?}");
	}
}

/// A new power is one that the page says nothing of.
#[test]
fn a_power_without_a_row_is_seen() {
	let told = rows(&PAGE).expect("the page can be read");
	for (line, told) in table::lines(&PAGE, "### Senders").into_iter().zip(told) {
		let page = PAGE.replace(&format!("{line}\n"), "");
		let found = complaints(&page);
		// A plain account's rows say what goes without saying.
		let goes_without = told.calls.iter().all(|call| without_a_row(call) == told.who);
		assert_eq!(found.is_empty(), goes_without, "{line}: {found:?}");
	}
}
