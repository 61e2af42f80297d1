import { classifyNetworkFailure } from '../../../lib/support/networkFailure';

function failing(code: string, name = 'Error'): Error {
	return Object.assign(new Error('connect to 10.1.2.3 with s3cret'), { code, name });
}

describe('classifyNetworkFailure', () => {
	it.each([
		['ECONNREFUSED', 'failed'],
		['ECONNRESET', 'failed'],
		['UND_ERR_SOCKET', 'failed'],
		['UND_ERR_HEADERS_TIMEOUT', 'failed'],
		['CERT_HAS_EXPIRED', 'failed'],
		['DEPTH_ZERO_SELF_SIGNED_CERT', 'failed'],
		['HPE_INVALID_CONSTANT', 'failed'],
		['EHOSTUNREACH', 'failed'],
		['ENOTFOUND', 'gap'],
		['EAI_AGAIN', 'gap'],
		['ENETUNREACH', 'gap'],
		['EADDRNOTAVAIL', 'gap'],
		['EMFILE', 'gap'],
		['ESOMETHINGNEW', 'gap'],
	] as const)('%s is %s', (code, kind) => {
		expect(classifyNetworkFailure(failing(code))).toMatchObject({ kind, code });
	});

	it('our own timeout is the silence of the target', () => {
		expect(classifyNetworkFailure(new DOMException('late', 'TimeoutError'))).toEqual({
			kind: 'failed',
			reason: 'no answer in time',
			code: 'TIMEOUT',
		});
	});

	it('one refused address of several tells more than one without a route', () => {
		const tried = new AggregateError([failing('ENETUNREACH'), failing('ECONNREFUSED')], '');
		expect(classifyNetworkFailure(tried)).toMatchObject({ kind: 'failed', code: 'ECONNREFUSED' });
		expect(classifyNetworkFailure(new AggregateError([failing('ENETUNREACH')], ''))).toMatchObject({ kind: 'gap' });
	});

	it('the cause is looked at', () => {
		expect(classifyNetworkFailure(new TypeError('fetch failed', { cause: failing('ECONNREFUSED') }))).toMatchObject(
			{ kind: 'failed' },
		);
	});

	it('an error without a code is a gap, and its text is not repeated', () => {
		expect(classifyNetworkFailure(new Error('s3cret'))).toEqual({
			kind: 'gap',
			reason: 'the request could not be made',
			code: '',
		});
		expect(JSON.stringify(classifyNetworkFailure(failing('ECONNREFUSED')))).not.toMatch(/s3cret|10\.1/);
	});
});
