// SPDX-License-Identifier: Apache-2.0
//! Reading state: storage, constants, runtime APIs, view functions.

use super::{root_cause, AtBlock};
use crate::{
	error::{Error, Result},
	value::{self, Decoded},
};
use subxt::ext::{
	codec::{Decode, Encode},
	scale_decode::DecodeAsType,
	scale_value::scale,
};

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

/// A storage value as the chain stores it.
pub async fn storage_bytes(
	at: &AtBlock,
	pallet: &str,
	entry: &str,
	keys: Vec<Decoded>,
) -> Result<Option<Vec<u8>>> {
	let client = at.storage();
	let found =
		client.try_fetch((pallet, entry), keys).await.map_err(|error| state_error(pallet, entry, &error))?;
	Ok(found.map(|value| value.into_bytes()))
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

/// The invariants that do not hold in a state, by pallet: what the chain says of its own books.
pub async fn broken(at: &AtBlock) -> Result<Vec<(String, String)>> {
	let answer = runtime_api(at, "InvariantsApi", "broken", vec![]).await?;
	let text = |record: &Decoded, name: &str| Some(value::field(record, name)?.as_str()?.to_owned());
	let read = |record: &Decoded| Some((text(record, "pallet")?, text(record, "message")?));
	let records = value::items(&answer).into_iter().map(read).collect::<Option<Vec<_>>>();
	records.ok_or_else(|| Error::Node("InvariantsApi.broken: expected pallets and messages".to_owned()))
}

/// Call a view function of a pallet.
///
/// Asked through the runtime API by hand: the client library of this version does not put the length in
/// front of the arguments, nor expect the result in front of the answer, as the runtime API does.
pub async fn view(at: &AtBlock, pallet: &str, function: &str, arguments: Vec<Decoded>) -> Result<Decoded> {
	let name = || format!("{pallet}.{function}");
	let missing = || Error::Missing { what: name() };
	let odd = |reason: String| Error::Node(format!("{}: {reason}", name()));
	let metadata = at.metadata_ref();
	let known = metadata
		.pallet_by_name(pallet)
		.and_then(|pallet| pallet.view_function_by_name(function))
		.ok_or_else(missing)?;

	let mut input = Vec::new();
	for (argument, expected) in arguments.iter().zip(known.inputs()) {
		scale::encode_as_type(argument, expected.id, metadata.types(), &mut input)
			.map_err(|error| Error::Encode { call: name(), reason: error.to_string(), takes: None })?;
	}
	let question = (known.query_id(), input).encode();
	let answer = at
		.runtime_apis()
		.call_raw("RuntimeViewFunction_execute_view_function", Some(&question))
		.await
		.map_err(|error| state_error(pallet, function, &error))?;
	let (outcome, mut rest) = answer.split_first().ok_or_else(|| odd("an empty answer".to_owned()))?;
	if *outcome != 0 {
		return Err(odd("the runtime does not answer it".to_owned()));
	}
	let output = Vec::<u8>::decode(&mut rest).map_err(|error| odd(error.to_string()))?;
	scale::decode_as_type(&mut &*output, known.output_ty(), metadata.types())
		.map(subxt::ext::scale_value::Value::remove_context)
		.map_err(|error| odd(error.to_string()))
}

fn state_error(pallet: &str, entry: &str, error: &(impl std::error::Error + 'static)) -> Error {
	let reason = root_cause(error);
	if reason.to_ascii_lowercase().contains("not found") {
		Error::Missing { what: format!("{pallet}.{entry}") }
	} else {
		Error::Node(format!("{pallet}.{entry}: {reason}"))
	}
}
