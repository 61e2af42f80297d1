import { killBackendPods } from '../../sandbox/stories/killBackendPods.ts';
import { answerChecklist } from '../../sandbox/stories/answerChecklist.ts';
import { approve, awaitLinks, openCard, vote } from '../../sandbox/stories/approve.ts';
import { awaitEnd, beginRelease } from '../../sandbox/stories/beginRelease.ts';
import { findRelease, queryDatabase, readSteps } from '../../sandbox/stories/ledgerView.ts';
import { awaitPage, readPages } from '../../sandbox/stories/pages.ts';
import { rollBackDatabase } from '../../sandbox/stories/rollBackDatabase.ts';
import { runRelease, type Story } from '../../sandbox/stories/runRelease.ts';
import { sendRelease } from '../../sandbox/stories/sendRelease.ts';
import { servingVersions } from '../../sandbox/stories/servingVersions.ts';
import { readReplicas, readWorkerRuns } from '../../sandbox/stories/workers.ts';
import { waitUntil } from '../../sandbox/stories/world.ts';
import { world } from './world';

const OLD = '2026.11.1';
const GOOD = '2026.11.2';
const MINUTES = 60_000;
const ON_CALL = 'on-call@yourdomain.com';
const APPROVERS = [ON_CALL, 'devops-lead@yourdomain.com', 'technical-lead@yourdomain.com'];

const stateOf = ({ steps }: Story, stepKey: string): string | undefined =>
	steps.find(({ step_key }) => step_key === stepKey)?.state;

/** Every bad version starts from a healthy one and must leave it serving. */
async function expectServing(version: string): Promise<void> {
	expect(await servingVersions(world())).toEqual({ backend: [version], frontend: [version] });
}

/** Replicas of blue and green. */
async function expectReplicas(expected: Readonly<Record<string, readonly [number, number]>>): Promise<void> {
	const replicas = await readReplicas(world());
	const found = Object.keys(expected).map((name) => [
		name,
		['blue', 'green'].map((colour) => replicas[`case-management-${name}-${colour}`]),
	]);
	expect(Object.fromEntries(found)).toEqual(expected);
}

/** The worker of one version goes on working while that of the other does nothing any more. */
async function expectWorkerOf(version: string, other: string): Promise<void> {
	const before = await readWorkerRuns(world());
	const after = await waitUntil(
		`the worker of ${version} works`,
		async () => {
			const runs = await readWorkerRuns(world());
			return (runs[version] ?? 0) >= (before[version] ?? 0) + 2 ? runs : undefined;
		},
		10_000,
	);
	// A run that was under way at the first look may have ended since.
	expect((after[other] ?? 0) - (before[other] ?? 0)).toBeLessThanOrEqual(1);
}

describe('a release through real n8n', () => {
	jest.setTimeout(5 * MINUTES);

	test('that crashes at start is stopped by staging, before production gets its images', async () => {
		await expectServing(OLD);
		const story = await runRelease(world(), { version: '2026.11.3-crash' });
		expect(stateOf(story, '3.1/staging-wait')).toBe('failed');
		expect(stateOf(story, '3.1/set-image')).toBeUndefined();
		expect(story.release.state).toBe('stopped-schema-ahead');
		await expectServing(OLD);
	});

	test('that is good ends with the new version serving, its worker at work, the old colour scaled down behind the watch, and who validated the business on record', async () => {
		const whileWatched: Array<number | undefined> = [];
		const story = await runRelease(world(), {
			version: GOOD,
			whileWatched: async ({ id }) => {
				whileWatched.push((await readReplicas(world()))['case-management-backend-blue']);
				await answerChecklist(world(), { id, person: 'Product manager', answer: 'yes' });
			},
		});
		expect(story.release).toMatchObject({ state: 'succeeded' });
		expect(whileWatched).toEqual([2]);
		await expectReplicas({ backend: [0, 2], frontend: [0, 1], worker: [0, 1] });
		await expectWorkerOf(GOOD, OLD);
		const scaledDown = story.steps.find(({ step_key }) => step_key === 'watch/scale-down-previous');
		expect(scaledDown?.result).toMatchObject({ kept: [], notYet: null, warnings: [] });
		expect(story.steps.filter(({ state }) => state !== 'passed')).toEqual([]);
		expect(story.steps.find(({ step_key }) => step_key === '4.3/business-checklist')?.result).toMatchObject({
			person: 'Product manager',
			answers: expect.arrayContaining([{ question: 'Login works', answer: 'yes' }]) as unknown,
		});
		await expectServing(GOOD);
	});

	test('whose rows were deleted gets them back by the form, two approvers and one swap; the replaced database is kept', async () => {
		const { operations, production } = world().endpoints.databases;
		const sql = `SELECT r.id, s.result ->> 'backupId' AS backup FROM deployment_runbook.release r JOIN deployment_runbook.step s ON s.release_id = r.id
			WHERE r.version = $1 AND r.state = 'succeeded' AND s.step_key = '1.2/create-backup'`;
		const [release] = await queryDatabase<{ id: string; backup: string }>(operations, sql, [GOOD]);
		const users = async (): Promise<number | undefined> =>
			(await queryDatabase<{ count: number }>(production, 'SELECT count(*)::int AS count FROM users'))[0]?.count;
		const before = await users();
		await queryDatabase(production, 'DELETE FROM users');
		expect([before, await users()]).toEqual([expect.any(Number), 0]);

		const state = await rollBackDatabase(world(), {
			releaseId: release?.id ?? '',
			backupId: release?.backup ?? '',
			database: production.database,
			waivers: 'session',
			approvers: APPROVERS.slice(0, 2),
			timeoutMs: 3 * MINUTES,
		});
		expect(state).toBe('rolled-back-verified');
		expect(await users()).toBe(before);
		const kept = await queryDatabase<{ datallowconn: boolean }>(
			production,
			"SELECT datallowconn FROM pg_database WHERE datname LIKE $1 || '_broken_%'",
			[production.database],
		);
		expect(kept).toEqual([{ datallowconn: false }]);
		const page = await awaitPage(world(), `${release?.id ?? ''}/database-restored`);
		expect(page.event.payload?.summary).toContain(`${production.database}_broken_`);
		await expectServing(GOOD);
	});

	test('that fails one request in five is rolled back by the error rate held above 10 %', async () => {
		const story = await runRelease(world(), { version: '2026.11.4-errors' });
		expect(stateOf(story, '4.2/error-rate')).toBe('failed');
		expect(stateOf(story, '4.2/response-time')).toBeUndefined();
		expect(story.release.state).toBe('rolled-back-verified');
		expect(stateOf(story, '3.2/move-workers')).toBe('passed');
		await expectServing(GOOD);
		await expectReplicas({ backend: [0, 2], frontend: [0, 1], worker: [0, 1] });
		await expectWorkerOf(GOOD, '2026.11.4-errors');
		const page = await awaitPage(world(), `${story.release.id}/rolled-back`);
		expect(page.event.payload?.severity).toBe('critical');
	});

	test('that is slow is rolled back by the response time of phase 4', async () => {
		const story = await runRelease(world(), { version: '2026.11.5-slow' });
		expect(stateOf(story, '4.2/error-rate')).toBe('passed');
		expect(stateOf(story, '4.2/response-time')).toBe('failed');
		expect(story.release.state).toBe('rolled-back-verified');
		await expectServing(GOOD);
	});

	test('that turns unhealthy after a while is rolled back by the watch', async () => {
		const story = await runRelease(world(), { version: '2026.11.6-unhealthy' });
		expect(stateOf(story, '4.2/response-time')).toBe('passed');
		expect([stateOf(story, 'watch/health'), stateOf(story, 'watch/error-rate')]).toContain('failed');
		expect(story.release.state).toBe('rolled-back-verified');
		await expectServing(GOOD);
	});

	test('that is rejected at gate 2 leaves the old version serving; no link votes twice, and two votes at once are one decision', async () => {
		const release = await beginRelease(world(), { version: '2026.11.7' });
		const gate1 = { releaseId: release.id, gate: 1, timeoutMs: 2 * MINUTES } as const;
		await approve(world(), { ...gate1, vote: { decision: 'approve', approver: ON_CALL } });
		const links = await awaitLinks(world(), { releaseId: release.id, gate: 2 }, 2 * MINUTES);
		const [onCall = '', ...others] = APPROVERS.map((approver) => links.get(approver) ?? '');
		await openCard(onCall);
		expect((await vote(onCall, { decision: 'approve' })).status).toBe(200);
		const again = await vote(onCall, { decision: 'approve' });
		expect({ status: again.status, body: await again.json() }).toMatchObject({
			status: 409,
			body: { error: { code: 'APPROVAL.REPLAYED' } },
		});

		const body = new URLSearchParams({ decision: 'reject', comment: 'not yet' });
		const headers = { accept: 'application/json' };
		// n8n answers 409 while the run looks at the vote before; a person's card tries again, and so do both of them at once.
		const recorded = await waitUntil(
			'one of two votes at once counts',
			async () => {
				const answers = await Promise.all(
					others.map(async (link) => await fetch(link, { method: 'POST', headers, body })),
				);
				const counted = answers.filter(({ ok }) => ok);
				return counted.length > 0 ? counted : undefined;
			},
			30_000,
		);
		const ended = await awaitEnd(world(), release, 2 * MINUTES);
		expect(ended.state).toBe('rejected');
		const rows = await queryDatabase<{ decision: string }>(
			world().endpoints.databases.operations,
			"SELECT decision FROM deployment_runbook.vote WHERE release_id = $1 AND gate = 'gate-2/approval'",
			[release.id],
		);
		expect(rows.filter(({ decision }) => decision === 'reject')).toHaveLength(recorded.length);
		const steps = await readSteps(world(), release.id);
		expect(steps.find(({ step_key }) => step_key === 'gate-2/approval')?.state).toBe('failed');
		expect(steps.find(({ step_key }) => step_key === '3.2/switch-traffic')).toBeUndefined();
		await expectServing(GOOD);
	});

	test('whose pods are killed while it is watched goes back to the old version', async () => {
		const story = await runRelease(world(), {
			version: '2026.11.7',
			whileWatched: async () => await killBackendPods(world()),
		});
		expect([stateOf(story, 'watch/health'), stateOf(story, 'watch/error-rate')]).toContain('failed');
		expect(story.release.state).toBe('rolled-back-verified');
		await expectServing(GOOD);
	});

	test('of an unknown version starts nothing, names the field and pages', async () => {
		const sent = await sendRelease(world(), { version: '1999.1.1' });
		expect(sent.status).toBe(202);
		const page = await waitUntil(
			'the page about the unknown version',
			async () => (await readPages(world())).find(({ event }) => event.payload?.summary?.includes('1999.1.1')),
			30_000,
		);
		expect(page.event.payload?.summary).toContain('RELEASE.VERSION_UNKNOWN');
		expect(await findRelease(world(), sent.deliveryId)).toBeUndefined();
	});
});
