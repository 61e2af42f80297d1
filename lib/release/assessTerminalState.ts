import { CHECKLISTS } from './checklist';
import type { Release, StepRecord, StepState, TerminalState } from './model';
import { standingOf } from './standingOf';

/** The steps that must have passed before a release counts as succeeded. */
export const PROOFS_OF_SUCCESS = [
	'3.2/switch-traffic',
	'3.2/move-workers',
	'3.2/check-live',
	'4.1/check-login',
	'4.1/critical-path',
	'4.2/error-rate',
	'4.2/response-time',
];
/** The steps that must have passed before a rollback counts as verified. */
export const PROOFS_OF_ROLLBACK = ['rollback/check-live', 'rollback/check-login', 'rollback/watch'];
/** The same of a rollback of the database. */
const PROOFS_OF_RESTORE = ['database/check-live'];
/** A restore that was swapped back counts as if it had never been, once the database that it had replaced is seen to serve. */
const PROOF_OF_SWAP_BACK = 'swap-back/check-live';
/** The same of a release that runs what was held back. */
const PROOFS_OF_CONTRACTION = ['2.1/raise-floor', '2.1/deploy-migrations', '2.2/integrity-after'];
const GATES = ['gate-1/approval', 'gate-2/approval'];
/** A watch that failed and was not followed by a rollback needs a person. */
const WATCHES = ['watch/health', 'watch/error-rate'];

/** How a release ends, told from the ledger alone: never from the branch of the workflow that asked. */
export function assessTerminalState(release: Release, steps: readonly StepRecord[], now: Date): TerminalState {
	const state = (stepKey: string): StepState | undefined => standingOf(stepKey, steps);

	const switched = state('3.2/switch-traffic') !== undefined;
	const rollback = state('rollback/switch-back');
	const swapBack = state('database/swap-back');
	const restore = swapBack === 'passed' ? undefined : state('database/restore');
	const served = swapBack === 'passed' ? (state(PROOF_OF_SWAP_BACK) ?? 'started') : undefined;
	const emergencies = [rollback, restore, swapBack, served, state('freeze/writers'), state('thaw/writers')];
	if (emergencies.some((one) => one !== undefined && one !== 'passed')) return 'needs-human';
	const proofs = [
		...(rollback === 'passed' && switched ? PROOFS_OF_ROLLBACK : []),
		...(restore === 'passed' ? PROOFS_OF_RESTORE : []),
	];
	if (proofs.length > 0)
		return proofs.every((stepKey) => state(stepKey) === 'passed')
			? 'rolled-back-verified'
			: 'rolled-back-unverified';

	if (release.contracts) return endOfContraction(state);
	if (switched) {
		const proven = PROOFS_OF_SUCCESS.every((stepKey) => state(stepKey) === 'passed') && !steps.some(isTriedProof);
		const watched =
			release.watchUntil !== null &&
			release.watchUntil <= now &&
			WATCHES.every((stepKey) => state(stepKey) === 'passed');
		// Nobody need answer a checklist; a no that was answered, and not taken back, is no success.
		const objected = Object.values(CHECKLISTS).some((stepKey) => (state(stepKey) ?? 'passed') !== 'passed');
		return proven && watched && !objected ? 'succeeded' : 'needs-human';
	}

	const migrations = steps.filter((step) => step.stepKey === '2.1/deploy-migrations');
	if (migrations.some((migration) => migration.state !== 'passed')) return 'needs-human';
	if (migrations.some(appliedSomething)) return 'stopped-schema-ahead';
	return GATES.some((gate) => state(gate) === 'failed') ? 'rejected' : 'failed-before-change';
}

/** A gate that was only tried passes whatever it finds. */
function isTriedProof({ stepKey, result }: StepRecord): boolean {
	const isTried = result !== null && typeof result === 'object' && 'dryRun' in result && result.dryRun === true;
	return isTried && PROOFS_OF_SUCCESS.includes(stepKey);
}

/** Nothing is switched or watched; once the way back is closed, only a migration that went well is an end. */
function endOfContraction(state: (stepKey: string) => StepState | undefined): TerminalState {
	if (PROOFS_OF_CONTRACTION.every((stepKey) => state(stepKey) === 'passed')) return 'succeeded';
	if (state('2.1/raise-floor') === 'passed' || state('2.1/deploy-migrations') !== undefined) return 'needs-human';
	return GATES.some((gate) => state(gate) === 'failed') ? 'rejected' : 'failed-before-change';
}

function appliedSomething({ result }: StepRecord): boolean {
	const applied = result !== null && typeof result === 'object' && 'applied' in result ? result.applied : undefined;
	// A record that does not say what it applied is taken for one that did.
	return !Array.isArray(applied) || applied.length > 0;
}
