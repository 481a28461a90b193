// SPDX-License-Identifier: Apache-2.0
//! What has happened on all paths: a test that does nothing must not pass.

use super::command::name_of;
use sp_runtime::DispatchResult;
use std::collections::BTreeMap;

/// Where an amount lies from a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
	/// The last that goes.
	Limit,
	/// A unit further.
	Beyond,
	/// A unit nearer.
	Within,
	Half,
	One,
	Zero,
	/// The largest there is.
	Most,
	Any,
}

/// A limit, by the error that guards it, and where a command lies from it.
#[derive(Clone, Copy, Debug)]
pub struct Edge {
	pub guard: &'static str,
	pub at: At,
}

/// How often a limit was met: the last that goes, and the first that does not.
#[derive(Clone, Copy, Debug, Default)]
pub struct Met {
	pub at: u64,
	pub beyond: u64,
}

#[derive(Default)]
pub struct Tally {
	pub paths: u64,
	pub steps: u64,
	pub outcomes: BTreeMap<(&'static str, String), u64>,
	pub limits: BTreeMap<(&'static str, &'static str), Met>,
}

impl Tally {
	pub fn note(&mut self, kind: &'static str, edge: Option<Edge>, result: &DispatchResult) {
		self.steps += 1;
		let name = name_of(result);
		if let Some(edge) = edge {
			match edge.at {
				At::Limit if result.is_ok() => self.met(kind, edge.guard).at += 1,
				At::Beyond if name == edge.guard => self.met(kind, edge.guard).beyond += 1,
				_ => {}
			}
		}
		*self.outcomes.entry((kind, name)).or_default() += 1;
	}

	pub fn met(&mut self, kind: &'static str, guard: &'static str) -> &mut Met {
		self.limits.entry((kind, guard)).or_default()
	}

	pub fn print(&self) {
		println!("{} commands on {} paths", self.steps, self.paths);
		let mut last = "";
		for ((kind, outcome), times) in &self.outcomes {
			if *kind != last {
				println!("  {kind}");
				last = kind;
			}
			println!("    {times:8}  {outcome}");
		}
		println!("limits met: the last that goes, the first that does not");
		for ((kind, guard), met) in &self.limits {
			println!("  {:8} {:8}  {kind}: {guard}", met.at, met.beyond);
		}
	}
}
