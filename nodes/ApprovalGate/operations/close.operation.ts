import { assessGate } from '../../../lib/approval/assessGate';
import { readGateState } from '../../../lib/approval/readGateState';
import { stepHash } from '../../../lib/release/stepHash';
import { releaseLedger } from '../../shared/credentials';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { readGateParameters, stepKeyField, type GateParameters } from '../gateFields';
import { describeDecision, recordDecision } from '../recordDecision';

/** Records that a gate's time is over. Harmless when it was decided: the first decision stays. */
export const close: Operation<GateParameters> = {
	name: 'close',
	kind: 'change',
	description: fieldsOf('close', [stepKeyField]),
	deadlineMs: () => 60_000,
	readParameters: (context, itemIndex) => readGateParameters((field) => context.getNodeParameter(field, itemIndex)),
	plan: ({ gate }) => ({ key: '', inputs: { gate } }),
	run: async ({ parameters: { release, gate: name }, open, clock }) => {
		const ledger = await open(releaseLedger);
		const state = await readGateState(ledger, { releaseId: release.id, gate: name }, stepHash);
		const assessed = assessGate({ ...state, now: clock.now() });
		if (state.gate.decidedAt !== null)
			return {
				result: {
					...describeDecision(state.gate, { ...assessed, state: state.gate.state }),
					alreadyDecided: true,
				},
			};
		// The wait has ended, so nobody can decide any more: votes that would have been enough came too late to be acted on.
		const ended =
			assessed.state === 'void' ? assessed : { ...assessed, state: 'expired' as const, reason: EXPIRED };
		const decision = { gate: state.gate, assessment: { ...ended, breakGlass: false } };
		return { result: { ...(await recordDecision(ledger, release, decision)), alreadyDecided: false } };
	},
};

const EXPIRED = 'nobody decided in time';
