// SPDX-License-Identifier: Apache-2.0
//! The figures of docs/performance.md.

pub mod check;
pub mod fired;
pub mod markets;
pub mod quiet;
pub mod sizes;
pub mod upkeep;
