import { ObjectStorageSync } from '../../../nodes/ObjectStorageSync/ObjectStorageSync.node';
import { fakeExecuteContext } from '../../support/fakeExecuteContext';

// Storage that is away is tried again, with growing pauses.
jest.setTimeout(60_000);

const node = new ObjectStorageSync();
const CANARY = 'canary-secret-4711';
const credentials = {
	s3: {
		endpoint: 'http://127.0.0.1:1',
		region: 'us-east-1',
		accessKeyId: 'AKIDCANARY',
		secretAccessKey: CANARY,
		forcePathStyle: true,
	},
};
const parameters = {
	operation: 'sync',
	bucket: 'case-management-files',
	prefix: 'uploads',
	destinationBucket: 'case-management-files-backup',
	destinationPrefix: 'production',
	layout: 'separate',
	copyName: '20261126',
	destinationOwner: '',
	otherServer: false,
	allowEmpty: false,
	concurrency: 16,
	deadlineMinutes: 15,
};

test('asks for the second credential only where the destination is another server', () => {
	expect(node.description.credentials?.map(({ name, displayOptions }) => [name, displayOptions?.show])).toEqual([
		['s3', undefined],
		['destinationS3', { otherServer: [true] }],
		['releaseLedger', { recordStep: [true] }],
	]);
});

test('verify has the three outputs of a judge, sync has one', () => {
	expect(node.description.outputs).toContain('["verify"].includes($parameter.operation)');
});

test.each<[string, Record<string, unknown>, string]>([
	['no bucket', { bucket: '' }, 'bucket'],
	['a bucket given as an address', { destinationBucket: 's3://copies' }, 'destinationBucket'],
	['a prefix that climbs', { destinationPrefix: 'a/../b' }, 'destinationPrefix'],
	['a copy without a name', { copyName: '' }, 'copyName'],
	['a copy whose name is a path', { copyName: 'a/b' }, 'copyName'],
	['a copy of its own that is named like the mirror', { copyName: 'mirror' }, 'copyName'],
	['an owner that is no account', { destinationOwner: 'me' }, 'destinationOwner'],
	['nothing at once', { concurrency: 0 }, 'concurrency'],
	['a deadline of nothing', { deadlineMinutes: 0 }, 'deadlineMinutes'],
])('%s is refused before anything is touched', async (_, change, field) => {
	const { context, asked } = fakeExecuteContext({ parameters: { ...parameters, ...change }, credentials });
	await expect(node.execute.call(context)).rejects.toThrow(`The field ${field} is not valid`);
	expect(asked).toEqual({});
});

test('a mirror needs no name, and storage that is not there is an error with nothing secret in it', async () => {
	const { copyName: _, ...rest } = parameters;
	const { context, logged } = fakeExecuteContext({ parameters: { ...rest, layout: 'mirror' }, credentials });
	const error: unknown = await node.execute.call(context).catch((reason: unknown) => reason);
	expect(error).toMatchObject({ message: expect.stringContaining('STORAGE.UNAVAILABLE') });
	expect(JSON.stringify([error, logged]) + String(error)).not.toContain(CANARY);
});

test('verify cannot tell when storage is not there', async () => {
	const { context } = fakeExecuteContext({ parameters: { ...parameters, operation: 'verify' }, credentials });
	const [inconclusive, failed, passed] = await node.execute.call(context);
	expect([failed ?? [], passed ?? []]).toEqual([[], []]);
	expect(inconclusive?.[0]?.json.files).toMatchObject({
		verdict: 'inconclusive',
		reasons: [{ code: 'STORAGE_UNAVAILABLE' }],
	});
});
