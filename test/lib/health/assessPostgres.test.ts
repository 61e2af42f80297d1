import { assessPostgres, type PostgresFacts } from '../../../lib/health/assessPostgres';
import { classifyPostgresFailure } from '../../../lib/health/classifyPostgresFailure';

const FACTS: PostgresFacts = {
	version: 'PostgreSQL 15.18',
	serverTime: '2026-11-23T20:00:00.000Z',
	connectionsUsed: 12,
	connectionsAllowed: 97,
	inRecovery: false,
	readOnly: false,
	standbys: [],
	following: null,
	activity: { database: 'd', backends: 1, commits: 1, rollbacks: 0, tuplesReturned: 1, tuplesFetched: 1 },
};
const standby = (lagBytes: number | null): PostgresFacts['standbys'][number] => ({
	name: 'standby-1',
	state: 'streaming',
	lagBytes,
});
const LIMITS = { connectionsUsedRatio: 0.9, allowReadOnly: false, leastStandbys: 0 };
const LAG = { ...LIMITS, lagBytes: 1000 };

describe('assessPostgres', () => {
	it.each<[string, Partial<PostgresFacts>, string, object]>([
		['with connections to spare it is healthy', {}, 'ok', LIMITS],
		['at the limit it is healthy', { connectionsUsed: 90, connectionsAllowed: 100 }, 'ok', LIMITS],
		['above the limit it has failed', { connectionsUsed: 91, connectionsAllowed: 100 }, 'failed', LIMITS],
		['a number that is none has failed', { connectionsUsed: Number.NaN }, 'failed', LIMITS],
		['a standby has failed', { inRecovery: true }, 'failed', LIMITS],
		['a standby may be allowed', { inRecovery: true }, 'ok', { ...LIMITS, allowReadOnly: true }],
		['a standby that is away has failed', {}, 'failed', { ...LIMITS, leastStandbys: 1 }],
		['as many standbys as wanted are healthy', { standbys: [standby(0)] }, 'ok', { ...LIMITS, leastStandbys: 1 }],
		['a standby at the limit of lag is healthy', { standbys: [standby(1000)] }, 'ok', LAG],
		['one that lags more has failed', { standbys: [standby(0), standby(1001)] }, 'failed', LAG],
		['lag is not judged unless asked for', { standbys: [standby(1001)] }, 'ok', LIMITS],
		['lag that may not be seen leaves it open', { standbys: [standby(null)] }, 'gap', LAG],
		['lag that is no number has failed', { standbys: [standby(Number.NaN)] }, 'failed', LAG],
		[
			'a standby that receives nothing has failed, with nothing left to replay',
			{ inRecovery: true, following: { receives: false, lagBytes: 0 } },
			'failed',
			{ ...LAG, allowReadOnly: true },
		],
		[
			'a standby that lags itself has failed',
			{ inRecovery: true, following: { receives: true, lagBytes: 1001 } },
			'failed',
			{ ...LAG, allowReadOnly: true },
		],
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
