// SPDX-License-Identifier: Apache-2.0
//! Modules that are written again, and modules that are refused.

use std::{fs, path::PathBuf};

use wasm_opt::{OptimizationOptions, Pass};

const MAGIC: &[u8] = b"\0asm\x01\0\0\0";

/// A section: its id, its length as five bytes, which is longer than it need be, and what is in it.
fn section(id: u8, content: &[u8]) -> Vec<u8> {
	let length = u8::try_from(content.len()).unwrap();
	assert!(length < 0x80);
	[&[id, length | 0x80, 0x80, 0x80, 0x80, 0x00], content].concat()
}

fn custom(name: &str, content: &[u8]) -> Vec<u8> {
	section(0, &[&[u8::try_from(name.len()).unwrap()], name.as_bytes(), content].concat())
}

/// A module of one function from i32 to i32 with the given instructions.
fn module(instructions: &[u8], more: &[Vec<u8>]) -> Vec<u8> {
	let body = [&[u8::try_from(instructions.len() + 2).unwrap(), 0][..], instructions, &[0x0b]].concat();
	let mut all = [
		MAGIC.to_vec(),
		section(1, &[1, 0x60, 1, 0x7f, 1, 0x7f]),
		section(3, &[1, 0]),
		section(10, &[&[1][..], &body].concat()),
	]
	.concat();
	all.extend(more.concat());
	all
}

struct Files(PathBuf);

impl Files {
	fn new(test: &str) -> Self {
		let folder = std::env::temp_dir().join(format!("wasm-opt-{}-{test}", std::process::id()));
		fs::create_dir_all(&folder).unwrap();
		Self(folder)
	}

	/// What is written for a module, or why nothing is.
	fn run(&self, module: &[u8]) -> Result<Vec<u8>, String> {
		let (from, to) = (self.0.join("from.wasm"), self.0.join("to.wasm"));
		fs::write(&from, module).unwrap();
		let as_the_builder_does = OptimizationOptions::new_opt_level_0()
			.mvp_features_only()
			.debug_info(true)
			.add_pass(Pass::StripDwarf)
			.add_pass(Pass::SignextLowering)
			.run(&from, &to);
		match as_the_builder_does {
			Ok(()) => Ok(fs::read(to).unwrap()),
			Err(error) => {
				assert!(!to.exists());
				Err(error.to_string())
			}
		}
	}
}

impl Drop for Files {
	fn drop(&mut self) {
		let _ = fs::remove_dir_all(&self.0);
	}
}

const LOCAL_0: [u8; 2] = [0x20, 0];

#[test]
fn debug_information_goes_and_names_and_versions_stay() {
	let files = Files::new("sections");
	let (name, version) = (custom("name", &[0, 2, 1, b'm']), custom("runtime_version", b"keel"));
	let with = module(&LOCAL_0, &[name.clone(), custom(".debug_info", &[1; 9]), version.clone()]);
	let without = module(&LOCAL_0, &[name, version]);
	assert_ne!(with, without);
	assert_eq!(files.run(&with), files.run(&without));
	let written = files.run(&with).unwrap();
	let holds = |what: &[u8]| written.windows(what.len()).any(|window| window == what);
	assert!(holds(b"name") && holds(b"runtime_version") && !holds(b".debug"));
	assert!(written.len() < without.len(), "numbers are as short as they can be");
	assert_eq!(files.run(&written), Ok(written.clone()), "a second time changes nothing");
}

#[test]
fn what_is_not_of_the_first_version_of_wasm_is_refused() {
	let files = Files::new("refused");
	let (shift, extend) = ([0x20, 0, 0x41, 1, 0x74], [0x20, 0, 0xc0]);
	assert!(files.run(&module(&shift, &[])).is_ok());
	let files = Files::new("sign-extension");
	assert!(files.run(&module(&extend, &[])).unwrap_err().contains("Wasm"));
	assert!(files.run(b"\0asm").is_err());
	assert!(files.run(b"").is_err());
}
