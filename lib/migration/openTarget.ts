import type { PostgresConnection } from '../support/postgres.client';
import { CONTRACT_MARKER, hasContractMarker, readIdentity, readSchema } from './catalog.client';
import { migrationErrors } from './errors';
import type { DatabaseIdentity, MigrationFence, MigrationsFolder, SessionSettings } from './model';
import { openPinnedSession, type PinnedSession } from './pinnedSession.client';
import type { Patience } from './waitForTables.client';
import { openMigrationEngine, type MigrationEngine, type ScriptWatcher } from './schemaEngine.client';

/** A database that is looked at or migrated: one session, the engine over it, and what is to be deployed. */
export interface MigrationTarget extends PinnedSession {
	readonly engine: MigrationEngine;
	readonly database: DatabaseIdentity;
	readonly folder: MigrationsFolder;
	/** Undefined when the node works without a release. */
	readonly fence: MigrationFence | undefined;
}

export interface TargetOptions {
	readonly settings: SessionSettings;
	readonly signal: AbortSignal;
	/** Absent when the node works without a release. */
	readonly fence?: MigrationFence | undefined;
	/** Watches the scripts of a rehearsal. Absent: nobody does. */
	readonly observer?: ScriptWatcher | undefined;
	/** How long each script may wait for its tables before it is sent. Absent: it is sent at once. */
	readonly patience?: Patience | undefined;
}

/**
 * The caller ends it.
 * @throws RunbookError MIGRATION.POOLER, ACCESS_REFUSED, DATABASE_UNREACHABLE, SCHEMA_MISSING, PRISMA_NOT_UNDERSTOOD
 */
export async function openTarget(
	connection: PostgresConnection,
	folder: MigrationsFolder,
	{ settings, signal, fence, observer, patience }: TargetOptions,
): Promise<MigrationTarget> {
	const session = await openPinnedSession(connection, settings, signal);
	try {
		const { schema } = settings;
		const database = await readIdentity(session.client, connection, schema);
		if (!(await readSchema(session.client, schema)))
			throw migrationErrors.SCHEMA_MISSING({ database: database.name, schema });
		if (await hasContractMarker(session.client))
			throw migrationErrors.PRISMA_NOT_UNDERSTOOD({ database: database.name, marker: CONTRACT_MARKER });
		const engine = await openMigrationEngine(session.client, folder, { schema, fence, observer, patience });
		const end = async (): Promise<void> => {
			await session.end();
			await engine.close();
		};
		return { ...session, engine, database, folder, fence, end };
	} catch (error) {
		await session.end();
		throw error;
	}
}
