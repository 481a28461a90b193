// SPDX-License-Identifier: Apache-2.0
//! What must not pass. A rule of the model is broken, which is as if the pallet broke it the other way round; or
//! what is stored is tampered with. Each must be seen: a check that never complains proves nothing.

use super::{block::Block, checks, model::accounts, path::Path, tally::Tally, walk, STEPS};
use crate::{desk::Desk, mock::*, *};
use keel_math::Level;
use keel_primitives::*;
use std::collections::BTreeSet;

/// A rule that the model does not keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
	/// A unit more is free than is.
	SurplusOffByOne,
	/// All that is free may not leave.
	LimitExclusive,
	/// The end of the band is outside it.
	BandExclusive,
	/// A position may be of any size.
	MinPositionIgnored,
	/// A crowd raises no initial margin.
	CrowdIgnored,
	/// An account's own leverage cap counts for nothing.
	LeverageIgnored,
	/// What waits to leave counts as margin.
	LeavingIgnored,
	/// Mark alone values what opens and what leaves.
	SlowPriceIgnored,
	/// A profit may leave as it may serve to open.
	ProfitCounted,
	/// A side may be joined while it may have to pay.
	LossesPendingIgnored,
	/// What is given away against mark is no withdrawal.
	GiftsAllowed,
	/// Calls with priority may be used twice.
	UrgencyIgnored,
	/// Who is filed again pays nothing for it.
	FeeIgnored,
	/// A position in an isolated market is one of several.
	IsolationIgnored,
	/// An owner opens both sides.
	WashingAllowed,
	/// A market trades at the mark of before.
	StandstillIgnored,
	/// Without positions money leaves at once, also just after a trade.
	YoungTradeIgnored,
}

/// What is done to what is stored, behind the pallet's back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tamper {
	/// A key is filed 1 % further away.
	GenerousKey,
	/// A key is forgotten.
	LostKey,
	/// A unit of cash is made.
	MadeCash,
	/// A unit of cash is made and counted.
	CountedCash,
	/// A balance grows by a unit.
	MadeBalance,
}

/// Take a key off its ladder.
fn take_off(desk: &mut Desk<Test>, filed: &Filed, who: &MarginAccount<AccountId>) {
	let mut headless = BTreeSet::new();
	Margin::unfile_key(desk, &mut headless, filed, who).expect("listed");
	Margin::find_heads(desk, headless).expect("listed");
}

impl Tamper {
	pub fn apply(self) {
		let filed = || accounts().into_iter().find(|(_, account)| account.place == Place::Filed);
		match self {
			Self::GenerousKey | Self::LostKey => {
				let Some((who, mut account)) = filed() else { return };
				let old = Margin::filings(&account).into_iter().next().expect("it is filed");
				let mut desk = Desk::<Test>::default();
				take_off(&mut desk, &old, &who);
				if self == Self::GenerousKey {
					let off = market(old.market).mark.0 as i128 * 1_000_000_000 / 100;
					let further = if old.side == Side::Long { -off } else { off };
					let key = Level(old.key.0 + further);
					Margin::file_key(&mut desk, &Filed { key, ..old }, &who).expect("listed");
					let (index, _) = account.find(old.market).expect("it is held");
					account.positions[index].key = Some(key);
				}
				desk.put_back();
				Margin::remember(&who, account);
			}
			Self::MadeCash | Self::CountedCash => {
				let Some((who, mut account)) = accounts().into_iter().next() else { return };
				account.cash.0 += 1;
				Margin::remember(&who, account);
				if self == Self::CountedCash {
					TotalCash::<Test>::mutate(|sum| sum.0 += 1);
				}
			}
			Self::MadeBalance => {
				use frame_support::traits::fungible::Mutate;
				Usdk::mint_into(&ALICE, 1).expect("fits");
			}
		}
	}
}

/// In how many paths a fault must have shown.
const PATHS: u64 = 25;

/// The first path on which something differs, and what.
fn shows(fault: Option<Fault>, tamper: Option<Tamper>) -> Option<(u64, String)> {
	(0..PATHS).find_map(|seed| {
		let mut path = Path::new(seed, fault, tamper, Tally::default());
		walk(&mut path, STEPS).err().map(|what| (seed, what))
	})
}

macro_rules! controls {
	($($name:ident: $fault:ident says $what:literal;)+) => {$(
		#[test]
		fn $name() {
			let (path, what) = shows(Some(Fault::$fault), None).expect("it was never seen");
			println!("{:?} is seen on path {path}: {what}", Fault::$fault);
			assert!(what.contains($what), "{what}");
		}
	)+};
}

controls! {
	a_unit_too_much_of_free_collateral_is_seen: SurplusOffByOne says "";
	a_limit_that_cannot_be_reached_is_seen: LimitExclusive says ", not InsufficientFreeCollateral";
	a_band_without_its_end_is_seen: BandExclusive says "not OutsideBand";
	a_position_too_small_is_seen: MinPositionIgnored says "PositionTooSmall, not ";
	a_crowd_that_raises_nothing_is_seen: CrowdIgnored says "";
	a_leverage_cap_that_counts_for_nothing_is_seen: LeverageIgnored says "";
	margin_that_leaves_is_seen: LeavingIgnored says "";
	a_slow_price_that_counts_for_nothing_is_seen: SlowPriceIgnored says "";
	a_profit_that_leaves_is_seen: ProfitCounted says "";
	joining_a_side_that_may_have_to_pay_is_seen: LossesPendingIgnored says "LossesPending, not ";
	a_gift_against_mark_is_seen: GiftsAllowed says "";
	being_filed_again_for_nothing_is_seen: FeeIgnored says "were paid for filing again, not";
	a_second_call_with_priority_is_seen: UrgencyIgnored says "OncePerBlock, not ";
	an_isolated_position_beside_another_is_seen: IsolationIgnored says "IsolatedMarket, not ";
	an_owner_who_opens_both_sides_is_seen: WashingAllowed says "SelfTrade, not ";
	a_market_that_trades_while_its_mark_stands_still_is_seen: StandstillIgnored says "MarkStandsStill, not ";
	money_that_leaves_with_a_young_trade_is_seen: YoungTradeIgnored says "";
}

#[test]
fn whatever_is_tampered_with_is_seen() {
	for (tamper, says) in [
		(Tamper::GenerousKey, "a corner is below its reserve"),
		(Tamper::LostKey, "a key is not on file"),
		(Tamper::MadeCash, "the sum of cash is another"),
		(Tamper::CountedCash, "claims are not what custody counted and holds"),
		(Tamper::MadeBalance, "units were made or lost"),
	] {
		let (path, what) = shows(None, Some(tamper)).expect("it was never seen");
		println!("{tamper:?} is seen on path {path}: {what}");
		assert!(what.contains(says), "{tamper:?}: {what}");
	}
}

#[test]
fn whoever_is_missed_is_seen() {
	build_without_check(|| {
		deposit(ALICE, 5_000);
		deposit(BOB, 100_000);
		trade(ALICE, BOB, BTC, Size::ONE, 50_000);
		// Her key is gone, as if it had never been filed.
		let filed = Margin::filings(&account(ALICE)).into_iter().next().expect("it is filed");
		let mut desk = Desk::<Test>::default();
		take_off(&mut desk, &filed, &main_of(ALICE));
		desk.put_back();
		price(BTC, 46_000);
		Block { elapsed: 2_000, ..Default::default() }.run();
		assert!(checks::nobody_is_missed().is_err_and(|what| what.contains("was missed")));
		assert!(checks::unjudged().is_err_and(|what| what.contains("no key of it has fired")));
	});
}

#[test]
fn money_of_a_stranger_that_moves_is_seen() {
	build(|| {
		for who in [ALICE, BOB, CAROL] {
			deposit(who, 1_000);
		}
		let before = accounts();
		assert_eq!(checks::changes(&before, &[], None), Ok(()));
		for (who, by) in [(BOB, -1), (CAROL, 1)] {
			Accounts::<Test>::mutate(who, SubAccount(0), |account| account.cash.0 += by);
		}
		check();
		assert!(checks::changes(&before, &[], None).is_err_and(|what| what.contains("had no part in it")));
	});
}
