// SPDX-License-Identifier: Apache-2.0
//! The node, but for what needs one that runs: that is `tools/e2e`.

mod banner;
mod chain_spec;
mod command;
mod ports;
mod sealing;
