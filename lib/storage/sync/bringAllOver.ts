import { bringOver, type Brought } from './bringOver';
import { copyKeys, folderPrefix } from './copyKeys';
import type { CopyWay } from './copyVersion';
import { syncErrors } from './errors';
import { mapInOrder } from './mapInOrder';
import type { BucketPlace, CopiedObject, FileStorage, ListedObject } from './model';
import { pairByKey, type KeyPair } from './pairByKey';
import type { SyncOptions } from './syncFiles';
import type { Tally } from './tally';

/** S3 copies at most 5 GiB in one call. */
const WHOLE_LIMIT_BYTES = 5 * 1024 ** 3;
const PART_BYTES = 512 * 1024 ** 2;
/** Results that wait behind an object that takes long: a few kilobytes each. */
const WINDOW = 2000;
/** So many misses without one success between them are not the objects' fault. */
const MISSES_IN_A_ROW = 50;

/** Both sides are listed and walked through together; what the destination lacks is copied. Gives what the copy holds, in the order of keys. */
export async function* bringAllOver(
	source: FileStorage,
	destination: FileStorage,
	{ options, tally }: { options: SyncOptions; tally: Tally },
): AsyncGenerator<CopiedObject> {
	const stopped = new AbortController();
	const signal = AbortSignal.any([options.signal, stopped.signal]);
	const way: CopyWay = {
		source,
		destination,
		throughUs: source !== destination,
		wholeLimitBytes: options.wholeLimitBytes ?? WHOLE_LIMIT_BYTES,
		partBytes: options.partBytes ?? PART_BYTES,
		tagsDiffer: false,
	};
	const { from, to } = sidesOf(options);
	const bring = async ({ key, left, right }: KeyPair<ListedObject, ListedObject>): Promise<Brought | 'extra'> => {
		if (!left) return 'extra';
		const errand = { from: { ...from, key: from.prefix + key }, to: { ...to, key: to.prefix + key }, way, signal };
		return await bringOver(left, right, errand);
	};
	const pairs = pairByKey(relative(source, from, signal), relative(destination, to, signal));
	let inARow = 0;
	try {
		for await (const brought of mapInOrder(pairs, bring, { concurrency: options.concurrency, window: WINDOW })) {
			tally.add(brought);
			if (brought === 'extra' || brought.outcome === 'vanished') continue;
			inARow = brought.outcome === 'missed' ? inARow + 1 : 0;
			if (inARow === MISSES_IN_A_ROW) {
				const { missed } = tally;
				const keys = `${tally.describeMisses()}; given up after ${MISSES_IN_A_ROW} in a row`;
				throw syncErrors.INCOMPLETE({ missed, objects: tally.counts().objects + missed, keys });
			}
			if (brought.outcome !== 'missed') yield toCopied(brought);
		}
	} catch (error) {
		stopped.abort(error);
		throw error;
	}
}

type Side = BucketPlace & { readonly prefix: string };

function sidesOf({ source, destination }: SyncOptions): { readonly from: Side; readonly to: Side } {
	return {
		from: { bucket: source.bucket, owner: source.owner, prefix: folderPrefix(source.prefix) },
		to: { bucket: destination.bucket, owner: destination.owner, prefix: copyKeys(destination).folder },
	};
}

/** A listing with keys as they are below the folder. */
export async function* relative(storage: FileStorage, side: Side, signal: AbortSignal): AsyncGenerator<ListedObject> {
	for await (const object of storage.list(side, signal))
		yield { ...object, key: object.key.slice(side.prefix.length) };
}

function toCopied({ version, etag }: Extract<Brought, { outcome: 'copied' | 'present' }>): CopiedObject {
	return { key: version.key, sizeBytes: version.sizeBytes, etag, sourceEtag: version.etag };
}
