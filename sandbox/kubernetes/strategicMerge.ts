import { badRequest } from './apiError.ts';

type Fields = Record<string, unknown>;

/**
 * The lists that merge by a key instead of being replaced, by field name (of the parent too, where one name means two
 * things). Lists that are not named here are replaced, which is what the API does for lists without a merge key.
 */
const mergeKeys: Readonly<Record<string, string>> = {
	containers: 'name',
	initContainers: 'name',
	ephemeralContainers: 'name',
	env: 'name',
	volumes: 'name',
	volumeMounts: 'mountPath',
	volumeDevices: 'devicePath',
	imagePullSecrets: 'name',
	hostAliases: 'ip',
	podIPs: 'ip',
	hostIPs: 'ip',
	topologySpreadConstraints: 'topologyKey',
	conditions: 'type',
	addresses: 'type',
	ownerReferences: 'uid',
	'containers.ports': 'containerPort',
	'initContainers.ports': 'containerPort',
	'spec.ports': 'port',
};

/** The lists of plain values that merge as sets. */
const mergedSets: ReadonlySet<string> = new Set(['finalizers']);

/**
 * Applies a strategic merge patch to a copy of a wire object: objects merge, null removes, keyed lists merge item by item,
 * with the directives `$patch` (delete, replace, merge), `$setElementOrder`, `$deleteFromPrimitiveList` and `$retainKeys`.
 * Throws ApiError 400 for a list item without its key or an unknown directive.
 */
export function strategicMerge(target: Fields, patch: Fields, holder = ''): Fields {
	const directive = patch['$patch'];
	if (directive === 'replace') return withoutDirectives(patch);
	if (directive === 'delete') return {};
	if (directive !== undefined && directive !== 'merge')
		throw badRequest(`unknown patch type: ${JSON.stringify(directive)}`);
	const merged = retainKeys(target, patch['$retainKeys']);
	for (const [key, value] of Object.entries(patch)) {
		if (key.startsWith('$')) applyListDirective(merged, key, value);
		else if (value === null) Reflect.deleteProperty(merged, key);
		else merged[key] = mergeValue(merged[key], value, { key, holder });
	}
	for (const [key, order] of Object.entries(patch)) {
		if (key.startsWith('$setElementOrder/'))
			reorder(merged, key.slice('$setElementOrder/'.length), { order, holder });
	}
	return merged;
}

function mergeValue(current: unknown, value: unknown, { key, holder }: { key: string; holder: string }): unknown {
	if (Array.isArray(value)) {
		const list = Array.isArray(current) ? (current as unknown[]) : [];
		const mergeKey = mergeKeyOf(key, holder);
		if (mergeKey) return mergeKeyedList(list as Fields[], value as Fields[], { mergeKey, key });
		return mergedSets.has(key) ? [...new Set([...list, ...(value as unknown[])])] : (value as unknown[]);
	}
	if (isFields(value)) return strategicMerge(isFields(current) ? current : {}, value, key);
	return value;
}

function mergeKeyOf(key: string, holder: string): string | undefined {
	return mergeKeys[`${holder}.${key}`] ?? mergeKeys[key];
}

function mergeKeyedList(
	list: Fields[],
	patch: Fields[],
	{ mergeKey, key }: { mergeKey: string; key: string },
): Fields[] {
	if (patch.some((item) => item['$patch'] === 'replace' && item[mergeKey] === undefined)) {
		return patch.filter((item) => item['$patch'] !== 'replace');
	}
	const merged = [...list];
	for (const item of patch) {
		if (!isFields(item) || item[mergeKey] === undefined) {
			throw badRequest(`map: does not contain declared merge key: ${mergeKey}`);
		}
		const index = merged.findIndex((other) => other[mergeKey] === item[mergeKey]);
		if (item['$patch'] === 'delete') {
			if (index >= 0) merged.splice(index, 1);
		} else if (index < 0) merged.push(strategicMerge({}, item, key));
		else merged[index] = strategicMerge(merged[index] ?? {}, item, key);
	}
	return merged;
}

function applyListDirective(merged: Fields, directive: string, value: unknown): void {
	const [name, key = ''] = directive.split('/');
	if (name !== '$deleteFromPrimitiveList' || !Array.isArray(value)) return;
	merged[key] = ((merged[key] ?? []) as unknown[]).filter((item) => !value.includes(item));
}

/** Puts the listed items in the given order; items the order does not name keep their place behind their old neighbour. */
function reorder(merged: Fields, key: string, { order, holder }: { order: unknown; holder: string }): void {
	if (!Array.isArray(merged[key]) || !Array.isArray(order)) return;
	const list = merged[key] as unknown[];
	const mergeKey = mergeKeyOf(key, holder);
	const identity = (item: unknown) => (mergeKey && isFields(item) ? item[mergeKey] : item);
	const wanted = order.map(identity);
	const listed = wanted.flatMap((id) => list.filter((item) => identity(item) === id));
	let next = 0;
	merged[key] = list.map((item) => (wanted.includes(identity(item)) ? listed[next++] : item));
}

function retainKeys(target: Fields, retained: unknown): Fields {
	if (!Array.isArray(retained)) return { ...target };
	return Object.fromEntries(Object.entries(target).filter(([key]) => retained.includes(key)));
}

function withoutDirectives(patch: Fields): Fields {
	return Object.fromEntries(Object.entries(patch).filter(([key]) => !key.startsWith('$')));
}

function isFields(value: unknown): value is Fields {
	return value !== null && typeof value === 'object' && !Array.isArray(value);
}
