/** An object of s3rver. */
export interface S3rverObject {
	readonly key: string;
}

export type S3rverObjectClass = new (
	bucket: string,
	key: string,
	content: Buffer | null,
	metadata: object,
) => S3rverObject;

interface Listing {
	readonly objects: readonly S3rverObject[];
	readonly commonPrefixes: readonly string[];
	readonly isTruncated: boolean;
}

interface ListOptions {
	readonly startAfter?: string | undefined;
	readonly maxKeys?: number | undefined;
	readonly [option: string]: unknown;
}

/** The part of s3rver's store, where its objects are files, that is mended here. */
export interface S3rverStore {
	listObjects(bucket: string, options: ListOptions): Promise<Listing>;
	getMetadata(bucket: string, key: string): Promise<object>;
	existsObject(bucket: string, key: string): Promise<boolean>;
	putObject(object: S3rverObject): Promise<unknown>;
	copyObject(sourceBucket: string, sourceKey: string, ...rest: unknown[]): Promise<unknown>;
	getResourcePath(bucket: string, key: undefined, resource: 'uploads'): string;
}

/**
 * Makes the store keep two promises of S3 that s3rver breaks: listings are in the order of the keys' bytes (s3rver gives the order of its
 * files and, page by page, loses keys), and the source of a copy is decoded whole.
 */
export function mendStore(store: S3rverStore, ObjectOfServer: S3rverObjectClass): void {
	// The names of all objects are cheap, their facts are not.
	const names = Object.create(store, { getMetadata: { value: () => Promise.resolve({}) } }) as S3rverStore;
	const list = store.listObjects.bind(names);
	const copy = store.copyObject.bind(store);
	const exists = store.existsObject.bind(store);
	store.listObjects = async (bucket, { startAfter = '', maxKeys = Infinity, ...options }) => {
		const { objects, commonPrefixes } = await list(bucket, options);
		const later = objects
			.filter(({ key }) => compareBytes(key, startAfter) > 0)
			.sort((a, b) => compareBytes(a.key, b.key));
		const page = later
			.slice(0, maxKeys)
			.map(async ({ key }) => new ObjectOfServer(bucket, key, null, await store.getMetadata(bucket, key)));
		return { objects: await Promise.all(page), commonPrefixes, isTruncated: later.length > maxKeys };
	};
	store.copyObject = async (bucket, key, ...rest) => await copy(bucket, decodeRest(key), ...rest);
	// Asked about the source of a copy only, and about keys that need no decoding.
	store.existsObject = async (bucket, key) => (await exists(bucket, key)) || (await exists(bucket, decodeRest(key)));
}

function compareBytes(a: string, b: string): number {
	return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** s3rver decodes with decodeURI, which leaves the reserved characters encoded. */
function decodeRest(key: string): string {
	return key.replaceAll(/%(3B|2F|3F|3A|40|26|3D|2B|24|2C|23)/g, (escaped) => decodeURIComponent(escaped));
}
