import { parseReport } from '../../../../lib/backup/proof/parseReport';

/** As pgBackRest 2.45 wrote it for a real cluster, shortened. */
const PGBACKREST = `[{"archive":[{"database":{"id":1,"repo-key":1},"id":"15-1","max":"000000010000000000000002","min":"000000010000000000000001"}],"backup":[{"archive":{"start":"000000010000000000000002","stop":"000000010000000000000002"},"database":{"id":1,"repo-key":1},"error":false,"label":"20261126-133735F","timestamp":{"start":1795700255,"stop":1795700281},"type":"full"}],"cipher":"none","db":[{"id":1,"repo-key":1,"system-id":7712473816719103145,"version":"15"}],"name":"main","repo":[{"cipher":"none","key":1,"status":{"code":0,"message":"ok"}}],"status":{"code":0,"lock":{"backup":{"held":false}},"message":"ok"}}]`;
/** As Barman 3.4 wrote its three parts for a real cluster, shortened. */
const BARMAN = `{"server":{"main":{"postgres_systemid":"7712473816719103145","is_archiving":true}},"check":{"main":{"archive_mode":{"hint":"","status":"OK"},"systemid_coherence":{"hint":"","status":"OK"}}},"backups":{"main":[{"backup_id":"20261126T133842","end_time":"Thu Nov 26 13:38:48 2026","end_time_timestamp":"1795700328","status":"DONE"}]}}`;
/** In the form that WAL-G documents. */
const WALG = `{"backups":[{"backup_name":"base_000000010000000000000002","time":"2026-11-26T13:38:01Z","finish_time":"2026-11-26T13:38:00.5Z","system_identifier":7712473816719103145},{"backup_name":"base_000000010000000000000001","time":"2026-11-25T13:38:01Z","finish_time":"2026-11-25T13:38:00.5Z","system_identifier":7712473816719103145}],"verify":{"integrity":{"status":"OK","details":[]},"timeline":{"status":"OK","details":{}}}}`;

const system = { systemIdentifier: '7712473816719103145', complaints: [] };

test.each([
	['pgbackrest', PGBACKREST, '20261126-133735F', '2026-11-26T13:38:01.000Z'],
	['barman', BARMAN, '20261126T133842', '2026-11-26T13:38:48.000Z'],
	['walg', WALG, 'base_000000010000000000000002', '2026-11-26T13:38:00.500Z'],
] as const)('the report of %s, every digit of the system identifier kept', (tool, text, label, finishedAt) => {
	expect(parseReport(tool, text, 'main')).toEqual({
		backup: { ...system, base: { label, finishedAt: new Date(finishedAt) } },
	});
});

test.each<[string, 'pgbackrest' | 'barman' | 'walg', string, object]>([
	[
		'a stanza in trouble',
		'pgbackrest',
		PGBACKREST.replace('"status":{"code":0,"lock"', '"status":{"code":4,"lock"').replace(
			'}},"message":"ok"}}]',
			'}},"message":"different across repos"}}]',
		),
		{ complaints: ['different across repos'] },
	],
	['a backup with an error in it', 'pgbackrest', PGBACKREST.replace('"error":false', '"error":true'), { base: null }],
	[
		'a backup of the cluster before an upgrade',
		'pgbackrest',
		PGBACKREST.replace('"db":[', '"db":[{"id":2,"repo-key":1,"system-id":8,"version":"16"},'),
		{ base: null, systemIdentifier: '8' },
	],
	[
		'a check that failed',
		'barman',
		BARMAN.replace('"hint":"","status":"OK"', '"hint":"please fix it","status":"FAILED"'),
		{ complaints: ['archive_mode: FAILED (please fix it)'] },
	],
	['a backup that failed', 'barman', BARMAN.replace('"DONE"', '"FAILED"'), { base: null }],
	[
		'a gap in the archive',
		'walg',
		WALG.replace('"integrity":{"status":"OK"', '"integrity":{"status":"FAILURE"'),
		{ complaints: ['integrity: FAILURE'] },
	],
	[
		'nothing verified',
		'walg',
		WALG.replace(/"verify":.*$/, '"verify":{}}'),
		{ complaints: ['wal-verify checked nothing'] },
	],
])('%s of %s is seen', (_, tool, text, expected) => {
	expect(parseReport(tool, text, 'main')).toMatchObject({ backup: expected });
});

test.each<['pgbackrest' | 'barman' | 'walg', string, string]>([
	['pgbackrest', '', 'it is not JSON'],
	['pgbackrest', '{}', 'it is not as expected'],
	['pgbackrest', '[]', 'it has no stanza main'],
	['barman', BARMAN.replaceAll('"main"', '"other"'), 'it has no server main'],
	['barman', '{"_ERROR":["Unknown server"]}', 'server is not as expected'],
	['walg', WALG.replace('2026-11-26T13:38:00.5Z', 'yesterday'), 'a finish_time is no time'],
	['walg', '[]', 'it is not as expected'],
])('a report of %s that is none is told: %j', (tool, text, problem) => {
	expect(parseReport(tool, text, 'main')).toEqual({ problem });
});

test('a system identifier that was rounded on the way is not taken for one', () => {
	const rounded = PGBACKREST.replace('7712473816719103145', '7.712473816719103e18');
	expect(parseReport('pgbackrest', rounded, 'main')).toEqual({ problem: '0.db.0.system-id is not as expected' });
});
