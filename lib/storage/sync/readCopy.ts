import { z } from 'zod';
import { createHash } from 'node:crypto';
import { copyKeys } from './copyKeys';
import type { CopiedObject, CopyManifest, CopyPlace, FileStorage } from './model';
import { readLines } from './readLines';

const whole = z.number().int().nonnegative().safe();
const manifestSchema = z.object({
	format: z.literal(1),
	name: z.string(),
	source: z.object({ bucket: z.string(), prefix: z.string() }),
	startedAt: z.string().datetime(),
	finishedAt: z.string().datetime(),
	objects: whole,
	bytes: whole,
	copied: whole,
	copiedBytes: whole,
	vanished: whole,
	vanishedKeys: z.array(z.string()),
	extra: whole,
	list: z.object({ key: z.string(), sizeBytes: whole, sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
});
const lineSchema = z.object({ key: z.string(), sizeBytes: whole, etag: z.string(), sourceEtag: z.string() });

/** The manifest of a copy; undefined when there is none or it is not one of this copy. @throws RunbookError STORAGE.* */
export async function readCopyManifest(
	storage: FileStorage,
	place: CopyPlace,
	signal: AbortSignal,
): Promise<CopyManifest | undefined> {
	const keys = copyKeys(place);
	const text = await storage.records.readText({ bucket: place.bucket, key: keys.manifest }, signal);
	const parsed = manifestSchema.safeParse(text === undefined ? undefined : parseJson(text));
	return parsed.success && parsed.data.name === place.name && parsed.data.list.key === keys.list
		? parsed.data
		: undefined;
}

/** The list is not, or no more, the one that its manifest names. */
export class ListDiffers extends Error {}

/**
 * A copy's list, line by line. @throws ListDiffers, at its end at the latest, unless every byte is the one that was written;
 * RunbookError STORAGE.*
 */
export async function* readCopyList(
	storage: FileStorage,
	{ bucket }: CopyPlace,
	{ list, signal }: { list: CopyManifest['list']; signal: AbortSignal },
): AsyncGenerator<CopiedObject> {
	const stored = await storage.records.openStream({ bucket, key: list.key }, signal);
	if (!stored) throw new ListDiffers('it is missing');
	const hash = createHash('sha256');
	async function* hashed(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
		for await (const chunk of content) {
			hash.update(chunk);
			yield chunk;
		}
	}
	for await (const line of readLines(hashed(stored.content))) {
		const parsed = lineSchema.safeParse(parseJson(line));
		if (!parsed.success) throw new ListDiffers('a line of it cannot be read');
		yield parsed.data;
	}
	if (hash.digest('hex') !== list.sha256) throw new ListDiffers('its checksum is another');
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text) as unknown;
	} catch {
		return undefined;
	}
}
