import type { PostgresConnection } from '../support/postgres.client';
import type { MigrationsFolder, SessionSettings } from './model';
import { readMigrationStatus } from './readMigrationStatus';

/**
 * Whether an interrupted deployment took place: `done` when nothing is pending and the history is clean, `unknown` while its
 * session may still be at work or when the database cannot be read, else `not-done`.
 */
export async function observeDeployment(
	connection: PostgresConnection,
	folder: MigrationsFolder,
	options: { settings: SessionSettings; signal: AbortSignal },
): Promise<'done' | 'not-done' | 'unknown'> {
	const { verdict, pending, problems } = await readMigrationStatus(connection, folder, options);
	if (problems.some(({ severity }) => severity === 'inconclusive')) return 'unknown';
	return verdict === 'passed' && pending.length === 0 ? 'done' : 'not-done';
}
