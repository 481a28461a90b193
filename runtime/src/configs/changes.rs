// SPDX-License-Identifier: Apache-2.0
//! What a vote may do: the class of each call. The table is in `docs/spec/governance.md`.

use alloc::vec::Vec;
use frame_support::{
	dispatch::GetDispatchInfo,
	traits::{Contains, GetCallMetadata},
	weights::Weight,
};
use keel_change_control::{Class, Classify, Look, Reason, Refusal};

use super::{
	assets::UsdkIssuer,
	emergency::CannotBePaused,
	governance::{self, dynamic_params},
};
use crate::{
	constants::{limits, USDK},
	*,
};

use Class::{Constitutional, Economic, Emergency, Operational};

/// What the table says of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
	/// A vote may carry it.
	Is(Class),
	/// It writes behind all rules, or skips the checks of another call.
	Never,
	/// Only an account sends it.
	Account,
	/// It carries other calls, and they count.
	Carries,
	/// It depends on what it says: the arms of `look` decide.
	Depends,
}

use Entry::{Account, Carries, Depends, Is, Never};

/// Calls that the table says the same of.
type Entries = &'static [(&'static [&'static str], Entry)];

/// Every call of the runtime, by pallet. What does not stand here is refused; a test finds calls that are missing.
pub const CALLS: &[(&str, Entries)] = &[
	(
		"System",
		&[
			(&["remark"], Is(Operational)),
			(&["remark_with_event"], Account),
			(
				&["set_code", "set_heap_pages", "authorize_upgrade", "apply_authorized_upgrade"],
				Is(Constitutional),
			),
			(
				&[
					"set_code_without_checks",
					"authorize_upgrade_without_checks",
					"set_storage",
					"kill_storage",
					"kill_prefix",
				],
				Never,
			),
		],
	),
	("Timestamp", &[(&["set"], Never)]),
	// What waits in the scheduler was voted, and leaves it by `changeControl.cancel`.
	(
		"Scheduler",
		&[(
			&[
				"schedule",
				"cancel",
				"schedule_named",
				"cancel_named",
				"schedule_after",
				"schedule_named_after",
				"set_retry",
				"set_retry_named",
				"cancel_retry",
				"cancel_retry_named",
			],
			Never,
		)],
	),
	(
		"Oracle",
		&[
			// Who has a seat decides the price.
			(
				&[
					"add_member",
					"remove_member",
					"close_seat",
					"correct_source",
					"add_feed",
					"set_feed_params",
					"retire_feed",
				],
				Is(Economic),
			),
			(&["veto_change"], Is(Operational)),
			(&["report", "set_reporter", "set_source", "withdraw_change"], Account),
		],
	),
	(
		"CircuitBreaker",
		&[(&["guard_market", "halt_market"], Is(Emergency)), (&["resume_market"], Is(Operational))],
	),
	(
		"Margin",
		&[
			(&["list_market", "set_market_params", "settle_market", "relist_market"], Is(Economic)),
			(&["lift_quarantine"], Is(Operational)),
			(
				&[
					"deposit",
					"withdraw",
					"transfer",
					"offer_trade",
					"offer_reduce",
					"cancel_offer",
					"accept_trade",
					"accept_reduce",
					"repay_debt",
					"set_leverage",
					"set_key_cap",
				],
				Account,
			),
		],
	),
	("Liquidation", &[(&["set_params"], Is(Economic)), (&["liquidate", "fund_backstop"], Account)]),
	(
		"InsuranceFund",
		&[
			(&["set_target", "set_caps"], Is(Economic)),
			(&["withdraw"], Depends),
			(&["contribute", "sweep"], Account),
		],
	),
	// Whoever chooses what is tested decides what passes.
	("StressTest", &[(&["set_scenario", "remove_scenario", "set_depth"], Is(Economic))]),
	(
		"ValidatorMembership",
		&[
			(
				&["add_member", "remove_member", "swap_member", "reset_members", "set_prime", "clear_prime"],
				Is(Constitutional),
			),
			(&["change_key"], Account),
		],
	),
	("Session", &[(&["set_keys", "purge_keys"], Account)]),
	(
		"Grandpa",
		&[
			(&["note_stalled"], Is(Constitutional)),
			(&["report_equivocation"], Account),
			(&["report_equivocation_unsigned"], Never),
		],
	),
	(
		"Balances",
		&[
			(
				&["force_transfer", "force_unreserve", "force_set_balance", "force_adjust_total_issuance"],
				Never,
			),
			(
				&["transfer_allow_death", "transfer_keep_alive", "transfer_all", "upgrade_accounts", "burn"],
				Account,
			),
		],
	),
	(
		"Assets",
		&[
			(&["create"], Is(Economic)),
			(
				&[
					"force_create",
					"force_transfer",
					"force_set_metadata",
					"force_clear_metadata",
					"force_asset_status",
					"force_cancel_approval",
				],
				Never,
			),
			(
				&[
					"start_destroy",
					"destroy_accounts",
					"destroy_approvals",
					"finish_destroy",
					"mint",
					"burn",
					"transfer",
					"transfer_keep_alive",
					"freeze",
					"thaw",
					"freeze_asset",
					"thaw_asset",
					"transfer_ownership",
					"set_team",
					"set_metadata",
					"clear_metadata",
					"approve_transfer",
					"cancel_approval",
					"transfer_approved",
					"touch",
					"refund",
					"set_min_balance",
					"touch_other",
					"refund_other",
					"block",
					"transfer_all",
					"set_reserves",
				],
				Account,
			),
		],
	),
	("Faucet", &[(&["drip"], Account)]),
	(
		"Utility",
		&[
			(&["batch", "batch_all", "force_batch", "with_weight", "if_else"], Carries),
			(&["dispatch_as", "dispatch_as_fallible"], Depends),
			(&["as_derivative"], Account),
		],
	),
	(
		"Multisig",
		&[(
			&["as_multi_threshold_1", "as_multi", "approve_as_multi", "cancel_as_multi", "poke_deposit"],
			Account,
		)],
	),
	(
		"Proxy",
		&[(
			&[
				"proxy",
				"add_proxy",
				"remove_proxy",
				"remove_proxies",
				"create_pure",
				"kill_pure",
				"announce",
				"remove_announcement",
				"reject_announcement",
				"proxy_announced",
				"poke_deposit",
			],
			Account,
		)],
	),
	(
		"Identity",
		&[
			(
				&[
					"add_registrar",
					"remove_registrar",
					"kill_identity",
					"add_username_authority",
					"remove_username_authority",
					"kill_username",
				],
				Is(Operational),
			),
			(
				&[
					"set_identity",
					"set_subs",
					"clear_identity",
					"request_judgement",
					"cancel_request",
					"set_fee",
					"set_account_id",
					"set_fields",
					"provide_judgement",
					"add_sub",
					"rename_sub",
					"remove_sub",
					"quit_sub",
					"set_username_for",
					"accept_username",
					"remove_expired_approval",
					"set_primary_username",
					"unbind_username",
					"remove_username",
				],
				Account,
			),
		],
	),
	// Nobody lets go of bytes that somebody has voted on.
	(
		"Preimage",
		&[
			// Nor does anybody keep bytes for ever.
			(&["request_preimage", "unrequest_preimage"], Never),
			(&["note_preimage", "unnote_preimage", "ensure_updated"], Account),
		],
	),
	("Council", BODY),
	("TechnicalCommittee", BODY),
	("RiskCommittee", BODY),
	("SecurityCouncil", BODY),
	(
		"Treasury",
		&[
			(&["spend_local", "spend"], Depends),
			(&["remove_approval", "void_spend"], Is(Operational)),
			(&["payout", "check_status"], Account),
		],
	),
	("Parameters", &[(&["set_parameter"], Depends)]),
	(
		"SafeMode",
		&[
			// What stops is Emergency.act, which has budgets.
			(&["force_enter", "force_extend", "force_slash_deposit", "force_release_deposit"], Never),
			(&["force_exit"], Is(Operational)),
			(&["enter", "extend", "release_deposit"], Account),
		],
	),
	("TxPause", &[(&["pause"], Never), (&["unpause"], Is(Operational))]),
	(
		"Emergency",
		&[(&["act"], Depends), (&["approve", "withdraw_approval", "halt_alone", "forget"], Account)],
	),
	(
		"Migrations",
		&[
			(&["force_set_active_cursor", "force_onboard_mbms"], Is(Constitutional)),
			(&["force_set_cursor"], Depends),
			(&["clear_historic"], Is(Operational)),
		],
	),
	("ChangeControl", &[(&["enact"], Never), (&["cancel"], Account)]),
	(
		"Democracy",
		&[
			(&["emergency_cancel", "cancel_referendum", "cancel_proposal", "blacklist"], Is(Constitutional)),
			// It keeps the deposits of those who proposed.
			(&["clear_public_proposals"], Never),
			(
				&[
					"propose",
					"second",
					"vote",
					"external_propose",
					"external_propose_majority",
					"external_propose_default",
					"fast_track",
					"veto_external",
					"delegate",
					"undelegate",
					"unlock",
					"remove_vote",
					"remove_other_vote",
					"set_metadata",
				],
				Account,
			),
		],
	),
];

/// What the calls of a body are.
const BODY: Entries = &[
	(&["set_members"], Depends),
	(&["disapprove_proposal", "kill"], Is(Operational)),
	(&["execute", "propose", "vote", "close", "release_proposal_cost"], Account),
];

/// What the table says of a call; nothing of one that is not in it.
pub fn entry(pallet: &str, call: &str) -> Option<Entry> {
	let (_, calls) = CALLS.iter().find(|(name, _)| *name == pallet)?;
	calls.iter().find(|(names, _)| names.contains(&call)).map(|(_, entry)| *entry)
}

/// The most USDK that one change may mint in all, in its unit: ten million dollars.
pub const MOST_MINTED: u128 = 10_000_000_000_000;

/// Knows the calls of this runtime.
pub struct Classes;

/// What is left to do when a change has taken effect.
#[derive(Clone, Copy)]
pub struct Aftermath {
	/// Whether each body gets new members: the motions it has open were counted among others.
	changed: [bool; 4],
	/// Whether it authorises an upgrade, the same as before perhaps: its life begins anew.
	authorizes: bool,
}

impl Classify<RuntimeCall> for Classes {
	fn look(call: &RuntimeCall) -> Look<'_, RuntimeCall> {
		let (pallet, name) = Self::name(call);
		match entry(pallet, name) {
			None => Look::Never(Reason::Unlisted),
			Some(Is(class)) => Look::Is(class),
			Some(Never) => Look::Never(Reason::NeverAllowed),
			Some(Account) => Look::Never(Reason::NeedsAnAccount),
			Some(Carries) => carried(call).map_or(Look::Never(Reason::OutOfBounds), Look::Carries),
			Some(Depends) => depends(call).map_or_else(Look::Never, Look::Is),
		}
	}

	fn name(call: &RuntimeCall) -> (&'static str, &'static str) {
		let metadata = call.get_call_metadata();
		(metadata.pallet_name, metadata.function_name)
	}

	type Aftermath = Aftermath;

	fn together(acts: &[&RuntimeCall]) -> Result<(Aftermath, Weight), Refusal> {
		let asked = acts.iter().filter_map(|act| minted(act)).fold(0u128, u128::saturating_add);
		if asked > MOST_MINTED {
			return Err(Refusal::whole(Reason::AboveItsCap { asked, most: MOST_MINTED }));
		}
		let extends = |act: &&&RuntimeCall| {
			use keel_emergency::{Act::*, Call::act};
			matches!(act, RuntimeCall::Emergency(act { act: ExtendSafeMode | RenewPause { .. } }))
		};
		if acts.iter().filter(extends).count() > 1 {
			return Err(Refusal::whole(Reason::MoreThanOnce));
		}
		let (mut changed, mut authorizes) = ([false; 4], false);
		for act in acts {
			match act {
				RuntimeCall::System(frame_system::Call::authorize_upgrade { .. }) => authorizes = true,
				RuntimeCall::Council(pallet_collective::Call::set_members { .. }) => changed[0] = true,
				RuntimeCall::TechnicalCommittee(pallet_collective::Call::set_members { .. }) => {
					changed[1] = true
				}
				RuntimeCall::RiskCommittee(pallet_collective::Call::set_members { .. }) => changed[2] = true,
				RuntimeCall::SecurityCouncil(pallet_collective::Call::set_members { .. }) => {
					changed[3] = true
				}
				_ => {}
			}
		}
		let each = <pallet_collective::weights::SubstrateWeight<Runtime> as pallet_collective::WeightInfo>::
			disapprove_proposal(limits::BODY_MOTIONS);
		let bodies = changed.iter().filter(|changed| **changed).count();
		let motions = u64::from(limits::BODY_MOTIONS).saturating_mul(u64::try_from(bodies).unwrap_or(4));
		let renewal = <Runtime as frame_system::Config>::DbWeight::get().writes(u64::from(authorizes));
		Ok((Aftermath { changed, authorizes }, each.saturating_mul(motions).saturating_add(renewal)))
	}

	fn follow(Aftermath { changed, authorizes }: Aftermath) {
		fn clear<Body: 'static>()
		where
			Runtime: pallet_collective::Config<Body>,
		{
			for motion in pallet_collective::Proposals::<Runtime, Body>::get() {
				pallet_collective::Pallet::<Runtime, Body>::do_disapprove_proposal(motion);
			}
		}
		if authorizes {
			ChangeControl::renew_authorization();
		}
		let [council, technical, risk, security] = changed;
		if council {
			clear::<governance::bodies::Council>();
		}
		if technical {
			clear::<governance::bodies::TechnicalCommittee>();
		}
		if risk {
			clear::<governance::bodies::RiskCommittee>();
		}
		if security {
			clear::<governance::bodies::SecurityCouncil>();
		}
	}
}

/// The calls in a call that carries some.
fn carried(call: &RuntimeCall) -> Option<Vec<&RuntimeCall>> {
	use pallet_utility::Call::*;
	let RuntimeCall::Utility(call) = call else { return None };
	Some(match call {
		batch { calls } | batch_all { calls } | force_batch { calls } => calls.iter().collect(),
		// What it declares is what the scheduler believes.
		with_weight { call, weight } if call.get_dispatch_info().call_weight.all_lte(*weight) => {
			alloc::vec![&**call]
		}
		if_else { main, fallback } => alloc::vec![&**main, &**fallback],
		_ => return None,
	})
}

/// The class of a call that depends on what it says.
fn depends(call: &RuntimeCall) -> Result<Class, Reason> {
	use pallet_utility::Call::{dispatch_as, dispatch_as_fallible};
	match call {
		RuntimeCall::Utility(dispatch_as { as_origin, call } | dispatch_as_fallible { as_origin, call }) => {
			acts_as(as_origin, call)
		}
		RuntimeCall::InsuranceFund(keel_insurance_fund::Call::withdraw { to, .. }) => paid(to, Economic),
		RuntimeCall::Treasury(pallet_treasury::Call::spend { beneficiary, .. }) => {
			paid(beneficiary, Economic)
		}
		RuntimeCall::Treasury(pallet_treasury::Call::spend_local { beneficiary, .. }) => match beneficiary {
			Address::Id(account) => paid(account, Economic),
			_ => Err(Reason::OutOfBounds),
		},
		RuntimeCall::Parameters(pallet_parameters::Call::set_parameter { key_value }) => {
			within_bounds(key_value).then_some(Economic).ok_or(Reason::OutOfBounds)
		}
		RuntimeCall::Emergency(keel_emergency::Call::act { act }) => in_an_emergency(act),
		// A cursor that is stuck keeps all transactions out.
		RuntimeCall::Migrations(pallet_migrations::Call::force_set_cursor {
			cursor: Some(pallet_migrations::MigrationCursor::Stuck),
		}) => Err(Reason::OutOfBounds),
		RuntimeCall::Migrations(pallet_migrations::Call::force_set_cursor { .. }) => Ok(Constitutional),
		RuntimeCall::Council(call) => set_members(call),
		RuntimeCall::TechnicalCommittee(call) => set_members(call),
		RuntimeCall::RiskCommittee(call) => set_members(call),
		RuntimeCall::SecurityCouncil(call) => set_members(call),
		_ => Err(Reason::Unlisted),
	}
}

/// What is done in an emergency, by vote.
fn in_an_emergency(act: &keel_emergency::Act<AccountId>) -> Result<Class, Reason> {
	use keel_emergency::Act::*;
	match act {
		PauseCall { call } | RenewPause { call } if CannotBePaused::contains(&call.names()) => {
			Err(Reason::NeverAllowed)
		}
		// What waits was voted.
		CancelChange { .. } => Err(Reason::NeverAllowed),
		Rearm { .. } => Ok(Operational),
		act if act.resumes() => Ok(Operational),
		_ => Ok(Emergency),
	}
}

/// New members of a body. The call weighs what its `old_count` says, so that must not be less than there are.
fn set_members<Body: 'static>(call: &pallet_collective::Call<Runtime, Body>) -> Result<Class, Reason>
where
	Runtime: pallet_collective::Config<Body>,
{
	let pallet_collective::Call::set_members { new_members, prime, old_count } = call else {
		return Err(Reason::Unlisted);
	};
	let there_are = pallet_collective::Members::<Runtime, Body>::decode_len().unwrap_or_default();
	let says_enough = usize::try_from(*old_count).is_ok_and(|old| old >= there_are);
	let fits = says_enough && makes_a_body(new_members, prime.as_ref());
	fits.then_some(Constitutional).ok_or(Reason::OutOfBounds)
}

/// A vote acts for one account only, the issuer of USDK, and mints only, and not too much at once.
fn acts_as(origin: &OriginCaller, call: &RuntimeCall) -> Result<Class, Reason> {
	let issuer = OriginCaller::system(frame_system::RawOrigin::Signed(UsdkIssuer::get()));
	match call {
		RuntimeCall::Assets(pallet_assets::Call::mint { id, beneficiary: Address::Id(to), amount })
			if *origin == issuer && id.0 == USDK =>
		{
			let (asked, most) = (*amount, MOST_MINTED);
			if asked > most {
				return Err(Reason::AboveItsCap { asked, most });
			}
			paid(to, Economic)
		}
		_ => Err(Reason::ActsForAnother),
	}
}

/// What an act mints.
fn minted(act: &RuntimeCall) -> Option<u128> {
	use pallet_utility::Call::{dispatch_as, dispatch_as_fallible};
	let RuntimeCall::Utility(dispatch_as { call, .. } | dispatch_as_fallible { call, .. }) = act else {
		return None;
	};
	match &**call {
		RuntimeCall::Assets(pallet_assets::Call::mint { amount, .. }) => Some(*amount),
		_ => None,
	}
}

/// What pays an account: no pallet's, where nobody could spend it, or rules of the pallet would be passed by.
fn paid(to: &AccountId, class: Class) -> Result<Class, Reason> {
	(!is_a_pallets(to)).then_some(class).ok_or(Reason::PaysAPallet)
}

/// Whether an account is a pallet's: those begin with the SDK's mark.
pub fn is_a_pallets(account: &AccountId) -> bool {
	let bytes: &[u8] = account.as_ref();
	bytes.starts_with(b"modl")
}

/// Members of a body: an odd number, so that no tie is a majority; each once; as many as there is room for.
fn makes_a_body(members: &[AccountId], prime: Option<&AccountId>) -> bool {
	let mut once: Vec<&AccountId> = members.iter().collect();
	once.sort();
	once.dedup();
	let fits = u32::try_from(members.len()).is_ok_and(|count| count <= limits::BODY_MEMBERS);
	fits && once.len() == members.len()
		&& members.len() % 2 == 1
		&& prime.is_none_or(|prime| members.contains(prime))
}

/// Whether a parameter is one the chain can go on with.
pub fn within_bounds(parameter: &governance::RuntimeParameters) -> bool {
	match parameter {
		governance::RuntimeParameters::Fees(dynamic_params::fees::Parameters::FeePerByte(_, value)) => {
			value.is_none_or(|value| governance::FEE_PER_BYTE.contains(&value))
		}
	}
}
