// SPDX-License-Identifier: Apache-2.0
// Starting and stopping real nodes. Each has ports, a database and a log of its own, and none outlives its test.

import { execFileSync, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { say, sleep } from './progress.js';

/** How long a node may take until it answers. It compiles its Wasm first, often beside other work. */
const START_MS = 180_000;
/** How much of a log is shown when a node does not start. */
const LOG_LINES = 30;

const running = new Set();
process.once('exit', () => running.forEach((node) => node.kill()));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
	// An 'exit' handler does not run when a signal's default action ends the process.
	process.once(signal, () => process.exit(1));
}

/** The path of the node that is tested. */
export function binary() {
	const cache = process.env.KEEL_CACHE ?? join(homedir(), '.cache/keel');
	const folder = process.env.KEEL_BIN ?? join(cache, 'target/ci');
	const path = process.env.KEEL_NODE ?? join(folder, 'keel-node');
	if (!existsSync(path)) {
		throw new Error(`there is no node at ${path}: run scripts/test, which builds it, or set KEEL_NODE to its path`);
	}
	return path;
}

/** What a maintenance command of the node prints, such as `['export-chain-spec', '--raw']`. */
export function run(args, input = '') {
	const options = { input, encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['pipe', 'pipe', 'ignore'], timeout: START_MS };
	return execFileSync(binary(), args, options);
}

/** A TCP port that nobody uses now. */
async function freePort() {
	const server = createServer();
	await new Promise((done, failed) => server.once('error', failed).listen(0, '127.0.0.1', done));
	const { port } = server.address();
	await new Promise((done) => server.close(done));
	return port;
}

function answers(port) {
	return new Promise((done) => {
		const socket = connect(port, '127.0.0.1');
		const end = (up) => () => { socket.destroy(); done(up); };
		socket.once('connect', end(true)).once('error', end(false));
	});
}

/** The child dies with this process even if that is killed without a chance to clean up. */
function tied(command, args) {
	const setpriv = '/usr/bin/setpriv';
	return existsSync(setpriv) ? [setpriv, ['--pdeathsig', 'KILL', '--', command, ...args]] : [command, args];
}

function logFolder() {
	const folder = join(process.env.KEEL_CACHE ?? tmpdir(), 'clients/logs');
	mkdirSync(folder, { recursive: true });
	return folder;
}

class Node {
	constructor(name, child, folder, log, ports) {
		Object.assign(this, { name, child, folder, log, ...ports, endpoint: `ws://127.0.0.1:${ports.rpcPort}` });
		running.add(this);
	}

	/** At once: what is in the database is of no use to anybody. */
	kill() {
		if (!running.delete(this)) return;
		this.child.kill('SIGKILL');
		rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
	}

	hasExited() {
		return this.child.exitCode !== null || this.child.signalCode !== null;
	}

	logTail() {
		return readFileSync(this.log, 'utf8').trimEnd().split('\n').slice(-LOG_LINES).join('\n');
	}

	async ready() {
		const began = Date.now();
		while (!(await answers(this.rpcPort))) {
			if (this.hasExited() || Date.now() - began > START_MS) {
				const why = this.hasExited() ? 'ended' : `does not answer after ${START_MS / 1000} s`;
				const tail = this.logTail();
				this.kill();
				throw new Error(`the node '${this.name}' ${why}; its log ends with:\n${tail}`);
			}
			await sleep(200);
		}
		say(`node '${this.name}' answers at ${this.endpoint} after ${((Date.now() - began) / 1000).toFixed(1)} s; log: ${this.log}`);
		return this;
	}
}

/**
 * A development node that answers. With `manual` it makes a block when told to, final at once: a test is then as quick
 * as its machine, and nothing depends on how quick that is. Otherwise Aura makes a block every two seconds and GRANDPA
 * finalises it. `webSocket` lets light clients in: the node's address is then in `address`.
 */
export async function startNode(name, { manual = false, webSocket = false } = {}) {
	const ports = { rpcPort: await freePort(), p2pPort: await freePort() };
	const folder = mkdtempSync(join(tmpdir(), `keel-clients-${name}-`));
	const nodeKey = randomBytes(32).toString('hex');
	const listen = `/ip4/127.0.0.1/tcp/${ports.p2pPort}${webSocket ? '/ws' : ''}`;
	const args = [
		'--dev', '--base-path', folder, '--state-pruning', 'archive', '--no-prometheus', '--no-telemetry', '--no-mdns',
		'--rpc-port', `${ports.rpcPort}`, '--listen-addr', listen, '--node-key', nodeKey,
		...(manual ? ['--manual-seal'] : []),
		// Nodes of the same build share what they compile.
		...(process.env.KEEL_WASM_CACHE ? ['--wasm-cache', process.env.KEEL_WASM_CACHE] : []),
	];
	const log = join(logFolder(), `${name}.log`);
	const out = openSync(log, 'w');
	const child = spawn(...tied(binary(), args), { stdio: ['ignore', out, out] });
	closeSync(out);
	child.once('error', () => {}); // `ready` reports that it has ended.
	const node = new Node(name, child, folder, log, ports);
	if (webSocket) {
		const peer = run(['key', 'inspect-node-key'], nodeKey).trim();
		node.address = `${listen}/p2p/${peer}`;
	}
	return node.ready();
}
