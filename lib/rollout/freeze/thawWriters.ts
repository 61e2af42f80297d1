import type { Cluster, PatchOperation } from '../cluster';
import { changeDeployment } from '../deployment/changeDeployment';
import { rolloutErrors } from '../errors';
import { annotationPath, FREEZE_ANNOTATION } from '../fence';
import type { FreezeTarget } from './freezeWriters';
import { demandFreezeRecord, freezeRecordOf, type FreezeRecord } from './freezeRecord';

export interface ThawedWriter {
	readonly deployment: string;
	readonly replicas: number;
	/** Its autoscaler, where there was one. */
	readonly autoscaler: FreezeRecord['autoscaler'];
}

/**
 * Gives every writer exactly what it had when it was frozen: first the limits of its autoscaler, then its replicas, and the note goes in the
 * same write. All are looked at before the first is touched. An interrupted thaw is completed by the next one.
 * @throws RunbookError ROLLOUT.NOT_FROZEN (when none of them is frozen), AUTOSCALER_MISSING (nothing was changed)
 */
export async function thawWriters(
	cluster: Cluster,
	{ namespace, deployments, fence }: FreezeTarget,
): Promise<{ writers: ThawedWriter[] }> {
	const current = await Promise.all(deployments.map(async (name) => await cluster.readDeployment(namespace, name)));
	const frozen = current.filter((deployment) => freezeRecordOf(deployment) !== undefined);
	const [first] = current;
	if (first && frozen.length === 0) demandFreezeRecord(first);
	const writers = frozen.map((deployment) => ({ deployment: deployment.name, ...demandFreezeRecord(deployment) }));
	const autoscalers = await cluster.listAutoscalers(namespace);
	for (const { deployment, autoscaler } of writers) {
		if (autoscaler && !autoscalers.some(({ name }) => name === autoscaler.name))
			throw rolloutErrors.AUTOSCALER_MISSING({ deployment, autoscaler: autoscaler.name });
	}
	for (const { deployment, replicas, autoscaler } of writers) {
		const now = autoscalers.find(({ name }) => name === autoscaler?.name);
		if (autoscaler && now && (now.least !== autoscaler.least || now.most !== autoscaler.most))
			await cluster.patchAutoscaler(namespace, autoscaler.name, [
				{ op: 'test', path: '/metadata/resourceVersion', value: now.resourceVersion },
				{ op: 'add', path: '/spec/minReplicas', value: autoscaler.least },
				{ op: 'add', path: '/spec/maxReplicas', value: autoscaler.most },
			]);
		await changeDeployment(cluster, { namespace, deployment, fence }, (facts): PatchOperation[] =>
			freezeRecordOf(facts) === undefined
				? []
				: [
						{ op: 'add', path: '/spec/replicas', value: replicas },
						{ op: 'remove', path: annotationPath(FREEZE_ANNOTATION) },
					],
		);
	}
	return { writers };
}
