import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { journeySteps } from '../../../../lib/validation/journey/journeySchema';
import { runJourney, type RunJourneyOptions } from '../../../../lib/validation/journey/runJourney';
import { createFakeClock } from '../../../support/fakeClock';
import { startScriptedServer, type ScriptedServer } from '../../../support/scriptedServer';

const TOKEN = 'token-canary-4711';
let server: ScriptedServer;
/** What the application does wrong, by method and path. */
let faults: Record<string, (request: IncomingMessage, response: ServerResponse) => void> = {};
let stored: unknown;

beforeAll(async () => {
	server = await startScriptedServer((request, response) => {
		const fault = faults[`${request.method} ${request.url}`];
		if (fault) {
			fault(request, response);
			return;
		}
		const { status, body } = usualAnswer(request);
		response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
	});
	// Loading the driver takes seconds on a busy machine; that is not what is tested here.
	await import('undici');
}, 60_000);
afterAll(async () => await server.close());

function usualAnswer({ url, method, headers: { authorization } }: IncomingMessage): { status: number; body: object } {
	if (url === '/login') return { status: 200, body: { token: TOKEN, type: 'Bearer' } };
	if (authorization !== `Bearer ${TOKEN}`) return { status: 401, body: {} };
	if (method === 'POST') return { status: 201, body: { id: 5, title: 'case', echo: authorization } };
	return { status: 200, body: { id: 5, owner: stored ?? 'u@example.com' } };
}
beforeEach(() => {
	faults = {};
	stored = undefined;
	server.requests.length = 0;
});

const AUTHORIZED = { authorization: 'Bearer ${token}' };
const STEPS = [
	{
		name: 'log in',
		method: 'POST',
		path: '/login',
		body: { email: '${user}', password: '${password}' },
		extract: { token: '/token' },
	},
	{
		name: 'create',
		method: 'POST',
		path: '/cases',
		headers: AUTHORIZED,
		body: { title: 'case ${run}' },
		expect: { status: 201 },
		extract: { id: { pointer: '/id', show: true } },
	},
	{
		name: 'read',
		path: '/cases/${id}',
		headers: AUTHORIZED,
		expect: { json: { '/id': '${id}', '/owner': '${user}' } },
	},
	{ name: 'nobody may read', path: '/cases/${id}', expect: { status: [401, 403] } },
	{ name: 'delete', method: 'DELETE', path: '/cases/${id}', headers: AUTHORIZED, cleanup: true },
];

async function run(change: Partial<RunJourneyOptions> = {}, steps: unknown = STEPS) {
	return await runJourney(journeySteps.parse(steps), {
		baseUrl: server.url,
		accounts: { user: 'u@example.com', password: 'pass-canary "1"', otherUser: '', otherPassword: '' },
		timeoutMs: 5000,
		attempts: 3,
		pauseMs: 100,
		clock: createFakeClock(),
		signal: new AbortController().signal,
		...change,
	});
}

const outcomes = ({ steps }: Awaited<ReturnType<typeof run>>): string[] =>
	steps.map(({ name, outcome }) => `${name}: ${outcome}`);

describe('runJourney', () => {
	it('does what a user does, hands values on, and takes back what it created', async () => {
		const result = await run();
		expect(result).toMatchObject({ verdict: 'passed', reason: '', leftBehind: [] });
		expect(outcomes(result)).toEqual(['log in: ok', 'create: ok', 'read: ok', 'nobody may read: ok', 'delete: ok']);
		expect(server.requests.map(({ method, path, body }) => ({ method, path, body }))).toEqual([
			{ method: 'POST', path: '/login', body: '{"email":"u@example.com","password":"pass-canary \\"1\\""}' },
			{ method: 'POST', path: '/cases', body: `{"title":"case ${result.run}"}` },
			{ method: 'GET', path: '/cases/5', body: '' },
			{ method: 'GET', path: '/cases/5', body: '' },
			{ method: 'DELETE', path: '/cases/5', body: '' },
		]);
		expect(result.steps.map(({ extracted }) => extracted)).toEqual([{ token: '***' }, { id: 5 }, {}, {}, {}]);
	});

	it('names the step, what was got and what was expected, and still takes back what it created', async () => {
		stored = 'somebody else';
		const result = await run();
		expect(result).toMatchObject({
			verdict: 'failed',
			reason: 'read: /owner is "somebody else", expected "u@example.com"',
		});
		expect(outcomes(result)).toEqual([
			'log in: ok',
			'create: ok',
			'read: failed',
			'nobody may read: skipped',
			'delete: ok',
		]);
	});

	it('a permission that is not enforced fails it', async () => {
		const steps = [{ name: 'nobody may write', method: 'POST', path: '/login', expect: { status: 401 } }];
		expect(await run({}, steps)).toMatchObject({
			verdict: 'failed',
			reason: 'nobody may write: status 200, expected 401',
		});
	});

	it('asks again after a failure of the server’s own, and not after an answer', async () => {
		let left = 2;
		faults['POST /cases'] = (_, response) => {
			if (left === 0) delete faults['POST /cases'];
			left -= 1;
			response.writeHead(503).end();
		};
		const clock = createFakeClock();
		expect((await run({ clock, attempts: 4 })).steps[1]).toMatchObject({ outcome: 'ok', attempts: 4 });
		expect(clock.monotonicMs()).toBe(300);
		faults['POST /cases'] = (_, response) => void response.writeHead(400).end();
		expect((await run()).steps[1]).toMatchObject({ outcome: 'failed', attempts: 1, status: 400 });
	});

	it('a step that may not be repeated is asked once', async () => {
		faults['POST /cases'] = (_, response) => void response.writeHead(503).end();
		const steps = STEPS.map((step) => (step.name === 'create' ? { ...step, retry: false } : step));
		const result = await run({}, steps);
		expect(result.steps[1]).toMatchObject({ outcome: 'failed', attempts: 1 });
		expect(result.steps.at(-1)).toMatchObject({ outcome: 'skipped', reason: 'there is nothing to take back' });
	});

	it('what cannot be taken back is named and does not decide', async () => {
		faults['DELETE /cases/5'] = (_, response) => void response.writeHead(500).end();
		expect(await run()).toMatchObject({ verdict: 'passed', leftBehind: ['delete'] });
	});

	it('a name that does not resolve is inconclusive, a silent application has failed', async () => {
		const unknown = await run({ baseUrl: 'http://does-not-exist.invalid', attempts: 1 });
		expect(unknown).toMatchObject({ verdict: 'inconclusive', leftBehind: [] });
		faults['POST /login'] = () => undefined;
		expect(await run({ timeoutMs: 200, attempts: 1 })).toMatchObject({
			verdict: 'failed',
			reason: 'log in: no answer in time',
		});
	});

	it.each([
		['no JSON', '<html></html>', 'the body is not JSON'],
		['no value to take', '{"id":null}', 'there is no value at /id to take id from'],
		['an object where a value is', '{"id":{}}', 'there is no value at /id to take id from'],
	])('an answer with %s has failed', async (_name, body, reason) => {
		faults['POST /cases'] = (_request, response) => void response.writeHead(201).end(body);
		expect((await run()).steps[1]).toMatchObject({ outcome: 'failed', reason });
	});

	it('a redirect is not followed', async () => {
		faults['POST /login'] = (_, response) => void response.writeHead(302, { location: '/cases' }).end();
		expect((await run()).reason).toBe('log in: status 302, expected 200 (redirects are not followed)');
		expect(server.requests).toHaveLength(1);
	});

	it('neither password nor token shows, whatever an answer holds', async () => {
		const steps = [
			...STEPS.slice(0, 1),
			{ ...STEPS[1], expect: { status: 201, json: { '/echo': 'nothing' } } },
			{ ...STEPS[4] },
		];
		const echoed = await run({}, steps);
		expect(echoed.reason).toBe('create: /echo is "Bearer ***", expected "nothing"');
		const compared = await run({}, [{ ...STEPS[0], expect: { json: { '/token': 'another' } } }]);
		expect(compared.reason).toBe('log in: /token is "***", expected "another"');
		expect(JSON.stringify([echoed, compared])).not.toMatch(/canary/);
	});

	it('a cancelled execution ends with its reason, after what was created was taken back', async () => {
		const controller = new AbortController();
		faults['GET /cases/5'] = () => controller.abort(new Error('cancelled in n8n'));
		await expect(run({ signal: controller.signal })).rejects.toThrow('cancelled in n8n');
		expect(server.requests.at(-1)).toMatchObject({ method: 'DELETE', path: '/cases/5' });
	});
});

describe('a file', () => {
	const steps = [
		{
			name: 'upload',
			method: 'POST',
			path: '/files',
			file: { field: 'document', name: 'a.pdf', contentType: 'application/pdf', sizeBytes: 3000 },
		},
		{ name: 'download', path: '/files/1', expect: { bytesOf: 'upload' } },
	];
	let files: Server;
	let kept = Buffer.alloc(0);
	let lost = 0;
	beforeAll(async () => {
		files = createServer((request, response) => {
			if (request.method === 'GET') return void response.end(kept.subarray(lost));
			void keep(request).then((status) => response.writeHead(status).end());
		});
		await new Promise<void>((resolve) => files.listen(0, '127.0.0.1', resolve));
	});
	afterAll(async () => await new Promise((resolve) => files.close(resolve)));

	async function keep(request: IncomingMessage): Promise<number> {
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk as Buffer);
		const headers = { 'content-type': String(request.headers['content-type']) };
		const form = await new Response(new Uint8Array(Buffer.concat(chunks)), { headers }).formData();
		const file = form.get('document') as File;
		kept = Buffer.from(await file.arrayBuffer());
		return file.name === 'a.pdf' && file.type === 'application/pdf' ? 200 : 400;
	}
	const walk = async () => await run({ baseUrl: `http://127.0.0.1:${(files.address() as AddressInfo).port}` }, steps);

	it('comes back byte for byte', async () => {
		lost = 0;
		expect(await walk()).toMatchObject({ verdict: 'passed' });
		expect(kept).toHaveLength(3000);
	});

	it('that lost one byte has failed', async () => {
		lost = 1;
		expect((await walk()).reason).toBe(
			'download: the bytes are not those that were sent (2999 came, 3000 were sent)',
		);
	});
});

describe('a sample of response times', () => {
	const timed = (timing: object): unknown => [{ name: 'read', path: '/slow', timing }];
	/** Each answer takes as long as the clock is moved meanwhile. */
	const answerAfter = (clock: ReturnType<typeof createFakeClock>, times: number[]): void => {
		faults['GET /slow'] = (_, response) => {
			const ms = times.shift();
			if (ms === undefined) return void response.writeHead(500).end();
			void clock.sleep(ms).then(() => response.writeHead(200).end());
		};
	};

	it('is measured', async () => {
		const clock = createFakeClock();
		answerAfter(clock, [10, 20, 30, 40]);
		const { verdict, steps } = await run({ clock }, timed({ samples: 4 }));
		expect({ verdict, times: steps[0]?.times }).toEqual({
			verdict: 'passed',
			times: { samples: 4, failed: 0, p50Ms: 20, p95Ms: 40, p99Ms: 40, maximumMs: 40 },
		});
	});

	it.each([
		[[100, 200, 199, 200], 'passed', ''],
		[[100, 201, 199, 200], 'failed', 'read: 95 % of 4 answers took up to 201 ms, at most 200 ms are allowed'],
		[[100], 'failed', 'read: only 1 of 4 requests of the sample were answered well'],
	])('of %j against 200 ms is %s', async (times, verdict, reason) => {
		const clock = createFakeClock();
		answerAfter(clock, times);
		expect(await run({ clock }, timed({ samples: 4, p95Ms: 200 }))).toMatchObject({ verdict, reason });
	});
});
