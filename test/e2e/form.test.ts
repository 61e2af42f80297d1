import { queryDatabase } from '../../sandbox/stories/ledgerView.ts';
import { readBucket } from '../../sandbox/stories/readBucket.ts';
import { waitUntil } from '../../sandbox/stories/world.ts';
import { readPages } from '../../sandbox/stories/pages.ts';
import { world } from './world';

describe('the release form', () => {
	test('refuses an environment that the configuration does not deploy to, names the field, and starts nothing', async () => {
		const form = new FormData();
		for (const [index, value] of ['begin', 'staging', '2026.11.2', '', '', 'Operator', '', '', ''].entries())
			form.append(`field-${String(index)}`, value);
		const answer = await fetch(`${world().n8n.url}/form/deploy-production`, { method: 'POST', body: form });
		expect(answer.ok).toBe(true);
		const page = await waitUntil(
			'the page about the wrong environment',
			async () =>
				(await readPages(world())).find(({ event }) =>
					event.payload?.summary?.includes('Environment "staging"'),
				),
			30_000,
		);
		expect(page.event.payload?.summary).toContain('RELEASE.ENVIRONMENT_UNKNOWN');
		const sql = "SELECT id FROM deployment_runbook.release WHERE environment = 'staging'";
		const { operations } = world().endpoints.databases;
		expect(await queryDatabase(operations, sql)).toEqual([]);
		const refused = "SELECT person, code FROM deployment_runbook.refusal WHERE environment = 'staging'";
		expect(await queryDatabase(operations, refused)).toContainEqual({
			person: 'Operator',
			code: 'RELEASE.ENVIRONMENT_UNKNOWN',
		});
	});
});

test('the form that preserves the database dumps it as it is, restores it once, and tells on-call where it lies', async () => {
	const form = new FormData();
	for (const [index, value] of ['cases were overwritten', 'Operator'].entries())
		form.append(`field-${String(index)}`, value);
	const answer = await fetch(`${world().n8n.url}/form/preserve-database`, { method: 'POST', body: form });
	expect(answer.ok).toBe(true);
	const told = async (words: string): Promise<string> =>
		await waitUntil(
			`the page with "${words}"`,
			async () =>
				(await readPages(world()))
					.map(({ event }) => event.payload?.summary ?? '')
					.find((summary) => summary.includes(words)),
			120_000,
		);
	const kept = await told('is preserved as');
	expect(kept).toContain('(cases were overwritten, asked by Operator)');
	const manifest = /preserved as (\S+\.manifest\.json)/.exec(kept)?.[1] ?? 'none';
	expect(manifest).toMatch(/\/emergency\//);
	expect(await told('restored once to prove it')).toContain(manifest);
	const { s3 } = world().endpoints;
	expect(await readBucket(s3, s3.buckets.backups)).toEqual(
		expect.arrayContaining([manifest, manifest.replace('.manifest.', '.verified.')]),
	);
});
