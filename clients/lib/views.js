// SPDX-License-Identifier: Apache-2.0
// View functions: described in metadata 16, asked through one runtime API.

import { u8aConcat } from '@polkadot/util';

/** The view functions of `pallet`, by name. */
function viewFunctions(api, pallet) {
	const found = api.runtimeMetadata.asV16.pallets.find(({ name }) => name.toString() === pallet);
	return new Map([...(found?.viewFunctions ?? [])].map((view) => [view.name.toString(), view]));
}

/** The answer of a view function, decoded. */
export async function view(api, pallet, name, ...args) {
	const known = viewFunctions(api, pallet).get(name);
	if (!known) throw new Error(`there is no view function ${pallet}.${name}`);
	const typed = (type, ...value) => api.createType(api.registry.createLookupType(type), ...value);
	const input = u8aConcat(...known.inputs.map(({ type }, at) => typed(type, args[at]).toU8a()));
	const id = known.id.toU8a();
	const answer = await api.call.runtimeViewFunction.executeViewFunction(
		{ prefix: id.slice(0, 16), suffix: id.slice(16) },
		`0x${Buffer.from(input).toString('hex')}`,
	);
	if (answer.isErr) throw new Error(`${pallet}.${name}: ${answer.asErr.toString()}`);
	return typed(known.output, answer.asOk.toU8a(true));
}
