import { assessPostgres, type PostgresFacts } from '../../../lib/health/assessPostgres';
import { classifyPostgresFailure } from '../../../lib/health/classifyPostgresFailure';

const FACTS: PostgresFacts = {
	version: 'PostgreSQL 15.18',
	serverTime: '2026-11-23T20:00:00.000Z',
	connectionsUsed: 12,
	connectionsAllowed: 97,
	inRecovery: false,
	readOnly: false,
};
const LIMITS = { connectionsUsedRatio: 0.9, allowReadOnly: false };

describe('assessPostgres', () => {
	it.each<[string, Partial<PostgresFacts>, string, object]>([
		['with connections to spare it is healthy', {}, 'ok', LIMITS],
		['at the limit it is healthy', { connectionsUsed: 90, connectionsAllowed: 100 }, 'ok', LIMITS],
		['above the limit it has failed', { connectionsUsed: 91, connectionsAllowed: 100 }, 'failed', LIMITS],
		['a number that is none has failed', { connectionsUsed: Number.NaN }, 'failed', LIMITS],
		['a standby has failed', { inRecovery: true }, 'failed', LIMITS],
		['a standby may be allowed', { inRecovery: true }, 'ok', { ...LIMITS, allowReadOnly: true }],
		['a write freeze has failed', { readOnly: true }, 'failed', LIMITS],
	])('%s', (_name, change, outcome, limits) => {
		expect(assessPostgres({ ...FACTS, ...change }, limits as typeof LIMITS).outcome).toBe(outcome);
	});
});

describe('classifyPostgresFailure', () => {
	it.each([
		['28P01', 'failed', 'the password was refused (SQLSTATE 28P01)'],
		['53300', 'failed', 'the server has no connection left (SQLSTATE 53300)'],
		['XX000', 'failed', 'the server refused the query (SQLSTATE XX000)'],
		['ECONNREFUSED', 'failed', 'connection refused'],
		['EPIPE', 'failed', 'connection closed while sending'],
		['EPERM', 'gap', 'our host forbids the connection'],
		['ENOTFOUND', 'gap', 'the name could not be resolved'],
	])('%s is %s', (code, kind, reason) => {
		expect(classifyPostgresFailure(Object.assign(new Error('secret text'), { code }))).toMatchObject({
			kind,
			reason,
		});
	});
});
