import type { Client } from 'pg';
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
	const opening = openSession(connection, settings, signal);
	const client = opening.then(({ session }) => session.client);
	const starting = openMigrationEngine(client, folder, { schema: settings.schema, fence, observer, patience });
	// Where the session does not open, that is what is told; the thread finds it out, and ends.
	client.catch(() => undefined);
	starting.catch(() => undefined);
	const { session, database } = await opening;
	try {
		const engine = await starting;
		const end = async (): Promise<void> => {
			await Promise.all([session.end(), engine.close()]);
		};
		return { ...session, engine, database, folder, fence, end };
	} catch (error) {
		await session.end();
		throw error;
	}
}

async function openSession(
	connection: PostgresConnection,
	settings: SessionSettings,
	signal: AbortSignal,
): Promise<{ readonly session: PinnedSession; readonly database: DatabaseIdentity }> {
	const session = await openPinnedSession(connection, settings, signal);
	try {
		return { session, database: await identify(session.client, connection, settings.schema) };
	} catch (error) {
		await session.end();
		throw error;
	}
}

async function identify(client: Client, connection: PostgresConnection, schema: string): Promise<DatabaseIdentity> {
	const [database, found, isNewer] = await Promise.all([
		readIdentity(client, connection, schema),
		readSchema(client, schema),
		hasContractMarker(client),
	]);
	if (!found) throw migrationErrors.SCHEMA_MISSING({ database: database.name, schema });
	if (isNewer) throw migrationErrors.PRISMA_NOT_UNDERSTOOD({ database: database.name, marker: CONTRACT_MARKER });
	return database;
}
