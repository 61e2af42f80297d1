import { openObjectStorage } from '../lib/storage/objectStorage.client';
import { parameterErrors } from '../lib/support/errors';

const ADDRESS = /^s3:\/\/([^/]+)\/(.+)$/;

/** A record in object storage, read with the credentials of the environment. @throws RunbookError PARAMETER.INVALID, STORAGE.* */
export async function readStoredRecord(
	address: string,
	{ env, signal }: { env: Readonly<Record<string, string | undefined>>; signal: AbortSignal },
): Promise<string> {
	const [, bucket = '', key = ''] = ADDRESS.exec(address) ?? [];
	const [accessKeyId, secretAccessKey] = [env['AWS_ACCESS_KEY_ID'] ?? '', env['AWS_SECRET_ACCESS_KEY'] ?? ''];
	const endpoint = env['AWS_ENDPOINT_URL'] ?? '';
	const refuse = (problem: string, remedy: string): never => {
		throw parameterErrors.INVALID({ field: '--record', problem, remedy });
	};
	if (bucket === '') refuse('it is no s3://bucket/key', 'Write s3://bucket/key, or the path of a file');
	if (accessKeyId === '' || secretAccessKey === '')
		refuse(
			'there are no credentials for the object storage',
			'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the record as a file',
		);
	const storage = await openObjectStorage({
		endpoint,
		region: env['AWS_REGION'] ?? 'us-east-1',
		accessKeyId,
		secretAccessKey,
		forcePathStyle: endpoint !== '',
		ignoreCertificate: false,
	});
	try {
		const text = await storage.readText({ bucket, key }, signal);
		return text ?? refuse(`there is no object ${key} in ${bucket}`, 'Look for the record.json of the release');
	} finally {
		storage.close();
	}
}
