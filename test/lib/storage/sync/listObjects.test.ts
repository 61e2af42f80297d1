import type { ListObjectsCommand, ListObjectsCommandOutput } from '@aws-sdk/client-s3';
import { listObjects } from '../../../../lib/storage/sync/listObjects.client';
import type { S3Session } from '../../../../lib/storage/s3Session.client';
import { PartBuffers } from '../../../../lib/storage/partBuffers';

const place = { bucket: 'files', prefix: '' };
const signal = new AbortController().signal;

type Page = Pick<ListObjectsCommandOutput, 'Contents' | 'IsTruncated'>;
type Answer = (marker: string | undefined, aborted: AbortSignal) => Promise<Page>;

/** A session whose storage answers listings as told, and the markers that it was asked with. */
async function sessionOf(answer: Answer) {
	const asked: Array<string | undefined> = [];
	const send = async (command: ListObjectsCommand, { abortSignal }: { abortSignal: AbortSignal }): Promise<Page> => {
		asked.push(command.input.Marker);
		return await answer(command.input.Marker, abortSignal);
	};
	const sdk = await import('@aws-sdk/client-s3');
	return { asked, session: { sdk, client: { send }, buffers: new PartBuffers() } as unknown as S3Session };
}

const pageOf = (keys: readonly string[], IsTruncated: boolean): Page => ({
	Contents: keys.map((Key) => ({ Key, Size: 1, ETag: '"e"' })),
	IsTruncated,
});

test('the next page is on its way while one is worked through, and every key comes once', async () => {
	const { asked, session } = await sessionOf(
		async (marker) => await Promise.resolve(marker === undefined ? pageOf(['a', 'b'], true) : pageOf(['c'], false)),
	);
	const seen: Array<[string, number]> = [];
	for await (const { key } of listObjects(session, place, signal)) seen.push([key, asked.length]);
	expect(seen).toEqual([
		['a', 2],
		['b', 2],
		['c', 2],
	]);
	expect(asked).toEqual([undefined, 'b']);
});

test('whoever stops reading ends the listing that is on its way, before anything else happens', async () => {
	let ended = false;
	const { session } = await sessionOf(async (marker, aborted) => {
		if (marker === undefined) return pageOf(['a'], true);
		await new Promise((resolve) => aborted.addEventListener('abort', resolve));
		ended = true;
		throw new Error('aborted');
	});
	for await (const { key } of listObjects(session, place, signal)) {
		expect(key).toBe('a');
		break;
	}
	expect(ended).toBe(true);
});

test('a page that fails is told when its turn comes, after what was there before it', async () => {
	const { session } = await sessionOf(async (marker) => {
		if (marker === undefined) return await Promise.resolve(pageOf(['a'], true));
		throw Object.assign(new Error('slow down'), { name: 'SlowDown', $metadata: { httpStatusCode: 503 } });
	});
	const seen: string[] = [];
	const reading = (async () => {
		for await (const { key } of listObjects(session, place, signal)) {
			seen.push(key);
			await new Promise((resolve) => setImmediate(resolve));
		}
	})();
	await expect(reading).rejects.toMatchObject({ code: expect.stringMatching(/^STORAGE\./) as unknown });
	expect(seen).toEqual(['a']);
});

test('a storage that begins anew with every page is found out', async () => {
	const { session } = await sessionOf(async () => await Promise.resolve(pageOf(['a', 'b'], true)));
	const reading = (async () => {
		for await (const { key } of listObjects(session, place, signal)) expect(key).toMatch(/[ab]/);
	})();
	await expect(reading).rejects.toMatchObject({ code: 'STORAGE.LISTING_UNORDERED' });
});
