// SPDX-License-Identifier: Apache-2.0
//! What the SDK's Wasm builder asks of the crate `wasm-opt`: a runtime without debug information, written compactly.
//!
//! The builder calls Binaryen at optimisation level 0 with two passes: one strips DWARF, one lowers sign extension
//! operators to the first version of Wasm. Binaryen is a quarter of a million lines of C++ to compile for that. Here
//! `parity-wasm` reads the module, the sections of DWARF are left out, and the module is written again, with every
//! number as short as it can be. An operator that is not of the first version of Wasm is refused rather than lowered:
//! the target `wasm32v1-none` makes none.
//!
//! The bytes depend on nothing but the input and the locked version of `parity-wasm`.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

use std::{fmt, path::Path};

use parity_wasm::elements::{Module, Section};

/// The passes that the Wasm builder asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
	/// Leave debug information out. It is always left out.
	StripDwarf,
	/// Have no sign extension operators. A module that has one is refused.
	SignextLowering,
}

/// What to do with a module. There is nothing to choose: the methods are those the Wasm builder calls.
#[derive(Clone, Copy, Debug, Default)]
pub struct OptimizationOptions(());

/// Why a module was not written.
#[derive(Debug)]
pub struct Error(parity_wasm::SerializationError);

impl fmt::Display for Error {
	fn fmt(&self, to: &mut fmt::Formatter) -> fmt::Result {
		write!(to, "not a module of the first version of Wasm: {}", self.0)
	}
}

impl std::error::Error for Error {}

impl OptimizationOptions {
	/// Change no instruction.
	pub fn new_opt_level_0() -> Self {
		Self::default()
	}

	/// Accept the first version of Wasm only. Nothing else is accepted in any case.
	#[must_use]
	pub fn mvp_features_only(self) -> Self {
		self
	}

	/// Keep the names of functions, which traces of a panic show. They are always kept.
	#[must_use]
	pub fn debug_info(self, _: bool) -> Self {
		self
	}

	/// Ask for a pass: see [`Pass`].
	#[must_use]
	pub fn add_pass(self, _: Pass) -> Self {
		self
	}

	/// Read the module at `from` and write it to `to`, which may be the same file. An error has written nothing.
	pub fn run(&self, from: impl AsRef<Path>, to: impl AsRef<Path>) -> Result<(), Error> {
		let mut module: Module = parity_wasm::deserialize_file(from).map_err(Error)?;
		module.sections_mut().retain(|section| !is_dwarf(section));
		parity_wasm::serialize_to_file(to, module).map_err(Error)
	}
}

fn is_dwarf(section: &Section) -> bool {
	matches!(section, Section::Custom(custom) if custom.name().starts_with(".debug_"))
}
