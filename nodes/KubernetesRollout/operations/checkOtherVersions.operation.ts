import { findOtherVersions } from '../../../lib/rollout/findOtherVersions';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { openCluster } from '../openCluster';
import {
	asJson,
	IMAGES_FIELD,
	readSetWithImages,
	releaseSetOf,
	SET_FIELDS,
	setInputs,
	type ImageParameters,
} from '../releaseSet';

/** Passed: nothing but these images runs, so that what only older versions need may be taken away. */
export const checkOtherVersions: Operation<ImageParameters> = {
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
	readParameters: readSetWithImages,
	plan: (parameters) => ({ key: '', inputs: setInputs(parameters, parameters.images) }),
	run: async (context) => {
		const cluster = await openCluster(context);
		const set = releaseSetOf(context.parameters, cluster);
		const found = await findOtherVersions(cluster, set, context.parameters.images);
		return { result: asJson(found), verdict: found.verdict };
	},
};
