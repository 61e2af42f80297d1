import type { Json } from '../../../lib/release/model';
import { observeImages } from '../../../lib/rollout/observeImages';
import { readIdle, setImage as setImages, type SetImageOptions } from '../../../lib/rollout/setImage';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation, OperationContext } from '../../shared/operation';
import { openCluster } from '../openCluster';
import {
	asJson,
	fenceOf,
	IMAGES_FIELD,
	readSetWithImages,
	recordedLive,
	releaseSetOf,
	SET_FIELDS,
	setInputs,
	type ImageParameters,
} from '../releaseSet';

interface Parameters extends ImageParameters {
	/** False only when there is no staging. */
	readonly stagingFirst: boolean;
}

const STAGING_STEPS = [
	'3.1/staging-set-image',
	'3.1/staging-wait',
	'3.1/staging-check-health',
	'3.1/staging-check-login',
];

/** Starts the new version on the idle colour and shows it through the preview Services. No traffic is touched. */
export const setImage: Operation<Parameters> = {
	name: 'setImage',
	kind: 'change',
	requires: ['3.1/record-live', '2.1/deploy-migrations', '2.2/integrity-after'],
	alsoRequires: ({ stagingFirst }) => (stagingFirst ? STAGING_STEPS : []),
	description: fieldsOf('setImage', [
		...SET_FIELDS,
		IMAGES_FIELD,
		{
			displayName: 'Staging First',
			name: 'stagingFirst',
			type: 'boolean',
			default: true,
			displayOptions: { show: { recordStep: [true] } },
			description:
				'Whether the same images must have passed staging (the steps 3.1/staging-…). Turn it off only when there is no staging: the approvers are told so.',
		},
	]),
	readParameters: (context, itemIndex) => ({
		...readSetWithImages(context, itemIndex),
		stagingFirst: context.getNodeParameter('stagingFirst', itemIndex, true) !== false,
	}),
	plan: (parameters) => ({
		key: '',
		inputs: { ...setInputs(parameters, parameters.images), stagingFirst: parameters.stagingFirst },
	}),
	prepare: async (context) => {
		const cluster = await openCluster(context);
		const idle = await readIdle(cluster, releaseSetOf(context.parameters, cluster), await recordedLive(context));
		return { inverse: asJson({ idle }) };
	},
	// What is left to do is done by running it again: it reads before it writes.
	observe: async (context) => {
		const cluster = await openCluster(context);
		const set = releaseSetOf(context.parameters, cluster);
		const found = await observeImages(cluster, set, await optionsOf(context));
		return found ? { outcome: 'done', result: describe(context, found) } : 'not-done';
	},
	run: async (context) => {
		const cluster = await openCluster(context);
		const set = releaseSetOf(context.parameters, cluster);
		return { result: describe(context, await setImages(cluster, set, await optionsOf(context))) };
	},
};

/** The card of the gate tells from it whether the images ran in staging. */
function describe({ parameters }: OperationContext<Parameters>, set: object): Json {
	return asJson({ ...set, stagingFirst: parameters.stagingFirst });
}

async function optionsOf(context: OperationContext<Parameters>): Promise<SetImageOptions> {
	return { images: context.parameters.images, fence: fenceOf(context), record: await recordedLive(context) };
}
