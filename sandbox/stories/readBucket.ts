import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import type { ProductionEndpoints } from '../production.ts';

/** The keys in a bucket. */
export async function readBucket(s3: ProductionEndpoints['s3'], bucket: string): Promise<string[]> {
	const { endpoint, region, accessKeyId, secretAccessKey } = s3;
	const client = new S3Client({
		endpoint,
		region,
		forcePathStyle: true,
		credentials: { accessKeyId, secretAccessKey },
	});
	try {
		const { Contents } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
		return (Contents ?? []).flatMap(({ Key }) => (Key === undefined ? [] : [Key]));
	} finally {
		client.destroy();
	}
}
