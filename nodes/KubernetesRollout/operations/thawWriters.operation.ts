import { thawWriters as thaw } from '../../../lib/rollout/freeze/thawWriters';
import { fieldsOf } from '../../shared/describeOperations';
import { kubernetesCluster } from '../../shared/kubernetesCredential';
import type { Operation } from '../../shared/operation';
import { asJson } from '../releaseSet';
import { readWriters, WRITER_FIELDS, writerInputs, writersOf, type WriterParameters } from '../writerFields';

/** Gives every writer exactly what it had when it was frozen, once people have approved it. */
export const thawWriters: Operation<WriterParameters> = {
	name: 'thawWriters',
	kind: 'change',
	alwaysRuns: true,
	// A gate with a quorum of two stands before it.
	requires: ['thaw/approval'],
	description: fieldsOf('thawWriters', WRITER_FIELDS),
	readParameters: readWriters,
	plan: (parameters) => ({ key: '', inputs: writerInputs(parameters) }),
	// An interrupted thaw is completed; a completed one is refused, as nothing is frozen any more.
	observe: async () => await Promise.resolve('not-done'),
	run: async (context) => {
		const cluster = await context.open(kubernetesCluster);
		return { result: asJson(await thaw(cluster, writersOf(context, cluster))) };
	},
};
