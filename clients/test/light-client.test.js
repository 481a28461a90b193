// SPDX-License-Identifier: Apache-2.0
// smoldot follows the chain from its raw specification. It is another implementation of headers, Aura, GRANDPA and
// storage proofs: what it accepts is not merely what our node says of itself.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { connect } from '../lib/api.js';
import { LightChain, lightClient } from '../lib/light.js';
import { run, startNode } from '../lib/node.js';
import { say, until, within } from '../lib/progress.js';

/** How many blocks finality must advance by while it is watched. */
const BLOCKS = 3;
const FOLLOW_MS = 300_000;

describe('a light client', { timeout: 900_000 }, () => {
	let node, api, client, light, stranger;
	const log = [];

	before(async () => {
		// Blocks without consensus have no votes on finality to verify: Aura and GRANDPA here.
		node = await startNode('light', { webSocket: true });
		api = await connect(node.endpoint);
		const specification = JSON.parse(run(['export-chain-spec', '--chain', 'dev', '--raw']));
		specification.bootNodes = [node.address];
		client = lightClient(log);
		light = await LightChain.add(client, JSON.stringify(specification));
		stranger = await LightChain.add(client, JSON.stringify(otherAuthority(specification)));
	});
	after(async () => {
		await client?.terminate();
		await api?.disconnect();
		node?.kill();
	});

	/** The number in an encoded header. */
	const numberOf = (header) => api.createType('Header', header).number.toNumber();

	test('follows finality from the raw specification', { timeout: FOLLOW_MS + 60_000 }, async (t) => {
		const first = await until('the first finalised block', () => light.finalized[0], { ms: FOLLOW_MS });
		const from = numberOf(await light.header(first));
		let said = from;
		say(`the light client begins at finalised block ${from}`);
		const to = await until(`finality ${BLOCKS} blocks on\n${log.slice(-10).join('\n')}`, async () => {
			const number = numberOf(await light.header(light.finalized.at(-1)));
			if (number !== said) say(`the light client has verified finality of block ${said = number}`);
			return number >= from + BLOCKS && number;
		}, { ms: FOLLOW_MS, every: 1_000 });
		assert.equal(light.stopped, false);
		t.diagnostic(`from block ${from} to ${to}`);
	});

	test('agrees with the node on every finalised block', async () => {
		for (const hash of light.finalized) {
			const number = numberOf(await light.header(hash));
			assert.equal(hash, (await api.rpc.chain.getBlockHash(number)).toHex(), `block ${number}`);
		}
	});

	test('reads storage with a proof', async () => {
		const hash = light.finalized.at(-1);
		const items = {
			'timestamp.now': api.query.timestamp.now.key(),
			'changeControl.timetables': api.query.changeControl.timetables.key(),
			'nothing': `0x${'ff'.repeat(32)}`,
		};
		for (const [name, key] of Object.entries(items)) {
			const proven = await within(120_000, name, light.storage(hash, key));
			const stored = await api.rpc.state.getStorage.raw(key, hash);
			assert.equal(proven, stored, name);
			assert.equal(proven === null, name === 'nothing');
		}
	});

	test('does not follow a chain whose genesis trusts somebody else', async () => {
		// It has had the same address and as much time. It may know its own genesis, and nothing else.
		const headers = await Promise.all(stranger.finalized.map((hash) => stranger.header(hash)));
		assert.deepEqual(headers.map(numberOf).filter((number) => number > 0), []);
		assert.ok(light.finalized.length > BLOCKS);
	});
});

/** The specification with Aura's and GRANDPA's authority of the genesis replaced. */
function otherAuthority(specification) {
	const other = structuredClone(specification);
	const { top } = other.genesis.raw;
	const grandpa = '88dc3417d5058ec4b4503e0c12ea1a0a89be200fe98922423d4334014fa6b0ee'; // //Alice, Ed25519
	let changed = 0;
	for (const [key, value] of Object.entries(top)) {
		if (value.length > 10_000 || !value.includes(grandpa)) continue;
		top[key] = value.replaceAll(grandpa, 'ab'.repeat(32));
		changed += 1;
	}
	if (!changed) throw new Error('the genesis does not name the authority');
	other.id = `${other.id}-other`;
	return other;
}
