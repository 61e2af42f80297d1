import type { Client } from 'pg';
import { isFenceMissing } from './fence.client';
import type { InterruptedScript, MigrationFence } from './model';
import { isSqlState } from './sqlState';

/**
 * Scripts whose run ended without a word in the middle. Only those of which it is certain what they left: they ran in one transaction,
 * which noted its own commit. A failure that was reported (the engine writes it into `logs`) is not among them: it is for a person to decide.
 */
const INTERRUPTED = `SELECT m.id, m.migration_name AS name, s.committed_at IS NOT NULL AS "wasCommitted"
	FROM _prisma_migrations m JOIN deployment_runbook.migration_script s ON s.id = m.id
	WHERE m.finished_at IS NULL AND m.rolled_back_at IS NULL AND m.logs IS NULL AND s.is_atomic ORDER BY m.started_at`;

/** Scripts that an interrupted deployment left without an end, and whether they were committed. */
export async function readInterrupted(client: Client): Promise<InterruptedScript[]> {
	if (await isFenceMissing(client)) return [];
	try {
		return (await client.query<InterruptedScript>(INTERRUPTED)).rows;
	} catch (error) {
		// No history yet, or a role that may not read the notes: then nothing is certain.
		if (isSqlState(error, '42P01', '42501')) return [];
		throw error;
	}
}

/** Writes into the history what is certain: committed means applied, otherwise nothing of it was left. Call it while the migration lock is held. */
export async function settleInterrupted(client: Client): Promise<InterruptedScript[]> {
	const interrupted = await readInterrupted(client);
	for (const { id, wasCommitted } of interrupted) {
		await client.query(
			`UPDATE _prisma_migrations SET finished_at = CASE WHEN $2 THEN now() END, applied_steps_count = CASE WHEN $2 THEN 1 ELSE 0 END,
				rolled_back_at = CASE WHEN NOT $2 THEN now() END WHERE id = $1`,
			[id, wasCommitted],
		);
	}
	return interrupted;
}

/** Names of the migrations that this release applied, in the order in which they ran, whatever run of it did. */
export async function readAppliedBy(client: Client, { environment, release }: MigrationFence): Promise<string[]> {
	if (await isFenceMissing(client)) return [];
	const { rows } = await client.query<{ name: string }>(
		`SELECT m.migration_name AS name FROM _prisma_migrations m JOIN deployment_runbook.migration_script s ON s.id = m.id
		 WHERE s.environment = $1 AND s.release_id = $2 AND m.finished_at IS NOT NULL AND m.rolled_back_at IS NULL ORDER BY m.started_at`,
		[environment, release],
	);
	return rows.map(({ name }) => name);
}
