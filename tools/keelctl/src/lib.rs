// SPDX-License-Identifier: Apache-2.0
//! Trade on, feed, govern and watch a Keel chain.
//!
//! The program `keelctl` is a thin command line over this library; the end-to-end tests use the same
//! library. Nothing here knows the runtime's Rust types: names are resolved with the metadata that the
//! node serves.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod call;
pub mod chain;
pub mod cli;
pub mod doctor;
pub mod error;
pub mod exchange;
pub mod feed;
pub mod feeder;
pub mod fit;
pub mod gov;
pub mod history;
pub mod keys;
pub mod number;
pub mod oracle;
pub mod pause;
pub mod plot;
pub mod reporter;
pub mod rounds;
pub mod seats;
pub mod story;
pub mod units;
pub mod value;
pub mod wasm;

pub use chain::Chain;
pub use error::{Error, Result};
