// SPDX-License-Identifier: Apache-2.0
//! One file per behaviour. Every test ends in the check of all invariants.

mod clearing;
mod completeness;
mod conservation;
mod desk;
mod dust;
mod envelope;
mod forecast;
mod genesis;
mod heads;
mod history;
mod invariants;
mod isolated;
mod liquidation;
mod listing;
mod money;
mod opening;
mod premium;
mod random;
mod rates;
mod references;
mod returns;
#[path = "../../../../crates/math/tests/completeness/rng.rs"]
mod rng;
mod scenarios;
mod settlement;
mod side_doors;
mod stateful;
mod taking_out;
mod tiers;
mod trading;
mod trading_keys;
mod triggers;
mod urgent;
mod views;
