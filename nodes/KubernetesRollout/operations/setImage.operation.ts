import type { TargetImage } from '../../../lib/rollout/model';
import { observeImages } from '../../../lib/rollout/observeImages';
import { readIdle, setImage as setImages, type SetImageOptions } from '../../../lib/rollout/setImage';
import { fieldsOf } from '../../shared/describeOperations';
import { kubernetesCluster } from '../../shared/kubernetesCredential';
import type { Operation, OperationContext } from '../../shared/operation';
import {
	asJson,
	fenceOf,
	IMAGES_FIELD,
	readImages,
	readSet,
	recordedLive,
	releaseSetOf,
	SET_FIELDS,
	setInputs,
	type SetParameters,
} from '../releaseSet';

interface Parameters extends SetParameters {
	readonly images: readonly TargetImage[];
}

/** Starts the new version on the idle colour and shows it through the preview Services. No traffic is touched. */
export const setImage: Operation<Parameters> = {
	name: 'setImage',
	kind: 'change',
	requires: ['3.1/record-live', '2.1/deploy-migrations'],
	description: fieldsOf('setImage', [...SET_FIELDS, IMAGES_FIELD]),
	readParameters: (context, itemIndex) => {
		const parameters = readSet(context, itemIndex);
		return { ...parameters, images: readImages(context, itemIndex, parameters.workloads) };
	},
	plan: (parameters) => ({ key: '', inputs: setInputs(parameters, parameters.images) }),
	prepare: async (context) => {
		const cluster = await context.open(kubernetesCluster);
		const idle = await readIdle(cluster, releaseSetOf(context.parameters, cluster), await recordedLive(context));
		return { inverse: asJson({ idle }) };
	},
	// What is left to do is done by running it again: it reads before it writes.
	observe: async (context) => {
		const cluster = await context.open(kubernetesCluster);
		const set = releaseSetOf(context.parameters, cluster);
		const found = await observeImages(cluster, set, await optionsOf(context));
		return found ? { outcome: 'done', result: asJson(found) } : 'not-done';
	},
	run: async (context) => {
		const cluster = await context.open(kubernetesCluster);
		const set = releaseSetOf(context.parameters, cluster);
		return { result: asJson(await setImages(cluster, set, await optionsOf(context))) };
	},
};

async function optionsOf(context: OperationContext<Parameters>): Promise<SetImageOptions> {
	return { images: context.parameters.images, fence: fenceOf(context), record: await recordedLive(context) };
}
