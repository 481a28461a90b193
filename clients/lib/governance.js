// SPDX-License-Identifier: Apache-2.0
// Motions and referenda, step by step as Apps does them.

import { advanceTo, find, height, send } from './api.js';
import { say } from './progress.js';

/** Note the preimage of `call`; its hash and length, and the lookup that proposals name it by. */
export async function notePreimage(api, signer, call) {
	const encoded = call.method.toHex();
	const { hash } = call.method;
	const { events } = await send(api, signer, api.tx.preimage.notePreimage(encoded));
	find(events, 'preimage.Noted');
	const len = (encoded.length - 2) / 2;
	return { hash: hash.toHex(), len, lookup: { Lookup: { hash: hash.toHex(), len } } };
}

/**
 * A motion of `body` for `call`. The first member proposes, all of `members` vote Aye until there are `threshold`,
 * and the last of them closes it. With a threshold of one it is executed when it is proposed.
 */
export async function motion(api, body, members, threshold, call) {
	const length = call.method.encodedLength;
	const outcome = (events, name) => {
		const { data } = find(events, `${body}.${name}`);
		if (data.result.isErr) throw new Error(`the motion was carried, but its call failed: ${data.result.asErr.toString()}`);
		return events;
	};
	const proposed = await send(api, members[0], api.tx[body].propose(threshold, call, length));
	if (threshold < 2) return outcome(proposed.events, 'Executed');
	const { data } = find(proposed.events, `${body}.Proposed`);
	for (const member of members.slice(0, threshold)) {
		await send(api, member, api.tx[body].vote(data.proposalHash, data.proposalIndex, true));
	}
	const { weight } = await api.call.transactionPaymentCallApi.queryCallInfo(call.method, length);
	const closer = members[threshold - 1];
	const closed = await send(api, closer, api.tx[body].close(data.proposalHash, data.proposalIndex, weight, length));
	find(closed.events, `${body}.Approved`);
	return outcome(closed.events, 'Executed');
}

/** So many blocks are enough for the Council to propose and the Technical Committee to fast-track. */
const ROOM = 10;

/**
 * Be where a launch period has room. At its end an external proposal is tabled for an ordinary vote, and can no longer be
 * fast-tracked.
 */
export async function roomBeforeLaunch(api) {
	const period = api.consts.democracy.launchPeriod.toNumber();
	const now = await height(api);
	const next = (Math.floor(now / period) + 1) * period;
	if (next - now < ROOM) await advanceTo(api, next);
}

/** Carry an external proposal of the Council to a vote: the index of the referendum. */
export async function fastTrack(api, committee, { hash }, period, delay) {
	const events = await motion(api, 'technicalCommittee', committee, 1, api.tx.democracy.fastTrack(hash, period, delay));
	return find(events, 'democracy.Started').data.refIndex;
}

/** Vote Aye with `balance` and the least conviction that locks it. */
export async function voteAye(api, signer, index, balance) {
	const vote = { Standard: { balance, vote: { aye: true, conviction: 'Locked1x' } } };
	find((await send(api, signer, api.tx.democracy.vote(index, vote))).events, 'democracy.Voted');
}

/** The block in which referendum `index` passed. The chain is at that block or later then. */
export async function passed(api, index) {
	const state = async () => (await api.query.democracy.referendumInfoOf(index)).unwrap();
	const { end } = (await state()).asOngoing;
	say(`referendum ${index} is open until block ${end}`);
	await advanceTo(api, end.toNumber());
	const { approved, end: ended } = (await state()).asFinished;
	if (!approved.isTrue) throw new Error(`referendum ${index} was not approved`);
	say(`referendum ${index} has passed`);
	return ended.toNumber();
}

/** The call behind a hash, read where new preimages are: `derive.democracy.preimages` looks where old ones were. */
export async function preimage(api, hash) {
	const status = (await api.query.preimage.requestStatusFor(hash)).unwrap();
	const inner = status.isUnrequested ? status.asUnrequested : status.asRequested;
	const length = status.isUnrequested ? inner.len : inner.maybeLen.unwrap();
	const bytes = (await api.query.preimage.preimageFor([hash, length])).unwrap();
	return { status, call: api.createType('Call', bytes.toU8a(true)) };
}
