// SPDX-License-Identifier: Apache-2.0
//! What a feeder believes, and what it refuses to say.

mod config;
mod judge;
