import { parameterErrors } from '../../../lib/support/errors';
import { releaseLedger } from '../../shared/credentials';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { releaseJson } from '../releaseJson';

interface Parameters {
	readonly releaseId: string;
	readonly person: string;
	readonly reason: string;
}

/** Takes a live release from the run that holds it, in an emergency: that run is refused every write from then on. */
export const takeOver: Operation<Parameters> = {
	name: 'takeOver',
	kind: 'observe',
	description: fieldsOf('takeOver', [
		{
			displayName: 'Release ID',
			name: 'takeOverReleaseId',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. r-2026.11.23-4f9c2a',
			description: 'The release to take. It must not have finished.',
		},
		{
			displayName: 'Person',
			name: 'takeOverPerson',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. the on-call engineer',
			description: 'Who takes it, for the record',
		},
		{
			displayName: 'Reason',
			name: 'takeOverReason',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. the run hangs in the backup',
			description: 'Why, for the record',
		},
	]),
	readParameters: (context, itemIndex) => {
		const text = (name: string): string => String(context.getNodeParameter(name, itemIndex) ?? '').trim();
		const taken = {
			releaseId: text('takeOverReleaseId'),
			person: text('takeOverPerson'),
			reason: text('takeOverReason'),
		};
		for (const [field, given] of Object.entries(taken)) {
			if (given === '')
				throw parameterErrors.INVALID({
					field,
					problem: 'it is empty',
					remedy: 'Say which release, who takes it, and why',
				});
		}
		return taken;
	},
	plan: ({ releaseId }) => ({ key: '', inputs: { releaseId } }),
	run: async ({ parameters: { releaseId, person, reason }, open }) => {
		const ledger = await open(releaseLedger);
		const release = await ledger.takeOver(releaseId, {
			reason: `taken over by ${person}: ${reason}`,
			intent: 'continue',
		});
		return { result: releaseJson(release) };
	},
};
