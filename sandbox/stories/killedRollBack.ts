import { pathIn } from '../environments.ts';
import { queryDatabase } from './ledgerView.ts';
import { waitUntil } from './world.ts';
import type { World } from './world.ts';

/** The watchdog comes once a minute; on a busy machine a rollback takes another. */
const patienceMs = 300_000;

/** Sends the rollback form of an environment, as the person on call would. */
export async function pressRollBack(
	world: World,
	{ id, environment }: { id: string; environment: string },
): Promise<void> {
	const form = new FormData();
	for (const [index, value] of [id, 'the new version misbehaves', 'Operator'].entries())
		form.append(`field-${String(index)}`, value);
	const url = `${world.n8n.url}/form/${pathIn(environment, 'roll-back-production')}`;
	const answer = await fetch(url, { method: 'POST', body: form });
	if (!answer.ok) throw new Error(`the rollback form of ${environment} answered ${String(answer.status)}`);
}

/** Waits until a release has ended as rolled back `times` times: each rollback of it ends it anew. */
export async function awaitRolledBack(world: World, releaseId: string, times = 1): Promise<void> {
	await waitUntil(
		`release ${releaseId} is rolled back`,
		async () => ((await countRolledBack(world, releaseId)) >= times ? true : undefined),
		patienceMs,
		500,
	);
}

/** How many rollbacks of a release have ended. */
export async function countRolledBack(world: World, releaseId: string): Promise<number> {
	const sql = `SELECT count(*)::int AS ends FROM deployment_runbook.event
		WHERE release_id = $1 AND kind LIKE 'release.rolled-back-%' AND payload::jsonb #>> '{detail,finished_at}' IS NOT NULL`;
	return (
		(await queryDatabase<{ ends: number }>(world.endpoints.databases.operations, sql, [releaseId]))[0]?.ends ?? 0
	);
}
