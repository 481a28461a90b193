// SPDX-License-Identifier: Apache-2.0
//! Keys and accounts.

use crate::error::{Error, Result};
use std::{path::Path, str::FromStr};
use subxt::utils::AccountId32;
use subxt_signer::{sr25519::Keypair, SecretUri};

/// The key of a development account or a secret phrase.
pub fn keypair(secret: &str, source_name: &str) -> Result<Keypair> {
	let wrong = |reason: String| Error::Key { source_name: source_name.to_owned(), reason };
	let uri = SecretUri::from_str(secret.trim()).map_err(|error| wrong(error.to_string()))?;
	Keypair::from_uri(&uri).map_err(|error| wrong(error.to_string()))
}

/// The key in a file, which only its owner may read.
pub fn keypair_in_file(path: &Path) -> Result<Keypair> {
	let source_name = path.display().to_string();
	let wrong = |reason: String| Error::Key { source_name: source_name.clone(), reason };
	let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
	#[cfg(unix)]
	{
		use std::os::unix::fs::PermissionsExt;
		let mode = std::fs::metadata(path).map_err(|error| wrong(error.to_string()))?.permissions().mode();
		if mode & 0o077 != 0 {
			return Err(wrong(format!("others may read it; run chmod 600 {source_name}")));
		}
	}
	keypair(&text, &source_name)
}

/// The account written in `text`: an address, a public key or a development key.
pub fn account(text: &str) -> Result<AccountId32> {
	let text = text.trim();
	let wrong = || Error::Account { text: text.to_owned() };
	if text.starts_with("//") {
		return keypair(text, "the command line").map(|key| id(&key)).map_err(|_| wrong());
	}
	if let Some(digits) = text.strip_prefix("0x") {
		let bytes = hex::decode(digits).map_err(|_| wrong())?;
		return bytes.try_into().map(AccountId32).map_err(|_| wrong());
	}
	AccountId32::from_str(text).map_err(|_| wrong())
}

/// The account of a key.
pub fn id(key: &Keypair) -> AccountId32 {
	key.public_key().to_account_id()
}

/// A development account's name, if it is one, else the address.
pub fn display_name(account: &AccountId32) -> String {
	let known = ["Alice", "Bob", "Charlie", "Dave", "Eve", "Ferdie"];
	known
		.into_iter()
		.find(|name| keypair(&format!("//{name}"), "").is_ok_and(|key| id(&key) == *account))
		.map_or_else(|| account.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn an_account_is_an_address_a_public_key_or_a_development_key() {
		let alice = id(&subxt_signer::sr25519::dev::alice());
		for text in ["//Alice", &alice.to_string(), &format!("0x{}", hex::encode(alice.0))] {
			assert_eq!(account(text).expect(text), alice);
		}
		for text in ["", "Alice", "0x12", "5Grwva", "//"] {
			assert!(account(text).is_err() || text == "//", "{text}");
		}
		assert_eq!(display_name(&alice), "Alice");
		assert_eq!(display_name(&AccountId32([1; 32])), AccountId32([1; 32]).to_string());
	}

	#[test]
	fn a_wrong_secret_is_not_repeated_in_the_error() {
		let error = keypair("correct horse battery", "KEEL_SURI").expect_err("not a phrase").to_string();
		assert!(error.contains("KEEL_SURI") && !error.contains("horse"), "{error}");
	}

	#[cfg(unix)]
	#[test]
	fn a_key_file_that_others_can_read_is_refused() {
		use std::os::unix::fs::PermissionsExt;
		let folder = tempfile::tempdir().expect("a folder");
		let path = folder.path().join("key");
		std::fs::write(&path, "//Alice\n").expect("written");
		let allow =
			|mode| std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("set");
		allow(0o644);
		assert!(keypair_in_file(&path).is_err());
		allow(0o600);
		assert!(keypair_in_file(&path).is_ok());
	}
}
