import { assessHttp } from '../../../lib/health/assessHttp';
import { httpTargets } from '../../../lib/health/httpTargets';
import type { HttpAnswer, HttpTarget } from '../../../lib/health/model';

function target(wanted: object = {}): HttpTarget {
	return httpTargets.parse([{ name: 'api', url: 'https://api.example.com/health', ...wanted }])[0] as HttpTarget;
}

function answer(change: Partial<HttpAnswer> = {}): HttpAnswer {
	return {
		status: 200,
		contentType: 'application/json',
		certificateEndsAt: null,
		body: '{"status":"ok","version":"2026.11.2","database":{"ready":true}}',
		...change,
	};
}

const NOW = new Date('2026-11-26T20:00:00Z');
const inDays = (days: number): Date => new Date(NOW.getTime() + days * 86_400_000);

const HTML = '<!doctype html><title>Maintenance</title>';

describe('assessHttp', () => {
	it.each<[string, HttpTarget, HttpAnswer, string]>([
		['the expected status is healthy', target(), answer(), 'ok: status 200'],
		['another status is not', target(), answer({ status: 503 }), 'failed: status 503, expected 200'],
		[
			'a redirect is not health',
			target(),
			answer({ status: 302 }),
			'failed: status 302, expected 200 (redirects are not followed)',
		],
		['a status may be expected', target({ expectedStatus: 401 }), answer({ status: 401 }), 'ok: status 401'],
		[
			'an HTML page with 200 is not JSON',
			target({ expectJson: true }),
			answer({ contentType: 'text/html', body: HTML }),
			'failed: an HTML page where JSON was expected',
		],
		[
			'an HTML page that claims to be JSON is not',
			target({ expectedVersion: '1' }),
			answer({ body: HTML }),
			'failed: the body is not JSON',
		],
		[
			'an HTML page with 200 is not health where nobody said so',
			target(),
			answer({ contentType: 'text/html', body: HTML }),
			'failed: an HTML page, as a login or an error would be: expect a text of it, or allow it',
		],
		[
			'an HTML page may be allowed',
			target({ allowHtml: true }),
			answer({ contentType: 'text/html', body: HTML }),
			'ok: status 200',
		],
		[
			'an HTML page with the expected text is healthy',
			target({ textContains: 'Maintenance' }),
			answer({ contentType: 'text/html', body: HTML }),
			'ok: status 200',
		],
		[
			'an HTML page with another text is not',
			target({ textContains: 'Cases' }),
			answer({ contentType: 'text/html', body: HTML }),
			'failed: the body does not hold "Cases"',
		],
		['any other body is healthy', target(), answer({ contentType: 'text/plain', body: 'OK' }), 'ok: status 200'],
		[
			'a certificate that lasts exactly as long as wanted is healthy',
			target({ certificateDays: 14 }),
			answer({ certificateEndsAt: inDays(14) }),
			'ok: status 200',
		],
		[
			'a certificate that ends sooner is not',
			target({ certificateDays: 14 }),
			answer({ certificateEndsAt: inDays(13.9) }),
			'failed: the certificate ends in 13.9 days, at least 14 are wanted',
		],
		[
			'a certificate without an end that can be read is not',
			target({ certificateDays: 14 }),
			answer({ certificateEndsAt: new Date(Number.NaN) }),
			'failed: the certificate ends in NaN days, at least 14 are wanted',
		],
		[
			'no certificate where days are asked for is not',
			target({ certificateDays: 14 }),
			answer(),
			'failed: there was no certificate to look at',
		],
		['the version is compared', target({ expectedVersion: '2026.11.2' }), answer(), 'ok: status 200'],
		[
			'another version has failed',
			target({ expectedVersion: '2026.11.3' }),
			answer(),
			'failed: version is "2026.11.2", expected "2026.11.3"',
		],
		[
			'a missing version has failed',
			target({ expectedVersion: '1', versionPath: 'build.version' }),
			answer(),
			'failed: build.version is missing, expected "1"',
		],
		[
			'a nested value is compared',
			target({ jsonAssertions: [{ path: 'database.ready', equals: true }] }),
			answer(),
			'ok: status 200',
		],
		[
			'"true" is not true',
			target({ jsonAssertions: [{ path: 'database.ready', equals: 'true' }] }),
			answer(),
			'failed: database.ready is true, expected "true"',
		],
		[
			'a value of the prototype is missing',
			target({ jsonAssertions: [{ path: 'constructor.name', equals: 'Object' }] }),
			answer(),
			'failed: constructor.name is missing, expected "Object"',
		],
		['a text is looked for', target({ textContains: '"ready":true' }), answer(), 'ok: status 200'],
		[
			'a missing text has failed',
			target({ textContains: 'all good' }),
			answer(),
			'failed: the body does not hold "all good"',
		],
		[
			'a body over the cap has failed',
			target(),
			answer({ body: undefined }),
			'failed: the body is larger than 1 MiB',
		],
		[
			'an empty body is not JSON',
			target({ expectJson: true }),
			answer({ body: '' }),
			'failed: the body is not JSON',
		],
	])('%s', (_name, wanted, came, expected) => {
		const { outcome, reason } = assessHttp(wanted, came, { now: NOW, followRedirects: false });
		expect(`${outcome}: ${reason}`).toBe(expected);
	});
});

describe('httpTargets', () => {
	it.each([
		['no target', [], 'there is no target: nothing would be checked'],
		[
			'two of one name',
			[
				{ name: 'a', url: 'http://a' },
				{ name: 'a', url: 'http://b' },
			],
			'"a" is named twice',
		],
		['a file URL', [{ name: 'a', url: 'file:///etc/passwd' }], 'must start with http:// or https://'],
		[
			'a misspelt field',
			[{ name: 'a', url: 'http://a', expectStatus: 200 }],
			"Unrecognized key(s) in object: 'expectStatus'",
		],
	])('refuses %s', (_name, targets, message) => {
		expect(httpTargets.safeParse(targets).error?.issues[0]?.message).toBe(message);
	});
});
