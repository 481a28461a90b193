// SPDX-License-Identifier: Apache-2.0
// Waiting, and saying so.

const began = Date.now();

/** A line for whoever watches. */
export function say(text) {
	console.log(`${((Date.now() - began) / 1000).toFixed(0).padStart(5)} s  ${text}`);
}

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** `promise`, but no longer than `ms`. */
export async function within(ms, what, promise) {
	let timer;
	const late = new Promise((_, failed) => {
		timer = setTimeout(() => failed(new Error(`${what}: nothing after ${ms / 1000} s`)), ms);
	});
	return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** The first result of `ask` that is neither false nor nothing; asked until then, every `every` ms. */
export async function until(what, ask, { ms = 120_000, every = 250 } = {}) {
	const began = Date.now();
	for (;;) {
		const answer = await ask();
		if (answer) return answer;
		if (Date.now() - began > ms) throw new Error(`${what}: not after ${ms / 1000} s`);
		await sleep(every);
	}
}
