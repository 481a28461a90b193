// SPDX-License-Identifier: Apache-2.0

mod doubt;
mod feeds;
mod invariants;
mod landing;
mod liars;
mod membership;
mod properties;
mod reference;
mod reporting;
mod seats;
mod sources;
mod states;
mod stuck;
mod transaction;
