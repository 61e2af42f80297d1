import type { Json } from '../../../lib/release/model';
import { releaseLedger } from '../../shared/credentials';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { readNumber } from '../../shared/readNumber';
import { releaseJson } from '../releaseJson';

interface Parameters {
	readonly environment: string;
	readonly limit: number;
}

/** Lists the releases of an environment, newest first, and the freezes that close it. */
export const list: Operation<Parameters> = {
	name: 'list',
	kind: 'observe',
	resultKey: 'releases',
	description: fieldsOf('list', [
		{
			displayName: 'Environment',
			name: 'listEnvironment',
			type: 'string',
			default: 'production',
			required: true,
			placeholder: 'e.g. production',
			description: 'Whose releases to list',
		},
		{
			displayName: 'Limit',
			name: 'limit',
			type: 'number',
			typeOptions: { minValue: 1 },
			default: 50,
			description: 'Max number of results to return',
		},
	]),
	readParameters: (context, itemIndex) => ({
		environment: String(context.getNodeParameter('listEnvironment', itemIndex)),
		limit: readNumber(context, { itemIndex, name: 'limit', minimum: 1, maximum: 1000, whole: true }),
	}),
	plan: ({ environment }) => ({ key: '', inputs: { environment } }),
	run: async ({ parameters: { environment, limit }, open }) => {
		const ledger = await open(releaseLedger);
		const [releases, freezes] = await Promise.all([
			ledger.listReleases(environment, limit),
			ledger.listFreezes(environment),
		]);
		return {
			result: {
				environment,
				list: releases.map(releaseJson),
				freezes: freezes.map((freeze) => JSON.parse(JSON.stringify(freeze)) as Json),
			},
		};
	},
};
