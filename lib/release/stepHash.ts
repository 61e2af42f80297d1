import { createHash } from 'node:crypto';
import type { Json } from './model';

/** SHA-256 (hex) of a JSON value whose object keys are sorted, so that the order of fields does not matter. */
export function stepHash(value: Json): string {
	return createHash('sha256').update(canonical(value)).digest('hex');
}

function canonical(value: Json): string {
	if (Array.isArray(value)) return `[${value.map((entry: Json) => canonical(entry)).join(',')}]`;
	if (value !== null && typeof value === 'object') {
		const entries = Object.entries(value as Readonly<Record<string, Json>>).sort(([a], [b]) => (a < b ? -1 : 1));
		return `{${entries.map(([key, entry]) => `${JSON.stringify(key)}:${canonical(entry)}`).join(',')}}`;
	}
	return JSON.stringify(value);
}
