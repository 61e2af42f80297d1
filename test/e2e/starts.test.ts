import { awaitLinks, vote } from '../../sandbox/stories/approve.ts';
import { awaitEnd, beginRelease } from '../../sandbox/stories/beginRelease.ts';
import { queryDatabase } from '../../sandbox/stories/ledgerView.ts';
import { readPages } from '../../sandbox/stories/pages.ts';
import { sendRelease } from '../../sandbox/stories/sendRelease.ts';
import { waitUntil } from '../../sandbox/stories/world.ts';
import { world } from './world';

const MINUTES = 60_000;
jest.setTimeout(4 * MINUTES);

const ledger = async (sql: string, values: readonly unknown[] = []): Promise<object[]> =>
	await queryDatabase(world().endpoints.databases.operations, sql, values);

async function refusalOf(person: string): Promise<object> {
	const sql = 'SELECT code FROM deployment_runbook.refusal WHERE person = $1';
	return await waitUntil('the refusal', async () => (await ledger(sql, [person]))[0], 30_000);
}

describe('the start of a release through real n8n', () => {
	test('is refused while the environment is frozen, unless somebody overrides it in writing', async () => {
		await ledger(
			`INSERT INTO deployment_runbook.freeze (id, environment, reason, declared_by, from_at)
			 VALUES ('freeze-e2e', 'production', 'audit', 'the auditor', now() - interval '1 minute')`,
		);
		try {
			await sendRelease(world(), { version: '2026.11.2', startedBy: 'ci of the frozen week' });
			expect(await refusalOf('ci of the frozen week')).toEqual({ code: 'RELEASE.WINDOW_CLOSED' });

			const override = { person: 'the release manager', reason: 'a fix that cannot wait' };
			const release = await beginRelease(world(), { version: '2026.11.2', override });
			expect(await ledger('SELECT override FROM deployment_runbook.release WHERE id = $1', [release.id])).toEqual(
				[{ override }],
			);
			const links = await awaitLinks(world(), { releaseId: release.id, gate: 1 }, 2 * MINUTES);
			await vote(links.get('on-call@yourdomain.com') ?? '', { decision: 'reject', comment: 'after all not' });
			expect((await awaitEnd(world(), release, 2 * MINUTES)).state).toBe('rejected');
		} finally {
			await ledger("UPDATE deployment_runbook.freeze SET lifted_at = now(), lifted_by = 'the auditor'");
		}
	});

	test('as a rehearsal looks at everything, changes nothing and gives the resolved plan', async () => {
		const sent = await sendRelease(world(), {
			version: '2026.11.2',
			intent: 'rehearse',
			startedBy: 'rehearsing ci',
		});
		expect(sent.status).toBe(202);
		const sql = `SELECT r.id, r.state, r.rehearsal, (SELECT array_agg(s.step_key ORDER BY s.started_at) FROM deployment_runbook.step s
				WHERE s.release_id = r.id AND s.state <> 'passed') AS "notPassed",
			(SELECT count(*)::int FROM deployment_runbook.step s WHERE s.release_id = r.id AND s.kind = 'change') AS changes
			FROM deployment_runbook.release r WHERE r.started_by = 'rehearsing ci' AND r.finished_at IS NOT NULL`;
		const release = await waitUntil('the rehearsal ends', async () => (await ledger(sql))[0], 90_000);
		expect(release).toMatchObject({ state: 'failed-before-change', rehearsal: true, notPassed: null, changes: 0 });
	});

	test('that is to resume a release which the ledger does not know is refused, and nothing begins', async () => {
		const order = { version: '', intent: 'resume', releaseId: 'r-unknown', startedBy: 'impatient ci' } as const;
		await sendRelease(world(), order);
		expect(await refusalOf('impatient ci')).toEqual({ code: 'RELEASE.UNKNOWN' });
		const page = await waitUntil(
			'the page about it',
			async () => (await readPages(world())).find(({ event }) => event.payload?.summary?.includes('r-unknown')),
			30_000,
		);
		expect(page.event.payload?.summary).toContain('RELEASE.UNKNOWN');
	});

	test('that is to run what was held back is refused while there is nothing that may run', async () => {
		const form = new FormData();
		for (const [index, value] of ['production', 'hasty operator', '', '', ''].entries())
			form.append(`field-${String(index)}`, value);
		const answer = await fetch(`${world().n8n.url}/form/contract-release`, { method: 'POST', body: form });
		expect(answer.ok).toBe(true);
		expect(await refusalOf('hasty operator')).toEqual({ code: 'RELEASE.NOT_CONTRACTIBLE' });
		expect(await ledger('SELECT id FROM deployment_runbook.release WHERE contracts')).toEqual([]);
		await waitUntil(
			'the page about it',
			async () =>
				(await readPages(world())).find(({ event }) => event.payload?.summary?.includes('NOT_CONTRACTIBLE')),
			30_000,
		);
	});
});
