import { readLogs, type LogOptions } from '../../../lib/rollout/readLogs';
import { parameterErrors } from '../../../lib/support/errors';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { openCluster } from '../openCluster';
import { readPositive } from '../readTimeout';
import { asJson, readSet, releaseSetOf, SET_FIELDS, setInputs, type SetParameters } from '../releaseSet';

interface Parameters extends SetParameters {
	readonly options: LogOptions;
}

/** The last lines of all pods and containers, and of the run before for those that restarted. */
export const logs: Operation<Parameters> = {
	name: 'logs',
	kind: 'observe',
	description: fieldsOf('logs', [
		...SET_FIELDS,
		{
			displayName: 'Pods',
			name: 'colour',
			type: 'options',
			default: 'live',
			options: [
				{ name: 'Both', value: 'both', description: 'Pods of both colours' },
				{ name: 'Idle', value: 'idle', description: 'Pods that take no traffic' },
				{ name: 'Live', value: 'live', description: 'Pods that take the traffic' },
			],
			description: 'Whose logs are read',
		},
		{
			displayName: 'Lines',
			name: 'tailLines',
			type: 'number',
			typeOptions: { minValue: 1 },
			default: 100,
			placeholder: 'e.g. 100',
			description: 'How many lines of each container, from the end',
		},
		{
			displayName: 'Kilobytes at Most',
			name: 'maxKilobytes',
			type: 'number',
			typeOptions: { minValue: 1 },
			default: 256,
			placeholder: 'e.g. 256',
			description: 'Size of all logs together; each container gets its share, and what is cut off says so',
		},
	]),
	readParameters: (context, itemIndex) => ({
		...readSet(context, itemIndex),
		options: {
			colour: readColour(context.getNodeParameter('colour', itemIndex, 'live')),
			tailLines: readPositive(context, itemIndex, { field: 'tailLines', most: 10_000 }),
			maxBytes: 1024 * readPositive(context, itemIndex, { field: 'maxKilobytes', most: 10_240 }),
		},
	}),
	plan: (parameters) => ({ key: '', inputs: setInputs(parameters) }),
	run: async (context) => {
		const cluster = await openCluster(context);
		return {
			result: asJson(
				await readLogs(cluster, releaseSetOf(context.parameters, cluster), context.parameters.options),
			),
		};
	},
};

function readColour(value: unknown): LogOptions['colour'] {
	if (value === 'live' || value === 'idle' || value === 'both') return value;
	throw parameterErrors.INVALID({
		field: 'colour',
		problem: `"${String(value)}" is none of its values`,
		remedy: 'Choose live, idle or both',
	});
}
