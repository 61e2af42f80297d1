import { z } from 'zod';
import type { BackupManifest } from './model';

const whole = z.number().int().nonnegative().safe();
const decimal = z.string().regex(/^-?\d+$/);
const named = { schema: z.string(), name: z.string() };

const manifestSchema = z.object({
	format: z.literal(1),
	id: z.string(),
	source: z.object({ systemIdentifier: decimal, databaseOid: whole, databaseName: z.string(), timeline: whole }),
	snapshotAt: z.string().datetime(),
	serverVersion: z.string(),
	toolVersions: z.object({ pgDump: z.string() }),
	locale: z.object({ encoding: z.string(), collate: z.string(), ctype: z.string() }),
	archive: z.object({ key: z.string(), sizeBytes: whole, sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
	tables: z.array(z.object({ ...named, rows: whole, hash: decimal })),
	largeObjects: z.object({ count: whole, hash: decimal }),
	sequences: z.array(z.object({ ...named, positionBefore: decimal, positionAfter: decimal })),
	extensions: z.array(z.object({ name: z.string(), version: z.string() })),
});

/** The manifest in `text`, or what is wrong with it. Never quotes its content. */
export function parseManifest(text: string): { readonly manifest: BackupManifest } | { readonly problem: string } {
	try {
		const parsed = manifestSchema.safeParse(JSON.parse(text));
		if (parsed.success) return { manifest: parsed.data };
		const issue = parsed.error.issues[0];
		return { problem: `${issue?.path.join('.') || 'it'} is not as expected` };
	} catch {
		return { problem: 'it is not JSON' };
	}
}
