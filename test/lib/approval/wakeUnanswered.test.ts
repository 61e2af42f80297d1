import { randomBytes } from 'node:crypto';
import { createApprovalLinks } from '../../../lib/approval/approvalLinks';
import { wakeUnanswered } from '../../../lib/approval/wakeUnanswered';
import type { GateRecord } from '../../../lib/release/gate';
import { systemClock } from '../../../lib/support/clock';
import { startScriptedServer, type ScriptedServer } from '../../support/scriptedServer';
import { gate, release } from './gateFixture';

const links = createApprovalLinks(randomBytes(32).toString('hex'));
const PATH = '/webhook-waiting/12?signature=canary-signature';
let n8n: ScriptedServer;
let status = 200;

beforeAll(async () => {
	n8n = await startScriptedServer((_, response) => response.writeHead(status).end('{}'));
});
afterAll(async () => await n8n.close());
beforeEach(() => {
	status = 200;
	n8n.requests.length = 0;
});

async function wake(...records: GateRecord[]) {
	const listUnanswered = jest.fn(async () => await Promise.resolve(records));
	const run = { links, clock: systemClock, signal: new AbortController().signal };
	const report = await wakeUnanswered({ listUnanswered }, 'production', run);
	expect(listUnanswered).toHaveBeenCalledWith('production', 30_000);
	return report;
}

const sealed = async (url: string): Promise<GateRecord> => gate({ wakeSeal: await links.sealUrl(url) });

it('posts a wake token to where the execution waits', async () => {
	const record = await sealed(`${n8n.url}${PATH}`);
	expect(await wake(record)).toEqual({ woken: [{ releaseId: release().id, gate: 'gate-1/approval' }], failed: [] });
	expect(n8n.requests).toMatchObject([{ method: 'POST', path: PATH }]);
	const token = new URLSearchParams(n8n.requests[0]?.body).get('wake') ?? '';
	expect(await links.isWake(token, { releaseId: record.releaseId, gate: record.gate }, new Date())).toBe(true);
});

it.each([
	[409, 'runs or has ended'],
	[404, 'no such waiting execution'],
	[302, 'answered 302'],
	[500, 'answered 500'],
])('%i is reported and stops nothing', async (answer, words) => {
	status = answer;
	const { woken, failed } = await wake(await sealed(`${n8n.url}${PATH}`), await sealed(`${n8n.url}${PATH}`));
	expect([woken, failed.length, n8n.requests.length]).toEqual([[], 2, 2]);
	expect(failed[0]?.reason).toContain(words);
	expect(JSON.stringify(failed)).not.toContain('canary');
});

it('a server that is gone and a seal of another secret are reported without the address', async () => {
	const gone = await startScriptedServer(() => undefined);
	await gone.close();
	const foreign = await createApprovalLinks(randomBytes(32).toString('hex')).sealUrl(`${n8n.url}${PATH}`);
	const { failed } = await wake(
		await sealed(`${gone.url}${PATH}`),
		gate({ wakeSeal: foreign }),
		gate({ wakeSeal: '' }),
	);
	expect(failed.map(({ reason }) => reason)).toEqual([
		'connection refused',
		expect.stringContaining('cannot be read') as string,
		expect.stringContaining('cannot be read') as string,
	]);
	expect(JSON.stringify(failed)).not.toMatch(/canary|127\.0\.0\.1/);
	expect(n8n.requests).toEqual([]);
});
