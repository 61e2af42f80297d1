import { parameterErrors } from '../../../lib/support/errors';
import { releaseLedger } from '../../shared/credentials';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';

interface Parameters {
	readonly environment: string;
	readonly person: string;
}

/** A person looks after an environment's alerts: from then on the watch does not roll back for want of an answer. */
export const acknowledge: Operation<Parameters> = {
	name: 'acknowledge',
	kind: 'observe',
	description: fieldsOf('acknowledge', [
		{
			displayName: 'Environment',
			name: 'alertEnvironment',
			type: 'string',
			default: 'production',
			required: true,
			placeholder: 'e.g. production',
			description: 'Whose open alerts are answered',
		},
		{
			displayName: 'Person',
			name: 'person',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. the on-call engineer',
			description:
				'Who looks after them, for the record. A breach above the rollback limit still rolls back by itself.',
		},
	]),
	readParameters: (context, itemIndex) => {
		const text = (name: string): string => String(context.getNodeParameter(name, itemIndex) ?? '').trim();
		const given = { alertEnvironment: text('alertEnvironment'), person: text('person') };
		for (const [field, value] of Object.entries(given)) {
			const remedy = 'Say which environment, and who looks after it';
			if (value === '') throw parameterErrors.INVALID({ field, problem: 'it is empty', remedy });
		}
		return { environment: given.alertEnvironment, person: given.person };
	},
	plan: ({ environment }) => ({ key: '', inputs: { environment } }),
	run: async ({ parameters: { environment, person }, open }) => {
		const { watch } = await open(releaseLedger);
		const signals = await watch.acknowledgeAlerts(environment, person);
		return { result: { environment, person, acknowledged: signals } };
	},
};
