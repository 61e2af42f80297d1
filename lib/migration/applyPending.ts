import type { Clock } from '../support/clock';
import type { RunbookError } from '../support/runbookError';
import { migrationErrors } from './errors';
import { aftermath, appliedBefore, explainFailure, isLockFailure } from './explainFailure';
import { explainFencedOut } from './fence.client';
import type { LockRetry, Migration, MigrationFence, SessionSettings } from './model';
import type { MigrationTarget } from './openTarget';
import { problemOf } from './sqlState';

export interface ApplyOptions {
	readonly settings: SessionSettings;
	readonly retry: LockRetry;
	readonly signal: AbortSignal;
	readonly clock: Clock;
	/** Absent when the node works without a release: then nothing is fenced. */
	readonly fence?: MigrationFence | undefined;
	/** One line of progress, without secrets. */
	log(message: string): void;
}

interface ApplyPending extends ApplyOptions {
	/** Names of pending migrations that are not to be run; they stand at the end. */
	readonly heldBack: readonly string[];
}

const LONGEST_PAUSE_MS = 15_000;

/**
 * Runs the pending migrations in order. One that did not get its lock is tried again after a pause, but only when its script
 * is one transaction: then Postgres left nothing of it, and its failed row may be marked as rolled back. Everything else
 * stops with the failed row in place, as Prisma does, for a person to decide.
 * @throws RunbookError MIGRATION.LOCK_TIMEOUT, NOT_PERMITTED, STATEMENT_TIMEOUT, OUT_OF_RESOURCES, SCRIPT_FAILED, SESSION_LOST, CANCELLED, FENCED_OUT, ENGINE_FAILED
 */
export async function applyPending(
	target: MigrationTarget,
	pending: readonly Migration[],
	options: ApplyPending,
): Promise<void> {
	let next = 0;
	let attempts = 0;
	for (;;) {
		const failure = await applyFrom(target, { pending, next, options });
		if (!failure) return;
		const failedAt = pending.indexOf(failure.migration);
		attempts = failedAt === next ? attempts + 1 : 1;
		next = failedAt;
		await cleanUpOrThrow(target, failure, { applied: namesOf(pending.slice(0, next)), attempts, options });
		await pauseBeforeRetry(failure, { applied: namesOf(pending.slice(0, next)), attempts, options });
	}
}

interface FailedScript {
	readonly migration: Migration;
	readonly error: unknown;
}

interface Progress {
	/** Names of the migrations that this deployment applied. */
	readonly applied: readonly string[];
	/** Runs of the script that failed. */
	readonly attempts: number;
	readonly options: ApplyPending;
}

async function applyFrom(
	{ engine, aborted, client, database }: MigrationTarget,
	{ pending, next, options }: { pending: readonly Migration[]; next: number; options: ApplyPending },
): Promise<FailedScript | undefined> {
	try {
		await Promise.race([engine.apply(pending.slice(next), options.heldBack), aborted]);
		return undefined;
	} catch (error) {
		const sent = engine.lastScript();
		const migration = pending.find(({ name }) => name === sent?.migration);
		const applied = namesOf(pending.slice(0, migration ? pending.indexOf(migration) : next));
		if (options.signal.aborted) throw cancelled(migration, applied);
		if (engine.wasFencedOut() && options.fence)
			throw await explainFencedOut(client, { fence: options.fence, database: database.name });
		if (!sent?.error || !migration)
			throw migrationErrors.ENGINE_FAILED({ problem: problemOf(error), before: appliedBefore(applied) });
		return { migration, error: sent.error };
	}
}

async function cleanUpOrThrow(
	{ engine, database }: MigrationTarget,
	{ migration, error }: FailedScript,
	{ applied, attempts, options }: Progress,
): Promise<void> {
	const cleaned =
		isLockFailure(error) &&
		migration.transaction === 'one' &&
		(await succeeds(engine.markRolledBack(migration.name)));
	if (cleaned && attempts < options.retry.attempts) return;
	const { lockTimeoutMs, statementTimeoutMs } = options.settings;
	throw explainFailure({
		migration,
		error,
		applied,
		cleaned,
		attempts,
		user: database.user,
		lockTimeoutMs,
		statementTimeoutMs,
	});
}

async function pauseBeforeRetry(
	{ migration, error }: FailedScript,
	{ applied, attempts, options }: Progress,
): Promise<void> {
	const { retry, clock, signal, log } = options;
	const pauseMs = Math.min(retry.firstPauseMs * 2 ** (attempts - 1), LONGEST_PAUSE_MS);
	log(
		`${migration.name}: ${problemOf(error)}; nothing of it was left; run ${attempts + 1} of ${retry.attempts} in ${pauseMs} ms`,
	);
	try {
		await clock.sleep(pauseMs, signal);
	} catch {
		const texts = { aftermath: aftermath({ migration, applied, cleaned: true }), nextStep: 'Then deploy again' };
		throw migrationErrors.CANCELLED({ moment: `while it waited for a lock for ${migration.name}`, ...texts });
	}
}

function cancelled(migration: Migration | undefined, applied: readonly string[]): RunbookError {
	if (!migration)
		return migrationErrors.CANCELLED({
			moment: 'before the first script',
			aftermath: 'No script ran',
			nextStep: 'Then deploy again',
		});
	return migrationErrors.CANCELLED({
		moment: `during ${migration.name}`,
		aftermath: `Unless it had just been committed: ${aftermath({ migration, applied, cleaned: false })}`,
		nextStep: `When ${migration.name} is named as failed and nothing of it is there: npx prisma migrate resolve --rolled-back "${migration.name}", then deploy again`,
	});
}

async function succeeds(promise: Promise<unknown>): Promise<boolean> {
	return await promise.then(
		() => true,
		() => false,
	);
}

function namesOf(migrations: readonly Migration[]): string[] {
	return migrations.map(({ name }) => name);
}
