// SPDX-License-Identifier: Apache-2.0
//! Whole stories on one real node each. They run beside each other and are one program, so that none waits for
//! the last of another file; `network`, which starts five nodes, is a program of its own and runs alone.

mod bad_input;
mod commands;
mod crash;
mod demo;
mod equivocation;
mod every_command;
mod feed;
mod feeder;
mod forecast;
mod guard;
mod motion;
mod pause;
mod refusals;
mod release;
mod reporter;
mod upgrade;
mod vote;
mod waiting;
