/**
 * The fields of a `fieldsV1` of managedFields, as dotted paths: `f:spec.f:selector.f:color` is `spec.selector.color`, and an item of a list
 * is named by its key: `containers[app]`. Only leaves are told.
 */
export function fieldPaths(fieldsV1: unknown): string[] {
	return walk(fieldsV1, '');
}

function walk(node: unknown, path: string): string[] {
	if (node === null || typeof node !== 'object') return [];
	const entries = Object.entries(node).filter(([key]) => key !== '.');
	if (entries.length === 0) return path === '' ? [] : [path];
	return entries.flatMap(([key, child]) => walk(child, join(path, key)));
}

function join(path: string, key: string): string {
	if (key.startsWith('f:')) return path === '' ? key.slice(2) : `${path}.${key.slice(2)}`;
	return `${path}[${keyOf(key)}]`;
}

/** `k:{"name":"app"}` is an item by its key, `v:"x"` one by its value. */
function keyOf(key: string): string {
	try {
		const value: unknown = JSON.parse(key.slice(2));
		return value !== null && typeof value === 'object' ? Object.values(value).join(',') : String(value);
	} catch {
		return key;
	}
}
