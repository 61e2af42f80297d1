import { assessRedis, readRedisFacts } from '../../../lib/health/assessRedis';

const MASTER = { role: 'master', used_memory: '1000000', maxmemory: '0', maxmemory_policy: 'noeviction' };
const FULL = { ...MASTER, used_memory: '99', maxmemory: '100' };

describe('assessRedis', () => {
	it.each<[string, string, Record<string, string>, string, RegExp]>([
		['PONG from a master is healthy', 'PONG', MASTER, 'ok', /PONG from a master/],
		['pong in small letters is not PONG', 'pong', MASTER, 'failed', /answered by pong/],
		['no answer is not PONG', '', {}, 'failed', /answered by nothing/],
		['NOAUTH has failed', 'NOAUTH Authentication required.', {}, 'failed', /NOAUTH: it wants a password/],
		[
			'WRONGPASS has failed',
			'WRONGPASS invalid username-password pair or user is disabled.',
			{},
			'failed',
			/WRONGPASS: user or password/,
		],
		[
			'MASTERDOWN has failed',
			"MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
			{},
			'failed',
			/MASTERDOWN: it is a replica/,
		],
		[
			'a replica with its master is healthy',
			'PONG',
			{ role: 'slave', master_link_status: 'up' },
			'ok',
			/PONG from a replica/,
		],
		[
			'a replica that answers PONG without its master has failed',
			'PONG',
			{ role: 'slave', master_link_status: 'down' },
			'failed',
			/link to its master is down/,
		],
		[
			'a full server that evicts nothing has failed though it answers PONG',
			'PONG',
			FULL,
			'failed',
			/99 of 100 bytes/,
		],
		['a full cache that evicts is healthy', 'PONG', { ...FULL, maxmemory_policy: 'allkeys-lru' }, 'ok', /master/],
		['a server without a limit is healthy', 'PONG', { ...FULL, maxmemory: '0' }, 'ok', /master/],
		[
			'a snapshot that failed has failed, though PONG comes',
			'PONG',
			{ ...MASTER, rdb_last_bgsave_status: 'err' },
			'failed',
			/last snapshot to disk failed/,
		],
		[
			'a write to the append-only file that failed has failed',
			'PONG',
			{ ...MASTER, aof_enabled: '1', aof_last_write_status: 'err' },
			'failed',
			/last write to the append-only file failed/,
		],
		[
			'an append-only file that is switched off does not matter',
			'PONG',
			{ ...MASTER, aof_enabled: '0', aof_last_write_status: 'err' },
			'ok',
			/master/,
		],
		['a user that may not read INFO leaves it open', 'PONG', {}, 'gap', /may not read INFO/],
	])('%s', (_name, ping, info, outcome, reason) => {
		const assessed = assessRedis(readRedisFacts({ ping, info }), { memoryUsedRatio: 0.95 });
		expect(assessed.outcome).toBe(outcome);
		expect(assessed.reason).toMatch(reason);
	});

	it.each<['master' | 'replica', string, string]>([
		['master', 'master', 'ok'],
		['replica', 'slave', 'ok'],
		['master', 'slave', 'failed'],
		['replica', 'master', 'failed'],
	])('where a %s is wanted a %s is %s', (wanted, role, outcome) => {
		const facts = readRedisFacts({ ping: 'PONG', info: { ...MASTER, role, master_link_status: 'up' } });
		expect(assessRedis(facts, { memoryUsedRatio: 0.95, role: wanted }).outcome).toBe(outcome);
	});
});
