import { parameterErrors } from '../../../lib/support/errors';
import { releaseLedger } from '../../shared/credentials';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { splitList } from '../../shared/splitList';
import { readReleaseId } from '../gateFields';

interface Parameters {
	readonly releaseId: string;
	readonly gates: readonly string[];
	readonly reason: string;
}

/** Voids whichever gate of a release is open, because what was to be decided on no longer holds. Then "wake" lets the execution go on. */
export const voidGate: Operation<Parameters> = {
	name: 'void',
	kind: 'change',
	description: fieldsOf('void', [
		{
			displayName: 'Gates',
			name: 'gates',
			type: 'string',
			default: 'gate-1/approval, gate-2/approval',
			required: true,
			placeholder: 'e.g. gate-1/approval, gate-2/approval',
			description: 'Step keys of the gates, separated by commas. Those that are not open stay as they are.',
		},
		{
			displayName: 'Reason',
			name: 'reason',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. error rate above 10 % while the release waited',
			description: 'Why nobody may approve it any more. Approvers read it on the card.',
		},
	]),
	deadlineMs: () => 60_000,
	readParameters: (context, itemIndex) => {
		const read = (name: string): unknown => context.getNodeParameter(name, itemIndex);
		const reason = String(read('reason') ?? '').trim();
		const gates = splitList(String(read('gates') ?? ''));
		if (reason === '' || gates.length === 0)
			throw parameterErrors.INVALID({
				field: reason === '' ? 'reason' : 'gates',
				problem: 'it is empty',
				remedy: 'Say which gates are void, and why',
			});
		return { releaseId: readReleaseId(read), gates, reason };
	},
	plan: ({ gates, reason }) => ({ key: '', inputs: { gates, reason } }),
	run: async ({ parameters: { releaseId, gates, reason }, open }) => {
		const ledger = await open(releaseLedger);
		const voided: string[] = [];
		for (const gate of gates) if (await ledger.gates.voidGate(releaseId, gate, reason)) voided.push(gate);
		return { result: { releaseId, voided, reason } };
	},
};
