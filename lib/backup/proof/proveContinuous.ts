import { createHash } from 'node:crypto';
import type { Clock } from '../../support/clock';
import type { PostgresConnection } from '../../support/postgres.client';
import { readArchiving } from './archiving.client';
import { assessContinuous } from './assessContinuous';
import type { Archiving, ContinuousPolicy, DrillRecord, Proof, ReportTool } from './model';
import { parseReport } from './parseReport';
import { describeSourceFailure } from './describeSourceFailure';

export interface ContinuousProofOptions {
	readonly tool: ReportTool;
	readonly name: string;
	readonly policy: ContinuousPolicy;
	/** Absent: none is on record, which is a failure. */
	readonly drill: DrillRecord | undefined;
	readonly clock: Clock;
}

export interface ContinuousProof extends Proof {
	readonly backupId: string;
	/** ISO 8601; empty when there is no base backup. */
	readonly baseFinishedAt: string;
	/** How much would be lost at most: the time since the last write-ahead log was archived. Null when it cannot be told. */
	readonly archiveLagSeconds: number | null;
}

/**
 * Proof class B: judges a continuous backup by its tool's own report, by production's archiving now, and by the last restore drill.
 * Everything that is wrong is a verdict.
 */
export async function proveContinuous(
	production: PostgresConnection,
	report: string,
	{ tool, name, policy, drill, clock }: ContinuousProofOptions,
): Promise<ContinuousProof> {
	const nothing = { token: null, backupId: '', baseFinishedAt: '', archiveLagSeconds: null };
	const parsed = parseReport(tool, report, name);
	if ('problem' in parsed) {
		const message = `the report of ${tool}: ${parsed.problem}`;
		return { ...nothing, verdict: 'failed', reasons: [{ code: 'REPORT_INVALID', message }] };
	}
	let archiving: Archiving;
	try {
		archiving = await readArchiving(production);
	} catch (error) {
		const message = describeSourceFailure(error);
		return { ...nothing, verdict: 'inconclusive', reasons: [{ code: 'SOURCE_UNREACHABLE', message }] };
	}
	const { backup } = parsed;
	const reasons = assessContinuous({ backup, archiving, drill }, policy);
	const { now, lastArchivedAt, source } = archiving;
	const facts = {
		backupId: backup.base?.label ?? '',
		baseFinishedAt: backup.base?.finishedAt.toISOString() ?? '',
		archiveLagSeconds: lastArchivedAt && Math.round((now.getTime() - lastArchivedAt.getTime()) / 1000),
	};
	if (reasons.length > 0) return { ...facts, verdict: 'failed', reasons, token: null };
	const sha256 = createHash('sha256').update(report).digest('hex');
	const token = {
		backupId: facts.backupId,
		sha256,
		source,
		verifiedAt: clock.now().toISOString(),
		proofClass: 'B' as const,
	};
	return { ...facts, verdict: 'passed', reasons: [], token };
}
