import type { installBarrier } from '../ledgerBarrier.ts';
import type { HoldPoint } from '../ledgerBarrier.ts';
import { approve, awaitLinks } from './approve.ts';
import { gatesBefore } from './killedPoint.ts';
import type { KillPoint } from './killedPoint.ts';
import { findRelease, queryDatabase, readSteps } from './ledgerView.ts';
import type { LedgerRelease } from './ledgerView.ts';
import { readPages } from './pages.ts';
import { sendRelease } from './sendRelease.ts';
import { waitUntil } from './world.ts';
import type { World } from './world.ts';

/** What the barrier needs of a killed release: who holds it, and where. */
export type Barrier = Awaited<ReturnType<typeof installBarrier>>;

/** As the sandbox's configuration says: silence after which a release counts as stopped. */
const staleAfterSeconds = 15;
/** On two cores that others use too, a step that takes a second may take half a minute. */
const patienceMs = 240_000;
/** Of the shipped configuration: gate 1 wants one of them, gate 2 two. */
const voters = ['on-call@yourdomain.com', 'devops-lead@yourdomain.com'];

/** Where the barrier stops a release of an environment; undefined for a kill while it waits, which needs none. */
export function holdPointOf(environment: string, { stepKey, moment }: KillPoint): HoldPoint | undefined {
	return moment === 'waiting' ? undefined : { environment, stepKey, moment };
}

/** Sends the CI's webhook for an environment and waits until the release has begun. */
export async function beginRelease(
	world: World,
	{ environment, version }: { environment: string; version: string },
): Promise<LedgerRelease> {
	const sent = await waitUntil(
		'n8n takes the webhook',
		async () => {
			const answer = await sendRelease(world, { environment, version });
			return answer.status === 404 ? undefined : answer;
		},
		patienceMs,
	);
	if (sent.status !== 202) throw new Error(`the webhook of ${environment} answered ${String(sent.status)}`);
	return await waitUntil(
		`a release of ${environment} begins`,
		async () => await findRelease(world, sent.deliveryId),
		patienceMs,
	);
}

/** Votes at the gates before the point, and waits until the release stands at it. @throws when it ends before */
export async function reach(
	world: World,
	release: LedgerRelease,
	{ point, environment, barrier }: { point: KillPoint; environment: string; barrier: Barrier },
): Promise<void> {
	for (const gate of gatesBefore(point)) await passGate(world, release.id, gate);
	const held = holdPointOf(environment, point);
	if (held) await barrier.waitUntilHeld(held, patienceMs);
	else await awaitLinks(world, { releaseId: release.id, gate: gateOf(point) }, patienceMs);
}

/** Gives a gate the votes that it still wants, unless its step is proven. */
export async function passGate(world: World, releaseId: string, gate: 1 | 2): Promise<void> {
	for (const approver of voters.slice(0, gate))
		await approve(world, { releaseId, gate, vote: { decision: 'approve', approver }, timeoutMs: patienceMs });
}

/** Waits until the heartbeat has been silent for long enough, and resumes the release as the CI would. */
export async function resume(world: World, { id, environment }: { id: string; environment: string }): Promise<void> {
	await waitUntil(
		`release ${id} counts as stopped`,
		async () => ((await silentSeconds(world, id)) > staleAfterSeconds ? true : undefined),
		patienceMs,
	);
	const sent = await sendRelease(world, { version: '', environment, intent: 'resume', releaseId: id });
	if (sent.status !== 202) throw new Error(`the resume of ${id} was answered ${String(sent.status)}`);
	await waitUntil(
		`release ${id} is resumed`,
		async () => ((await readRelease(world, id)).resumes > 0 ? true : undefined),
		patienceMs,
	);
}

/** Votes at the gates that open from now on, and waits until the release is watched or has ended. */
export async function followToWatch(world: World, releaseId: string): Promise<void> {
	const passed = async (gate: 1 | 2): Promise<boolean> =>
		(await readSteps(world, releaseId)).some(
			({ step_key, state }) => step_key === `gate-${String(gate)}/approval` && state === 'passed',
		);
	const settled = async (): Promise<boolean> => {
		const { state, finished_at } = await readRelease(world, releaseId);
		return state === 'watching' || finished_at !== null;
	};
	const seen = new Set<1 | 2>();
	await waitUntil(
		`release ${releaseId} is watched`,
		async () => {
			if (await settled()) return true;
			for (const gate of [1, 2] as const) {
				if (seen.has(gate) || (await passed(gate)) || !(await isAsked(world, releaseId, gate))) continue;
				seen.add(gate);
				await passGate(world, releaseId, gate);
			}
			return undefined;
		},
		patienceMs,
		1000,
	);
}

/** Waits until n8n's error workflow has told of an execution. */
export async function awaitFailureReport(world: World, executionId: string): Promise<void> {
	await waitUntil(
		`the page about execution ${executionId}`,
		async () => (await readPages(world)).find(({ dedupKey }) => dedupKey === `execution/${executionId}`),
		patienceMs,
		1000,
	);
}

async function isAsked({ endpoints }: World, releaseId: string, gate: 1 | 2): Promise<boolean> {
	const sql = `SELECT 1 FROM deployment_runbook.gate g JOIN deployment_runbook.release r ON r.id = g.release_id
		WHERE g.release_id = $1 AND g.gate = $2 AND g.state = 'open' AND g.decided_at IS NULL AND r.state = 'waiting'`;
	const key = `gate-${String(gate)}/approval`;
	return (await queryDatabase(endpoints.databases.operations, sql, [releaseId, key])).length > 0;
}

async function readRelease({ endpoints }: World, releaseId: string): Promise<LedgerRelease> {
	const sql = 'SELECT * FROM deployment_runbook.release WHERE id = $1';
	const [release] = await queryDatabase<LedgerRelease>(endpoints.databases.operations, sql, [releaseId]);
	if (!release) throw new Error(`the ledger has no release ${releaseId}`);
	return release;
}

async function silentSeconds({ endpoints }: World, releaseId: string): Promise<number> {
	const sql = `SELECT extract(epoch FROM now() - heartbeat_at)::float AS silent FROM deployment_runbook.environment WHERE holder = $1`;
	const [row] = await queryDatabase<{ silent: number }>(endpoints.databases.operations, sql, [releaseId]);
	return row?.silent ?? 0;
}

function gateOf({ stepKey }: KillPoint): 1 | 2 {
	return stepKey === 'gate-1/approval' ? 1 : 2;
}
