// SPDX-License-Identifier: Apache-2.0
//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand as ClapSubcommand};
use sc_cli::{
	ChainInfoCmd, CheckBlockCmd, ExportBlocksCmd, ExportChainSpecCmd, ImportBlocksCmd, KeySubcommand,
	PurgeChainCmd, RevertCmd, RunCmd,
};

/// `keel-node`, with or without a sub-command.
#[derive(Debug, Parser)]
pub struct Cli {
	/// A maintenance command instead of running a node.
	#[command(subcommand)]
	pub subcommand: Option<Subcommand>,

	/// The options of a running node.
	#[command(flatten)]
	pub run: RunCmd,

	/// How a development chain makes blocks.
	#[command(flatten)]
	pub sealing: SealingArgs,

	/// Keep runtimes here that were compiled for this machine, so that a node that is started again need not compile
	/// its own. Whoever may write there may run code as this node. By default a folder of the base path.
	#[arg(long, value_name = "FOLDER")]
	pub wasm_cache: Option<PathBuf>,
}

/// Ways of making blocks without consensus, for development chains. Blocks are final at once; the chain's
/// clock advances one slot (2 s) per block, or follows the wall clock when that is ahead.
#[derive(Debug, Clone, Copy, Args)]
pub struct SealingArgs {
	/// Make a block for each transaction that comes in, and only then.
	#[arg(long, group = "sealing")]
	pub instant_seal: bool,

	/// Make a block only when told to by the RPC `engine_createBlock`.
	#[arg(long, group = "sealing")]
	pub manual_seal: bool,

	/// Make a block every so many milliseconds.
	#[arg(long, group = "sealing", value_name = "MILLISECONDS", value_parser = clap::value_parser!(u64).range(20..))]
	pub block_time: Option<u64>,
}

/// Maintenance commands.
#[derive(Debug, ClapSubcommand)]
pub enum Subcommand {
	/// Generate, inspect and insert keys.
	#[command(subcommand)]
	Key(KeySubcommand),

	/// Write a chain specification (the same as `export-chain-spec`, under its older name).
	#[allow(deprecated)]
	BuildSpec(sc_cli::BuildSpecCmd),

	/// Write a chain specification; with `--raw` the one that nodes of a network share.
	ExportChainSpec(ExportChainSpecCmd),

	/// Validate blocks that are in the database.
	CheckBlock(CheckBlockCmd),

	/// Export blocks to a file.
	ExportBlocks(ExportBlocksCmd),

	/// Import blocks from a file.
	ImportBlocks(ImportBlocksCmd),

	/// Remove the chain's database.
	PurgeChain(PurgeChainCmd),

	/// Go back to a previous state of the chain.
	Revert(RevertCmd),

	/// Print what is known of the chain in the database.
	ChainInfo(ChainInfoCmd),
}
