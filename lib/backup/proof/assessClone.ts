import type { CheckedTable, ServerFacts } from './clone.client';
import type { ProofReason } from './model';

export interface ClonePolicy {
	/** When the snapshot was taken that the clone was made of, as its provider says. */
	readonly snapshotAt: Date;
	readonly maxAgeMinutes: number;
	/** How far the clone's counts may be from production's, which has gone on. */
	readonly tolerancePercent: number;
}

const MINUTE_MS = 60_000;

/** Why a clone does not prove that this database could be brought back; nothing when it does. */
export function assessClone(
	{ production, clone, tables }: { production: ServerFacts; clone: ServerFacts; tables: readonly CheckedTable[] },
	policy: ClonePolicy,
): ProofReason[] {
	const reasons = [...assessIdentity(production, clone), ...assessSnapshot(production, clone, policy)];
	// The rows of another database say nothing.
	return reasons.length > 0 ? reasons : tables.flatMap((table, index) => assessRows(table, index));

	function assessRows({ schema, name }: CheckedTable, index: number): ProofReason[] {
		const [here, there] = [production.counts[index] ?? null, clone.counts[index] ?? null];
		const table = `${schema}.${name}`;
		if (here === null) return [{ code: 'TABLE_UNKNOWN', message: `production has no table ${table}` }];
		if (there === null) return [{ code: 'ROWS_DIFFER', message: `the clone has no table ${table}` }];
		if (Math.abs(here - there) <= (here * policy.tolerancePercent) / 100) return [];
		return [{ code: 'ROWS_DIFFER', message: `${table} has ${there} rows in the clone, ${here} in production` }];
	}
}

function assessIdentity({ identity: own, startedAtMicros }: ServerFacts, clone: ServerFacts): ProofReason[] {
	const { identity } = clone;
	if (identity.systemIdentifier !== own.systemIdentifier || identity.databaseOid !== own.databaseOid) {
		const message = `the clone is system ${identity.systemIdentifier}, database ${identity.databaseOid}; production is ${own.systemIdentifier}, ${own.databaseOid}`;
		return [{ code: 'OTHER_DATABASE', message }];
	}
	if (clone.startedAtMicros === startedAtMicros)
		return [{ code: 'CLONE_IS_PRODUCTION', message: 'the clone is the very server that is to be backed up' }];
	if (clone.inRecovery)
		return [
			{
				code: 'CLONE_IS_STANDBY',
				message: 'the clone follows production: what is damaged there is damaged here',
			},
		];
	if (identity.timeline >= own.timeline) return [];
	const message = `the clone is on timeline ${identity.timeline}, production has gone on to ${own.timeline}`;
	return [{ code: 'OLDER_TIMELINE', message }];
}

function assessSnapshot(
	{ now }: ServerFacts,
	{ startedAt }: ServerFacts,
	{ snapshotAt, maxAgeMinutes }: ClonePolicy,
): ProofReason[] {
	const ageMs = now.getTime() - snapshotAt.getTime();
	if (snapshotAt > startedAt || ageMs < 0) {
		const message = `a snapshot of ${snapshotAt.toISOString()} cannot be in a server that started at ${startedAt.toISOString()}`;
		return [{ code: 'SNAPSHOT_AFTER_START', message }];
	}
	if (ageMs <= maxAgeMinutes * MINUTE_MS) return [];
	const message = `the snapshot is ${Math.round(ageMs / MINUTE_MS)} minutes old, more than ${maxAgeMinutes}`;
	return [{ code: 'SNAPSHOT_TOO_OLD', message }];
}
