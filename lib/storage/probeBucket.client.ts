import { randomBytes } from 'node:crypto';
import { RunbookError } from '../support/runbookError';
import { multipartCalls } from './multipart.client';
import { objectStorageOver } from './objectStorage.client';
import type { S3Session } from './s3Session.client';
import { isAnswered, storageError } from './storageError';

/** A call that was really made, on an object of the probe's own. */
export interface ProbedCall {
	readonly call: 'put' | 'list' | 'read' | 'multipart' | 'discard' | 'delete';
	/** Null: storage did not answer, so that nothing is known. */
	readonly allowed: boolean | null;
	/** Empty where it is allowed. */
	readonly problem: string;
}

const NOTHING_THERE = 'what was to be read is not there';
const CONTENT = 'written by a check of what this key pair may do; safe to delete';

/**
 * Tries every kind of call that backups make, and removes what it wrote. What it may not remove stays: an object `access-probe-…` of a few
 * bytes. @returns one entry a call, in the order in which they were made
 */
export async function probeBucket(
	session: S3Session,
	{ bucket, prefix }: { readonly bucket: string; readonly prefix: string },
	signal: AbortSignal,
): Promise<ProbedCall[]> {
	const folder = prefix
		.split('/')
		.filter((part) => part !== '')
		.map((part) => `${part}/`)
		.join('');
	const address = { bucket, key: `${folder}access-probe-${randomBytes(6).toString('hex')}` };
	const store = objectStorageOver(session);
	const parts = multipartCalls(session, address, signal);
	const probes: ReadonlyArray<readonly [ProbedCall['call'], () => Promise<unknown>]> = [
		['put', async () => await store.putText(address, CONTENT, signal, 'text/plain')],
		['list', async () => await store.listKeys(bucket, address.key, signal)],
		['read', async () => (await store.readText(address, signal)) === CONTENT],
		[
			'multipart',
			async () => {
				const uploadId = await parts.create();
				await parts.complete(uploadId, [await parts.putPart(uploadId, 1, Buffer.from(CONTENT))]);
			},
		],
		['discard', async () => await parts.abort(await parts.create())],
		['delete', async () => await store.remove(address)],
	];
	const probed: ProbedCall[] = [];
	for (const [call, act] of probes) {
		signal.throwIfAborted();
		probed.push({ call, ...(await probe(act, { action: call, bucket, signal })) });
	}
	return probed;
}

async function probe(
	act: () => Promise<unknown>,
	request: { action: string; bucket: string; signal: AbortSignal },
): Promise<Omit<ProbedCall, 'call'>> {
	try {
		const happened = await act();
		return happened === false ? { allowed: null, problem: NOTHING_THERE } : { allowed: true, problem: '' };
	} catch (error) {
		request.signal.throwIfAborted();
		const explained = error instanceof RunbookError ? error : storageError(error, request);
		const problem = explained instanceof Error ? explained.message : String(explained);
		const answered = error instanceof RunbookError ? !error.retryable : isAnswered(error);
		return { allowed: answered ? false : null, problem };
	}
}
