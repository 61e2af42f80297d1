import type { RevisionTarget } from '../../../lib/rollout/deployment/chooseRevision';
import { undo as goBack } from '../../../lib/rollout/deployment/undo';
import { parameterErrors } from '../../../lib/support/errors';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation, ParameterReader } from '../../shared/operation';
import { readNumber } from '../../shared/readNumber';
import {
	DEPLOYMENT_FIELDS,
	deploymentInputs,
	placeOf,
	readDeployment,
	readName,
	type DeploymentParameters,
} from '../deploymentFields';
import { openCluster } from '../openCluster';
import { asJson } from '../releaseSet';

interface Parameters extends DeploymentParameters {
	readonly container: string;
	readonly wanted: RevisionTarget;
}

/** Puts the pod template of a named revision back, pinned: done twice it is done once. */
export const undo: Operation<Parameters> = {
	name: 'undo',
	kind: 'change',
	alwaysRuns: true,
	description: fieldsOf('undo', [
		...DEPLOYMENT_FIELDS,
		{
			displayName: 'Container',
			name: 'container',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. api',
			description: 'The container whose image is pinned',
		},
		{
			displayName: 'Go To',
			name: 'goTo',
			type: 'options',
			default: 'digest',
			options: [
				{ name: 'Digest', value: 'digest', description: 'The newest revision that runs this image' },
				{ name: 'Revision', value: 'revision', description: 'A revision by its number in the history' },
			],
			description:
				'What names the revision to go to. There is no "the one before": done twice, that would bring the bad version back.',
		},
		{
			displayName: 'Digest',
			name: 'digest',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. sha256:9f86d081884c7d65…',
			displayOptions: { show: { goTo: ['digest'] } },
			description: 'Digest of the image, as the history shows it',
		},
		{
			displayName: 'Revision',
			name: 'revision',
			type: 'number',
			typeOptions: { minValue: 1 },
			default: 1,
			required: true,
			displayOptions: { show: { goTo: ['revision'] } },
			description: 'Number of the revision. It gets a new number when it is rolled back to.',
		},
	]),
	readParameters: (context, itemIndex) => ({
		...readDeployment(context, itemIndex),
		container: readName(context, itemIndex, 'container'),
		wanted: readTarget(context, itemIndex),
	}),
	plan: (parameters) => ({
		key: parameters.deployment,
		inputs: { ...deploymentInputs(parameters), wanted: { ...parameters.wanted } },
	}),
	// It reads before it writes; a revision that it went back to has another number, and then it refuses.
	observe: async () => await Promise.resolve('not-done'),
	run: async (context) => {
		const cluster = await openCluster(context);
		const { wanted, container } = context.parameters;
		return { result: asJson(await goBack(cluster, placeOf(context, cluster), { wanted, container })) };
	},
};

function readTarget(context: ParameterReader, itemIndex: number): RevisionTarget {
	if (context.getNodeParameter('goTo', itemIndex) === 'revision')
		return {
			revision: readNumber(context, { itemIndex, name: 'revision', minimum: 1, maximum: 2 ** 31, whole: true }),
		};
	const digest = String(context.getNodeParameter('digest', itemIndex) ?? '').trim();
	if (/^sha256:[0-9a-f]{64}$/.test(digest)) return { digest };
	throw parameterErrors.INVALID({
		field: 'digest',
		problem: 'it is no digest',
		remedy: 'Give sha256: and 64 hexadecimal digits, as the history shows it',
	});
}
