import { randomBytes } from 'node:crypto';
import type { ICredentialDataDecryptedObject, ICredentialTestFunctions, IWebhookFunctions } from 'n8n-workflow';
import { Webhook } from 'standardwebhooks';
import { releaseErrors } from '../../../lib/release/errors';
import { openLedger } from '../../../lib/release/ledger.client';
import { ReleaseWebhook } from '../../../nodes/ReleaseWebhook/ReleaseWebhook.node';
import { MemoryLedger } from '../../support/memoryLedger';

jest.mock('../../../lib/release/ledger.client', () => ({ openLedger: jest.fn() }));

const SECRET = randomBytes(32).toString('base64');
const PASSWORD = 'canary-s3cret-4711';
const BODY = JSON.stringify({ version: '2026.11.23', environment: 'production' });
let ledger: MemoryLedger;
let credentials: Record<string, ICredentialDataDecryptedObject>;
let unreadable: string | undefined;
let database = 0;

beforeEach(() => {
	ledger = new MemoryLedger();
	jest.mocked(openLedger).mockImplementation(async () => await Promise.resolve(ledger));
	// A ledger is kept per credential as long as the process lives; each test has one of its own.
	database += 1;
	unreadable = undefined;
	credentials = {
		deploymentWebhook: { secret: SECRET },
		releaseLedger: { host: 'ledger.example.com', database: `db${database}`, user: 'runbook', password: PASSWORD },
	};
});

interface Request {
	readonly body?: string;
	readonly id?: string;
	readonly secret?: string;
	readonly at?: Date;
	readonly headers?: Readonly<Record<string, string>>;
}

async function post({ body = BODY, id = 'msg_1', secret = SECRET, at = new Date(), headers }: Request = {}) {
	const answers: Array<{ status: number; body: unknown }> = [];
	const logged: string[] = [];
	let status = 200;
	const response = {
		status: (code: number) => {
			status = code;
			return response;
		},
		json: (value: unknown) => void answers.push({ status, body: value }),
	};
	const signed = {
		'webhook-id': id,
		'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
		'webhook-signature': new Webhook(secret).sign(id, at, body),
	};
	const log = (message: string): void => void logged.push(message);
	const context = {
		getResponseObject: () => response,
		getRequestObject: () => ({ headers: headers ?? signed, rawBody: Buffer.from(body) }),
		getNode: () => ({ name: 'Release Webhook', credentials }),
		getCredentials: async (type: string) => {
			if (type === unreadable) throw new Error(`cannot decrypt ${SECRET} ${PASSWORD}`);
			const data = credentials[type];
			if (!data) throw new Error(`Node does not have any credentials set for "${type}"`);
			return await Promise.resolve(data);
		},
		logger: { debug: log, info: log, warn: log, error: log },
	};
	const result = await new ReleaseWebhook().webhook.call(context as unknown as IWebhookFunctions);
	expect(answers).toHaveLength(1);
	return { result, answer: answers[0], logged };
}

/** Refused: one answer with the code, and nothing that could start an execution. */
function expectRefused(outcome: Awaited<ReturnType<typeof post>>, status: number, code: string): void {
	expect(outcome.answer).toMatchObject({ status, body: { error: { code } } });
	expect(outcome.result).toEqual({ noWebhookResponse: true });
	expect(outcome.result).not.toHaveProperty('workflowData');
	expect(outcome.logged).toEqual([expect.stringContaining(`Release Webhook: refused a delivery: ${code}`)]);
	const told = JSON.stringify([outcome.answer, outcome.logged]);
	for (const canary of [SECRET, PASSWORD]) expect(told).not.toContain(canary);
}

it('a signed delivery is answered with 202 and starts one execution', async () => {
	const { result, answer, logged } = await post();
	expect(answer).toEqual({
		status: 202,
		body: {
			status: 'accepted',
			deliveryId: 'msg_1',
			intent: 'begin',
			version: '2026.11.23',
			environment: 'production',
		},
	});
	const asked = { intent: 'begin', version: '2026.11.23', environment: 'production' };
	const request = { ...asked, commit: '', startedBy: 'ci', authors: [], releaseId: '', override: null, images: [] };
	expect(result).toEqual({
		noWebhookResponse: true,
		workflowData: [[{ json: { ...request, deliveryId: 'msg_1' } }]],
	});
	expect(logged).toEqual([]);
});

describe('a refused delivery starts nothing', () => {
	it.each<[number, string, Request]>([
		[401, 'WEBHOOK.SIGNATURE_MISSING', { headers: {} }],
		[401, 'WEBHOOK.SIGNATURE_INVALID', { secret: randomBytes(32).toString('base64') }],
		[401, 'WEBHOOK.SIGNATURE_INVALID', { at: new Date(Date.now() - 6 * 60_000) }],
		[401, 'WEBHOOK.SIGNATURE_INVALID', { at: new Date(Date.now() + 6 * 60_000) }],
		[422, 'WEBHOOK.BODY_INVALID', { body: 'no JSON' }],
		[422, 'WEBHOOK.BODY_INVALID', { body: '{"version":"2"}' }],
		[422, 'WEBHOOK.BODY_INVALID', { body: '{"environment":"production","intent":"takeOver"}' }],
	])('%i %s', async (status, code, request) => {
		expectRefused(await post(request), status, code);
		// Whoever cannot sign uses up no delivery id.
		expect((await post()).answer?.status).toBe(202);
	});

	it('409 for a replay; another id is a new delivery', async () => {
		const at = new Date();
		expect((await post({ at })).answer?.status).toBe(202);
		expectRefused(await post({ at }), 409, 'WEBHOOK.REPLAYED');
		expect((await post({ at, id: 'msg_2' })).answer?.status).toBe(202);
	});

	it('is recorded when it was signed; whoever cannot sign writes nothing', async () => {
		const at = new Date();
		await post({ at });
		await post({ at });
		await post({ body: 'no JSON' });
		await post({ secret: randomBytes(32).toString('base64') });
		await post({ headers: {} });
		expect(ledger.refusals.map(({ code }) => code)).toEqual(['WEBHOOK.REPLAYED', 'WEBHOOK.BODY_INVALID']);
	});

	it('is answered although the refusal cannot be recorded', async () => {
		jest.spyOn(ledger, 'recordRefusal').mockRejectedValueOnce(new Error(`gone at ${PASSWORD}`));
		const { answer, logged } = await post({ body: 'no JSON' });
		expect(answer).toMatchObject({ status: 422, body: { error: { code: 'WEBHOOK.BODY_INVALID' } } });
		expect(logged.join()).toContain('could not be recorded');
		expect(logged.join()).not.toContain(PASSWORD);
	});

	it('of ten replays at the same instant one is accepted', async () => {
		const statuses = await Promise.all(Array.from({ length: 10 }, async () => (await post()).answer?.status));
		expect(statuses.sort()).toEqual([202, ...Array.from({ length: 9 }, () => 409)]);
	});

	it.each<[string, Record<string, ICredentialDataDecryptedObject>]>([
		['no webhook credential', { deploymentWebhook: undefined as never }],
		['a credential without a secret', { deploymentWebhook: {} }],
		['an empty secret', { deploymentWebhook: { secret: '' } }],
		['a short secret', { deploymentWebhook: { secret: 'c2hvcnQ=' } }],
	])('503 with %s, although the request is signed', async (_, change) => {
		credentials = { ...credentials, ...change };
		expectRefused(await post(), 503, 'WEBHOOK.SECRET_MISSING');
	});

	it.each(['deploymentWebhook', 'releaseLedger'])(
		'503 when n8n cannot hand out %s, which is not missing',
		async (credential) => {
			const at = new Date();
			unreadable = credential;
			expectRefused(await post({ at }), 503, 'CREDENTIAL.UNREADABLE');
			unreadable = undefined;
			expect((await post({ at })).answer?.status).toBe(202);
		},
	);

	it('503 while the ledger is down; the same delivery is accepted once it is up', async () => {
		jest.mocked(openLedger).mockRejectedValueOnce(
			releaseErrors.LEDGER_UNREACHABLE({ host: 'ledger.example.com', problem: 'connection refused' }),
		);
		expectRefused(await post(), 503, 'RELEASE.LEDGER_UNREACHABLE');
		expect((await post()).answer?.status).toBe(202);
	});

	it('503 when the ledger goes away while the delivery is noted', async () => {
		jest.spyOn(ledger, 'acceptDelivery').mockRejectedValueOnce(
			releaseErrors.LEDGER_UNREACHABLE({ host: 'ledger.example.com', problem: 'connection reset' }),
		);
		expectRefused(await post(), 503, 'RELEASE.LEDGER_UNREACHABLE');
	});

	it.each<[string, ICredentialDataDecryptedObject | undefined]>([
		['no ledger credential', undefined],
		['a ledger credential without a host', { password: PASSWORD }],
	])('503 with %s', async (_, data) => {
		credentials = { ...credentials, releaseLedger: data as never };
		expectRefused(await post(), 503, 'CREDENTIAL.FIELD_MISSING');
	});

	it('500 for an error nobody foresaw: its text goes to the log, masked, and not to the sender', async () => {
		jest.mocked(openLedger).mockRejectedValueOnce(new Error(`the ledger exploded at ${PASSWORD} and ${SECRET}`));
		const outcome = await post();
		expectRefused(outcome, 500, 'WEBHOOK.REFUSED');
		expect(outcome.logged[0]).toContain('the ledger exploded');
		expect(JSON.stringify(outcome.answer)).not.toContain('exploded');
	});
});

describe('the credential test', () => {
	const test = async (data: ICredentialDataDecryptedObject) =>
		await new ReleaseWebhook().methods.credentialTest.deploymentWebhookSecret.call({} as ICredentialTestFunctions, {
			id: '1',
			name: 'Deployment webhook',
			type: 'deploymentWebhook',
			data,
		});

	it('accepts a secret of 24 bytes or more', async () => {
		expect(await test({ secret: SECRET })).toMatchObject({ status: 'OK' });
		expect(await test({ secret: `whsec_${SECRET}` })).toMatchObject({ status: 'OK' });
	});

	it.each([{}, { secret: '' }, { secret: 'canarysecret' }])('refuses %j without repeating it', async (data) => {
		const result = await test(data);
		expect(result).toMatchObject({ status: 'Error', message: expect.stringContaining('secret') as string });
		expect(result.message).not.toContain('canarysecret');
	});
});
