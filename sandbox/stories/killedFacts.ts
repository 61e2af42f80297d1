import { idIn } from '../environments.ts';
import { queryDatabase } from './ledgerView.ts';
import { linkIn, readMails } from './mails.ts';
import { readBucket } from './readBucket.ts';
import { servingVersions } from './servingVersions.ts';
import type { World } from './world.ts';

export interface ReleaseFacts {
	readonly id: string;
	readonly environment: string;
	readonly version: string;
	readonly state: string;
	readonly token: number;
	readonly resumes: number;
	readonly execution_id: string;
	readonly reason: string;
	readonly rolling_back_at: Date | null;
	readonly finished_at: Date | null;
	readonly images: ReadonlyArray<{ readonly workload: string; readonly image: string }>;
}

export interface StepFacts {
	readonly step_key: string;
	readonly item_key: string;
	readonly kind: string;
	readonly state: string;
	readonly attempts: number;
	readonly token: number;
	readonly result: Readonly<Record<string, unknown>> | null;
}

export interface EventFacts {
	readonly sequence: number;
	readonly at: Date;
	readonly kind: string;
	readonly payload: string;
	readonly hash: string;
}

export interface VoteFacts {
	readonly gate: string;
	readonly approver: string;
	readonly decision: string;
}

/** What the ledger says of a release. */
export interface LedgerFacts {
	readonly release: ReleaseFacts;
	readonly steps: readonly StepFacts[];
	readonly events: readonly EventFacts[];
	readonly votes: readonly VoteFacts[];
	readonly refusals: ReadonlyArray<{ readonly code: string; readonly message: string }>;
}

/** What stands outside of the ledger. */
export interface OutsideFacts {
	readonly backups: { readonly manifests: readonly string[]; readonly archives: readonly string[] };
	readonly migrations: ReadonlyArray<{ readonly migration_name: string; readonly finished: boolean }>;
	/** How many mails asked for a vote, by gate. */
	readonly mails: Readonly<Record<string, number>>;
	readonly serving: { readonly backend: readonly string[]; readonly frontend: readonly string[] };
}

const ledger = 'deployment_runbook';

/** Reads a release from the ledger, over connections of its own. @throws when there is none */
export async function readLedgerFacts({ endpoints }: World, releaseId: string): Promise<LedgerFacts> {
	const read = async <Row extends object>(sql: string): Promise<Row[]> =>
		await queryDatabase<Row>(endpoints.databases.operations, sql, [releaseId]);
	const [release] = await read<ReleaseFacts>(`SELECT *, token::int AS token FROM ${ledger}.release WHERE id = $1`);
	if (!release) throw new Error(`the ledger has no release ${releaseId}`);
	return {
		release,
		steps: await read(
			`SELECT *, token::int AS token FROM ${ledger}.step WHERE release_id = $1 ORDER BY started_at`,
		),
		events: await read(`SELECT * FROM ${ledger}.event WHERE release_id = $1 ORDER BY sequence`),
		votes: await read(`SELECT * FROM ${ledger}.vote WHERE release_id = $1 ORDER BY voted_at`),
		refusals: await read(`SELECT * FROM ${ledger}.refusal WHERE release_id = $1 ORDER BY id`),
	};
}

/** Reads the bucket, the database, the mailboxes and the Services of a release's environment. */
export async function readOutsideFacts(world: World, release: ReleaseFacts): Promise<OutsideFacts> {
	const { s3, databases, environments } = world.endpoints;
	const prefix = environments[release.environment]?.backupPrefix ?? '';
	const keys = (await readBucket(s3, s3.buckets.backups)).filter((key) => key.startsWith(prefix));
	return {
		backups: {
			manifests: keys.filter((key) => key.endsWith('.manifest.json')),
			// Each backup has exactly one archive with its schema.
			archives: keys.filter((key) => /\/schema\.dump\.\w+(\.age)?$/.test(key)),
		},
		migrations: await queryDatabase(
			databases.production,
			`SELECT migration_name, finished_at IS NOT NULL AND rolled_back_at IS NULL AS finished
			 FROM _prisma_migrations ORDER BY migration_name, started_at`,
		),
		mails: await countMails(world, release.id),
		serving: await servingVersions(world, 4),
	};
}

/** Names of the scratch databases that belong to a release. */
export async function readScratchDatabases({ endpoints }: World, releaseId: string): Promise<string[]> {
	const label = releaseId
		.toLowerCase()
		.replaceAll(/[^a-z0-9]+/g, '_')
		.slice(0, 29);
	const sql = 'SELECT datname FROM pg_database WHERE starts_with(datname, $1) ORDER BY datname';
	const rows = await queryDatabase<{ datname: string }>(endpoints.databases.scratch, sql, [`scratch_${label}_`]);
	return rows.map(({ datname }) => datname);
}

/** What n8n says of an execution: `crashed`, `error`, `success` … */
export async function readExecution({ endpoints }: World, executionId: string): Promise<string | undefined> {
	const sql = 'SELECT status FROM execution_entity WHERE id = $1::int';
	return (await queryDatabase<{ status: string }>(endpoints.databases.n8n, sql, [executionId]))[0]?.status;
}

/** How often n8n's error workflow has told of an execution, to the end. */
export async function countFailureReports(
	{ endpoints }: World,
	{ environment, executionId }: { environment: string; executionId: string },
): Promise<number> {
	const sql = `SELECT count(*)::int AS reports FROM execution_entity e JOIN execution_data d ON d."executionId" = e.id
		WHERE e."workflowId" = $1 AND e.status = 'success' AND position('/executions/' || $2 || '"' IN d.data) > 0`;
	const values = [idIn(environment, 'on-failure'), executionId];
	return (await queryDatabase<{ reports: number }>(endpoints.databases.n8n, sql, values))[0]?.reports ?? 0;
}

async function countMails(world: World, releaseId: string): Promise<Record<string, number>> {
	const counts: Record<string, number> = {};
	for (const mail of await readMails(world)) {
		const claims = claimsIn(linkIn(mail));
		if (claims.rel === releaseId) counts[claims.aud] = (counts[claims.aud] ?? 0) + 1;
	}
	return counts;
}

/** What an approval link says it is for; nothing is checked. */
function claimsIn(link: string): { readonly rel: string; readonly aud: string } {
	const [, body = ''] = (new URL(link).searchParams.get('vote') ?? '').split('.');
	return JSON.parse(Buffer.from(body, 'base64url').toString()) as { rel: string; aud: string };
}
