import type { Verdict } from '../support/verdict';
import { RunbookError } from '../support/runbookError';
import { releaseErrors } from './errors';
import type { Ledger } from './ledger';
import type { Json, PointOfNoReturn, ReleaseContext, Sample, StepKind } from './model';
import { stepHash } from './stepHash';

/** A step that is about to happen. */
export interface Step {
	readonly release: ReleaseContext;
	readonly stepKey: string;
	readonly itemKey: string;
	readonly kind: StepKind;
	/** What it will do; hashed, never stored. Holds no secrets. */
	readonly inputs: Json;
	/** True for a change that reads the world first and is safe to repeat: it is never answered from the record. Absent: false. */
	readonly alwaysRuns?: boolean;
	/** Steps that must stand as passed in the ledger before a change. */
	readonly requires: readonly string[];
}

export interface StepOutcome {
	readonly result: Json;
	/** Absent for steps that judge nothing. */
	readonly verdict?: Verdict;
	readonly evidence?: Json;
	/** Measurements for the release's charts. Absent: none were taken. */
	readonly samples?: readonly Sample[];
	/** Set when from here on going back loses data: what it would lose. Absent: nothing. */
	readonly pointOfNoReturn?: Pick<PointOfNoReturn, 'reason'>;
}

/** Whether an interrupted act took place; with the facts that later steps need, where the world still tells them. */
export type Observation = 'done' | 'not-done' | 'unknown' | ({ readonly outcome: 'done' } & StepOutcome);

/** What recordStep asks of the ledger. */
export type StepLedger = Pick<Ledger, 'readRelease' | 'readStep' | 'readSteps' | 'startStep' | 'finishStep' | 'gates'>;

/** A required step of this kind is a person's decision: its vote must be in the ledger, not only its record. */
const GATE = /^gate-/;

/** What the step does, as recordStep needs it. */
export interface StepEffect {
	/** Facts to commit together with "started", before the act. */
	prepare?(): Promise<{ inverse: Json }>;
	/** Tells after an interrupted run whether the act took place. */
	observe?(): Promise<Observation>;
	run(): Promise<StepOutcome>;
}

export interface RecordedOutcome extends StepOutcome {
	/** True when the ledger already held the step as done and nothing was run. */
	readonly fromRecord: boolean;
}

/**
 * Runs one step of a release and records it: refuses without its required steps, writes "started" first, answers a change
 * that is already proven from the record, and observes a change whose outcome is unknown before repeating it.
 * Observing and judging steps always happen again.
 * @throws RunbookError RELEASE.STEP_NOT_PROVEN, MANUAL_RUN_NOT_ARMED, PLAN_CHANGED, OUTCOME_UNKNOWN, FENCED_OUT; whatever the effect throws.
 */
export async function recordStep(ledger: StepLedger, step: Step, effect: StepEffect): Promise<RecordedOutcome> {
	if (step.kind === 'change') await refuseUnlessPermitted(ledger, step);
	const inputHash = stepHash(step.inputs);
	const recorded =
		step.kind === 'change' && !step.alwaysRuns
			? await answerFromRecord(ledger, step, effect, inputHash)
			: undefined;
	if (recorded) return recorded;

	const prepared = await effect.prepare?.();
	await ledger.startStep(step, { inputHash, inverse: prepared?.inverse ?? null });
	try {
		const outcome = await effect.run();
		await ledger.finishStep(step, {
			state: outcome.verdict ?? 'passed',
			result: outcome.result,
			evidence: outcome.evidence ?? null,
			error: null,
			...(outcome.samples ? { samples: outcome.samples } : {}),
			...(outcome.pointOfNoReturn ? { pointOfNoReturn: outcome.pointOfNoReturn } : {}),
		});
		return { ...outcome, fromRecord: false };
	} catch (error) {
		await ledger
			.finishStep(step, { state: 'failed', result: null, evidence: null, error: describe(error) })
			.catch(() => undefined);
		throw error;
	}
}

async function refuseUnlessPermitted(ledger: StepLedger, step: Step): Promise<void> {
	const { release, stepKey } = step;
	const held = await ledger.readRelease(release.id);
	if (!held) throw releaseErrors.UNKNOWN({ releaseId: release.id });
	if (held.rehearsal) throw releaseErrors.MANUAL_RUN_NOT_ARMED({ stepKey, environment: held.environment });
	for (const required of step.requires) {
		const state = await standingOfRequired(ledger, release.id, required);
		if (state !== 'passed')
			throw releaseErrors.STEP_NOT_PROVEN({ stepKey, required, releaseId: release.id, state });
	}
}

async function standingOfRequired(ledger: StepLedger, releaseId: string, required: string): Promise<string> {
	const records = await ledger.readSteps(releaseId, required);
	const unproven = records.find(({ state }) => state !== 'passed');
	if (records.length === 0) return 'not recorded';
	if (unproven || !GATE.test(required)) return unproven?.state ?? 'passed';
	const gate = await ledger.gates.readGate(releaseId, required);
	return gate?.state === 'approved' ? 'passed' : `recorded, but its gate is ${gate?.state ?? 'not in the ledger'}`;
}

async function answerFromRecord(
	ledger: StepLedger,
	step: Step,
	effect: StepEffect,
	inputHash: string,
): Promise<RecordedOutcome | undefined> {
	const meta = { stepKey: step.stepKey, releaseId: step.release.id };
	const previous = await ledger.readStep(step.release.id, step.stepKey, step.itemKey);
	if (!previous || previous.state === 'failed') return undefined;
	if (previous.inputHash !== inputHash) throw releaseErrors.PLAN_CHANGED(meta);
	if (previous.state === 'passed') return { result: previous.result, evidence: previous.evidence, fromRecord: true };
	const observed = (await effect.observe?.()) ?? 'unknown';
	if (observed === 'not-done') return undefined;
	if (observed === 'unknown') throw releaseErrors.OUTCOME_UNKNOWN(meta);
	const found: StepOutcome = observed === 'done' ? { result: { observed } } : outcomeOf(observed);
	await ledger.finishStep(step, { evidence: null, error: null, ...found, state: found.verdict ?? 'passed' });
	return { ...found, fromRecord: true };
}

function outcomeOf({ outcome: _, ...found }: Extract<Observation, object>): StepOutcome {
	return found;
}

function describe(error: unknown): Json {
	if (error instanceof RunbookError) return { code: error.code, message: error.message };
	return { code: 'UNEXPECTED', message: error instanceof Error ? error.message : String(error) };
}
