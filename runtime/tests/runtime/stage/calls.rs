// SPDX-License-Identifier: Apache-2.0
//! Calls that a motion or a vote carries, as scenarios write them.

use super::{
	words::{count, dollars, feed, keel, market, people, person, ratio},
	Fail, Read,
};
use frame_support::BoundedVec;
use keel_insurance_fund::{Caps, Pot};
use keel_oracle::{FeedParams, Subject};
use keel_primitives::FeedId;
use keel_runtime::{
	configs::governance::{
		dynamic_params::fees::{FeePerByte, Parameters as Fees},
		RuntimeParameters,
	},
	constants::USDK,
	*,
};

type OracleCall = keel_oracle::Call<Runtime>;

/// What is decided about a seat or a feed.
fn subject(words: &[&str]) -> Read<Subject<AccountId>> {
	match words {
		["seat", who] => Ok(Subject::Seat(person(who)?.to_account_id())),
		["feed", number] if number.parse::<u32>().is_ok() => Ok(Subject::Feed(FeedId(count(number)?))),
		["feed", of] => Ok(Subject::Feed(feed(of)?)),
		other => Err(Fail::Unread(format!("expected `seat` or `feed`, found `{}`", other.join(" ")))),
	}
}

/// `deviation 1% age 30`: what differs from what is so now.
fn params(of: FeedId, words: &[&str]) -> Read<FeedParams> {
	let known = keel_oracle::Feeds::<Runtime>::get(of);
	let mut params = known.ok_or_else(|| Fail::Unread("there is no such feed".into()))?.params;
	for pair in words.chunks(2) {
		match pair {
			["age", seconds] => params.age_ms_max = u64::from(count(seconds)?) * 1_000,
			["deviation", most] => params.deviation_max = ratio(most)?,
			["confidence", most] => params.confidence_max = ratio(most)?,
			["volatile", most] => params.volatile_max = ratio(most)?,
			["quorum", least] => params.quorum_min = count(least)?,
			other => return Err(Fail::Unread(format!("expected a parameter, found `{}`", other.join(" ")))),
		}
	}
	Ok(params)
}

/// Read a call.
pub fn call(words: &[&str]) -> Read<RuntimeCall> {
	// Calls of a batch stand between braces.
	if let ["all", "of", "{", calls @ .., "}"] = words {
		let calls = calls.split(|word| *word == ";").map(call).collect::<Read<_>>()?;
		return Ok(pallet_utility::Call::<Runtime>::batch_all { calls }.into());
	}
	if let Some(call) = of_the_exchange(words)? {
		return Ok(call);
	}
	Ok(match words {
		["remark"] => frame_system::Call::<Runtime>::remark { remark: vec![1, 2, 3] }.into(),
		["fee", "per", "byte", fee] => {
			let key_value = RuntimeParameters::Fees(Fees::FeePerByte(FeePerByte, Some(keel(fee)?)));
			pallet_parameters::Call::<Runtime>::set_parameter { key_value }.into()
		}
		["spend", amount, "to", who] => pallet_treasury::Call::<Runtime>::spend_local {
			amount: keel(amount)?,
			beneficiary: person(who)?.to_account_id().into(),
		}
		.into(),
		["spend", amount, "to", "the", "custody"] => pallet_treasury::Call::<Runtime>::spend_local {
			amount: keel(amount)?,
			beneficiary: Margin::custody_account().into(),
		}
		.into(),
		["mint", amount, "to", who] => {
			let mint = pallet_assets::Call::<Runtime>::mint {
				id: USDK.into(),
				beneficiary: person(who)?.to_account_id().into(),
				amount: u128::try_from(dollars(amount)?.0).map_err(|_| Fail::Unread("no amount".into()))?,
			};
			as_issuer(mint)
		}
		["freeze", who] => as_issuer(pallet_assets::Call::<Runtime>::freeze {
			id: USDK.into(),
			who: person(who)?.to_account_id().into(),
		}),
		["take", "everything", "from", who] => pallet_balances::Call::<Runtime>::force_transfer {
			source: person(who)?.to_account_id().into(),
			dest: sp_keyring::Sr25519Keyring::Ferdie.to_account_id().into(),
			value: 1,
		}
		.into(),
		["council", "of", who @ ..] => {
			pallet_collective::Call::<Runtime, pallet_collective::Instance1>::set_members {
				new_members: people(who)?.into_iter().map(|member| member.to_account_id()).collect(),
				prime: None,
				old_count: 3,
			}
			.into()
		}
		other => return Err(Fail::Unread(format!("expected a call, found `{}`", other.join(" ")))),
	})
}

/// Those of oracle, breaker, margin, liquidation and fund.
fn of_the_exchange(words: &[&str]) -> Read<Option<RuntimeCall>> {
	Ok(Some(match words {
		["give", "seat", who] => OracleCall::add_member { member: person(who)?.to_account_id() }.into(),
		["correct", who, "reads", source] => {
			let source = keel_oracle::SourceId(count(source)?);
			OracleCall::correct_source { member: person(who)?.to_account_id(), source }.into()
		}
		["close", "seat", who] => OracleCall::close_seat { member: person(who)?.to_account_id() }.into(),
		["remove", who] => OracleCall::remove_member { member: person(who)?.to_account_id() }.into(),
		["veto", of @ ..] => OracleCall::veto_change { subject: subject(of)? }.into(),
		["withdraw", of @ ..] => OracleCall::withdraw_change { subject: subject(of)? }.into(),
		["retire", "feed", number] => OracleCall::retire_feed { feed: FeedId(count(number)?) }.into(),
		["list", "feed", number, name] => OracleCall::add_feed {
			feed: FeedId(count(number)?),
			name: BoundedVec::truncate_from(name.as_bytes().to_vec()),
			params: params(FeedId(0), &[])?,
		}
		.into(),
		["feed", of, changes @ ..] => {
			let of = feed(of)?;
			OracleCall::set_feed_params { feed: of, params: params(of, changes)? }.into()
		}
		["halt", of, "for", blocks, "blocks"] => {
			keel_circuit_breaker::Call::<Runtime>::halt_market { market: market(of)?, blocks: count(blocks)? }
				.into()
		}
		["caps", account, block, day] => keel_insurance_fund::Call::<Runtime>::set_caps {
			caps: Caps {
				per_account: dollars(account)?,
				per_owner: dollars(block)?,
				per_block: dollars(block)?,
				per_market: dollars(day)?,
				per_day: dollars(day)?,
			},
		}
		.into(),
		["fund", "pays", amount, "to", "the", "custody"] => keel_insurance_fund::Call::<Runtime>::withdraw {
			pot: Pot::Fund,
			to: Margin::custody_account(),
			amount: dollars(amount)?,
		}
		.into(),
		_ => return Ok(None),
	}))
}

/// Act for the issuer of USDK, as only a vote does.
fn as_issuer(call: pallet_assets::Call<Runtime>) -> RuntimeCall {
	let issuer = frame_system::RawOrigin::Signed(configs::assets::UsdkIssuer::get());
	let as_origin = Box::new(OriginCaller::system(issuer));
	pallet_utility::Call::<Runtime>::dispatch_as { as_origin, call: Box::new(call.into()) }.into()
}
