// SPDX-License-Identifier: Apache-2.0

mod feeds;
mod invariants;
mod landing;
mod membership;
mod properties;
mod reporting;
mod seats;
mod states;
mod stuck;
mod transaction;
