import { httpTargets } from '../../../lib/health/httpTargets';
import type { HttpTarget } from '../../../lib/health/model';
import { watchHttp } from '../../../lib/health/watchHttp';
import { createFakeClock } from '../../support/fakeClock';
import { startScriptedServer, type ScriptedServer } from '../../support/scriptedServer';

let server: ScriptedServer;
let canaryStatus = 200;
/** Statuses by sample; the last one stays. */
let statuses: number[] = [];

beforeAll(async () => {
	server = await startScriptedServer((request, response) => {
		if (request.url === '/canary') return void response.writeHead(canaryStatus).end();
		response.writeHead(statuses.length > 1 ? (statuses.shift() ?? 0) : (statuses[0] ?? 200)).end();
	});
});
afterAll(async () => await server.close());
beforeEach(() => {
	canaryStatus = 200;
});

const target = (name: string): HttpTarget =>
	httpTargets.parse([{ name, url: `${server.url}/${name}` }])[0] as HttpTarget;

const watch = async (windowMs: number, change: { canary?: HttpTarget } = {}) =>
	await watchHttp([target('api')], {
		rule: { breach: { heldForMs: 120_000, intervalMs: 5_000, minimumSamples: 6 }, windowMs },
		timeoutMs: 20_000,
		followRedirects: false,
		headers: {},
		clock: createFakeClock(),
		signal: new AbortController().signal,
		...change,
	});

describe('watchHttp', () => {
	it('watches for the whole window before it passes', async () => {
		statuses = [200];
		expect(await watch(120_000)).toMatchObject({ verdict: 'passed', sampled: 25, watchedMs: 120_000, failed: 0 });
	});

	it('fails as soon as the failure has been held, naming what was answered', async () => {
		statuses = [200, 200, 503];
		const watched = await watch(120_000);
		expect(watched).toMatchObject({ verdict: 'failed', sampled: 27, failed: 25 });
		expect(watched.targets[0]?.reason).toContain('503');
	});

	it('is inconclusive while our own host cannot get out', async () => {
		statuses = [500];
		canaryStatus = 500;
		expect(await watch(0, { canary: target('canary') })).toMatchObject({ verdict: 'inconclusive', watchedMs: 0 });
	});
});
