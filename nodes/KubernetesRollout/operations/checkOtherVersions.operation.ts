import { findOtherVersions } from '../../../lib/rollout/findOtherVersions';
import type { TargetImage } from '../../../lib/rollout/model';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { openCluster } from '../openCluster';
import {
	asJson,
	IMAGES_FIELD,
	readImages,
	readSet,
	releaseSetOf,
	SET_FIELDS,
	setInputs,
	type SetParameters,
} from '../releaseSet';

interface Parameters extends SetParameters {
	readonly images: readonly TargetImage[];
}

/** Passed: nothing but these images runs, so that what only older versions need may be taken away. */
export const checkOtherVersions: Operation<Parameters> = {
	name: 'checkOtherVersions',
	kind: 'verdict',
	description: fieldsOf('checkOtherVersions', [
		...SET_FIELDS,
		{
			...IMAGES_FIELD,
			description:
				'The only images that may run. A pod of any other one fails the step, also one that is ending.',
		},
	]),
	readParameters: (context, itemIndex) => {
		const parameters = readSet(context, itemIndex);
		return { ...parameters, images: readImages(context, itemIndex, parameters.workloads) };
	},
	plan: (parameters) => ({ key: '', inputs: setInputs(parameters, parameters.images) }),
	run: async (context) => {
		const cluster = await openCluster(context);
		const set = releaseSetOf(context.parameters, cluster);
		const found = await findOtherVersions(cluster, set, context.parameters.images);
		return { result: asJson(found), verdict: found.verdict };
	},
};
