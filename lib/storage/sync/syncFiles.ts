import { checkSides, sourceName } from './checkSides';
import { copyKeys, folderPrefix } from './copyKeys';
import { describeAbort } from './describeAbort';
import { syncErrors } from './errors';
import { listLines } from './listLines';
import type { BucketPlace, CopyManifest, CopyPlace, FileStorage, SyncRun } from './model';
import { Tally } from './tally';
import { bringAllOver } from './bringAllOver';

export interface SyncOptions extends SyncRun {
	/** `prefix` is a folder: `a` takes over what is in `a/`. */
	readonly source: BucketPlace & { readonly prefix: string };
	readonly destination: CopyPlace;
	/** A copy that later syncs overwrite; the bucket must keep versions. */
	readonly mirror: boolean;
	readonly allowEmpty: boolean;
	/** How many objects are copied at once. */
	readonly concurrency: number;
	/** Absent: 5 GiB, what S3 copies in one call. */
	readonly wholeLimitBytes?: number;
	/** Absent: 512 MiB. */
	readonly partBytes?: number;
}

/** What later steps need of a copy. */
export interface CopySummary {
	readonly name: string;
	readonly bucket: string;
	readonly folder: string;
	readonly manifestKey: string;
	readonly objects: number;
	readonly bytes: number;
	readonly copied: number;
	readonly copiedBytes: number;
	readonly vanished: number;
	readonly vanishedKeys: readonly string[];
	readonly extra: number;
	readonly listSha256: string;
	readonly startedAt: string;
	readonly finishedAt: string;
}

/**
 * Makes the destination hold every object of the source, deletes nothing there, and writes the manifest last. A run that is
 * repeated copies only what is missing. When both are the same storage the server copies by itself.
 * @throws RunbookError SYNC.*, STORAGE.*. After an error there is no new manifest, so there is no copy.
 */
export async function syncFiles(
	source: FileStorage,
	destination: FileStorage,
	options: SyncOptions,
): Promise<CopySummary> {
	const { signal, clock, log } = options;
	const tally = new Tally(options);
	try {
		await checkSides(source, destination, options);
		const startedAt = clock.now().toISOString();
		const keys = copyKeys(options.destination);
		const place = { bucket: options.destination.bucket, key: keys.list };
		log(`sync ${sourceName(options.source)} to ${options.destination.bucket}/${keys.folder}`);
		const lines = listLines(bringAllOver(source, destination, { options, tally }));
		await destination.records.putStream(place, endWell(lines.content, tally, options), {
			expectedBytes: 0,
			signal,
		});
		const manifest: CopyManifest = {
			format: 1,
			name: options.destination.name,
			source: { bucket: options.source.bucket, prefix: folderPrefix(options.source.prefix) },
			startedAt,
			finishedAt: clock.now().toISOString(),
			...tally.counts(),
			list: { key: keys.list, ...lines.digest() },
		};
		const text = `${JSON.stringify(manifest, null, '\t')}\n`;
		await destination.records.putText({ bucket: place.bucket, key: keys.manifest }, text, signal);
		log(`copy ${manifest.name} is complete: ${tally.describe()}`);
		return summarizeCopy(manifest, options.destination);
	} catch (error) {
		if (!signal.aborted) throw error;
		throw syncErrors.INTERRUPTED({ objects: tally.counts().objects, reason: describeAbort(signal.reason) }, error);
	}
}

/** The list ends only when it is complete; until then nothing of it is published. */
async function* endWell(
	content: AsyncIterable<Uint8Array>,
	tally: Tally,
	{ allowEmpty, source }: SyncOptions,
): AsyncGenerator<Uint8Array> {
	yield* content;
	const { objects, vanished } = tally.counts();
	if (tally.missed > 0)
		throw syncErrors.INCOMPLETE({
			missed: tally.missed,
			objects: objects + tally.missed,
			keys: tally.describeMisses(),
		});
	if (objects + vanished === 0 && !allowEmpty) throw syncErrors.SOURCE_EMPTY({ source: sourceName(source) });
}

export function summarizeCopy(
	manifest: CopyManifest,
	{ bucket, prefix }: Pick<CopyPlace, 'bucket' | 'prefix'>,
): CopySummary {
	const { format: _format, source: _source, list, name, ...counts } = manifest;
	const keys = copyKeys({ prefix, name });
	return { name, bucket, folder: keys.folder, manifestKey: keys.manifest, ...counts, listSha256: list.sha256 };
}
