import type { CounterReadings } from '../../../lib/metrics/counterIncreases';
import { lookAtErrorRate } from '../../../lib/metrics/lookAtErrorRate';
import { parseMatchers } from '../../../lib/metrics/parseMatchers';
import { createPodProxyScraper, type PodSelection } from '../../../lib/metrics/podProxy.client';
import type { PodScraper } from '../../../lib/metrics/podScraper';
import { createUrlScraper } from '../../../lib/metrics/url.client';
import { watchErrorRate, type WatchErrorRateOptions } from '../../../lib/metrics/watchErrorRate';
import { watchResponseTime } from '../../../lib/metrics/watchResponseTime';
import { createFakeClock } from '../../support/fakeClock';
import { startScriptedServer, type ScriptedServer } from '../../support/scriptedServer';
import { EXAMPLE_POLICY } from './examplePolicy';

const TOKEN = 'canary-token-4711';
const SELECTION: PodSelection = {
	namespace: 'production',
	podSelector: 'app=backend,color=green',
	port: 'http',
	path: '/metrics',
};

/** A cluster's API as far as the gate needs it; tests set what its pods say. */
interface Cluster {
	listStatus: number;
	pods: string[];
	/** Called once for each scrape of a pod. */
	page(pod: string, scrape: number): { status: number; body: string; type?: string };
}

let server: ScriptedServer;
let cluster: Cluster;
let scraper: PodScraper;
const scrapes = new Map<string, number>();

beforeAll(async () => {
	server = await startScriptedServer((request, response) => {
		if (request.headers.authorization !== `Bearer ${TOKEN}`)
			return void response.writeHead(401).end('{"kind":"Status","code":401}');
		const path = request.url ?? '';
		const proxied = /\/pods\/([^/:]+):3000\/proxy\/metrics$/.exec(path)?.[1];
		if (proxied !== undefined) {
			const count = (scrapes.get(proxied) ?? 0) + 1;
			scrapes.set(proxied, count);
			const { status, body, type = 'text/plain; version=0.0.4' } = cluster.page(proxied, count);
			return void response.writeHead(status, { 'content-type': type }).end(body);
		}
		const items = cluster.pods.map((name) => ({
			metadata: { name, uid: `uid-${name}` },
			spec: { containers: [{ ports: [{ name: 'http', containerPort: 3000 }] }] },
			status: { phase: 'Running' },
		}));
		response
			.writeHead(cluster.listStatus, { 'content-type': 'application/json' })
			.end(JSON.stringify({ kind: 'PodList', items }));
	});
});
afterAll(async () => await server.close());
beforeEach(async () => {
	scrapes.clear();
	server.requests.length = 0;
	cluster = { listStatus: 200, pods: ['a', 'b'], page: () => ({ status: 200, body: '' }) };
	scraper = await createPodProxyScraper(
		{ serverUrl: server.url, certificateAuthority: '', bearerToken: TOKEN },
		SELECTION,
	);
});
afterEach(async () => await scraper.close());

function options(change: Partial<WatchErrorRateOptions> = {}): WatchErrorRateOptions {
	return {
		policy: EXAMPLE_POLICY,
		metric: 'http_requests_total',
		isCounted: parseMatchers('', 'matchers'),
		isError: parseMatchers('status=~"5.."', 'errorMatchers'),
		timeoutMs: 20_000,
		clock: createFakeClock(),
		signal: new AbortController().signal,
		...change,
	};
}

const counters = (ok: number, failed: number): string =>
	`http_requests_total{status="200"} ${ok}\nhttp_requests_total{status="500"} ${failed}\n`;

describe('watchErrorRate', () => {
	it('adds the counters of all pods up and passes', async () => {
		cluster.page = (pod, scrape) => ({ status: 200, body: counters(scrape * 50, pod === 'a' ? 7 : 0) });
		expect(await watchErrorRate(scraper, options())).toEqual({
			verdict: 'passed',
			level: 'pass',
			value: 0,
			requests: 600,
			errors: 0,
			samples: 6,
			held: { state: 'clear', forMs: 0, samples: 0 },
			reason: '0 % of requests failed, at most 1 % is allowed',
			watchedMs: 30_000,
			pods: [
				{ pod: 'a', scrapes: 7, failure: '', requests: 300, errors: 0 },
				{ pod: 'b', scrapes: 7, failure: '', requests: 300, errors: 0 },
			],
			readings: expect.any(Array),
		});
		expect(server.requests[0]?.path).toBe(
			'/api/v1/namespaces/production/pods?labelSelector=app%3Dbackend%2Ccolor%3Dgreen',
		);
	});

	it('one bad pod of two is enough to fail, through a restart of it', async () => {
		cluster.page = (pod, scrape) => {
			const sinceStart = pod === 'b' && scrape > 5 ? scrape - 5 : scrape;
			return {
				status: 200,
				body: pod === 'a' ? counters(scrape * 50, 0) : counters(sinceStart * 30, sinceStart * 20),
			};
		};
		const watched = await watchErrorRate(scraper, options());
		expect(watched).toMatchObject({
			verdict: 'failed',
			level: 'rollback',
			errors: 260,
			requests: 1300,
			value: 0.2,
			held: { forMs: 60_000 },
		});
		expect(watched.pods.map(({ pod, errors }) => [pod, errors])).toEqual([
			['a', 0],
			['b', 260],
		]);
	});

	it('a pod that is replaced makes no spike', async () => {
		let round = 0;
		cluster.page = (pod, scrape) => {
			if (pod === 'a') round = scrape;
			if (round === 3) cluster.pods = ['a', 'c'];
			return { status: 200, body: counters(pod === 'b' ? 90_000 + scrape * 50 : scrape * 50, 0) };
		};
		const watched = await watchErrorRate(scraper, options());
		expect(watched).toMatchObject({ verdict: 'passed', requests: 600 });
	});

	it('fails when not one pod can be reached for as long as the policy says', async () => {
		cluster.page = () => ({ status: 503, body: 'error trying to reach service' });
		const watched = await watchErrorRate(scraper, options());
		expect(watched).toMatchObject({
			verdict: 'failed',
			value: null,
			reason: 'not one of 2 pods could be scraped: HTTP 503; held for 60 s in 13 samples',
		});
		expect(watched.pods[0]).toEqual({ pod: 'a', scrapes: 0, failure: 'HTTP 503', requests: 0, errors: 0 });
	});

	it.each<[string, (change: Cluster) => void, RegExp]>([
		['the API does not answer', (change) => (change.listStatus = 503), /pods could not be listed: .*HTTP 503/],
		['no pod runs', (change) => (change.pods = []), /no running pod matches/],
		[
			'the pages are HTML',
			(change) => (change.page = () => ({ status: 200, body: '<html>\n', type: 'text/html' })),
			/HTML page/,
		],
		[
			'the pages are cut off',
			(change) => (change.page = () => ({ status: 200, body: 'http_requests_total 12' })),
			/Line 1 .* cut off/,
		],
		[
			'the pages are too large',
			(change) => (change.page = () => ({ status: 200, body: '#'.repeat(8_400_000) })),
			/larger than 8 MiB/,
		],
		[
			'a counter is NaN',
			(change) => (change.page = (_pod, scrape) => ({ status: 200, body: counters(scrape * 50, Number.NaN) })),
			/a: the counter http_requests_total is NaN/,
		],
		[
			'a counter is infinite',
			(change) =>
				(change.page = (_pod, scrape) => ({
					status: 200,
					body: `http_requests_total{status="200"} ${scrape * 50}\nhttp_requests_total{status="500"} +Inf\n`,
				})),
			/a: the counter http_requests_total is Infinity/,
		],
		[
			'a counter is below zero',
			(change) => (change.page = (_pod, scrape) => ({ status: 200, body: counters(scrape * 50, -1) })),
			/a: the counter http_requests_total is -1/,
		],
		[
			'a counter is infinite below zero',
			(change) =>
				(change.page = (_pod, scrape) => ({
					status: 200,
					body: `http_requests_total{status="200"} ${scrape * 50}\nhttp_requests_total{status="500"} -Inf\n`,
				})),
			/a: the counter http_requests_total is -Infinity/,
		],
		['the pages redirect', (change) => (change.page = () => ({ status: 302, body: '' })), /a: HTTP 302/],
		[
			'a series is given twice',
			(change) =>
				(change.page = (_pod, scrape) => ({ status: 200, body: counters(scrape * 50, 0) + counters(0, 0) })),
			/the series http_requests_total is given twice/,
		],
		[
			'the metric is missing',
			(change) => (change.page = () => ({ status: 200, body: 'up 1\n' })),
			/fewer than 20 requests/,
		],
	])('is inconclusive when %s', async (_name, change, reason) => {
		change(cluster);
		const short = {
			...EXAMPLE_POLICY,
			errorRate: { ...EXAMPLE_POLICY.errorRate, rollback: { above: 0.1, heldForSeconds: 5 } },
			sampling: { ...EXAMPLE_POLICY.sampling, minimumSamples: 2 },
		};
		const watched = await watchErrorRate(scraper, options({ policy: short }));
		expect(watched).toMatchObject({ verdict: 'inconclusive', level: 'unknown', value: null });
		expect(watched.reason).toMatch(reason);
	});

	const TEN = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'];
	it.each<[string, (scrape: number) => { status: number; body: string }, string, RegExp]>([
		[
			'fails every request',
			(scrape) => ({ status: 200, body: counters(0, scrape * 50) }),
			'critical',
			/10 % of requests failed: above 1 % and not held above 10 %/,
		],
		['cannot be reached', () => ({ status: 503, body: '' }), 'pass', /^j: HTTP 503$/],
		[
			'counts NaN',
			(scrape) => ({ status: 200, body: counters(scrape * 50, Number.NaN) }),
			'pass',
			/^j: the counter http_requests_total is NaN$/,
		],
		[
			'shows its errors no longer',
			(scrape) => ({
				status: 200,
				body: scrape > 1 ? `http_requests_total{status="200"} ${scrape * 50}\n` : counters(50, 7),
			}),
			'pass',
			/^j: the counter http_requests_total\{status="500"\} is there no longer$/,
		],
	])('is inconclusive while one pod of ten %s', async (_name, bad, level, reason) => {
		cluster.pods = TEN;
		cluster.page = (pod, scrape) => (pod === 'j' ? bad(scrape) : { status: 200, body: counters(scrape * 50, 0) });
		const watched = await watchErrorRate(scraper, options());
		expect(watched).toMatchObject({ verdict: 'inconclusive', level });
		expect(watched.reason).toMatch(reason);
	});

	it('timestamps of samples are ignored: an hour ago or an hour ahead is now', async () => {
		cluster.page = (pod, scrape) => ({
			status: 200,
			body: `http_requests_total{status="200"} ${scrape * 50} ${pod === 'a' ? 0 : 4_102_444_800_000}\n`,
		});
		expect(await watchErrorRate(scraper, options())).toMatchObject({ verdict: 'passed', requests: 600 });
	});

	it('a counter that was NaN for a while brings no burst when it is back', async () => {
		cluster.pods = ['a'];
		cluster.page = (_pod, scrape) => ({
			status: 200,
			body: counters(scrape * 50, scrape === 2 ? Number.NaN : 90_000),
		});
		let earlier: CounterReadings | undefined;
		const looked: Array<readonly [string, number, number]> = [];
		for (let look = 0; look < 3; look++) {
			const { round, requests, errors, readings } = await lookAtErrorRate(scraper, {
				...options(),
				earlier,
			});
			looked.push([round.state, requests, errors]);
			earlier = readings;
		}
		expect(looked).toEqual([
			['measured', 0, 0],
			['gap', 0, 0],
			['measured', 100, 0],
		]);
	});

	it('a refused token is an error of the credential, without the token', async () => {
		const stranger = await createPodProxyScraper(
			{ serverUrl: server.url, certificateAuthority: '', bearerToken: 'canary-wrong-4711' },
			SELECTION,
		);
		const error: unknown = await watchErrorRate(stranger, options()).catch((caught: unknown) => caught);
		await stranger.close();
		expect(error).toMatchObject({ code: 'METRICS.CLUSTER_REFUSED', meta: { status: 401 } });
		expect(JSON.stringify(error) + String(error)).not.toContain('canary-wrong-4711');
	});

	it('a cluster that refuses the proxy is an error of the credential', async () => {
		cluster.page = () => ({
			status: 403,
			body: '{"kind":"Status","reason":"Forbidden"}',
			type: 'application/json',
		});
		await expect(watchErrorRate(scraper, options())).rejects.toMatchObject({
			code: 'METRICS.CLUSTER_REFUSED',
			meta: { verb: 'get pods/proxy' },
		});
	});

	it('a port name that no pod declares is named', async () => {
		const other = await createPodProxyScraper(
			{ serverUrl: server.url, certificateAuthority: '', bearerToken: TOKEN },
			{ ...SELECTION, port: 'metrics' },
		);
		await expect(watchErrorRate(other, options())).rejects.toThrow(/port.*declares no port named "metrics"/);
		await other.close();
	});
});

describe('watchResponseTime', () => {
	const histogram = (fast: number, slow: number): string =>
		[
			`d_bucket{route="/cases",le="0.2"} ${fast}`,
			`d_bucket{route="/cases",le="0.5"} ${fast + slow}`,
			`d_bucket{route="/cases",le="+Inf"} ${fast + slow}`,
			'd_bucket{route="/health",le="0.2"} 90000',
			'd_bucket{route="/health",le="+Inf"} 90000',
			'',
		].join('\n');
	const durations = {
		policy: EXAMPLE_POLICY,
		metric: 'd',
		isCounted: parseMatchers('route="/cases"', 'matchers'),
		timeoutMs: 20_000,
		signal: new AbortController().signal,
	};

	it('judges what was observed while it watched, not what the pods saw before', async () => {
		cluster.page = (_pod, scrape) => ({ status: 200, body: histogram(scrape * 10, 50_000) });
		const watched = await watchResponseTime(scraper, { ...durations, clock: createFakeClock() });
		expect(watched).toMatchObject({
			verdict: 'passed',
			level: 'pass',
			value: 0.19,
			requests: 120,
			samples: 6,
			watchedMs: 30_000,
		});
	});

	it('fails when the slow ones are more than the quantile leaves out', async () => {
		cluster.page = (_pod, scrape) => ({ status: 200, body: histogram(50_000, scrape * 10) });
		const watched = await watchResponseTime(scraper, { ...durations, clock: createFakeClock() });
		expect(watched).toMatchObject({ verdict: 'failed', level: 'above-pass', requests: 120 });
		expect(watched.value).toBeCloseTo(0.485);
	});
});

describe('a slow pod that is not read', () => {
	it('leaves the response time open', async () => {
		const body = (scrape: number): string =>
			`d_bucket{le="0.2"} ${scrape * 50}\nd_bucket{le="+Inf"} ${scrape * 50}\n`;
		cluster.page = (pod, scrape) => (pod === 'b' ? { status: 503, body: '' } : { status: 200, body: body(scrape) });
		const watched = await watchResponseTime(scraper, { ...options(), metric: 'd' });
		expect(watched).toMatchObject({ verdict: 'inconclusive', reason: 'b: HTTP 503' });
	});
});

describe('createUrlScraper', () => {
	it('reads each page and shows no query', async () => {
		const page = await startScriptedServer(
			(_request, response) =>
				void response
					.writeHead(200, { 'content-type': 'text/plain' })
					.end(counters(page.requests.length * 50, 0)),
		);
		const urls = await createUrlScraper([`${page.url}/metrics?key=s3cret`]);
		expect(urls.description).toBe(`${page.url}/metrics`);
		expect(await watchErrorRate(urls, options())).toMatchObject({
			verdict: 'passed',
			requests: 300,
			pods: [{ pod: `${page.url}/metrics` }],
		});
		expect(page.requests[0]?.path).toBe('/metrics?key=s3cret');
		await urls.close();
		await page.close();
	});
});
