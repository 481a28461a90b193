// SPDX-License-Identifier: Apache-2.0
//! Why there is no result: what is wrong, and what to do.

use std::fmt;

/// A mistake in what was asked for: it is told, and nothing has happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
	/// What is wrong, and where.
	pub what: String,
	/// What to write instead.
	pub help: String,
}

impl Wrong {
	/// With what is wrong and what to write instead.
	pub fn new(what: impl Into<String>, help: impl Into<String>) -> Self {
		Self { what: what.into(), help: help.into() }
	}
}

impl fmt::Display for Wrong {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "{}\n  {}", self.what, self.help)
	}
}

impl std::error::Error for Wrong {}
