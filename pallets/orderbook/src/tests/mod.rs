// SPDX-License-Identifier: Apache-2.0
//! One file per behaviour. Every test ends in the check of all invariants.

mod auction;
mod bad_input;
mod cancelling;
mod conditional;
mod fees;
mod impact;
mod invariants;
mod margin;
mod matching;
mod priority;
mod reference;
mod resting;
mod scenarios;
