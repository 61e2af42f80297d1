import type { ProbeResult } from './model';
import type { RedisAnswers } from './redis.client';

/** What matters of the answers. */
export interface RedisFacts {
	readonly ping: string;
	/** `master` or `slave`, as Redis says it; null when the user may not read it. */
	readonly role: string | null;
	/** `up` or `down` on a replica; null on a master. */
	readonly masterLinkStatus: string | null;
	/** Bytes; null when unknown. */
	readonly usedMemory: number | null;
	/** Bytes; null when there is no limit or it is unknown. */
	readonly maxMemory: number | null;
	/** What the last snapshot, and the last write of the append-only file, came to: `ok` or `err`; null when unknown or not kept. */
	readonly lastSnapshot: string | null;
	readonly lastAppend: string | null;
	/** Bytes are only freed by a policy other than `noeviction`; null when unknown. */
	readonly evictionPolicy: string | null;
}

/** What a failed ping means, by the error reply's first word. */
const REPLIES: Readonly<Record<string, string>> = {
	NOAUTH: 'it wants a password and none was given',
	WRONGPASS: 'user or password were refused',
	MASTERDOWN: 'it is a replica that has lost its master',
	LOADING: 'it is still loading its data',
	NOPERM: 'the user may not ping',
	BUSY: 'a script blocks it',
};

/** Reads the facts out of INFO's text fields. */
export function readRedisFacts({ ping, info }: RedisAnswers): RedisFacts {
	const maxMemory = toNumber(info.maxmemory);
	return {
		ping,
		role: info.role ?? null,
		masterLinkStatus: info.master_link_status ?? null,
		usedMemory: toNumber(info.used_memory),
		maxMemory: maxMemory === 0 ? null : maxMemory,
		lastSnapshot: info.rdb_last_bgsave_status ?? null,
		lastAppend: info.aof_enabled === '1' ? (info.aof_last_write_status ?? null) : null,
		evictionPolicy: info.maxmemory_policy ?? null,
	};
}

export interface RedisLimits {
	/** Largest share of maxmemory in use where nothing is evicted, 0 to 1. */
	readonly memoryUsedRatio: number;
	/** Absent: any. */
	readonly role?: 'master' | 'replica';
}

/**
 * Healthy: PING is answered by exactly PONG, the role is the wanted one, a replica's link to its master is up, the last snapshot and
 * the last write of the append-only file went well (by default Redis refuses writes after one that did not), and a server that evicts
 * nothing has memory to spare (a full one still answers PONG and refuses every write).
 */
export function assessRedis(facts: RedisFacts, { memoryUsedRatio, role: wanted }: RedisLimits): ProbeResult {
	const { ping, role, masterLinkStatus, usedMemory, maxMemory, evictionPolicy } = facts;
	if (ping !== 'PONG') {
		const word = ping.split(/\s/, 1)[0] ?? '';
		return {
			outcome: 'failed',
			reason: `PING was answered by ${word === '' ? 'nothing' : word}: ${REPLIES[word] ?? 'not PONG'}`,
		};
	}
	if (role === null)
		return { outcome: 'gap', reason: 'PONG, but the user may not read INFO: role and memory are unknown' };
	const shownRole = role === 'slave' ? 'replica' : role;
	if (wanted !== undefined && shownRole !== wanted)
		return { outcome: 'failed', reason: `it is a ${shownRole}, a ${wanted} is wanted` };
	if (role === 'slave' && masterLinkStatus !== 'up') {
		return { outcome: 'failed', reason: `a replica whose link to its master is ${masterLinkStatus ?? 'unknown'}` };
	}
	if (
		usedMemory !== null &&
		maxMemory !== null &&
		evictionPolicy === 'noeviction' &&
		usedMemory > maxMemory * memoryUsedRatio
	) {
		return { outcome: 'failed', reason: `${usedMemory} of ${maxMemory} bytes in use and nothing is evicted` };
	}
	if (facts.lastSnapshot === 'err') return { outcome: 'failed', reason: 'its last snapshot to disk failed' };
	if (facts.lastAppend === 'err')
		return { outcome: 'failed', reason: 'its last write to the append-only file failed' };
	return { outcome: 'ok', reason: `PONG from a ${shownRole}` };
}

function toNumber(text: string | undefined): number | null {
	const value = text === undefined || text === '' ? Number.NaN : Number(text);
	return Number.isFinite(value) ? value : null;
}
