import { parseManifest, renderManifest } from '../../../lib/backup/manifest';
import { manifest } from './manifestFixture';

const text = renderManifest(manifest);

test('a manifest survives being written and read', () => expect(parseManifest(text)).toEqual({ manifest }));

test.each<[string, string, string]>([
	['nothing', '', 'it is not JSON'],
	['half of one', text.slice(0, 200), 'it is not JSON'],
	['null', 'null', 'it is not as expected'],
	['another format', text.replace('"format": 2', '"format": 3'), 'format is not as expected'],
	['a checksum that is none', text.replace(manifest.sha256, 'A'), 'sha256 is not as expected'],
	['a fraction of a row', text.replace('"rows": 40', '"rows": 1.5'), 'tables.0.rows is not as expected'],
	['rows beyond 2^53', text.replace('"rows": 40', '"rows": 9007199254740993'), 'tables.0.rows is not as expected'],
	['one row more', text.replace('"rows": 40', '"rows": 41'), 'its checksum differs from its content'],
	['a key that nobody knows', text.replace('{', '{ "note": 1,'), 'it is not as it was written'],
	['a space more', ` ${text}`, 'it is not as it was written'],
])('%s is refused with its problem', (_, changed, problem) => expect(parseManifest(changed)).toEqual({ problem }));

test('a flipped bit is found in every byte of a manifest', () => {
	const bytes = Buffer.from(text);
	const unnoticed = [...bytes.keys()].filter((index) => {
		const damaged = Buffer.from(bytes);
		damaged.writeUInt8(damaged.readUInt8(index) ^ 0x04, index);
		return 'manifest' in parseManifest(damaged.toString('utf8'));
	});
	expect(bytes.length).toBeGreaterThan(1500);
	expect(unnoticed).toEqual([]);
});
