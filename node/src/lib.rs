// SPDX-License-Identifier: Apache-2.0
//! The node of Keel.
//!
//! It runs whatever runtime the chain carries: nothing in this crate knows a pallet.
//!
//! A library, so that the program and its tests share one compilation of it: it takes minutes.

// The errors are the SDK's, as large as they are.
#![allow(clippy::result_large_err)]

pub mod banner;
pub mod blocks;
pub mod chain_spec;
pub mod cli;
pub mod command;
pub mod json;
pub mod keys;
pub mod ports;
pub mod rpc;
pub mod sealing;
pub mod service;
