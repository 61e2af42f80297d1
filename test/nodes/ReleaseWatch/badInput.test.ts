import { createServer as createTlsServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { ServerResponse } from 'node:http';
import { generate } from 'selfsigned';
import { openLedger } from '../../../lib/release/ledger.client';
import { systemClock } from '../../../lib/support/clock';
import { ReleaseWatch } from '../../../nodes/ReleaseWatch/ReleaseWatch.node';
import { EXAMPLE_POLICY } from '../../lib/metrics/examplePolicy';
import { fakeExecuteContext } from '../../support/fakeExecuteContext';
import { MemoryLedger } from '../../support/memoryLedger';
import { startScriptedServer, type ScriptedServer } from '../../support/scriptedServer';

jest.mock('../../../lib/release/ledger.client', () => ({ openLedger: jest.fn() }));

interface Todo {
	readonly kind: string;
	readonly act?: string;
	readonly signal?: string;
	readonly reason?: string;
	readonly summary?: string;
}

type Answer = (response: ServerResponse, look: number) => void;

/** A look has a third of its interval for an answer; what is held for a minute or two is held for some looks. */
const policyOf = (intervalSeconds: number): typeof EXAMPLE_POLICY => ({
	...EXAMPLE_POLICY,
	errorRate: { ...EXAMPLE_POLICY.errorRate, rollback: { above: 0.1, heldForSeconds: 6 * intervalSeconds } },
	health: { intervalSeconds, rollback: { heldForSeconds: 12 * intervalSeconds } },
	watch: {
		...EXAMPLE_POLICY.watch,
		intervalSeconds,
		minimumSamples: 3,
		clearAfterSeconds: 3 * intervalSeconds,
		windowSeconds: 600 * intervalSeconds,
	},
});
const POLICY = policyOf(15);
/** Where an answer does not come: that is known after a third of a second. */
const QUICK = policyOf(1);
const LARGE = Buffer.alloc(50_000_000, '#');
const PODS = 10;
const DAY_MS = 86_400_000;
jest.setTimeout(60_000);

let server: ScriptedServer;
let expired: { readonly server: Server; readonly certificate: string; readonly url: string };
let ledger = new MemoryLedger();
let ledgers = 0;
let lookNumber = 0;
let health: Answer = calmHealth;
let metrics: (pod: number) => Answer = () => calmMetrics;

beforeAll(async () => {
	server = await startScriptedServer((request, response) => {
		const pod = /^\/metrics\/(\d)$/.exec(request.url ?? '')?.[1];
		if (pod !== undefined) metrics(Number(pod))(response, lookNumber);
		else if (request.url === '/health') health(response, lookNumber);
		else response.writeHead(302, { location: request.url ?? '/' }).end();
	});
	expired = await startExpired();
});
afterAll(async () => {
	await server.close();
	await new Promise((resolve) => expired.server.close(resolve));
});
beforeEach(() => {
	// A ledger is kept per credential as long as the process lives; each test has one of its own.
	ledgers += 1;
	ledger = new MemoryLedger();
	jest.mocked(openLedger).mockImplementation(async () => await Promise.resolve(ledger));
	jest.spyOn(systemClock, 'monotonicMs').mockImplementation(() => ledger.watch.nowMs);
	ledger.watch.nowMs = 1_000_000;
	lookNumber = 0;
	health = calmHealth;
	metrics = () => calmMetrics;
	// Its window is over: the watch ends it as soon as all is calm.
	ledger.watch.releases.set('production', {
		id: 'r-1',
		token: 3,
		version: '2',
		state: 'watching',
		switchedAtMs: 999_000,
		watchUntilMs: 1_000_000,
		silentMs: 0,
		rollingBack: false,
		rollbackProven: true,
	});
});

/** Looks so many times, each an interval of the ledger's time later; what was to be done, and how the signals stood at the end. */
async function looks(
	count: number,
	change: { readonly policy?: typeof EXAMPLE_POLICY; readonly [setting: string]: unknown } = {},
): Promise<{ todo: Todo[]; reasons: Record<string, string> }> {
	const { intervalSeconds } = (change.policy ?? POLICY).watch;
	const todo: Todo[] = [];
	let reasons: Record<string, string> = {};
	for (let index = 0; index < count; index += 1) {
		ledger.watch.nowMs += intervalSeconds * 1000;
		lookNumber += 1;
		const { context } = fakeExecuteContext({
			parameters: { operation: 'look', environments: [configuration(change)] },
			credentials: {
				releaseLedger: {
					host: 'ledger',
					port: 5432,
					database: `b${ledgers}`,
					user: 'u',
					password: 'p',
					ssl: 'disable',
				},
			},
		});
		const outputs = await new ReleaseWatch().execute.call(context);
		const watch = outputs[0]?.[0]?.json.watch as unknown as {
			todo: Todo[];
			environments: Array<{ signals: Array<{ signal: string; reason: string }> }>;
		};
		todo.push(...watch.todo);
		reasons = Object.fromEntries(
			(watch.environments[0]?.signals ?? []).map(({ signal, reason }) => [signal, reason]),
		);
	}
	return { todo, reasons };
}

function configuration(change: object): object {
	return {
		environment: 'production',
		healthTargets: [{ name: 'backend', url: `${server.url}/health` }],
		metrics: { urls: Array.from({ length: PODS }, (_, pod) => `${server.url}/metrics/${pod}`) },
		policy: POLICY,
		n8nUrl: 'https://n8n.example.com',
		...change,
	};
}

const acts = (todo: readonly Todo[]): string[] => todo.flatMap(({ act }) => (act === undefined ? [] : [act]));

function calmHealth(response: ServerResponse): void {
	response.writeHead(200).end('{}');
}
function calmMetrics(response: ServerResponse, look: number): void {
	page(response, counters(look * 50, 0));
}
function page(response: ServerResponse, body: string | Buffer, type = 'text/plain; version=0.0.4'): void {
	response.writeHead(200, { 'content-type': type }).end(body);
}
const counters = (ok: number, failed: number | string): string =>
	`http_requests_total{status="200"} ${ok}\nhttp_requests_total{status="500"} ${failed}\n`;
/** The page of every pod. */
const all =
	(body: (look: number) => string, type?: string): (() => Answer) =>
	() =>
	(response, look) =>
		page(response, body(look), type);
/** Of the last pod; the others are calm. */
const oneOfTen = (answer: Answer) => (pod: number) => (pod === PODS - 1 ? answer : calmMetrics);
const HTML = '<!doctype html><title>Log in</title>\n';
const trickle: Answer = (response) => void response.writeHead(200, { 'content-type': 'text/plain' }).write('#');

describe('metrics that tell nothing of the release: it is neither ended as good nor rolled back', () => {
	it.each<[string, (pod: number) => Answer, RegExp]>([
		['NaN', all((look) => counters(look * 50, 'NaN')), /the counter http_requests_total is NaN/],
		['+Inf', all((look) => counters(look * 50, '+Inf')), /the counter http_requests_total is Infinity/],
		['-Inf', all((look) => counters(look * 50, '-Inf')), /the counter http_requests_total is -Infinity/],
		['a missing metric', all(() => 'up 1\n'), /nothing was counted|too little traffic/],
		[
			'a series that vanished',
			all((look) => (look === 1 ? counters(50, 0) : `http_requests_total{status="200"} ${look * 50}\n`)),
			/\{status="500"\} is there no longer/,
		],
		['a duplicate series', all((look) => counters(look * 50, 0) + counters(look * 50, 0)), /is given twice/],
		['a cut-off page', all((look) => counters(look * 50, 0).slice(0, -1)), /cut off/],
		['HTML with 200', all(() => HTML, 'text/html'), /an HTML page/],
		['HTML with 200 that says it is text', all(() => HTML), /line 1/i],
		['a slow body', oneOfTen(trickle), /no answer in time/],
		[
			'a redirect loop',
			() => (response) => void response.writeHead(302, { location: '/metrics/0' }).end(),
			/HTTP 302/,
		],
		['no traffic', all(() => counters(50, 0)), /nothing was counted|too little traffic/],
		['a pod of ten that counts NaN', oneOfTen((response) => page(response, counters(5, 'NaN'))), /9: the counter/],
		['a pod of ten that is away', oneOfTen((response) => void response.writeHead(503).end()), /9: HTTP 503/],
	])('%s', async (name, pages, reason) => {
		metrics = pages;
		const { todo, reasons } = await looks(9, { policy: name === 'a slow body' ? QUICK : POLICY });
		expect(acts(todo)).toEqual([]);
		expect(reasons['error-rate']).toMatch(reason);
	});

	it('a body of 50 MB', async () => {
		metrics = oneOfTen((response) => page(response, LARGE));
		const { todo, reasons } = await looks(2);
		expect(acts(todo)).toEqual([]);
		expect(reasons['error-rate']).toMatch(/larger than 8 MiB/);
	});

	it('an expired certificate in front of them', async () => {
		const { todo, reasons } = await looks(9, { metrics: { urls: [expired.url] } });
		expect(acts(todo)).toEqual([]);
		expect(reasons['error-rate']).toMatch(/TLS connection failed/);
	});

	it('pages that none can be reached of, while the canary is silent too', async () => {
		metrics = () => (response) => void response.socket?.destroy();
		const { todo, reasons } = await looks(9, { canaryUrl: `${server.url}/canary` });
		expect(acts(todo)).toEqual([]);
		expect(reasons['error-rate']).toMatch(/canary target did not answer either/);
	});

	it('asks a person, once, and names the reason', async () => {
		metrics = all((look) => counters(look * 50, 'NaN'));
		const { todo } = await looks(9);
		expect(todo).toHaveLength(1);
		expect(todo[0]).toMatchObject({ kind: 'page', signal: 'error-rate' });
		expect(todo[0]?.summary).toMatch(/is NaN/);
	});
});

describe('metrics that are odd and still tell', () => {
	it.each<[string, (pod: number) => Answer]>([
		[
			'timestamps of a year ago and of a year ahead',
			(pod) => (response, look) =>
				page(response, counters(look * 50, 0).replaceAll('\n', ` ${pod % 2 === 0 ? 0 : 4_102_444_800_000}\n`)),
		],
		[
			'counters that begin anew',
			oneOfTen((response, look) => page(response, counters((look > 2 ? look - 2 : look + 900) * 50, 0))),
		],
	])('%s: the release is ended as good', async (_name, pages) => {
		metrics = pages;
		expect(acts((await looks(4)).todo)).toEqual(['finish']);
	});

	it('one pod of ten that fails every request is no more than 10 %: not ended, not rolled back', async () => {
		metrics = oneOfTen((response, look) => page(response, counters(0, look * 50)));
		const { todo, reasons } = await looks(9);
		expect(acts(todo)).toEqual([]);
		expect(reasons['error-rate']).toMatch(/50 of 500 failed/);
	});

	it('a breach that is really there is rolled back, once, so that the rows above can fail', async () => {
		metrics = all((look) => counters(look * 50, look * 50));
		expect(acts((await looks(9)).todo)).toEqual(['roll-back']);
	});

	it.each([
		['an hour ahead', 3_600_000],
		['an hour back', -3_600_000],
	])('a breach under way when the ledger’s clock jumps %s is no longer breach for that', async (_name, jumpMs) => {
		metrics = all((look) => counters(look * 50, look * 50));
		const before = await looks(4);
		ledger.watch.nowMs += jumpMs;
		jest.spyOn(systemClock, 'monotonicMs').mockImplementation(() => ledger.watch.nowMs - jumpMs);
		const after = await looks(2);
		expect(acts([...before.todo, ...after.todo])).toEqual([]);
	});
});

describe('health that is wrong fails, and rolls back when it is held, not for a look of it', () => {
	it.each<[string, Answer, RegExp]>([
		['HTML with 200', (response) => page(response, HTML, 'text/html'), /an HTML page/],
		['a slow body', trickle, /no answer in time/],
		['a redirect', (response) => void response.writeHead(302, { location: '/health' }).end(), /status 302/],
	])('%s', async (name, answer, reason) => {
		health = answer;
		const { todo, reasons } = await looks(4, { policy: name === 'a slow body' ? QUICK : POLICY });
		expect(acts(todo)).toEqual([]);
		expect(reasons.health).toMatch(reason);
	});

	it('a body of 50 MB', async () => {
		health = (response) => page(response, LARGE);
		const { todo, reasons } = await looks(2);
		expect(acts(todo)).toEqual([]);
		expect(reasons.health).toMatch(/larger than 1 MiB/);
	});

	it('held for as long as the policy says, it is rolled back', async () => {
		health = (response) => page(response, HTML, 'text/html');
		expect(acts((await looks(13)).todo)).toEqual(['roll-back']);
	});

	const mail = (): object => ({ name: 'mail', url: `${server.url}/provider`, external: true });
	const backend = (): object => ({ name: 'backend', url: `${server.url}/health` });

	it('a provider that fails never rolls back: people are paged, once', async () => {
		const { todo, reasons } = await looks(20, { healthTargets: [backend(), mail()] });
		expect(acts(todo)).toEqual([]);
		expect(reasons.health).toMatch(/^mail: status 302/);
		expect(todo.map(({ kind, signal }) => [kind, signal])).toEqual([['page', 'health']]);
	});

	it('a provider that fails does not hide a version that fails, too', async () => {
		health = (response) => void response.writeHead(503).end();
		expect(acts((await looks(13, { healthTargets: [backend(), mail()] })).todo)).toEqual(['roll-back']);
	});

	it('an expired certificate never rolls back: another version would show it, too', async () => {
		const target = { name: 'backend', url: expired.url, certificateAuthority: expired.certificate };
		const { todo, reasons } = await looks(20, { healthTargets: [target] });
		expect(acts(todo)).toEqual([]);
		expect(reasons.health).toBe('backend: the TLS connection failed (CERT_HAS_EXPIRED)');
		expect(todo.map(({ kind, signal }) => [kind, signal])).toEqual([['page', 'health']]);
	});
});

/** A server on loopback whose certificate ended yesterday. */
async function startExpired(): Promise<typeof expired> {
	const { cert, private: key } = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
		keyType: 'ec',
		notBeforeDate: new Date(Date.now() - 400 * DAY_MS),
		notAfterDate: new Date(Date.now() - DAY_MS),
		extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
	});
	const started = createTlsServer({ cert, key }, (_request, response) => void response.end(counters(50, 0)));
	await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
	const url = `https://127.0.0.1:${(started.address() as AddressInfo).port}/metrics`;
	return { server: started, certificate: cert, url };
}
