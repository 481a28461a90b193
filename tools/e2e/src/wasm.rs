// SPDX-License-Identifier: Apache-2.0
//! Runtimes that claim to be something else, made from the one that runs.

use codec::{Decode, Encode};
use keelctl::Chain;
use std::io::Read;

/// The version as it stands in a runtime's custom section, up to the last field changed here.
#[derive(Clone, Debug, Decode, Encode)]
pub struct Claim {
	/// The chain's name.
	pub spec_name: String,
	/// Who made it.
	pub impl_name: String,
	/// For authors.
	pub authoring_version: u32,
	/// What an upgrade must raise.
	pub spec_version: u32,
}

/// The code the chain runs.
pub async fn running(chain: &Chain) -> Vec<u8> {
	let at = chain.best().await.expect("a best block");
	at.storage().fetch_raw(b":code".to_vec()).await.expect("every chain has code")
}

/// `code` with another claim about itself: everything else is as it was.
pub fn claiming(code: &[u8], change: impl FnOnce(&mut Claim)) -> Vec<u8> {
	let module = decompress(code);
	let mut changed = module[..8].to_vec();
	let mut change = Some(change);
	let mut rest = &module[8..];
	while let Some((id, after)) = rest.split_first() {
		let (length, after) = leb128(after);
		let (content, next) = after.split_at(length);
		rest = next;
		let content = match name_of(*id, content) {
			Some((name, body)) if name == b"runtime_version" => {
				let mut remaining = body;
				let mut claim = Claim::decode(&mut remaining).expect("a version");
				change.take().expect("one version per runtime")(&mut claim);
				let name_length = &[u8::try_from(name.len()).expect("a short name")];
				[&name_length[..], name, &claim.encode(), remaining].concat()
			}
			_ => content.to_vec(),
		};
		changed.push(*id);
		write_leb128(content.len(), &mut changed);
		changed.extend(content);
	}
	assert!(change.is_none(), "the runtime has no version section");
	changed
}

fn name_of(id: u8, content: &[u8]) -> Option<(&[u8], &[u8])> {
	if id != 0 {
		return None;
	}
	let (length, after) = leb128(content);
	Some(after.split_at(length))
}

/// `code` as it goes on chain: an author takes a block of at most 4 MiB.
pub fn compress(code: &[u8]) -> Vec<u8> {
	let packed = ruzstd::encoding::compress_to_vec(code, ruzstd::encoding::CompressionLevel::Fastest);
	[&COMPRESSED[..], &packed].concat()
}

/// What compressed code begins with.
const COMPRESSED: [u8; 8] = [82, 188, 83, 118, 70, 219, 142, 5];

fn decompress(code: &[u8]) -> Vec<u8> {
	let Some(packed) = code.strip_prefix(&COMPRESSED[..]) else { return code.to_vec() };
	let mut module = Vec::new();
	ruzstd::decoding::StreamingDecoder::new(packed)
		.expect("a compressed runtime")
		.read_to_end(&mut module)
		.expect("a whole runtime");
	module
}

fn leb128(bytes: &[u8]) -> (usize, &[u8]) {
	let mut value = 0usize;
	for (index, byte) in bytes.iter().enumerate() {
		value |= usize::from(byte & 0x7f) << (7 * index);
		if byte & 0x80 == 0 {
			return (value, &bytes[index + 1..]);
		}
	}
	panic!("the module ends within a number")
}

fn write_leb128(mut value: usize, out: &mut Vec<u8>) {
	loop {
		let byte = u8::try_from(value & 0x7f).expect("seven bits");
		value >>= 7;
		if value == 0 {
			out.push(byte);
			return;
		}
		out.push(byte | 0x80);
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use keelctl::wasm::Runtime;

	#[test]
	fn a_claim_is_changed_and_nothing_else() {
		let version = ("keel", "keel", 1u32, 7u32, 1u32, [0u8; 3]).encode();
		let section = [&[15u8], &b"runtime_version"[..], &version].concat();
		let mut module = b"\0asm\x01\0\0\0\x01\x01\x00\x00".to_vec();
		write_leb128(section.len(), &mut module);
		module.extend(&section);
		let changed = claiming(&module, |claim| {
			claim.spec_version = 300;
			claim.spec_name = "elsewhere".to_owned();
		});
		let runtime = Runtime::from_bytes(changed.clone(), "changed").expect("a runtime");
		assert_eq!((runtime.spec_name.as_str(), runtime.spec_version), ("elsewhere", 300));
		let back = claiming(&changed, |claim| {
			claim.spec_version = 7;
			claim.spec_name = "keel".to_owned();
		});
		assert_eq!(back, module);
	}
}
