// SPDX-License-Identifier: Apache-2.0
//! What can be asked on the command line.

mod demo;
mod doctor;
mod exchange;
mod feed;
mod feeder;
mod gov;
mod oracle;
pub mod output;
mod pause;
mod reporter;
mod signer;

use crate::{
	chain::{Chain, Standing, Wait, PATIENCE},
	error::Error,
	keys::KeyName,
	number, Result,
};
use clap::{CommandFactory, Parser, Subcommand};
use output::Output;
use signer::{keys_for, keys_of, Keyring, Signers};
use std::time::Duration;
use subxt_signer::sr25519::Keypair;

/// What holds for all commands.
const AFTER_HELP: &str = "\
Numbers are digits with a point before decimals: 1500, 1234.5. There are no thousands separators.

Exit codes:
  0  done, and told
  1  the node's answer cannot be used
  2  what was given is wrong; nothing was sent
  3  no node answers, or it makes no blocks
  4  the chain refused it, or would
  5  it is not known, or not final, whether it happened: look before sending it again
  6  `doctor` found something that is not well
 10  `feed --config`: the configuration is wrong; 11 the key; 12 the port is in use; 13 another
     feeder has the key; 14 the dry run would not report everything";

/// Trade on, feed, govern and watch a Keel chain.
#[derive(Parser)]
#[command(name = "keelctl", version, max_term_width = 100, after_help = AFTER_HELP,
	after_long_help = format!("{}\n\n{AFTER_HELP}", signer::HELP))]
pub struct Arguments {
	/// The node to talk to.
	#[arg(long, global = true, env = "KEEL_URL", default_value = "ws://127.0.0.1:9944", value_name = "URL")]
	url: String,

	#[command(flatten)]
	key: signer::KeyArguments,

	/// Print results as JSON, for programs. Amounts are decimal text, without separators and units:
	/// dollars, dollars per unit, units of the asset, KEEL, percent.
	#[arg(long, global = true)]
	pub json: bool,

	/// What to wait for before a result is told: a block that cannot be replaced any more, or, quicker, any
	/// block of the longest chain. What is not final is told as such.
	#[arg(long, global = true, value_enum, default_value_t)]
	wait: Wait,

	/// For how many seconds no block may come before a command gives up.
	#[arg(long, global = true, value_name = "SECONDS", default_value_t = PATIENCE.as_secs(), value_parser = from_one::<u64>)]
	patience: u64,

	#[command(subcommand)]
	command: Command,
}

#[derive(Subcommand)]
enum Command {
	#[command(flatten)]
	Exchange(exchange::Command),
	/// Tell the story of a crash on a running development chain: who is liquidated, who goes bankrupt, and who pays.
	Demo(demo::Command),
	/// Report prices through several reporters, from a file or a story that is built in.
	Feed(feed::Command),
	/// The oracle's members, and what their reports come from.
	#[command(subcommand)]
	Oracle(oracle::Command),
	/// The key that signs a member's reports: register it, or prove that it is the member's.
	#[command(subcommand)]
	Reporter(reporter::Command),
	/// Govern: upgrades, motions, and where things stand.
	#[command(subcommand)]
	Gov(gov::Command),
	/// Stop: the whole chain (safe mode), or one market (risk may only fall).
	Pause(pause::Pause),
	/// Go on before a pause expires by itself.
	Resume(pause::Resume),
	/// Examine node, chain, keys, prices and markets, and say what to do about what is not well.
	Doctor(doctor::Command),
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
	wait: Wait,
	patience: Duration,
	connected: tokio::sync::OnceCell<Chain>,
	/// Where results go.
	pub out: Output,
}

impl Context {
	/// Connect to the node.
	pub async fn chain(&self) -> Result<Chain> {
		let connect = async {
			let chain = Chain::connect(&self.url).await?;
			self.keyring.meet(&chain.kind().await?)?;
			Ok(chain.waiting(self.wait, self.patience))
		};
		self.connected.get_or_try_init(|| connect).await.cloned()
	}

	/// Tell the result when it is as final as it was asked for.
	async fn tell(&self) -> Result<()> {
		let Some(chain) = self.connected.get() else {
			self.out.tell_result(None);
			return Ok(());
		};
		self.out.now("waiting until it is final; --wait best does not wait");
		match chain.settle().await {
			Ok(standing) => {
				self.out.tell_result(Some((&standing, chain.has_written())));
				Ok(())
			}
			Err(error) => {
				let finalized = match error {
					// It is not true any more.
					Error::Replaced { .. } => return Err(error),
					Error::NotFinal { finalized, .. } => Some(finalized),
					_ => None,
				};
				// What was seen or done is told even so: it would be lost otherwise.
				let standing = Standing::NotFinal { block: chain.newest(), finalized };
				self.out.tell_result(Some((&standing, chain.has_written())));
				Err(error)
			}
		}
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
	text.parse().map_err(|error: T::Err| with_help(error))
}

/// A whole number from zero.
pub fn whole<T: number::Whole>(text: &str) -> Result<T, String> {
	number::whole(text).map_err(with_help)
}

/// A whole number from one.
pub fn from_one<T: number::Whole>(text: &str) -> Result<T, String> {
	number::from_one(text).map_err(with_help)
}

fn with_help(error: impl miette::Diagnostic) -> String {
	match error.help() {
		Some(help) => format!("{error}. {help}"),
		None => error.to_string(),
	}
}

/// Every command, as it is written: `trade offer`.
pub fn commands() -> Vec<String> {
	fn leaves(command: &clap::Command, before: &str) -> Vec<String> {
		let named = command.get_subcommands().filter(|command| command.get_name() != "help");
		named
			.flat_map(|command| {
				let name = format!("{before}{}", command.get_name());
				if command.has_subcommands() {
					leaves(command, &format!("{name} "))
				} else {
					vec![name]
				}
			})
			.collect()
	}
	leaves(&Arguments::command(), "")
}

/// Do what was asked.
pub async fn run(arguments: Arguments) -> Result<(), Error> {
	let context = Context {
		url: arguments.url,
		keyring: Keyring::new(arguments.key)?,
		wait: arguments.wait,
		patience: Duration::from_secs(arguments.patience),
		connected: tokio::sync::OnceCell::new(),
		out: Output::new(arguments.json),
	};
	let done = match arguments.command {
		Command::Exchange(command) => exchange::run(command, &context).await,
		Command::Demo(command) => demo::run(command, &context).await,
		Command::Feed(command) => feed::run(command, &context).await,
		Command::Oracle(command) => oracle::run(command, &context).await,
		Command::Reporter(command) => reporter::run(command, &context).await,
		Command::Gov(command) => gov::run(command, &context).await,
		Command::Pause(command) => pause::pause(command, &context).await,
		Command::Resume(command) => pause::resume(command, &context).await,
		Command::Completions { shell } => {
			let mut script = Vec::new();
			clap_complete::generate(shell, &mut Arguments::command(), "keelctl", &mut script);
			output::print(String::from_utf8_lossy(&script).trim_end());
			Ok(())
		}
		Command::Doctor(command) => doctor::run(command, &context).await,
	};
	match done {
		Ok(()) => context.tell().await,
		Err(error) => {
			context.out.tell_result(None);
			Err(error)
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

	/// All arguments of all commands, with the command they belong to.
	fn arguments(command: &clap::Command) -> Vec<(String, clap::Arg)> {
		let own = command.get_arguments().map(|argument| (command.get_name().to_owned(), argument.clone()));
		own.chain(command.get_subcommands().flat_map(arguments)).collect()
	}

	/// Whether an argument takes a text; only its own reader is asked.
	fn takes(argument: &clap::Arg, text: &str) -> bool {
		let alone = clap::Arg::new("it").long("it").value_parser(argument.get_value_parser().clone());
		let command = clap::Command::new("test").arg(alone.allow_hyphen_values(true));
		command.try_get_matches_from(["test", &format!("--it={text}")]).is_ok()
	}

	/// Ways to write a number that some read in one way and some in another, or not at all.
	const UNCLEAR: [&str; 14] =
		["+5", " 5", "5 ", "05", "1,5", "1,000", "1_000", "1e3", "５", "0x5", "5.", ".5", "$5", "1 000"];

	#[test]
	fn every_argument_that_is_a_number_is_read_strictly() {
		let all = arguments(&Arguments::command());
		let numbers: Vec<_> =
			all.iter().filter(|(_, argument)| takes(argument, "5") && !takes(argument, "five")).collect();
		assert!(numbers.len() > 20, "amounts, prices, sub-accounts: {}", numbers.len());
		for (command, argument) in numbers {
			for text in UNCLEAR {
				assert!(!takes(argument, text), "`{command}` takes `{text}` for {}", argument.get_id());
			}
		}
	}

	#[test]
	fn an_argument_that_is_read_otherwise_is_seen() {
		let lenient = clap::Arg::new("n").value_parser(clap::value_parser!(u32));
		assert!(takes(&lenient, "5") && !takes(&lenient, "five"));
		assert!(UNCLEAR.iter().any(|text| takes(&lenient, text)), "it takes +5 and 05");
	}
}
