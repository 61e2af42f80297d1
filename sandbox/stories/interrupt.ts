import { queryDatabase, readSteps } from './ledgerView.ts';
import { sendRelease } from './sendRelease.ts';
import { waitUntil } from './world.ts';
import type { World } from './world.ts';

export interface Interruption {
	/** The release's run is killed once this step was begun. */
	readonly atStep: string;
	/** Kills n8n in the middle of whatever it does, and starts it again. */
	readonly kill: () => Promise<void>;
}

/** As the sandbox's configuration says. */
const staleAfterSeconds = 15;

/** Kills n8n at a step, waits until the release counts as stopped, and resumes it as the CI would. */
export async function interrupt(
	world: World,
	releaseId: string,
	{ atStep, kill, progress, timeoutMs }: Interruption & { progress: (message: string) => void; timeoutMs: number },
): Promise<void> {
	await waitUntil(
		`step ${atStep} of ${releaseId}`,
		async () => (await readSteps(world, releaseId)).find(({ step_key }) => step_key === atStep),
		timeoutMs,
		50,
	);
	await kill();
	progress(`n8n was killed at ${atStep} and runs again`);
	await waitUntil(
		`release ${releaseId} counts as stopped`,
		async () => ((await silentSeconds(world, releaseId)) > staleAfterSeconds ? true : undefined),
		60_000,
	);
	const resumed = await sendRelease(world, { version: '', intent: 'resume', releaseId });
	if (resumed.status !== 202) throw new Error(`the resume was answered ${String(resumed.status)}`);
	await waitUntil(
		`release ${releaseId} is resumed`,
		async () => ((await resumesOf(world, releaseId)) > 0 ? true : undefined),
		30_000,
	);
	progress(`the CI resumed release ${releaseId}`);
}

async function silentSeconds({ endpoints }: World, releaseId: string): Promise<number> {
	const sql = `SELECT extract(epoch FROM now() - heartbeat_at)::float AS silent FROM deployment_runbook.environment WHERE holder = $1`;
	const [row] = await queryDatabase<{ silent: number }>(endpoints.databases.operations, sql, [releaseId]);
	return row?.silent ?? 0;
}

async function resumesOf({ endpoints }: World, releaseId: string): Promise<number> {
	const sql = 'SELECT resumes FROM deployment_runbook.release WHERE id = $1';
	return (
		(await queryDatabase<{ resumes: number }>(endpoints.databases.operations, sql, [releaseId]))[0]?.resumes ?? 0
	);
}
