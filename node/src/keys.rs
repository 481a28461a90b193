// SPDX-License-Identifier: Apache-2.0
//! Key files that cannot be used are an error when the node starts: later, a validator would stay silent.

use std::{
	fs,
	io::ErrorKind,
	path::{Path, PathBuf},
};

use sc_network::config::{NodeKeyConfig, Secret};
use sc_service::{config::KeystoreConfig, Configuration};
use sp_core::{
	crypto::{ExposeSecret, KeyTypeId},
	ed25519, sr25519, Pair,
};

/// The keys that make blocks, and those that make them final.
const AURA: KeyTypeId = sp_core::crypto::key_types::AURA;
const GRANDPA: KeyTypeId = sp_core::crypto::key_types::GRANDPA;

/// Whether the node can use the keys it was given.
pub fn check(config: &Configuration) -> Result<(), String> {
	if let NodeKeyConfig::Ed25519(Secret::File(file)) = &config.network.node_key {
		node_key(file)?;
	}
	if let KeystoreConfig::Path { path, password } = &config.keystore {
		keystore(path, password.as_ref().map(|password| -> &str { password.expose_secret() }))?;
	}
	Ok(())
}

/// The key that is the node's identity in the network. One that is not there yet is made.
pub fn node_key(file: &Path) -> Result<(), String> {
	let name = file.display();
	let bytes = match fs::read(file) {
		Ok(bytes) => bytes,
		Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
		Err(error) => {
			return Err(format!(
				"the node key {name} cannot be read: {error}; it must be a file that the user who runs the node may \
				 read"
			))
		}
	};
	let hexadecimal = bytes.len() == 64 && bytes.iter().all(u8::is_ascii_hexdigit);
	if bytes.len() == 32 || hexadecimal {
		return Ok(());
	}
	Err(format!(
		"the node key {name} is none: it has {} bytes, not 32, nor 64 hexadecimal digits without an end of line; \
		 'keel-node key generate-node-key --file FILE' writes one",
		bytes.len()
	))
}

/// The keys that a validator signs with. A folder that is not there yet is made.
pub fn keystore(folder: &Path, password: Option<&str>) -> Result<(), String> {
	let unreadable = |path: &Path, error: std::io::Error| {
		format!(
			"{} in the keystore cannot be read: {error}; the user who runs the node must own the keystore",
			path.display()
		)
	};
	let entries = match fs::read_dir(folder) {
		Ok(entries) => entries,
		Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
		Err(error) => {
			return Err(format!(
				"the keystore {} cannot be read: {error}; it must be a folder of the user who runs the node",
				folder.display()
			))
		}
	};
	for entry in entries {
		let path: PathBuf = entry.map_err(|error| unreadable(folder, error))?.path();
		// Its name is the type of the key and the public key.
		let name = path.file_name().and_then(|name| name.to_str()).and_then(from_hex);
		let Some((kind, public)) = name.as_deref().and_then(|name| name.split_at_checked(4)) else {
			continue;
		};
		let matches = match kind {
			kind if kind == AURA.0 => is_of::<sr25519::Pair>,
			kind if kind == GRANDPA.0 => is_of::<ed25519::Pair>,
			_ => continue,
		};
		let text = fs::read_to_string(&path).map_err(|error| unreadable(&path, error))?;
		let secret: String = serde_json::from_str(&text).map_err(|error| {
			format!(
				"{} in the keystore is no key: {error}; take it from the backup, or remove it and insert the key again",
				path.display()
			)
		})?;
		if !matches(&secret, password, public) {
			return Err(format!(
				"{} in the keystore has a secret that does not belong to the public key of its name: the password of \
				 the keystore is wrong, or the file was renamed or damaged; take it from the backup",
				path.display()
			));
		}
	}
	Ok(())
}

fn is_of<P: Pair>(secret: &str, password: Option<&str>, public: &[u8]) -> bool {
	P::from_string(secret, password).is_ok_and(|pair| pair.public().as_ref() == public)
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
	sp_core::bytes::from_hex(text).ok()
}
