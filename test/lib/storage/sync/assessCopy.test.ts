import { assessListed, isCopyOf } from '../../../../lib/storage/sync/assessCopy';

const source = { key: 'a', sizeBytes: 3, etag: 'e1' };

test.each([
	['missing', undefined, 'copy'],
	['of another size', { ...source, sizeBytes: 4 }, 'copy'],
	['of another size under the same tag', { ...source, sizeBytes: 0 }, 'copy'],
	['of the same size and tag', { ...source }, 'same'],
	['of the same size under another tag', { ...source, etag: 'e1-2' }, 'look'],
])('a copy that is %s: %j → %s', (_, copy, need) => {
	expect(assessListed(source, copy)).toBe(need);
});

test.each<[string, object, object, boolean]>([
	['noted as from this version', {}, { sourceEtag: 'e1' }, true],
	['noted as from another version', {}, { sourceEtag: 'e0' }, false],
	['not noted', {}, {}, false],
	['of another size, though noted', {}, { sourceEtag: 'e1', sizeBytes: 4 }, false],
	['of the same checksum', { checksums: { CRC32: 'x' } }, { checksums: { CRC32: 'x' } }, true],
	['of another checksum', { checksums: { CRC32: 'x' } }, { checksums: { CRC32: 'y' } }, false],
	[
		'of a checksum that the source does not have',
		{ checksums: { CRC32: 'x' } },
		{ checksums: { SHA256: 'x' } },
		false,
	],
	[
		'of one checksum that agrees and one that does not',
		{ checksums: { CRC32: 'x', SHA1: 's' } },
		{ checksums: { CRC32: 'x', SHA1: 't' } },
		false,
	],
])('an object %s', (_, ofSource, ofCopy, expected) => {
	const facts = { etag: 'e1', sizeBytes: 3, checksums: {} };
	expect(isCopyOf({ ...facts, ...ofSource }, { ...facts, ...ofCopy })).toBe(expected);
});
