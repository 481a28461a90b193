// SPDX-License-Identifier: Apache-2.0
//! Each function against another way to compute it: exact rationals, big integers, or a model.

mod accounts;
mod band;
mod budget;
mod edges;
mod envelope;
mod fees;
mod filing;
mod funding;
mod generations;
mod impact;
mod initial;
mod kept_tiers;
mod keys;
mod losses;
mod margin;
mod model;
mod payments;
mod plain;
mod reference;
mod shares;
mod sides;
mod spending;
mod standing;
mod stress;
mod tiers;
