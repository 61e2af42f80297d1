import { createHttpJsonSource } from '../../../../lib/metrics/query/httpJson.client';
import { createPromqlSource } from '../../../../lib/metrics/query/promql.client';
import { startScriptedServer, type ScriptedServer } from '../../../support/scriptedServer';

const CANARY = 'canary-header-4711';
let server: ScriptedServer;
let answer: { status: number; body: string };

beforeAll(async () => {
	server = await startScriptedServer((request, response) => {
		if (request.url === '/away/api/v1/query') return void request.socket.destroy();
		if (request.url === '/silent/api/v1/query') return;
		response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
	});
});
afterAll(async () => await server.close());
beforeEach(() => void (server.requests.length = 0));

const signal = new AbortController().signal;
const headers = { authorization: `Bearer ${CANARY}` };

async function promql(data: unknown, { path = '', status = 200, timeoutMs = 20_000 } = {}) {
	answer = { status, body: typeof data === 'string' ? data : JSON.stringify(data) };
	return await createPromqlSource({ baseUrl: `${server.url}${path}/`, query: 'up', headers, timeoutMs }).measure(
		signal,
	);
}
const vector = (...values: string[]): object => ({
	status: 'success',
	data: { resultType: 'vector', result: values.map((value) => ({ metric: {}, value: [1_700_000_000.5, value] })) },
});

describe('PromQL', () => {
	it('asks the HTTP API and takes the one number', async () => {
		expect(await promql(vector('0.25'))).toEqual({ kind: 'value', value: 0.25 });
		expect(server.requests).toEqual([
			expect.objectContaining({ method: 'POST', path: '/api/v1/query', body: 'query=up' }),
		]);
		expect(server.requests[0]?.headers.authorization).toBe(headers.authorization);
	});

	it.each<[string, unknown, object]>([
		[
			'a scalar',
			{ status: 'success', data: { resultType: 'scalar', result: [1, '7'] } },
			{ kind: 'value', value: 7 },
		],
		['a number as Go writes it', vector('1e+06'), { kind: 'value', value: 1_000_000 }],
		[
			'NaN, as 0 of 0 gives it',
			vector('NaN'),
			{ kind: 'no-data', reason: 'the answer is NaN: nothing was counted' },
		],
		['+Inf', vector('+Inf'), { kind: 'error', reason: 'the answer is +Inf' }],
		['-Inf', vector('-Inf'), { kind: 'error', reason: 'the answer is -Inf' }],
		['no series', vector(), { kind: 'no-data', reason: 'the query matches no series' }],
		[
			'two series',
			vector('1', '2'),
			{ kind: 'error', reason: 'the query gives 2 series, one is asked for: aggregate them' },
		],
		[
			'a range',
			{ status: 'success', data: { resultType: 'matrix', result: [] } },
			{ kind: 'error', reason: 'the query gives a matrix, one number is asked for' },
		],
		[
			'a native histogram',
			{ status: 'success', data: { resultType: 'vector', result: [{ metric: {}, histogram: [1, {}] }] } },
			{ kind: 'error', reason: 'the query gives a histogram, one number is asked for' },
		],
		['an HTML page', '<html>', { kind: 'error', reason: 'the answer is not that of the Prometheus API' }],
		['50 MB', 'x'.repeat(2_000_000), { kind: 'error', reason: 'the answer is larger than 1 MiB' }],
	])('%s', async (_name, data, expected) => {
		expect(await promql(data)).toEqual(expected);
	});

	it.each([
		['/away', 20_000, 'connection closed by the other side'],
		['/silent', 300, 'no answer in time'],
	])('%s is an error of this measurement', async (path, timeoutMs, reason) => {
		expect(await promql(vector('1'), { path, timeoutMs })).toEqual({ kind: 'error', reason });
	});

	it('a query that is refused is the operator’s to mend, one that timed out is not', async () => {
		const refusal = { status: 'error', errorType: 'bad_data', error: '1:3: parse error' };
		const refused: unknown = await promql(refusal, { status: 400 }).catch((error: unknown) => error);
		expect(refused).toMatchObject({ code: 'METRICS.QUERY_REFUSED' });
		expect(String(refused)).toMatch(/HTTP 400 \(bad_data: 1:3: parse error\)/);
		expect(JSON.stringify(refused) + String(refused)).not.toContain(CANARY);
		const busy = { status: 'error', errorType: 'timeout', error: 'query timed out' };
		expect(await promql(busy, { status: 503 })).toEqual({
			kind: 'error',
			reason: 'Prometheus answered HTTP 503 (timeout: query timed out)',
		});
	});

	it('a cancelled execution ends with its reason', async () => {
		const source = createPromqlSource({ baseUrl: server.url, query: 'up', headers, timeoutMs: 20_000 });
		await expect(source.measure(AbortSignal.abort(new Error('cancelled in n8n')))).rejects.toThrow(
			'cancelled in n8n',
		);
	});
});

describe('HTTP JSON', () => {
	const measure = async (body: string, status = 200) => {
		answer = { status, body };
		const url = `${server.url}/stats?key=${CANARY}`;
		return await createHttpJsonSource({
			url,
			path: 'queue.length',
			errorPath: 'problem',
			headers: {},
			timeoutMs: 20_000,
		}).measure(signal);
	};

	it.each<[string, string, object]>([
		['a number', '{"queue":{"length":7}}', { kind: 'value', value: 7 }],
		['a text', '{"queue":{"length":"7"}}', { kind: 'error', reason: 'what is at queue.length is no number' }],
		['true', '{"queue":{"length":true}}', { kind: 'error', reason: 'what is at queue.length is no number' }],
		['null', '{"queue":{"length":null}}', { kind: 'no-data', reason: 'there is nothing at queue.length' }],
		['another answer', '{"other":1}', { kind: 'no-data', reason: 'there is nothing at queue.length' }],
		['too large for a number', '{"queue":{"length":1e999}}', { kind: 'error', reason: 'the answer is +Inf' }],
		[
			'a number beside an error',
			'{"queue":{"length":7},"problem":"stale"}',
			{ kind: 'error', reason: 'the answer is an error: stale' },
		],
		['no error', '{"queue":{"length":7},"problem":null}', { kind: 'value', value: 7 }],
		['an HTML page', '<html>', { kind: 'error', reason: 'the answer is not JSON' }],
	])('%s', async (_name, body, expected) => {
		expect(await measure(body)).toEqual(expected);
	});

	it('a status that is not 200 is an error; a refused credential is the operator’s', async () => {
		expect(await measure('{}', 302)).toEqual({ kind: 'error', reason: 'the address answered HTTP 302' });
		const refused: unknown = await measure('{}', 401).catch((error: unknown) => error);
		expect(refused).toMatchObject({ code: 'METRICS.QUERY_REFUSED' });
		expect(JSON.stringify(refused) + String(refused)).not.toContain(CANARY);
	});
});
