import {
	observeStagedImages,
	readStagedImages,
	setStagingImage as setImages,
} from '../../../lib/rollout/staging/setStagingImage';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { openCluster } from '../openCluster';
import { asJson } from '../releaseSet';
import { readStagingParameters, STAGING_FIELDS, stagingInputs, type StagingParameters } from '../stagingFields';

/** Gives staging the images that production is going to get. */
export const setStagingImage: Operation<StagingParameters> = {
	name: 'setStagingImage',
	kind: 'change',
	requires: ['2.1/deploy-migrations', '2.2/integrity-after'],
	description: fieldsOf('setStagingImage', STAGING_FIELDS),
	readParameters: readStagingParameters,
	plan: (parameters) => ({ key: '', inputs: stagingInputs(parameters) }),
	prepare: async ({ parameters, open }) => {
		const cluster = await openCluster({ open, parameters });
		return { inverse: asJson({ staging: await readStagedImages(cluster, parameters.staging) }) };
	},
	observe: async ({ parameters, open }) => {
		const { staging, images } = parameters;
		const found = await observeStagedImages(await openCluster({ open, parameters }), staging, images);
		return found ? { outcome: 'done', result: asJson(found) } : 'not-done';
	},
	run: async ({ parameters, open }) => {
		const { staging, images } = parameters;
		return { result: asJson(await setImages(await openCluster({ open, parameters }), staging, images)) };
	},
};
