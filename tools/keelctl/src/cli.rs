// SPDX-License-Identifier: Apache-2.0
//! What can be asked on the command line.

mod demo;
mod exchange;
mod feed;
mod gov;
pub mod output;
mod pause;
mod signer;

use crate::{chain::Chain, error::Error, keys::KeyName, Result};
use clap::{CommandFactory, Parser, Subcommand};
use output::Output;
use signer::{keys_for, keys_of, Keyring, Signers};
use subxt_signer::sr25519::Keypair;

/// Trade on, feed, govern and watch a Keel chain.
#[derive(Parser)]
#[command(name = "keelctl", version, max_term_width = 100, after_long_help = signer::HELP)]
pub struct Arguments {
	/// The node to talk to.
	#[arg(long, global = true, env = "KEEL_URL", default_value = "ws://127.0.0.1:9944", value_name = "URL")]
	url: String,

	#[command(flatten)]
	key: signer::KeyArguments,

	/// Print results as JSON, for programs.
	#[arg(long, global = true)]
	pub json: bool,

	#[command(subcommand)]
	command: Command,
}

#[derive(Subcommand)]
enum Command {
	#[command(flatten)]
	Exchange(exchange::Command),
	/// Tell the story of a crash on a running development chain: who is liquidated, and who pays.
	Demo(demo::Command),
	/// Report prices through several reporters, from a file or a built-in crash.
	Feed(feed::Command),
	/// Govern: upgrades, motions, and where things stand.
	#[command(subcommand)]
	Gov(gov::Command),
	/// Stop: the whole chain (safe mode), or one market (risk may only fall).
	Pause(pause::Pause),
	/// Go on before a pause expires by itself.
	Resume(pause::Resume),
	/// Print the completions of a shell, to be loaded by it.
	Completions {
		/// The shell.
		shell: clap_complete::Shell,
	},
}

/// What every command gets.
pub struct Context {
	url: String,
	keyring: Keyring,
	/// Where results go.
	pub out: Output,
}

impl Context {
	/// Connect to the node.
	pub async fn chain(&self) -> Result<Chain> {
		let chain = Chain::connect(&self.url).await?;
		self.keyring.meet(&chain.kind().await?)?;
		Ok(chain)
	}

	/// The key that signs.
	pub fn signer(&self) -> Result<Keypair> {
		self.keyring.signer()
	}

	/// Another key.
	pub fn open(&self, name: &KeyName) -> Result<Keypair> {
		self.keyring.open(name)
	}
}

/// What a word on the command line means; a mistake is told with what to do about it.
pub fn read<T>(text: &str) -> Result<T, String>
where
	T: std::str::FromStr,
	T::Err: miette::Diagnostic,
{
	use miette::Diagnostic;
	text.parse().map_err(|error: T::Err| match error.help() {
		Some(help) => format!("{error}. {help}"),
		None => error.to_string(),
	})
}

/// Do what was asked.
pub async fn run(arguments: Arguments) -> Result<(), Error> {
	let context = Context {
		url: arguments.url,
		keyring: Keyring::new(arguments.key)?,
		out: Output::new(arguments.json),
	};
	match arguments.command {
		Command::Exchange(command) => exchange::run(command, &context).await,
		Command::Demo(command) => demo::run(command, &context).await,
		Command::Feed(command) => feed::run(command, &context).await,
		Command::Gov(command) => gov::run(command, &context).await,
		Command::Pause(command) => pause::pause(command, &context).await,
		Command::Resume(command) => pause::resume(command, &context).await,
		Command::Completions { shell } => {
			clap_complete::generate(shell, &mut Arguments::command(), "keelctl", &mut std::io::stdout());
			Ok(())
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn the_command_line_is_consistent() {
		Arguments::command().debug_assert();
	}
}
