// SPDX-License-Identifier: Apache-2.0
//! What ends a feeder, each with an exit code of its own.

use super::config::Mistakes;
use crate::keys::KeyError;

/// Why a feeder does not run, or stops.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum FeederError {
	/// The configuration cannot be read.
	#[error("cannot read the configuration {path}: {reason}")]
	#[diagnostic(
		code(keelctl::feeder_config),
		help("Give the path of a feeder.toml; docs/operate.md has a complete one.")
	)]
	Unreadable {
		/// The file.
		path: String,
		/// What the system says.
		reason: String,
	},
	/// The configuration is not one.
	#[error("{path} cannot be used:\n{mistakes}")]
	#[diagnostic(
		code(keelctl::feeder_config),
		help("Correct these lines and ask again: keelctl feed --config {path} --check")
	)]
	Config {
		/// The file.
		path: String,
		/// All that is wrong.
		mistakes: Mistakes,
	},
	/// The chain does not know a feed.
	#[error("this chain has no feed {name}; it has {known}")]
	#[diagnostic(
		code(keelctl::feeder_config),
		help("Write the feed's name as the chain does, or look whether the node is of the right chain.")
	)]
	UnknownFeed {
		/// The feed.
		name: String,
		/// Those there are.
		known: String,
	},
	/// The reporter key cannot be had.
	#[error(transparent)]
	#[diagnostic(transparent)]
	Key(#[from] KeyError),
	/// The key is nobody's.
	#[error("{reporter} is no member's reporter key on this chain")]
	#[diagnostic(
		code(keelctl::feeder_key),
		help("The member registers it, from its own account: `keelctl reporter register`.")
	)]
	NotAReporter {
		/// The key's address.
		reporter: String,
	},
	/// Metrics cannot be served.
	#[error("cannot listen on {address} for metrics and health: {reason}")]
	#[diagnostic(
		code(keelctl::feeder_port),
		help(
			"Stop what uses the port (another feeder?), or choose another one: listen = \"127.0.0.1:PORT\""
		)
	)]
	Listen {
		/// The address.
		address: String,
		/// What the system says.
		reason: String,
	},
	/// Somebody else reports with this key.
	#[error("another feeder reports with this key: round {round} of {member} is not from here")]
	#[diagnostic(
		code(keelctl::feeder_twin),
		help(
			"Of two feeders with one key each loses half of its reports. Stop one; a member needs one feeder, \
			 which tries several nodes."
		)
	)]
	Twin {
		/// The member.
		member: String,
		/// The round that was reported.
		round: u64,
	},
	/// A trial that would not have reported everything.
	#[error("{missing} of {all} feeds would not be reported")]
	#[diagnostic(code(keelctl::feeder_dry_run), help("The reasons are above; nothing was sent."))]
	DryRun {
		/// How many.
		missing: usize,
		/// Of how many.
		all: usize,
	},
	/// Something in the program's surroundings.
	#[error("{problem}")]
	#[diagnostic(code(keelctl::feeder), help("Look at what the system says and start again."))]
	System {
		/// What.
		problem: String,
	},
}

impl FeederError {
	/// With what the program ends, beyond what is common to all commands.
	pub const fn exit_code(&self) -> u8 {
		match self {
			Self::System { .. } => 1,
			Self::Unreadable { .. } | Self::Config { .. } | Self::UnknownFeed { .. } => 10,
			Self::Key(_) | Self::NotAReporter { .. } => 11,
			Self::Listen { .. } => 12,
			Self::Twin { .. } => 13,
			Self::DryRun { .. } => 14,
		}
	}
}
