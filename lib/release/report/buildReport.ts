import { type ClockBudgets, DEFAULT_CLOCK_BUDGETS } from '../clock/clockBudgets';
import type { StepRecord } from '../model';
import { boundJson } from './boundJson';
import { buildCharts } from './buildCharts';
import { buildTimeline } from './buildTimeline';
import { describeApprovals } from './describeApprovals';
import { describeChain } from './describeChain';
import { describeClocks } from './describeClocks';
import { describeKey } from './describeText';
import { objectOf, textOf } from './jsonFields';
import {
	REPORT_SCHEMA,
	REPORT_SCHEMA_VERSION,
	type ApprovalReport,
	type ClockReport,
	type ReleaseFacts,
	type ReportModel,
	type RollbackPlace,
	type RollbackReport,
	type Span,
	type StepReport,
} from './model';
import { readMeasurements } from './readMeasurements';
import { rollbackCommands } from './rollbackCommands';
import { summarize } from './summarize';

export interface ReportOptions {
	readonly now: Date;
	/** Absent: the runbook's own. */
	readonly budgets?: ClockBudgets;
	/** Absent: only what the ledger recorded is known. */
	readonly place?: RollbackPlace;
}

/** Makes the report of a release from its facts, at any time of its life. Pure: the same facts give the same report. */
export function buildReport(facts: ReleaseFacts, options: ReportOptions): ReportModel {
	const { now, budgets = DEFAULT_CLOCK_BUDGETS, place = { namespace: '', containers: {} } } = options;
	const clocks = describeClocks(facts, { budgets, now });
	const approvals = describeApprovals(facts, now);
	const { charts, omissions: undrawn } = buildCharts(facts);
	const { chain, omissions: unchained } = describeChain(facts);
	const steps = facts.steps.map(describeStep);
	const gates = new Set(approvals.map(({ gate }) => gate));
	const cut = steps.reduce((sum, step) => sum + step.cut, 0);
	return {
		schema: REPORT_SCHEMA,
		schemaVersion: REPORT_SCHEMA_VERSION,
		writtenAt: now.toISOString(),
		summary: summarize(facts, now),
		clocks,
		spans: readSpans(facts, { clocks, approvals }),
		timeline: buildTimeline(facts),
		checks: steps
			.filter(({ report }) => report.kind !== 'change' && !gates.has(report.stepKey))
			.map(({ report }) => report),
		changes: steps.flatMap(({ report, inverse }) => (report.kind === 'change' ? [{ ...report, inverse }] : [])),
		approvals,
		refusals: facts.refusals.map(({ at, code, message, person }) => ({
			at: at.toISOString(),
			code,
			message,
			person,
		})),
		charts,
		rollback: describeRollback(facts, place),
		plan: facts.plan,
		chain,
		omissions: [
			...(cut > 0 ? [`${cut} long texts or lists of step records were cut; the ledger holds them whole.`] : []),
			...undrawn,
			...unchained,
		],
	};
}

function describeStep(step: StepRecord): { report: StepReport; inverse: StepRecord['inverse']; cut: number } {
	const { stepKey, itemKey, kind, state, startedAt, finishedAt, attempts } = step;
	const [result, evidence, inverse] = [boundJson(step.result), boundJson(step.evidence), boundJson(step.inverse)];
	const error = objectOf(step.error);
	const report = {
		stepKey,
		itemKey,
		title: describeKey(stepKey),
		kind,
		state,
		startedAt: startedAt.toISOString(),
		finishedAt: finishedAt?.toISOString() ?? null,
		durationMs: finishedAt === null ? null : finishedAt.getTime() - startedAt.getTime(),
		attempts,
		measurements: readMeasurements(step),
		error: step.error === null ? null : { code: textOf(error.code), message: textOf(error.message) },
		result: result.value,
		evidence: evidence.value,
	};
	return { report, inverse: inverse.value, cut: result.cut + evidence.cut + inverse.cut };
}

function describeRollback({ release, steps }: ReleaseFacts, place: RollbackPlace): RollbackReport {
	const commands = rollbackCommands(steps, place);
	if (!commands.recorded) return commands;
	const notes = [
		...(release.pointOfNoReturn
			? [
					`Going back loses data since ${release.pointOfNoReturn.since}: ${release.pointOfNoReturn.reason}. Ask before you do it.`,
				]
			: []),
		...(release.state === 'rolled-back-verified' || release.state === 'rolled-back-unverified'
			? ['The release was rolled back already; running the lines again changes nothing.']
			: []),
		'They hold as long as no later release has changed production. Run each block to its end before the next one.',
		'They bring back images, replicas and traffic; they bring back neither the database nor ConfigMaps and Secrets.',
		...commands.notes,
	];
	return { ...commands, notes };
}

function readSpans(
	{ release, steps }: ReleaseFacts,
	{ clocks, approvals }: { clocks: readonly ClockReport[]; approvals: readonly ApprovalReport[] },
): Span[] {
	const gates = new Set(approvals.map(({ gate }) => gate));
	const watch = steps.find(({ stepKey }) => stepKey === '3.2/switch-traffic')?.finishedAt ?? null;
	const over = release.rollingBackAt ?? release.finishedAt;
	const watchEnd = over && release.watchUntil && release.watchUntil > over ? over : release.watchUntil;
	const spans: Span[] = [
		...clocks
			.filter(({ name }) => name.startsWith('phase-'))
			.map(({ title, startedAt, finishedAt }) => ({
				kind: 'phase' as const,
				title,
				from: startedAt,
				until: finishedAt,
				state: null,
			})),
		...approvals.map(({ title, openedAt, waitedMs, decidedAt, verdict }) => ({
			kind: 'wait' as const,
			title,
			from: openedAt,
			until:
				decidedAt === null && release.finishedAt === null
					? null
					: new Date(Date.parse(openedAt) + waitedMs).toISOString(),
			state: decidedAt === null ? ('started' as const) : verdict,
		})),
		...steps
			// A watch judges again and again under one key; while it passes, the bar of the watch stands for it.
			.filter(
				({ stepKey, state }) => !gates.has(stepKey) && !(stepKey.startsWith('watch/') && state === 'passed'),
			)
			.map(({ stepKey, itemKey, startedAt, finishedAt, state }) => ({
				kind: 'step' as const,
				title: `${stepKey}${itemKey === '' ? '' : ` (${itemKey})`}`,
				from: startedAt.toISOString(),
				until: finishedAt?.toISOString() ?? null,
				state,
			})),
		...(watch && release.watchUntil
			? [
					{
						kind: 'watch' as const,
						title: 'Watch',
						from: watch.toISOString(),
						until: watchEnd?.toISOString() ?? null,
						state: null,
					},
				]
			: []),
	];
	const order = { phase: 0, wait: 1, step: 2, watch: 3 };
	return spans.sort(
		(one, other) => Date.parse(one.from) - Date.parse(other.from) || order[one.kind] - order[other.kind],
	);
}
