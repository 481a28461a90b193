// SPDX-License-Identifier: Apache-2.0
//! Keys and accounts, and where secrets come from.
//!
//! A secret is never a word of a command line: every program of the machine can read it there, and the
//! shell keeps it. A key is named by the place of its secret instead:
//!
//! | name | where the secret is |
//! |---|---|
//! | `file:PATH` | in a file that only its owner may read |
//! | `env:NAME` | in an environment variable |
//! | `keystore:PATH` | in a node's keystore: a key file, or the folder |
//! | `//Alice` | everywhere: a key that everybody knows, for development chains |

mod keystore;
mod place;

pub use place::{KeyError, KeyName};

use crate::error::{Error, Result};
use std::{str::FromStr, sync::LazyLock};
use subxt::utils::AccountId32;
use subxt_signer::{sr25519::Keypair, DeriveJunction, SecretUri, DEV_PHRASE};

/// The names of the well-known accounts.
const KNOWN: [&str; 6] = ["Alice", "Bob", "Charlie", "Dave", "Eve", "Ferdie"];

/// The key from which all well-known ones are derived.
static DEVELOPMENT_ROOT: LazyLock<Option<Keypair>> =
	LazyLock::new(|| Keypair::from_uri(&SecretUri::from_str(DEV_PHRASE).ok()?).ok());

static KNOWN_ACCOUNTS: LazyLock<Vec<(&str, AccountId32)>> = LazyLock::new(|| {
	let root = DEVELOPMENT_ROOT.iter();
	let known = |root: &Keypair, name| id(&root.derive([DeriveJunction::hard(name)]));
	root.flat_map(|root| KNOWN.map(|name| (name, known(root, name)))).collect()
});

/// A key, and whether it is one that everybody knows.
#[derive(Clone)]
pub struct Key {
	/// What signs.
	pub pair: Keypair,
	/// Whether it comes from the phrase of the development keys.
	pub well_known: bool,
}

impl Key {
	/// The key of a secret: a phrase, 64 hexadecimal digits, or a path of the development phrase. `place`
	/// is what errors call its source; they never repeat the secret.
	pub fn read(secret: &str, place: &str) -> Result<Self, KeyError> {
		let secret = secret.trim();
		let wrong = |reason: String| KeyError::Invalid { place: place.to_owned(), reason };
		// The library takes nothing for the phrase of the development keys.
		if secret.is_empty() {
			return Err(KeyError::Empty { place: place.to_owned() });
		}
		if secret.lines().count() > 1 {
			return Err(wrong("it has more than one line".to_owned()));
		}
		let read = || SecretUri::from_str(secret).map_err(|error| wrong(error.to_string()));
		let uri = read()?;
		if secret.starts_with('/') && uri.junctions.is_empty() {
			return Err(wrong("it has a password and nothing else".to_owned()));
		}
		let pair = Keypair::from_uri(&uri).map_err(|error| wrong(error.to_string()))?;
		let root = SecretUri { junctions: Vec::new(), ..read()? };
		let root = Keypair::from_uri(&root).map_err(|error| wrong(error.to_string()))?;
		let developments = DEVELOPMENT_ROOT.as_ref().is_none_or(|known| id(known) == id(&root));
		let well_known = developments || secret.starts_with('/') || known_name(&id(&pair)).is_some();
		Ok(Self { pair, well_known })
	}
}

/// The key of a development account or a secret phrase.
pub fn keypair(secret: &str, place: &str) -> Result<Keypair> {
	Ok(Key::read(secret, place)?.pair)
}

/// The account written in `text`: an address, a public key or a development key.
pub fn account(text: &str) -> Result<AccountId32> {
	let text = text.trim();
	// Whoever gives a phrase here has made a mistake; the answer does not spread it further.
	let shown = if text.contains(char::is_whitespace) { "what was given" } else { text };
	let wrong = || Error::Account { text: shown.to_owned() };
	if text.starts_with("//") {
		return match KeyName::from(text) {
			KeyName::WellKnown(path) => keypair(&path, &path).map(|key| id(&key)),
			KeyName::Wrong(error @ KeyError::Misspelt { .. }) => Err(error.into()),
			_ => Err(wrong()),
		};
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

fn known_name(account: &AccountId32) -> Option<&'static str> {
	KNOWN_ACCOUNTS.iter().find(|(_, known)| known == account).map(|(name, _)| *name)
}

/// A development account's name, if it is one, else the address.
pub fn display_name(account: &AccountId32) -> String {
	known_name(account).map_or_else(|| account.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
	use super::*;
	use subxt_signer::sr25519::dev;

	#[test]
	fn an_account_is_an_address_a_public_key_or_a_development_key() {
		let alice = id(&dev::alice());
		for text in ["//Alice", &alice.to_string(), &format!("0x{}", hex::encode(alice.0))] {
			assert_eq!(account(text).expect(text), alice);
		}
		for text in ["", "Alice", "0x12", "5Grwva", "//", "//Alice///password"] {
			assert!(account(text).is_err(), "{text}");
		}
		assert_eq!(display_name(&alice), "Alice");
		assert_eq!(display_name(&AccountId32([1; 32])), AccountId32([1; 32]).to_string());
	}

	#[test]
	fn a_development_key_in_small_letters_is_another_key_and_is_refused() {
		let error = account("//alice").expect_err("it is another account").to_string();
		assert_eq!(error, "`//alice` is not `//Alice`");
	}

	#[test]
	fn a_phrase_given_as_an_account_is_not_repeated() {
		let error = account("bottom drive obey lake").expect_err("no account").to_string();
		assert!(!error.contains("drive"), "{error}");
	}

	#[test]
	fn a_wrong_secret_is_not_repeated_in_the_error() {
		let error = keypair("correct horse battery", "KEEL_SURI").expect_err("not a phrase").to_string();
		assert!(error.contains("KEEL_SURI") && !error.contains("horse"), "{error}");
	}

	#[test]
	fn an_empty_secret_is_no_key() {
		for secret in ["", " ", "\n", "\t\r\n"] {
			let error = Key::read(secret, "it").err();
			assert_eq!(error, Some(KeyError::Empty { place: "it".to_owned() }), "{secret:?}");
		}
		// Each of these is the root of the development phrase, or next to it, to the library.
		for secret in ["///", "///password", "//", "/"] {
			let error = Key::read(secret, "it").err();
			assert!(matches!(error, Some(KeyError::Invalid { .. })), "{secret}: {error:?}");
		}
		let lines = Key::read("//Alice\n//Bob", "it").err();
		assert!(matches!(lines, Some(KeyError::Invalid { .. })), "{lines:?}");
	}

	#[test]
	fn what_everybody_knows_is_recognised_in_whatever_form() {
		let seed = format!("0x{}", "e5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a");
		let phrase = DEV_PHRASE.to_owned();
		let derived = format!("{DEV_PHRASE}//Somebody//else");
		for secret in ["//Alice", "//Alice//reporter", &seed, &phrase, &derived] {
			assert!(Key::read(secret, "it").expect(secret).well_known, "{secret}");
		}
		let own = "legal winner thank year wave sausage worth useful legal winner thank yellow";
		for secret in [own.to_owned(), format!("{own}//Alice"), format!("0x{}", "17".repeat(32))] {
			assert!(!Key::read(&secret, "it").expect("a secret").well_known, "{secret}");
		}
	}
}
