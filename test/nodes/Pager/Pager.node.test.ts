import type { ICredentialTestFunctions } from 'n8n-workflow';
import { Pager } from '../../../nodes/Pager/Pager.node';
import { fakeExecuteContext } from '../../support/fakeExecuteContext';
import { startScriptedServer, type ScriptedServer } from '../../support/scriptedServer';

const KEY = 'canaryroutingkey4711canary000000';
let server: ScriptedServer;
let status = 202;

beforeAll(async () => {
	server = await startScriptedServer((_request, response) => {
		const body = { message: `about ${KEY}`, dedup_key: 'release-1', errors: ["'event_action' is invalid"] };
		response.writeHead(status).end(JSON.stringify(body));
	});
});
afterAll(async () => await server.close());
beforeEach(() => {
	status = 202;
	server.requests.length = 0;
});

const page = {
	operation: 'send',
	action: 'trigger',
	summary: 'Down',
	severity: 'critical',
	source: 'production',
	dedupKey: 'release-1',
	links: '[]',
	customDetails: '{}',
	deadlineSeconds: 1,
	onFailure: 'error',
};

async function execute(change: object = {}) {
	const credentials = { pagerDutyEvents: { routingKey: KEY, baseUrl: server.url } };
	const { context, logged } = fakeExecuteContext({ parameters: { ...page, ...change }, credentials });
	return { outputs: await new Pager().execute.call(context), logged };
}

describe('Pager', () => {
	it('an accepted page is never called confirmed', async () => {
		const { outputs } = await execute({ customDetails: { reason: 'errors' } });
		expect(outputs).toEqual([
			[
				{
					json: {
						page: {
							status: 'accepted',
							action: 'trigger',
							dedupKey: 'release-1',
							confirmed: false,
							attempts: 1,
						},
					},
					pairedItem: { item: 0 },
				},
			],
		]);
		expect(JSON.parse(server.requests[0]?.body ?? '')).toMatchObject({
			payload: { custom_details: { reason: 'errors' } },
		});
	});

	it.each([
		[400, /PAGING\.REFUSED/],
		[503, /PAGING\.NOT_ACCEPTED/],
	])('%i ends the execution, without the routing key in the error', async (answer, code) => {
		status = answer;
		const error: unknown = await execute().catch((caught: unknown) => caught);
		expect(String(error)).toMatch(code);
		expect(JSON.stringify(error) + String((error as Error).stack)).not.toContain(KEY);
	});

	it('where the failure is only to be reported, the item goes on through the one output and says so', async () => {
		status = 400;
		const { outputs, logged } = await execute({ onFailure: 'report' });
		expect(outputs).toHaveLength(1);
		expect(outputs[0]?.[0]?.json).toMatchObject({
			page: { status: 'not-sent', code: 'PAGING.REFUSED', confirmed: false },
		});
		expect(JSON.stringify(outputs) + logged.join()).not.toContain(KEY);
	});

	it.each([
		['an empty summary', { summary: ' ' }, /summary/],
		['an empty key', { action: 'resolve', dedupKey: '' }, /dedupKey/],
		['links that are no addresses', { links: [{ href: 'here' }] }, /links\.0\.href/],
		['details that are a list', { customDetails: '[]' }, /customDetails/],
	])('%s is refused before anything is sent', async (_name, change, message) => {
		await expect(execute(change)).rejects.toThrow(message);
		expect(server.requests).toEqual([]);
	});

	it('the credential test pages nobody', async () => {
		status = 400;
		const test = new Pager().methods.credentialTest.pagerDutyConnection;
		const credential = {
			id: '1',
			name: 'p',
			type: 'pagerDutyEvents',
			data: { routingKey: KEY, baseUrl: server.url },
		};
		expect(await test.call({} as ICredentialTestFunctions, credential)).toMatchObject({ status: 'OK' });
		expect(server.requests[0]?.body).not.toMatch(/trigger/);
		expect(await test.call({} as ICredentialTestFunctions, { ...credential, data: {} })).toEqual({
			status: 'Error',
			message: expect.stringMatching(/no routing key/),
		});
	});
});
