import { waitForStaging as wait } from '../../../lib/rollout/staging/waitForStaging';
import { worstVerdict } from '../../../lib/support/verdict';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { openCluster } from '../openCluster';
import { readTimeout } from '../readTimeout';
import { asJson, timeoutField } from '../releaseSet';
import { readStagingParameters, STAGING_FIELDS, stagingInputs, type StagingParameters } from '../stagingFields';

interface Parameters extends StagingParameters {
	readonly timeoutSeconds: number;
}

/** Waits until staging runs the release's images with all replicas available. A pod that cannot come up fails it at once. */
export const waitForStaging: Operation<Parameters> = {
	name: 'waitForStaging',
	kind: 'verdict',
	description: fieldsOf('waitForStaging', [
		...STAGING_FIELDS,
		timeoutField(
			300,
			'How long all workloads together may take. When it ends the verdict is "failed" and names what was missing.',
		),
	]),
	deadlineMs: ({ timeoutSeconds }) => (timeoutSeconds + 120) * 1000,
	readParameters: (context, itemIndex) => ({
		...readStagingParameters(context, itemIndex),
		timeoutSeconds: readTimeout(context, itemIndex),
	}),
	plan: (parameters) => ({ key: '', inputs: stagingInputs(parameters) }),
	run: async ({ parameters, open, clock, signal, log }) => {
		const { staging, images, timeoutSeconds } = parameters;
		const options = { images, timeoutMs: timeoutSeconds * 1000, clock, signal, log };
		const result = await wait(await openCluster({ open, parameters }), staging, options);
		return { result: asJson(result), verdict: worstVerdict(result.workloads.map(({ verdict }) => verdict)) };
	},
};
