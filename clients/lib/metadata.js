// SPDX-License-Identifier: Apache-2.0
// Metadata as people meet it: what has a name, what is explained, what shows as nonsense.

import { Metadata, TypeRegistry } from '@polkadot/types';

/** The crates of this project: what is theirs has no excuse. */
const OWN = /^keel_/;
/** Types that a macro of the SDK writes. */
const MADE_BY_MACROS = /::dynamic_params::/;
/** Own pallets, also those without calls, events and errors, whose crate metadata does not tell. */
const OWN_PALLETS = new Set([
	'Oracle', 'CircuitBreaker', 'Margin', 'Liquidation', 'InsuranceFund', 'ChangeControl', 'Faucet',
]);

const text = (value) => value.toString();
const lines = (docs) => docs.map(text);

/** Everything that `bytes`, metadata of the given version, lets people see. */
export function describe(version, bytes) {
	const registry = new TypeRegistry();
	const metadata = new Metadata(registry, bytes);
	if (metadata.version !== version) throw new Error(`version ${metadata.version} was served for ${version}`);
	registry.setMetadata(metadata, undefined, undefined, true);
	const content = metadata[`asV${version}`];
	const types = new Map(registry.lookup.types.map(({ id, type }) => [id.toNumber(), type]));
	const items = content.pallets.flatMap((pallet) => palletItems(types, pallet));
	const apis = [...(content.apis ?? [])].flatMap(apiItems);
	return { version, types: [...types].map(describeType), items: [...items, ...apis] };
}

function palletItems(types, pallet) {
	const owner = text(pallet.name);
	const enums = { call: pallet.calls, event: pallet.events, error: pallet.errors };
	const variants = Object.entries(enums).flatMap(([kind, item]) => {
		const type = item.isSome ? types.get(item.unwrap().type.toNumber()) : undefined;
		if (!type) return [];
		const own = type.path.some((part) => OWN.test(text(part)));
		return type.def.asVariant.variants.map((variant) => ({
			kind, owner, own, name: text(variant.name), docs: lines(variant.docs), fields: variant.fields.map(field),
		}));
	});
	const own = OWN_PALLETS.has(owner) || variants.some((variant) => variant.own);
	const plain = (kind, fields = () => []) => (item) => ({
		kind, owner, own, name: text(item.name), docs: lines(item.docs), fields: fields(item),
	});
	const storage = pallet.storage.isSome ? [...pallet.storage.unwrap().items] : [];
	return [
		...variants.map((variant) => ({ ...variant, own })),
		...pallet.constants.map(plain('constant')),
		...storage.map(plain('storage', storageTypes)),
		...[...(pallet.viewFunctions ?? [])].map(plain('view function', (item) => item.inputs.map(input))),
	];
}

function apiItems(api) {
	const owner = text(api.name);
	const own = /Keel|Margin|Oracle|Exchange|Liquidation/.test(owner);
	return api.methods.map((method) => ({
		kind: 'runtime API', owner, own, name: text(method.name), docs: lines(method.docs), fields: method.inputs.map(input),
	}));
}

const field = ({ name, type }) => ({ name: name.isSome ? text(name.unwrap()) : '', type: type.toNumber() });
const input = ({ name, type }) => ({ name: text(name), type: type.toNumber() });

/** The key and value of a storage item; they have types but no names. */
function storageTypes({ type }) {
	const ids = type.isPlain ? [type.asPlain] : [type.asMap.key, type.asMap.value];
	return ids.map((id) => ({ name: undefined, type: id.toNumber() }));
}

function describeType([id, type]) {
	const { def } = type;
	const path = type.path.map(text).join('::');
	const groups = def.isComposite
		? [{ of: path, fields: def.asComposite.fields.map(field) }]
		: def.isVariant
			? def.asVariant.variants.map(({ name, fields }) => ({ of: `${path}::${name}`, fields: fields.map(field) }))
			: [];
	const parts = def.isTuple ? [...def.asTuple].map((part) => part.toNumber()) : undefined;
	const items = [def.isSequence && def.asSequence, def.isArray && def.asArray].filter(Boolean);
	return { id, path, own: OWN.test(path) && !MADE_BY_MACROS.test(path), groups, tuple: parts, item: items[0]?.type.toNumber() };
}

/**
 * What is missing, as lines. Storage and views are read by fewer people, but they are read: they must be
 * explained too. Fields of events and arguments of calls must have names.
 */
export function problems({ items }) {
	return items.flatMap(({ kind, owner, own, name, docs, fields }) => {
		const of = `${kind} ${owner}.${name}`;
		const found = [];
		if (!docs.some((line) => /\p{L}/u.test(line))) found.push(`${of}: no documentation`);
		fields.forEach((field, at) => {
			if (field.name === undefined) return;
			if (!field.name) found.push(`${of}: field ${at} has no name`);
			else if (own && /^_|^arg\d*$|^__/.test(field.name)) found.push(`${of}: field ${at} is called '${field.name}'`);
		});
		return found;
	});
}

/**
 * Tuples without names among own types and what they are used in: Apps shows their parts as 0, 1, 2, and nobody
 * knows which is which. `visible` are those that people fill in or read; `elsewhere` those in storage and views.
 */
export function anonymousTuples({ items, types }) {
	const byId = new Map(types.map((type) => [type.id, type]));
	const isTuple = (id, depth = 0) => {
		const type = byId.get(id);
		if (!type || depth > 3) return false;
		return type.tuple?.length > 1 || (type.item !== undefined && isTuple(type.item, depth + 1));
	};
	const visible = [];
	const elsewhere = [];
	for (const { kind, owner, own, name, fields } of items.filter(({ own }) => own)) {
		const list = ['call', 'event', 'error'].includes(kind) ? visible : elsewhere;
		fields.filter((field) => isTuple(field.type)).forEach((field) => {
			list.push(`${kind} ${owner}.${name}: ${field.name ?? 'a key or value'} is a tuple`);
		});
	}
	for (const type of types.filter(({ own }) => own)) {
		for (const { of, fields } of type.groups) {
			const nameless = fields.filter(({ name }) => !name);
			if (nameless.length > 1) visible.push(`type ${of}: ${nameless.length} fields without names`);
			fields.filter((field) => isTuple(field.type)).forEach(({ name }, at) => {
				visible.push(`type ${of}: ${name || `field ${at}`} is a tuple`);
			});
		}
	}
	return { visible, elsewhere };
}
