// SPDX-License-Identifier: Apache-2.0
//! The node of Keel.
//!
//! It runs whatever runtime the chain carries: nothing in this crate knows a pallet.

// The errors are the SDK's, as large as they are.
#![allow(clippy::result_large_err)]

mod banner;
mod chain_spec;
mod cli;
mod command;
mod ports;
mod rpc;
mod sealing;
mod service;

fn main() -> sc_cli::Result<()> {
	command::run()
}
