import { DatabaseError, type Client, type QueryConfig } from 'pg';
import type {
	ApplyMigrationsInput,
	DiagnoseMigrationHistoryOutput,
} from '@prisma/schema-engine-wasm/schema_engine_bg' with { 'resolution-mode': 'import' };
import { parseMigration } from './describeMigration';
import { startEngineThread, type EngineAdapter } from './engineThread.client';
import { OpenTransactionError } from './explainFailure';
import { fenceStatement, isFencedOut, noteScript, scriptPrefix } from './fence.client';
import { lockedTables } from './lockedTables';
import type { Diagnosis, Migration, MigrationFence, MigrationsFolder } from './model';
import { waitForTables, type Patience } from './waitForTables.client';

/** The calls that the package makes to Prisma's schema engine, in a thread of its own. */
export interface MigrationEngine {
	/** Compares folder and database; takes no lock and changes nothing. */
	diagnose(): Promise<Diagnosis>;
	/** Runs what is pending, in the order of `pending`, until one fails; `heldBack` names what is pending and stays so. */
	apply(pending: readonly Migration[], heldBack: readonly string[]): Promise<void>;
	/** Bookkeeping for a migration of which all is there. */
	markApplied(migration: string): Promise<void>;
	/** Bookkeeping for a failed migration of which nothing was left. */
	markRolledBack(migration: string): Promise<void>;
	/** The last script that was sent, and the error that Postgres gave for it; undefined before the first. */
	lastScript(): SentScript | undefined;
	/** True once the fence has refused a write of this engine. */
	wasFencedOut(): boolean;
	/** Ends its thread, whatever it is doing. */
	close(): Promise<void>;
}

/** Stands around the sending of each script, and lets what it throws through. */
export interface ScriptWatcher {
	around(client: Client, migration: Migration, send: () => Promise<void>): Promise<void>;
}

interface EngineOptions {
	readonly schema: string;
	readonly fence: MigrationFence | undefined;
	readonly observer: ScriptWatcher | undefined;
	readonly patience: Patience | undefined;
}

export interface SentScript {
	readonly migration: string;
	/** Absent while it runs and when it succeeded. */
	readonly error?: unknown;
}

/** The engine's note that it is about to send a script. */
const BEGINS_SCRIPT = /^INSERT INTO [^(]*_prisma_migrations/;
const NO_FILTERS = { externalTables: [], externalEnums: [] };

/**
 * The engine over one pinned session. Three things differ from the stock adapter: it has this one session, so that the engine's
 * lock and the scripts are in the same place; and a script is sent whole as one simple query (the stock adapter splits it at
 * each semicolon, also inside functions and literals, and commits the pieces one by one); and the engine runs in a thread of its own.
 * The thread starts while the session is still being opened; where that fails it ends by itself.
 * The calls throw what the engine throws; `lastScript` tells what Postgres said.
 */
export async function openMigrationEngine(
	session: Promise<Client>,
	folder: MigrationsFolder,
	{ schema, fence, observer, patience }: EngineOptions,
): Promise<MigrationEngine> {
	const queue: Migration[] = [];
	let last: SentScript | undefined;
	let fencedOut = false;
	/** Of the script that is sent next. */
	let noteId = '';
	const fenced = async <T>(write: () => Promise<T>): Promise<T> => {
		try {
			return await write();
		} catch (error) {
			fencedOut ||= isFencedOut(error);
			throw error;
		}
	};
	const query = async (config: QueryConfig): Promise<unknown> => {
		const client = await session;
		const [next] = queue;
		if (!fence || !next || !BEGINS_SCRIPT.test(config.text)) return await client.query(config);
		const write = async (): Promise<unknown> => await client.query(config);
		const noted = await fenced(async () => await noteScript(client, { fence, migration: next, write }));
		noteId = noted.id;
		return noted.written;
	};

	const executeScript = async (adapter: ErrorMapper, script: string): Promise<void> => {
		const client = await session;
		const sent = queue.shift();
		const migration = sent?.name ?? '(unknown)';
		last = { migration };
		try {
			if (sent && patience)
				await waitForTables(client, lockedTables(await parseMigration(sent), schema), patience);
			const prefix = fence && sent ? scriptPrefix(fence, { migration: sent, id: noteId }) : '';
			if (fence && prefix === '') await fenced(async () => await client.query(fenceStatement(fence)));
			const send = async (): Promise<void> => {
				await client.query(prefix + script);
			};
			const watched = sent && observer ? async () => await observer.around(client, sent, send) : send;
			await fenced(async () => await sendScript(client, { send: watched, prefix }));
		} catch (error) {
			last = { migration, error };
			adapter.onError(error);
		}
	};
	const thread = await startEngineThread(await openAdapter({ schema, query, executeScript }));
	const migrationsList = toMigrationList(folder);
	return {
		diagnose: async () => {
			const input = { migrationsList, optInToShadowDatabase: false, filters: NO_FILTERS };
			return toDiagnosis(
				(await thread.call('diagnoseMigrationHistory', input)) as DiagnoseMigrationHistoryOutput,
			);
		},
		apply: async (pending, heldBack) => {
			queue.splice(0, queue.length, ...pending);
			last = undefined;
			const migrations = folder.migrations.filter(({ name }) => !heldBack.includes(name));
			await thread.call('applyMigrations', {
				migrationsList: toMigrationList({ ...folder, migrations }),
				filters: NO_FILTERS,
			});
		},
		markApplied: async (migrationName) => {
			await thread.call('markMigrationApplied', { migrationsList, migrationName });
		},
		markRolledBack: async (migrationName) => {
			await thread.call('markMigrationRolledBack', { migrationName });
		},
		lastScript: () => last,
		wasFencedOut: () => fencedOut,
		close: async () => await thread.end(),
	};
}

/** Prisma's adapter turns what Postgres says into what the engine understands, and throws it. */
interface ErrorMapper {
	onError(error: unknown): never;
}

interface AdapterParts {
	readonly schema: string;
	readonly query: (config: QueryConfig) => Promise<unknown>;
	readonly executeScript: (adapter: ErrorMapper, script: string) => Promise<void>;
}

/** Prisma's own adapter for Postgres, with its one client and its way of sending a script replaced. */
async function openAdapter({ schema, query, executeScript }: AdapterParts): Promise<EngineAdapter> {
	const { PrismaPg } = await import('@prisma/adapter-pg');
	const factory = new PrismaPg({ max: 1 }, { schema });
	// The pool that `connect` makes is never used: a pool connects on its first query, and `client` is replaced before it.
	const adapter = Object.assign(await factory.connect(), { client: { query } });
	const mapper = adapter as unknown as ErrorMapper;
	return {
		...{ provider: adapter.provider, adapterName: adapter.adapterName },
		connectionInfo: adapter.getConnectionInfo?.() ?? {},
		calls: {
			queryRaw: async (asked) => await adapter.queryRaw(asked),
			executeRaw: async (asked) => await adapter.executeRaw(asked),
			executeScript: async (script) => await executeScript(mapper, script),
		},
	};
}

/** Sends a script whole, and leaves the session as it was: no transaction open, no role or setting changed for what follows. */
async function sendScript(
	client: Client,
	{ send, prefix }: { send: () => Promise<void>; prefix: string },
): Promise<void> {
	try {
		await send();
		if (client.getTransactionStatus() !== 'I') throw new OpenTransactionError();
	} catch (error) {
		// The driver reports an error before it knows the transaction's state, so this is sent in any case.
		await client.query('ROLLBACK').catch(() => undefined);
		throw positionedInScript(error, prefix);
	} finally {
		// Not waited for: what is sent after it is run after it.
		void client.query('RESET SESSION AUTHORIZATION; RESET ALL').catch(() => undefined);
	}
}

/** Postgres counts from the start of what was sent, people from the start of the script. */
function positionedInScript(error: unknown, prefix: string): unknown {
	if (error instanceof DatabaseError && error.position !== undefined)
		error.position = String(Number(error.position) - Array.from(prefix).length);
	return error;
}

function toDiagnosis({
	hasMigrationsTable,
	failedMigrationNames,
	editedMigrationNames,
	history,
}: DiagnoseMigrationHistoryOutput): Diagnosis {
	return {
		hasMigrationsTable,
		failed: failedMigrationNames,
		edited: editedMigrationNames,
		pending: history && 'unappliedMigrationNames' in history ? history.unappliedMigrationNames : [],
		missing: history && 'unpersistedMigrationNames' in history ? history.unpersistedMigrationNames : [],
	};
}

function toMigrationList({ path, lockFile, migrations }: MigrationsFolder): ApplyMigrationsInput['migrationsList'] {
	return {
		baseDir: path,
		lockfile: { path: 'migration_lock.toml', content: lockFile },
		shadowDbInitScript: '',
		migrationDirectories: migrations.map(({ name, script }) => ({
			path: name,
			migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: script } },
		})),
	};
}
