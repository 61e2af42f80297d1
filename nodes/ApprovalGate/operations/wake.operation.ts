import { wakeUnanswered } from '../../../lib/approval/wakeUnanswered';
import { parameterErrors } from '../../../lib/support/errors';
import { releaseLedger } from '../../shared/credentials';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { approvalLinks } from '../approvalLinksCredential';

interface Parameters {
	readonly environment: string;
}

/** Wakes executions that wait although their gate holds a vote or was voided: the row is the decision, and a lost wake-up must not delay it. */
export const wake: Operation<Parameters> = {
	name: 'wake',
	kind: 'observe',
	description: fieldsOf('wake', [
		{
			displayName: 'Environment',
			name: 'environment',
			type: 'string',
			default: "={{ $('Configuration').first().json.environment }}",
			required: true,
			placeholder: 'e.g. production',
			description: 'Whose gates are looked through',
		},
	]),
	deadlineMs: () => 60_000,
	readParameters: (context, itemIndex) => {
		const environment = String(context.getNodeParameter('environment', itemIndex) ?? '').trim();
		if (environment !== '') return { environment };
		const remedy = 'Name the environment of the configuration workflow';
		throw parameterErrors.INVALID({ field: 'environment', problem: 'it is empty', remedy });
	},
	plan: ({ environment }) => ({ key: '', inputs: { environment } }),
	run: async ({ parameters: { environment }, open, clock, signal, log }) => {
		const links = await open(approvalLinks);
		const { gates } = await open(releaseLedger);
		const { woken, failed } = await wakeUnanswered(gates, environment, { links, clock, signal });
		log(`${woken.length} woken, ${failed.length} could not be`);
		return { result: { woken: woken.map((one) => ({ ...one })), failed: failed.map((one) => ({ ...one })) } };
	},
};
