// SPDX-License-Identifier: Apache-2.0
// node decode.js ENDPOINT: decode every event and every call of every block of a chain. The tests of `tools/e2e` call it
// when their run is over.

import { connect, height } from './lib/api.js';
import { decodeBlocks, summary } from './lib/blocks.js';

const [endpoint, ...rest] = process.argv.slice(2);
if (!/^wss?:\/\//.test(endpoint ?? '') || rest.length) {
	console.error('usage: node decode.js ws://HOST:PORT');
	process.exit(2);
}

try {
	const api = await connect(endpoint);
	const found = await decodeBlocks(api, 0, await height(api));
	console.log(`decoded ${summary(found)}`);
	for (const [name, count] of [...found.byEvent].sort()) console.log(`${String(count).padStart(8)}  ${name}`);
	await api.disconnect();
} catch (error) {
	console.error(`decode: ${error.message}`);
	process.exit(1);
}
