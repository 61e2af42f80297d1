import type { S3Client } from '@aws-sdk/client-s3';
import { Agent } from 'node:https';
import { storageErrors } from './errors';
import type { ObjectStorageConnection } from './model';
import { PartBuffers } from './partBuffers';

/** A client of the SDK, and the SDK itself, which is loaded only when it is needed. */
export interface S3Session {
	readonly sdk: typeof import('@aws-sdk/client-s3');
	readonly client: S3Client;
	/** For what is uploaded in it. */
	readonly buffers: PartBuffers;
}

/** How long a session bears with a storage that is slow or asks to be called less often. */
export interface S3Patience {
	readonly attempts: number;
	/** `adaptive` also slows down all calls of the session once storage throttles. */
	readonly retryMode: 'standard' | 'adaptive';
	/** Until a request is answered, in milliseconds. */
	readonly requestTimeoutMs: number;
}

const CONNECT_TIMEOUT_MS = 10_000;

/** Opens a session; no call is made yet. The caller destroys its client. @throws RunbookError STORAGE.ENDPOINT_INVALID */
export async function openS3Session(
	connection: ObjectStorageConnection,
	{ attempts, retryMode, requestTimeoutMs }: S3Patience,
): Promise<S3Session> {
	const { endpoint, region, accessKeyId, secretAccessKey, forcePathStyle, ignoreCertificate } = connection;
	if (endpoint !== '' && !(/^https?:/.test(endpoint) && URL.canParse(endpoint)))
		throw storageErrors.ENDPOINT_INVALID();
	const sdk = await import('@aws-sdk/client-s3');
	const client = new sdk.S3Client({
		...(endpoint === '' ? {} : { endpoint }),
		region,
		credentials: { accessKeyId, secretAccessKey },
		forcePathStyle,
		// Trailing checksums break several compatible servers; the archive has a SHA-256 of its own.
		requestChecksumCalculation: 'WHEN_REQUIRED',
		responseChecksumValidation: 'WHEN_REQUIRED',
		maxAttempts: attempts,
		retryMode,
		requestHandler: {
			connectionTimeout: CONNECT_TIMEOUT_MS,
			requestTimeout: requestTimeoutMs,
			throwOnRequestTimeout: true,
			...(ignoreCertificate ? { httpsAgent: new Agent({ rejectUnauthorized: false, keepAlive: true }) } : {}),
		},
	});
	return { sdk, client, buffers: new PartBuffers() };
}
