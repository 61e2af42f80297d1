import {
	explainFailure,
	isLockFailure,
	OpenTransactionError,
	type ScriptFailure,
} from '../../../lib/migration/explainFailure';
import type { Migration } from '../../../lib/migration/model';
import { readBackupSource } from '../../../lib/migration/refuseForeignBackup';

const one: Migration = {
	name: '2_b',
	script: '-- é😀\nSELECT 1;\nSELECT x;',
	checksum: 'bb',
	transaction: 'one',
	isAtomic: true,
};
const own: Migration = { ...one, transaction: 'own', isAtomic: false };

function serverError(code: string, message = 'it failed', position?: string): Error {
	return Object.assign(new Error(message), {
		code,
		severity: 'ERROR',
		detail: 'Key (email)=(person@example.com) already exists.',
		position,
	});
}

function explain(error: unknown, change: Partial<ScriptFailure> = {}): { code: string; text: string } {
	const { code, message, why, fix } = explainFailure({
		migration: one,
		error,
		applied: ['1_a'],
		cleaned: false,
		attempts: 1,
		user: 'app',
		lockTimeoutMs: 4000,
		statementTimeoutMs: 600_000,
		...change,
	});
	return { code, text: [message, why, fix].join('\n') };
}

test.each<[string, unknown, string]>([
	['a lock that was not granted', serverError('55P03'), 'LOCK_TIMEOUT'],
	['a deadlock', serverError('40P01'), 'LOCK_TIMEOUT'],
	['a missing right', serverError('42501'), 'NOT_PERMITTED'],
	['a time limit', serverError('57014'), 'STATEMENT_TIMEOUT'],
	['a full disk', serverError('53100'), 'OUT_OF_RESOURCES'],
	['a terminated backend', serverError('57P01'), 'SESSION_LOST'],
	['a lost connection', new Error('Connection terminated unexpectedly'), 'SESSION_LOST'],
	['a reset socket', Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }), 'SESSION_LOST'],
	['a broken constraint', serverError('23505', 'duplicate key value'), 'SCRIPT_FAILED'],
	['an open transaction', new OpenTransactionError(), 'SCRIPT_FAILED'],
])('%s is MIGRATION.%s by its SQLSTATE', (_name, error, code) => {
	expect(explain(error).code).toBe(`MIGRATION.${code}`);
});

test('every failure leaves no placeholder open and quotes no row', () => {
	const codes = ['55P03', '40P01', '42501', '57014', '53100', '57P01', '23505', '25001'];
	const texts = codes.flatMap((code) => [
		explain(serverError(code)).text,
		explain(serverError(code), { migration: own }).text,
	]);
	expect(texts.filter((text) => /\{\w+\}/.test(text) || text.includes('person@example.com'))).toEqual([]);
});

test('the line of a failure is counted in characters', () => {
	expect(explain(serverError('42703', 'column "x" does not exist', '23')).text).toContain('failed at line 3: column');
	expect(explain(serverError('42703', 'column "x" does not exist')).text).toContain('2_b failed: column');
});

test('what was left and the next step depend on how the script ran', () => {
	expect(explain(serverError('23505')).text).toContain('nothing of it was left but its row in _prisma_migrations.');
	expect(explain(serverError('23505'), { migration: own }).text).toContain('a part of it may have stayed');
	expect(explain(serverError('55P03'), { cleaned: true }).text).toContain('nothing needs to be resolved');
});

test('only locks and deadlocks count as failures that go away by themselves', () => {
	expect(['55P03', '40P01', '57014', '40001', '42501'].filter((code) => isLockFailure(serverError(code)))).toEqual([
		'55P03',
		'40P01',
	]);
	expect(isLockFailure(Object.assign(new Error('lock timeout'), { code: '55P03' }))).toBe(false);
});

test.each<[string, unknown]>([
	['nothing', null],
	['no token', { token: null }],
	['no source', { token: { backupId: 'b' } }],
	['an empty identifier', { token: { source: { systemIdentifier: '', databaseOid: 1 } } }],
	['no database', { token: { source: { systemIdentifier: '7' } } }],
])('a record of a backup that holds %s is refused', (_name, result) => {
	expect(() => readBackupSource(result)).toThrow(
		expect.objectContaining({ code: 'MIGRATION.BACKUP_IDENTITY_UNREADABLE' }) as Error,
	);
});

test('the source of a verified backup is read from its token', () => {
	const result = {
		token: {
			source: { systemIdentifier: '7711254286143115440', databaseOid: 16384, databaseName: 'cases', timeline: 1 },
		},
	};
	expect(readBackupSource(result)).toEqual({ systemIdentifier: '7711254286143115440', databaseOid: 16384 });
});
