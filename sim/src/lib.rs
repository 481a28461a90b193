// SPDX-License-Identifier: Apache-2.0
//! The real runtime without a node: whole blocks, one after the other, as fast as the machine can.
//!
//! [`replay`] opens a book of accounts on a development chain, walks a record of prices block by block (the oracle's
//! members report, hooks run, liquidation works) and tells what came of it. docs/replays.md says how to read that.

#![recursion_limit = "256"]
#![deny(missing_docs)]

pub mod blocks;
pub mod book;
pub mod chain;
pub mod cli;
pub mod figures;
pub mod orders;
pub mod path;
#[path = "../../tools/keelctl/src/plot.rs"]
pub mod plot;
pub mod prices;
pub mod random;
pub mod replay;
pub mod report;
pub mod tally;
pub mod wrong;
