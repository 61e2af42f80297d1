import type { Json } from '../../../lib/release/model';
import { parameterErrors } from '../../../lib/support/errors';
import { releaseLedger } from '../../shared/credentials';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';

interface Parameters {
	readonly freezeId: string;
	readonly person: string;
}

/** Lifts a freeze. Lifting it again says when it was lifted. */
export const liftFreeze: Operation<Parameters> = {
	name: 'liftFreeze',
	kind: 'observe',
	resultKey: 'freeze',
	description: fieldsOf('liftFreeze', [
		{
			displayName: 'Freeze ID',
			name: 'freezeId',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. freeze-4f9c2a1b',
			description: 'Which freeze; the operation List names them',
		},
		{
			displayName: 'Person',
			name: 'liftPerson',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. the release manager',
			description: 'Who lifts it, for the record',
		},
	]),
	readParameters: (context, itemIndex) => {
		const text = (name: string): string => String(context.getNodeParameter(name, itemIndex) ?? '').trim();
		const lifted = { freezeId: text('freezeId'), person: text('liftPerson') };
		const remedy = 'Say which freeze, and who lifts it';
		for (const [field, given] of Object.entries(lifted)) {
			if (given === '') throw parameterErrors.INVALID({ field, problem: 'it is empty', remedy });
		}
		return lifted;
	},
	plan: ({ freezeId }) => ({ key: '', inputs: { freezeId } }),
	run: async ({ parameters: { freezeId, person }, open }) => {
		const ledger = await open(releaseLedger);
		return { result: JSON.parse(JSON.stringify(await ledger.liftFreeze(freezeId, person))) as Json };
	},
};
