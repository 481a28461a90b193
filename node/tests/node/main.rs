// SPDX-License-Identifier: Apache-2.0
//! The node, but for what needs one that runs: that is `tools/e2e`.

mod banner;
mod blocks;
mod chain_spec;
mod command;
mod json;
mod keys;
mod ports;
mod sealing;
