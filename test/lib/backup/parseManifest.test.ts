import { parseManifest } from '../../../lib/backup/parseManifest';
import { manifest } from './manifestFixture';

test('a manifest survives being written and read', () =>
	expect(parseManifest(JSON.stringify(manifest))).toEqual({ manifest }));

test.each<[string, string, string]>([
	['nothing', '', 'it is not JSON'],
	['half of one', JSON.stringify(manifest).slice(0, 200), 'it is not JSON'],
	['null', 'null', 'it is not as expected'],
	['another format', JSON.stringify({ ...manifest, format: 2 }), 'format is not as expected'],
	[
		'a checksum that is none',
		JSON.stringify({ ...manifest, archive: { ...manifest.archive, sha256: 'A' } }),
		'archive.sha256 is not as expected',
	],
	[
		'a fraction of a row',
		JSON.stringify({ ...manifest, tables: [{ ...manifest.tables[0], rows: 1.5 }] }),
		'tables.0.rows is not as expected',
	],
	[
		'rows beyond 2^53',
		JSON.stringify(manifest).replace('"rows":40', '"rows":9007199254740993'),
		'tables.0.rows is not as expected',
	],
])('%s is refused with its problem', (_, text, problem) => expect(parseManifest(text)).toEqual({ problem }));
