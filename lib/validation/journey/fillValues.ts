import type { JsonValue, Values } from './model';

const PLACE = /\$\{([A-Za-z]\w*)\}/g;
const ONLY_PLACE = /^\$\{([A-Za-z]\w*)\}$/;

/** The names that a text asks for. */
export function namesIn(value: JsonValue | undefined): string[] {
	if (typeof value === 'string') return [...value.matchAll(PLACE)].map(([, name = '']) => name);
	if (Array.isArray(value)) return value.flatMap(namesIn);
	return value !== null && typeof value === 'object' ? Object.values(value).flatMap(namesIn) : [];
}

/** The text with values in their places. `encode` is applied to each value. */
export function fillText(text: string, values: Values, encode: (value: string) => string = String): string {
	return text.replaceAll(PLACE, (whole, name: string) => {
		const value = values.get(name);
		return value === undefined ? whole : encode(String(value));
	});
}

/** The JSON with values in their places; a text that is one place only takes the value's own type. */
export function fillJson(json: JsonValue, values: Values): JsonValue {
	if (typeof json === 'string') {
		const name = ONLY_PLACE.exec(json)?.[1];
		return (name === undefined ? undefined : values.get(name)) ?? fillText(json, values);
	}
	if (Array.isArray(json)) return json.map((entry: JsonValue) => fillJson(entry, values));
	if (json === null || typeof json !== 'object') return json;
	return Object.fromEntries(Object.entries(json).map(([key, entry]) => [key, fillJson(entry ?? null, values)]));
}
