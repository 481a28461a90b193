// SPDX-License-Identifier: Apache-2.0
// A light client that knows nothing of our code: it is given a chain specification and verifies the rest itself,
// authors of blocks, votes on finality, proofs of storage.

import { start } from 'smoldot';
import { within } from './progress.js';

const ANSWER_MS = 60_000;

/** A chain that a light client follows. */
export class LightChain {
	#chain;
	#waiting = new Map();
	#operations = new Map();
	#nextId = 1;
	#subscription;
	/** Hashes of finalised blocks, oldest first. */
	finalized = [];
	/** What it said that a user should know. */
	stopped = false;

	static async add(client, specification) {
		const light = new LightChain();
		light.#chain = await client.addChain({ chainSpec: specification });
		light.#read();
		light.#subscription = await light.#ask('chainHead_v1_follow', [false]);
		return light;
	}

	async #read() {
		try {
			for await (const line of this.#chain.jsonRpcResponses) this.#hear(JSON.parse(line));
		} catch {
			// The client was terminated.
		}
	}

	#hear({ id, result, error, params }) {
		if (id !== undefined) {
			const { done, failed } = this.#waiting.get(id);
			this.#waiting.delete(id);
			return error ? failed(new Error(error.message)) : done(result);
		}
		const event = params.result;
		if (event.event === 'initialized') this.finalized.push(...event.finalizedBlockHashes);
		else if (event.event === 'finalized') this.finalized.push(...event.finalizedBlockHashes);
		else if (event.event === 'stop') this.stopped = true;
		else if (event.operationId) this.#operations.get(event.operationId)?.(event);
	}

	#ask(method, params) {
		const id = this.#nextId++;
		const answer = new Promise((done, failed) => this.#waiting.set(id, { done, failed }));
		this.#chain.sendJsonRpc(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
		return within(ANSWER_MS, method, answer);
	}

	/** The header of a finalised block, encoded. */
	header(hash) {
		return this.#ask('chainHead_v1_header', [this.#subscription, hash]);
	}

	/** The value under `key` in a finalised block, proven against the state root of its header. */
	async storage(hash, key) {
		const started = await this.#ask('chainHead_v1_storage', [this.#subscription, hash, [{ key, type: 'value' }], null]);
		if (started.result !== 'started') throw new Error(`storage: ${started.result}`);
		const read = new Promise((done, failed) => {
			let value = null;
			this.#operations.set(started.operationId, (event) => {
				if (event.event === 'operationStorageItems') value = event.items.find((item) => item.key === key)?.value ?? value;
				else if (event.event === 'operationStorageDone') done(value);
				else if (event.event !== 'operationWaitingForContinue') failed(new Error(`storage: ${event.event} ${event.error ?? ''}`));
			});
		});
		return within(ANSWER_MS, 'a proof of storage', read).finally(() => this.#operations.delete(started.operationId));
	}
}

/** A light client. `log` keeps what it says. */
export function lightClient(log) {
	return start({ maxLogLevel: 3, logCallback: (level, target, message) => log.push(`${level} ${target}: ${message}`) });
}
