import { holdHttp, type HoldHttpOptions } from '../../../lib/health/holdHttp';
import { httpTargets } from '../../../lib/health/httpTargets';
import type { HttpTarget } from '../../../lib/health/model';
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
	server.requests.length = 0;
});

const target = (name: string): HttpTarget =>
	httpTargets.parse([{ name, url: `${server.url}/${name}` }])[0] as HttpTarget;

function options(change: Partial<HoldHttpOptions> = {}): HoldHttpOptions {
	const rule = { intervalMs: 5000, heldForMs: 120_000, minimumSamples: 6 };
	return {
		rule,
		timeoutMs: 20_000,
		followRedirects: false,
		headers: {},
		clock: createFakeClock(),
		signal: new AbortController().signal,
		...change,
	};
}

describe('holdHttp', () => {
	it('passes at the first healthy sample', async () => {
		statuses = [200];
		expect(await holdHttp([target('api')], options())).toMatchObject({
			verdict: 'passed',
			sampled: 1,
			held: { state: 'clear' },
		});
	});

	it('passes when the service recovers just before the breach is held', async () => {
		statuses = [...Array.from({ length: 24 }, () => 500), 200];
		expect(await holdHttp([target('api')], options())).toMatchObject({ verdict: 'passed', sampled: 25 });
	});

	it('fails once every sample has failed for two minutes', async () => {
		statuses = [500];
		expect(await holdHttp([target('api')], options())).toMatchObject({
			verdict: 'failed',
			sampled: 25,
			held: { state: 'held', forMs: 120_000, samples: 25 },
			targets: [{ name: 'api', verdict: 'failed', reason: 'status 500, expected 200' }],
		});
	});

	it('stays inconclusive while the canary is silent too', async () => {
		statuses = [500];
		canaryStatus = 502;
		const held = await holdHttp([target('api')], options({ canary: target('canary') }));
		expect(held).toMatchObject({
			verdict: 'inconclusive',
			held: { state: 'unknown' },
			targets: [{ verdict: 'inconclusive' }],
		});
		expect(held.targets[0]?.reason).toBe('the canary target did not answer either: status 502, expected 200');
	});

	it('fails with a canary that answers, and keeps credentials from it', async () => {
		statuses = [500];
		const headers = { authorization: 'Bearer s3cret' };
		expect(await holdHttp([target('api')], options({ canary: target('canary'), headers }))).toMatchObject({
			verdict: 'failed',
		});
		const canaries = server.requests.filter(({ path }) => path === '/canary');
		expect(canaries.length).toBe(25);
		expect(JSON.stringify(canaries)).not.toContain('s3cret');
	});
});
