// SPDX-License-Identifier: Apache-2.0
// The client that Polkadot.js Apps is made of, and what its users do with it.

import { ApiPromise, Keyring, WsProvider } from '@polkadot/api';
import { sleep, within } from './progress.js';

/** How long a transaction may take into a block. */
const INCLUSION_MS = 90_000;
/** How many blocks are made for a transaction, and how long each may take to be reported. */
const MOST_BLOCKS = 5;
const PATIENCE_MS = 3_000;

/** How each client is connected. */
const providers = new WeakMap();
/** The clients whose node makes blocks when told to. */
const commanded = new WeakSet();

/** A connected client. `manual` as the node was started with. */
export async function connect(endpoint, { manual = false } = {}) {
	const provider = new WsProvider(endpoint, 1_000);
	const api = await ApiPromise.create({ provider, noInitWarn: true });
	providers.set(api, provider);
	if (manual) commanded.add(api);
	return api;
}

/** Have a block made, empty or not. */
export async function makeBlock(api) {
	await providers.get(api).send('engine_createBlock', [true, true]);
}

/** Put a transaction into the pool as the bytes it is. */
export async function submitBytes(api, hex) {
	return providers.get(api).send('author_submitExtrinsic', [hex]);
}

/** The number of the best block. */
export async function height(api) {
	return (await api.rpc.chain.getHeader()).number.toNumber();
}

/** Be at block `number` or later. */
export async function advanceTo(api, number) {
	while ((await height(api)) < number) {
		if (commanded.has(api)) await makeBlock(api);
		else await sleep(500);
	}
}

/** A key by its secret, such as `//Alice`. */
export function key(secret) {
	return new Keyring({ type: 'sr25519', ss58Format: 42 }).addFromUri(secret);
}

/** A call that was refused, under the names and with the help that people see. */
export class Refused extends Error {
	constructor(api, error) {
		const known = error.isModule ? api.registry.findMetaError(error.asModule) : undefined;
		const name = known ? `${known.section}.${known.name}` : error.toString();
		super(known ? `${name}: ${known.docs.join(' ')}` : name);
		Object.assign(this, { name, docs: known?.docs.join(' ') ?? '' });
	}
}

/**
 * Make blocks until `settled`. One is mostly enough, but one in which a session ends or a referendum is tabled has no
 * room for transactions, and they wait for the next.
 */
async function makeRoom(api, settled) {
	let over = false;
	settled.finally(() => { over = true; }).catch(() => {});
	for (let blocks = 0; blocks < MOST_BLOCKS && !over; blocks += 1) {
		await makeBlock(api);
		await Promise.race([settled, sleep(PATIENCE_MS)]);
	}
}

/** `call` signed by `signer`, in a block: the block's hash and the call's events. Throws `Refused`. */
export function send(api, signer, call) {
	let unsubscribe;
	const settled = new Promise((done, failed) => {
		const listen = ({ status, events, dispatchError }) => {
			// A block made without consensus is final at once, and reported as that only.
			if (status.isInBlock || status.isFinalized) {
				if (dispatchError) return failed(new Refused(api, dispatchError));
				done({ block: status.value.toHex(), events: events.map(({ event }) => event) });
			} else if (status.isReady && commanded.has(api)) {
				makeRoom(api, settled).catch(failed);
			} else if (status.isInvalid || status.isDropped || status.isUsurped) {
				failed(new Error(`the transaction is ${status.type}`));
			}
		};
		call.signAndSend(signer, { nonce: -1 }, listen).then((stop) => { unsubscribe = stop; }, failed);
	});
	const { section, method } = call.method;
	return within(INCLUSION_MS, `${section}.${method} in a block`, settled).finally(() => unsubscribe?.());
}

/** The event `section.method` among `events`. */
export function find(events, name) {
	const event = events.find(({ section, method }) => `${section}.${method}` === name);
	if (!event) {
		throw new Error(`no ${name} among ${events.map(({ section, method }) => `${section}.${method}`).join(', ')}`);
	}
	return event;
}
