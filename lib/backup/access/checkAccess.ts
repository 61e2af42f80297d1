import type { PostgresConnection } from '../../support/postgres.client';
import { RunbookError } from '../../support/runbookError';
import { describeReason } from '../describeReason';
import { findTool } from '../findTool.client';
import { readIdentity } from '../identity.client';
import type { BackupRun, SourceIdentity } from '../model';
import { mayCreateDatabases, readScratchServer } from '../scratch.client';
import { readExtensions } from '../sequences.client';
import { openSession } from '../session.client';
import { assessAccess, assessScratch, assessSource } from './assessAccess';
import type { AccessCheck, Capability, SourceRights } from './model';
import { readSourceRights } from './sourceRights.client';

export interface AccessSides {
	readonly source: PostgresConnection;
	readonly scratch: PostgresConnection;
	/** Tries the calls on the bucket. */
	probeBucket(signal: AbortSignal): Promise<Capability[]>;
}

/** What is known of the source; undefined where it cannot be asked. */
interface SourceFacts {
	readonly rights: SourceRights;
	/** Undefined where the role may not ask. */
	readonly identity: SourceIdentity | undefined;
	readonly extensions: readonly string[];
}

/**
 * Says what the credentials of a backup may do, before one is needed: the role on the source and on the scratch server by their catalogues,
 * the bucket by trying, and the programs of this machine. Never throws for what it finds.
 * @throws the reason of the signal
 */
export async function checkAccess(
	{ source, scratch, probeBucket }: AccessSides,
	{ signal, toolFolders }: Pick<BackupRun, 'signal' | 'toolFolders'>,
): Promise<AccessCheck> {
	const found = await orObstacle('source', 'connect', async () => await readSource(source, signal));
	signal.throwIfAborted();
	const facts = 'facts' in found ? found.facts : undefined;
	const sourceMajor = facts?.rights.serverMajor ?? 0;
	const capabilities = [
		...('facts' in found ? assessSource(found.facts.rights) : [found.obstacle]),
		...(await checkScratch(scratch, { facts, signal })),
		...(await probeBucket(signal)),
		await checkTool('pg_dump', sourceMajor, toolFolders),
		await checkTool('pg_restore', sourceMajor, toolFolders),
	];
	signal.throwIfAborted();
	return assessAccess(capabilities);
}

async function readSource(connection: PostgresConnection, signal: AbortSignal): Promise<SourceFacts> {
	const session = await openSession(connection, signal);
	try {
		const rights = await readSourceRights(session.client);
		const extensions = await readExtensions(session.client);
		return {
			rights,
			identity: rights.readsIdentity ? await readIdentity(session.client) : undefined,
			extensions: extensions.map(({ name }) => name),
		};
	} finally {
		await session.close();
	}
}

async function checkScratch(
	connection: PostgresConnection,
	{ facts, signal }: { facts: SourceFacts | undefined; signal: AbortSignal },
): Promise<Capability[]> {
	const found = await orObstacle('scratch', 'connect', async () => {
		const server = await readScratchServer(connection, signal);
		return { server, mayCreate: await mayCreateDatabases(connection) };
	});
	if ('obstacle' in found) return [found.obstacle];
	const { server, mayCreate } = found.facts;
	const rights = {
		mayCreateDatabases: mayCreate,
		serverMajor: server.serverMajor,
		isSourceServer: facts?.identity?.systemIdentifier === server.identity.systemIdentifier,
		missingExtensions: (facts?.extensions ?? []).filter((name) => !server.availableExtensions.includes(name)),
	};
	return assessScratch(rights, facts?.rights.serverMajor ?? 0);
}

async function checkTool(
	name: 'pg_dump' | 'pg_restore',
	sourceMajor: number,
	folders: readonly string[] | undefined,
): Promise<Capability> {
	try {
		const { version } = await findTool(name, sourceMajor, { folders });
		return { where: 'tools', what: `${name} ${version}`, held: true, detail: '', remedy: '' };
	} catch (error) {
		if (!(error instanceof RunbookError)) throw error;
		return { where: 'tools', what: name, held: false, detail: error.message, remedy: error.fix };
	}
}

async function orObstacle<Facts>(
	where: Capability['where'],
	what: string,
	read: () => Promise<Facts>,
): Promise<{ readonly facts: Facts } | { readonly obstacle: Capability }> {
	try {
		return { facts: await read() };
	} catch (error) {
		const remedy = 'Check the credential, and that the server accepts connections from here';
		return { obstacle: { where, what, held: null, detail: describeReason(error), remedy } };
	}
}
