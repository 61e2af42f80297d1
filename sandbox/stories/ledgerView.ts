import pg from 'pg';
import type { World } from './world.ts';

/** What Postgres answers while no node has opened the ledger yet: it makes its tables then. */
const UNDEFINED_TABLE = '42P01';

export interface LedgerRelease {
	readonly id: string;
	readonly version: string;
	readonly state: string;
	readonly token: string;
	readonly reason: string;
	readonly execution_id: string;
	readonly delivery_id: string;
	readonly resumes: number;
	readonly started_at: Date;
	readonly finished_at: Date | null;
}

export interface LedgerStep {
	readonly step_key: string;
	readonly state: string;
	readonly started_at: Date;
	readonly finished_at: Date | null;
	readonly result: Record<string, unknown> | null;
	readonly error: { readonly code?: string; readonly message?: string } | null;
}

/** Runs one query over a connection of its own: what an auditor sees, not what a node says. */
export async function queryDatabase<Row extends object>(
	database: { host: string; port: number; database: string; user: string; password: string },
	sql: string,
	values: readonly unknown[] = [],
): Promise<Row[]> {
	const client = new pg.Client(database);
	await client.connect();
	try {
		return (await client.query<Row>(sql, [...values])).rows;
	} finally {
		await client.end();
	}
}

/** The release that a delivery began; undefined while there is none, also before the first node has opened the ledger. */
export async function findRelease({ endpoints }: World, deliveryId: string): Promise<LedgerRelease | undefined> {
	const sql = 'SELECT * FROM deployment_runbook.release WHERE delivery_id = $1';
	try {
		return (await queryDatabase<LedgerRelease>(endpoints.databases.operations, sql, [deliveryId]))[0];
	} catch (error) {
		if (error instanceof pg.DatabaseError && error.code === UNDEFINED_TABLE) return undefined;
		throw error;
	}
}

export interface LedgerGate {
	readonly state: string;
	readonly quorum: number;
	readonly approvers: ReadonlyArray<{ readonly id: string; readonly email: string }>;
	readonly execution_id: string;
	readonly evidence_hash: string;
}

/** A gate of a release; undefined while nobody was asked. */
export async function readGate({ endpoints }: World, releaseId: string, gate: string): Promise<LedgerGate | undefined> {
	const sql = 'SELECT * FROM deployment_runbook.gate WHERE release_id = $1 AND gate = $2';
	return (await queryDatabase<LedgerGate>(endpoints.databases.operations, sql, [releaseId, gate]))[0];
}

/** Its steps in the order in which they began. */
export async function readSteps({ endpoints }: World, releaseId: string): Promise<LedgerStep[]> {
	const sql = 'SELECT * FROM deployment_runbook.step WHERE release_id = $1 ORDER BY started_at';
	return await queryDatabase<LedgerStep>(endpoints.databases.operations, sql, [releaseId]);
}
