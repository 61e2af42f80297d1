import { PutBucketVersioningCommand } from '@aws-sdk/client-s3';
import type { ObjectStorageConnection } from '../../lib/storage/model';
import { openFileStorage } from '../../lib/storage/sync/fileStorage.client';
import type { FileStorage } from '../../lib/storage/sync/model';
import { syncFiles, type SyncOptions } from '../../lib/storage/sync/syncFiles';
import { verifyFiles } from '../../lib/storage/sync/verifyFiles';
import { storageServers } from './objectStorageServers';
import { SyncFixture } from './syncFixture';

jest.setTimeout(120_000);

const ODD_KEYS = [
	'with space.txt',
	'plus+sign.txt',
	'100% sure, 50%25.txt',
	"quote's (1)!*.txt",
	'a&b=c;d@e:f$g,h#i?j.txt',
	'ünïcode/日本/файл.txt',
	// Beyond the basic plane, and after it in UTF-8 though before it in UTF-16.
	'order/😀.txt',
	'order/\uffee.txt',
	'a',
	'a-b',
	'a/b',
	'folder/',
];

/** The same storage, with a look at each call of one of its functions. */
function intercept(storage: FileStorage, name: keyof FileStorage, look: () => void): FileStorage {
	return new Proxy(storage, {
		get: (target, property: keyof FileStorage) => {
			const value: unknown = target[property];
			if (typeof value !== 'function') return value;
			return (...given: unknown[]): unknown => {
				if (property === name) look();
				return Reflect.apply(value, target, given);
			};
		},
	});
}

describe.each(storageServers().map((server) => [server.name, server] as const))('on %s', (_, server) => {
	let connection: ObjectStorageConnection;
	let stop: () => Promise<void>;
	let fixture: SyncFixture;
	const sync = async (change?: Partial<SyncOptions>) =>
		await syncFiles(fixture.storage, fixture.storage, fixture.options(change));
	const verify = async () => await verifyFiles(fixture.storage, fixture.options());

	beforeAll(async () => {
		({ connection, stop } = await server.start());
	});
	beforeEach(async () => {
		fixture = await SyncFixture.create(connection);
	});
	afterEach(() => fixture.close());
	afterAll(async () => await stop());

	test('takes over every object whatever its key, is verified, and has nothing left to do', async () => {
		const isFolder = (key: string): boolean =>
			key.endsWith('/') || ODD_KEYS.some((other) => other.startsWith(`${key}/`));
		const keys = server.isFileSystem ? ODD_KEYS.filter((key) => !isFolder(key)) : ODD_KEYS;
		for (const key of keys) await fixture.put(key, key === 'a' ? '' : `content of ${key}`);
		const made = await sync();
		expect(made).toMatchObject({
			name: 'r-1',
			folder: 'files/r-1/',
			objects: keys.length,
			copied: keys.length,
		});
		expect((await fixture.copies('files/r-1/')).sort()).toEqual(keys.map((key) => `files/r-1/${key}`).sort());
		for (const key of keys)
			expect(await fixture.read(`files/r-1/${key}`)).toBe(key === 'a' ? '' : `content of ${key}`);
		expect(await verify()).toMatchObject({ verdict: 'passed', objects: keys.length, extra: 0, reasons: [] });
		expect(await sync()).toMatchObject({ objects: keys.length, copied: 0, copiedBytes: 0 });
	});

	test('follows a listing over its pages, and a second run copies only what is missing', async () => {
		const keys = Array.from({ length: 1203 }, (__, index) => `uploads/${String(index).padStart(5, '0')}`);
		await fixture.putAll([...keys, 'other/x']);
		const source = { bucket: fixture.source, prefix: '/uploads' };
		expect(await sync({ source })).toMatchObject({ objects: 1203, copied: 1203, vanished: 0 });
		await fixture.remove(fixture.destination, 'files/r-1/00007');
		await fixture.remove(fixture.destination, 'files/r-1/01100');
		await fixture.overwriteCopy('files/r-1/zz', 'ours');
		expect(await sync({ source })).toMatchObject({ objects: 1203, copied: 2, extra: 1 });
		expect(await fixture.read('files/r-1/zz')).toBe('ours');
		expect(await verify()).toMatchObject({ verdict: 'passed', objects: 1203, extra: 1 });
	});

	test('an object of the same size and an older date is copied again when its content is another', async () => {
		await fixture.put('a', 'first');
		await sync();
		await fixture.overwriteCopy('files/r-1/a', 'worse');
		expect(await verify()).toMatchObject({
			verdict: 'failed',
			different: 1,
			differences: [{ key: 'a', problem: 'different' }],
			reasons: [{ code: 'OBJECTS_DIFFER' }],
		});
		expect(await sync()).toMatchObject({ copied: 1 });
		expect(await fixture.read('files/r-1/a')).toBe('first');
		expect(await verify()).toMatchObject({ verdict: 'passed' });
	});

	test('an object that was uploaded in parts is known again by the note in its copy, which keeps its properties', async () => {
		const parts = [Buffer.alloc(5 * 1024 * 1024, 'a'), Buffer.alloc(100, 'b')];
		await fixture.putInParts('film', parts, {
			ContentType: 'video/mp4',
			CacheControl: 'no-store',
			Metadata: { by: 'someone' },
		});
		expect(await sync()).toMatchObject({ copied: 1, copiedBytes: 5 * 1024 * 1024 + 100 });
		const head = await fixture.head('files/r-1/film');
		expect(head).toMatchObject({ ContentType: 'video/mp4', CacheControl: 'no-store', Metadata: { by: 'someone' } });
		expect(await sync()).toMatchObject({ objects: 1, copied: 0 });
		expect(await verify()).toMatchObject({ verdict: 'passed' });
	});

	if (server.copiesParts) {
		test('an object above the limit of one call is copied in parts, byte for byte', async () => {
			const body = Buffer.alloc(17 * 1024 * 1024);
			for (let at = 0; at < body.length; at += 4) body.writeUInt32LE(at, at);
			await fixture.put('large', body, { ContentType: 'application/x-large' });
			const limits = { wholeLimitBytes: 8 * 1024 * 1024, partBytes: 5 * 1024 * 1024 };
			expect(await sync(limits)).toMatchObject({ copied: 1, copiedBytes: body.length });
			const head = await fixture.head('files/r-1/large');
			expect(head).toMatchObject({ ContentLength: body.length, ContentType: 'application/x-large' });
			expect(head.ETag).toMatch(/-4"$/);
			expect(await fixture.read('files/r-1/large')).toBe(body.toString('utf8'));
			expect(await sync(limits)).toMatchObject({ copied: 0 });
		});
	} else {
		test('a server that cannot copy parts makes a miss of a large object, not a copy of nothing', async () => {
			await fixture.put('large', Buffer.alloc(2048));
			const failed = sync({ wholeLimitBytes: 1024, partBytes: 1024 });
			await expect(failed).rejects.toMatchObject({
				code: 'SYNC.INCOMPLETE',
				message: expect.stringContaining('"large"'),
			});
			expect(await fixture.copies()).toEqual([]);
		});
	}

	test('without a source object nothing is made, unless that is right', async () => {
		await expect(sync()).rejects.toMatchObject({ code: 'SYNC.SOURCE_EMPTY' });
		expect(await fixture.copies()).toEqual([]);
		expect(await sync({ allowEmpty: true })).toMatchObject({ objects: 0 });
		expect(await verify()).toMatchObject({ verdict: 'passed', objects: 0 });
	});

	test.each<[string, (bucket: string) => Partial<SyncOptions>]>([
		['the destination', (bucket) => ({ destination: { bucket: `${bucket}-no`, prefix: '', name: 'r-1' } })],
		['the source', (bucket) => ({ source: { bucket: `${bucket}-no`, prefix: '' } })],
	])('%s without its bucket is said at once', async (__, change) => {
		await expect(sync(change(fixture.source))).rejects.toMatchObject({ code: 'STORAGE.BUCKET_MISSING' });
	});

	test('a copy inside its source, or around it, is refused', async () => {
		for (const [prefix, copies] of [
			['', 'copies'],
			['files', 'files'],
			['files/r-1/a', 'files'],
			['files', ''],
		] as const) {
			const options = {
				source: { bucket: fixture.source, prefix },
				destination: { bucket: fixture.source, prefix: copies, name: 'r-1' },
			};
			await expect(sync(options)).rejects.toMatchObject({ code: 'SYNC.OVERLAP' });
		}
	});

	test('a mirror needs a bucket that keeps versions', async () => {
		await fixture.put('a', 'first');
		const mirror = { mirror: true, destination: { bucket: fixture.destination, prefix: 'files', name: 'mirror' } };
		await expect(sync(mirror)).rejects.toMatchObject({ code: 'SYNC.MIRROR_NOT_VERSIONED' });
		if (!server.keepsVersions) return;
		const VersioningConfiguration = { Status: 'Enabled' as const };
		await fixture.raw.send(
			new PutBucketVersioningCommand({ Bucket: fixture.destination, VersioningConfiguration }),
		);
		await sync(mirror);
		await fixture.put('a', 'later');
		expect(await sync(mirror)).toMatchObject({ copied: 1 });
		expect(await fixture.read('files/mirror/a')).toBe('later');
	});

	test('a run that is stopped publishes nothing, says so, and is gone on with', async () => {
		await fixture.putAll(Array.from({ length: 300 }, (__, index) => `k${String(index).padStart(3, '0')}`));
		const stopper = new AbortController();
		let copies = 0;
		const counting = intercept(fixture.storage, 'copyWhole', () => {
			if ((copies += 1) === 100) stopper.abort(new Error('cancelled by a person'));
		});
		const stopped = syncFiles(counting, counting, fixture.options({ signal: stopper.signal }));
		await expect(stopped).rejects.toMatchObject({
			code: 'SYNC.INTERRUPTED',
			message: expect.stringContaining('cancelled by a person'),
		});
		expect(await fixture.copies('files/r-1.')).toEqual([]);
		expect(await verify()).toMatchObject({ verdict: 'failed', reasons: [{ code: 'COPY_MISSING' }] });
		const { copied, objects } = await sync();
		expect(objects).toBe(300);
		expect(copied).toBeGreaterThan(150);
		expect(copied).toBeLessThan(250);
	});

	test('between two servers objects stream through us, with their properties, and are known again', async () => {
		const other = await openFileStorage(connection);
		try {
			await fixture.put('small', 'content', { ContentType: 'text/csv', Metadata: { by: 'someone' } });
			await fixture.put('empty', '');
			await fixture.put('large', Buffer.alloc(20 * 1024 * 1024, 'x'));
			const options = fixture.options();
			expect(await syncFiles(fixture.storage, other, options)).toMatchObject({ objects: 3, copied: 3 });
			expect(await fixture.read('files/r-1/small')).toBe('content');
			expect(await fixture.head('files/r-1/large')).toMatchObject({ ContentLength: 20 * 1024 * 1024 });
			const head = await fixture.head('files/r-1/small');
			expect(head).toMatchObject({ ContentType: 'text/csv', Metadata: { by: 'someone' } });
			expect(await syncFiles(fixture.storage, other, options)).toMatchObject({ objects: 3, copied: 0 });
			expect(await verifyFiles(other, options)).toMatchObject({ verdict: 'passed', objects: 3 });
		} finally {
			other.close();
		}
	});

	test.each<[string, (fixture: SyncFixture) => Promise<void>, string]>([
		['lost an object', async (f) => await f.remove(f.destination, 'files/r-1/b'), 'OBJECTS_DIFFER'],
		['lost its manifest', async (f) => await f.remove(f.destination, 'files/r-1.manifest.json'), 'COPY_MISSING'],
		['lost its list', async (f) => await f.remove(f.destination, 'files/r-1.objects.jsonl'), 'LIST_DIFFERS'],
		[
			'has a list with one byte flipped',
			async (f) => {
				const list = await f.read('files/r-1.objects.jsonl');
				await f.overwriteCopy('files/r-1.objects.jsonl', list.replace('"key":"b"', '"key":"c"'));
			},
			'LIST_DIFFERS',
		],
		[
			'has a manifest of another copy',
			async (f) => {
				const manifest = await f.read('files/r-1.manifest.json');
				await f.overwriteCopy('files/r-1.manifest.json', manifest.replace('"r-1"', '"r-2"'));
			},
			'COPY_MISSING',
		],
	])('a copy that %s does not pass', async (__, spoil, code) => {
		await fixture.putAll(['a', 'b', 'd']);
		await sync();
		await spoil(fixture);
		expect(await verify()).toMatchObject({ verdict: 'failed', reasons: [{ code }] });
	});

	test('a copy whose list is not the one in the ledger does not pass', async () => {
		await fixture.putAll(['a']);
		const { listSha256 } = await sync();
		const options = fixture.options();
		const expected = { ...options, expectedListSha256: listSha256 };
		expect(await verifyFiles(fixture.storage, expected)).toMatchObject({ verdict: 'passed' });
		const other = { ...options, expectedListSha256: '0'.repeat(64) };
		expect(await verifyFiles(fixture.storage, other)).toMatchObject({ reasons: [{ code: 'RECORD_MISMATCH' }] });
	});
});
