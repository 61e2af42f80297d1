import { rm, stat } from 'node:fs/promises';
import path from 'node:path';

/** What is used of a request to s3rver, which is a Koa application. */
export interface S3rverContext {
	readonly method: string;
	readonly path: string;
	readonly query: Readonly<Record<string, string | undefined>>;
	status: number;
}

export type S3rverMiddleware = (context: S3rverContext, next: () => Promise<void>) => Promise<void>;

/** s3rver's own kind of error; its code is S3's. */
export type S3rverErrorClass = new (code: string, message: string) => Error;

/** Where s3rver keeps the parts of a bucket's uploads, a folder each. */
interface UploadStore {
	getResourcePath(bucket: string, key: undefined, resource: 'uploads'): string;
}

/**
 * AbortMultipartUpload, the one call of backups that s3rver lacks. It stands around the routes: those check the signature and the bucket
 * before they say that the method is not allowed.
 */
export function discardUpload(store: UploadStore, S3Error: S3rverErrorClass): S3rverMiddleware {
	return async (context, next) => {
		try {
			await next();
		} catch (error) {
			const { uploadId = '' } = context.query;
			const isRefused = error instanceof S3Error && 'code' in error && error.code === 'MethodNotAllowed';
			if (context.method !== 'DELETE' || !isRefused || !/^[0-9a-f]{32}$/.test(uploadId)) throw error;
			const [, bucket = ''] = context.path.split('/');
			const folder = path.join(store.getResourcePath(bucket, undefined, 'uploads'), uploadId);
			await stat(folder).catch(() => {
				throw new S3Error('NoSuchUpload', 'The upload was completed, discarded, or never begun.');
			});
			await rm(folder, { recursive: true });
			context.status = 204;
		}
	};
}
