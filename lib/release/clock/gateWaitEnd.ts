import type { GateRecord } from '../gate';

/** Until when people were waited for at a gate; null while they are. One that nobody closed waits until it expires or its release ends. */
export function gateWaitEnd({ decidedAt, expiresAt }: GateRecord, finishedAt: Date | null): Date | null {
	if (decidedAt || finishedAt === null) return decidedAt;
	return expiresAt < finishedAt ? expiresAt : finishedAt;
}
