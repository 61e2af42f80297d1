import { thawWriters as thaw } from '../../../lib/rollout/freeze/thawWriters';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { openCluster } from '../openCluster';
import { readTimeout } from '../readTimeout';
import { asJson, timeoutField } from '../releaseSet';
import { readWriters, WRITER_FIELDS, writerInputs, writersOf, type WriterParameters } from '../writerFields';

interface Parameters extends WriterParameters {
	readonly timeoutSeconds: number;
}

/** Gives every writer exactly what it had when it was frozen, once people have approved it. */
export const thawWriters: Operation<Parameters> = {
	name: 'thawWriters',
	kind: 'change',
	alwaysRuns: true,
	// A gate with a quorum of two stands before it.
	requires: ['thaw/approval'],
	description: fieldsOf('thawWriters', [
		...WRITER_FIELDS,
		timeoutField(
			240,
			'How long they may take to be available again. When it ends the step fails and names those that are not; they keep their replicas.',
		),
	]),
	deadlineMs: ({ timeoutSeconds }) => (timeoutSeconds + 120) * 1000,
	readParameters: (context, itemIndex) => ({
		...readWriters(context, itemIndex),
		timeoutSeconds: readTimeout(context, itemIndex),
	}),
	plan: (parameters) => ({ key: '', inputs: writerInputs(parameters) }),
	// An interrupted thaw is completed; a completed one is refused, as nothing is frozen any more.
	observe: async () => await Promise.resolve('not-done'),
	run: async (context) => {
		const cluster = await openCluster(context);
		const { clock, signal, parameters } = context;
		const options = { timeoutMs: parameters.timeoutSeconds * 1000, clock, signal };
		return { result: asJson(await thaw(cluster, writersOf(context, cluster), options)) };
	},
};
