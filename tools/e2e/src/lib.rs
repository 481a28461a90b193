// SPDX-License-Identifier: Apache-2.0
//! What the end-to-end tests share: real nodes, their state, and prices for them.
//!
//! The tests talk to the nodes through keelctl's library, as people do through keelctl.

#![forbid(unsafe_code)]

pub mod calls;
pub mod cli;
pub mod load;
pub mod network;
pub mod node;
pub mod page;
pub mod prices;
pub mod scene;
pub mod sources;
pub mod spec;
pub mod wasm;

pub use cli::Keelctl;
pub use load::Load;
pub use network::Network;
pub use node::{Node, Options};
pub use scene::Scene;
