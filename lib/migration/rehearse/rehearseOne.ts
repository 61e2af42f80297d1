import type { Client } from 'pg';
import { explainFailure } from '../explainFailure';
import type { Migration } from '../model';
import type { MigrationTarget } from '../openTarget';
import type { Clock } from '../../support/clock';
import type { SessionSettings } from '../model';
import type { RehearsedMigration } from './model';
import type { ScriptObserver } from './observeScript.client';
import { readSchemaLines } from './readSchemaLines.client';
import { readDatabaseState, readRewritten } from './tableFiles.client';
import { testDown } from './testDown.client';

export interface OneRehearsal {
	readonly settings: SessionSettings;
	readonly signal: AbortSignal;
	readonly clock: Clock;
	readonly observer: ScriptObserver;
	readonly watcher: Client;
	/** Names of what is pending and not to be run now. */
	readonly heldBack: readonly string[];
	/** Null when production did not tell its size. */
	readonly sizeRatio: number | null;
}

/** Runs one migration as a deployment would, and tells what it did. @throws the signal's reason; the driver's error when the session is lost */
export async function rehearseOne(
	{ engine, aborted, database }: MigrationTarget,
	migration: Migration,
	{ settings, signal, clock, observer, watcher, heldBack, sizeRatio }: OneRehearsal,
): Promise<RehearsedMigration> {
	const before = await readDatabaseState(watcher);
	const schemaBefore = migration.down === undefined ? undefined : await readSchemaLines(watcher);
	const startedAt = clock.monotonicMs();
	let failure: string | null = null;
	try {
		await Promise.race([engine.apply([migration], heldBack), aborted]);
	} catch (error) {
		signal.throwIfAborted();
		const sent = engine.lastScript();
		if (sent?.error === undefined) throw error;
		const { lockTimeoutMs, statementTimeoutMs } = settings;
		const explained = explainFailure({
			...{ migration, error: sent.error, applied: [], cleaned: false, attempts: 1 },
			...{ user: database.user, lockTimeoutMs, statementTimeoutMs },
		});
		failure = `${explained.message} (${explained.code})`;
	}
	const durationMs = Math.round(clock.monotonicMs() - startedAt);
	const { bytes } = await readDatabaseState(watcher);
	return {
		name: migration.name,
		checksum: migration.checksum,
		durationMs,
		locks: observer.locks(),
		rewritten: await readRewritten(watcher, before.files),
		growthBytes: bytes - before.bytes,
		atLeastMs: Math.round(durationMs * Math.max(1, sizeRatio ?? 1)),
		failure,
		down:
			failure === null && migration.down !== undefined && schemaBefore
				? await testDown(watcher, { down: migration.down, before: schemaBefore, schema: settings.schema })
				: null,
	};
}
