import { waitForRollout as wait } from '../../../lib/rollout/waitForRollout';
import { worstVerdict } from '../../../lib/support/verdict';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { openCluster } from '../openCluster';
import {
	asJson,
	IMAGES_FIELD,
	readSetWithImages,
	recordedLive,
	releaseSetOf,
	SET_FIELDS,
	setInputs,
	timeoutField,
	type ImageParameters,
} from '../releaseSet';
import { readTimeout } from '../readTimeout';

interface Parameters extends ImageParameters {
	readonly timeoutSeconds: number;
}

/** Waits until the idle colour runs its image with all replicas available. A pod that cannot come up fails it at once. */
export const waitForRollout: Operation<Parameters> = {
	name: 'waitForRollout',
	kind: 'verdict',
	description: fieldsOf('waitForRollout', [
		...SET_FIELDS,
		IMAGES_FIELD,
		timeoutField(
			300,
			'How long all workloads together may take. When it ends the verdict is "failed" and names what was missing.',
		),
	]),
	deadlineMs: ({ timeoutSeconds }) => (timeoutSeconds + 120) * 1000,
	readParameters: (context, itemIndex) => ({
		...readSetWithImages(context, itemIndex),
		timeoutSeconds: readTimeout(context, itemIndex),
	}),
	plan: (parameters) => ({ key: '', inputs: setInputs(parameters, parameters.images) }),
	run: async (context) => {
		const { images, timeoutSeconds } = context.parameters;
		const { clock, signal, log } = context;
		const cluster = await openCluster(context);
		const options = {
			images,
			record: await recordedLive(context),
			timeoutMs: timeoutSeconds * 1000,
			clock,
			signal,
			log,
		};
		const result = await wait(cluster, releaseSetOf(context.parameters, cluster), options);
		return { result: asJson(result), verdict: worstVerdict(result.workloads.map(({ verdict }) => verdict)) };
	},
};
