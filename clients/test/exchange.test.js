// SPDX-License-Identifier: Apache-2.0
// Trading with nothing but @polkadot/api: prices are reported, margin is deposited, two accounts trade, and what they
// have is read through the runtime API that Apps lists.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { connect, find, height, key, makeBlock, send } from '../lib/api.js';
import { decodeBlocks, followEvents, summary } from '../lib/blocks.js';
import { startNode } from '../lib/node.js';
import { DOLLARS, proof, report, reporters } from '../lib/oracle.js';
import { say } from '../lib/progress.js';
import { view } from '../lib/views.js';

/** Whether the runtime must have the exchange. Otherwise a runtime without it is passed over. */
const EXCHANGE = true;

const PALLETS = ['oracle', 'circuitBreaker', 'margin', 'liquidation', 'insuranceFund'];
const USDK = 10n ** 6n;
const BTC = 10n ** 9n;
const MARKET = 0;
const PRICES = { 0: 50_000, 1: 3_000, 2: 150 };
/** Rounds of reports until the breakers of a new chain must have let the markets go. */
const ROUNDS = 12;
const DEPOSIT = 10_000n * USDK;

describe('the exchange', { timeout: 600_000 }, () => {
	let node, api, follower, feeders;
	const [alice, bob] = ['//Alice', '//Bob'].map(key);
	const [long, short] = [alice, bob];

	// A field called `size` is `size_` to this client, because its structures are maps.
	const big = (codec) => codec.toBigInt();
	const account = async (who) => (await api.call.exchangeApi.account(who.address, 0)).unwrap();
	const market = async () => (await api.call.exchangeApi.market(MARKET)).unwrap();
	/** Prices are in force after this: reported in one block, landed in the next. */
	const land = async (prices) => {
		await report(api, feeders, prices);
		await makeBlock(api);
		await makeBlock(api);
	};
	const refusal = (name) => (error) => {
		assert.equal(error.name, name, error.message);
		assert.ok(error.docs.length > 20, `${name} is explained`);
		return true;
	};
	const offer = (side, size, price) => {
		const expires = (height) => height + 50;
		return height(api).then((now) => api.tx.margin.offerTrade(0, MARKET, side, size, price, expires(now), null));
	};
	/** A buys what B sells. */
	const trade = async (buyer, seller, size, price) => {
		const offered = await send(api, buyer, await offer('Long', size, price));
		const id = find(offered.events, 'margin.Offered').data.offer;
		return send(api, seller, api.tx.margin.acceptTrade(id, 0));
	};

	before(async () => {
		node = await startNode('exchange', { manual: true });
		api = await connect(node.endpoint, { manual: true });
		follower = await followEvents(api);
	});
	after(async () => {
		follower?.stop();
		await api?.disconnect();
		node?.kill();
	});

	/** A test of the exchange: passed over when the runtime may lack it and does. */
	const exchangeTest = (name, body) => test(name, async (t) => {
		const missing = PALLETS.filter((pallet) => !(pallet in api.query));
		if (missing.length && !EXCHANGE) return t.skip(`the runtime has no ${missing.join(', ')}`);
		assert.deepEqual(missing, []);
		return body(t);
	});

	exchangeTest('lists its markets', async () => {
		const ids = (await api.call.exchangeApi.markets()).map((id) => id.toNumber());
		assert.deepEqual(ids, [0, 1, 2]);
		const { name, status } = await market();
		assert.equal(name.toUtf8(), 'BTC-PERP');
		assert.equal(status.type, 'Halted', 'nothing trades before there is a price');
	});

	exchangeTest('takes prices from a quorum of reporters', async () => {
		feeders = await reporters(api);
		assert.equal(feeders.length, 5);
		for (let round = 1; ; round += 1) {
			assert.ok(round <= ROUNDS, `the market is still ${(await market()).status} after ${ROUNDS} rounds`);
			await land(PRICES);
			const { status, priceState, index } = await market();
			say(`round ${round}: index ${big(index) / DOLLARS} dollars, ${priceState}; market ${status}`);
			if (status.isOpen && priceState.isValid) break;
		}
		for (const [feed, dollars] of Object.entries(PRICES)) {
			const { observation } = (await api.call.exchangeApi.price(feed)).unwrap();
			assert.equal(big(observation.price), BigInt(dollars) * DOLLARS);
			assert.equal(observation.sources.toNumber(), 5);
		}
	});

	exchangeTest('registers a reporter key that proves itself', async () => {
		const second = key('//Alice//second');
		const proven = await proof(api, alice.address, second);
		const register = api.tx.oracle.setReporter(second.address, proven);
		await assert.rejects(send(api, bob, register), refusal('oracle.NotProven'));
		const { events } = await send(api, alice, register);
		assert.equal(find(events, 'oracle.ReporterSet').data.reporter.toString(), second.address);
		feeders = feeders.map((feeder) => (feeder.member.eq(alice.address) ? { ...feeder, key: second } : feeder));
		await land(PRICES);
		const { observation } = (await api.call.exchangeApi.price(MARKET)).unwrap();
		assert.equal(observation.sources.toNumber(), 5);
	});

	exchangeTest('takes deposits', async () => {
		for (const who of [long, short]) {
			const { events } = await send(api, who, api.tx.margin.deposit(0, DEPOSIT));
			const deposited = find(events, 'margin.Deposited').data;
			assert.deepEqual([deposited.account.owner.toString(), big(deposited.amount)], [who.address, DEPOSIT]);
			const { cash, equity, positions } = await account(who);
			assert.deepEqual([big(cash), big(equity), positions.length], [DEPOSIT, DEPOSIT, 0]);
		}
	});

	exchangeTest('refuses what it must, and says why', async () => {
		const price = 50_000n * DOLLARS;
		const tooFar = await offer('Long', BTC, 60_000n * DOLLARS);
		await assert.rejects(send(api, long, tooFar), refusal('margin.OutsideBand'));
		await assert.rejects(trade(long, short, 100n * BTC, price), refusal('margin.InsufficientMargin'));
		await assert.rejects(send(api, long, api.tx.margin.deposit(1, 0)), refusal('margin.AmountTooSmall'));
		await assert.rejects(send(api, long, api.tx.margin.acceptTrade(1_000_000, 0)), refusal('margin.UnknownOffer'));
		const unknown = api.tx.margin.offerTrade(0, 99, 'Long', BTC, price, (await height(api)) + 9, null);
		await assert.rejects(send(api, long, unknown), refusal('margin.UnknownMarket'));
		for (const who of [long, short]) assert.equal(big((await account(who)).equity), DEPOSIT, 'nothing has changed');
	});

	exchangeTest('trades a block between two accounts', async () => {
		const price = 50_000n * DOLLARS;
		const { events } = await trade(long, short, BTC, price);
		const { buyer, seller, size_: size } = find(events, 'margin.Traded').data;
		assert.deepEqual([buyer.owner, seller.owner].map(String), [long.address, short.address]);
		assert.equal(big(size), BTC);
		for (const [who, side] of [[long, 'Long'], [short, 'Short']]) {
			const { positions, equity, initialRequirement, maintenanceRequirement, health, place } = await account(who);
			assert.equal(positions.length, 1);
			const [position] = positions;
			assert.deepEqual([position.side.type, big(position.size_)], [side, BTC]);
			assert.equal(big(position.entryPrice.unwrap()), price);
			assert.equal(big(equity), DEPOSIT, 'a trade at the mark changes no equity');
			assert.equal(big(initialRequirement), 2_500n * USDK, '5 % of 50,000 dollars');
			assert.equal(big(maintenanceRequirement), 1_500n * USDK, '3 % of 50,000 dollars');
			assert.equal(big(health), big(equity) - big(maintenanceRequirement));
			assert.equal(place.type, 'Filed');
		}
		assert.equal(big((await market()).openInterest), BTC);
	});

	exchangeTest('shows the same through its view functions', async () => {
		const viewed = await view(api, 'Margin', 'account_view', { owner: long.address, sub: 0 });
		assert.deepEqual(viewed.unwrap().toJSON(), (await account(long)).toJSON());
		const seen = await view(api, 'Margin', 'market_view', MARKET);
		assert.deepEqual(seen.unwrap().toJSON(), (await market()).toJSON());
	});

	exchangeTest('moves money from one side to the other when the price moves', async () => {
		await land({ ...PRICES, 0: 50_500 });
		const [gained, lost] = [await account(long), await account(short)].map(({ equity }) => big(equity) - DEPOSIT);
		assert.deepEqual([gained, lost], [500n * USDK, -500n * USDK]);
	});

	exchangeTest('reduces a position, and pays out what is free', async () => {
		const price = 50_500n * DOLLARS;
		const part = (BTC * 4n) / 10n;
		const expires = (await height(api)) + 50;
		const offered = await send(api, long, api.tx.margin.offerReduce(0, MARKET, part, price, expires, short.address));
		const id = find(offered.events, 'margin.Offered').data.offer;
		find((await send(api, short, api.tx.margin.acceptReduce(id, 0))).events, 'margin.Traded');
		assert.equal(big((await account(long)).positions[0].size_), BTC - part);

		const from = await height(api);
		await send(api, long, api.tx.margin.withdraw(0, 100n * USDK));
		assert.equal(big((await account(long)).leaving), 100n * USDK, 'it waits for the next price');
		await land({ ...PRICES, 0: 50_500 });
		const { events } = await decodeBlocks(api, from, await height(api));
		const paid = find(events.map(({ event }) => event), 'margin.Withdrawn').data;
		assert.equal(big(paid.amount), 100n * USDK);
		assert.equal(big((await account(long)).equity), DEPOSIT + 400n * USDK);
	});

	exchangeTest('shows a liquidation and a bankruptcy, which nobody has asked for', async (t) => {
		// Sub-account 1 is long ten times its margin and more; the price falls, then it falls through.
		const price = 50_500n * DOLLARS;
		const low = async () => (await api.call.exchangeApi.account(long.address, 1)).unwrapOr(undefined);
		await send(api, long, api.tx.margin.deposit(1, 3_000n * USDK));
		const expires = (await height(api)) + 50;
		const offered = await send(api, long, api.tx.margin.offerTrade(1, MARKET, 'Long', BTC, price, expires, null));
		await send(api, short, api.tx.margin.acceptTrade(find(offered.events, 'margin.Offered').data.offer, 0));
		assert.equal(big((await low()).equity), 3_000n * USDK);

		const from = (await height(api)) + 1;
		for (const dollars of [48_500, 40_000]) {
			// So far a move acts when a second round has said it too.
			await land({ ...PRICES, 0: dollars });
			await land({ ...PRICES, 0: dollars });
			await makeBlock(api);
			const now = await low();
			const has = now ? `${big(now.equity) / USDK} dollars; positions: ${now.positions.length}` : 'nothing';
			say(`at ${dollars} dollars the account has ${has}`);
		}
		const { events } = await decodeBlocks(api, from, await height(api));
		const happened = events.map(({ event }) => event);
		const liquidated = find(happened, 'liquidation.Liquidated').data;
		assert.deepEqual([liquidated.account.owner.toString(), liquidated.account.sub.toNumber()], [long.address, 1]);
		find(happened, 'margin.FoundUnhealthy');
		const { loss, tranche, fund, socialised, marketDebt } = find(happened, 'liquidation.LossCovered').data;
		const receipts = [tranche, fund, socialised, marketDebt].map(big);
		assert.ok(big(loss) > 0n);
		assert.equal(receipts.reduce((sum, part) => sum + part), big(loss), 'somebody paid for all of the loss');
		const left = await low();
		assert.ok(!left || big(left.health) >= 0n, 'it is healthy or gone');
		const kinds = new Set(happened.map(({ section, method }) => `${section}.${method}`));
		t.diagnostic([...kinds].filter((name) => /^(liquidation|margin|insuranceFund)\./.test(name)).join(', '));
	});

	exchangeTest('can be read: every event and every call of every block', async (t) => {
		const found = await decodeBlocks(api, 0, await height(api));
		const isReport = ({ section, method }) => section === 'oracle' && method === 'report';
		const reports = found.calls.filter(({ extrinsic }) => isReport(extrinsic.method));
		assert.ok(reports.length >= feeders.length);
		assert.ok(reports.every(({ extrinsic }) => extrinsic.isGeneral() && !extrinsic.isSigned), 'reports are sent by no account');
		for (const name of ['oracle.PriceLanded', 'margin.Traded', 'margin.PositionChanged']) {
			assert.ok(found.byEvent.has(name), name);
		}
		assert.deepEqual(follower.seen.errors, []);
		t.diagnostic(summary(found));
	});
});
