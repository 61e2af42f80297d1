import type { Clock } from '../../support/clock';
import { listTables, qualified } from '../content.client';
import { isDiskFull, openSession } from '../session.client';
import { dropDatabase } from './databases.client';
import type { OpenRestore } from './openRestore';

/**
 * Where the disk is full and the server's memory is small, a statement that needs a page's place in it may find one that cannot be written,
 * and fail. The next one finds another, until it gets through.
 */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 50;

/**
 * Drops the copy that a failed restore leaves unfinished: it takes the live database's disk. Its tables go first, the largest one first: that
 * gives room back at each commit, while DROP DATABASE writes a checkpoint before it gives any, which a full disk refuses. And once it was
 * refused nobody can connect any more. Takes no signal: the copy goes also when the run was cancelled, within a minute on a full disk.
 * @throws the driver's error when it stays
 */
export async function dropCopy(restore: OpenRestore, clock: Clock): Promise<void> {
	const startedAt = clock.monotonicMs();
	// A copy that cannot be emptied may be dropped all the same.
	await dropTables(restore).catch(() => undefined);
	for (;;) {
		try {
			await dropDatabase(restore.client, restore.names.restored);
			return;
		} catch (error) {
			if (!isDiskFull(error) || clock.monotonicMs() - startedAt >= PATIENCE_MS) throw error;
			await clock.sleep(PAUSE_MS);
		}
	}
}

async function dropTables({ live, names }: OpenRestore): Promise<void> {
	const session = await openSession({ ...live, database: names.restored }, new AbortController().signal);
	try {
		const tables = await listTables(session.client);
		for (const { schema, name } of tables.toSorted((left, right) => right.sizeBytes - left.sizeBytes))
			await session.client.query(`DROP TABLE IF EXISTS ${qualified(schema, name)} CASCADE`);
	} finally {
		await session.close();
	}
}
