// SPDX-License-Identifier: Apache-2.0
//! What the chain says in a block.

use super::AtBlock;
use crate::{
	error::{Dispatch, Error, Result},
	value::{self, Decoded},
};
use std::fmt;
use subxt::{events::Phase, ext::scale_value::Composite, SubstrateConfig};

/// Something the chain said in a block.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
	/// The pallet.
	pub pallet: String,
	/// The event.
	pub name: String,
	/// Its fields.
	pub fields: Composite<()>,
	/// The transaction that caused it, by its position in the block; `None` for hooks.
	pub transaction: Option<u32>,
}

impl Event {
	/// Whether it is `pallet`'s `name`.
	pub fn is(&self, pallet: &str, name: &str) -> bool {
		self.pallet == pallet && self.name == name
	}

	/// A field.
	pub fn field(&self, name: &str) -> Option<&Decoded> {
		value::field_of(&self.fields, name)
	}

	/// An unsigned field.
	pub fn number(&self, name: &str) -> Option<u128> {
		self.field(name).and_then(value::unsigned)
	}
}

impl fmt::Display for Event {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "{}.{} {}", self.pallet, self.name, value::composite_json(&self.fields))
	}
}

/// Everything the chain said in a block.
pub async fn events(at: &AtBlock) -> Result<Vec<Event>> {
	let events = at.events().fetch().await.map_err(Error::node)?;
	let list = events.iter().map(read_event).collect();
	list
}

/// The error inside a `Result` that the chain reports in an event.
pub fn outcome(result: &Decoded, at: &AtBlock) -> std::result::Result<(), Dispatch> {
	match value::variant(result) {
		Some("Err") => {
			let error = value::items_of_variant(result).next().cloned().unwrap_or_else(|| result.clone());
			Err(Dispatch::from_value(&error, at.metadata_ref()))
		}
		_ => Ok(()),
	}
}

pub(super) fn read_event(
	event: std::result::Result<subxt::events::Event<'_, SubstrateConfig>, subxt::error::EventsError>,
) -> Result<Event> {
	let event = event.map_err(Error::node)?;
	Ok(Event {
		pallet: event.pallet_name().to_owned(),
		name: event.event_name().to_owned(),
		fields: event.decode_fields_unchecked_as::<Composite<()>>().map_err(Error::node)?,
		transaction: match event.phase() {
			Phase::ApplyExtrinsic(index) => Some(index),
			Phase::Initialization | Phase::Finalization => None,
		},
	})
}
