// SPDX-License-Identifier: Apache-2.0
//! The names of keys: each says where the secret is, and none is a secret.

use super::{keystore, Key, KNOWN};
use std::{convert::Infallible, fs::File, io::Read, path::Path, path::PathBuf, str::FromStr};

/// The longest file that is read for a secret.
const LONGEST: u64 = 4096;

/// What is wrong with a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum KeyError {
	/// There is nothing where the name of a key is expected.
	#[error("the name of a key is empty")]
	#[diagnostic(
		code(keelctl::key),
		help("Say where the secret is: file:PATH, env:NAME or keystore:PATH; or //Alice on a development chain.")
	)]
	Nameless,
	/// The secret itself was given.
	#[error("a key is named by the place of its secret, and what was given looks like a secret itself")]
	#[diagnostic(
		code(keelctl::key),
		help(
			"Put it into a file that only you may read and give file:PATH; or env:NAME, or keystore:PATH. Other \
			 programs can read a command line, and the shell keeps it: if it was a real secret, use it no more."
		)
	)]
	Secret,
	/// Something else was given. It is not repeated: it may be a part of a secret.
	#[error("what was given does not name a key")]
	#[diagnostic(
		code(keelctl::key),
		help("Say where the secret is: file:PATH, env:NAME or keystore:PATH; or //Alice on a development chain.")
	)]
	NoName,
	/// Nearly the name of a well-known key.
	#[error("`{given}` is not `//{known}`")]
	#[diagnostic(
		code(keelctl::key),
		help("Letters are told apart: it would be another, empty account. Write //{known}.")
	)]
	Misspelt {
		/// What was given.
		given: String,
		/// What is known.
		known: &'static str,
	},
	/// There is nothing in it.
	#[error("{place} is empty")]
	#[diagnostic(
		code(keelctl::key),
		help("Put the secret into it: a phrase of 12 to 24 words, or 0x and 64 hexadecimal digits.")
	)]
	Empty {
		/// A file or a variable.
		place: String,
	},
	/// There is no such variable.
	#[error("the environment variable {name} is not set")]
	#[diagnostic(
		code(keelctl::key),
		help("Export it in the shell, or in the unit that starts this program.")
	)]
	Unset {
		/// Its name.
		name: String,
	},
	/// The file cannot be read.
	#[error("the key file {path} cannot be read: {reason}")]
	#[diagnostic(
		code(keelctl::key),
		help("Give the path of a file with the secret, which its owner can read.")
	)]
	Unreadable {
		/// The path.
		path: String,
		/// What the system says.
		reason: String,
	},
	/// Others can read the file.
	#[error("others may read the key file {path} (its mode is {mode:03o})")]
	#[diagnostic(code(keelctl::key), help("Keep it to yourself: chmod 600 {path}"))]
	Exposed {
		/// The path.
		path: String,
		/// Who may do what with it.
		mode: u32,
	},
	/// What is there is no secret. It is not repeated.
	#[error("what is in {place} is no secret: {reason}")]
	#[diagnostic(
		code(keelctl::key),
		help("A secret is a phrase of 12 to 24 words, or 0x and 64 hexadecimal digits, with a path like //council if any.")
	)]
	Invalid {
		/// A file or a variable.
		place: String,
		/// What is wrong.
		reason: String,
	},
	/// A keystore that does not give one key.
	#[error("the keystore {path} {problem}")]
	#[diagnostic(code(keelctl::key), help("{help}"))]
	Keystore {
		/// The path.
		path: String,
		/// What is wrong.
		problem: String,
		/// What to do.
		help: String,
	},
	/// Everybody could sign with it, on a chain where that matters.
	#[error("{name} is a key that everybody knows, and this is no development chain: its type is {kind}")]
	#[diagnostic(
		code(keelctl::key),
		help("Name a key of your own: --key file:PATH, env:NAME or keystore:PATH. See `keelctl --help`.")
	)]
	WellKnown {
		/// How it was named.
		name: String,
		/// The chain's kind.
		kind: String,
	},
}

/// Where a key's secret is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyName {
	/// Everywhere: a path of the phrase that all development chains share, like `//Alice`.
	WellKnown(String),
	/// In a file that only its owner may read.
	File(PathBuf),
	/// In an environment variable.
	Variable(String),
	/// In a node's keystore: a key file, or a folder with one account key.
	Keystore(PathBuf),
	/// It names none. What was given is not kept, and this is told when a key is needed, because
	/// whoever reads command lines would repeat it.
	Wrong(KeyError),
}

impl From<&str> for KeyName {
	fn from(text: &str) -> Self {
		let text = text.trim();
		match text.split_once(':') {
			_ if text.is_empty() => Self::Wrong(KeyError::Nameless),
			_ if text.starts_with("//") => well_known(text),
			Some((_, "")) => Self::Wrong(KeyError::Nameless),
			Some(("file", path)) => Self::File(path.into()),
			Some(("env", name)) => Self::Variable(name.to_owned()),
			Some(("keystore", path)) => Self::Keystore(path.into()),
			_ if looks_like_a_secret(text) => Self::Wrong(KeyError::Secret),
			_ => Self::Wrong(KeyError::NoName),
		}
	}
}

impl FromStr for KeyName {
	type Err = Infallible;

	fn from_str(text: &str) -> Result<Self, Infallible> {
		Ok(Self::from(text))
	}
}

impl std::fmt::Display for KeyName {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		match self {
			Self::WellKnown(path) => f.write_str(path),
			Self::File(path) => write!(f, "file:{}", path.display()),
			Self::Variable(name) => write!(f, "env:{name}"),
			Self::Keystore(path) => write!(f, "keystore:{}", path.display()),
			Self::Wrong(_) => f.write_str("(no key)"),
		}
	}
}

/// A path of hard and soft steps without a password: a password would be a secret.
fn well_known(text: &str) -> KeyName {
	let steps = || text.split('/').filter(|step| !step.is_empty());
	let plain = |step: &str| step.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
	if text.contains("///") {
		return KeyName::Wrong(KeyError::Secret);
	}
	let Some(first) = steps().next() else { return KeyName::Wrong(KeyError::NoName) };
	if text.ends_with('/') || !steps().all(plain) {
		return KeyName::Wrong(KeyError::NoName);
	}
	let alike = KNOWN.into_iter().find(|known| known.eq_ignore_ascii_case(first) && *known != first);
	match alike {
		Some(known) => KeyName::Wrong(KeyError::Misspelt { given: text.to_owned(), known }),
		None => KeyName::WellKnown(text.to_owned()),
	}
}

/// A phrase, hexadecimal digits, or a path with a password.
fn looks_like_a_secret(text: &str) -> bool {
	let digits = text.strip_prefix("0x").unwrap_or(text);
	let is_hex = digits.len() >= 32 && digits.chars().take(32).all(|c| c.is_ascii_hexdigit());
	text.split_whitespace().count() > 2 || is_hex || text.contains("//")
}

impl KeyName {
	/// An error when it names no key, whatever it is needed for.
	pub fn check(&self) -> Result<(), KeyError> {
		match self {
			Self::Wrong(error) => Err(error.clone()),
			_ => Ok(()),
		}
	}

	/// Read the secret where it is.
	pub fn open(&self) -> Result<Key, KeyError> {
		match self {
			Self::Wrong(error) => Err(error.clone()),
			Self::WellKnown(path) => Key::read(path, path),
			Self::File(path) => Key::read(&private_text(path)?, &format!("the key file {}", path.display())),
			Self::Keystore(path) => keystore::open(path),
			Self::Variable(name) => {
				let place = format!("the environment variable {name}");
				match std::env::var(name) {
					Ok(secret) => Key::read(&secret, &place),
					Err(std::env::VarError::NotPresent) => Err(KeyError::Unset { name: name.clone() }),
					Err(std::env::VarError::NotUnicode(_)) => {
						Err(KeyError::Invalid { place, reason: "it is no text".to_owned() })
					}
				}
			}
		}
	}
}

/// The text of a file that nobody but its owner may read.
pub(super) fn private_text(path: &Path) -> Result<String, KeyError> {
	let shown = path.display().to_string();
	let unreadable = |reason: String| KeyError::Unreadable { path: shown.clone(), reason };
	let file = File::open(path).map_err(|error| unreadable(error.to_string()))?;
	// Asked of what was opened: the path may lead elsewhere by now.
	let metadata = file.metadata().map_err(|error| unreadable(error.to_string()))?;
	if metadata.is_dir() {
		return Err(unreadable("it is a folder".to_owned()));
	}
	#[cfg(unix)]
	{
		use std::os::unix::fs::PermissionsExt;
		let mode = metadata.permissions().mode() & 0o777;
		if mode & 0o077 != 0 {
			return Err(KeyError::Exposed { path: shown, mode });
		}
	}
	let mut text = String::new();
	file.take(LONGEST).read_to_string(&mut text).map_err(|error| unreadable(error.to_string()))?;
	Ok(text)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::keys::id;
	use subxt_signer::sr25519::dev;

	/// A file with `content` that only its owner may read.
	fn private(folder: &tempfile::TempDir, name: &str, content: &str) -> PathBuf {
		let path = folder.path().join(name);
		std::fs::write(&path, content).expect("written");
		allow(&path, 0o600);
		path
	}

	#[cfg(unix)]
	fn allow(path: &Path, mode: u32) {
		use std::os::unix::fs::PermissionsExt;
		std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("set");
	}

	#[cfg(not(unix))]
	fn allow(_: &Path, _: u32) {}

	fn refused(name: &str) -> KeyError {
		KeyName::from(name).open().err().unwrap_or_else(|| panic!("{name} is a key"))
	}

	#[test]
	fn a_key_is_named_by_the_place_of_its_secret() {
		for (text, name) in [
			("//Alice", KeyName::WellKnown("//Alice".to_owned())),
			("//Alice//reporter", KeyName::WellKnown("//Alice//reporter".to_owned())),
			("//Alice/soft-1", KeyName::WellKnown("//Alice/soft-1".to_owned())),
			("file:/etc/keel/key", KeyName::File("/etc/keel/key".into())),
			(" file:a b ", KeyName::File("a b".into())),
			("env:COUNCIL", KeyName::Variable("COUNCIL".to_owned())),
			("keystore:/var/lib/keel", KeyName::Keystore("/var/lib/keel".into())),
		] {
			assert_eq!(KeyName::from(text), name, "{text}");
		}
		assert_eq!(KeyName::from("file:a b").to_string(), "file:a b");
	}

	#[test]
	fn a_secret_in_place_of_a_name_is_refused_and_not_repeated() {
		let phrase = "legal winner thank year wave sausage worth useful legal winner thank yellow";
		let seed = format!("0x{}", "17".repeat(32));
		for secret in [
			phrase,
			&seed,
			&"17".repeat(32),
			&format!("{phrase}//council"),
			"//Alice///password",
			"legal winner thank",
		] {
			let name = KeyName::from(secret);
			assert_eq!(name, KeyName::Wrong(KeyError::Secret), "{secret}");
			let said = format!("{name:?} {name} {}", refused(secret));
			assert!(!said.contains("17") && !said.contains("winner") && !said.contains("Alice"), "{said}");
		}
	}

	#[test]
	fn what_names_no_key_is_refused() {
		for text in ["Alice", "Alice Bob", "path:/etc/key", "//", "// ", "//Al ice", "//Alice/", "/Alice"] {
			assert_eq!(refused(text), KeyError::NoName, "{text}");
		}
		for text in ["", "  ", "file:", "env:", "keystore:"] {
			assert_eq!(refused(text), KeyError::Nameless, "{text:?}");
		}
		for text in ["//alice", "//BOB", "//bob//reporter"] {
			assert!(matches!(refused(text), KeyError::Misspelt { .. }), "{text}");
		}
	}

	#[test]
	fn a_key_comes_from_a_file_of_its_owner() {
		let folder = tempfile::tempdir().expect("a folder");
		let path = private(&folder, "key", "//Alice\n");
		let key = KeyName::File(path.clone()).open().expect("a key");
		assert_eq!((id(&key.pair), key.well_known), (id(&dev::alice()), true));
		let text = |name: KeyName| name.open().err().map(|error| error.to_string()).unwrap_or_default();
		assert!(text(KeyName::File("/no/such".into())).starts_with("the key file /no/such cannot be read"));
		assert!(text(KeyName::File(folder.path().into())).ends_with("it is a folder"));
	}

	#[cfg(unix)]
	#[test]
	fn a_key_file_that_others_can_read_is_refused() {
		let folder = tempfile::tempdir().expect("a folder");
		let path = private(&folder, "key", "//Alice\n");
		for mode in [0o644, 0o640, 0o604, 0o660, 0o601] {
			allow(&path, mode);
			let error = KeyName::File(path.clone()).open().err();
			assert!(matches!(error, Some(KeyError::Exposed { mode: told, .. }) if told == mode), "{error:?}");
		}
		allow(&path, 0o400);
		assert!(KeyName::File(path).open().is_ok());
	}

	#[test]
	fn an_empty_file_is_no_key() {
		let folder = tempfile::tempdir().expect("a folder");
		for content in ["", "\n", "  \n\n"] {
			let error = KeyName::File(private(&folder, "key", content)).open().err();
			assert!(matches!(error, Some(KeyError::Empty { .. })), "{content:?}: {error:?}");
		}
	}

	#[test]
	fn a_variable_that_is_not_set_is_no_key() {
		let error = refused("env:KEELCTL_TEST_NOT_SET");
		assert_eq!(error, KeyError::Unset { name: "KEELCTL_TEST_NOT_SET".to_owned() });
	}
}
