// SPDX-License-Identifier: Apache-2.0
//! Keys in the keystore of a node.
//!
//! A keystore is a folder with a file for each key, as `keel-node key insert` makes it. The file's name is
//! the kind of key (four bytes) and the public key in hexadecimal digits; in it is the secret as a JSON
//! string.

use super::{id, place::private_text, Key, KeyError};
use std::path::{Path, PathBuf};

/// The kind of keys that sign for accounts: `acco`.
const ACCOUNT: [u8; 4] = *b"acco";

/// What the name of a key file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileName {
	kind: [u8; 4],
	public: [u8; 32],
}

/// The key in a key file, or the one account key in a folder.
pub(super) fn open(path: &Path) -> Result<Key, KeyError> {
	let file = if path.is_dir() { the_key_in(path)? } else { path.to_owned() };
	let problem = |problem: &str, help: &str| KeyError::Keystore {
		path: file.display().to_string(),
		problem: problem.to_owned(),
		help: help.to_owned(),
	};
	let text = private_text(&file)?;
	let name = read_name(&file).ok_or_else(|| {
		problem(
			"is not a key file of a node",
			"Its name is 72 hexadecimal digits. For other files, give file:PATH.",
		)
	})?;
	// What the reader of JSON says would repeat a piece of it.
	let secret: String = serde_json::from_str(text.trim())
		.map_err(|_| problem("does not hold a JSON string", "Insert the key again: keel-node key insert."))?;
	let key = Key::read(&secret, &format!("the key file {}", file.display()))?;
	if id(&key.pair).0 == name.public {
		Ok(key)
	} else {
		Err(problem(
			"holds another key than its name says",
			"Accounts sign with sr25519 keys. Those of GRANDPA are of another kind, and those of a keystore with a \
			 password cannot be used here.",
		))
	}
}

fn read_name(path: &Path) -> Option<FileName> {
	let bytes = hex::decode(path.file_name()?.to_str()?).ok()?;
	let (kind, public) = bytes.split_at_checked(4)?;
	Some(FileName { kind: kind.try_into().ok()?, public: public.try_into().ok()? })
}

/// The only account key in a folder, or its only key of any kind.
fn the_key_in(folder: &Path) -> Result<PathBuf, KeyError> {
	let shown = folder.display().to_string();
	let entries = std::fs::read_dir(folder)
		.map_err(|error| KeyError::Unreadable { path: shown.clone(), reason: error.to_string() })?;
	let named = |path: PathBuf| read_name(&path).map(|name| (name, path));
	let mut all: Vec<_> = entries.flatten().filter_map(|entry| named(entry.path())).collect();
	all.sort_by(|left, right| left.1.cmp(&right.1));
	let accounts: Vec<_> = all.iter().filter(|(name, _)| name.kind == ACCOUNT).collect();
	match (accounts.as_slice(), all.as_slice()) {
		([(_, only)], _) | ([], [(_, only)]) => Ok(only.clone()),
		([], []) => Err(KeyError::Keystore {
			path: shown,
			problem: "has no keys".to_owned(),
			help: "Insert one: keel-node key insert --key-type acco --scheme sr25519".to_owned(),
		}),
		(accounts, _) => Err(KeyError::Keystore {
			path: shown,
			problem: format!("has {} keys, {} of them for accounts", all.len(), accounts.len()),
			help: format!("Name the key file, like keystore:{}", all[0].1.display()),
		}),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use subxt_signer::sr25519::{dev, Keypair};

	fn store(folder: &Path, kind: &str, public: [u8; 32], content: &str) -> PathBuf {
		let path = folder.join(format!("{}{}", hex::encode(kind), hex::encode(public)));
		std::fs::write(&path, content).expect("written");
		#[cfg(unix)]
		{
			use std::os::unix::fs::PermissionsExt;
			std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("set");
		}
		path
	}

	fn public(key: &Keypair) -> [u8; 32] {
		key.public_key().0
	}

	fn problem(path: &Path) -> String {
		open(path).err().unwrap_or_else(|| panic!("{} gives a key", path.display())).to_string()
	}

	#[test]
	fn a_key_file_of_a_node_is_read() {
		let folder = tempfile::tempdir().expect("a folder");
		let bob = store(folder.path(), "aura", public(&dev::bob()), "\"//Bob\"");
		assert_eq!(id(&open(&bob).expect("a key").pair), id(&dev::bob()));
	}

	#[test]
	fn a_folder_gives_its_only_account_key() {
		let folder = tempfile::tempdir().expect("a folder");
		assert!(problem(folder.path()).ends_with("has no keys"));
		store(folder.path(), "aura", public(&dev::bob()), "\"//Bob\"");
		assert_eq!(id(&open(folder.path()).expect("the only one").pair), id(&dev::bob()));
		store(folder.path(), "gran", [3; 32], "\"//Bob\"");
		assert!(problem(folder.path()).ends_with("has 2 keys, 0 of them for accounts"));
		store(folder.path(), "acco", public(&dev::eve()), "\"//Eve\"");
		assert_eq!(id(&open(folder.path()).expect("one for accounts").pair), id(&dev::eve()));
		store(folder.path(), "acco", public(&dev::dave()), "\"//Dave\"");
		assert!(problem(folder.path()).ends_with("has 4 keys, 2 of them for accounts"));
	}

	#[test]
	fn a_key_file_that_is_not_what_its_name_says_is_refused() {
		let folder = tempfile::tempdir().expect("a folder");
		let other = store(folder.path(), "acco", [7; 32], "\"//Bob\"");
		assert!(problem(&other).ends_with("holds another key than its name says"));
		let no_json = store(folder.path(), "acco", public(&dev::bob()), "//Bob");
		assert!(problem(&no_json).ends_with("does not hold a JSON string"));
		assert!(problem(&store(folder.path(), "acco", public(&dev::bob()), "\"\"")).ends_with("is empty"));
		let elsewhere = folder.path().join("bob.key");
		std::fs::rename(&no_json, &elsewhere).expect("renamed");
		assert!(problem(&elsewhere).ends_with("is not a key file of a node"));
	}

	#[cfg(unix)]
	#[test]
	fn a_key_file_that_others_can_read_is_refused() {
		use std::os::unix::fs::PermissionsExt;
		let folder = tempfile::tempdir().expect("a folder");
		let bob = store(folder.path(), "acco", public(&dev::bob()), "\"//Bob\"");
		std::fs::set_permissions(&bob, std::fs::Permissions::from_mode(0o644)).expect("set");
		assert!(problem(&bob).starts_with("others may read the key file"));
	}
}
