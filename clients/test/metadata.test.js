// SPDX-License-Identifier: Apache-2.0
// What a call, an event, an error, a constant is called and what its documentation says is all that people see of
// it in Polkadot.js Apps. Each has a name, and each says what it is.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { connect } from '../lib/api.js';
import { anonymousTuples, describe as describeMetadata, problems } from '../lib/metadata.js';
import { startNode } from '../lib/node.js';
import { say } from '../lib/progress.js';

/** What the SDK's pallets lack. An entry that is no longer lacking must go: the list is checked both ways. */
const LACKING_IN_THE_SDK = [
	'error TxPause.NotFound: no documentation',
	'event Balances.Unexpected: field 0 has no name',
	'runtime API TransactionPaymentApi.query_fee_details: no documentation',
	'runtime API TransactionPaymentApi.query_info: no documentation',
	'runtime API TransactionPaymentApi.query_length_to_fee: no documentation',
	'runtime API TransactionPaymentApi.query_weight_to_fee: no documentation',
	'storage Preimage.PreimageFor: no documentation',
	'storage TransactionPayment.NextFeeMultiplier: no documentation',
	'storage TransactionPayment.StorageVersion: no documentation',
];
/** Versions that clients ask for: older tools, Apps, and @polkadot/api. */
const VERSIONS = [14, 15, 16];

describe('metadata', { timeout: 400_000 }, () => {
	let node, api;
	const served = new Map();

	before(async () => {
		node = await startNode('metadata', { manual: true });
		api = await connect(node.endpoint, { manual: true });
		for (const version of VERSIONS) {
			const bytes = (await api.call.metadata.metadataAtVersion(version)).unwrap().toHex();
			served.set(version, describeMetadata(version, bytes));
			say(`metadata ${version}: ${(bytes.length - 2) / 2} bytes, ${served.get(version).items.length} items`);
		}
	});
	after(async () => {
		await api?.disconnect();
		node?.kill();
	});

	test('is served in the versions that clients ask for', async () => {
		const versions = (await api.call.metadata.metadataVersions()).map((version) => version.toNumber());
		for (const version of VERSIONS) assert.ok(versions.includes(version), `${version} of ${versions}`);
	});

	for (const version of VERSIONS) {
		test(`${version} names and explains every call, event, error, constant and storage item`, (t) => {
			const { items } = served.get(version);
			const found = problems({ items });
			assert.deepEqual(found.filter((line) => !LACKING_IN_THE_SDK.includes(line)), []);
			const described = new Set(items.map(({ kind }) => kind));
			const listed = LACKING_IN_THE_SDK.filter((line) => [...described].some((kind) => line.startsWith(kind)));
			assert.deepEqual(listed.filter((line) => !found.includes(line)), [], 'no longer lacking');
			const own = items.filter((item) => item.own);
			t.diagnostic(`${items.length} items, ${own.length} of them of this project`);
		});

		test(`${version} has no own type whose parts show as 0, 1, 2`, (t) => {
			const { visible, elsewhere } = anonymousTuples(served.get(version));
			elsewhere.forEach((line) => t.diagnostic(line));
			assert.deepEqual(visible, []);
		});
	}

	test('16 describes the runtime APIs and view functions that explorers list', () => {
		const kinds = new Set(served.get(16).items.map(({ kind }) => kind));
		assert.ok(kinds.has('runtime API') && kinds.has('view function'), [...kinds].join());
	});

	test('the checks find what is taken away', () => {
		const spoilt = structuredClone(served.get(16));
		const item = (kind, owner, name) =>
			spoilt.items.find((item) => item.kind === kind && item.owner === owner && item.name === name);
		item('call', 'Faucet', 'drip').docs = [];
		item('call', 'Faucet', 'drip').fields[0].name = '_who';
		item('error', 'Faucet', 'Dry').docs = [' ', '-'];
		item('event', 'Faucet', 'Dripped').fields[1].name = '';
		item('constant', 'Democracy', 'LaunchPeriod').docs = [];
		assert.deepEqual(problems(spoilt).filter((line) => !LACKING_IN_THE_SDK.includes(line)).sort(), [
			'call Faucet.drip: field 0 is called \'_who\'',
			'call Faucet.drip: no documentation',
			'constant Democracy.LaunchPeriod: no documentation',
			'error Faucet.Dry: no documentation',
			'event Faucet.Dripped: field 1 has no name',
		]);
		const type = (end) => spoilt.types.find(({ path }) => path.endsWith(end));
		type('ids::MarginAccount').groups[0].fields.forEach((field) => { field.name = ''; });
		type('grant::Grant').groups[0].fields.forEach((field) => { field.name = ''; });
		const { visible, elsewhere } = anonymousTuples(spoilt);
		assert.deepEqual(visible, ['type keel_primitives::ids::MarginAccount: 2 fields without names']);
		assert.ok(elsewhere.includes('type keel_faucet::grant::Grant: 3 fields without names'));
	});
});
