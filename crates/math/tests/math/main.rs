// SPDX-License-Identifier: Apache-2.0
//! Each function against another way to compute it: exact rationals, big integers, or a model.

mod accounts;
mod band;
mod budget;
mod edges;
mod envelope;
mod fees;
mod funding;
mod generations;
mod impact;
mod initial;
mod kept_tiers;
mod keys;
mod losses;
mod margin;
mod model;
mod plain;
mod reference;
mod spending;
mod stress;
mod tiers;
