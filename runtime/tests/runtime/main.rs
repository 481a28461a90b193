// SPDX-License-Identifier: Apache-2.0
//! The runtime as a whole: whole blocks, signed transactions, the presets' genesis.

#[cfg(feature = "runtime-benchmarks")]
mod benchmarks;
mod chain;
mod changes;
mod classes;
mod counts;
mod custody;
mod envelope;
mod exchange;
mod faults;
mod genesis;
mod governance;
mod invariants;
mod launch;
mod limits;
mod losses;
mod matrix;
mod motions;
mod pauses;
mod search;
mod seats;
mod settlement;
mod stage;
mod states;
mod stress;
mod transactions;
mod traps;
mod upgrade;
mod urgent;
mod validators;
mod weights;
