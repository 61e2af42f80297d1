import type { Clock } from '../../support/clock';
import type { AutoscalerFacts } from '../autoscalers';
import type { Cluster } from '../cluster';
import { changeDeployment } from '../deployment/changeDeployment';
import { rolloutErrors } from '../errors';
import { FREEZE_ANNOTATION } from '../fence';
import { patchUntilWritten } from '../patchUntilWritten';
import type { FreezeTarget } from './freezeWriters';
import { demandFreezeRecord, freezeRecordOf, type FreezeRecord } from './freezeRecord';

const POLL_MS = 500;

export interface ThawedWriter {
	readonly deployment: string;
	readonly replicas: number;
	/** Its autoscaler, where there was one. */
	readonly autoscaler: FreezeRecord['autoscaler'];
}

/**
 * Gives every writer exactly what it had when it was frozen: first the limits of its autoscaler, then its replicas, and the note goes in the
 * same write; then waits until all are available. All are looked at before the first is touched. An interrupted thaw is completed by the next one.
 * @throws RunbookError ROLLOUT.NOT_FROZEN (when none of them is frozen), AUTOSCALER_MISSING (nothing was changed), WRITERS_NOT_BACK at the
 * deadline, naming those that are not
 */
export async function thawWriters(
	cluster: Cluster,
	{ namespace, deployments, fence }: FreezeTarget,
	{ timeoutMs, clock, signal }: { timeoutMs: number; clock: Clock; signal: AbortSignal },
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
		if (autoscaler) await restoreAutoscaler(cluster, namespace, { deployment, autoscaler });
		await changeDeployment(cluster, { namespace, deployment, fence }, (facts) =>
			freezeRecordOf(facts) === undefined
				? undefined
				: {
						spec: [{ op: 'add', path: '/spec/replicas', value: replicas }],
						annotations: { [FREEZE_ANNOTATION]: null },
					},
		);
	}
	await waitUntilBack(cluster, namespace, { writers, timeoutMs, clock, signal });
	return { writers };
}

async function restoreAutoscaler(
	cluster: Cluster,
	namespace: string,
	{ deployment, autoscaler }: { deployment: string; autoscaler: NonNullable<FreezeRecord['autoscaler']> },
): Promise<void> {
	const { name, least, most } = autoscaler;
	const read = async (): Promise<AutoscalerFacts> => {
		const found = (await cluster.listAutoscalers(namespace)).find((one) => one.name === name);
		if (!found) throw rolloutErrors.AUTOSCALER_MISSING({ deployment, autoscaler: name });
		return found;
	};
	await patchUntilWritten<AutoscalerFacts>({
		read,
		decide: (now) =>
			now.least === least && now.most === most
				? undefined
				: [
						{ op: 'add', path: '/spec/minReplicas', value: least },
						{ op: 'add', path: '/spec/maxReplicas', value: most },
					],
		patch: async (operations) => {
			await cluster.patchAutoscaler(namespace, name, operations);
			return await read();
		},
	});
}

async function waitUntilBack(
	cluster: Cluster,
	namespace: string,
	{
		writers,
		timeoutMs,
		clock,
		signal,
	}: { writers: readonly ThawedWriter[]; timeoutMs: number; clock: Clock; signal: AbortSignal },
): Promise<void> {
	const startedAt = clock.monotonicMs();
	for (;;) {
		const missing: string[] = [];
		for (const { deployment, replicas } of writers) {
			const { available, generation, observedGeneration } = await cluster.readDeployment(namespace, deployment);
			if (observedGeneration < generation || available < replicas)
				missing.push(`${deployment} (${available} of ${replicas} available)`);
		}
		if (missing.length === 0) return;
		if (clock.monotonicMs() - startedAt >= timeoutMs)
			throw rolloutErrors.WRITERS_NOT_BACK({
				seconds: Math.round(timeoutMs / 1000),
				missing: missing.join(', '),
			});
		await clock.sleep(POLL_MS, signal);
	}
}
