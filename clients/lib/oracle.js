// SPDX-License-Identifier: Apache-2.0
// Reporting prices as the oracle's members do: a call that no account sends and nobody pays for, with the member's own
// signature inside.

import { stringToU8a, u8aConcat, u8aToHex } from '@polkadot/util';
import { height, key, submitBytes } from './api.js';

const CONTEXT = 'keel/oracle/report/1';
const REPORTER_CONTEXT = 'keel/oracle/reporter/1';
/** One dollar per whole unit. */
export const DOLLARS = 10n ** 18n;
/** What a report claims as its uncertainty: five parts in ten thousand. */
const CONFIDENCE = 2_000n;

/** The reporter keys of a development chain, with the members they report for. */
export async function reporters(api) {
	const names = ['Alice', 'Bob', 'Charlie', 'Dave', 'Eve', 'Ferdie'];
	const keys = names.map((name) => key(`//${name}//reporter`));
	const members = await api.query.oracle.reporters.multi(keys.map(({ address }) => address));
	return keys.flatMap((key, at) => (members[at].isSome ? [{ key, member: members[at].unwrap() }] : []));
}

/** All `reporters` report `prices`, in dollars by feed, on the newest block. They wait in the pool then. */
export async function report(api, reporters, prices) {
	const round = await height(api);
	const reports = Object.entries(prices).map(([feed, dollars]) => {
		const price = BigInt(dollars) * DOLLARS;
		return { feed: Number(feed), price, confidence: price / CONFIDENCE };
	});
	const { args } = api.tx.oracle.report.meta;
	for (const { key, member } of reporters) {
		const signed = u8aConcat(
			stringToU8a(CONTEXT),
			api.genesisHash.toU8a(),
			api.createType(args[1].type.toString(), round).toU8a(),
			api.createType(args[2].type.toString(), reports).toU8a(),
		);
		const { method } = api.tx.oracle.report(member, round, reports, { Sr25519: u8aToHex(key.sign(signed)) });
		const payload = { era: '0x00', nonce: 0, tip: 0, mode: 0, method };
		const general = api.createType('GeneralExtrinsic', { payload, transactionExtensionVersion: 0 });
		// Not `api.rpc.author.submitExtrinsic`: as an `Extrinsic`, 16.5.6 writes its length and version twice.
		await submitBytes(api, general.toHex());
	}
}

/** What `reporter`, a key, signs to report for `member` from now on. The member sends it with the key: `setReporter`. */
export async function proof(api, member, reporter) {
	const seat = (await api.query.oracle.members(member)).unwrap();
	const signed = u8aConcat(
		stringToU8a(REPORTER_CONTEXT),
		api.genesisHash.toU8a(),
		api.createType('AccountId32', member).toU8a(),
		seat.reporter.toU8a(),
	);
	return { Sr25519: u8aToHex(reporter.sign(signed)) };
}
