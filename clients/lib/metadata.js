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

/** The key and value of a storage item; they have types but no names. The keys of a map with several are a tuple. */
function storageTypes({ type }) {
	const { hashers, key, value } = type.isPlain ? { hashers: [], value: type.asPlain } : type.asMap;
	const ids = hashers.length === 1 ? [key, value] : [value];
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
 * knows which is which. `visible` are those in calls, events and errors; `elsewhere` those in storage and views.
 */
export function anonymousTuples({ items, types }) {
	const byId = new Map(types.map((type) => [type.id, type]));
	/** Whether a type is a tuple, or a list of them. */
	const isTuple = (id, depth = 0) => {
		const type = byId.get(id);
		if (!type || depth > 4) return false;
		const [inner] = type.groups.length === 1 && !type.own ? type.groups[0].fields : [];
		const item = type.item ?? (inner && !inner.name ? inner.type : undefined);
		return type.tuple?.length > 1 || (item !== undefined && isTuple(item, depth + 1));
	};
	const isVisible = ({ own, kind }) => own && ['call', 'event', 'error'].includes(kind);
	const shown = reachable(byId, items.filter(isVisible).flatMap(({ fields }) => fields.map(({ type }) => type)));
	const visible = [];
	const elsewhere = [];
	for (const { kind, owner, own, name, fields } of items.filter(({ own }) => own)) {
		const list = isVisible({ own, kind }) ? visible : elsewhere;
		fields.filter((field) => isTuple(field.type)).forEach((field) => {
			list.push(`${kind} ${owner}.${name}: ${field.name ?? 'a key or value'} is a tuple`);
		});
	}
	for (const { id, groups } of types.filter(({ own }) => own)) {
		const list = shown.has(id) ? visible : elsewhere;
		for (const { of, fields } of groups) {
			const nameless = fields.filter(({ name }) => !name);
			if (nameless.length > 1) list.push(`type ${of}: ${nameless.length} fields without names`);
			fields.forEach(({ name, type }, at) => {
				if (isTuple(type)) list.push(`type ${of}: ${name || `field ${at}`} is a tuple`);
			});
		}
	}
	return { visible, elsewhere };
}

/** The types that those of `ids` are made of, and they themselves. */
function reachable(byId, ids) {
	const found = new Set();
	const queue = [...ids];
	while (queue.length) {
		const type = byId.get(queue.pop());
		if (!type || found.has(type.id)) continue;
		found.add(type.id);
		queue.push(...type.groups.flatMap(({ fields }) => fields.map((field) => field.type)), ...(type.tuple ?? []));
		if (type.item !== undefined) queue.push(type.item);
	}
	return found;
}
