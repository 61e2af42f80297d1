import { freezeWriters as freeze, planFreeze } from '../../../lib/rollout/freeze/freezeWriters';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { openCluster } from '../openCluster';
import { readTimeout } from '../readTimeout';
import { asJson, timeoutField } from '../releaseSet';
import { readWriters, WRITER_FIELDS, writerInputs, writersOf, type WriterParameters } from '../writerFields';

interface Parameters extends WriterParameters {
	readonly timeoutSeconds: number;
}

/** Stops everything that writes, and notes what there was: in the ledger and on the Deployments. */
export const freezeWriters: Operation<Parameters> = {
	name: 'freezeWriters',
	kind: 'change',
	alwaysRuns: true,
	description: fieldsOf('freezeWriters', [
		...WRITER_FIELDS,
		timeoutField(
			120,
			'How long the pods may take to end. When it ends the step fails and names those that are left; they stay scaled to 0.',
		),
	]),
	deadlineMs: ({ timeoutSeconds }) => (timeoutSeconds + 120) * 1000,
	readParameters: (context, itemIndex) => ({
		...readWriters(context, itemIndex),
		timeoutSeconds: readTimeout(context, itemIndex),
	}),
	plan: (parameters) => ({ key: '', inputs: writerInputs(parameters) }),
	prepare: async (context) => {
		const cluster = await openCluster(context);
		return { inverse: asJson({ writers: await planFreeze(cluster, writersOf(context, cluster)) }) };
	},
	// It reads before it writes, and keeps what was noted first.
	observe: async () => await Promise.resolve('not-done'),
	run: async (context) => {
		const cluster = await openCluster(context);
		const { clock, signal, parameters } = context;
		const options = { timeoutMs: parameters.timeoutSeconds * 1000, clock, signal };
		return { result: asJson(await freeze(cluster, writersOf(context, cluster), options)) };
	},
};
