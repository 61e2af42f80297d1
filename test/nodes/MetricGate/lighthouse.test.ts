import { MetricGate } from '../../../nodes/MetricGate/MetricGate.node';
import { fakeExecuteContext } from '../../support/fakeExecuteContext';
import { startScriptedServer, type ScriptedServer } from '../../support/scriptedServer';

const API_KEY = 'canary-api-key-4711';
let server: ScriptedServer;
let answer: { readonly status: number; readonly body: object } = { status: 200, body: {} };

beforeAll(async () => {
	server = await startScriptedServer((_request, response) => {
		response
			.writeHead(answer.status, { 'content-type': 'application/json; charset=UTF-8' })
			.end(JSON.stringify(answer.body));
	});
});
afterAll(async () => await server.close());

/** An answer of the PageSpeed Insights API v5 (`runPagespeed`), its parts as the API's reference gives them; the audits are two of many. */
function result({ score, runtimeError }: { score: number | null; runtimeError?: object }): object {
	const url = 'https://example.com/';
	return {
		captchaResult: 'CAPTCHA_NOT_NEEDED',
		kind: 'pagespeedonline#result',
		id: url,
		loadingExperience: { initial_url: url },
		lighthouseResult: {
			requestedUrl: url,
			finalUrl: url,
			mainDocumentUrl: url,
			lighthouseVersion: '12.2.1',
			userAgent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/130.0.0.0 Safari/537.36',
			fetchTime: '2026-11-23T20:00:00.000Z',
			environment: { networkUserAgent: 'Mozilla/5.0', hostUserAgent: 'Mozilla/5.0', benchmarkIndex: 1024.5 },
			runWarnings: [],
			configSettings: {
				emulatedFormFactor: 'mobile',
				formFactor: 'mobile',
				locale: 'en-US',
				onlyCategories: ['performance'],
			},
			audits: {
				'first-contentful-paint': {
					id: 'first-contentful-paint',
					title: 'First Contentful Paint',
					score: score === null ? null : 1,
					scoreDisplayMode: score === null ? 'error' : 'numeric',
					displayValue: '0.8 s',
					numericValue: 812.4,
					numericUnit: 'millisecond',
				},
				'final-screenshot': {
					id: 'final-screenshot',
					title: 'Final Screenshot',
					score: null,
					scoreDisplayMode: 'informative',
				},
			},
			categories: {
				performance: {
					id: 'performance',
					title: 'Performance',
					score,
					auditRefs: [{ id: 'first-contentful-paint', weight: 10, group: 'metrics', acronym: 'FCP' }],
				},
			},
			categoryGroups: { metrics: { title: 'Metrics' } },
			timing: { total: 9214.3 },
			i18n: { rendererFormattedStrings: { varianceDisclaimer: 'Values are estimated and may vary.' } },
			...(runtimeError ? { runtimeError } : {}),
		},
		analysisUTCTimestamp: '2026-11-23T20:00:00.123Z',
	};
}

/** An error as Google's APIs give it. */
function error(code: number, status: string, reason: string, message: string): { status: number; body: object } {
	return {
		status: code,
		body: { error: { code, message, errors: [{ message, domain: 'global', reason }], status } },
	};
}

const ok = (given: Parameters<typeof result>[0]) => ({ status: 200, body: result(given) });

async function judge(given: typeof answer): Promise<unknown> {
	answer = given;
	const { context, logged } = fakeExecuteContext({
		credentials: { httpHeaderAuth: { name: 'X-Goog-Api-Key', value: API_KEY } },
		parameters: {
			operation: 'query',
			provider: 'httpJson',
			metricName: 'Lighthouse performance',
			jsonUrl: `${server.url}/pagespeedonline/v5/runPagespeed?url=https%3A%2F%2Fexample.com`,
			jsonPath: 'lighthouseResult.categories.performance.score',
			jsonErrorPath: 'lighthouseResult.runtimeError.code',
			queryAuthentication: 'headerAuth',
			direction: 'atLeast',
			passLimit: 0.95,
			failLimit: 0.9,
			heldForSeconds: 0.2,
			intervalSeconds: 0.2,
			minimumSamples: 1,
			errorLimit: 1,
			timeoutSeconds: 5,
		},
	});
	const outputs = await new MetricGate().execute.call(context);
	expect(JSON.stringify(outputs) + logged.join()).not.toContain(API_KEY);
	return outputs.flat()[0]?.json.metrics;
}

describe('the Lighthouse score of the PageSpeed Insights API', () => {
	it.each<[string, typeof answer, string, number | null, RegExp]>([
		['97', ok({ score: 0.97 }), 'passed', 0.97, /./],
		['95', ok({ score: 0.95 }), 'passed', 0.95, /./],
		['70', ok({ score: 0.7 }), 'failed', 0.7, /./],
		[
			'none, since its audits failed',
			ok({ score: null }),
			'inconclusive',
			null,
			/^there is nothing at lighthouseResult/,
		],
		[
			'none, since the page did not paint',
			ok({ score: null, runtimeError: { code: 'NO_FCP', message: 'The page did not paint any content.' } }),
			'inconclusive',
			null,
			/^the answer is an error: NO_FCP$/,
		],
		[
			'100, of a page that could not be loaded',
			ok({ score: 1, runtimeError: { code: 'FAILED_DOCUMENT_REQUEST', message: 'net::ERR_CONNECTION_REFUSED' } }),
			'inconclusive',
			null,
			/FAILED_DOCUMENT_REQUEST/,
		],
		[
			'none, for the quota is used up',
			error(
				429,
				'RESOURCE_EXHAUSTED',
				'rateLimitExceeded',
				"Quota exceeded for quota metric 'Queries' and limit 'Queries per day' of service 'pagespeedonline.googleapis.com'.",
			),
			'inconclusive',
			null,
			/^the address answered HTTP 429$/,
		],
		[
			'none, for Lighthouse itself failed',
			error(500, 'INTERNAL', 'lighthouseError', 'Lighthouse returned error: Something went wrong.'),
			'inconclusive',
			null,
			/^the address answered HTTP 500$/,
		],
		[
			'none, for the address is none',
			error(400, 'INVALID_ARGUMENT', 'badRequest', 'Invalid value for url'),
			'inconclusive',
			null,
			/^the address answered HTTP 400$/,
		],
	])('of %s', async (_, given, verdict, value, reason) => {
		expect(await judge(given)).toMatchObject({
			verdict,
			value,
			reason: expect.stringMatching(reason) as string,
		});
	});

	it('a key that is refused is the operator’s to mend', async () => {
		const refused = judge(error(403, 'PERMISSION_DENIED', 'forbidden', 'Requests from this client are blocked.'));
		await expect(refused).rejects.toThrow(/METRICS\.QUERY_REFUSED/);
	});
});
