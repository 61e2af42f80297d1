import type { Clock } from '../../support/clock';
import type { PostgresConnection } from '../../support/postgres.client';
import { assessClone, type ClonePolicy } from './assessClone';
import { readServerFacts, type CheckedTable } from './clone.client';
import { describeSourceFailure } from './describeSourceFailure';
import type { Proof } from './model';

export interface CloneProofOptions {
	/** What the operator calls the snapshot. */
	readonly name: string;
	/** At least one. */
	readonly tables: readonly CheckedTable[];
	readonly policy: ClonePolicy;
	readonly clock: Clock;
}

export interface CloneProof extends Proof {
	readonly backupId: string;
	/** Tables and rows counted in the clone. */
	readonly tables: number;
	readonly rows: number;
}

/** Proof class C: a clone that was started is asked who it is and for its rows. Everything that is wrong is a verdict. */
export async function proveClone(
	production: PostgresConnection,
	clone: PostgresConnection,
	{ name, tables, policy, clock }: CloneProofOptions,
): Promise<CloneProof> {
	const [own, other] = await Promise.allSettled([
		readServerFacts(production, tables),
		readServerFacts(clone, tables),
	]);
	const nothing = { backupId: name, tables: 0, rows: 0, token: null };
	// A clone that does not answer is a bad one; production that does not answer tells nothing about it.
	if (own.status === 'rejected') {
		const message = `production: ${describeSourceFailure(own.reason)}`;
		return { ...nothing, verdict: 'inconclusive', reasons: [{ code: 'SOURCE_UNREACHABLE', message }] };
	}
	if (other.status === 'rejected') {
		const message = `clone: ${describeSourceFailure(other.reason)}`;
		return { ...nothing, verdict: 'failed', reasons: [{ code: 'CLONE_UNREACHABLE', message }] };
	}
	const reasons = assessClone({ production: own.value, clone: other.value, tables }, policy);
	const rows = other.value.counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
	const facts = { backupId: name, tables: tables.length, rows };
	if (reasons.length > 0) return { ...facts, verdict: 'failed', reasons, token: null };
	const verifiedAt = clock.now().toISOString();
	const token = { backupId: name, sha256: '', source: own.value.identity, verifiedAt, proofClass: 'C' as const };
	return { ...facts, verdict: 'passed', reasons: [], token };
}
