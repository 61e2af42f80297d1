import { connectPostgres, type PostgresConnection } from '../../support/postgres.client';
import { readIdentity } from '../identity.client';
import type { Archiving } from './model';

const STATEMENT_TIMEOUT_MS = 10_000;

/** How production's archiving stands now. @throws the driver's error */
export async function readArchiving(connection: PostgresConnection): Promise<Archiving> {
	const client = await connectPostgres(connection, `-c statement_timeout=${STATEMENT_TIMEOUT_MS}`);
	try {
		const source = await readIdentity(client);
		const { rows } = await client.query<Omit<Archiving, 'source'>>(
			`SELECT now() AS now, current_setting('archive_mode') <> 'off' AS enabled,
				last_archived_time AS "lastArchivedAt", last_failed_time AS "lastFailedAt" FROM pg_stat_archiver`,
		);
		const row = rows[0];
		if (!row) throw new Error('pg_stat_archiver is empty');
		return { source, ...row };
	} finally {
		await client.end();
	}
}
