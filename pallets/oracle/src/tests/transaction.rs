// SPDX-License-Identifier: Apache-2.0
//! The bytes a client sends.

use crate::{mock::*, *};
use codec::{Compact, Decode, Encode};
use frame_support::dispatch::GetDispatchInfo;
use frame_support::pallet_prelude::{InvalidTransaction, TransactionSource};
use sp_runtime::{
	generic::Era,
	traits::{Applyable, Checkable},
	transaction_validity::TransactionValidityError,
};

/// Format 5 with the general bit, version 0 of the extensions, an immortal era, nonce 0, the call.
fn general(call: Call<Runtime>) -> Vec<u8> {
	let call = RuntimeCall::Oracle(call).encode();
	let body = [&[0x45, 0x00, 0x00, 0x00][..], &call].concat();
	[Compact(body.len() as u32).encode(), body].concat()
}

fn sent(bytes: Vec<u8>) -> Result<(), TransactionValidityError> {
	let extrinsic = Extrinsic::decode(&mut &bytes[..]).expect("the bytes are an extrinsic");
	let info = extrinsic.get_dispatch_info();
	let checked = extrinsic.check(&frame_system::ChainContext::<Runtime>::default())?;
	let valid = checked.validate::<Runtime>(TransactionSource::External, &info, bytes.len())?;
	assert_eq!(valid.priority, u64::MAX);
	checked.apply::<Runtime>(&info, bytes.len())?.expect("what is valid does not fail");
	Ok(())
}

#[test]
fn a_report_is_sent_as_a_general_transaction_of_these_bytes() {
	run(|| {
		let report = call(0, now(), &[report_of(BTC, dollars(50_000))]);
		let extensions = (
			frame_system::AuthorizeCall::new(),
			frame_system::CheckNonZeroSender::new(),
			frame_system::CheckSpecVersion::new(),
			frame_system::CheckTxVersion::new(),
			frame_system::CheckGenesis::new(),
			frame_system::CheckEra::from(Era::Immortal),
			frame_system::CheckNonce::from(0),
			frame_system::CheckWeight::new(),
		);
		let built = Extrinsic::new_transaction(RuntimeCall::Oracle(report.clone()), extensions);
		assert_eq!(general(report.clone()), built.encode());

		assert_eq!(sent(general(report.clone())), Ok(()));
		assert_eq!(events(), [Event::Reported { member: member(0), round: now() }]);
		assert_eq!(sent(general(report)), Err(InvalidTransaction::Stale.into()), "it cannot be replayed");
	});
}

#[test]
fn the_signed_bytes_are_context_genesis_round_and_reports() {
	run(|| {
		let reports = reports(&[report_of(ETH, dollars(3))]);
		let genesis = System::block_hash(0);
		let mut expected = b"keel/oracle/report/1".to_vec();
		expected.extend_from_slice(genesis.as_bytes());
		expected.extend_from_slice(&7_u32.to_le_bytes());
		expected.push(1 << 2); // one report, as a compact length
		expected.extend_from_slice(&1_u32.to_le_bytes());
		expected.extend_from_slice(&3_000_000_000_000_000_000_u128.to_le_bytes());
		expected.extend_from_slice(&0_u128.to_le_bytes());
		assert_eq!(Oracle::report_payload(7, &reports), expected);
	});
}

#[test]
fn a_bare_transaction_does_not_report() {
	run(|| {
		let report = call(0, now(), &[report_of(BTC, dollars(1))]);
		let bytes = Extrinsic::new_bare(RuntimeCall::Oracle(report)).encode();
		assert!(sent(bytes).is_err());
		assert!(Reports::<Runtime>::get(member(0)).is_empty());
	});
}
