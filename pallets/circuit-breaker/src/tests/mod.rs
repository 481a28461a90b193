// SPDX-License-Identifier: Apache-2.0

mod incidents;
mod invariants;
mod listing;
mod losses;
mod orders;
mod prices;
mod properties;
