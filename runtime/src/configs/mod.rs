// SPDX-License-Identifier: Apache-2.0
//! How each pallet is set up in this runtime: one theme a file, only what differs from the defaults.

pub mod assets;
pub mod changes;
pub mod consensus;
pub mod emergency;
pub mod exchange;
pub mod governance;
pub mod motions;
pub mod referenda;
pub mod system;
pub mod urgent;
pub mod wallets;
