import type { ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { checkHttp, type CheckHttpOptions } from '../../../lib/health/checkHttp';
import { httpTargets } from '../../../lib/health/httpTargets';
import { createFakeClock } from '../../support/fakeClock';
import { startScriptedServer, type ScriptedServer } from '../../support/scriptedServer';

let server: ScriptedServer;
let answers: number[] = [];

beforeAll(async () => {
	server = await startScriptedServer((request, response) => {
		if (request.url === '/silent') return;
		if (request.url === '/broken') return void request.socket.destroy();
		if (request.url === '/away') return void response.writeHead(302, { location: `/health` }).end();
		if (request.url?.startsWith('/on/'))
			return void response.writeHead(302, { location: `/on/${Number(request.url.slice(4)) + 1}` }).end();
		if (request.url === '/loop') return void response.writeHead(302, { location: '/loop' }).end();
		if (request.url === '/login')
			return void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>');
		const streamed = { '/slow': drip, '/endless': pour }[request.url ?? ''];
		if (streamed) {
			streamed(response);
			return;
		}
		if (request.url === '/large') return void response.writeHead(200).end('x'.repeat(1_100_000));
		response
			.writeHead(answers.shift() ?? 200, { 'content-type': 'application/json; charset=utf-8' })
			.end('{"version":"2026.11.2"}');
	});
});
afterAll(async () => await server.close());
beforeEach(() => {
	answers = [];
	server.requests.length = 0;
});

function options(change: Partial<CheckHttpOptions> = {}): CheckHttpOptions {
	const signal = new AbortController().signal;
	return {
		attempts: 3,
		required: 2,
		timeoutMs: 20_000,
		attemptIntervalMs: 1000,
		followRedirects: false,
		headers: {},
		externalTargets: 'judge',
		clock: createFakeClock(),
		signal,
		...change,
	};
}

/** A byte at a time, so that no pause is long: only the whole is. */
function drip(response: ServerResponse): void {
	response.writeHead(200, { 'content-type': 'text/plain' });
	const timer = setInterval(() => response.write('x'), 20);
	response.on('close', () => clearInterval(timer));
}

const POURED_BYTES = 50 * 1024 * 1024;
let poured = 0;

/** 50 MB, as fast as they are taken. */
function pour(response: ServerResponse): void {
	poured = 0;
	response.writeHead(200, { 'content-type': 'text/plain' });
	const chunk = Buffer.alloc(65_536, 'x');
	Readable.from(
		(function* () {
			for (; poured < POURED_BYTES; poured += chunk.length) yield chunk;
		})(),
	).pipe(response);
}

const targets = (path: string, wanted: object = {}) =>
	httpTargets.parse([{ name: 'api', url: `${server.url}${path}`, ...wanted }]);

describe('checkHttp', () => {
	it('passes two of three and uses a new connection for each', async () => {
		answers = [200, 500, 200];
		const before = server.connections();
		const { verdict, targets: results } = await checkHttp(
			targets('/health?key=s3cret', { expectedVersion: '2026.11.2' }),
			options(),
		);
		expect({ verdict, results }).toEqual({
			verdict: 'passed',
			results: [
				{
					name: 'api',
					url: `${server.url}/health`,
					verdict: 'passed',
					reason: 'status 200',
					durationMs: 0,
					status: 200,
					succeeded: 2,
					attempted: 3,
				},
			],
		});
		expect(server.connections() - before).toBe(3);
	});

	it('fails as soon as the required successes are out of reach', async () => {
		answers = [500, 503, 200];
		const { targets: results } = await checkHttp(targets('/health'), options());
		expect(results).toMatchObject([{ verdict: 'failed', reason: 'status 503, expected 200', attempted: 2 }]);
	});

	it.each([
		['/silent', 300, 'no answer in time'],
		['/broken', 20_000, 'connection closed by the other side'],
		['/away', 20_000, 'status 302, expected 200 (redirects are not followed)'],
		['/large', 20_000, 'the body is larger than 1 MiB'],
		['/slow', 300, 'no answer in time'],
		['/login', 20_000, 'an HTML page, as a login or an error would be: expect a text of it, or allow it'],
	])('%s has failed', async (path, timeoutMs, reason) => {
		const { verdict, targets: results } = await checkHttp(
			targets(path),
			options({ attempts: 1, required: 1, timeoutMs }),
		);
		expect([verdict, results[0]?.reason]).toEqual(['failed', reason]);
	});

	it('a provider that fails is shown, and counts only where providers are judged', async () => {
		const both = [...targets('/health'), ...targets('/broken', { external: true })];
		const once = { attempts: 1, required: 1 };
		expect((await checkHttp(both, options(once))).verdict).toBe('failed');
		const reported = await checkHttp(both, options({ ...once, externalTargets: 'report' }));
		expect(reported.verdict).toBe('passed');
		expect(reported.targets.map(({ verdict }) => verdict)).toEqual(['passed', 'failed']);
	});

	it('providers alone, only reported, are no proof of our own health', async () => {
		const provider = targets('/health', { external: true });
		const { verdict } = await checkHttp(provider, options({ externalTargets: 'report' }));
		expect(verdict).toBe('inconclusive');
	});

	it('a redirect is followed where that is allowed', async () => {
		const { verdict } = await checkHttp(
			targets('/away'),
			options({ attempts: 1, required: 1, followRedirects: true }),
		);
		expect(verdict).toBe('passed');
	});

	it.each([
		['in a circle', '/loop', 'it redirects in a circle, or to no address', 1],
		['on and on', '/on/1', 'status 302, expected 200 (redirected too often)', 6],
	])('a target that redirects %s has failed', async (_name, path, reason, requests) => {
		const { verdict, targets: results } = await checkHttp(
			targets(path),
			options({ attempts: 1, required: 1, followRedirects: true }),
		);
		expect([verdict, results[0]?.reason, server.requests.length]).toEqual(['failed', reason, requests]);
	});

	it('of a body of 50 MB hardly more than the cap is taken', async () => {
		const { targets: results } = await checkHttp(targets('/endless'), options({ attempts: 1, required: 1 }));
		expect(results[0]?.reason).toBe('the body is larger than 1 MiB');
		expect(poured).toBeLessThan(POURED_BYTES / 2);
	});

	it('a refused connection has failed, a name that does not resolve is inconclusive', async () => {
		const closed = createServer();
		await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
		const { port } = closed.address() as AddressInfo;
		await new Promise((resolve) => closed.close(resolve));
		const refused = httpTargets.parse([{ name: 'a', url: `http://127.0.0.1:${port}/` }]);
		expect(await checkHttp(refused, options())).toMatchObject({
			verdict: 'failed',
			targets: [{ reason: 'connection refused', status: null }],
		});
		const unknown = httpTargets.parse([{ name: 'a', url: 'http://does-not-exist.invalid/' }]);
		expect(await checkHttp(unknown, options({ attempts: 1, required: 1 }))).toMatchObject({
			verdict: 'inconclusive',
		});
	});

	it('a timeout may be a fraction of a millisecond', async () => {
		expect(await checkHttp(targets('/health'), options({ timeoutMs: 1100.0000000000002 }))).toMatchObject({
			verdict: 'passed',
		});
	});

	it('one failed target fails the check, and the others are still judged', async () => {
		const both = httpTargets.parse([
			{ name: 'good', url: `${server.url}/health` },
			{ name: 'bad', url: `${server.url}/broken` },
		]);
		const { verdict, targets: results } = await checkHttp(both, options());
		expect([verdict, results.map((result) => result.verdict)]).toEqual(['failed', ['passed', 'failed']]);
	});

	it('sends method, headers and a JSON body', async () => {
		const login = targets('/login', {
			method: 'POST',
			headers: { 'x-a': '1' },
			body: { email: 'test@example.com' },
		});
		await checkHttp(login, options({ attempts: 1, required: 1, headers: { authorization: 'Bearer t' } }));
		expect(server.requests[0]).toMatchObject({
			method: 'POST',
			body: '{"email":"test@example.com"}',
			headers: { 'x-a': '1', 'content-type': 'application/json', authorization: 'Bearer t' },
		});
	});

	it('a cancelled execution ends with its reason instead of a verdict', async () => {
		const controller = new AbortController();
		const checking = checkHttp(targets('/silent'), options({ signal: controller.signal, timeoutMs: 20_000 }));
		controller.abort(new Error('cancelled in n8n'));
		await expect(checking).rejects.toThrow('cancelled in n8n');
	});
});
