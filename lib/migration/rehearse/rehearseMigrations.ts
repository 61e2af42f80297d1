import type { Client } from 'pg';
import type { Clock } from '../../support/clock';
import { connectPostgres, type PostgresConnection } from '../../support/postgres.client';
import { RunbookError } from '../../support/runbookError';
import { worstVerdict, type Verdict } from '../../support/verdict';
import { readAppliedChecksums } from '../catalog.client';
import { describeMigration } from '../describeMigration';
import { migrationErrors } from '../errors';
import type { DeployUpTo, Migration, MigrationHistory, MigrationsFolder, SessionSettings } from '../model';
import { openTarget, type MigrationTarget } from '../openTarget';
import { readHistory } from '../readHistory';
import { isMeasurementError } from '../readMigrationStatus';
import { splitPending, type LintedMigration } from '../splitPending';
import { problemOf } from '../sqlState';
import { assessRehearsal } from './assessRehearsal';
import type { Rehearsal, RehearsalLimits, RehearsalProblem } from './model';
import { ScriptObserver } from './observeScript.client';
import { rehearseOne } from './rehearseOne';
import { readDatabaseBytes } from './tableFiles.client';

export interface RehearseOptions extends RehearsalLimits {
	readonly settings: SessionSettings;
	readonly upTo: DeployUpTo;
	/** What the release's lint said would be deployed. Absent when the node works without a release. */
	readonly linted?: readonly LintedMigration[];
	/** What the rehearsal stands for: its size is compared. */
	readonly production: PostgresConnection;
	readonly signal: AbortSignal;
	readonly clock: Clock;
	log(message: string): void;
}

/**
 * Runs what a deployment would apply on a scratch database that was restored from production's backup, and tells what it does there. The scratch
 * database is changed and is of no use for a second rehearsal. Never runs on the database that it stands for.
 * @throws RunbookError MIGRATION.POOLER, ACCESS_REFUSED, SCHEMA_MISSING, REHEARSAL_ON_PRODUCTION
 */
export async function rehearseMigrations(
	scratch: PostgresConnection,
	folder: MigrationsFolder,
	options: RehearseOptions,
): Promise<Rehearsal> {
	let target: MigrationTarget | undefined;
	let watcher: Client | undefined;
	try {
		// First: it says in the words of the migration what is wrong with the address.
		await (await openTarget(scratch, folder, options)).end();
		watcher = await connectPostgres(scratch);
		const productionFacts = await readProduction(watcher, options);
		const observer = new ScriptObserver(watcher, options.clock);
		target = await openTarget(scratch, folder, { ...options, observer });
		return await rehearse(target, { ...options, observer, watcher, productionFacts });
	} catch (error) {
		if (options.signal.aborted || !isMeasurementError(error)) throw error;
		const text = error instanceof RunbookError ? error.message : problemOf(error);
		const problem: RehearsalProblem = { kind: 'unreadable', severity: 'inconclusive', names: [], text };
		return {
			...{ verdict: 'inconclusive', migrations: [], problems: [problem], history: [], sizeRatio: null },
			database: target?.database ?? null,
		};
	} finally {
		await target?.end();
		await watcher?.end().catch(() => undefined);
	}
}

interface Stage extends RehearseOptions {
	readonly observer: ScriptObserver;
	readonly watcher: Client;
	/** Null when production did not tell. */
	readonly productionFacts: ProductionFacts | null;
}

async function rehearse(target: MigrationTarget, stage: Stage): Promise<Rehearsal> {
	const { productionFacts, watcher, log } = stage;
	const history = await readHistory(target);
	const pending = await readPending(target, history, stage);
	const sizeRatio = productionFacts && productionFacts.bytes / (await readDatabaseBytes(watcher));
	const migrations = [];
	const problems = [...pending.problems];
	for (const [index, migration] of pending.deploys.entries()) {
		log(`rehearsing ${migration.name} on ${target.database.name}`);
		const later = pending.deploys.slice(index + 1).map(({ name }) => name);
		const heldBack = [...later, ...pending.heldBack];
		const one = await rehearseOne(target, migration, { ...stage, heldBack, sizeRatio });
		migrations.push(one);
		if (one.failure !== null) break;
	}
	problems.push(...assessRehearsal(migrations, stage));
	const serious = [...problems, ...history.problems].flatMap(({ severity }): Verdict[] =>
		severity === 'warning' ? [] : [severity],
	);
	return {
		verdict: worstVerdict(['passed', ...serious]),
		...{ migrations, problems, history: history.problems, sizeRatio, database: target.database },
	};
}

/** What is to be rehearsed; nothing when the scratch database is not in the state that production was judged in. */
async function readPending(
	target: MigrationTarget,
	history: MigrationHistory,
	stage: Stage,
): Promise<{ deploys: Migration[]; heldBack: readonly string[]; problems: RehearsalProblem[] }> {
	if (history.verdict !== 'passed') return { deploys: [], heldBack: [], problems: [] };
	const split = await splitPending(target, history, { upTo: stage.upTo });
	if (!isStateOfLint(split.deploys, stage)) {
		const text = `The scratch database lacks other migrations (${split.deploys.map(({ name }) => name).join(', ') || 'none'}) than were linted`;
		return {
			deploys: [],
			heldBack: [],
			problems: [{ kind: 'not-the-state', severity: 'inconclusive', names: [], text }],
		};
	}
	const names = split.deploys.map(({ name }) => name);
	const files = target.folder.migrations.filter(({ name }) => names.includes(name));
	return { deploys: await Promise.all(files.map(describeMigration)), heldBack: split.heldBack, problems: [] };
}

/**
 * Whether the scratch database lacks what was linted. It may lack more, when a run of this release had applied a part before it was
 * resumed: the backup is older than that.
 */
function isStateOfLint(lacking: readonly LintedMigration[], { linted, productionFacts }: Stage): boolean {
	if (!linted) return true;
	const key = ({ name, checksum }: LintedMigration): string => `${name} ${checksum}`;
	const applied = new Set(productionFacts?.applied.map(key));
	const left = lacking.map(key).filter((one) => !applied.has(one));
	return left.join() === linted.map(key).join();
}

interface ProductionFacts {
	readonly bytes: number;
	/** Finished and not rolled back. */
	readonly applied: readonly LintedMigration[];
}

/** Null when production does not answer. @throws RunbookError MIGRATION.REHEARSAL_ON_PRODUCTION */
async function readProduction(
	watcher: Client,
	{ production, settings }: RehearseOptions,
): Promise<ProductionFacts | null> {
	const client = await connectPostgres(production).catch(() => undefined);
	if (!client) return null;
	try {
		if ((await readWhich(client)) === (await readWhich(watcher)))
			throw migrationErrors.REHEARSAL_ON_PRODUCTION({ database: production.database });
		return {
			bytes: await readDatabaseBytes(client),
			applied: await readAppliedChecksums(client, settings.schema),
		};
	} finally {
		await client.end().catch(() => undefined);
	}
}

/** The same for two sessions only when they are in one database of one running server, whatever address they came by. */
async function readWhich(client: Client): Promise<string> {
	const { rows } = await client.query<{ which: string }>(
		`SELECT pg_postmaster_start_time()::text || ' ' || oid::text AS which FROM pg_database WHERE datname = current_database()`,
	);
	return rows[0]?.which ?? '';
}
