import type { ObjectStorageConnection } from '../../lib/storage/model';
import { ObjectStorageSync } from '../../nodes/ObjectStorageSync/ObjectStorageSync.node';
import { fakeExecuteContext } from '../support/fakeExecuteContext';
import { sandboxEndpoints } from '../support/sandboxEndpoints';
import { SyncFixture } from './syncFixture';

jest.setTimeout(60_000);

const node = new ObjectStorageSync();
const { endpoint, region, accessKeyId, secretAccessKey } = sandboxEndpoints().s3;
const connection: ObjectStorageConnection = {
	endpoint,
	region,
	accessKeyId,
	secretAccessKey,
	forcePathStyle: true,
	ignoreCertificate: false,
};
const credential = { endpoint, region, accessKeyId, secretAccessKey, forcePathStyle: true, ignoreSSLIssues: false };

test.each([
	['by the server itself', false],
	['through n8n, under the second credential', true],
])('sync, then verify, leaves through Passed: %s', async (_, otherServer) => {
	const fixture = await SyncFixture.create(connection);
	try {
		await fixture.putAll(['uploads/a', 'uploads/b', 'other/c']);
		const parameters = {
			bucket: fixture.source,
			prefix: 'uploads',
			destinationBucket: fixture.destination,
			destinationPrefix: 'production/files',
			layout: 'separate',
			copyName: '20261126',
			destinationOwner: '',
			otherServer,
			allowEmpty: false,
			concurrency: 4,
			deadlineMinutes: 1,
		};
		const credentials = { s3: credential, ...(otherServer ? { destinationS3: credential } : {}) };
		const synced = fakeExecuteContext({ parameters: { ...parameters, operation: 'sync' }, credentials });
		const [items] = await node.execute.call(synced.context);
		const files = {
			name: '20261126',
			bucket: fixture.destination,
			folder: 'production/files/20261126/',
			objects: 2,
		};
		expect(items?.[0]?.json.files).toMatchObject({ ...files, copied: 2, vanished: 0, extra: 0 });
		expect(await fixture.copies()).toEqual([
			'production/files/20261126.manifest.json',
			'production/files/20261126.objects.jsonl',
			'production/files/20261126/a',
			'production/files/20261126/b',
		]);

		const verified = fakeExecuteContext({ parameters: { ...parameters, operation: 'verify' }, credentials });
		const [inconclusive, failed, passed] = await node.execute.call(verified.context);
		expect([inconclusive, failed]).toEqual([[], []]);
		expect(passed?.[0]?.json.files).toMatchObject({ ...files, verdict: 'passed', missing: 0, different: 0 });
		expect(synced.logged.join('\n')).toContain('is complete: 2 objects');
	} finally {
		fixture.close();
	}
});

test('the credential test of the second storage is content with a good key pair only', async () => {
	const testCredential = node.methods.credentialTest.destinationStorage;
	const ask = async (data: object) =>
		await testCredential.call({} as never, { id: '1', name: 'Copies', type: 'destinationS3', data } as never);
	expect(await ask(credential)).toMatchObject({ status: 'OK' });
	expect(await ask({ ...credential, accessKeyId: 'UNKNOWN' })).toMatchObject({ status: 'Error' });
});
