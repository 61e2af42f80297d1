import { z } from 'zod';
import { checkAccess as check } from '../../../lib/rollout/access/checkAccess';
import { assertCluster } from '../../../lib/rollout/assertCluster';
import { fieldsOf } from '../../shared/describeOperations';
import { kubernetesCluster } from '../../shared/kubernetesCredential';
import type { Operation } from '../../shared/operation';
import { readJson } from '../../shared/readJson';
import { asJson, readSet, releaseSetOf, SET_FIELDS, setInputs, type SetParameters } from '../releaseSet';

interface Parameters extends SetParameters {
	readonly freeze: boolean;
	readonly suites: boolean;
	/** Undefined: the previous version is not run. */
	readonly previousVersionIn: string | undefined;
}

const suiteList = z.array(z.object({}).passthrough());
const previousVersion = z
	.object({ namespace: z.string().default('') })
	.passthrough()
	.nullable();
const REMEDY = 'Leave the expression that reads the suites of the Configuration, or give [] when there is none';

/** Asks the API whether the credential may do all that a release does, before it does the first of it. */
export const checkAccess: Operation<Parameters> = {
	name: 'checkAccess',
	kind: 'verdict',
	description: fieldsOf('checkAccess', [
		...SET_FIELDS,
		{
			displayName: 'Writers Too',
			name: 'freeze',
			type: 'boolean',
			default: true,
			description: 'Whether it must be allowed to freeze the writers, too: to list and patch autoscalers',
		},
		{
			displayName: 'Suites',
			name: 'suites',
			type: 'json',
			default: '[]',
			description: 'The suites that Run Suite is given: where there are any, it must be allowed to run Jobs, too',
		},
		{
			displayName: 'Previous Version',
			name: 'previousVersion',
			type: 'json',
			default: '',
			description:
				'What Run Suite is told of the previous version: where it is run on the rehearsed schema, Jobs and Secrets must be allowed there, too',
		},
	]),
	readParameters: (context, itemIndex) => ({
		...readSet(context, itemIndex),
		freeze: context.getNodeParameter('freeze', itemIndex, true) === true,
		suites:
			readJson(context, { itemIndex, name: 'suites', schema: suiteList, whenAbsent: [], remedy: REMEDY }).length >
			0,
		previousVersionIn: readJson(context, {
			itemIndex,
			name: 'previousVersion',
			schema: previousVersion,
			whenAbsent: null,
			remedy: 'Leave the expression that reads it from the Configuration, or nothing when it is not run',
		})?.namespace.trim(),
	}),
	plan: (parameters) => ({
		key: '',
		inputs: {
			...setInputs(parameters),
			freeze: parameters.freeze,
			suites: parameters.suites,
			previousVersionIn: parameters.previousVersionIn ?? null,
		},
	}),
	run: async (context) => {
		const cluster = await context.open(kubernetesCluster);
		const { freeze, suites, previousVersionIn, clusterUid } = context.parameters;
		const options = {
			...{ freeze, suites, pinned: clusterUid !== '' },
			...(previousVersionIn === undefined ? {} : { previousVersionIn }),
		};
		const checked = await check(cluster, releaseSetOf(context.parameters, cluster), options);
		// Asked last: without the right to read it, that is what is said.
		if (checked.verdict === 'passed') await assertCluster(cluster, clusterUid);
		return { result: asJson(checked), verdict: checked.verdict };
	},
};
