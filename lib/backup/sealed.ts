import { createHash } from 'node:crypto';
import type { z } from 'zod';

/** A record in storage that carries a checksum over all else that it says. */
export interface Sealed {
	readonly sha256: string;
}

/** `facts`, which must fit the schema, with their checksum; keys in the order of the schema. */
export function seal<Schema extends z.ZodType<Sealed>>(schema: Schema, facts: object): z.output<Schema> {
	const record = schema.parse({ ...facts, sha256: '0'.repeat(64) });
	return { ...record, sha256: checksumOf(record) };
}

/** The text that is stored. One record has exactly one text. */
export function renderSealed(record: Sealed): string {
	return `${JSON.stringify(record, null, '\t')}\n`;
}

/** The record in `text`, or what is wrong with it: a single byte that is not as it was written is found. Never quotes its content. */
export function parseSealed<Schema extends z.ZodType<Sealed>>(
	schema: Schema,
	text: string,
): { readonly record: z.output<Schema> } | { readonly problem: string } {
	const json = parseJson(text);
	if (!json) return { problem: 'it is not JSON' };
	const { success, data: record, error } = schema.safeParse(json.value);
	if (!success) return { problem: `${error.issues[0]?.path.join('.') || 'it'} is not as expected` };
	if (checksumOf(record) !== record.sha256) return { problem: 'its checksum differs from its content' };
	if (renderSealed(record) !== text) return { problem: 'it is not as it was written' };
	return { record };
}

function parseJson(text: string): { readonly value: unknown } | undefined {
	try {
		return { value: JSON.parse(text) };
	} catch {
		return undefined;
	}
}

function checksumOf({ sha256: _, ...facts }: Sealed): string {
	return createHash('sha256').update(JSON.stringify(facts)).digest('hex');
}
