import type { Client } from 'pg';
import { readLargeObjects, readTable, type TableShape } from './content.client';
import { inParallel } from './inParallel';
import type { DatabaseContent, LargeObjectContent, RowHash, TableContent } from './model';
import type { Session } from './session.client';

/** What is read, and by whom. */
export interface ContentReading {
	readonly tables: readonly TableShape[];
	readonly rowHash: RowHash;
	/** Sessions that read side by side, one table each. */
	readonly jobs: number;
	readonly signal: AbortSignal;
	/** A session in the snapshot that is read; its query is cancelled when the signal is aborted. */
	open(signal: AbortSignal): Promise<Session>;
	onRows(rows: number): void;
}

/** Every table's exact row count and content hash, in the order given, and the large objects'. @throws the driver's error */
export async function readContent(reading: ContentReading): Promise<DatabaseContent> {
	const failed = new AbortController();
	const signal = AbortSignal.any([reading.signal, failed.signal]);
	const sessions: Session[] = [];
	try {
		for (let job = 0; job < reading.jobs; job++) sessions.push(await reading.open(signal));
		return await readWith(sessions, { ...reading, signal }, failed);
	} finally {
		await Promise.all(sessions.map(async (session) => await session.close()));
	}
}

async function readWith(
	sessions: readonly Session[],
	{ tables, rowHash, signal, onRows }: ContentReading,
	failed: AbortController,
): Promise<DatabaseContent> {
	const contents = new Map<TableShape, TableContent>();
	let largeObjects: LargeObjectContent | undefined;
	// The largest first, so that no session is left alone with it at the end.
	const largestFirst = [...tables].sort((left, right) => right.sizeBytes - left.sizeBytes);
	const readings = [
		async (client: Client): Promise<void> => void (largeObjects = await readLargeObjects(client)),
		...largestFirst.map((table) => async (client: Client): Promise<void> => {
			const content = await readTable(client, table, rowHash);
			contents.set(table, content);
			onRows(content.rows);
		}),
	];
	const free = sessions.map(({ client }) => client);
	await inParallel(readings, { limit: free.length, signal }, async (read) => {
		const client = free.pop();
		if (!client) throw new Error('more readings at once than sessions');
		try {
			await read(client);
		} catch (error) {
			failed.abort(error);
			throw error;
		} finally {
			free.push(client);
		}
	});
	if (!largeObjects) throw new Error('the large objects were not read');
	return {
		tables: tables.map((table) => contents.get(table)).filter((content) => content !== undefined),
		largeObjects,
	};
}
