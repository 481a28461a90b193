// SPDX-License-Identifier: Apache-2.0
//! The keys a command signs with.

use super::Context;
use crate::{
	chain::Chain,
	keys::{Key, KeyError, KeyName},
	Result,
};
use clap::Args;
use std::{
	ffi::OsString,
	path::PathBuf,
	sync::{Mutex, PoisonError},
};
use subxt_signer::sr25519::Keypair;

/// How keys are named, for the end of `--help`.
pub const HELP: &str = "\
Keys:
  A key is named by the place of its secret. The secret itself never is a word of a command line,
  where other programs can read it and the shell keeps it.

  file:PATH      a file with the secret phrase, or 0x and 64 digits; only its owner may read it
  env:NAME       an environment variable with the same
  keystore:PATH  a key file in the keystore of a node, or the folder if it has one account key
  //Alice        a key that everybody knows: on development and local chains only

  Where several keys sign they are separated by commas: --signers file:alice.key,env:BOB

  Without --key and --key-file the key is that of the file in KEEL_KEY_FILE, else the secret in
  KEEL_SURI, else //Alice.";

/// The key that signs, as it was asked for.
#[derive(Args, Clone, Debug)]
pub struct KeyArguments {
	/// The key that signs: file:PATH, env:NAME, keystore:PATH, or //Alice on a development chain.
	#[arg(long, global = true, alias = "suri", value_name = "KEY")]
	key: Option<KeyName>,

	/// The same as --key file:FILE.
	#[arg(long, global = true, value_name = "FILE", conflicts_with = "key")]
	key_file: Option<PathBuf>,
}

impl KeyArguments {
	/// The name of the key: what is on the command line comes before what is in the environment.
	fn choose(self, environment: impl Fn(&str) -> Option<OsString>) -> KeyName {
		if let Some(name) = self.key {
			return name;
		}
		let file = self.key_file.map(PathBuf::into_os_string).or_else(|| environment("KEEL_KEY_FILE"));
		match file {
			// A variable that should hold a path, and whose value was lost on the way.
			Some(path) if path.is_empty() => KeyName::Wrong(KeyError::Nameless),
			Some(path) => KeyName::File(path.into()),
			// Also when it is empty: what was meant to be a key must not become another.
			None if environment("KEEL_SURI").is_some() => KeyName::Variable("KEEL_SURI".to_owned()),
			None => KeyName::from("//Alice"),
		}
	}
}

/// What was found out while a command ran.
#[derive(Default)]
struct Met {
	/// The kind of the chain, where keys that everybody knows must not sign.
	kind: Option<String>,
	/// A key that everybody knows, and that was opened.
	well_known: Option<String>,
}

/// Opens keys, and sees to it that those that everybody knows sign on development chains only.
pub struct Keyring {
	key: KeyName,
	met: Mutex<Met>,
}

impl Keyring {
	/// For the key that was asked for.
	pub fn new(arguments: KeyArguments) -> Result<Self> {
		Self::of(arguments.choose(|name| std::env::var_os(name)))
	}

	fn of(key: KeyName) -> Result<Self> {
		// A secret on the command line is told about even where no key is needed.
		key.check()?;
		Ok(Self { key, met: Mutex::default() })
	}

	/// The key that signs.
	pub fn signer(&self) -> Result<Keypair> {
		self.open(&self.key)
	}

	/// The key with this name.
	pub fn open(&self, name: &KeyName) -> Result<Keypair> {
		let Key { pair, well_known } = name.open()?;
		if well_known {
			self.note(|met| met.well_known = Some(name.to_string()))?;
		}
		Ok(pair)
	}

	/// The command talks to a chain of this kind.
	pub fn meet(&self, kind: &str) -> Result<()> {
		if is_for_development(kind) {
			Ok(())
		} else {
			self.note(|met| met.kind = Some(kind.to_owned()))
		}
	}

	fn note(&self, change: impl FnOnce(&mut Met)) -> Result<()> {
		let mut met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
		change(&mut met);
		match &*met {
			Met { kind: Some(kind), well_known: Some(name) } => {
				Err(KeyError::WellKnown { name: name.clone(), kind: kind.clone() }.into())
			}
			_ => Ok(()),
		}
	}
}

fn is_for_development(kind: &str) -> bool {
	matches!(kind, "Development" | "Local")
}

/// Several keys, separated by commas; the signer of the command if none is given.
#[derive(Args, Clone, Debug)]
pub struct Signers {
	/// The members that sign, separated by commas; the signer of the command by default.
	#[arg(long, env = "KEEL_SIGNERS", hide_env_values = true, value_delimiter = ',', value_name = "KEYS")]
	signers: Vec<KeyName>,
}

impl Signers {
	/// The keys.
	pub fn keys(&self, context: &Context) -> Result<Vec<Keypair>> {
		keys_of(&self.signers, context)
	}
}

/// The keys with these names; the signer of the command when there are none.
pub fn keys_of(names: &[KeyName], context: &Context) -> Result<Vec<Keypair>> {
	if names.is_empty() {
		return Ok(vec![context.signer()?]);
	}
	names.iter().map(|name| context.open(name)).collect()
}

/// The keys with these names, to sign on `chain`.
pub async fn keys_for(chain: &Chain, names: &[KeyName]) -> Result<Vec<Keypair>> {
	let kind = chain.kind().await?;
	let open = |name: &KeyName| {
		let ring = Keyring::of(name.clone())?;
		ring.meet(&kind)?;
		ring.signer()
	};
	names.iter().map(open).collect()
}

#[cfg(test)]
mod tests {
	use super::*;

	fn chosen(key: Option<&str>, file: Option<&str>, environment: &[(&str, &str)]) -> KeyName {
		let arguments = KeyArguments { key: key.map(KeyName::from), key_file: file.map(PathBuf::from) };
		arguments.choose(|wanted| {
			environment.iter().find(|(name, _)| *name == wanted).map(|(_, value)| OsString::from(value))
		})
	}

	#[test]
	fn the_command_line_comes_before_the_environment_and_nothing_is_alice() {
		let both = [("KEEL_KEY_FILE", "/b"), ("KEEL_SURI", "x")];
		assert_eq!(chosen(Some("env:A"), None, &both), KeyName::Variable("A".to_owned()));
		assert_eq!(chosen(None, Some("/a"), &both), KeyName::File("/a".into()));
		assert_eq!(chosen(None, None, &both), KeyName::File("/b".into()));
		assert_eq!(chosen(None, None, &both[1..]), KeyName::Variable("KEEL_SURI".to_owned()));
		assert_eq!(chosen(None, None, &[]), KeyName::WellKnown("//Alice".to_owned()));
	}

	#[test]
	fn what_is_lost_on_the_way_does_not_become_alice() {
		for (key, environment) in [
			(Some(""), &[][..]),
			(None, &[("KEEL_KEY_FILE", "")]),
			(None, &[("KEEL_KEY_FILE", ""), ("KEEL_SURI", "x")]),
		] {
			let name = chosen(key, None, environment);
			assert_eq!(name, KeyName::Wrong(KeyError::Nameless), "{key:?} {environment:?}");
			assert!(Keyring::of(name).is_err());
		}
		assert_eq!(chosen(None, None, &[("KEEL_SURI", "")]), KeyName::Variable("KEEL_SURI".to_owned()));
	}

	#[test]
	fn keys_that_everybody_knows_sign_on_development_chains_only() {
		let ring = || Keyring::of(KeyName::from("//Alice")).expect("a name");
		for kind in ["Development", "Local"] {
			let ring = ring();
			assert!(ring.meet(kind).and_then(|()| ring.signer()).is_ok(), "{kind}");
		}
		for kind in ["Live", "Custom", "development", ""] {
			let (before, after) = (ring(), ring());
			before.meet(kind).expect("no key was opened yet");
			let error = before.signer().expect_err("everybody knows it").to_string();
			assert!(error.starts_with("//Alice is a key that everybody knows") && error.contains(kind));
			after.signer().expect("the chain is not known yet");
			assert!(after.meet(kind).is_err(), "{kind}: in whatever order");
		}
	}

	#[test]
	fn a_key_of_ones_own_signs_everywhere() {
		let folder = tempfile::tempdir().expect("a folder");
		let path = folder.path().join("key");
		std::fs::write(&path, format!("0x{}", "17".repeat(32))).expect("written");
		#[cfg(unix)]
		{
			use std::os::unix::fs::PermissionsExt;
			std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("set");
		}
		let ring = Keyring::of(KeyName::File(path.clone())).expect("a name");
		ring.meet("Live").expect("no key was opened");
		ring.signer().expect("nobody else knows it");
		// But not what everybody knows, in a file of one's own.
		std::fs::write(&path, "//Alice").expect("written");
		assert!(ring.signer().is_err());
	}
}
