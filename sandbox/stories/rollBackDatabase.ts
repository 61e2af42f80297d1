import { approve } from './approve.ts';
import { queryDatabase } from './ledgerView.ts';
import { waitUntil } from './world.ts';
import type { World } from './world.ts';

/** The database rollback of a release, as an operator and two approvers live it. */
export interface DatabaseRollback {
	readonly releaseId: string;
	readonly backupId: string;
	readonly database: string;
	/** What is knowingly accepted, as it is typed. */
	readonly waivers: string;
	/** By mail address. */
	readonly approvers: readonly string[];
	readonly timeoutMs: number;
}

/** Sends the form, lets each approver say yes, and waits until the release has ended. Gives the state that it ended in. */
export async function rollBackDatabase(
	world: World,
	{ releaseId, backupId, database, waivers, approvers, timeoutMs }: DatabaseRollback,
): Promise<string> {
	const form = new FormData();
	const answers = [releaseId, backupId, database, 'rows were deleted', 'Operator', waivers];
	for (const [index, value] of answers.entries()) form.append(`field-${String(index)}`, value);
	const answer = await fetch(`${world.n8n.url}/form/roll-back-database`, { method: 'POST', body: form });
	if (!answer.ok) throw new Error(`the form of the database rollback answered ${String(answer.status)}`);
	for (const approver of approvers) {
		const vote = { decision: 'approve', approver } as const;
		await approve(world, { releaseId, gate: 3, vote, timeoutMs });
	}
	return await waitUntil(
		`the database rollback of ${releaseId} ends`,
		async () => {
			const sql = `SELECT r.state FROM deployment_runbook.release r JOIN deployment_runbook.step s ON s.release_id = r.id
				WHERE r.id = $1 AND s.step_key = 'database/restore' AND r.finished_at > s.started_at`;
			return (await queryDatabase<{ state: string }>(world.endpoints.databases.operations, sql, [releaseId]))[0]
				?.state;
		},
		timeoutMs,
	);
}
