import type { PostgresConnection } from '../../support/postgres.client';
import { RunbookError } from '../../support/runbookError';
import { tryMigrationLock } from '../catalog.client';
import { describeMigration, parseMigration } from '../describeMigration';
import { migrationErrors } from '../errors';
import { raiseFence } from '../fence.client';
import type { MigrationFence, MigrationFile, MigrationsFolder, SessionSettings } from '../model';
import { openTarget, type MigrationTarget } from '../openTarget';
import { isSqlState, problemOf } from '../sqlState';
import { assessResolution, type ResolutionJudgement } from './assessResolution';
import { findTraces } from './findTraces';
import type { ResolvedMigration, Resolution } from './model';
import { readObjects, readOpenRow, type OpenRow } from './objects.client';

export interface ResolveOptions {
	readonly migration: string;
	readonly resolution: Resolution;
	/** Who compared, statement by statement, what cannot be looked for. Empty: nobody. */
	readonly comparedBy: string;
	readonly settings: SessionSettings;
	readonly signal: AbortSignal;
	/** Absent when the node works without a release. */
	readonly fence?: MigrationFence | undefined;
}

/**
 * Writes into the history what became of a failed migration, once that is proven: by the transaction that its script was, by the catalogs, or
 * by a person where these cannot tell. Re-runnable. Changes nothing but Prisma's own table.
 * @throws RunbookError MIGRATION.RESOLVE_UNKNOWN, RESOLVE_NOT_NEEDED, RESOLVE_CONTRADICTED, RESOLVE_NOT_PROVEN, BUSY, FENCED_OUT and those of openTarget
 */
export async function resolveMigration(
	connection: PostgresConnection,
	folder: MigrationsFolder,
	options: ResolveOptions,
): Promise<ResolvedMigration> {
	const file = folder.migrations.find(({ name }) => name === options.migration);
	if (!file) throw migrationErrors.RESOLVE_UNKNOWN({ migration: options.migration, folder: folder.path });
	let target: MigrationTarget | undefined;
	try {
		target = await openTarget(connection, folder, options);
		if (options.fence) await raiseFence(target.client, options.fence, target.database);
		await takeLock(target);
		return await resolveLocked(target, file, options);
	} catch (error) {
		if (error instanceof RunbookError || options.signal.aborted) throw error;
		const { host, port, database, user } = connection;
		throw migrationErrors.DATABASE_UNREACHABLE({ host, port, database, user, problem: problemOf(error) });
	} finally {
		await target?.end();
	}
}

async function takeLock({ client, database }: MigrationTarget): Promise<void> {
	const holder = await tryMigrationLock(client);
	if (!holder) return;
	const { pid, since, application } = holder;
	throw migrationErrors.BUSY({
		...{ database: database.name, pid, since: since ?? 'an unknown time' },
		application: application ?? 'application unknown',
	});
}

async function resolveLocked(
	target: MigrationTarget,
	file: MigrationFile,
	{ migration, resolution, comparedBy }: ResolveOptions,
): Promise<ResolvedMigration> {
	const { engine } = target;
	const row = await readRow(target, migration);
	const alreadyDone = resolution === 'applied' ? row?.isFinished === true : row === undefined;
	if (alreadyDone) return { migration, resolution, alreadyDone, proof: null, comparedBy: '', findings: [] };
	if (resolution === 'rolled-back' && row?.isFinished === true)
		throw migrationErrors.RESOLVE_NOT_NEEDED({ migration });
	const judgement = await judge(target, file, { resolution, comparedBy, row });
	const { proof, findings } = proven(judgement, { migration, resolution });
	if (resolution === 'applied') await engine.markApplied(migration);
	else await engine.markRolledBack(migration);
	return { migration, resolution, alreadyDone, proof, comparedBy: proof === 'person' ? comparedBy : '', findings };
}

async function readRow({ client }: MigrationTarget, migration: string): Promise<OpenRow | undefined> {
	try {
		return await readOpenRow(client, migration);
	} catch (error) {
		if (isSqlState(error, '42P01')) return undefined;
		throw error;
	}
}

async function judge(
	{ client, database }: MigrationTarget,
	file: MigrationFile,
	{ resolution, comparedBy, row }: Pick<ResolveOptions, 'resolution' | 'comparedBy'> & { row: OpenRow | undefined },
): Promise<ResolutionJudgement> {
	const { transaction } = await describeMigration(file);
	return assessResolution({
		...{ resolution, comparedBy },
		traces: findTraces(await parseMigration(file), database.schema),
		objects: await readObjects(client),
		nothingWasLeft: transaction === 'one' && row?.isReported === true && row.checksum === file.checksum,
	});
}

function proven(
	{ proof, against, untold, findings }: ResolutionJudgement,
	{ migration, resolution }: Pick<ResolveOptions, 'migration' | 'resolution'>,
): Pick<ResolutionJudgement, 'findings'> & { proof: NonNullable<ResolutionJudgement['proof']> } {
	if (against.length > 0)
		throw migrationErrors.RESOLVE_CONTRADICTED({ migration, resolution, against: against.join('; ') });
	if (proof === null) throw migrationErrors.RESOLVE_NOT_PROVEN({ migration, resolution, lines: untold.join(', ') });
	return { proof, findings };
}
