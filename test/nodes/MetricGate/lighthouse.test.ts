import { MetricGate } from '../../../nodes/MetricGate/MetricGate.node';
import { fakeExecuteContext } from '../../support/fakeExecuteContext';
import { startScriptedServer, type ScriptedServer } from '../../support/scriptedServer';

let server: ScriptedServer;
let answer: object = {};

beforeAll(async () => {
	server = await startScriptedServer((_request, response) => {
		response.writeHead(200, { 'content-type': 'application/json; charset=UTF-8' }).end(JSON.stringify(answer));
	});
});
afterAll(async () => await server.close());

describe('the Lighthouse score of a PageSpeed-shaped address', () => {
	it.each<[string, object, string]>([
		['97', { lighthouseResult: { categories: { performance: { score: 0.97 } } } }, 'passed'],
		['95', { lighthouseResult: { categories: { performance: { score: 0.95 } } } }, 'passed'],
		['70', { lighthouseResult: { categories: { performance: { score: 0.7 } } } }, 'failed'],
		[
			'none, since the audit failed',
			{ lighthouseResult: { categories: { performance: { score: null } } } },
			'inconclusive',
		],
		['none, but an error', { error: { code: 500, message: 'Lighthouse returned error: NO_FCP' } }, 'inconclusive'],
	])('of %s', async (_, given, verdict) => {
		answer = given;
		const { context } = fakeExecuteContext({
			parameters: {
				operation: 'query',
				provider: 'httpJson',
				metricName: 'Lighthouse performance',
				jsonUrl: `${server.url}/pagespeedonline/v5/runPagespeed?url=https%3A%2F%2Fexample.com`,
				jsonPath: 'lighthouseResult.categories.performance.score',
				queryAuthentication: 'none',
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
		expect(outputs.flat()[0]?.json.metrics).toMatchObject({ verdict });
	});
});
