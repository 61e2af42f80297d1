import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { Webhook } from 'standardwebhooks';
import { assertSecret, verifyDelivery, type Delivery } from '../../../lib/release/verifyDelivery';
import { RunbookError } from '../../../lib/support/runbookError';

const SECRET = randomBytes(32).toString('base64');
const BODY = JSON.stringify({ version: '2026.11.23', environment: 'production' });
const WINDOW_SECONDS = 5 * 60;

interface Signing {
	readonly body?: string;
	readonly secret?: string;
	/** Seconds from now. */
	readonly at?: number;
}

function delivery({ body = BODY, secret = SECRET, at = 0 }: Signing = {}): Delivery & {
	headers: Record<string, string | string[] | undefined>;
} {
	const time = new Date(Date.now() + at * 1000);
	const headers = {
		'webhook-id': 'msg_1',
		'webhook-timestamp': String(Math.floor(time.getTime() / 1000)),
		'webhook-signature': new Webhook(secret).sign('msg_1', time, body),
	};
	return { headers, rawBody: Buffer.from(body) };
}

function refusal(secret: string, given: Delivery): RunbookError {
	try {
		verifyDelivery(secret, given);
	} catch (error) {
		if (error instanceof RunbookError) return error;
		throw error;
	}
	throw new Error('the delivery was accepted');
}

describe('a signed delivery', () => {
	it('is a release request; what it leaves out has a default', () => {
		expect(verifyDelivery(SECRET, delivery())).toEqual({
			intent: 'begin',
			version: '2026.11.23',
			environment: 'production',
			commit: '',
			startedBy: 'ci',
			authors: [],
			releaseId: '',
			override: null,
			images: [],
			deliveryId: 'msg_1',
		});
	});

	it('carries commit, people, override and digests; other fields are dropped', () => {
		const request = {
			intent: 'rehearse',
			version: '2',
			environment: 'staging',
			commit: '4f9c2a1',
			startedBy: 'release train',
			authors: ['one@example.com', 'two@example.com'],
			releaseId: 'r-1',
			override: { person: 'the release manager', reason: 'a security fix' },
			images: [{ workload: 'backend', image: 'registry.example.com/backend@sha256:1' }],
		};
		const body = JSON.stringify({ ...request, rehearsal: true, deliveryId: 'mine' });
		expect(verifyDelivery(SECRET, delivery({ body }))).toEqual({ ...request, deliveryId: 'msg_1' });
	});

	it('that resumes needs no version: the release has one', () => {
		const body = JSON.stringify({ intent: 'resume', environment: 'production', releaseId: 'r-1' });
		expect(verifyDelivery(SECRET, delivery({ body }))).toMatchObject({ intent: 'resume', version: '' });
	});

	it('is accepted with the prefix whsec_ on either side', () => {
		expect(verifyDelivery(`whsec_${SECRET}`, delivery())).toMatchObject({ version: '2026.11.23' });
		expect(verifyDelivery(SECRET, delivery({ secret: `whsec_${SECRET}` }))).toMatchObject({
			version: '2026.11.23',
		});
	});

	it('is accepted when one of several signatures matches, so that a secret can be rotated', () => {
		const old = delivery({ secret: randomBytes(32).toString('base64') }).headers['webhook-signature'];
		const given = delivery();
		given.headers['webhook-signature'] = `${String(old)} v2,x ${String(given.headers['webhook-signature'])}`;
		expect(verifyDelivery(SECRET, given)).toMatchObject({ deliveryId: 'msg_1' });
		given.headers['webhook-signature'] = `${String(old)} ${String(old)}`;
		expect(refusal(SECRET, given).code).toBe('WEBHOOK.SIGNATURE_INVALID');
	});

	it.each([-WINDOW_SECONDS + 10, WINDOW_SECONDS - 10])('may be %i seconds off', (at) => {
		expect(verifyDelivery(SECRET, delivery({ at }))).toMatchObject({ deliveryId: 'msg_1' });
	});
});

describe('the secret', () => {
	it.each([
		['absent', ''],
		['only its prefix', 'whsec_'],
		['23 bytes', randomBytes(23).toString('base64')],
		['not base64', '!'.repeat(64)],
	])('%s: every delivery is refused, also one signed with it', (_, secret) => {
		expect(refusal(secret, delivery()).code).toBe('WEBHOOK.SECRET_MISSING');
	});

	it('has 24 bytes at least', () => {
		const bytes = randomBytes(24);
		expect(assertSecret(`whsec_${bytes.toString('base64')}`)).toEqual(bytes);
	});
});

describe('a delivery is refused', () => {
	it.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'])(
		'without the header %s, which is named',
		(header) => {
			for (const value of [undefined, '', ['a', 'b'], [String(delivery().headers[header])]]) {
				const given = delivery();
				given.headers[header] = value;
				expect(refusal(SECRET, given)).toMatchObject({ code: 'WEBHOOK.SIGNATURE_MISSING', meta: { header } });
			}
		},
	);

	it.each<[string, (given: ReturnType<typeof delivery>) => Delivery]>([
		['signed with another secret', () => delivery({ secret: randomBytes(32).toString('base64') })],
		['signed too long ago', () => delivery({ at: -WINDOW_SECONDS - 10 })],
		['signed in the future', () => delivery({ at: WINDOW_SECONDS + 10 })],
		[
			'with one byte changed',
			({ headers, rawBody }) => ({ headers, rawBody: Buffer.from(`${rawBody.toString()} `) }),
		],
		['with its body taken away', ({ headers }) => ({ headers, rawBody: Buffer.alloc(0) })],
		['under another id', ({ headers, rawBody }) => ({ headers: { ...headers, 'webhook-id': 'msg_2' }, rawBody })],
		[
			'with its time brought forward',
			({ rawBody }) => ({
				headers: {
					...delivery({ at: -WINDOW_SECONDS - 10 }).headers,
					'webhook-timestamp': delivery().headers['webhook-timestamp'],
				},
				rawBody,
			}),
		],
		[
			'with a time that is no number',
			({ headers, rawBody }) => ({ headers: { ...headers, 'webhook-timestamp': 'now' }, rawBody }),
		],
		[
			'with a signature without a version',
			({ headers, rawBody }) => ({ headers: { ...headers, 'webhook-signature': 'v1' }, rawBody }),
		],
		[
			'with a signature of another version only',
			({ headers, rawBody }) => ({
				headers: {
					...headers,
					'webhook-signature': String(headers['webhook-signature']).replace('v1,', 'v2,'),
				},
				rawBody,
			}),
		],
	])('%s', (_, change) => {
		expect(refusal(SECRET, change(delivery())).code).toBe('WEBHOOK.SIGNATURE_INVALID');
	});

	it.each([
		['no JSON', 'version=1', 'body'],
		['empty', '', 'body'],
		['a list', '[]', 'body'],
		['null', 'null', 'body'],
		['with an unknown intent', '{"intent":"force","version":"2","environment":"production"}', 'intent'],
		['with authors as text', '{"version":"2","environment":"production","authors":"a"}', 'authors'],
		[
			'with an override without a reason',
			'{"version":"2","environment":"production","override":{"person":"a"}}',
			'override.reason',
		],
		['with a number as version', '{"version":2,"environment":"production"}', 'version'],
		['without an environment', '{"version":"2"}', 'environment'],
		['with an image that is no object', '{"version":"2","environment":"production","images":["a"]}', 'images.0'],
	])('signed well, but the body is %s', (_, body, field) => {
		const refused = refusal(SECRET, delivery({ body }));
		expect(refused.code).toBe('WEBHOOK.BODY_INVALID');
		expect(refused.message).toContain(`: ${field}: `);
	});
});

it('no refusal carries the secret or the signature that would have been right', () => {
	const right = delivery();
	const canaries = [SECRET, encodeURIComponent(SECRET), String(right.headers['webhook-signature']).slice(3)];
	const refused = [
		refusal(SECRET, delivery({ body: 'no JSON' })),
		refusal(SECRET, { headers: {}, rawBody: right.rawBody }),
		refusal(SECRET, { ...right, headers: { ...right.headers, 'webhook-signature': 'v1,AAAA' } }),
		refusal(SECRET, { ...right, headers: { ...right.headers, 'webhook-timestamp': '1' } }),
		refusal(SECRET.slice(0, 30), right),
	];
	for (const error of refused) {
		const text = inspect(error, { depth: 10, showHidden: true });
		for (const canary of [...canaries, SECRET.slice(0, 30)]) expect(text).not.toContain(canary);
	}
});
