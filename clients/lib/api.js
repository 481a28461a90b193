// SPDX-License-Identifier: Apache-2.0
// The client that Polkadot.js Apps is made of, and what its users do with it.

import { ApiPromise, Keyring, WsProvider } from '@polkadot/api';
import { within } from './progress.js';

/** How long a transaction may take into a block. */
const INCLUSION_MS = 90_000;

/** A connected client. */
export async function connect(endpoint) {
	const provider = new WsProvider(endpoint, 1_000);
	const api = await ApiPromise.create({ provider, noInitWarn: true, throwOnConnect: false });
	return api;
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

/** `call` signed by `signer`, in a block: the block's hash and the call's events. Throws `Refused`. */
export function send(api, signer, call) {
	let unsubscribe;
	const sent = new Promise((done, failed) => {
		const listen = ({ status, events, dispatchError }) => {
			if (status.isInBlock) {
				if (dispatchError) return failed(new Refused(api, dispatchError));
				done({ block: status.asInBlock.toHex(), events: events.map(({ event }) => event) });
			} else if (status.isInvalid || status.isDropped || status.isUsurped) {
				failed(new Error(`the transaction is ${status.type}`));
			}
		};
		call.signAndSend(signer, { nonce: -1 }, listen).then((stop) => { unsubscribe = stop; }, failed);
	});
	const { section, method } = call.method;
	return within(INCLUSION_MS, `${section}.${method} in a block`, sent).finally(() => unsubscribe?.());
}

/** The event `section.method` among `events`. */
export function find(events, name) {
	const event = events.find(({ section, method }) => `${section}.${method}` === name);
	if (!event) {
		throw new Error(`no ${name} among ${events.map(({ section, method }) => `${section}.${method}`).join(', ')}`);
	}
	return event;
}

/** The number of the best block. */
export async function height(api) {
	return (await api.rpc.chain.getHeader()).number.toNumber();
}
