// SPDX-License-Identifier: Apache-2.0
//! Key files that cannot be used.

use keel_node::keys::*;
use sp_core::{ed25519, sr25519, Pair};
use std::{
	fs,
	path::{Path, PathBuf},
};

/// A folder of its own for each test.
fn folder(name: &str) -> PathBuf {
	let path = std::env::temp_dir().join(format!("keel-keys-{}-{name}", std::process::id()));
	let _ = fs::remove_dir_all(&path);
	fs::create_dir_all(&path).unwrap();
	path
}

fn hex(bytes: &[u8]) -> String {
	bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn insert(folder: &Path, kind: &str, public: &[u8], text: &str) -> PathBuf {
	let path = folder.join(hex(kind.as_bytes()) + &hex(public));
	fs::write(&path, text).unwrap();
	path
}

#[test]
fn a_node_key_is_32_bytes_or_64_digits() {
	let folder = folder("node");
	let file = folder.join("key");
	assert_eq!(node_key(&file), Ok(()), "one that is missing is made");
	for good in [vec![7; 32], "ab".repeat(32).into_bytes()] {
		fs::write(&file, good).unwrap();
		assert_eq!(node_key(&file), Ok(()));
	}
	for wrong in [vec![], vec![7; 31], ("ab".repeat(32) + "\n").into_bytes(), "xy".repeat(32).into_bytes()] {
		fs::write(&file, &wrong).unwrap();
		let error = node_key(&file).unwrap_err();
		assert!(error.contains(&format!("it has {} bytes", wrong.len())), "{error}");
		assert!(error.contains("generate-node-key"), "{error}");
	}
	let error = node_key(&folder).unwrap_err();
	assert!(error.contains("cannot be read") && error.contains(folder.to_str().unwrap()), "{error}");
}

#[test]
fn a_keystore_is_a_folder_of_keys_under_their_own_names() {
	let folder = folder("store");
	assert_eq!(keystore(&folder.join("missing"), None), Ok(()), "one that is missing is made");
	let (author, finality) =
		(sr25519::Pair::from_string("//A", None).unwrap(), ed25519::Pair::from_string("//G", None).unwrap());
	insert(&folder, "aura", &author.public().0, "\"//A\"");
	insert(&folder, "gran", &finality.public().0, "\"//G\"");
	// What is none of ours is left alone.
	fs::write(folder.join("README"), "about these keys").unwrap();
	insert(&folder, "babe", &[1; 32], "not even JSON");
	assert_eq!(keystore(&folder, None), Ok(()));

	let error = keystore(&folder, Some("password")).unwrap_err();
	assert!(error.contains("the password of the keystore is wrong"), "{error}");
	let wrong = insert(&folder, "gran", &[9; 32], "\"//G\"");
	let error = keystore(&folder, None).unwrap_err();
	assert!(error.contains(wrong.to_str().unwrap()) && error.contains("does not belong"), "{error}");
	fs::write(&wrong, "//G").unwrap();
	let error = keystore(&folder, None).unwrap_err();
	assert!(error.contains("is no key") && error.contains("backup"), "{error}");
	fs::remove_file(&wrong).unwrap();
	fs::create_dir(&wrong).unwrap();
	let error = keystore(&folder, None).unwrap_err();
	assert!(error.contains("cannot be read"), "{error}");

	let error = keystore(&folder.join("README"), None).unwrap_err();
	assert!(error.contains("it must be a folder"), "{error}");
}

#[test]
fn a_keystore_with_a_password_opens_with_it() {
	let folder = folder("password");
	let pair = sr25519::Pair::from_string("//A", Some("secret")).unwrap();
	insert(&folder, "aura", &pair.public().0, "\"//A\"");
	assert_eq!(keystore(&folder, Some("secret")), Ok(()));
	assert!(keystore(&folder, None).is_err());
}
