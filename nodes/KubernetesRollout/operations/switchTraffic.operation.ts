import { observeSwitch } from '../../../lib/rollout/observeSwitch';
import { readSelectors, switchTraffic as switchAll } from '../../../lib/rollout/switchTraffic';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { openCluster } from '../openCluster';
import { readTimeout } from '../readTimeout';
import {
	asJson,
	fenceOf,
	IMAGES_FIELD,
	readSetWithImages,
	recordedLive,
	releaseSetOf,
	SET_FIELDS,
	setInputs,
	timeoutField,
	type ImageParameters,
} from '../releaseSet';

interface Parameters extends ImageParameters {
	readonly timeoutSeconds: number;
}

/** Sends the traffic of all workloads to the new version, or leaves all of them where they were. */
export const switchTraffic: Operation<Parameters> = {
	name: 'switchTraffic',
	kind: 'change',
	requires: ['3.1/set-image', '3.1/wait-for-rollout', '3.1/check-preview', 'gate-2/approval'],
	description: fieldsOf('switchTraffic', [
		...SET_FIELDS,
		IMAGES_FIELD,
		timeoutField(
			60,
			'How long the endpoints of one Service may take to follow its selector. When it ends, what was switched goes back and the step fails.',
		),
	]),
	deadlineMs: ({ timeoutSeconds, workloads }) => (timeoutSeconds * workloads.length + 120) * 1000,
	readParameters: (context, itemIndex) => ({
		...readSetWithImages(context, itemIndex),
		timeoutSeconds: readTimeout(context, itemIndex),
	}),
	plan: (parameters) => ({ key: '', inputs: setInputs(parameters, parameters.images) }),
	prepare: async (context) => {
		const cluster = await openCluster(context);
		return {
			inverse: asJson({ selectors: await readSelectors(cluster, releaseSetOf(context.parameters, cluster)) }),
		};
	},
	// What an interrupted run has switched counts as done when it runs again; the rest is switched then, or all goes back.
	observe: async (context) => {
		const cluster = await openCluster(context);
		const found = await observeSwitch(cluster, releaseSetOf(context.parameters, cluster), {
			images: context.parameters.images,
			record: await recordedLive(context),
			fence: fenceOf(context),
		});
		return found ? { outcome: 'done', result: asJson(found) } : 'not-done';
	},
	run: async (context) => {
		const { images, timeoutSeconds } = context.parameters;
		const { clock, signal, log } = context;
		const cluster = await openCluster(context);
		const record = await recordedLive(context);
		const options = {
			images,
			record,
			fence: fenceOf(context),
			settleMs: timeoutSeconds * 1000,
			clock,
			signal,
			log,
		};
		return { result: asJson(await switchAll(cluster, releaseSetOf(context.parameters, cluster), options)) };
	},
};
