// SPDX-License-Identifier: Apache-2.0
//! The timetable, and the guard between a vote and its effect.

mod guard;
mod invariants;
mod random;
mod timetable;
