import type { Json, Release, StepRecord } from '../release/model';
import { guardedSteps } from './guardedSteps';
import type { BoundEvidence, Evidence, GateRules, ShownEvidence } from './model';
import { showEvidence } from './showEvidence';
import { readBackup, readMeasurement, readMigrations, readRestore, text } from './stepResults';

/** What the ledger holds of a release that asks. */
export interface EvidenceFacts {
	readonly release: Release;
	readonly steps: readonly StepRecord[];
	readonly plan: ReadonlyArray<{ readonly part: string; readonly hash: string }>;
	/** The newest release that succeeded; undefined when there is none. */
	readonly lastStable: Release | undefined;
}

export interface GateQuestion {
	/** The gate's step key. */
	readonly gate: string;
	/** Step keys of what stands behind it, with commas; the last is the change. */
	readonly guards: string;
	/** What happens once it is passed, in one sentence. */
	readonly whatFollows: string;
	readonly rules: GateRules;
}

/** SHA-256 (hex) of a JSON value, whatever the order of its fields. */
export type HashJson = (value: Json) => string;

/** Steps of the runbook's phases, e.g. `1.2/verify-backup`: pages and reports of a run that died are no part of what is approved. */
const PHASE_STEP = /^(\d+\.\d+|database)\//;
const GATE_STEP = /^gate-\d+\//;
const MIGRATION_STATUS = '2.1/migration-status';
const DEPLOY_MIGRATIONS = '2.1/deploy-migrations';
const VERIFIED_BACKUP = '1.2/verify-backup';
/** The backup that a database is rolled back to need not be the release's own. */
const BACKUP_TO_RESTORE = 'database/verify-backup';
const PREVIEW_RESTORE = 'database/preview-restore';

/** What is shown at a gate, and the hash of the part that a vote is bound to. Holds no secrets: step results hold none. */
export function buildEvidence(
	facts: EvidenceFacts,
	question: GateQuestion,
	hash: HashJson,
): { readonly evidence: Evidence; readonly hash: string } {
	const steps = facts.steps.filter((step) => isBefore(step, question));
	const bound = bind({ ...facts, steps }, question);
	const shown: ShownEvidence = showEvidence({ ...facts, steps }, question);
	return { evidence: { bound, shown }, hash: hashEvidence(bound, hash) };
}

/**
 * Which parts of what was shown hold no longer, e.g. `['backup', 'steps']`; empty when all do. Steps and plan parts that came later are
 * no part of it.
 */
export function findChanges(shown: BoundEvidence, facts: Omit<EvidenceFacts, 'lastStable'>, hash: HashJson): string[] {
	const { gate, guards, rules } = shown;
	const wasShown = (step: StepRecord): boolean =>
		[...shown.steps, ...shown.gates.map((one) => ({ stepKey: one.gate, itemKey: '' }))].some(
			({ stepKey, itemKey }) => stepKey === step.stepKey && itemKey === step.itemKey,
		);
	const known = new Set(shown.plan.map(({ part }) => part));
	const now = bind(
		{
			release: facts.release,
			steps: facts.steps.filter(wasShown),
			plan: facts.plan.filter(({ part }) => known.has(part)),
		},
		{ gate, guards, rules },
	);
	const parts = [...new Set([...Object.keys(now), ...Object.keys(shown)])] as Array<keyof BoundEvidence>;
	return parts.filter((part) => hash(asJson(now[part] ?? null)) !== hash(asJson(shown[part] ?? null)));
}

/** The hash of what a vote is bound to. */
export function hashEvidence(bound: BoundEvidence, hash: HashJson): string {
	return hash(asJson(bound));
}

function isBefore({ stepKey }: StepRecord, { gate, guards }: Pick<GateQuestion, 'gate' | 'guards'>): boolean {
	const isBehind = stepKey === gate || guardedSteps(guards).includes(stepKey);
	return !isBehind && (PHASE_STEP.test(stepKey) || GATE_STEP.test(stepKey));
}

function bind(
	{ release, steps, plan }: Omit<EvidenceFacts, 'lastStable'>,
	{ gate, guards, rules }: Pick<GateQuestion, 'gate' | 'guards' | 'rules'>,
): BoundEvidence {
	const sorted = [...steps].sort((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
	const passed = (stepKey: string): StepRecord | undefined =>
		sorted.find((step) => step.stepKey === stepKey && step.state === 'passed');
	const restore = readRestore(passed(PREVIEW_RESTORE));
	return {
		gate,
		guards,
		environment: release.environment,
		version: release.version,
		commit: release.commit,
		images: release.images
			.map(({ workload, image }) => ({ workload, image }))
			.sort((one, other) => (one.workload < other.workload ? -1 : 1)),
		plan: plan.map(({ part, hash }) => ({ part, hash })).sort((one, other) => (one.part < other.part ? -1 : 1)),
		// Once they are being applied the list of pending ones shrinks; they were approved at the gate before, whose hash stands in `gates`.
		migrations: sorted.some(({ stepKey }) => stepKey === DEPLOY_MIGRATIONS)
			? null
			: (readMigrations(passed(MIGRATION_STATUS)) ?? null),
		backup: bindBackup(passed(BACKUP_TO_RESTORE) ?? passed(VERIFIED_BACKUP)),
		...(restore ? { restore } : {}),
		steps: sorted
			.filter(({ stepKey }) => PHASE_STEP.test(stepKey))
			.map(({ stepKey, itemKey, state }) => ({ stepKey, itemKey, state })),
		numbers: sorted.flatMap((step) => {
			const measured = readMeasurement(step);
			if (measured?.value === undefined || measured.limit === undefined) return [];
			const { stepKey, itemKey } = step;
			return [{ stepKey, itemKey, value: measured.value, limit: measured.limit }];
		}),
		gates: sorted
			.filter(({ stepKey }) => GATE_STEP.test(stepKey))
			.map(({ stepKey, state, result }) => ({
				gate: stepKey,
				state,
				evidenceHash: text(result, 'evidenceHash'),
			})),
		rules,
	};
}

function bindBackup(step: StepRecord | undefined): BoundEvidence['backup'] {
	const backup = readBackup(step);
	return backup && { backupId: backup.backupId, sha256: backup.sha256 };
}

function nameOf({ stepKey, itemKey }: StepRecord): string {
	return `${stepKey} ${itemKey}`;
}

function asJson(value: unknown): Json {
	return value as Json;
}
