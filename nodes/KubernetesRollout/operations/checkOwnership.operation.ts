import { checkOwnership as check, type OwnershipOptions } from '../../../lib/rollout/ownership/checkOwnership';
import { parseOwnership } from '../../../lib/rollout/ownership/parseOwnership';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { openCluster } from '../openCluster';
import { asJson, readSet, releaseSetOf, SET_FIELDS, setInputs, type SetParameters } from '../releaseSet';

interface Parameters extends SetParameters {
	readonly ownership: OwnershipOptions;
}

/** Looks for whoever else writes what a release writes, or routes past it, and for workloads that the release does not know of. */
export const checkOwnership: Operation<Parameters> = {
	name: 'checkOwnership',
	kind: 'verdict',
	description: fieldsOf('checkOwnership', [
		...SET_FIELDS,
		{
			displayName: 'Ownership',
			name: 'ownership',
			type: 'json',
			default: "={{ JSON.stringify($('Configuration').first().json.ownership) }}",
			placeholder:
				'e.g. {"others": [{"object": "CronJob/nightly", "role": "cron"}], "accepted": ["gitops:Service/api"]}',
			description:
				'Workloads on the same images that blue-green does not move, each with its role, and findings that were dealt with, by their names',
		},
	]),
	readParameters: (context, itemIndex) => ({
		...readSet(context, itemIndex),
		ownership: parseOwnership(context.getNodeParameter('ownership', itemIndex, '')),
	}),
	plan: (parameters) => {
		const { declared, accepted } = parameters.ownership;
		const others = declared.map(({ object, role }) => `${object} (${role})`);
		return { key: '', inputs: { ...setInputs(parameters), others, accepted: [...accepted] } };
	},
	run: async (context) => {
		const cluster = await openCluster(context);
		const { ownership } = context.parameters;
		const checked = await check(cluster, releaseSetOf(context.parameters, cluster), ownership);
		return { result: asJson(checked), verdict: checked.verdict };
	},
};
