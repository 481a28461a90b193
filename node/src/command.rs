// SPDX-License-Identifier: Apache-2.0
//! What each command does.

use sc_cli::SubstrateCli;
use sc_network::config::NetworkBackendType;
use sc_service::PartialComponents;
use sp_runtime::traits::HashingFor;

use crate::{
	banner, chain_spec,
	cli::{Cli, Subcommand},
	ports,
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

/// Parse the command line and do what it says.
pub fn run() -> sc_cli::Result<()> {
	let cli = Cli::from_args();
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
	cli.create_runner(&cli.run)?.run_node_until_exit(|config| async move {
		chain_spec::refuse_well_known_keys(config.chain_spec.as_ref())?;
		sealing.check(config.chain_spec.as_ref())?;
		ports::check(&config)?;
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
