import { findRelease, queryDatabase } from '../../sandbox/stories/ledgerView.ts';
import { sendRelease, type Forgery } from '../../sandbox/stories/sendRelease.ts';
import { waitUntil } from '../../sandbox/stories/world.ts';
import { world } from './world';

/** Executions of deploy-production that n8n knows. */
async function countExecutions(): Promise<number> {
	const rows = await queryDatabase<{ count: string }>(
		world().endpoints.databases.n8n,
		`SELECT count(*) FROM execution_entity WHERE "workflowId" = 'deploy-production'`,
	);
	return Number(rows[0]?.count);
}

const LONG_AGO = new Date(Date.now() - 6 * 60_000);
const OTHER_SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

const refusals: Array<[string, Forgery, number, string]> = [
	['without a signature', { unsigned: true }, 401, 'WEBHOOK.SIGNATURE_MISSING'],
	['signed with another secret', { secret: OTHER_SECRET }, 401, 'WEBHOOK.SIGNATURE_INVALID'],
	['signed six minutes ago', { sentAt: LONG_AGO }, 401, 'WEBHOOK.SIGNATURE_INVALID'],
	[
		'whose body was changed',
		{ body: '{"version":"6.6.6","environment":"production"}' },
		401,
		'WEBHOOK.SIGNATURE_INVALID',
	],
];

describe('the release webhook', () => {
	test.each(refusals)('refuses a request %s and starts no execution', async (_name, forgery, status, code) => {
		const before = await countExecutions();
		const answer = await sendRelease(world(), { version: '2026.11.2' }, forgery);
		expect({ status: answer.status, body: answer.body }).toMatchObject({ status, body: { error: { code } } });
		expect(await findRelease(world(), answer.deliveryId)).toBeUndefined();
		expect(await countExecutions()).toBe(before);
	});

	test('refuses a delivery that it has seen before', async () => {
		// An environment that does not exist: the first delivery is taken, and its release refused, without touching anything.
		const order = { version: '2026.11.2', environment: 'nowhere' };
		const beforeFirst = await countExecutions();
		const first = await sendRelease(world(), order);
		expect(first.status).toBe(202);
		const before = await waitUntil(
			'the execution of the first delivery',
			async () => {
				const count = await countExecutions();
				return count > beforeFirst ? count : undefined;
			},
			15_000,
		);
		const second = await sendRelease(world(), order, { deliveryId: first.deliveryId });
		expect(second).toMatchObject({ status: 409, body: { error: { code: 'WEBHOOK.REPLAYED' } } });
		expect(await countExecutions()).toBe(before);
	});
});
