import type { TableName } from './model';

/** A table and the bytes of its rows on disk, TOAST included, indexes not. */
export interface SizedTable extends TableName {
	readonly sizeBytes: number;
}

/** What one pg_dump is asked for. */
export type PlannedArchive =
	| { readonly kind: 'schema' }
	| { readonly kind: 'tables'; readonly tables: readonly SizedTable[] }
	/** Everything that has rows and is in no other archive. */
	| { readonly kind: 'rest'; readonly excluded: readonly TableName[] };

/** Below this a pg_dump of its own costs more than it saves: each reads the whole catalogue first. */
const SMALLEST_ARCHIVE_BYTES = 64 * 1024 * 1024;
/** As many archives as that per job keep every job busy until the end. */
const ARCHIVES_PER_JOB = 4;
/** Tables are named on the command line of pg_dump, whose length is limited; the others are dumped with the rest. */
const MOST_NAMED_TABLES = 1000;

/**
 * Spreads the tables over archives of about the same size, the largest first: a large table has one of its own, smaller ones share, and
 * what would not fill one is dumped with the rest.
 */
export function planArchives(
	tables: readonly SizedTable[],
	{ jobs, smallestBytes = SMALLEST_ARCHIVE_BYTES }: { jobs: number; smallestBytes?: number | undefined },
): PlannedArchive[] {
	const largestFirst = [...tables]
		.sort((left, right) => right.sizeBytes - left.sizeBytes)
		.slice(0, MOST_NAMED_TABLES);
	const total = tables.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
	const target = Math.max(smallestBytes, total / (jobs * ARCHIVES_PER_JOB));
	const archives: Array<readonly SizedTable[]> = [];
	let gathered: SizedTable[] = [];
	let gatheredBytes = 0;
	for (const table of largestFirst) {
		gathered.push(table);
		gatheredBytes += table.sizeBytes;
		if (gatheredBytes < target) continue;
		archives.push(gathered);
		gathered = [];
		gatheredBytes = 0;
	}
	const excluded = archives.flat().map(({ schema, name }) => ({ schema, name }));
	return [
		{ kind: 'schema' },
		...archives.map((group) => ({ kind: 'tables' as const, tables: group })),
		{ kind: 'rest', excluded },
	];
}
