import type { PostgresConnection } from '../../support/postgres.client';
import { openSession } from '../session.client';

/** Statistics of a database that was just restored: without them its first queries are planned blindly. */
export async function analyzeDatabase(connection: PostgresConnection, signal: AbortSignal): Promise<void> {
	const session = await openSession(connection, signal);
	try {
		await session.client.query('ANALYZE');
	} finally {
		await session.close();
	}
}
