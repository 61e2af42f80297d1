import { listTables, qualified } from '../content.client';
import { openSession } from '../session.client';
import { dropDatabase } from './databases.client';
import type { OpenRestore } from './openRestore';

/**
 * Drops the copy that a failed restore leaves unfinished: it takes the live database's disk. Its tables go first, the largest one first: that
 * gives room back at each commit, while DROP DATABASE writes a checkpoint before it gives any, which a full disk refuses. And once it was
 * refused nobody can connect any more. Takes no signal: the copy goes also when the run was cancelled.
 * @throws the driver's error when it stays
 */
export async function dropCopy(restore: OpenRestore): Promise<void> {
	// A copy that cannot be emptied may be dropped all the same.
	await dropTables(restore).catch(() => undefined);
	await dropDatabase(restore.client, restore.names.restored);
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
