import { findRecord, recordLive as record } from '../../../lib/rollout/recordLive';
import { fieldsOf } from '../../shared/describeOperations';
import { kubernetesCluster } from '../../shared/kubernetesCredential';
import type { Operation } from '../../shared/operation';
import { asJson, fenceOf, readSet, releaseSetOf, SET_FIELDS, setInputs, type SetParameters } from '../releaseSet';

/** Remembers what is live, in the ledger and on the Services, so that a rollback can go to exactly that. */
export const recordLive: Operation<SetParameters> = {
	name: 'recordLive',
	kind: 'change',
	description: fieldsOf('recordLive', SET_FIELDS),
	readParameters: readSet,
	plan: (parameters) => ({ key: '', inputs: setInputs(parameters) }),
	// The record of an interrupted run stands on the Services; a half-written one is completed.
	observe: async (context) => {
		const cluster = await context.open(kubernetesCluster);
		const found = await findRecord(cluster, releaseSetOf(context.parameters, cluster), { fence: fenceOf(context) });
		return found ? { outcome: 'done', result: asJson(found) } : 'not-done';
	},
	run: async (context) => {
		const cluster = await context.open(kubernetesCluster);
		return {
			result: asJson(
				await record(cluster, releaseSetOf(context.parameters, cluster), { fence: fenceOf(context) }),
			),
		};
	},
};
