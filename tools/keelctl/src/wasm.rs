// SPDX-License-Identifier: Apache-2.0
//! What a runtime file says about itself, read without executing it.

use codec::Decode;
use std::{io::Read, path::Path};

/// What `sp-maybe-compressed-blob` puts in front of a compressed Wasm.
const COMPRESSED: [u8; 8] = [82, 188, 83, 118, 70, 219, 142, 5];
/// The first bytes of every Wasm module.
const WASM: [u8; 4] = *b"\0asm";
/// The limit of the SDK for a decompressed runtime, 50 MiB.
const DECOMPRESSED_MAX: u64 = 50 * 1024 * 1024;

/// What is wrong with a runtime file.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum WasmError {
	/// The file cannot be opened.
	#[error("cannot read {file}: {reason}")]
	#[diagnostic(
		code(keelctl::wasm),
		help("Build the runtime with scripts/wasm and give the path it prints.")
	)]
	Unreadable {
		/// The path.
		file: String,
		/// What the system says.
		reason: std::io::Error,
	},
	/// It is something else.
	#[error("{file} is {found}, not a Wasm runtime")]
	#[diagnostic(
		code(keelctl::wasm),
		help(
			"Give the file that ends in .compact.compressed.wasm (or .wasm), not its text form, hash or hex."
		)
	)]
	NotWasm {
		/// The path.
		file: String,
		/// What it seems to be.
		found: &'static str,
	},
	/// It is a module without a version.
	#[error("{file} is a Wasm module, but it has no runtime version")]
	#[diagnostic(
		code(keelctl::wasm),
		help("Only a Substrate runtime can become the chain's code. Check which file you chose.")
	)]
	NoVersion {
		/// The path.
		file: String,
	},
}

/// A runtime, ready to be proposed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Runtime {
	/// The bytes as they go on chain (compressed or not).
	pub code: Vec<u8>,
	/// Their BLAKE2b-256 hash: what a referendum authorises.
	pub hash: [u8; 32],
	/// The name of the chain it is for.
	pub spec_name: String,
	/// Its version; an upgrade must raise it.
	pub spec_version: u32,
}

/// The fields of `RuntimeVersion` that come first, up to the last one needed.
#[derive(Decode)]
struct VersionHead {
	spec_name: String,
	_impl_name: String,
	_authoring_version: u32,
	spec_version: u32,
}

impl Runtime {
	/// Read and check a file.
	pub fn read(path: &Path) -> Result<Self, WasmError> {
		let file = path.display().to_string();
		let code =
			std::fs::read(path).map_err(|reason| WasmError::Unreadable { file: file.clone(), reason })?;
		Self::from_bytes(code, &file)
	}

	/// Check the bytes of a file; `file` is what errors call it.
	pub fn from_bytes(code: Vec<u8>, file: &str) -> Result<Self, WasmError> {
		let not_wasm = |found| WasmError::NotWasm { file: file.to_owned(), found };
		let module = match code.strip_prefix(&COMPRESSED[..]) {
			Some(packed) => decompress(packed).ok_or_else(|| not_wasm("a damaged compressed file"))?,
			None => code.clone(),
		};
		if !module.starts_with(&WASM) {
			return Err(not_wasm(describe(&module)));
		}
		let version = custom_section(&module, "runtime_version")
			.and_then(|mut bytes| VersionHead::decode(&mut bytes).ok())
			.ok_or_else(|| WasmError::NoVersion { file: file.to_owned() })?;
		let hash = sp_crypto_hashing::blake2_256(&code);
		Ok(Self { code, hash, spec_name: version.spec_name, spec_version: version.spec_version })
	}
}

fn decompress(packed: &[u8]) -> Option<Vec<u8>> {
	let decoder = ruzstd::decoding::StreamingDecoder::new(packed).ok()?;
	let mut module = Vec::new();
	decoder.take(DECOMPRESSED_MAX).read_to_end(&mut module).ok()?;
	Some(module)
}

fn describe(bytes: &[u8]) -> &'static str {
	let text = std::str::from_utf8(bytes).ok().map(str::trim_start);
	match text {
		_ if bytes.is_empty() => "empty",
		Some(text) if text.starts_with("(module") => "the text form of Wasm",
		Some(text) if text.starts_with("0x") => "hexadecimal text",
		Some(_) => "text",
		None if bytes.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) => "a zstd archive without the runtime's prefix",
		None if bytes.starts_with(b"\x7fELF") => "an ELF program",
		None => "binary data",
	}
}

/// The content of a custom section of a Wasm module.
fn custom_section<'a>(module: &'a [u8], name: &str) -> Option<&'a [u8]> {
	// After magic and version: sections of (id, length, content); a custom one (id 0) starts with its name.
	let mut rest = module.get(8..)?;
	while let Some((id, after)) = rest.split_first() {
		let (length, after) = leb128(after)?;
		let content = after.get(..length)?;
		rest = after.get(length..)?;
		if *id == 0 {
			let (name_length, after) = leb128(content)?;
			if after.get(..name_length)? == name.as_bytes() {
				return after.get(name_length..);
			}
		}
	}
	None
}

/// An unsigned LEB128 number and what follows it.
fn leb128(bytes: &[u8]) -> Option<(usize, &[u8])> {
	let mut value = 0u64;
	for (index, byte) in bytes.iter().take(5).enumerate() {
		value |= u64::from(byte & 0x7f) << (7 * index);
		if byte & 0x80 == 0 {
			return Some((usize::try_from(value).ok()?, bytes.get(index + 1..)?));
		}
	}
	None
}

#[cfg(test)]
mod tests {
	use super::*;
	use codec::Encode;

	fn section(id: u8, content: &[u8]) -> Vec<u8> {
		assert!(content.len() < 128, "one LEB128 byte is enough here");
		[&[id, content.len() as u8], content].concat()
	}

	fn module(spec_name: &str, spec_version: u32) -> Vec<u8> {
		let version = (spec_name, "impl", 1u32, spec_version, 0u32).encode();
		let named = |name: &str, content: &[u8]| {
			section(0, &[&[name.len() as u8], name.as_bytes(), content].concat())
		};
		[
			b"\0asm\x01\0\0\0".to_vec(),
			section(1, &[0]),
			named("producers", b"anything"),
			named("runtime_version", &version),
		]
		.concat()
	}

	fn found(bytes: &[u8]) -> String {
		Runtime::from_bytes(bytes.to_vec(), "file").expect_err("not a runtime").to_string()
	}

	#[test]
	fn the_version_is_read_from_the_module() {
		let runtime = Runtime::from_bytes(module("keel", 7), "x").expect("a runtime");
		assert_eq!((runtime.spec_name.as_str(), runtime.spec_version), ("keel", 7));
		assert_eq!(runtime.hash, sp_crypto_hashing::blake2_256(&runtime.code));
	}

	#[test]
	fn a_compressed_module_is_hashed_as_it_is() {
		let packed = ruzstd::encoding::compress_to_vec(
			&module("keel", 9)[..],
			ruzstd::encoding::CompressionLevel::Fastest,
		);
		let file = [&COMPRESSED[..], &packed].concat();
		let runtime = Runtime::from_bytes(file.clone(), "x").expect("a runtime");
		assert_eq!(runtime.spec_version, 9);
		assert_eq!(runtime.hash, sp_crypto_hashing::blake2_256(&file));
		let cut = &file[..file.len() / 2];
		assert!(Runtime::from_bytes(cut.to_vec(), "x").is_err());
	}

	#[test]
	fn what_is_no_runtime_is_named() {
		assert_eq!(found(b""), "file is empty, not a Wasm runtime");
		assert_eq!(found(b"hello"), "file is text, not a Wasm runtime");
		assert_eq!(found(b"(module)"), "file is the text form of Wasm, not a Wasm runtime");
		assert_eq!(found(b"0x0061736d"), "file is hexadecimal text, not a Wasm runtime");
		assert_eq!(found(&[0xff, 0xfe]), "file is binary data, not a Wasm runtime");
		assert_eq!(found(b"\0asm\x01\0\0\0"), "file is a Wasm module, but it has no runtime version");
		assert_eq!(found(b"\0asm\x01\0\0\0\x00\xff\xff"), found(b"\0asm\x01\0\0\0"));
	}

	#[test]
	fn a_missing_file_says_where_to_get_one() {
		let error = Runtime::read(Path::new("/no/such.wasm")).expect_err("no file");
		assert!(error.to_string().starts_with("cannot read /no/such.wasm"));
	}
}
