// SPDX-License-Identifier: Apache-2.0
//! One file per behaviour. Every test ends in the check of all invariants.

mod conservation;
mod forecast;
mod genesis;
mod invariants;
mod liquidation;
mod listing;
mod money;
mod ordered;
mod random;
mod scenarios;
mod trading;
mod triggers;
mod urgent;
mod views;
