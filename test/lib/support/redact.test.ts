import { redact, redactJson } from '../../../lib/support/redact';

const SECRET = 'p@ss/w0rd canary';

describe('redact', () => {
	it.each([
		['a literal secret', `login with ${SECRET} failed`, 'login with *** failed'],
		['a secret as it stands in a URL', `tried ${encodeURIComponent(SECRET)}`, 'tried ***'],
		['a secret that occurs twice', `${SECRET}${SECRET}`, '******'],
		[
			'the password of any URL',
			'postgresql://runbook:hunter2@db.example.com/app',
			'postgresql://runbook:***@db.example.com/app',
		],
		[
			'the password of a URL without a user',
			'redis://:hunter2@cache.example.com:6379',
			'redis://:***@cache.example.com:6379',
		],
		['a bearer token', 'authorization: Bearer abcdef.123456', 'authorization: Bearer ***'],
		['a basic header', 'Authorization: Basic dXNlcjpwYXNz', 'Authorization: Basic ***'],
		[
			'nothing else',
			'error rate 4.2 % at https://api.example.com/metrics',
			'error rate 4.2 % at https://api.example.com/metrics',
		],
	])('masks %s', (_, text, masked) => {
		expect(redact(text, [SECRET])).toBe(masked);
	});

	it('masks the longer of two secrets where one contains the other', () => {
		expect(redact('key=abcdefgh', ['abcd', 'abcdefgh'])).toBe('key=***');
	});

	it('leaves secrets shorter than four characters alone, they would maul the text', () => {
		expect(redact('a gate passed', ['a', 'at'])).toBe('a gate passed');
	});
});

describe('redactJson', () => {
	it('masks every string inside, and keeps the rest as it is', () => {
		const at = new Date('2026-11-23T10:00:00Z');
		const value = { note: SECRET, list: [1, SECRET, null, { deep: `x ${SECRET}` }], at, ok: true, none: undefined };
		expect(redactJson(value, [SECRET])).toEqual({
			note: '***',
			list: [1, '***', null, { deep: 'x ***' }],
			at,
			ok: true,
			none: undefined,
		});
	});
});
