import { z } from 'zod';
import type { BackupManifest } from './model';
import { parseSealed, renderSealed, seal } from './sealed';

const whole = z.number().int().nonnegative().safe();
const decimal = z.string().regex(/^-?\d+$/);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const named = { schema: z.string(), name: z.string() };

/** Keys in the order in which they are written. */
const manifestSchema = z.object({
	format: z.literal(2),
	id: z.string(),
	source: z.object({ systemIdentifier: decimal, databaseOid: whole, databaseName: z.string(), timeline: whole }),
	snapshotAt: z.string().datetime(),
	serverVersion: z.string(),
	toolVersions: z.object({ pgDump: z.string() }),
	locale: z.object({ encoding: z.string(), collate: z.string(), ctype: z.string() }),
	sourceBytes: whole,
	tookMs: whole,
	archives: z.array(
		z.object({
			kind: z.enum(['schema', 'tables', 'rest']),
			key: z.string(),
			sizeBytes: whole,
			sha256,
			compression: z.enum(['zstd', 'gzip']),
			tables: z.array(z.object(named)),
		}),
	),
	encryption: z.object({ method: z.literal('age'), recipients: z.array(z.string()).min(1) }).nullable(),
	rowHash: z.enum(['record', 'text']),
	tables: z.array(z.object({ ...named, rows: whole, hash: decimal })),
	largeObjects: z.object({ count: whole, hash: decimal }),
	sequences: z.array(z.object({ ...named, positionBefore: decimal, positionAfter: decimal })),
	extensions: z.array(z.object({ name: z.string(), version: z.string() })),
	database: z.object({
		owner: z.string(),
		grants: z.array(z.string()).nullable(),
		connectionLimit: z.number().int(),
		settings: z.array(z.object({ role: z.string().nullable(), settings: z.array(z.string()) })),
		roles: z.array(
			z.object({
				name: z.string(),
				canLogin: z.boolean(),
				bypassesRowSecurity: z.boolean(),
				memberOf: z.array(z.string()),
			}),
		),
		invalidIndexes: z.array(z.object({ ...named, table: z.string() })),
	}),
	sha256,
});

/** The manifest with its own checksum. */
export function sealManifest(facts: Omit<BackupManifest, 'sha256'>): BackupManifest {
	return seal(manifestSchema, facts);
}

/** The text that is stored. */
export function renderManifest(manifest: BackupManifest): string {
	return renderSealed(manifest);
}

/** The manifest in `text`, or what is wrong with it. Never quotes its content. */
export function parseManifest(text: string): { readonly manifest: BackupManifest } | { readonly problem: string } {
	const parsed = parseSealed(manifestSchema, text);
	return 'problem' in parsed ? parsed : { manifest: parsed.record };
}
