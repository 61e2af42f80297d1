import { isMissingObject, storageError } from '../../../lib/storage/storageError';

const sdkError = (name: string, httpStatusCode?: number, extra = {}): Error =>
	Object.assign(new Error('canary: the string to sign'), {
		name,
		...(httpStatusCode === undefined ? {} : { $metadata: { httpStatusCode } }),
		...extra,
	});
const request = { action: 'read', bucket: 'b', signal: new AbortController().signal };

test.each<[string, Error, string, boolean, string]>([
	['a missing bucket', sdkError('NoSuchBucket', 404), 'STORAGE.BUCKET_MISSING', false, 'b'],
	[
		'a wrong key',
		sdkError('InvalidAccessKeyId', 403),
		'STORAGE.ACCESS_DENIED',
		false,
		'InvalidAccessKeyId, HTTP 403',
	],
	[
		'a wrong signature',
		sdkError('SignatureDoesNotMatch', 403),
		'STORAGE.ACCESS_DENIED',
		false,
		'SignatureDoesNotMatch, HTTP 403',
	],
	['an error of the server', sdkError('InternalError', 500), 'STORAGE.UNAVAILABLE', true, 'InternalError, HTTP 500'],
	[
		'a refused connection',
		sdkError('Error', undefined, { code: 'ECONNREFUSED' }),
		'STORAGE.UNAVAILABLE',
		true,
		'Error, ECONNREFUSED',
	],
])('%s has a code of its own, and the message of the SDK is dropped', (_, error, code, retryable, text) => {
	const mapped = storageError(error, request) as Error;
	expect(mapped).toMatchObject({ code, retryable });
	expect(mapped.message).toContain(text);
	expect(JSON.stringify(mapped) + String(mapped)).not.toContain('canary');
});

test('an aborted call gives the reason of the abort', () => {
	const reason = new Error('cancelled');
	expect(storageError(sdkError('AbortError'), { ...request, signal: AbortSignal.abort(reason) })).toBe(reason);
});

test.each<[string, Error, boolean]>([
	['no such key', sdkError('NoSuchKey', 404), true],
	['a HEAD without a body', sdkError('NotFound', 404), true],
	['no such bucket', sdkError('NoSuchBucket', 404), false],
	['forbidden', sdkError('Forbidden', 403), false],
])('%s: object missing is %s', (_, error, missing) => expect(isMissingObject(error)).toBe(missing));
