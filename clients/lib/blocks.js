// SPDX-License-Identifier: Apache-2.0
// Reading every block of a run as an explorer would, and more strictly: what is decoded must encode to the very
// bytes the chain has, so that no byte was skipped and none was made up.

import { stringCamelCase } from '@polkadot/util';

/** The storage key of `System.Events`. */
export const EVENTS = '0x26aa394eea5630e07c48ae0c9558cef780d41e5e16056765bc8461851072c9d7';

/** The events in `bytes`, all of them and nothing else. */
export function decodeEvents(registry, bytes) {
	const records = registry.createType('Vec<FrameSystemEventRecord>', bytes);
	if (records.toHex() !== bytes) throw new Error('events do not encode to what the chain stores');
	for (const { event } of records) {
		if (!event.meta.docs.length) throw new Error(`${event.section}.${event.method} is not documented`);
		event.toHuman();
	}
	return records.map(({ event, phase }) => ({ event, phase }));
}

/** A transaction of a block with a named call. */
export function decodeExtrinsic(registry, bytes) {
	const extrinsic = registry.createType('Extrinsic', bytes);
	// The client reads a general transaction, but writes its length and version twice around it.
	const whole = extrinsic.isGeneral() ? extrinsic.inner : extrinsic;
	if (whole.toHex() !== bytes) throw new Error(`a transaction does not encode to ${bytes}`);
	nameCall(extrinsic.method);
	extrinsic.toHuman(true);
	return extrinsic;
}

/** Each argument of a call, and of the calls inside, has a name. */
function nameCall({ section, method, meta, args }) {
	if (!section || !method || section !== stringCamelCase(section)) throw new Error('a call has no name');
	meta.args.forEach((arg, at) => {
		if (!arg.name.toString()) throw new Error(`argument ${at} of ${section}.${method} has no name`);
	});
	for (const arg of args.flatMap((arg) => (Array.isArray(arg) ? [...arg] : [arg]))) {
		if (arg?.section && arg?.meta?.args) nameCall(arg);
	}
}

/** Everything in blocks `from` to `to`, decoded. */
export async function decodeBlocks(api, from, to, { onBlock = () => {} } = {}) {
	const found = { blocks: 0, events: [], calls: [], byEvent: new Map(), byCall: new Map() };
	const count = (map, name) => map.set(name, (map.get(name) ?? 0) + 1);
	for (let number = from; number <= to; number += 1) {
		const hash = await api.rpc.chain.getBlockHash(number);
		const where = (error) => { throw new Error(`block ${number} (${hash.toHex()}): ${error.message}`, { cause: error }); };
		try {
			// The registry of the block's own runtime: the chain may have been upgraded in between.
			const { registry } = await api.getBlockRegistry(hash);
			const stored = await api.rpc.state.getStorage.raw(EVENTS, hash);
			const { block } = await api.rpc.chain.getBlock.raw(hash);
			for (const { event, phase } of stored ? decodeEvents(registry, stored) : []) {
				found.events.push({ number, event, phase });
				count(found.byEvent, `${event.section}.${event.method}`);
			}
			for (const bytes of block.extrinsics) {
				const extrinsic = decodeExtrinsic(registry, bytes);
				found.calls.push({ number, extrinsic });
				count(found.byCall, `${extrinsic.method.section}.${extrinsic.method.method}`);
			}
		} catch (error) {
			where(error);
		}
		found.blocks += 1;
		onBlock(number);
	}
	return found;
}

/** What `decodeBlocks` has found, in a line. */
export function summary({ blocks, events, calls, byEvent, byCall }) {
	return `${blocks} blocks, ${events.length} events of ${byEvent.size} kinds, ${calls.length} calls of ${byCall.size} kinds`;
}

/** Follow events live, as Apps does. What could not be decoded is in `errors`. */
export async function followEvents(api) {
	const seen = { blocks: 0, events: 0, errors: [] };
	const note = (error) => seen.errors.push(error.message);
	api.on('error', note);
	const stop = await api.query.system.events((records) => {
		seen.blocks += 1;
		seen.events += records.length;
	});
	return { seen, stop: () => { stop(); api.off('error', note); } };
}
