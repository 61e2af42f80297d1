import { createHash } from 'node:crypto';
import { looksLikeMd5 } from './assessCopy';
import { syncErrors } from './errors';
import type { CopyOutcome, FileStorage, ListedObject, ObjectFacts, ObjectPlace } from './model';

/** How objects go from one side to the other. */
export interface CopyWay {
	readonly source: FileStorage;
	readonly destination: FileStorage;
	/** Absent: the server that holds both copies by itself. */
	readonly throughUs: boolean;
	/** Above this size one call of the server does not do. */
	readonly wholeLimitBytes: number;
	readonly partBytes: number;
	/** Set once a copy was seen to get another entity tag: then each gets a note of its source at once. */
	tagsDiffer: boolean;
}

interface Version {
	readonly from: ObjectPlace;
	readonly to: ObjectPlace;
	readonly version: ListedObject;
	readonly signal: AbortSignal;
}

/** S3 allows 10 000 parts. */
const PLANNED_PARTS = 9000;

/**
 * Copies this version of an object or none. A copy whose entity tag cannot be its source's gets a note of it, so that a later run
 * knows it again. @throws RunbookError STORAGE.*, SYNC.CONTENT_DIFFERS
 */
export async function copyVersion(way: CopyWay, request: Version): Promise<CopyOutcome> {
	const { version } = request;
	const inParts = version.sizeBytes > way.wholeLimitBytes;
	if (!way.throughUs && !inParts && !way.tagsDiffer && looksLikeMd5(version.etag)) {
		const { from, to, signal } = request;
		const copied = await way.destination.copyWhole({ from, to, version }, signal);
		if (copied.outcome !== 'copied' || copied.etag === version.etag) return copied;
	}
	const facts = await way.source.readFacts(request.from, request.signal);
	if (!facts) return { outcome: 'vanished' };
	if (facts.etag !== version.etag) return { outcome: 'changed' };
	if (way.throughUs) return await carry(way, { ...request, facts });
	// The object is at rest, and its copy got another entity tag: this storage gives each object its own.
	if (!inParts && looksLikeMd5(version.etag)) way.tagsDiffer = true;
	return await copyNoted(way, { ...request, facts, inParts });
}

async function copyNoted(
	{ destination, partBytes }: CopyWay,
	{ facts, inParts, signal, ...request }: Version & { facts: ObjectFacts; inParts: boolean },
): Promise<CopyOutcome> {
	const { properties } = facts;
	if (!inParts) return await destination.copyWhole({ ...request, properties }, signal);
	const least = Math.ceil(facts.sizeBytes / PLANNED_PARTS);
	return await destination.copyInParts({ ...request, properties, partBytes: Math.max(partBytes, least) }, signal);
}

/** Streams the object from one server to the other, and compares what came by with what the source says that it is. */
async function carry(
	{ source, destination }: CopyWay,
	{ from, to, version, facts, signal }: Version & { facts: ObjectFacts },
): Promise<CopyOutcome> {
	const opened = await source.openVersion(from, version.etag, signal);
	if (opened.outcome !== 'opened') return opened;
	const content = checked(opened.content, { version, opaque: facts.opaqueEtag });
	const etag = await destination.store(to, content, { properties: facts.properties, version, signal });
	const stored = await destination.readFacts(to, signal);
	if (stored?.sizeBytes === version.sizeBytes && stored.etag === etag) return { outcome: 'copied', etag };
	throw syncErrors.CONTENT_DIFFERS({ key: version.key, problem: 'the destination does not hold what was stored' });
}

/** Ends with an error, so that nothing is stored, when the content is not that of the version. */
async function* checked(
	content: AsyncIterable<Uint8Array>,
	{ version, opaque }: { version: ListedObject; opaque: boolean },
): AsyncGenerator<Uint8Array> {
	const md5 = createHash('md5');
	let sizeBytes = 0;
	for await (const chunk of content) {
		md5.update(chunk);
		sizeBytes += chunk.length;
		yield chunk;
	}
	if (sizeBytes !== version.sizeBytes) {
		const problem = `${sizeBytes} of ${version.sizeBytes} bytes came`;
		throw syncErrors.CONTENT_DIFFERS({ key: version.key, problem });
	}
	if (!opaque && looksLikeMd5(version.etag) && md5.digest('hex') !== version.etag)
		throw syncErrors.CONTENT_DIFFERS({ key: version.key, problem: 'its MD5 is another' });
}
