import type { ServerResponse } from 'node:http';
import type { Page, PagerConnection } from '../../../lib/paging/model';
import { retryDelayMs } from '../../../lib/paging/retryDelay';
import { sendPage } from '../../../lib/paging/sendPage';
import { testConnection } from '../../../lib/paging/testConnection';
import { createFakeClock, type FakeClock } from '../../support/fakeClock';
import { startScriptedServer, type ScriptedServer } from '../../support/scriptedServer';

const KEY = 'canaryroutingkey4711canary000000';
const PAGE: Page = {
	action: 'trigger',
	summary: 'Down',
	source: 'production',
	severity: 'critical',
	dedupKey: 'release-1',
	links: [],
	customDetails: {},
};

type Answer = { status: number; body?: object; headers?: Record<string, string> } | 'drop';
let server: ScriptedServer;
let connection: PagerConnection;
/** What the pager answers, in order; the last one stays. */
let answers: Answer[];
let clock: FakeClock;

beforeAll(async () => {
	server = await startScriptedServer((request, response) => {
		const answer = (answers.length > 1 ? answers.shift() : answers[0]) ?? 'drop';
		if (answer === 'drop') request.socket.destroy();
		else reply(response, answer);
	});
	connection = { baseUrl: `${server.url}/`, routingKey: KEY };
});
afterAll(async () => await server.close());
beforeEach(() => {
	server.requests.length = 0;
	clock = createFakeClock();
});

function reply(response: ServerResponse, { status, body = {}, headers = {} }: Exclude<Answer, 'drop'>): void {
	response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

const ACCEPTED: Answer = { status: 202, body: { status: 'success', dedup_key: 'release-1' } };

async function send(page: Page = PAGE, deadlineMs = 120_000) {
	return await sendPage(connection, page, { deadlineMs, clock, signal: new AbortController().signal });
}

describe('sendPage', () => {
	it('202 is accepted, never confirmed', async () => {
		answers = [ACCEPTED];
		expect(await send()).toEqual({ status: 'accepted', dedupKey: 'release-1', confirmed: false, attempts: 1 });
		expect(server.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /v2/enqueue']);
		expect(JSON.parse(server.requests[0]?.body ?? '')).toMatchObject({
			routing_key: KEY,
			event_action: 'trigger',
			dedup_key: 'release-1',
		});
	});

	it('tries again after 429, 5xx and a broken connection, with growing pauses and always the same key', async () => {
		answers = [{ status: 429 }, { status: 503 }, 'drop', ACCEPTED];
		expect(await send()).toMatchObject({ attempts: 4 });
		expect(clock.slept).toEqual([1000, 2000, 4000]);
		expect(new Set(server.requests.map(({ body }) => body)).size).toBe(1);
	});

	it('waits as long as Retry-After says', async () => {
		answers = [{ status: 429, headers: { 'retry-after': '17' } }, ACCEPTED];
		await send();
		expect(clock.slept).toEqual([17_000]);
	});

	it('does not wait for a Retry-After beyond the deadline', async () => {
		answers = [{ status: 429, headers: { 'retry-after': '600' } }];
		await expect(send()).rejects.toMatchObject({ code: 'PAGING.NOT_ACCEPTED', meta: { attempts: 1 } });
		expect(clock.slept).toEqual([]);
	});

	it('gives up at the deadline', async () => {
		answers = ['drop'];
		await expect(send(PAGE, 20_000)).rejects.toMatchObject({
			code: 'PAGING.NOT_ACCEPTED',
			meta: { attempts: 5, seconds: 20, problem: 'connection closed by the other side' },
		});
		expect(clock.slept).toEqual([1000, 2000, 4000, 8000]);
	});

	it.each([400, 403, 413, 302])('%i is not tried again', async (status) => {
		answers = [
			{
				status,
				body: { message: `Event object is invalid for ${KEY}`, errors: ["'routing_key' is invalid"] },
				headers: { location: '/elsewhere' },
			},
		];
		const error: unknown = await send().catch((caught: unknown) => caught);
		expect(error).toMatchObject({
			code: 'PAGING.REFUSED',
			meta: { status, problem: "Event object is invalid for ***; 'routing_key' is invalid" },
		});
		expect(JSON.stringify(error) + String(error) + String((error as Error).stack)).not.toContain(KEY);
		expect(server.requests.length).toBe(1);
	});

	it('ends with the reason of a cancelled execution', async () => {
		answers = ['drop'];
		const controller = new AbortController();
		controller.abort(new Error('cancelled in n8n'));
		await expect(
			sendPage(connection, PAGE, { deadlineMs: 1000, clock, signal: controller.signal }),
		).rejects.toThrow('cancelled in n8n');
	});
});

describe('retryDelayMs', () => {
	const now = new Date('2026-11-23T20:00:00Z');
	it.each([
		[1, '', 1000],
		[3, '', 4000],
		[20, '', 30_000],
		[1, '5', 5000],
		[1, '0', 1000],
		[1, 'Mon, 23 Nov 2026 20:00:30 GMT', 30_000],
		[1, 'Mon, 23 Nov 2026 19:00:00 GMT', 1000],
		[2, 'soon', 2000],
	])('attempt %i, Retry-After "%s": %i ms', (attempt, retryAfter, delayMs) => {
		expect(retryDelayMs(attempt, { retryAfter, now })).toBe(delayMs);
	});
});

describe('testConnection', () => {
	const ACTION = "'event_action' is invalid (must be one of the following: 'trigger', 'acknowledge' or 'resolve')";
	it.each<[string, Answer, boolean, RegExp]>([
		[
			'a complaint about the action only is good',
			{ status: 400, body: { status: 'invalid event', message: 'Event object is invalid', errors: [ACTION] } },
			true,
			/nobody was paged/,
		],
		[
			'a complaint about the key too is not',
			{ status: 400, body: { message: 'Event object is invalid', errors: [ACTION, "'routing_key' is invalid"] } },
			false,
			/routing key is refused/,
		],
		[
			'400 without saying why is not',
			{ status: 400, body: { message: 'Bad Request' } },
			false,
			/Not the Events API, or the key is refused: Bad Request/,
		],
		['202 is not: something else takes everything', ACCEPTED, false, /HTTP 202 where 400 was expected/],
		['401 is not', { status: 401 }, false, /HTTP 401/],
		['no connection is not', 'drop', false, /could not be reached/],
	])('%s', async (_name, answer, ok, message) => {
		answers = [answer];
		const tested = await testConnection(connection);
		expect(tested.ok).toBe(ok);
		expect(tested.message).toMatch(message);
		expect(tested.message).not.toContain(KEY);
		const body = JSON.parse(server.requests[0]?.body ?? '') as { event_action: string };
		expect(['trigger', 'acknowledge', 'resolve']).not.toContain(body.event_action);
	});
});
