import type { ListedObject, ObjectFacts } from './model';

/** `same`: nothing is to be done. `copy`: it is missing or another. `look`: the listing cannot tell, its facts may. */
export type CopyNeed = 'same' | 'copy' | 'look';

/**
 * What two listings tell about an object and its copy. Dates do not count: a copy is always the newer one. Entity tags that are equal
 * mean the same content; ones that differ need not mean another, since uploading in parts and encryption change them.
 */
export function assessListed(source: ListedObject, copy: ListedObject | undefined): CopyNeed {
	if (copy?.sizeBytes !== source.sizeBytes) return 'copy';
	return copy.etag === source.etag ? 'same' : 'look';
}

/** Whether a copy is of this very version: by the note that the copying left, or by a checksum of the whole content that both sides have. */
export function isCopyOf(
	source: Pick<ObjectFacts, 'etag' | 'sizeBytes' | 'checksums'>,
	copy: Pick<ObjectFacts, 'sizeBytes' | 'checksums' | 'sourceEtag'>,
): boolean {
	if (copy.sizeBytes !== source.sizeBytes) return false;
	if (copy.sourceEtag === source.etag) return true;
	const shared = Object.keys(source.checksums).filter((name) => copy.checksums[name] !== undefined);
	return shared.length > 0 && shared.every((name) => copy.checksums[name] === source.checksums[name]);
}

/** True for an entity tag that is the MD5 of the content, as far as its form tells. */
export function looksLikeMd5(etag: string): boolean {
	return /^[0-9a-f]{32}$/.test(etag);
}
