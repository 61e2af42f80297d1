import type { Json } from '../model';

/** Longer texts, mostly logs, are cut: a report is opened on a phone, too. In characters. */
const TEXT_LIMIT = 8_000;
const LIST_LIMIT = 200;

/** The value with long texts and lists cut, each cut saying so; `cut` counts them. */
export function boundJson(value: Json): { readonly value: Json; readonly cut: number } {
	let cut = 0;
	const bounded = bound(value);
	return { value: bounded, cut };

	function bound(part: Json): Json {
		if (typeof part === 'string') return boundText(part);
		if (part === null || typeof part !== 'object') return part;
		if (Array.isArray(part)) return boundList(part as readonly Json[]);
		return Object.fromEntries(Object.entries(part).map(([key, entry]) => [key, bound(entry)]));
	}

	function boundText(text: string): string {
		if (text.length <= TEXT_LIMIT) return text;
		cut += 1;
		return `${text.slice(0, TEXT_LIMIT)}… (cut: ${text.length} characters)`;
	}

	function boundList(list: readonly Json[]): Json {
		if (list.length <= LIST_LIMIT) return list.map(bound);
		cut += 1;
		return [...list.slice(0, LIST_LIMIT).map(bound), `… (cut: ${list.length} entries)`];
	}
}
