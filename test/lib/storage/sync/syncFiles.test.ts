import { syncFiles, type SyncOptions } from '../../../../lib/storage/sync/syncFiles';
import { listing, SECRET, Wire } from './wire';

const MD5 = '0cc175b9c0f1b6a831c399e269772661';
// What is throttled is tried again, with growing pauses.
jest.setTimeout(60_000);

let wire: Wire;
beforeEach(async () => {
	wire = new Wire();
	await wire.open();
	wire.objects = [{ key: 'a', etag: MD5 }];
});
afterEach(async () => await wire.close());

const sync = async (change?: Partial<SyncOptions>) => await syncFiles(wire.storage, wire.storage, wire.options(change));
const COPIED = `<CopyObjectResult><ETag>"${MD5}"</ETag></CopyObjectResult>`;
const isCopy = (call: string): boolean => call.startsWith('PUT /copies/files/r-1/');

/** Answers the copies one after the other; the rest of the server is well. */
function answerCopies(...answers: ReadonlyArray<readonly [status: number, body: string]>): void {
	let copies = 0;
	wire.script = ({ call }, response) => {
		if (!isCopy(call)) return false;
		const [status, body] = answers[Math.min(copies, answers.length - 1)] ?? [200, COPIED];
		copies += 1;
		response.writeHead(status).end(body);
		return true;
	};
}

test('the version that was listed is asked for, of the owners that were given, with its key encoded', async () => {
	wire.objects = [{ key: '/a +ü/%41?', etag: MD5 }];
	answerCopies([200, COPIED]);
	await sync({
		source: { bucket: 'files', prefix: '', owner: '111111111111' },
		destination: { bucket: 'copies', prefix: 'files', name: 'r-1', owner: '222222222222' },
	});
	const [copy] = wire.made('PUT /copies/files/r-1/');
	expect(copy?.call).toBe('PUT /copies/files/r-1//a%20%2B%C3%BC/%2541%3F');
	expect(copy?.headers).toMatchObject({
		'x-amz-copy-source': 'files//a%20%2B%C3%BC/%2541%3F',
		'x-amz-copy-source-if-match': `"${MD5}"`,
		'x-amz-expected-bucket-owner': '222222222222',
		'x-amz-source-expected-bucket-owner': '111111111111',
	});
});

test('200 with an error in its body is no copy', async () => {
	answerCopies([200, '<?xml version="1.0"?><Error><Code>InternalError</Code></Error>'], [200, COPIED]);
	expect(await sync()).toMatchObject({ copied: 1 });
	expect(wire.made('PUT /copies/files/r-1/')).toHaveLength(2);
});

test('200 without an entity tag is no copy', async () => {
	answerCopies([200, '<CopyObjectResult></CopyObjectResult>']);
	await expect(sync()).rejects.toMatchObject({ code: 'SYNC.INCOMPLETE', meta: { missed: 1 } });
	expect(wire.made('PUT /copies/files/r-1.manifest.json')).toEqual([]);
});

test('storage that asks to be called less often is obeyed', async () => {
	answerCopies(
		[503, '<Error><Code>SlowDown</Code></Error>'],
		[503, '<Error><Code>SlowDown</Code></Error>'],
		[200, COPIED],
	);
	expect(await sync()).toMatchObject({ copied: 1 });
	expect(wire.made('PUT /copies/files/r-1/')).toHaveLength(3);
});

test('an object that vanished between listing and copying is told, and is no miss', async () => {
	wire.objects = ['a', 'b'].map((key) => ({ key, etag: MD5 }));
	answerCopies([404, '<Error><Code>NoSuchKey</Code></Error>'], [200, COPIED]);
	const usual = wire.script;
	wire.script = (call, response) => {
		if (call.call !== 'HEAD /files/a') return usual(call, response);
		response.writeHead(404).end();
		return true;
	};
	expect(await sync()).toMatchObject({ objects: 1, copied: 1, vanished: 1, vanishedKeys: ['a'] });
});

test('an object that changed is copied as it is now; one that never rests is a miss', async () => {
	const changed = [412, '<Error><Code>PreconditionFailed</Code></Error>'] as const;
	answerCopies(changed, [200, '<CopyObjectResult><ETag>"e-a"</ETag></CopyObjectResult>']);
	expect(await sync()).toMatchObject({ objects: 1, copied: 1, bytes: 1 });
	expect(wire.made('PUT /copies/files/r-1/')[1]?.headers['x-amz-copy-source-if-match']).toBe('"e-a"');
	answerCopies(changed);
	await expect(sync()).rejects.toMatchObject({
		code: 'SYNC.INCOMPLETE',
		message: expect.stringContaining('"a" (SYNC.OBJECT_CHANGING'),
	});
});

test('every miss is logged with its key and code, those after it are copied, and there is no manifest', async () => {
	wire.objects = ['a', 'b', 'c'].map((key) => ({ key, etag: MD5 }));
	answerCopies([403, '<Error><Code>InvalidObjectState</Code></Error>'], [200, COPIED]);
	await expect(sync()).rejects.toMatchObject({
		code: 'SYNC.INCOMPLETE',
		message: '1 of 3 objects were not copied: "a" (STORAGE.ACCESS_DENIED: InvalidObjectState, HTTP 403)',
	});
	expect(wire.logged).toContain('not copied: "a" (STORAGE.ACCESS_DENIED: InvalidObjectState, HTTP 403)');
	expect(wire.made('PUT /copies/files/r-1.')).toEqual([]);
});

test('when nothing can be copied any more it gives up early', async () => {
	wire.objects = Array.from({ length: 200 }, (_, index) => ({ key: String(index).padStart(3, '0'), etag: MD5 }));
	answerCopies([403, '<Error><Code>AccessDenied</Code></Error>']);
	await expect(sync()).rejects.toMatchObject({
		code: 'SYNC.INCOMPLETE',
		message: expect.stringContaining('given up after 50 in a row'),
	});
	expect(wire.made('PUT /copies/files/r-1/').length).toBeLessThan(60);
});

test.each([
	[listing([{ key: 'b' }, { key: 'a' }]), 'STORAGE.LISTING_UNORDERED'],
	[listing([], '<IsTruncated>true</IsTruncated>'), 'STORAGE.LISTING_BROKEN'],
	['<ListBucketResult><Contents><Key>a</Key></Contents></ListBucketResult>', 'STORAGE.LISTING_BROKEN'],
])('a listing that cannot be trusted ends the sync: %s', async (body, code) => {
	wire.script = ({ call }, response) => call.startsWith('GET /files') && !response.end(body).closed;
	await expect(sync()).rejects.toMatchObject({ code });
	expect(wire.made('PUT /copies/files/r-1.')).toEqual([]);
});

test.each([
	['of another account', '333333333333', 'STORAGE.FOREIGN_BUCKET'],
	['that is closed to us', undefined, 'STORAGE.ACCESS_DENIED'],
])('a destination %s is refused before anything is copied', async (_, owner, code) => {
	wire.script = ({ call, headers }, response) => {
		const refused = call.startsWith('HEAD /copies') && headers['x-amz-expected-bucket-owner'] === owner;
		if (refused) response.writeHead(403).end();
		return refused;
	};
	const destination = { bucket: 'copies', prefix: 'files', name: 'r-1', owner };
	await expect(sync({ destination })).rejects.toMatchObject({ code });
	expect(wire.made('PUT ')).toEqual([]);
});

test('storage that gives each object a tag of its own is noticed once', async () => {
	wire.objects = ['a', 'b', 'c'].map((key) => ({ key, etag: MD5 }));
	answerCopies([200, '<CopyObjectResult><ETag>"own"</ETag></CopyObjectResult>']);
	const usual = wire.script;
	wire.script = (call, response) => {
		if (!call.call.startsWith('HEAD /files/')) return usual(call, response);
		response.writeHead(200, { etag: `"${MD5}"`, 'content-length': '1', 'x-amz-meta-by': 'someone' }).end();
		return true;
	};
	expect(await sync()).toMatchObject({ copied: 3 });
	const copies = wire.made('PUT /copies/files/r-1/');
	expect(copies.map(({ headers }) => headers['x-amz-meta-copied-from-etag'])).toEqual([undefined, MD5, MD5, MD5]);
	expect(copies.at(-1)?.headers).toMatchObject({ 'x-amz-metadata-directive': 'REPLACE', 'x-amz-meta-by': 'someone' });
});

test('content that is not what the source says is not stored', async () => {
	const other = new Wire();
	await other.open();
	wire.script = ({ call }, response) => {
		const found = call.startsWith('HEAD /files/a') || call.startsWith('GET /files/a');
		if (found) response.writeHead(200, { etag: `"${MD5}"`, 'content-length': '1' }).end('b');
		return found;
	};
	await expect(syncFiles(wire.storage, other.storage, wire.options())).rejects.toMatchObject({
		code: 'SYNC.INCOMPLETE',
		message: expect.stringContaining('SYNC.CONTENT_DIFFERS'),
	});
	expect(other.made('PUT ')).toEqual([]);
	await other.close();
});

test('the secret is sent nowhere and shown nowhere', async () => {
	answerCopies([403, `<Error><Code>SignatureDoesNotMatch</Code><Message>${SECRET}</Message></Error>`]);
	const error: unknown = await sync().catch((reason: unknown) => reason);
	expect(error).toMatchObject({ code: 'SYNC.INCOMPLETE' });
	const shown = JSON.stringify([error, wire.calls, wire.logged]) + String((error as Error).stack) + String(error);
	expect(shown).not.toContain(SECRET);
});
