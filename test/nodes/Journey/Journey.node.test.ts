import { Journey } from '../../../nodes/Journey/Journey.node';
import { fakeExecuteContext } from '../../support/fakeExecuteContext';
import { startScriptedServer, type ScriptedServer } from '../../support/scriptedServer';

const CANARIES = ['password-canary-1', 'other-canary-2', 'token-canary-3'];
let server: ScriptedServer;

beforeAll(async () => {
	server = await startScriptedServer((request, response) => {
		const authorized = request.headers.authorization === 'Bearer token-canary-3';
		if (request.url === '/login') return void response.end('{"token":"token-canary-3"}');
		// An application that gives away everything it was told.
		response
			.writeHead(authorized ? 200 : 401)
			.end(JSON.stringify({ said: [...CANARIES, 'Bearer token-canary-3'] }));
	});
	// Loading the driver takes seconds on a busy machine; that is not what is tested here.
	await import('undici');
}, 60_000);
afterAll(async () => await server.close());

const LOGIN = {
	name: 'log in',
	method: 'POST',
	path: '/login',
	body: { user: '${user}', password: '${password}', other: '${otherPassword}' },
	extract: { token: '/token' },
};
const READ = { name: 'read', path: '/me', headers: { authorization: 'Bearer ${token}' } };

function parameters(change: object = {}): Record<string, unknown> {
	const usual = { operation: 'run', baseUrl: server.url, steps: [LOGIN, READ], logsIn: true };
	return { ...usual, timeoutSeconds: 20, attempts: 1, pauseSeconds: 0, ...change };
}

async function execute(change: object = {}, account: object = {}) {
	const { context, logged } = fakeExecuteContext({
		parameters: parameters(change),
		credentials: {
			syntheticAccounts: {
				user: 'user@example.com',
				password: CANARIES[0] ?? '',
				otherUser: 'other@example.com',
				otherPassword: CANARIES[1] ?? '',
				...account,
			},
		},
	});
	return { outputs: await new Journey().execute.call(context), logged };
}

describe('Journey', () => {
	it('a journey that works leaves through Passed', async () => {
		const { outputs } = await execute();
		expect(outputs[2]?.[0]?.json).toMatchObject({ journey: { verdict: 'passed', reason: '', leftBehind: [] } });
		expect(server.requests[0]?.body).toBe(
			JSON.stringify({ user: 'user@example.com', password: CANARIES[0], other: CANARIES[1] }),
		);
	});

	it('one that does not leaves through Failed, and one that cannot be gone through Inconclusive', async () => {
		const failed = await execute({ steps: [{ ...READ, headers: {} }] });
		expect(failed.outputs.map((items) => items.length)).toEqual([0, 1]);
		const unknown = await execute({ baseUrl: 'http://does-not-exist.invalid' });
		expect(unknown.outputs.map((items) => items.length)).toEqual([1]);
	});

	it('no secret shows, even where the application echoes all of them', async () => {
		const { outputs, logged } = await execute({ steps: [LOGIN, { ...READ, expect: { json: { '/said': [] } } }] });
		expect(JSON.stringify(outputs[1])).toContain('***');
		expect(JSON.stringify(outputs) + logged.join()).not.toMatch(/canary/);
	});

	it.each([
		['an address with a password', { baseUrl: 'http://a:b@example.com' }, /baseUrl/],
		['an address with a query', { baseUrl: 'http://example.com/?a=b' }, /baseUrl/],
		['a file address', { baseUrl: 'file:///etc/passwd' }, /baseUrl/],
		['no steps', { steps: '[]' }, /steps.*nothing would be checked/],
		['an account that is not given', { logsIn: false }, /steps.*use an account and none is given/],
		['no attempt', { attempts: 0 }, /attempts/],
	])('%s is refused before anything is asked', async (_name, change, message) => {
		const before = server.requests.length;
		await expect(execute(change)).rejects.toThrow(message);
		expect(server.requests.length).toBe(before);
	});

	it('steps that need the other user are refused without one', async () => {
		await expect(execute({}, { otherPassword: '' })).rejects.toThrow('has no other user with a password');
	});

	it.each([
		[{ user: 'a', password: 'p', otherUser: 'b', otherPassword: 'q' }, 'OK'],
		[{ user: 'a', password: 'p', otherUser: '', otherPassword: '' }, 'OK'],
		[{ user: 'a', password: '', otherUser: 'b', otherPassword: 'q' }, 'Error'],
		[{ user: 'a@example.com', password: 'p', otherUser: 'A@example.com', otherPassword: 'q' }, 'Error'],
	])('the credential %j is %s', async (data, status) => {
		const { syntheticAccountsTest } = new Journey().methods.credentialTest;
		const credential = { id: '1', name: 'a', type: 'syntheticAccounts', data };
		expect(await syntheticAccountsTest.call({} as never, credential)).toMatchObject({ status });
	});
});
