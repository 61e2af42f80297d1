import { buildEvent } from '../../../lib/paging/buildEvent';
import type { Page } from '../../../lib/paging/model';

const PAGE: Page = {
	action: 'trigger',
	summary: 'Release 2026.11.2 was rolled back',
	source: 'production',
	severity: 'critical',
	dedupKey: 'release-1',
	links: [{ href: 'https://n8n.example.com/executions/2', text: 'Execution' }],
	customDetails: { version: '2026.11.2' },
};
const AT = new Date('2026-11-23T20:00:00Z');

describe('buildEvent', () => {
	it('a trigger carries everything', () => {
		expect(buildEvent(PAGE, AT)).toEqual({
			path: '/v2/enqueue',
			body: {
				event_action: 'trigger',
				dedup_key: 'release-1',
				payload: {
					summary: 'Release 2026.11.2 was rolled back',
					source: 'production',
					severity: 'critical',
					timestamp: '2026-11-23T20:00:00.000Z',
					custom_details: { version: '2026.11.2' },
				},
				links: [{ href: 'https://n8n.example.com/executions/2', text: 'Execution' }],
				client: 'n8n deployment runbook',
			},
		});
	});

	it.each(['acknowledge', 'resolve'] as const)('%s carries only the key', (action) => {
		expect(buildEvent({ ...PAGE, action }, AT)).toEqual({
			path: '/v2/enqueue',
			body: { event_action: action, dedup_key: 'release-1' },
		});
	});

	it('a change has no key and no severity', () => {
		const { path, body } = buildEvent({ ...PAGE, action: 'change' }, AT);
		expect(path).toBe('/v2/change/enqueue');
		expect(Object.keys(body)).toEqual(['payload', 'links']);
		expect(body.payload).not.toHaveProperty('severity');
	});

	it('cuts the summary at 1024 and the key at 255 characters, never through one', () => {
		const { body } = buildEvent(
			{ ...PAGE, summary: `${'x'.repeat(1022)}🔥${'y'.repeat(9)}`, dedupKey: 'k'.repeat(300) },
			AT,
		);
		const { summary } = body.payload as { summary: string };
		expect(summary).toBe(`${'x'.repeat(1022)}…`);
		expect((body.dedup_key as string).length).toBe(255);
		expect(buildEvent({ ...PAGE, summary: 'x'.repeat(1024) }, AT).body.payload).toMatchObject({
			summary: 'x'.repeat(1024),
		});
	});

	it('refuses an event that the pager would refuse for its size', () => {
		expect(() => buildEvent({ ...PAGE, customDetails: { log: 'x'.repeat(600_000) } }, AT)).toThrow(
			expect.objectContaining({ code: 'PAGING.EVENT_TOO_LARGE' }) as Error,
		);
	});
});
