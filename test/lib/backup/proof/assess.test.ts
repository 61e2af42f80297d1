import { assessClone } from '../../../../lib/backup/proof/assessClone';
import { assessContinuous } from '../../../../lib/backup/proof/assessContinuous';
import { refuseWeakBackup, type ProofClass } from '../../../../lib/migration/refuseForeignBackup';

const source = { systemIdentifier: '77', databaseOid: 5, databaseName: 'cases', timeline: 3 };
const now = new Date('2026-11-26T12:00:00Z');
const ago = (minutes: number): Date => new Date(now.getTime() - minutes * 60_000);

describe('a continuous backup', () => {
	const good = {
		backup: { systemIdentifier: '77', base: { label: 'b', finishedAt: ago(60) }, complaints: [] as string[] },
		archiving: { source, now, enabled: true, lastArchivedAt: ago(5), lastFailedAt: ago(90) as Date | null },
		drill: { restoredAt: ago(10_000), minutes: 20 } as { restoredAt: Date; minutes: number } | undefined,
	};
	const policy = { maxBackupAgeHours: 24, maxArchiveLagMinutes: 15, maxDrillAgeDays: 30, maxRestoreMinutes: 60 };

	it.each<[string, object, string[]]>([
		['that is good', {}, []],
		['of another system', { backup: { ...good.backup, systemIdentifier: '78' } }, ['OTHER_SYSTEM']],
		['of no known system', { backup: { ...good.backup, systemIdentifier: null } }, ['OTHER_SYSTEM']],
		['without a base', { backup: { ...good.backup, base: null } }, ['BASE_MISSING']],
		[
			'with an old base',
			{ backup: { ...good.backup, base: { label: 'b', finishedAt: ago(1441) } } },
			['BASE_TOO_OLD'],
		],
		[
			'whose tool complains twice',
			{ backup: { ...good.backup, complaints: ['a', 'b'] } },
			['TOOL_COMPLAINS', 'TOOL_COMPLAINS'],
		],
		['that is not archived', { archiving: { ...good.archiving, enabled: false } }, ['ARCHIVING_OFF']],
		['never archived', { archiving: { ...good.archiving, lastArchivedAt: null } }, ['ARCHIVE_LAGS']],
		['archived too long ago', { archiving: { ...good.archiving, lastArchivedAt: ago(15.1) } }, ['ARCHIVE_LAGS']],
		['whose archiving fails now', { archiving: { ...good.archiving, lastFailedAt: ago(4) } }, ['ARCHIVING_FAILS']],
		['that never failed', { archiving: { ...good.archiving, lastFailedAt: null } }, []],
		['that nobody restored', { drill: undefined }, ['DRILL_MISSING']],
		['restored long ago', { drill: { restoredAt: ago(31 * 1440), minutes: 20 } }, ['DRILL_TOO_OLD']],
		['restored too slowly', { drill: { restoredAt: ago(10), minutes: 61 } }, ['RESTORE_TOO_SLOW']],
		['restored tomorrow', { drill: { restoredAt: ago(-1440), minutes: 20 } }, ['DRILL_IN_FUTURE']],
	])('%s', (_, change, codes) => {
		expect(assessContinuous({ ...good, ...change }, policy).map(({ code }) => code)).toEqual(codes);
	});
});

describe('a clone', () => {
	const tables = [{ schema: 'public', name: 'cases' }];
	const server = { identity: source, now, startedAt: ago(10_000), startedAtMicros: '1', inRecovery: false };
	const production = { ...server, counts: [1000] as Array<number | null> };
	const clone = { ...server, startedAt: ago(20), startedAtMicros: '2', counts: [990] as Array<number | null> };
	const policy = { snapshotAt: ago(30), maxAgeMinutes: 60, tolerancePercent: 1 };

	it.each<[string, object, object, string[]]>([
		['that is good', {}, {}, []],
		['that was promoted', { identity: { ...source, timeline: 4 } }, {}, []],
		['of another system', { identity: { ...source, systemIdentifier: '78' } }, {}, ['OTHER_DATABASE']],
		['of another database', { identity: { ...source, databaseOid: 6 } }, {}, ['OTHER_DATABASE']],
		['that is production itself', { startedAtMicros: '1' }, {}, ['CLONE_IS_PRODUCTION']],
		['that follows production', { inRecovery: true }, {}, ['CLONE_IS_STANDBY']],
		['of an older timeline', { identity: { ...source, timeline: 2 } }, {}, ['OLDER_TIMELINE']],
		['of an old snapshot', {}, { snapshotAt: ago(61) }, ['SNAPSHOT_TOO_OLD']],
		['that started before its snapshot', {}, { snapshotAt: ago(19) }, ['SNAPSHOT_AFTER_START']],
		['that lacks rows', { counts: [989] }, {}, ['ROWS_DIFFER']],
		['that has too many rows', { counts: [1011] }, {}, ['ROWS_DIFFER']],
		['that lacks a table', { counts: [null] }, {}, ['ROWS_DIFFER']],
	])('%s', (_, change, limits, codes) => {
		const sides = { production, clone: { ...clone, ...change }, tables };
		expect(assessClone(sides, { ...policy, ...limits }).map(({ code }) => code)).toEqual(codes);
	});

	it('is asked about tables that production has', () => {
		const sides = { production: { ...production, counts: [null] }, clone, tables };
		expect(assessClone(sides, policy).map(({ code }) => code)).toEqual(['TABLE_UNKNOWN']);
	});
});

describe('a migration that asks for', () => {
	it.each<[ProofClass, unknown, boolean]>([
		['A', 'A', true],
		['A', 'B', false],
		['A', 'C', false],
		['B', 'A', true],
		['B', 'B', true],
		['B', 'C', false],
		['C', 'C', true],
		['C', 'D', false],
		['C', '', false],
		['C', 'AB', false],
		['C', undefined, false],
		['C', 1, false],
	])('class %s and is given %j: %s', (least, proofClass, allowed) => {
		let code: unknown;
		try {
			refuseWeakBackup({ token: { proofClass } }, least);
		} catch (error) {
			({ code } = error as { code: unknown });
		}
		expect(code).toBe(allowed ? undefined : 'MIGRATION.BACKUP_PROOF_TOO_WEAK');
	});

	it.each([null, {}, { token: null }, 'A'])('anything is refused by a record without a token: %j', (record) => {
		expect(() => refuseWeakBackup(record, 'C')).toThrow('asks for C');
	});
});
