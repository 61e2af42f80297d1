import type { IExecuteFunctions } from 'n8n-workflow';
import { assessGate, type GateAssessment } from '../../../lib/approval/assessGate';
import { readGateState } from '../../../lib/approval/readGateState';
import { stepHash } from '../../../lib/release/stepHash';
import { systemClock } from '../../../lib/support/clock';
import { fieldsOf } from '../../shared/describeOperations';
import { stepKeyField } from '../gateFields';
import { recordDecision, startWaiting } from '../recordDecision';
import type { GateOutputs, GateRun } from '../runGate';

export const waitFields = fieldsOf('wait', [
	stepKeyField,
	{
		displayName: 'Record Step',
		name: 'recordStep',
		type: 'hidden',
		default: true,
	},
]);

/** Where a gate's end leaves. Output 0 is Expired: a timer's end leaves there by itself. */
const OUTPUT_OF: Readonly<Record<Exclude<GateAssessment['state'], 'open'>, number>> = {
	expired: 0,
	approved: 1,
	rejected: 2,
	void: 2,
};

/** Decides by what the ledger holds now, or waits until the gate's time is over. A vote only wakes it. */
export async function wait(
	context: IExecuteFunctions,
	{ ledger, gate: name, release, log }: GateRun,
): Promise<GateOutputs> {
	// Before the votes are read: one that comes meanwhile is looked at again rather than missed.
	await ledger.gates.lookAtGate(release, name);
	const {
		gate,
		votes,
		release: held,
		changed,
	} = await readGateState(ledger, { releaseId: release.id, gate: name }, stepHash);
	const assessment = assessGate({ gate, votes, release: held, changed, now: systemClock.now() });
	if (assessment.state !== 'open') {
		const decision = await recordDecision(ledger, release, { gate, assessment });
		log(`${name} is ${assessment.state}: ${assessment.reason}`);
		return leaveThrough(OUTPUT_OF[assessment.state], decision);
	}
	await startWaiting(ledger, release, gate);
	await context.putExecutionToWait(gate.expiresAt);
	holdOneItem(context);
	log(`${name} waits for ${assessment.missing} approvals until ${gate.expiresAt.toISOString()}`);
	return leaveThrough(0, {
		gate: name,
		state: 'open',
		missing: assessment.missing,
		expiresAt: gate.expiresAt.toISOString(),
	});
}

/** n8n lets the items it holds out through output 0 when the time is over: one gate is one item, however many mails went out. */
function holdOneItem(context: IExecuteFunctions): void {
	const { data } = context.getExecuteData();
	const first = data.main?.[0]?.[0];
	if (first) data.main = [[first]];
}

function leaveThrough(output: number, approval: GateOutputs[number][number]): GateOutputs {
	return [0, 1, 2, 3].map((index) => (index === output ? [approval] : []));
}
