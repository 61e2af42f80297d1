import { verifyChain } from '../../lib/release/report/verifyChain';
import { changeSteps, gatesBefore, isProvenBefore, releaseSteps } from '../../sandbox/stories/killedPoint.ts';
import type { EventFacts } from '../../sandbox/stories/killedFacts.ts';
import { isReported, VERSION, type KilledStory } from './killedCase';

const OLD = '2026.11.1';
const MIGRATIONS = ['20260301090000_init', '20260614101500_add_users_and_sessions', '20261102083000_add_case_priority'];
const PENDING = 1;
/** Everybody who may approve is asked. */
const APPROVERS = 3;
const WATCH = /^watch\//;
const BACKEND = 'case-management-backend';
const FRONTEND = 'case-management-frontend';
const WORKER = 'case-management-worker';

/** n8n is dead: nothing of what was to come has happened, and what has happened can be seen. */
export function expectStanding({ point, standing }: KilledStory): void {
	const { release, steps, serving, migrations } = standing;
	expect(release).toMatchObject({ state: isAsking(point) ? 'waiting' : 'running', resumes: 0, token: 1 });
	const atPoint = steps.find(({ step_key }) => step_key === point.stepKey)?.state;
	expect(atPoint).toBe(point.moment === 'before' ? undefined : 'started');
	for (const stepKey of releaseSteps.filter((one) => isProvenBefore(one, point)))
		expect([stepKey, steps.find(({ step_key }) => step_key === stepKey)?.state]).toEqual([stepKey, 'passed']);
	const version = isDone(point, '3.2/switch-traffic') ? VERSION : OLD;
	expect(serving).toEqual({ backend: [version], frontend: [version] });
	expect(migrations).toHaveLength(
		isDone(point, '2.1/deploy-migrations') ? MIGRATIONS.length : MIGRATIONS.length - PENDING,
	);
}

/** Whatever n8n told of the run that died, in whatever order: the release kept its lock, and nobody else touched it. */
export function expectUntouched({ point, beforeResume }: KilledStory): void {
	const { release, steps, refusals } = beforeResume;
	expect(release).toMatchObject({
		state: isAsking(point) ? expect.any(String) : 'running',
		token: 1,
		finished_at: null,
		rolling_back_at: null,
	});
	expect(steps.filter(({ step_key }) => step_key.startsWith('rollback/'))).toEqual([]);
	expect(refusals).toEqual([]);
}

/** The release went on to the end of the runbook, once, and says so. */
export function expectWholeLedger({ point, end }: KilledStory): void {
	const { release, steps, refusals } = end;
	const resumes = point.moment === 'waiting' ? 0 : 1;
	const own = steps.filter(({ step_key }) => !WATCH.test(step_key));
	const { reason } = release;
	// First, and in one, for it says why a release went no further.
	expect({
		reason,
		state: release.state,
		notPassed: own.filter(({ state }) => state !== 'passed'),
		missing: releaseSteps.filter((one) => !own.some(({ step_key }) => step_key === one)),
	}).toEqual({ reason, state: expect.stringMatching(/^(watching|succeeded)$/), notPassed: [], missing: [] });
	expect(release).toMatchObject({ resumes, token: 1 + resumes, rolling_back_at: null });
	expect(own.map(({ step_key }) => step_key).toSorted()).toEqual([...releaseSteps].toSorted());
	expect(refusals).toEqual([]);
	expect(verifyChain(end.events)).toEqual({ verified: true, broken: null });
}

/** No change was made twice: what was done is answered from the record, or found done in the world. */
export function expectChangesOnce({ point, standing, end, history }: KilledStory): void {
	for (const stepKey of changeSteps) {
		const attempts = end.steps.find(({ step_key }) => step_key === stepKey)?.attempts;
		expect([stepKey, attempts]).toEqual([stepKey, attemptsOf(stepKey, point)]);
	}
	expect(end.backups.manifests).toHaveLength(1);
	expect(end.backups.archives).toHaveLength(1);
	if (standing.backups.manifests.length > 0) expect(end.backups.manifests).toEqual(standing.backups.manifests);
	expect(end.migrations).toEqual(MIGRATIONS.map((migration_name) => ({ migration_name, finished: true })));
	const imageOf = (workload: string): unknown =>
		end.release.images.find((image) => image.workload === workload)?.image;
	for (const workload of [BACKEND, FRONTEND]) {
		expect(history.images[`${workload}-blue`]).toHaveLength(1);
		expect(history.images[`${workload}-green`]).toEqual([expect.any(String), imageOf(workload)]);
		expect(history.colours[workload]).toEqual(['blue', 'green']);
		expect(history.colours[`${workload}-preview`]).toEqual(['green']);
	}
	const hasWorker = point.environment === 'production';
	expect(history.images[`${WORKER}-blue`]?.length).toBe(hasWorker ? 1 : undefined);
	expect(history.images[`${WORKER}-green`]).toEqual(hasWorker ? [expect.any(String), imageOf(BACKEND)] : undefined);
	expect(end.serving).toEqual({ backend: [VERSION], frontend: [VERSION] });
}

/** Who had voted was not asked again; whoever had not, was. */
export function expectVotesOnce({ point, end }: KilledStory): void {
	const given = gatesBefore(point);
	const askedAgain = point.moment === 'before' && isAsking(point) ? point.stepKey : undefined;
	expect(end.mails).toEqual({
		'gate-1/approval': askedAgain === 'gate-1/approval' && !given.includes(1) ? 2 * APPROVERS : APPROVERS,
		'gate-2/approval': askedAgain === 'gate-2/approval' && !given.includes(2) ? 2 * APPROVERS : APPROVERS,
	});
	expect(end.votes.map(({ gate, approver, decision }) => [gate, approver, decision]).toSorted()).toEqual([
		['gate-1/approval', 'on-call', 'approve'],
		['gate-2/approval', 'devops-lead', 'approve'],
		['gate-2/approval', 'on-call', 'approve'],
	]);
}

/** After the resume every write is under the new token, and n8n counts the old run as dead. */
export function expectOldRunDead({ point, end, oldExecution }: KilledStory): void {
	expect(isReported(point) ? ['crashed', 'error'] : ['success']).toContain(oldExecution);
	if (point.moment === 'waiting') return;
	const resumedAt = end.events.findIndex((event) => detailOf(event).resumes === 1);
	expect(resumedAt).toBeGreaterThan(0);
	const later = end.events.slice(resumedAt).filter(({ kind }) => kind.startsWith('step.'));
	expect(later.length).toBeGreaterThan(0);
	expect(
		later.filter((event) => detailOf(event).token !== 2).map(({ kind, payload }) => ({ kind, payload })),
	).toEqual([]);
}

/** The verified backup's scratch database stands until the previous version ran on what the rehearsal made of it; none is left, also not that of the run that died. */
export function expectNoScratchLeft({ point, scratch }: KilledStory): void {
	const isKept = isDone(point, '1.2/verify-backup') && !isDone(point, '2.1/old-code');
	expect(scratch.standing).toHaveLength(isKept ? 1 : 0);
	expect(scratch.end).toEqual([]);
}

/** The rollback that was killed is completed, by whoever comes, and pressing again finds it done. */
export function expectRolledBack({ point, standing, end, history, scratch }: KilledStory): void {
	expect(standing.release).toMatchObject({ state: 'running', token: 2, rolling_back_at: expect.any(Date) });
	expect(end.release.state).toBe('rolled-back-verified');
	// One for the release, one for the rollback that was killed, one for the one that completed it, one for the one too many.
	expect(end.release.token).toBe(4);
	const [switchBack, ...others] = end.steps.filter(({ step_key }) => step_key === 'rollback/switch-back');
	expect(others).toEqual([]);
	expect(switchBack).toMatchObject({ state: 'passed', result: { alreadyThere: true } });
	expect(end.steps.find(({ step_key }) => step_key === 'rollback/check-live')?.state).toBe('passed');
	for (const workload of [BACKEND, FRONTEND]) {
		expect(history.colours[workload]).toEqual(['blue', 'green', 'blue']);
		expect(history.images[`${workload}-blue`]).toHaveLength(1);
		expect(history.images[`${workload}-green`]).toHaveLength(2);
	}
	const hasWorker = point.environment === 'production';
	expect(history.images[`${WORKER}-blue`]?.length).toBe(hasWorker ? 1 : undefined);
	expect(history.images[`${WORKER}-green`]?.length).toBe(hasWorker ? 2 : undefined);
	expect(end.serving).toEqual({ backend: [OLD], frontend: [OLD] });
	expect(end.backups.manifests).toEqual(standing.backups.manifests);
	expect(end.migrations).toEqual(standing.migrations);
	expect(verifyChain(end.events)).toEqual({ verified: true, broken: null });
	expect(scratch.end).toEqual([]);
}

/** Whether people had been asked and the gate was open: that is before its step, too, which begins once the mails are out. */
function isAsking({ stepKey, moment }: KilledStory['point']): boolean {
	return stepKey.startsWith('gate-') && moment !== 'after';
}

/** Whether the act of a step had taken place at the kill, recorded or not. */
function isDone(point: KilledStory['point'], stepKey: (typeof releaseSteps)[number]): boolean {
	return isProvenBefore(stepKey, point) || (point.stepKey === stepKey && point.moment === 'after');
}

/**
 * A migration whose record is missing runs again to finish the statistics; its scripts are not applied again. Counting and measuring change
 * nothing, so they are simply done again. Everything else is observed.
 */
function attemptsOf(stepKey: string, point: KilledStory['point']): number {
	return REPEATED.includes(stepKey) && point.stepKey === stepKey && point.moment === 'after' ? 2 : 1;
}

const REPEATED = ['1.1/baseline', '2.1/deploy-migrations', '2.2/record-counts'];

function detailOf({ payload }: EventFacts): Readonly<Record<string, unknown>> {
	return (JSON.parse(payload) as { detail: Record<string, unknown> }).detail;
}
