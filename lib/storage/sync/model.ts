import type { Clock } from '../../support/clock';
import type { ObjectStorage } from '../model';

/**
 * Glossary. A *copy* is a folder of objects in a destination bucket, a *list* of them with what each was when it was copied, and a
 * *manifest* that is written last: without a manifest there is no copy. An object *vanished* when its source was deleted between
 * listing and copying; it is a *miss* when it is still there and could not be copied.
 */
export interface ListedObject {
	readonly key: string;
	readonly sizeBytes: number;
	/** Without quotes. The MD5 of the content, unless it was uploaded in parts or encrypted with a key of its own: then it compares with itself only. */
	readonly etag: string;
}

/** What an object is besides its content; a copy gets the same. */
export interface ObjectProperties {
	readonly contentType?: string | undefined;
	readonly cacheControl?: string | undefined;
	readonly contentDisposition?: string | undefined;
	readonly contentEncoding?: string | undefined;
	readonly contentLanguage?: string | undefined;
	/** As it was sent, an HTTP date. */
	readonly expires?: string | undefined;
	readonly websiteRedirectLocation?: string | undefined;
	readonly metadata: Readonly<Record<string, string>>;
}

export interface ObjectFacts {
	readonly sizeBytes: number;
	readonly etag: string;
	/** Checksums of the whole content by algorithm, e.g. `CRC64NVME`; empty when storage keeps none. */
	readonly checksums: Readonly<Record<string, string>>;
	/** The entity tag of what it was copied from; absent when the copying did not note it. */
	readonly sourceEtag?: string | undefined;
	/** True when storage encrypted it in a way that makes its entity tag no MD5. */
	readonly opaqueEtag: boolean;
	readonly properties: ObjectProperties;
}

/** A bucket, and which account must own it. */
export interface BucketPlace {
	readonly bucket: string;
	/** Twelve digits of an AWS account; absent: not checked. */
	readonly owner?: string | undefined;
}

export interface ObjectPlace extends BucketPlace {
	readonly key: string;
}

/** One version of an object to be copied on the server. */
export interface CopyRequest {
	readonly from: ObjectPlace;
	readonly to: ObjectPlace;
	/** Only while the source still is this one. */
	readonly version: Pick<ListedObject, 'etag' | 'sizeBytes'>;
	/** What the copy is to be besides its content, with a note of the version. Absent: the server takes over everything itself. */
	readonly properties?: ObjectProperties | undefined;
}

/** `changed`, `vanished`: the source is not, or no more, the version that was asked for. */
export type CopyOutcome =
	| { readonly outcome: 'copied'; readonly etag: string }
	| { readonly outcome: 'changed' }
	| { readonly outcome: 'vanished' };

export type OpenedVersion =
	| { readonly outcome: 'opened'; readonly content: AsyncIterable<Uint8Array> }
	| { readonly outcome: 'changed' }
	| { readonly outcome: 'vanished' };

/** Object storage as a sync needs it. Failures are RunbookErrors STORAGE.*; a missing object is undefined, never an error. */
export interface FileStorage {
	/** Two that are the same reach the same server. */
	readonly address: string;
	/** For the list and the manifest of a copy. */
	readonly records: ObjectStorage;
	/** @throws RunbookError STORAGE.BUCKET_MISSING, ACCESS_DENIED, FOREIGN_BUCKET */
	checkBucket(place: BucketPlace, signal: AbortSignal): Promise<void>;
	keepsVersions(place: BucketPlace, signal: AbortSignal): Promise<boolean>;
	/** In the order of the keys' bytes, page by page. @throws RunbookError STORAGE.LISTING_UNORDERED */
	list(place: BucketPlace & { readonly prefix: string }, signal: AbortSignal): AsyncIterable<ListedObject>;
	readFacts(place: ObjectPlace, signal: AbortSignal): Promise<ObjectFacts | undefined>;
	/** One call, for objects of at most 5 GiB. */
	copyWhole(request: CopyRequest, signal: AbortSignal): Promise<CopyOutcome>;
	/** For objects of any size but zero. */
	copyInParts(
		request: CopyRequest & { readonly properties: ObjectProperties; readonly partBytes: number },
		signal: AbortSignal,
	): Promise<CopyOutcome>;
	/** Its content may be read once. */
	openVersion(place: ObjectPlace, etag: string, signal: AbortSignal): Promise<OpenedVersion>;
	/** Stores content with a note of what it is copied from, and gives its entity tag. */
	store(
		place: ObjectPlace,
		content: AsyncIterable<Uint8Array>,
		options: {
			properties: ObjectProperties;
			version: Pick<ListedObject, 'etag' | 'sizeBytes'>;
			signal: AbortSignal;
		},
	): Promise<string>;
	close(): void;
}

/** What one run of a sync operation gets from its caller. */
export interface SyncRun {
	readonly signal: AbortSignal;
	readonly clock: Clock;
	/** One line of progress, without secrets. */
	log(message: string): void;
}

/** Where the copies of a release's files are kept: bucket, folder and the name of the one copy. */
export interface CopyPlace extends BucketPlace {
	/** Folder for all copies; empty for the bucket's top. */
	readonly prefix: string;
	/** A release, a date, or `mirror`. */
	readonly name: string;
}

/** A line of a copy's list; keys are relative to the folders on both sides. */
export interface CopiedObject extends ListedObject {
	/** Of the source when it was copied. */
	readonly sourceEtag: string;
}

export interface CopyManifest {
	readonly format: 1;
	readonly name: string;
	readonly source: { readonly bucket: string; readonly prefix: string };
	/** Before the first listing and after the last copy; ISO 8601, by our clock. What came to the source later is not in the copy. */
	readonly startedAt: string;
	readonly finishedAt: string;
	readonly objects: number;
	readonly bytes: number;
	/** What this run copied, as against what was there already. */
	readonly copied: number;
	readonly copiedBytes: number;
	readonly vanished: number;
	/** The first of them by key. */
	readonly vanishedKeys: readonly string[];
	/** Only at the destination: of the source no more, or never; kept. */
	readonly extra: number;
	readonly list: { readonly key: string; readonly sizeBytes: number; readonly sha256: string };
}
