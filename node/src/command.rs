// SPDX-License-Identifier: Apache-2.0
//! What each command does.

use std::process::ExitCode;

use sc_cli::SubstrateCli;
use sc_network::config::NetworkBackendType;
use sc_service::PartialComponents;
use sp_runtime::traits::HashingFor;

use crate::{
	banner, chain_spec,
	cli::{Cli, Subcommand},
	keys, ports,
	sealing::Sealing,
	service,
};

impl SubstrateCli for Cli {
	fn impl_name() -> String {
		"Keel Node".into()
	}

	fn impl_version() -> String {
		env!("SUBSTRATE_CLI_IMPL_VERSION").into()
	}

	fn description() -> String {
		"Node of Keel, a chain for perpetual futures that rights itself.".into()
	}

	fn author() -> String {
		"The Keel developers".into()
	}

	fn support_url() -> String {
		"see docs/operate.md".into()
	}

	fn copyright_start_year() -> i32 {
		2026
	}

	fn load_spec(&self, id: &str) -> Result<Box<dyn sc_service::ChainSpec>, String> {
		chain_spec::load(id)
	}
}

/// What the program ends with when it was asked for something that cannot be: trying again does not help.
const BAD_INPUT: u8 = 2;
/// What it ends with when something failed that may go better another time.
const FAILED: u8 = 1;

/// Run, and say what went wrong in a sentence.
pub fn main() -> ExitCode {
	match run() {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => {
			let (sentence, code) = told(&error);
			eprintln!("keel-node: {sentence}");
			code.into()
		}
	}
}

/// An error as people read it, and the exit code for it.
pub fn told(error: &sc_cli::Error) -> (String, u8) {
	match error {
		sc_cli::Error::Input(sentence) => (sentence.clone(), BAD_INPUT),
		sc_cli::Error::NetworkKeyNotFound(file) => (
			format!(
				"a validator needs a lasting identity in the network, and there is no node key at {}: make one with \
				 'keel-node key generate-node-key --file FILE' and start with --node-key-file FILE",
				file.display()
			),
			BAD_INPUT,
		),
		error => (error.to_string(), FAILED),
	}
}

/// What the SDK logs of each block, in up to five lines; a development node says it in one.
const CHATTER: [&str; 4] =
	["substrate=warn", "sc_basic_authorship=warn", "aura=warn", "sc_consensus_manual_seal=warn"];

/// Parse the command line and do what it says.
fn run() -> sc_cli::Result<()> {
	let mut cli = Cli::from_args();
	let shared = &cli.run.shared_params;
	if cli.subcommand.is_none() && chain_spec::is_dev(&shared.chain_id(shared.is_dev())) {
		// First, so that whoever asks for more gets it.
		cli.run.shared_params.log.splice(0..0, CHATTER.map(Into::into));
	}
	let cli = cli;
	let wasm_cache = cli.wasm_cache.as_deref();
	match &cli.subcommand {
		None => run_node(&cli),
		Some(Subcommand::Key(command)) => command.run(&cli),
		#[allow(deprecated)]
		Some(Subcommand::BuildSpec(command)) => {
			cli.create_runner(command)?.sync_run(|config| command.run(config.chain_spec, config.network))
		}
		Some(Subcommand::ExportChainSpec(command)) => command.run(cli.load_spec(&command.chain)?),
		Some(Subcommand::CheckBlock(command)) => cli.create_runner(command)?.async_run(|config| {
			let PartialComponents { client, task_manager, import_queue, .. } =
				service::new_partial(&config, wasm_cache)?;
			Ok((command.run(client, import_queue), task_manager))
		}),
		Some(Subcommand::ExportBlocks(command)) => cli.create_runner(command)?.async_run(|config| {
			let PartialComponents { client, task_manager, .. } = service::new_partial(&config, wasm_cache)?;
			Ok((command.run(client, config.database), task_manager))
		}),
		Some(Subcommand::ImportBlocks(command)) => cli.create_runner(command)?.async_run(|config| {
			let PartialComponents { client, task_manager, import_queue, .. } =
				service::new_partial(&config, wasm_cache)?;
			Ok((command.run(client, import_queue), task_manager))
		}),
		Some(Subcommand::PurgeChain(command)) => {
			cli.create_runner(command)?.sync_run(|config| command.run(config.database))
		}
		Some(Subcommand::Revert(command)) => cli.create_runner(command)?.async_run(|config| {
			let PartialComponents { client, task_manager, backend, .. } =
				service::new_partial(&config, wasm_cache)?;
			let revert_grandpa = Box::new(|client, _, blocks| {
				sc_consensus_grandpa::revert(client, blocks)?;
				Ok(())
			});
			Ok((command.run(client, backend, Some(revert_grandpa)), task_manager))
		}),
		Some(Subcommand::ChainInfo(command)) => {
			cli.create_runner(command)?.sync_run(|config| command.run::<service::Block>(&config))
		}
	}
}

fn run_node(cli: &Cli) -> sc_cli::Result<()> {
	let sealing = Sealing::from(cli.sealing);
	let wasm_cache = cli.wasm_cache.clone();
	// Before the SDK reads it, which would not say which file it is.
	if let Some(file) = &cli.run.network_params.node_key_params.node_key_file {
		keys::node_key(file)?;
	}
	cli.create_runner(&cli.run)?.run_node_until_exit(|config| async move {
		sealing.check(config.chain_spec.as_ref())?;
		keys::check(&config)?;
		// The other program may be about to end.
		ports::check(&config).map_err(|busy| sc_cli::Error::Application(busy.into()))?;
		let banner = banner::for_config(&config, sealing);
		let task_manager = match config.network.network_backend {
			NetworkBackendType::Libp2p => service::new_full::<
				sc_network::NetworkWorker<
					service::Block,
					<HashingFor<service::Block> as sp_core::Hasher>::Out,
				>,
			>(config, sealing, wasm_cache.as_deref()),
			NetworkBackendType::Litep2p => {
				service::new_full::<sc_network::Litep2pNetworkBackend>(config, sealing, wasm_cache.as_deref())
			}
		}?;
		if let Some(banner) = banner {
			eprintln!("{banner}");
		}
		Ok::<_, sc_cli::Error>(task_manager)
	})
}
