import type { Client } from 'pg';
import type { DiskUse } from './assessDisk';

/**
 * What the server's disk holds, as far as PostgreSQL tells anybody: its own files in the tablespace of a database, by default the session's.
 * How large the disk is, and what else is on it, no function tells, for a superuser neither. @throws the driver's error
 */
export async function readDiskUse(client: Client, database: string | null = null): Promise<DiskUse> {
	const { rows } = await client.query<{ usedBytes: string; walBytes: string }>(
		`SELECT pg_tablespace_size(dattablespace)::text AS "usedBytes",
		   pg_size_bytes(current_setting('max_wal_size'))::text AS "walBytes"
		 FROM pg_database WHERE datname = coalesce($1, current_database())`,
		[database],
	);
	return { usedBytes: Number(rows[0]?.usedBytes), walBytes: Number(rows[0]?.walBytes) };
}
