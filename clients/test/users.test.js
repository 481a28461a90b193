// SPDX-License-Identifier: Apache-2.0
// What people do with Polkadot.js Apps: be given test money, send it, decide something together. Every event and
// every call of every block of the run is then decoded.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { advanceTo, connect, find, height, key, Refused, send } from '../lib/api.js';
import { decodeBlocks, decodeEvents, decodeExtrinsic, EVENTS, followEvents, summary } from '../lib/blocks.js';
import { fastTrack, motion, notePreimage, passed, preimage, roomBeforeLaunch, voteAye } from '../lib/governance.js';
import { startNode } from '../lib/node.js';
import { say, until } from '../lib/progress.js';

const KEEL = 10n ** 12n;
const USDK = 1;
const DOLLAR = 10n ** 6n;

describe('people', { timeout: 900_000 }, () => {
	let node, api, follower;
	const [alice, bob, charlie, dave, eve] = ['//Alice', '//Bob', '//Charlie', '//Dave', '//Eve'].map(key);
	const newcomer = key('//Clients//newcomer');
	const free = async (who) => (await api.query.system.account(who.address)).data.free.toBigInt();
	const dollars = async (who) => (await api.query.assets.account(USDK, who.address)).unwrapOrDefault().balance.toBigInt();

	before(async () => {
		node = await startNode('users', { manual: true });
		api = await connect(node.endpoint, { manual: true });
		follower = await followEvents(api);
	});
	after(async () => {
		follower?.stop();
		await api?.disconnect();
		node?.kill();
	});

	test('send KEEL', async () => {
		const before = await free(bob);
		const { events } = await send(api, alice, api.tx.balances.transferKeepAlive(bob.address, 5n * KEEL));
		const { from, to, amount } = find(events, 'balances.Transfer').data;
		assert.deepEqual([from.toString(), to.toString(), amount.toBigInt()], [alice.address, bob.address, 5n * KEEL]);
		assert.equal(await free(bob), before + 5n * KEEL);
	});

	test('are given test money by the faucet, once', async () => {
		const { native, collateral } = (await api.query.faucet.grants()).unwrap();
		const { events } = await send(api, alice, api.tx.faucet.drip(newcomer.address));
		const dripped = find(events, 'faucet.Dripped').data;
		assert.equal(dripped.who.toString(), newcomer.address);
		assert.equal(await free(newcomer), native.toBigInt());
		assert.equal(await dollars(newcomer), collateral.toBigInt());
		await assert.rejects(send(api, alice, api.tx.faucet.drip(newcomer.address)), (refused) => {
			assert.ok(refused instanceof Refused, refused.message);
			assert.equal(refused.name, 'faucet.TooSoon');
			assert.match(refused.docs, /Wait for the number of blocks/);
			return true;
		});
	});

	test('send USDK, several payments at once', async () => {
		const before = await dollars(bob);
		const pay = (amount) => api.tx.assets.transferKeepAlive(USDK, bob.address, amount);
		const { events } = await send(api, newcomer, api.tx.utility.batchAll([pay(3n * DOLLAR), pay(4n * DOLLAR)]));
		find(events, 'utility.BatchCompleted');
		assert.equal(await dollars(bob), before + 7n * DOLLAR);
	});

	test('let somebody else act for them, but not with their money', async () => {
		await send(api, bob, api.tx.proxy.addProxy(newcomer.address, 'Governance', 0));
		const spend = api.tx.balances.transferKeepAlive(newcomer.address, KEEL);
		const { events } = await send(api, newcomer, api.tx.proxy.proxy(bob.address, null, spend));
		const { result } = find(events, 'proxy.ProxyExecuted').data;
		assert.equal(api.registry.findMetaError(result.asErr.asModule).name, 'CallFiltered');
		await send(api, bob, api.tx.proxy.removeProxies());
	});

	test('vote a Council proposal through: preimage, motion, fast track, vote, enactment', async () => {
		const members = [alice, bob, charlie, dave, eve].map(({ address }) => address);
		// A remark, and something that can be seen to have happened: a larger Council.
		const change = api.tx.utility.batchAll([
			api.tx.system.remark('the Council is five from now on'),
			api.tx.council.setMembers(members, alice.address, 1),
		]);
		const noted = await notePreimage(api, alice, change);
		say(`preimage ${noted.hash} is noted`);
		const { status, call } = await preimage(api, noted.hash);
		assert.equal(call.toHex(), change.method.toHex(), 'the text of the proposal can be read');
		const [depositor, deposit] = status.asUnrequested.ticket;
		assert.equal(depositor.toString(), alice.address);
		assert.ok(api.createType('u128', deposit.toU8a()).gtn(0), 'the deposit is an amount');

		await roomBeforeLaunch(api);
		await motion(api, 'council', [alice], 1, api.tx.democracy.externalProposeMajority(noted.lookup));
		say('the Council has proposed it');
		const external = await api.derive.democracy.nextExternal();
		assert.equal(external.imageHash.toString(), noted.hash);
		assert.equal(external.threshold.type, 'SimpleMajority');

		const { fastTrackVotingPeriod } = api.consts.democracy;
		const index = await fastTrack(api, [alice], noted, fastTrackVotingPeriod, 2);
		await voteAye(api, bob, index, 1_000n * KEEL);
		const [referendum] = await api.derive.democracy.referendums();
		assert.ok(referendum.index.eq(index) && referendum.isPassing, 'Apps shows it as passing');
		assert.deepEqual([referendum.voteCountAye, referendum.voteCountNay], [1, 0]);

		const end = await passed(api, index);
		await advanceTo(api, end + 3);
		const found = await decodeBlocks(api, end, await height(api));
		const dispatched = found.events.find(({ event }) => event.section === 'scheduler' && event.method === 'Dispatched');
		assert.ok(dispatched.event.data.result.isOk, 'the call succeeded');
		assert.equal(dispatched.number, end + 2, 'after the delay that was voted');
		const all = found.events.map(({ event }) => event);
		assert.ok(find(all, 'changeControl.Enacted').data.result.isOk, 'and so did the change');
		assert.equal(find(all, 'changeControl.Enacted').data.class.type, 'Constitutional');
		find(found.events.map(({ event }) => event), 'democracy.Passed');
		assert.deepEqual((await api.query.council.members()).map(String).sort(), [...members].sort());
		assert.equal((await api.query.council.prime()).unwrap().toString(), alice.address);
	});

	test('propose with half of the Council, rounded up, as the button of Apps does', async () => {
		const noted = await notePreimage(api, bob, api.tx.system.remark('half is enough to ask'));
		const council = await api.query.council.members();
		const threshold = Math.ceil(council.length / 2);
		assert.equal(threshold, 3);
		const propose = api.tx.democracy.externalProposeMajority(noted.lookup);
		await roomBeforeLaunch(api);
		await motion(api, 'council', [bob, charlie, dave], threshold, propose);
		assert.equal((await api.derive.democracy.nextExternal()).imageHash.toString(), noted.hash);
	});

	test('get their votes back', async () => {
		const { voteLockingPeriod } = api.consts.democracy;
		const index = 0;
		const { end } = (await api.query.democracy.referendumInfoOf(index)).unwrap().asFinished;
		await advanceTo(api, end.add(voteLockingPeriod).toNumber() + 1);
		assert.ok((await api.query.balances.locks(bob.address)).length > 0);
		await send(api, bob, api.tx.utility.batchAll([api.tx.democracy.removeVote(index), api.tx.democracy.unlock(bob.address)]));
		assert.equal((await api.query.balances.locks(bob.address)).length, 0);
	});

	test('read every event and every call of every block', async (t) => {
		const last = await height(api);
		const found = await decodeBlocks(api, 0, last, {
			onBlock: (number) => { if (number && number % 50 === 0) say(`block ${number} of ${last} is decoded`); },
		});
		assert.equal(found.blocks, last + 1);
		for (const name of ['timestamp.set', 'balances.transferKeepAlive', 'faucet.drip', 'council.close', 'democracy.vote']) {
			assert.ok(found.byCall.has(name), `${name} among ${[...found.byCall.keys()].join(', ')}`);
		}
		t.diagnostic(summary(found));
	});

	test('follow events live without an error', async (t) => {
		// A client that is behind skips blocks, but not many and not for ever.
		await until('ten blocks', () => follower.seen.blocks >= 10);
		assert.deepEqual(follower.seen.errors, []);
		t.diagnostic(`${follower.seen.events} events in ${follower.seen.blocks} blocks`);
	});

	test('the decoder refuses what it cannot read whole', async () => {
		const hash = await api.rpc.chain.getBlockHash(await height(api));
		const events = await api.rpc.state.getStorage.raw(EVENTS, hash);
		assert.throws(() => decodeEvents(api.registry, `${events}00`), /do not encode/);
		assert.throws(() => decodeEvents(api.registry, `0x04${'00'.repeat(5)}ff${events.slice(16)}`));
		const { block } = await api.rpc.chain.getBlock.raw(hash);
		assert.ok(decodeExtrinsic(api.registry, block.extrinsics[0]));
		// Pallet 255 does not exist.
		assert.throws(() => decodeExtrinsic(api.registry, '0x0c05ff00'), /findMetaCall|Unable to find Call/);
	});
});
