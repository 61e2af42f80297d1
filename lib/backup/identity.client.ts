import type { Client } from 'pg';
import type { SourceIdentity } from './model';

/** Who the session's database is. */
export async function readIdentity(client: Client): Promise<SourceIdentity> {
	const { rows } = await client.query<{
		systemIdentifier: string;
		databaseOid: string;
		databaseName: string;
		timeline: number;
	}>(
		`SELECT s.system_identifier::text AS "systemIdentifier", d.oid::text AS "databaseOid", d.datname AS "databaseName", c.timeline_id AS timeline
		 FROM pg_control_system() s, pg_control_checkpoint() c, pg_database d WHERE d.datname = current_database()`,
	);
	const row = rows[0];
	if (!row) throw new Error('the server does not list the database that the session is in');
	return { ...row, databaseOid: Number(row.databaseOid) };
}
