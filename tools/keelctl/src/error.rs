// SPDX-License-Identifier: Apache-2.0
//! What can go wrong, and what to do about it.

use crate::{
	call::CallError, feeder::FeederError, history::HistoryError, keys::KeyError, units::AmountError,
	wasm::WasmError,
};
use subxt::ext::scale_value::{At, Value};

/// The result of everything that talks to a chain.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that can go wrong. Each has its remedy as help text.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum Error {
	/// Nobody listens at the address.
	#[error("no node answers at {url}: {reason}")]
	#[diagnostic(
		code(keelctl::no_node),
		help("Start one with scripts/dev, or say where one runs: --url ws://HOST:PORT (or KEEL_URL).")
	)]
	NoNode {
		/// The address.
		url: String,
		/// What the connection said.
		reason: String,
	},
	/// The node answered, but not as expected, or stopped answering.
	#[error("the node's answer cannot be used: {0}")]
	#[diagnostic(
		code(keelctl::node),
		help("Check that the node is up and that keelctl and the node are of the same release.")
	)]
	Node(String),
	/// The node does not have what the command needs.
	#[error("this chain has no {what}")]
	#[diagnostic(
		code(keelctl::missing),
		help("The address may be of another chain, or its runtime is older than this keelctl.")
	)]
	Missing {
		/// Pallet, call, storage entry or constant.
		what: String,
	},
	/// A call does not fit the chain's metadata.
	#[error("{call} cannot be encoded: {reason}")]
	#[diagnostic(code(keelctl::encode), help("{}", encode_help(takes)))]
	Encode {
		/// Pallet and call.
		call: String,
		/// What does not fit.
		reason: String,
		/// How the call is written, if that is known.
		takes: Option<String>,
	},
	/// A call that the chain does not have.
	#[error("this chain has no {what}")]
	#[diagnostic(code(keelctl::unknown_call), help("{help}"))]
	UnknownCall {
		/// The pallet or the call.
		what: String,
		/// What may be meant.
		help: String,
	},
	/// The pool refused the transaction.
	#[error("{call} was refused: {reason}")]
	#[diagnostic(code(keelctl::refused), help("{help}"))]
	Refused {
		/// Pallet and call.
		call: String,
		/// The node's reason.
		reason: String,
		/// What to do.
		help: &'static str,
	},
	/// The transaction did not get into a block.
	#[error("{call} is in no block after {seconds} s")]
	#[diagnostic(
		code(keelctl::late),
		help("Look whether the node still makes blocks; the transaction may still get into one.")
	)]
	Late {
		/// Pallet and call.
		call: String,
		/// How long it was waited for.
		seconds: u64,
	},
	/// No block comes any more.
	#[error("no block for {seconds} s: the last one is {block}")]
	#[diagnostic(code(keelctl::no_blocks), help("{help}"))]
	NoBlocks {
		/// The last block.
		block: u64,
		/// For how long none came.
		seconds: u64,
		/// What to do.
		help: &'static str,
	},
	/// It is in a block that may still be replaced, and finality does not come nearer.
	#[error("block {block} is not final: for {seconds} s no block after {finalized} became final")]
	#[diagnostic(
		code(keelctl::not_final),
		help(
			"What is told above is in the chain and stays there unless another branch of it wins. Finality needs \
			 two thirds of the validators: `keelctl doctor` looks. Do not send it again; look later, or do not wait \
			 with --wait best."
		)
	)]
	NotFinal {
		/// The block.
		block: u64,
		/// The last final one.
		finalized: u64,
		/// For how long that one stood.
		seconds: u64,
	},
	/// A block that something was told of is not part of the chain any more.
	#[error("block {block} was replaced by another")]
	#[diagnostic(
		code(keelctl::replaced),
		help(
			"Another branch of the chain won. A transaction may be in another block now: look with `keelctl account` \
			 before sending it again."
		)
	)]
	Replaced {
		/// The block.
		block: u64,
	},
	/// The examination has found something.
	#[error("{problems} of {checks} checks found something that is not well")]
	#[diagnostic(code(keelctl::unwell), help("Each line above that is not well says what to do about it."))]
	Unwell {
		/// How many are not well.
		problems: usize,
		/// How many there were.
		checks: usize,
	},
	/// The call was executed and failed.
	#[error("{call} failed: {error}")]
	#[diagnostic(code(keelctl::failed), help("{}", error.help()))]
	Failed {
		/// Pallet and call.
		call: String,
		/// Why.
		error: Dispatch,
	},
	/// The chain was asked what would happen, and says that it would refuse.
	#[error("{what} would be refused: {error}")]
	#[diagnostic(code(keelctl::would_fail), help("{}", error.help()))]
	WouldFail {
		/// What was asked about.
		what: &'static str,
		/// Why.
		error: Dispatch,
	},
	/// Something that was waited for did not happen.
	#[error("{what} did not happen within {blocks} blocks")]
	#[diagnostic(code(keelctl::timeout), help("{help}"))]
	Timeout {
		/// What was waited for.
		what: String,
		/// How long.
		blocks: u64,
		/// What to do.
		help: &'static str,
	},
	/// A market that is not listed.
	#[error("there is no market `{name}`")]
	#[diagnostic(code(keelctl::unknown_market), help("Listed markets: {known}. See `keelctl markets`."))]
	UnknownMarket {
		/// What was given.
		name: String,
		/// What there is.
		known: String,
	},
	/// An account that cannot be read.
	#[error("`{text}` is not an account")]
	#[diagnostic(
		code(keelctl::account),
		help(
			"Give an address (5...), a public key (0x and 64 hex digits) or a development key like //Alice."
		)
	)]
	Account {
		/// What was given.
		text: String,
	},
	/// A governance step that cannot succeed.
	#[error("{problem}")]
	#[diagnostic(code(keelctl::governance), help("{help}"))]
	Governance {
		/// What is wrong.
		problem: String,
		/// What to do.
		help: String,
	},
	/// Options that contradict each other or make no sense.
	#[error("{problem}")]
	#[diagnostic(code(keelctl::usage), help("{help}"))]
	Usage {
		/// What is wrong.
		problem: String,
		/// What to do.
		help: String,
	},
	/// See [`AmountError`].
	#[error(transparent)]
	#[diagnostic(transparent)]
	Amount(#[from] AmountError),
	/// See [`CallError`].
	#[error(transparent)]
	#[diagnostic(transparent)]
	Call(#[from] CallError),
	/// See [`KeyError`].
	#[error(transparent)]
	#[diagnostic(transparent)]
	Key(#[from] KeyError),
	/// See [`FeederError`].
	#[error(transparent)]
	#[diagnostic(transparent)]
	Feeder(#[from] FeederError),
	/// See [`HistoryError`].
	#[error(transparent)]
	#[diagnostic(transparent)]
	History(#[from] HistoryError),
	/// See [`WasmError`].
	#[error(transparent)]
	#[diagnostic(transparent)]
	Wasm(#[from] WasmError),
}

impl Error {
	/// Any error of the client library, in its own words.
	pub fn node(error: impl std::fmt::Display) -> Self {
		Self::Node(error.to_string())
	}

	/// With what the program ends: see `keelctl --help`.
	pub fn exit_code(&self) -> u8 {
		match self {
			Self::Node(_) | Self::Missing { .. } => 1,
			Self::Encode { .. }
			| Self::UnknownCall { .. }
			| Self::UnknownMarket { .. }
			| Self::Key { .. }
			| Self::Account { .. }
			| Self::Usage { .. }
			| Self::Amount(_)
			| Self::Call(_)
			| Self::History(_)
			| Self::Wasm(_) => 2,
			Self::NoNode { .. } | Self::NoBlocks { .. } => 3,
			Self::Refused { .. } | Self::Failed { .. } | Self::WouldFail { .. } | Self::Governance { .. } => {
				4
			}
			Self::Late { .. } | Self::Timeout { .. } | Self::NotFinal { .. } | Self::Replaced { .. } => 5,
			Self::Unwell { .. } => 6,
			Self::Feeder(error) => error.exit_code(),
		}
	}

	/// The pallet and name of the error with which the chain refused a call, or would, if it did.
	pub fn dispatch_name(&self) -> Option<String> {
		match self {
			Self::Failed { error, .. } | Self::WouldFail { error, .. } => Some(error.name()),
			_ => None,
		}
	}
}

/// Why a call failed, in the chain's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispatch {
	/// The pallet that refused, or `None` for an error of the system.
	pub pallet: Option<String>,
	/// The error's name.
	pub error: String,
	/// Its documentation.
	pub docs: String,
}

impl std::fmt::Display for Dispatch {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		f.write_str(&self.name())
	}
}

impl Dispatch {
	/// `Margin.MarketUnknown`, or `BadOrigin`.
	pub fn name(&self) -> String {
		match &self.pallet {
			Some(pallet) => format!("{pallet}.{}", self.error),
			None => self.error.clone(),
		}
	}

	fn help(&self) -> &str {
		if self.error == "CallFiltered" {
			"The chain lets this call wait: it is in safe mode, or the call is paused or forbidden for good. See \
			 `keelctl resume`."
		} else if self.pallet.as_deref() == Some("TxPause") && self.error == "Unpausable" {
			"People need this call to leave, to keep their positions, or to undo a pause: nobody can pause it \
			 (docs/spec/governance.md)."
		} else if self.docs.is_empty() {
			"The chain gives no more details."
		} else {
			&self.docs
		}
	}

	/// From a decoded `DispatchError`, with names and documentation from `metadata`.
	pub fn from_value(value: &Value<()>, metadata: &subxt::Metadata) -> Self {
		let subxt::ext::scale_value::ValueDef::Variant(variant) = &value.value else {
			return Self::system(value.to_string(), "");
		};
		if variant.name != "Module" {
			let detail = variant.values.values().next().map(ToString::to_string).unwrap_or_default();
			let docs = system_help(&variant.name);
			let name = if detail.is_empty() {
				variant.name.clone()
			} else {
				format!("{}: {}", variant.name, detail.trim_end_matches([' ', '(', ')']))
			};
			return Self::system(name, docs);
		}
		let module = variant.values.values().next();
		let number =
			|value: Option<&Value<()>>| value.and_then(Value::as_u128).and_then(|n| u8::try_from(n).ok());
		let index = number(module.at("index"));
		let error = number(module.at("error").at(0)).or_else(|| number(module.at("error")));
		match (index, error) {
			(Some(index), Some(error)) => Self::module(index, error, metadata),
			_ => Self::system(value.to_string(), ""),
		}
	}

	/// From an encoded `DispatchError`.
	pub fn decode(bytes: &[u8], metadata: &subxt::Metadata) -> Result<Self> {
		let missing = || Error::Missing { what: "type of dispatch errors".to_owned() };
		let id = metadata.dispatch_error_ty().ok_or_else(missing)?;
		let value = subxt::ext::scale_value::scale::decode_as_type(&mut &*bytes, id, metadata.types());
		value.map(|value| Self::from_value(&value.remove_context(), metadata)).map_err(Error::node)
	}

	/// From a pallet's and an error's index.
	pub fn module(index: u8, error: u8, metadata: &subxt::Metadata) -> Self {
		let Some(pallet) = metadata.pallet_by_error_index(index) else {
			return Self::system(format!("error {error} of pallet {index}"), "");
		};
		match pallet.error_variant_by_index(error) {
			Some(variant) => Self {
				pallet: Some(pallet.name().to_owned()),
				error: variant.name.clone(),
				docs: variant.docs.join(" ").trim().to_owned(),
			},
			None => Self {
				pallet: Some(pallet.name().to_owned()),
				error: format!("error {error}"),
				docs: String::new(),
			},
		}
	}

	/// An error of the system itself, with its detail.
	pub fn plain(error: &str, detail: &str) -> Self {
		let name = if detail.is_empty() { error.to_owned() } else { format!("{error}: {detail}") };
		Self::system(name, system_help(error))
	}

	fn system(error: String, docs: &str) -> Self {
		Self { pallet: None, error, docs: docs.to_owned() }
	}
}

fn system_help(name: &str) -> &'static str {
	match name {
		"BadOrigin" => {
			"The signer may not do this. Calls of a body go through `keelctl gov motion`; the bodies and what \
			 each may do are in docs/spec/governance.md."
		},
		"Token" => "The account does not have the tokens, or would fall below the minimum balance.",
		"Arithmetic" => "An amount is outside what the chain can compute with.",
		"Exhausted" => "The block has no room for it; try again.",
		_ => "",
	}
}

fn encode_help(takes: &Option<String>) -> String {
	match takes {
		Some(takes) => format!("It is {takes}."),
		None => "Compare the bytes with what Polkadot.js Apps shows under Developer, Extrinsics.".to_owned(),
	}
}

/// Why the room for urgent calls is closed to a transaction: the custom error of the pool, its name, and what to do.
const URGENT_REFUSALS: [(u8, &str, &str); 10] = [
	(
		160,
		"NotByAccounts",
		"No account sends this by itself: a vote or a body does. See `keelctl gov propose` and `gov motion`.",
	),
	(
		161,
		"NoSeat",
		"The signer sits in no body that has a say in this. The bodies are in docs/spec/governance.md.",
	),
	(162, "NoPosition", "The signer has no such position. `keelctl account` shows what it has."),
	(
		163,
		"UnknownOffer",
		"There is no such offer, or it is for others. `keelctl trade list` shows those there are.",
	),
	(
		164,
		"TooLittle",
		"The signer has less USDK than the least deposit. `keelctl account` shows what it has.",
	),
	(165, "NotAProxy", "The signer is no proxy of the other account, or not for this."),
	(166, "TooMany", "There are too many urgent calls of a kind in one transaction. Send them one by one."),
	(167, "TooHeavy", "The call of the motion is too heavy to be carried out at once."),
	(168, "NothingToClose", "There is no such motion, or it is not decided yet. See `keelctl gov vote`."),
	(169, "NotAuthorised", "This code was not authorised. `keelctl gov status` shows which is."),
];

/// Why the pool refuses an urgent call, if that is why, and what to do.
pub(crate) fn urgent_refusal(reason: &str) -> Option<(String, &'static str)> {
	let reason = reason.to_ascii_lowercase();
	let (_, code) = reason.split_once("custom error: ")?;
	let digits = code.split(|letter: char| !letter.is_ascii_digit()).next()?;
	let code: u8 = digits.parse().ok()?;
	let (_, name, help) = URGENT_REFUSALS.iter().find(|(known, ..)| *known == code)?;
	Some((format!("UrgentCalls.{name}"), help))
}

/// What to do when the pool refuses a transaction for `reason`.
pub(crate) fn refusal_help(reason: &str) -> &'static str {
	let reason = reason.to_ascii_lowercase();
	let any = |words: &[&str]| words.iter().any(|word| reason.contains(word));
	if any(&["pay some fees", "payment"]) {
		"The signer has no KEEL for the fee. `keelctl account` shows what it has; where there is a faucet, \
		 `keelctl --suri //Alice faucet ADDRESS` fills it."
	} else if any(&["outdated", "stale", "already imported", "too low priority", "priority is too low"]) {
		"Another transaction of this account is on its way. Wait for a block and try again."
	} else if any(&["bad signature", "bad proof", "badproof"]) {
		"The transaction was signed for another chain or runtime version. Try again; check --url."
	} else if any(&["not expected", "call is not", "invalidcall"]) {
		"The chain filters this call now: it is in safe mode, or the call is paused. See `keelctl resume`."
	} else if any(&["exhaust", "would exceed"]) {
		"The block is full, or has an urgent call of this account already. Try again in a moment."
	} else {
		"The node takes no transaction like this now. Check the arguments and the signer."
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	/// The runtime's own list: each refusal with its code.
	#[test]
	fn every_refusal_of_an_urgent_call_is_told_by_its_name() {
		let source = include_str!("../../../pallets/urgent-calls/src/uses.rs");
		let (_, codes) = source.split_once("fn code(self)").expect("there are codes");
		let arms = codes.lines().filter_map(|line| line.trim().strip_prefix("Self::")?.split_once(" => "));
		let known: Vec<_> = arms.map(|(name, code)| (name, code.trim_end_matches(','))).collect();
		assert_eq!(known.len(), URGENT_REFUSALS.len(), "{known:?}");
		for (name, code) in known {
			let told = urgent_refusal(&format!("Invalid Transaction (1010): \"Custom error: {code}\""));
			assert_eq!(told.map(|(told, _)| told), Some(format!("UrgentCalls.{name}")), "{code}");
		}
		for other in ["Custom error: 1", "Custom error: 1600", "Custom error: ", "Transaction is outdated"] {
			assert_eq!(urgent_refusal(other), None, "{other}");
		}
	}
}
