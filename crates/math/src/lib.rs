// SPDX-License-Identifier: Apache-2.0
//! Turns prices, positions and parameters into numbers.
#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]
