import { RunbookError } from '../../support/runbookError';
import { assessListed, isCopyOf } from './assessCopy';
import { copyVersion, type CopyWay } from './copyVersion';
import { syncErrors } from './errors';
import type { ListedObject, ObjectPlace } from './model';

/** What became of one object. `missed`: it is there and was not copied. */
export type Brought =
	| { readonly outcome: 'copied' | 'present'; readonly version: ListedObject; readonly etag: string }
	| { readonly outcome: 'vanished'; readonly key: string }
	| { readonly outcome: 'missed'; readonly key: string; readonly code: string; readonly problem: string };

/** An object that is overwritten more often than this while it is copied is not at rest. */
const VERSIONS_TRIED = 3;
/** Nothing else can be copied either. */
const FATAL = ['STORAGE.BUCKET_MISSING', 'STORAGE.FOREIGN_BUCKET'];

/**
 * Makes the destination hold a version of one object, unless it does already. What is wrong with this object is told, not thrown.
 * @throws RunbookError when no object can be copied, and the signal's reason
 */
export async function bringOver(
	listed: ListedObject,
	existing: ListedObject | undefined,
	{ from, to, way, signal }: { from: ObjectPlace; to: ObjectPlace; way: CopyWay; signal: AbortSignal },
): Promise<Brought> {
	try {
		const need = assessListed(listed, existing);
		if (existing && (need === 'same' || (need === 'look' && (await isThere(listed, { from, to, way, signal })))))
			return { outcome: 'present', version: listed, etag: existing.etag };
		return await copyAtRest(listed, { from, to, way, signal });
	} catch (error) {
		signal.throwIfAborted();
		if (!(error instanceof RunbookError) || FATAL.includes(error.code)) throw error;
		const { problem } = error.meta;
		const told = typeof problem === 'string' ? problem : error.message;
		return { outcome: 'missed', key: listed.key, code: error.code, problem: told };
	}
}

interface Errand {
	readonly from: ObjectPlace;
	readonly to: ObjectPlace;
	readonly way: CopyWay;
	readonly signal: AbortSignal;
}

/** Asks for the facts that a listing does not have. */
async function isThere(listed: ListedObject, { from, to, way, signal }: Errand): Promise<boolean> {
	const copy = await way.destination.readFacts(to, signal);
	if (!copy) return false;
	if (isCopyOf({ ...listed, checksums: {} }, copy)) return true;
	if (Object.keys(copy.checksums).length === 0) return false;
	const source = await way.source.readFacts(from, signal);
	return source?.etag === listed.etag && isCopyOf(source, copy);
}

async function copyAtRest(listed: ListedObject, { from, to, way, signal }: Errand): Promise<Brought> {
	let version = listed;
	for (let tried = 0; tried < VERSIONS_TRIED; tried += 1) {
		const copied = await copyVersion(way, { from, to, version, signal });
		if (copied.outcome === 'copied') return { outcome: 'copied', version, etag: copied.etag };
		const now = await way.source.readFacts(from, signal);
		if (!now) return { outcome: 'vanished', key: listed.key };
		version = { key: listed.key, sizeBytes: now.sizeBytes, etag: now.etag };
	}
	throw syncErrors.OBJECT_CHANGING({ key: listed.key });
}
