// SPDX-License-Identifier: Apache-2.0
//! Reading state: storage, constants, runtime APIs, view functions.

use super::{root_cause, AtBlock};
use crate::{
	error::{Error, Result},
	value::Decoded,
};
use subxt::ext::scale_decode::DecodeAsType;

/// A storage value, decoded; `None` when there is nothing and no default.
pub async fn storage(at: &AtBlock, pallet: &str, entry: &str, keys: Vec<Decoded>) -> Result<Option<Decoded>> {
	storage_as(at, pallet, entry, keys).await
}

/// A storage value as a Rust type.
pub async fn storage_as<T: DecodeAsType>(
	at: &AtBlock,
	pallet: &str,
	entry: &str,
	keys: Vec<Decoded>,
) -> Result<Option<T>> {
	let client = at.storage();
	let found =
		client.try_fetch((pallet, entry), keys).await.map_err(|error| state_error(pallet, entry, &error))?;
	found.map(|value| value.decode_as::<T>().map_err(Error::node)).transpose()
}

/// All keys and values of a map whose hashers keep the key.
pub async fn storage_map(
	at: &AtBlock,
	pallet: &str,
	entry: &str,
	prefix: Vec<Decoded>,
) -> Result<Vec<(Vec<Decoded>, Decoded)>> {
	let client = at.storage();
	let mut entries =
		client.iter((pallet, entry), prefix).await.map_err(|error| state_error(pallet, entry, &error))?;
	let mut found = Vec::new();
	while let Some(pair) = entries.next().await {
		let pair = pair.map_err(Error::node)?;
		let key = pair.key().and_then(|key| key.decode()).map_err(Error::node)?;
		found.push((key, pair.value().decode().map_err(Error::node)?));
	}
	Ok(found)
}

/// A constant of a pallet as a Rust type.
pub fn constant<T: DecodeAsType>(at: &AtBlock, pallet: &str, entry: &str) -> Result<T> {
	at.constants()
		.entry(subxt::dynamic::constant::<T>(pallet, entry))
		.map_err(|_| Error::Missing { what: format!("constant {pallet}.{entry}") })
}

/// Call a runtime API.
pub async fn runtime_api(at: &AtBlock, api: &str, method: &str, arguments: Vec<Decoded>) -> Result<Decoded> {
	let payload = subxt::dynamic::runtime_api_call::<Vec<Decoded>, Decoded>(api, method, arguments);
	at.runtime_apis().call(payload).await.map_err(|error| state_error(api, method, &error))
}

/// Call a view function of a pallet.
pub async fn view(at: &AtBlock, pallet: &str, function: &str, arguments: Vec<Decoded>) -> Result<Decoded> {
	let payload = subxt::dynamic::view_function_call::<Vec<Decoded>, Decoded>(pallet, function, arguments);
	at.view_functions().call(payload).await.map_err(|error| state_error(pallet, function, &error))
}

fn state_error(pallet: &str, entry: &str, error: &(impl std::error::Error + 'static)) -> Error {
	let reason = root_cause(error);
	if reason.to_ascii_lowercase().contains("not found") {
		Error::Missing { what: format!("{pallet}.{entry}") }
	} else {
		Error::Node(format!("{pallet}.{entry}: {reason}"))
	}
}
