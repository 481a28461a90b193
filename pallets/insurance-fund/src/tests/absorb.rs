// SPDX-License-Identifier: Apache-2.0

use super::*;

#[docify::export]
#[test]
fn the_tranche_pays_first_then_the_fund_within_its_caps() {
	World::default().tranche(BTC, 500, 300).fund(1_000).caps(500, 600, 800).run(|| {
		let paid = absorb(BTC, dollars(700));
		assert_eq!(paid, Payment { tranche: dollars(300), fund: dollars(400) });
		assert_eq!(balance(Pot::Tranche(BTC)), Quote::ZERO);
		assert_eq!(balance(Pot::Fund), dollars(600));

		// The block has 200 dollars left of its 600, though the fund has 600 and one account may cost 500.
		let paid = absorb(BTC, dollars(700));
		assert_eq!(paid, Payment { tranche: Quote::ZERO, fund: dollars(200) });
	});
}

#[test]
fn pays_what_it_has_and_may_and_never_more_than_the_loss() {
	// Whole dollars.
	struct Case {
		why: &'static str,
		tranche: i64,
		fund: i64,
		caps: (i64, i64, i64),
		loss: i64,
		paid: (i64, i64),
	}
	const WIDE: (i64, i64, i64) = (1_000, 1_000, 1_000);
	#[rustfmt::skip]
	let table = [
		Case { why: "the tranche alone suffices",       tranche: 100, fund: 100, caps: WIDE,           loss:  60, paid: (60, 0) },
		Case { why: "the tranche suffices exactly",     tranche: 100, fund: 100, caps: WIDE,           loss: 100, paid: (100, 0) },
		Case { why: "the fund pays what is left",       tranche: 100, fund: 100, caps: WIDE,           loss: 130, paid: (100, 30) },
		Case { why: "both are emptied, the rest stays", tranche: 100, fund: 100, caps: WIDE,           loss: 999, paid: (100, 100) },
		Case { why: "an empty tranche pays nothing",    tranche:   0, fund: 100, caps: WIDE,           loss:  40, paid: (0, 40) },
		Case { why: "nobody has anything",              tranche:   0, fund:   0, caps: WIDE,           loss:  40, paid: (0, 0) },
		Case { why: "an account's cap binds the fund",  tranche: 100, fund: 100, caps: (20, 50, 50),   loss: 200, paid: (100, 20) },
		Case { why: "the cap does not bind a tranche",  tranche: 100, fund: 100, caps: (20, 50, 50),   loss:  90, paid: (90, 0) },
		Case { why: "without caps the fund is closed",  tranche: 100, fund: 100, caps: (0, 0, 0),      loss: 200, paid: (100, 0) },
		Case { why: "no loss, no payment",              tranche: 100, fund: 100, caps: WIDE,           loss:   0, paid: (0, 0) },
		Case { why: "a gain is not a loss",             tranche: 100, fund: 100, caps: WIDE,           loss:  -5, paid: (0, 0) },
	];
	for Case { why, tranche, fund, caps, loss, paid } in table {
		World::default().tranche(BTC, 500, tranche).fund(fund).caps(caps.0, caps.1, caps.2).run(|| {
			let expected = Payment { tranche: dollars(paid.0), fund: dollars(paid.1) };
			assert_eq!(absorb(BTC, dollars(loss)), expected, "{why}");
			assert_eq!(balance(Pot::Tranche(BTC)), dollars(tranche - paid.0), "{why}");
			assert_eq!(balance(Pot::Fund), dollars(fund - paid.1), "{why}");
		});
	}
}

#[test]
fn the_losses_of_one_account_share_one_cap() {
	World::default().tranche(BTC, 500, 100).fund(1_000).caps(300, 900, 900).run(|| {
		// 200 of the 300, then what is left of them, then nothing: the tranche has no cap.
		assert_eq!(absorb_more(ETH, dollars(200), Quote::ZERO).fund, dollars(200));
		assert_eq!(
			absorb_more(BTC, dollars(250), dollars(200)),
			Payment { tranche: dollars(100), fund: dollars(100) }
		);
		assert_eq!(absorb_more(ETH, dollars(1), dollars(300)), Payment::default());
		// A cap that was lowered below what it has cost already.
		assert_eq!(absorb_more(ETH, dollars(1), dollars(999)), Payment::default());
		// Another account has a cap of its own.
		assert_eq!(absorb(ETH, dollars(500)).fund, dollars(300));
	});
}

#[test]
fn a_tranche_never_pays_for_another_market() {
	World::default().tranche(BTC, 500, 300).tranche(ETH, 500, 300).run(|| {
		absorb(BTC, dollars(1_000));
		assert_eq!(balance(Pot::Tranche(ETH)), dollars(300));
	});
}

#[test]
fn a_market_without_a_tranche_is_paid_by_the_fund() {
	World::default().fund(100).caps(50, 50, 50).run(|| {
		assert_eq!(absorb(UNKNOWN, dollars(80)), Payment { tranche: Quote::ZERO, fund: dollars(50) });
	});
}

#[test]
fn tells_the_loss_and_who_paid_what() {
	World::default().tranche(BTC, 500, 10).fund(10).caps(5, 5, 50).run(|| {
		absorb(BTC, dollars(20));
		let [loss, tranche, fund] = [20, 10, 5].map(dollars);
		assert_eq!(last_event(), Event::Absorbed { market: BTC, loss, tranche, fund });
	});
}
