import { createServer, type AddressInfo, type Server } from 'node:net';
import { checkTcp, type CheckTcpOptions } from '../../../lib/health/checkTcp';
import { tcpTargets } from '../../../lib/health/tcpTargets';
import { createFakeClock } from '../../support/fakeClock';

let server: Server;
let open: number;
let closed: number;

beforeAll(async () => {
	server = createServer((socket) => void socket.on('error', () => undefined).end());
	open = await listen(server);
	const gone = createServer();
	closed = await listen(gone);
	await new Promise((resolve) => gone.close(resolve));
});
afterAll(async () => await new Promise((resolve) => server.close(resolve)));

async function listen(one: Server): Promise<number> {
	await new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve));
	return (one.address() as AddressInfo).port;
}

const options = (change: Partial<CheckTcpOptions> = {}): CheckTcpOptions => ({
	attempts: 3,
	required: 2,
	timeoutMs: 5000,
	attemptIntervalMs: 1000,
	clock: createFakeClock(),
	signal: new AbortController().signal,
	...change,
});

describe('checkTcp', () => {
	it('a port that takes connections passes, one that refuses fails the check', async () => {
		const targets = tcpTargets.parse([
			{ name: 'mail', host: '127.0.0.1', port: open },
			{ name: 'gone', host: '127.0.0.1', port: closed },
		]);
		expect(await checkTcp(targets, options())).toEqual({
			verdict: 'failed',
			targets: [
				{
					name: 'mail',
					address: `127.0.0.1:${open}`,
					verdict: 'passed',
					reason: 'it takes connections',
					durationMs: 0,
					succeeded: 2,
					attempted: 2,
				},
				{
					name: 'gone',
					address: `127.0.0.1:${closed}`,
					verdict: 'failed',
					reason: 'connection refused',
					durationMs: 0,
					succeeded: 0,
					attempted: 2,
				},
			],
		});
	});

	it('a name that does not resolve is inconclusive', async () => {
		const targets = tcpTargets.parse([{ name: 'mail', host: 'does-not-exist.invalid', port: 25 }]);
		expect(await checkTcp(targets, options())).toMatchObject({ verdict: 'inconclusive' });
	});

	it('a cancelled execution ends with its reason', async () => {
		const targets = tcpTargets.parse([{ name: 'mail', host: '127.0.0.1', port: open }]);
		const signal = AbortSignal.abort(new Error('cancelled in n8n'));
		await expect(checkTcp(targets, options({ signal }))).rejects.toThrow('cancelled in n8n');
	});

	it.each([
		['no target', []],
		['a port that is none', [{ name: 'a', host: 'b', port: 0 }]],
		[
			'a name twice',
			[
				{ name: 'a', host: 'b', port: 1 },
				{ name: 'a', host: 'c', port: 2 },
			],
		],
	])('%s is refused', (_name, targets) => {
		expect(tcpTargets.safeParse(targets).success).toBe(false);
	});
});
