// SPDX-License-Identifier: Apache-2.0
// The README's five minutes in Polkadot.js Apps, button by button, with the timetable that people get: what each button
// sends is sent here by the client that Apps is made of. What the README says of times is read from it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { advanceTo, connect, find, height, key, send } from '../lib/api.js';
import { decodeBlocks } from '../lib/blocks.js';
import { fastTrack, motion, notePreimage, passed, voteAye } from '../lib/governance.js';
import { startNode } from '../lib/node.js';
import { say } from '../lib/progress.js';

const KEEL = 10n ** 12n;
const USDK = 1;
const DOLLAR = 10n ** 6n;
const SLOT_SECONDS = 2;

/** The walk, with its line breaks as spaces. */
const walk = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
	.split('## Five minutes in Polkadot.js Apps')[1].split('\n## ')[0].replace(/\s+/g, ' ');

/** The words of the walk between `before` and `after`. */
function words(before, after) {
	const found = walk.split(before)[1]?.split(after)[0];
	assert.ok(found, `the README no longer says '${before}... ${after}'`);
	return found;
}

describe('the walk of the README', { timeout: 900_000 }, () => {
	let node, api, launch, delay;
	const names = ['Alice', 'Bob', 'Charlie', 'Dave', 'Eve', 'Ferdie'];
	const [alice, bob, charlie] = names.map((name) => key(`//${name}`));

	/** Events between two blocks, by their name. */
	const between = async (from, to, name) => {
		const { events } = await decodeBlocks(api, from, to);
		return events.filter(({ event }) => `${event.section}.${event.method}` === name);
	};
	/** The next block in which a proposal is tabled. */
	const nextLaunch = async () => (Math.floor((await height(api)) / launch) + 1) * launch;

	before(async () => {
		node = await startNode('walk', { manual: true });
		api = await connect(node.endpoint, { manual: true });
		launch = api.consts.democracy.launchPeriod.toNumber();
		delay = Number(words('set the delay to ', ' '));
	});
	after(async () => {
		await api?.disconnect();
		node?.kill();
	});

	test('the times it names are the chain\'s', () => {
		const { fastTrackVotingPeriod, votingPeriod } = api.consts.democracy;
		const numbers = { one: 1, two: 2, three: 3, five: 5, ten: 10 };
		const blocks = (word) => (numbers[word] * 60) / SLOT_SECONDS;
		assert.equal(blocks(words('before the next launch, every ', ' minutes')), launch);
		assert.equal(blocks(words('for an ordinary vote of ', ' minutes')), votingPeriod.toNumber());
		assert.match(walk, /Vote Aye within the minute the vote lasts/);
		assert.equal(blocks('one'), fastTrackVotingPeriod.toNumber());
		const [dialog, minutes] = words('the dialog\'s ', ' minutes)').split(' blocks are ').map(Number);
		assert.equal(dialog * SLOT_SECONDS, minutes * 60);
	});

	test('1. everybody it names has what it says', async () => {
		assert.match(walk, /Alice to Ferdie have a million KEEL each/);
		assert.match(walk, /Their ten million USDK are under \*\*Network → Assets\*\*/);
		for (const name of names) {
			const { address } = key(`//${name}`);
			assert.equal((await api.query.system.account(address)).data.free.toBigInt(), 1_000_000n * KEEL, name);
			assert.equal((await api.query.assets.account(USDK, address)).unwrap().balance.toBigInt(), 10_000_000n * DOLLAR, name);
		}
		await send(api, alice, api.tx.balances.transferKeepAlive(bob.address, 5n * KEEL));
	});

	test('2. to 5. preimage, external proposal, fast track, vote, enactment, each by who it says', async () => {
		const noted = await notePreimage(api, bob, api.tx.system.remark('any text'));
		const begun = await height(api);
		assert.ok((await nextLaunch()) - begun > 60, 'there are minutes between the steps');
		// The button of Apps: half of the Council, which is Alice alone.
		await motion(api, 'council', [alice], 1, api.tx.democracy.externalProposeMajority(noted.lookup));
		assert.equal((await api.derive.democracy.nextExternal()).imageHash.toString(), noted.hash);
		// Two minutes of looking for the button.
		await advanceTo(api, (await height(api)) + 60);
		const index = await fastTrack(api, [alice], noted, api.consts.democracy.fastTrackVotingPeriod, delay);
		await voteAye(api, charlie, index, 1_000n * KEEL);
		const end = await passed(api, index);
		await advanceTo(api, end + delay);
		const [enacted] = await between(end, await height(api), 'changeControl.Enacted');
		assert.ok(enacted.event.data.result.isOk);
		assert.match(walk, /Two blocks after its end it is enacted/);
		assert.equal(enacted.number, end + 2);
	});

	test('a call that the chain would not have is refused by name, with the reason', async () => {
		assert.match(walk, /`changeControl\.Refused` with the call and the reason/);
		const noted = await notePreimage(api, alice, api.tx.system.setStorage([['0x00', '0x00']]));
		const from = await height(api);
		await motion(api, 'council', [alice], 1, api.tx.democracy.externalProposeMajority(noted.lookup));
		await fastTrack(api, [alice], noted, api.consts.democracy.fastTrackVotingPeriod, delay);
		await advanceTo(api, (await height(api)) + 2);
		const [refused] = await between(from, await height(api), 'changeControl.Refused');
		say(`refused: ${JSON.stringify(refused.event.data.toHuman())}`);
		assert.match(JSON.stringify(refused.event.data.toHuman()), /set_storage/);
	});

	/** Carry `call` to a vote, its preimage not stored, and vote Aye: the referendum, and the block before. */
	const unread = async (call) => {
		const { method } = call;
		const hash = method.hash.toHex();
		const from = await height(api);
		const lookup = { Lookup: { hash, len: method.encodedLength } };
		await motion(api, 'council', [alice], 1, api.tx.democracy.externalProposeMajority(lookup));
		const index = await fastTrack(api, [alice], { hash }, api.consts.democracy.fastTrackVotingPeriod, delay);
		await voteAye(api, charlie, index, 1_000n * KEEL);
		await advanceTo(api, (await height(api)) + 2);
		assert.equal((await between(from, await height(api), 'changeControl.Unread')).length, 1);
		return { index, from };
	};

	test('a vote on what nobody has stored goes on, and comes to nothing', async () => {
		assert.match(walk, /goes on \(`changeControl\.Unread`\), and comes to nothing when nobody has stored it by its end/);
		const { index, from } = await unread(api.tx.system.remark('nobody stores this'));
		const end = await passed(api, index);
		await advanceTo(api, end + delay + 1);
		const [refused] = await between(from, await height(api), 'changeControl.Refused');
		assert.match(JSON.stringify(refused.event.data.toHuman()), /Unreadable/);
		assert.deepEqual(await between(from, await height(api), 'changeControl.Enacted'), []);
	});

	test('what is stored while the vote goes on is enacted', async () => {
		const call = api.tx.system.remark('stored late');
		const { index, from } = await unread(call);
		await notePreimage(api, bob, call);
		const end = await passed(api, index);
		await advanceTo(api, end + delay + 1);
		assert.equal((await between(from, await height(api), 'changeControl.Enacted')).length, 1);
	});

	test('after a launch the fast track is refused, and the ordinary vote leads to the same end', async () => {
		assert.match(walk, /then the fast track is refused\. The ordinary vote leads to the same end/);
		const noted = await notePreimage(api, bob, api.tx.system.remark('too late for the button'));
		await motion(api, 'council', [alice], 1, api.tx.democracy.externalProposeMajority(noted.lookup));
		const tabled = await nextLaunch();
		await advanceTo(api, tabled + 1);
		const late = fastTrack(api, [alice], noted, api.consts.democracy.fastTrackVotingPeriod, delay);
		await assert.rejects(late, /the motion was carried, but its call failed/);
		const [referendum] = await api.derive.democracy.referendums();
		await voteAye(api, charlie, referendum.index, 1_000n * KEEL);
		const end = await passed(api, referendum.index);
		assert.ok(end >= tabled + api.consts.democracy.votingPeriod.toNumber());
		const due = end + api.consts.democracy.enactmentPeriod.toNumber();
		await advanceTo(api, due + 1);
		const [enacted] = await between(end, await height(api), 'changeControl.Enacted');
		assert.ok(enacted.event.data.result.isOk);
	});

	test('a step by somebody else is refused', async () => {
		const remark = api.tx.system.remark('not yours');
		await assert.rejects(
			send(api, bob, api.tx.council.propose(1, remark, remark.method.encodedLength)),
			// Motions are urgent calls, of members: the pool takes nobody else's (`UrgentCalls.NoSeat`).
			(refused) => /Custom error: 161/.test(refused.message),
		);
	});
});
