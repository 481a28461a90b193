// SPDX-License-Identifier: Apache-2.0
//! House rules as tests; see `tests/`. `cargo test -p keel-tidy` is the gate, and each rule says why.
