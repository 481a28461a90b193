// SPDX-License-Identifier: Apache-2.0

mod approvals;
mod invariants;
mod random;
mod stops;
