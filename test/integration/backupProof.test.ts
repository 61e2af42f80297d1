import path from 'node:path';
import { proveClone } from '../../lib/backup/proof/proveClone';
import { proveContinuous } from '../../lib/backup/proof/proveContinuous';
import { runReportTool, type ToolCall } from '../../lib/backup/proof/reportTool.client';
import { systemClock } from '../../lib/support/clock';
import { PostgresBackup } from '../../nodes/PostgresBackup/PostgresBackup.node';
import { fakeExecuteContext } from '../support/fakeExecuteContext';
import { ArchivedCluster, isInstalled } from './archivedCluster';

jest.setTimeout(300_000);

const signal = new AbortController().signal;
const policy = { maxBackupAgeHours: 1, maxArchiveLagMinutes: 10, maxDrillAgeDays: 30, maxRestoreMinutes: 60 };
const drill = { restoredAt: new Date(Date.now() - 86_400_000), minutes: 12 };

let cluster: ArchivedCluster;
beforeAll(async () => {
	cluster = await ArchivedCluster.start();
});
afterAll(() => cluster.stop());

const prove = async (call: Omit<ToolCall, 'signal'>, change = {}) =>
	await proveContinuous(cluster.connection, await runReportTool({ ...call, signal }), {
		...call,
		policy,
		drill,
		clock: systemClock,
		...change,
	});

(isInstalled('pgbackrest', ['version']) ? describe : describe.skip)('on the real pgBackRest', () => {
	let call: Omit<ToolCall, 'signal'>;
	const pgbackrest = (...args: string[]): string =>
		cluster.run('pgbackrest', [
			`--config=${call.configFile}`,
			'--stanza=main',
			'--log-level-console=error',
			...args,
		]);

	beforeAll(() => {
		const [repository, log, lock] = ['repo', 'log-pgbackrest', 'lock'].map((name) => cluster.makeFolder(name));
		const configFile = cluster.write(
			'pgbackrest.conf',
			`[global]\nrepo1-path=${repository}\nlog-path=${log}\nlock-path=${lock}\nspool-path=${cluster.makeFolder('spool')}\nrepo1-retention-full=2\nstart-fast=y\n[main]\npg1-path=${cluster.data}\npg1-port=${cluster.connection.port}\npg1-socket-path=${cluster.folder}\n`,
		);
		call = { tool: 'pgbackrest', name: 'main', configFile };
	});

	test('nothing is proven before there is a backup, and a backup that is archived and was restored is proof of class B', async () => {
		expect(await prove(call)).toMatchObject({ verdict: 'failed', token: null });
		pgbackrest('stanza-create');
		await cluster.archiveBy(`pgbackrest --config=${call.configFile} --stanza=main archive-push %p`);
		const early = await prove(call);
		expect(early.reasons.map(({ code }) => code)).toEqual(['TOOL_COMPLAINS', 'BASE_MISSING']);
		pgbackrest('backup', '--type=full');

		const proof = await prove(call);
		expect(proof).toMatchObject({
			verdict: 'passed',
			reasons: [],
			backupId: expect.stringMatching(/^\d{8}-\d{6}F$/),
		});
		expect(proof.token).toMatchObject({
			backupId: proof.backupId,
			proofClass: 'B',
			sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
			source: { systemIdentifier: expect.stringMatching(/^\d{18,}$/), databaseName: 'postgres' },
		});
		const without = await prove(call, { drill: undefined });
		expect(without).toMatchObject({ verdict: 'failed', reasons: [{ code: 'DRILL_MISSING' }], token: null });
	});

	test('archiving that began to fail is no proof any more', async () => {
		await cluster.query(
			`ALTER SYSTEM SET archive_command = 'false'`,
			'SELECT pg_reload_conf()',
			'INSERT INTO marks SELECT now()',
			'SELECT pg_switch_wal()',
		);
		const deadline = Date.now() + 60_000;
		let codes: string[] = [];
		while (!codes.includes('ARCHIVING_FAILS') && Date.now() < deadline) {
			codes = (await prove(call)).reasons.map(({ code }) => code);
			await new Promise((resolve) => setTimeout(resolve, 500));
		}
		expect(codes).toEqual(['ARCHIVING_FAILS']);
	});

	test('the node runs it by itself, and takes its report as text', async () => {
		await cluster.archiveBy(`pgbackrest --config=${call.configFile} --stanza=main archive-push %p`);
		const shared = {
			operation: 'prove',
			proofClass: 'B',
			tool: 'pgbackrest',
			clusterName: 'main',
			drill: JSON.stringify(drill),
			...policy,
		};
		const credentials = { postgres: { ...cluster.connection, sshTunnel: false } };
		const report = await runReportTool({ ...call, signal });
		for (const from of [
			{ reportFrom: 'tool', configFile: call.configFile },
			{ reportFrom: 'field', report },
		]) {
			const { context } = fakeExecuteContext({ parameters: { ...shared, ...from }, credentials });
			const [, , passed] = await new PostgresBackup().execute.call(context);
			expect(passed?.[0]?.json.backup).toMatchObject({ verdict: 'passed', token: { proofClass: 'B' } });
		}
	});
});

(isInstalled('barman', ['--version']) ? describe : describe.skip)('on the real Barman', () => {
	test('its three reports together are proof of class B', async () => {
		const home = cluster.makeFolder('barman');
		const incoming = cluster.makeFolder('barman', 'main', 'incoming');
		cluster.makeFolder('barman', 'main');
		const { host, port } = cluster.connection;
		const conninfo = `host=${host} port=${port} user=postgres`;
		const configFile = cluster.write(
			'barman.conf',
			`[barman]\nbarman_user = postgres\nbarman_home = ${home}\nbarman_lock_directory = ${home}\nlog_file = ${path.join(home, 'log')}\n[main]\ndescription = main\nconninfo = ${conninfo} dbname=postgres\nstreaming_conninfo = ${conninfo}\nbackup_method = postgres\nimmediate_checkpoint = true\narchiver = on\n`,
		);
		const call = { tool: 'barman' as const, name: 'main', configFile };
		const barman = (...args: string[]): string => cluster.run('barman', ['-c', configFile, ...args]);
		await cluster.archiveBy(`cp %p ${incoming}/%f`);
		barman('archive-wal', 'main');
		expect((await prove(call)).reasons.map(({ code }) => code)).toContain('BASE_MISSING');
		barman('backup', 'main');
		await cluster.archiveNow();
		barman('archive-wal', 'main');
		const proof = await prove(call);
		expect(proof).toMatchObject({
			verdict: 'passed',
			reasons: [],
			token: { proofClass: 'B', backupId: proof.backupId },
		});
		await expect(runReportTool({ ...call, name: 'other', signal })).resolves.toContain('_ERROR');
		expect(await prove({ ...call, name: 'other' })).toMatchObject({
			verdict: 'failed',
			reasons: [{ code: 'REPORT_INVALID' }],
		});
	});
});

test('a tool that is not there is an error that names it', async () => {
	const call = { tool: 'walg' as const, name: 'main', configFile: '/nonexistent/wal-g.yaml', signal };
	await expect(runReportTool(call)).rejects.toMatchObject({
		code: 'BACKUP.REPORT_UNAVAILABLE',
		message: expect.stringContaining('wal-g'),
	});
});

describe('a clone', () => {
	const tables = [{ schema: 'public', name: 'marks' }];
	const cloneProof = async (clone: ArchivedCluster, snapshotAt: Date) =>
		await proveClone(cluster.connection, clone.connection, {
			name: 'snap-1',
			tables,
			policy: { snapshotAt, maxAgeMinutes: 60, tolerancePercent: 0 },
			clock: systemClock,
		});

	test('of the data directory that was started is proof of class C; production itself and another server are not', async () => {
		await cluster.query('CREATE TABLE IF NOT EXISTS marks (at timestamptz)', 'INSERT INTO marks SELECT now()');
		const snapshotAt = new Date();
		const clone = await ArchivedCluster.startCopyOf(cluster);
		try {
			const proof = await cloneProof(clone, snapshotAt);
			expect(proof).toMatchObject({
				verdict: 'passed',
				reasons: [],
				tables: 1,
				token: { proofClass: 'C', backupId: 'snap-1', sha256: '' },
			});
			expect(proof.rows).toBeGreaterThan(0);
			expect(await cloneProof(cluster, snapshotAt)).toMatchObject({
				reasons: [{ code: 'CLONE_IS_PRODUCTION' }, { code: 'SNAPSHOT_AFTER_START' }],
			});
			await clone.query('DELETE FROM marks');
			expect(await cloneProof(clone, snapshotAt)).toMatchObject({
				verdict: 'failed',
				reasons: [{ code: 'ROWS_DIFFER' }],
				token: null,
			});
		} finally {
			clone.stop();
		}
		expect(await cloneProof(clone, snapshotAt)).toMatchObject({
			verdict: 'failed',
			reasons: [{ code: 'CLONE_UNREACHABLE' }],
		});
	});
});
