import { sealManifest } from '../../../lib/backup/manifest';
import type { BackupManifest } from '../../../lib/backup/model';

const folder = 'backups/20261123T064012Z-3f9a1c2b4d5e';

export const manifest: BackupManifest = sealManifest({
	format: 2,
	id: '20261123T064012Z-3f9a1c2b4d5e',
	source: { systemIdentifier: '7711254687639233213', databaseOid: 16384, databaseName: 'cases', timeline: 1 },
	snapshotAt: '2026-11-23T06:40:12.345Z',
	serverVersion: '15.18 (Debian 15.18-0+deb12u1)',
	toolVersions: { pgDump: '15.18' },
	locale: { encoding: 'UTF8', collate: 'C.UTF-8', ctype: 'C.UTF-8' },
	sourceBytes: 8_000_000,
	tookMs: 1500,
	archives: [
		{
			kind: 'schema',
			key: `${folder}/schema.dump.zst`,
			sizeBytes: 400,
			sha256: 'a'.repeat(64),
			compression: 'zstd',
			tables: [],
		},
		{
			kind: 'rest',
			key: `${folder}/rest.dump.zst`,
			sizeBytes: 600,
			sha256: 'b'.repeat(64),
			compression: 'zstd',
			tables: [],
		},
	],
	encryption: null,
	rowHash: 'record',
	tables: [{ schema: 'public', name: 'cases', rows: 40, hash: '-123' }],
	largeObjects: { count: 1, hash: '9' },
	sequences: [
		{ schema: 'public', name: 'cases_id_seq', positionBefore: '40', positionAfter: '42' },
		{ schema: 'public', name: 'countdown', positionBefore: '995', positionAfter: '990' },
	],
	extensions: [{ name: 'plpgsql', version: '1.0' }],
	database: {
		owner: 'cases_owner',
		grants: ['=Tc/cases_owner', 'reader=c/cases_owner'],
		connectionLimit: -1,
		settings: [{ role: null, settings: ['timezone=Europe/Berlin'] }],
		roles: [{ name: 'cases_owner', canLogin: true, bypassesRowSecurity: false, memberOf: [] }],
		invalidIndexes: [],
	},
});
