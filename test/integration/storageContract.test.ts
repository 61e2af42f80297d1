import { createHash, randomBytes } from 'node:crypto';
import * as sdk from '@aws-sdk/client-s3';
import { createBackup } from '../../lib/backup/createBackup';
import { verifyBackup } from '../../lib/backup/verifyBackup';
import type { ObjectStorage, ObjectStorageConnection } from '../../lib/storage/model';
import { openObjectStorage } from '../../lib/storage/objectStorage.client';
import { probeBucket } from '../../lib/storage/probeBucket.client';
import { openS3Session } from '../../lib/storage/s3Session.client';
import { createDatabase, newRun, query, superuser } from '../lib/backup/harness';
import { storageServers } from './objectStorageServers';

jest.setTimeout(120_000);

const MIB = 1024 * 1024;

describe.each(storageServers().map((server) => [server.name, server] as const))('on %s', (_, server) => {
	let connection: ObjectStorageConnection;
	let stop: () => Promise<void>;
	let raw: sdk.S3Client;
	let store: ObjectStorage;
	let bucket: string;
	const signal = AbortSignal.timeout(110_000);

	beforeAll(async () => {
		({ connection, stop } = await server.start());
		const { endpoint, region, accessKeyId, secretAccessKey } = connection;
		raw = new sdk.S3Client({
			endpoint,
			region,
			credentials: { accessKeyId, secretAccessKey },
			forcePathStyle: true,
		});
		store = await openObjectStorage(connection);
	});
	beforeEach(async () => {
		bucket = `contract-${randomBytes(6).toString('hex')}`;
		await raw.send(new sdk.CreateBucketCommand({ Bucket: bucket }));
	});
	afterAll(async () => {
		store.close();
		raw.destroy();
		await stop();
	});

	const put = async (key: string, content: AsyncIterable<Uint8Array>): Promise<void> =>
		await store.putStream({ bucket, key }, content, { expectedBytes: 0, signal });
	/** Uploads in parts that nobody finished or discarded. */
	const unfinished = async (): Promise<number> =>
		(await raw.send(new sdk.ListMultipartUploadsCommand({ Bucket: bucket }))).Uploads?.length ?? 0;

	test.each([0, 1, 5 * MIB, 5 * MIB + 1, 17 * MIB])(
		'%d bytes are read back as they were streamed',
		async (length) => {
			const bytes = randomBytes(length);
			await put(
				'a/b',
				(async function* () {
					for (let at = 0; at < length; at += 100_003) yield bytes.subarray(at, at + 100_003);
					await Promise.resolve();
				})(),
			);
			expect(await store.readSize({ bucket, key: 'a/b' }, signal)).toBe(length);
			const object = await store.openStream({ bucket, key: 'a/b' }, signal);
			const digest = createHash('sha256');
			for await (const chunk of object?.content ?? []) digest.update(chunk);
			expect(digest.digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'));
		},
	);

	test('content that fails leaves neither an object nor parts', async () => {
		const failing = (async function* () {
			for (let part = 0; part < 12; part++) yield Buffer.alloc(MIB);
			await Promise.resolve();
			throw new Error('the dump failed');
		})();
		await expect(put('half', failing)).rejects.toThrow('the dump failed');
		expect(await store.readSize({ bucket, key: 'half' }, signal)).toBeUndefined();
		if (server.listsUploads) expect(await unfinished()).toBe(0);
	});

	test('what is not there is undefined, and a bucket that is not there is named', async () => {
		const address = { bucket, key: 'nothing' };
		expect(await store.readText(address, signal)).toBeUndefined();
		expect(await store.readSize(address, signal)).toBeUndefined();
		await store.remove(address);
		await expect(store.listKeys('no-such-bucket', '', signal)).rejects.toMatchObject({
			code: 'STORAGE.BUCKET_MISSING',
		});
	});

	test('keys are listed whole and in order, beyond one page', async () => {
		const keys = Array.from({ length: 1010 }, (_each, index) => `p/${String(index).padStart(4, '0')}`);
		for (let first = 0; first < keys.length; first += 50)
			await Promise.all(
				keys.slice(first, first + 50).map(async (key) => await store.putText({ bucket, key }, key, signal)),
			);
		await store.putText({ bucket, key: 'q' }, 'another prefix', signal);
		expect(await store.listKeys(bucket, 'p/', signal)).toEqual(keys);
	});

	test('a probe finds what the key pair may do, and leaves nothing behind', async () => {
		const session = await openS3Session(connection, {
			attempts: 1,
			retryMode: 'standard',
			requestTimeoutMs: 20_000,
		});
		const probed = await probeBucket(session, { bucket, prefix: 'production/' }, signal);
		session.client.destroy();
		expect(probed.filter(({ allowed }) => allowed !== true)).toEqual([]);
		expect(await store.listKeys(bucket, '', signal)).toEqual([]);
		if (server.listsUploads) expect(await unfinished()).toBe(0);
	});

	test('a backup is created and verified; one that is cancelled leaves nothing', async () => {
		const source = await createDatabase();
		try {
			await query(
				source,
				'CREATE TABLE cases (id serial PRIMARY KEY, t text)',
				'INSERT INTO cases (t) SELECT md5(i::text) FROM generate_series(1, 20000) AS i',
			);
			const run = newRun({ location: { bucket, prefix: 'x' }, smallestArchiveBytes: 100_000 });
			const { backupId } = await createBackup(source, store, run);
			const verification = await verifyBackup(superuser(), store, { ...run, backupId, allowSourceServer: true });
			expect(verification).toMatchObject({ verdict: 'passed', tables: 1, rows: 20_000 });
			const before = await store.listKeys(bucket, '', signal);
			const cancel = new AbortController();
			const failing = createBackup(source, store, { ...run, signal: cancel.signal });
			cancel.abort(new Error('cancelled by a person'));
			await expect(failing).rejects.toMatchObject({ code: 'BACKUP.INTERRUPTED' });
			expect(await store.listKeys(bucket, '', signal)).toEqual(before);
			if (server.listsUploads) expect(await unfinished()).toBe(0);
		} finally {
			await source.drop();
		}
	});
});
