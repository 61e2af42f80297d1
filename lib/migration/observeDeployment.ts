import type { PostgresConnection } from '../support/postgres.client';
import type { DeployedMigrations } from './deployMigrations';
import { readAppliedBy } from './interrupted.client';
import type { MigrationFence, MigrationsFolder, SessionSettings } from './model';
import { openPinnedSession } from './pinnedSession.client';
import { readMigrationStatus } from './readMigrationStatus';

export interface ObserveOptions {
	readonly settings: SessionSettings;
	readonly signal: AbortSignal;
	/** Names of what the deployment was to leave pending. Absent: nothing. */
	readonly heldBack?: readonly string[];
	/** Absent when the node works without a release. */
	readonly fence?: MigrationFence | undefined;
}

/**
 * Whether an interrupted deployment took place. `unknown` while its session may still be at work or when the database cannot be read.
 * `not-done` while there is something left to do: a pending or half-told script, or the statistics, which come after the scripts.
 * Deploying again then does that and nothing twice. Otherwise what it would have returned.
 * @throws RunbookError MIGRATION.POOLER, ACCESS_REFUSED, SCHEMA_MISSING, DATABASE_UNREACHABLE
 */
export async function observeDeployment(
	connection: PostgresConnection,
	folder: MigrationsFolder,
	{ heldBack = [], ...options }: ObserveOptions,
): Promise<DeployedMigrations | 'not-done' | 'unknown'> {
	const { verdict, problems, applied, database, ...history } = await readMigrationStatus(connection, folder, options);
	const pending = history.pending.filter(({ name }) => !heldBack.includes(name));
	if (database === null || problems.some(({ severity }) => severity === 'inconclusive')) return 'unknown';
	if (verdict !== 'passed' || pending.length > 0 || problems.some(({ kind }) => kind === 'interrupted'))
		return 'not-done';
	if ((await readApplied(connection, options)).length > 0) return 'not-done';
	return {
		applied: [],
		alreadyApplied: applied.length,
		heldBack,
		outOfOrder: [],
		analyze: 'not-needed',
		analyzed: [],
		durationMs: 0,
		database,
	};
}

async function readApplied(
	connection: PostgresConnection,
	{ settings, signal, fence }: ObserveOptions,
): Promise<string[]> {
	if (!fence) return [];
	const { client, end } = await openPinnedSession(connection, settings, signal);
	try {
		return await readAppliedBy(client, fence);
	} finally {
		await end();
	}
}
