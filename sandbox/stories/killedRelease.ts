import type { installBarrier } from '../ledgerBarrier.ts';
import type { HoldPoint } from '../ledgerBarrier.ts';
import { approve, awaitLinks } from './approve.ts';
import { countFailureReports, readExecution } from './killedFacts.ts';
import { gatesBefore } from './killedPoint.ts';
import type { KillPoint } from './killedPoint.ts';
import { queryDatabase, readSteps } from './ledgerView.ts';
import type { LedgerRelease } from './ledgerView.ts';
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

/** Votes at the gates before the point, and waits until the release stands at it. @throws when it ends before */
export async function reach(
	world: World,
	release: LedgerRelease,
	{ point, environment, barrier }: { point: KillPoint; environment: string; barrier: Barrier },
): Promise<void> {
	for (const gate of gatesBefore(point)) await passGate(world, release.id, gate);
	const held = holdPointOf(environment, point);
	if (held) {
		await barrier.waitUntilHeld(held, patienceMs);
		return;
	}
	await awaitLinks(world, { releaseId: release.id, gate: gateOf(point) }, patienceMs);
	await awaitParked(world, release.execution_id);
}

/** Waits until n8n has put a run aside: the mails of a gate go out shortly before, and a kill in between ends the run. */
async function awaitParked(world: World, executionId: string): Promise<void> {
	await waitUntil(
		`execution ${executionId} waits`,
		async () => ((await readExecution(world, executionId)) === 'waiting' ? true : undefined),
		patienceMs,
	);
}

/** Gives a gate the votes that it still wants, unless its step is proven. */
export async function passGate(world: World, releaseId: string, gate: 1 | 2): Promise<void> {
	for (const approver of voters.slice(0, gate))
		await approve(world, { releaseId, gate, vote: { decision: 'approve', approver }, timeoutMs: patienceMs });
}

/** Waits until the heartbeat of a release that waits for nobody has been silent for long enough, and resumes the release as the CI would. */
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

/** Waits until n8n's error workflow has told of the execution that ran a release. */
export async function awaitFailureReport(
	world: World,
	{ environment, execution_id: executionId }: { environment: string; execution_id: string },
): Promise<void> {
	await waitUntil(
		`the error workflow tells of execution ${executionId}`,
		async () => ((await countFailureReports(world, { environment, executionId })) > 0 ? true : undefined),
		patienceMs,
		1000,
	);
}

/** Waits until n8n counts an execution as over, and gives how it ended. */
export async function awaitExecutionEnd(world: World, executionId: string): Promise<string> {
	return await waitUntil(
		`execution ${executionId} is over`,
		async () => {
			const status = await readExecution(world, executionId);
			return status === undefined || ['new', 'running', 'waiting'].includes(status) ? undefined : status;
		},
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
	const sql = `SELECT extract(epoch FROM now() - e.heartbeat_at)::float AS silent FROM deployment_runbook.environment e
		JOIN deployment_runbook.release r ON r.id = e.holder WHERE r.id = $1 AND r.state = 'running'`;
	const [row] = await queryDatabase<{ silent: number }>(endpoints.databases.operations, sql, [releaseId]);
	return row?.silent ?? 0;
}

function gateOf({ stepKey }: KillPoint): 1 | 2 {
	return stepKey === 'gate-1/approval' ? 1 : 2;
}
