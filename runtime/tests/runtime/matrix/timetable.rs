// SPDX-License-Identifier: Apache-2.0
//! The timetable on the page on governance is that of the presets.

use keel_change_control::{PerClass, Timetable, Timetables};
use sp_runtime::Permill;

use super::table::{lines, PAGE};
use crate::chain::*;
use keel_runtime::{
	configs::governance::ProductionTimetable,
	constants::time::{DAYS, HOURS},
	*,
};

type Table = Timetable<BlockNumber>;
/// How a period is written.
type Written = fn(BlockNumber) -> String;

fn in_blocks(blocks: BlockNumber) -> String {
	blocks.to_string()
}

fn in_time(blocks: BlockNumber) -> String {
	let (count, unit) =
		if blocks.is_multiple_of(DAYS) { (blocks / DAYS, "day") } else { (blocks / HOURS, "hour") };
	assert!(blocks.is_multiple_of(HOURS), "{blocks} blocks are no hours");
	format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

fn turnouts(of: PerClass<Permill>) -> String {
	let all = of.all();
	if all == [Permill::from_parts(1); 4] {
		return "a millionth".into();
	}
	let one = |share: Permill| format!("{} %", share.deconstruct() / 10_000);
	all.map(one).join(", ")
}

fn yes(is_so: bool) -> &'static str {
	if is_so {
		"yes"
	} else {
		"no"
	}
}

/// The table as this timetable has it: each row, and what it says.
fn said(of: &Table, written: Written) -> Vec<(&'static str, String)> {
	vec![
		("launch", written(of.launch_period)),
		("vote", written(of.voting_period)),
		("shortest fast-tracked vote", written(of.fast_track_voting_period)),
		("enactment (timelock)", written(of.enactment_period)),
		("one period of conviction", written(of.vote_locking_period)),
		("cool-off", written(of.cooloff_period)),
		("motion", written(of.motion_duration)),
		("session", written(of.session_period)),
		(
			"safe mode; its extension",
			format!("{}; {}", written(of.safe_mode_duration), written(of.safe_mode_extension)),
		),
		(
			"least delay of an Emergency, Operational, Economic, Constitutional change",
			of.least_delay.all().map(written).join(", "),
		),
		("least turnout of each, of all KEEL", turnouts(of.least_turnout)),
		("longest standstill of a timelock", written(of.longest_standstill)),
		("life of an authorised upgrade", written(of.authorization_life)),
		("fast track; instant votes", format!("{}; {}", yes(of.fast_track), yes(of.instant))),
	]
}

/// The rows that the page should have.
fn expected(development: &Table, production: &Table) -> Vec<String> {
	said(development, in_blocks)
		.into_iter()
		.zip(said(production, in_time))
		.map(|((row, development), (_, production))| format!("| {row} | {development} | {production} |"))
		.collect()
}

fn of_preset(preset: &str) -> Table {
	let mut found = None;
	on(preset, || found = Some(Timetables::<Runtime>::get()));
	found.expect("the chain has run")
}

#[test]
fn the_page_says_the_timetable_of_each_preset() {
	let (dev, local, production) = (of_preset("dev"), of_preset("local"), ProductionTimetable::get());
	assert_eq!(dev, local);
	let page: Vec<_> =
		lines(&PAGE, "## Timetable").into_iter().filter(|line| !line.starts_with("| oracle:")).collect();
	assert_eq!(page, expected(&dev, &production));
	let preset = config("production")["changeControl"]["timetable"].clone();
	assert_eq!(preset, serde_json::to_value(production).unwrap());
	// The control: another period is another row.
	let mut other = production;
	other.least_delay.economic += HOURS;
	assert_ne!(expected(&dev, &other), expected(&dev, &production));
}
