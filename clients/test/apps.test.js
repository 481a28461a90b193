// SPDX-License-Identifier: Apache-2.0
// What Polkadot.js Apps asks of a chain before it shows a tab or a button, and what it needs to show numbers, times
// and addresses as they are.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { findUnknownExtensions } from '@polkadot/types/extrinsic/signedExtensions';
import { stringCamelCase } from '@polkadot/util';
import { advanceTo, connect, key } from '../lib/api.js';
import { run, startNode } from '../lib/node.js';
import { view } from '../lib/views.js';

/** Names under which Apps or the client's derives expect another pallet than one of ours. */
const TAKEN = [
	'Alliance', 'Auctions', 'Babe', 'BagsList', 'Broker', 'Claims', 'Contracts', 'Crowdloan', 'Difficulty', 'Elections',
	'ElectionsPhragmen', 'Gilt', 'Indices', 'Nicks', 'Nis', 'Parachains', 'ParachainSystem', 'PhragmenElection', 'Poll',
	'Recovery', 'Registrar', 'Society', 'Staking', 'Subspace', 'Sudo', 'VoterList',
];
const HASH = `0x${'11'.repeat(32)}`;

describe('Polkadot.js Apps', { timeout: 400_000 }, () => {
	let node, api;
	const alice = key('//Alice');

	/** The calls and storage items named, such as `tx.utility.batch`, are there. */
	const has = (...paths) => {
		const missing = paths.filter((path) => typeof path.split('.').reduce((at, part) => at?.[part], api) === 'undefined');
		assert.deepEqual(missing, []);
	};

	before(async () => {
		node = await startNode('apps', { manual: true });
		api = await connect(node.endpoint, { manual: true });
	});
	after(async () => {
		await api?.disconnect();
		node?.kill();
	});

	test('explorer: time, issuance, finality, author, weights', async () => {
		has('query.timestamp.now', 'query.grandpa', 'query.system.events', 'consts.system.blockWeights');
		assert.ok((await api.query.balances.totalIssuance()).gtn(0));
		assert.ok((await api.query.balances.inactiveIssuance()) !== undefined);
		assert.equal(api.consts.system.blockWeights.maxBlock.refTime.toNumber(), 1e12, 'a second of each block');
		const [validator] = await api.query.session.validators();
		assert.equal(validator.toString(), alice.address);
		await advanceTo(api, 1);
		const block = await api.rpc.chain.getBlockHash(1);
		assert.equal((await api.derive.chain.getHeader(block)).author.toString(), alice.address);
	});

	test('accounts: every button that a wallet has', async () => {
		has(
			'tx.balances.transferKeepAlive', 'tx.balances.transferAllowDeath', 'tx.balances.transferAll',
			'tx.utility.batch', 'tx.utility.batchAll', 'tx.utility.forceBatch',
			'tx.multisig.approveAsMulti', 'query.multisig.multisigs', 'tx.proxy.addProxy', 'query.proxy.proxies',
			'tx.democracy.delegate', 'tx.democracy.undelegate', 'tx.democracy.unlock', 'tx.democracy.removeVote',
			'query.identity.identityOf', 'query.identity.superOf', 'query.identity.subsOf', 'tx.identity.setIdentity',
		);
		const { freeBalance, accountNonce } = await api.derive.balances.all(alice.address);
		assert.ok(freeBalance.gtn(0) && accountNonce.eqn(0));
		const flags = await api.derive.accounts.flags(alice.address);
		assert.ok(flags.isCouncil && flags.isTechCommittee, 'the badges of members');
	});

	test('accounts: the well-known keys are offered on a development chain only', async () => {
		const type = await api.rpc.system.chainType();
		assert.ok(type.isDevelopment, type.toString());
	});

	test('amounts, addresses: symbol, decimals and prefix agree wherever they are said', async () => {
		const { tokenSymbol, tokenDecimals, ss58Format } = await api.rpc.system.properties();
		assert.deepEqual(tokenSymbol.unwrap().map(String), ['KEEL']);
		assert.deepEqual(tokenDecimals.unwrap().map(Number), [12]);
		assert.equal(ss58Format.unwrap().toNumber(), 42);
		assert.equal(api.consts.system.ss58Prefix.toNumber(), 42);
		assert.equal(api.registry.chainSS58, 42);
		assert.equal(api.registry.createType('AccountId', alice.publicKey).toString(), alice.address);
	});

	test('assets: USDK shows under its name', async () => {
		const metadata = await api.query.assets.metadata(1);
		assert.deepEqual([metadata.symbol.toHuman(), metadata.decimals.toNumber()], ['USDK', 6]);
	});

	test('countdowns: block time', async () => {
		assert.equal((await api.call.auraApi.slotDuration()).toNumber(), 2_000);
		assert.ok(api.consts.timestamp.minimumPeriod.gten(500));
		assert.equal(api.consts.aura.slotDuration.toNumber(), 2_000);
	});

	test('democracy: propose and vote encode', () => {
		const length = (call) => call.method.toU8a().length;
		const lookup = { Lookup: { hash: HASH, len: 4 } };
		assert.ok(length(api.tx.democracy.propose(lookup, 1)) > 32);
		const standard = { Standard: { balance: 1, vote: { aye: true, conviction: 1 } } };
		const vote = api.tx.democracy.vote(0, standard);
		assert.equal(vote.args[1].asStandard.vote.conviction.type, 'Locked1x');
		assert.ok(vote.args[1].asStandard.vote.isAye);
		has('tx.democracy.externalProposeMajority', 'tx.democracy.fastTrack', 'tx.democracy.second', 'tx.democracy.vetoExternal');
		has(...['publicProps', 'depositOf', 'referendumCount', 'lowestUnbaked', 'referendumInfoOf', 'votingOf', 'nextExternal']
			.map((name) => `query.democracy.${name}`));
	});

	test('democracy: the constants are the periods of the genesis', async () => {
		const specification = JSON.parse(run(['export-chain-spec', '--chain', 'dev']));
		const { timetable } = specification.genesis.runtimeGenesis.patch.changeControl;
		const { democracy, safeMode } = api.consts;
		const periods = ['launch', 'voting', 'fastTrackVoting', 'enactment', 'voteLocking', 'cooloff'];
		for (const name of periods.map((period) => `${period}Period`)) {
			assert.equal(democracy[name].toNumber(), timetable[name], name);
		}
		assert.equal(safeMode.enterDuration.toNumber(), timetable.safeModeDuration);
		assert.equal(safeMode.extendDuration.toNumber(), timetable.safeModeExtension);
		assert.deepEqual((await api.query.changeControl.timetables()).toJSON(), timetable);
		assert.ok(democracy.minimumDeposit.gtn(0) && democracy.instantAllowed.isTrue);
	});

	for (const body of ['council', 'technicalCommittee', 'riskCommittee', 'securityCouncil']) {
		test(`${body}: members, prime, motions, and close with four arguments`, async () => {
			has(...['members', 'prime', 'proposals', 'proposalOf', 'voting', 'proposalCount'].map((name) => `query.${body}.${name}`));
			assert.deepEqual((await api.query[body].members()).map(String), [alice.address]);
			assert.deepEqual(api.tx[body].close.meta.args.map(({ name }) => name.toString()), [
				'proposalHash', 'index', 'proposalWeightBound', 'lengthBound',
			]);
		});
	}

	test('calendar and bodies: what the derives answer', async () => {
		assert.deepEqual(await api.derive.democracy.referendums(), []);
		assert.deepEqual(await api.derive.democracy.dispatchQueue(), []);
		assert.deepEqual(await api.derive.council.proposals(), []);
		assert.deepEqual((await api.derive.technicalCommittee.members()).map(String), [alice.address]);
		const { proposals, approvals } = await api.derive.treasury.proposals();
		assert.deepEqual([...proposals, ...approvals], []);
		assert.ok(api.consts.treasury.spendPeriod.gtn(0));
	});

	test('preimages, treasury, scheduler', () => {
		has('query.preimage.statusFor', 'query.preimage.requestStatusFor', 'query.preimage.preimageFor', 'tx.preimage.notePreimage');
		has('query.treasury.proposals', 'tx.treasury.spendLocal', 'query.scheduler.agenda');
	});

	test('upgrade: authorise by vote, apply by anybody', () => {
		has('tx.system.authorizeUpgrade', 'tx.system.applyAuthorizedUpgrade', 'query.system.authorizedUpgrade');
	});

	test('no pallet has a name under which Apps expects another', () => {
		const names = api.runtimeMetadata.asLatest.pallets.map(({ name }) => name.toString());
		assert.deepEqual(names.filter((name) => TAKEN.includes(name)), []);
		assert.ok(!('sudo' in api.tx));
	});

	test('signing: every transaction extension is known to wallets or empty', () => {
		const { transactionExtensions } = api.runtimeMetadata.asV16.extrinsic;
		const names = transactionExtensions.map(({ identifier }) => identifier.toString());
		const size = (type) => api.createType(api.registry.createLookupType(type)).toU8a().length;
		const unknown = new Set(findUnknownExtensions(names));
		for (const { identifier, type, implicit } of transactionExtensions) {
			if (!unknown.has(identifier.toString())) continue;
			assert.deepEqual([size(type), size(implicit)], [0, 0], `${identifier} carries data that no wallet knows`);
		}
		assert.deepEqual([...unknown], ['AuthorizeCall', 'CheckUrgency']);
		assert.ok(names.includes('CheckMetadataHash') && names.includes('ChargeTransactionPayment'));
	});

	test('runtime calls: each API of the metadata is offered', () => {
		const offered = Object.keys(api.call);
		const apis = api.runtimeMetadata.asV16.apis.map(({ name }) => stringCamelCase(name.toString()));
		assert.deepEqual(apis.filter((name) => !offered.includes(name)), []);
	});

	test('view functions answer', async () => {
		const balance = await view(api, 'Assets', 'balance_of', alice.address, 1);
		assert.equal(balance.toString(), (10_000_000n * 1_000_000n).toString());
	});

	test('the checks find what is missing', () => {
		assert.throws(() => has('tx.democracy.propose', 'tx.staking.bond'), /tx\.staking\.bond/);
		assert.deepEqual(findUnknownExtensions(['CheckNonce', 'ChargeInShells']), ['ChargeInShells']);
	});
});
