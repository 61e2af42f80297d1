import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import type { ProductionEndpoints } from '../production.ts';

/** The keys in a bucket. */
export async function readBucket(s3: ProductionEndpoints['s3'], bucket: string): Promise<string[]> {
	return await withClient(s3, async (client) => {
		const { Contents } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
		return (Contents ?? []).flatMap(({ Key }) => (Key === undefined ? [] : [Key]));
	});
}

/** An object as text. */
export async function readObject(s3: ProductionEndpoints['s3'], bucket: string, key: string): Promise<string> {
	return await withClient(s3, async (client) => {
		const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
		return (await Body?.transformToString()) ?? '';
	});
}

async function withClient<T>(
	{ endpoint, region, accessKeyId, secretAccessKey }: ProductionEndpoints['s3'],
	use: (client: S3Client) => Promise<T>,
): Promise<T> {
	const credentials = { accessKeyId, secretAccessKey };
	const client = new S3Client({ endpoint, region, forcePathStyle: true, credentials });
	try {
		return await use(client);
	} finally {
		client.destroy();
	}
}
