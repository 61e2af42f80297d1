import { connectPostgres, type PostgresConnection } from '../support/postgres.client';
import { RunbookError } from '../support/runbookError';
import { applyPending, type ApplyOptions } from './applyPending';
import { analyzeTables, tryMigrationLock } from './catalog.client';
import { describeMigration, parseMigration } from './describeMigration';
import { migrationErrors } from './errors';
import { claimFence, endFencedSession, findNewerHolder, raiseFence } from './fence.client';
import { settleInterrupted, readAppliedBy } from './interrupted.client';
import type { BackupSource, DatabaseIdentity, MigrationFence, MigrationsFolder } from './model';
import { openTarget, type MigrationTarget } from './openTarget';
import { waitUntilGone } from './pinnedSession.client';
import { readHistory } from './readHistory';
import { refuseForeignBackup } from './refuseForeignBackup';
import { refuseUnsafeHistory } from './refuseUnsafeHistory';
import { splitPending, type SplitOptions } from './splitPending';
import { problemOf } from './sqlState';
import { touchedTables } from './touchedTables';
import type { Patience } from './waitForTables.client';

export interface DeployOptions extends ApplyOptions, SplitOptions {
	/** Where the release's verified backup came from. Absent when the node works without a release. */
	readonly backup?: BackupSource;
	/** How long a script may wait, without standing in a queue, until its tables are free, in milliseconds. Absent: it is sent at once. */
	readonly patienceMs?: number;
}

export interface DeployedMigrations {
	/** Names, in the order in which they ran, of what this release applied, in earlier runs of it too; empty when nothing was pending. */
	readonly applied: readonly string[];
	/** How many were applied before this release. */
	readonly alreadyApplied: number;
	/** Names of what stays pending: contractions, for the previous version may still serve. */
	readonly heldBack: readonly string[];
	/** Applied although a later one was applied before. */
	readonly outOfOrder: readonly string[];
	/**
	 * Statistics: `tables` = of those that the scripts name, `database` = of all, for a script may have changed what it does not name;
	 * `not-needed` = nothing was applied; else what went wrong. Tables that somebody had locked are skipped.
	 */
	readonly analyze: 'tables' | 'database' | 'not-needed' | `failed: ${string}`;
	/** As `schema.name`; empty unless `analyze` is `tables`. */
	readonly analyzed: readonly string[];
	readonly durationMs: number;
	readonly database: DatabaseIdentity;
}

/**
 * Brings the database up to the migrations folder, or says why not. Re-runnable: what is applied is not applied again.
 * @throws RunbookError MIGRATION.* (see docs/errors.md); everything before the first script leaves the database untouched.
 */
export async function deployMigrations(
	connection: PostgresConnection,
	folder: MigrationsFolder,
	options: DeployOptions,
): Promise<DeployedMigrations> {
	const startedAt = options.clock.monotonicMs();
	try {
		const target = await openTarget(connection, folder, { ...options, patience: patienceOf(options) });
		const deployed = await deployLocked(target, options).finally(async () => await target.end());
		await refuseLeftLock(connection, target, deployed.applied);
		return { ...deployed, durationMs: Math.round(options.clock.monotonicMs() - startedAt) };
	} catch (error) {
		const explained = explain(error, connection, options.signal);
		throw (await whyLost(explained, connection, options.fence)) ?? explained;
	}
}

function patienceOf({ patienceMs = 0, clock, signal, log }: DeployOptions): Patience | undefined {
	return patienceMs > 0 ? { patienceMs, clock, signal, log } : undefined;
}

/** A session that was lost may have been ended by a newer holder: then that is what happened, and not that the database is away. */
async function whyLost(
	explained: unknown,
	connection: PostgresConnection,
	fence: MigrationFence | undefined,
): Promise<Error | undefined> {
	const lost = explained instanceof RunbookError && explained.code === 'MIGRATION.DATABASE_UNREACHABLE';
	if (!lost || !fence) return undefined;
	const client = await connectPostgres(connection).catch(() => undefined);
	if (!client) return undefined;
	try {
		return await findNewerHolder(client, { fence, database: connection.database });
	} catch {
		return undefined;
	} finally {
		await client.end().catch(() => undefined);
	}
}

async function deployLocked(
	target: MigrationTarget,
	options: DeployOptions,
): Promise<Omit<DeployedMigrations, 'durationMs'>> {
	if (options.backup) refuseForeignBackup(options.backup, target.database);
	// Raised before the lock is asked for, and also when nothing is pending: an older holder that sleeps shall find it in any case.
	if (options.fence) await raiseFence(target.client, options.fence, target.database);
	await takeLock(target, options.fence);
	if (options.fence) await settle(target, { ...options, fence: options.fence });
	return await deploy(target, options);
}

async function takeLock({ client, database }: MigrationTarget, fence: MigrationFence | undefined): Promise<void> {
	const first = await tryMigrationLock(client);
	if (!first) return;
	const holder = fence && (await endFencedSession(client, fence, first)) ? await tryMigrationLock(client) : first;
	if (!holder) return;
	const { pid, since, application } = holder;
	throw migrationErrors.BUSY({
		database: database.name,
		pid,
		since: since ?? 'an unknown time',
		application: application ?? 'application unknown',
	});
}

/** What an interrupted run left open and is certain. */
async function settle(
	{ client }: MigrationTarget,
	{ fence, log }: DeployOptions & { fence: MigrationFence },
): Promise<void> {
	await claimFence(client, fence);
	for (const { name, wasCommitted } of await settleInterrupted(client))
		log(`${name}: its run was cut short; ${wasCommitted ? 'it was committed' : 'nothing of it was left'}`);
}

async function deploy(
	target: MigrationTarget,
	options: DeployOptions,
): Promise<Omit<DeployedMigrations, 'durationMs'>> {
	const { client, database, folder } = target;
	const before = await readHistory(target);
	refuseUnsafeHistory(before, database);

	const { deploys, heldBack } = await splitPending(target, before, options);
	const names = deploys.map(({ name }) => name);
	options.log(
		names.length === 0
			? 'nothing is to be applied'
			: `applying ${names.join(', ')} to ${database.name} at ${database.host}:${database.port}`,
	);
	const pending = folder.migrations.filter(({ name }) => names.includes(name)).map(describeMigration);
	await applyPending(target, await Promise.all(pending), { ...options, heldBack });

	await refuseUncleanEnd(target, { applied: names, heldBack });
	const applied = options.fence ? await readAppliedBy(client, options.fence) : names;
	const statistics = await updateStatistics(target, applied);
	const alreadyApplied = before.applied.filter((name) => !applied.includes(name)).length;
	const outOfOrder = before.outOfOrder.filter((name) => !heldBack.includes(name));
	return { applied, alreadyApplied, heldBack, outOfOrder, ...statistics, database };
}

async function refuseUncleanEnd(
	target: MigrationTarget,
	{ applied, heldBack }: { applied: readonly string[]; heldBack: readonly string[] },
): Promise<void> {
	const { problems, ...history } = await readHistory(target);
	const pending = history.pending.filter(({ name }) => !heldBack.includes(name));
	const database = target.database.name;
	const problem = problems.find(({ severity }) => severity !== 'warning');
	if (problem?.kind === 'invalid-index') {
		const kept = applied.length === 0 ? 'Nothing was applied' : `Applied and kept: ${applied.join(', ')}`;
		throw migrationErrors.INVALID_INDEX({ database, indexes: problem.names.join(', '), aftermath: kept });
	}
	if (problem) throw migrationErrors.NOT_FINISHED({ database, problem: problem.text });
	if (pending.length > 0)
		throw migrationErrors.NOT_FINISHED({
			database,
			problem: `still pending: ${pending.map(({ name }) => name).join(', ')}`,
		});
}

/** The schema is migrated already, so that old statistics are told and not thrown. */
async function updateStatistics(
	{ client, folder, database }: MigrationTarget,
	applied: readonly string[],
): Promise<Pick<DeployedMigrations, 'analyze' | 'analyzed'>> {
	if (applied.length === 0) return { analyze: 'not-needed', analyzed: [] };
	try {
		const files = folder.migrations.filter(({ name }) => applied.includes(name));
		const tables = touchedTables(await Promise.all(files.map(parseMigration)), database.schema);
		const analyzed = await analyzeTables(client, tables);
		return { analyze: analyzed ? 'tables' : 'database', analyzed: analyzed ?? [] };
	} catch (error) {
		return { analyze: `failed: ${problemOf(error)}`, analyzed: [] };
	}
}

async function refuseLeftLock(
	connection: PostgresConnection,
	{ pid, database }: MigrationTarget,
	applied: readonly string[],
): Promise<void> {
	const client = await connectPostgres(connection);
	try {
		// A session's advisory locks end with its backend, which ends a moment after the client has gone.
		if (await waitUntilGone(client, pid)) return;
		throw migrationErrors.LOCK_LEFT({
			database: database.name,
			pid,
			applied: applied.join(', ') || 'none were pending',
		});
	} finally {
		await client.end().catch(() => undefined);
	}
}

function explain(error: unknown, { host, port, database, user }: PostgresConnection, signal: AbortSignal): unknown {
	if (error instanceof RunbookError) return error;
	if (signal.aborted)
		return migrationErrors.CANCELLED({
			moment: 'outside of any script',
			aftermath: 'No script was cut short',
			nextStep: 'Then deploy again',
		});
	return migrationErrors.DATABASE_UNREACHABLE({ host, port, database, user, problem: problemOf(error) });
}
