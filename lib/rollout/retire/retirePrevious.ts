import type { Clock } from '../../support/clock';
import { RunbookError } from '../../support/runbookError';
import { readyPods } from '../assessEndpoints';
import { assertCluster, clusterOfRecord } from '../assertCluster';
import type { AutoscalerFacts } from '../autoscalers';
import { recordOf, targetOf } from '../chooseIdle';
import type { Cluster } from '../cluster';
import { coloursOf } from '../coloursOf';
import { changeDeployment } from '../deployment/changeDeployment';
import { isFencedOut, SCALED_DOWN_ANNOTATION } from '../fence';
import { freezeRecordOf } from '../freeze/freezeRecord';
import type { DeploymentFacts, Fence, LiveRecord, ReleaseSet, TargetImage, Workload } from '../model';
import { raiseWholeFence } from '../raiseFence';
import { findRunningDigest } from '../readRunningImage';
import type { ScaledDown } from '../retireReplaced';
import { digestOf } from '../waitForRollout';
import { assessRetirement, type Retirement } from './assessRetirement';
import { scaleDownNoteOf, type ScaleDownNote } from './scaleDownNote';

export interface RetireOptions {
	readonly images: readonly TargetImage[];
	/** What recordLive returned for this release. */
	readonly record: LiveRecord;
	readonly fence: Fence | undefined;
	readonly clock: Pick<Clock, 'now'>;
}

export interface RetiredColour extends ScaledDown {
	/** True when it had been scaled down before. */
	readonly already: boolean;
	/** Null: it has none, or none could be seen. */
	readonly autoscaler: ScaleDownNote['autoscaler'];
}

export interface Retired {
	readonly retired: readonly RetiredColour[];
	/** What keeps its replicas, and why. */
	readonly kept: ReadonlyArray<{ readonly deployment: string; readonly reason: string }>;
	/** What could not be looked at. */
	readonly warnings: readonly string[];
}

/**
 * Scales the colour that a release replaced to 0, and notes on it in the same write what it had: a rollback scales it up to that before it moves any
 * traffic. Each pod ends within its own grace; nothing is cut. Autoscalers are left as they are: one whose minimum is 1 or more leaves a Deployment
 * with 0 replicas alone. The caller has made sure that the watch is over. What is in doubt keeps its replicas; it fails nothing, for the release serves.
 * @throws RunbookError ROLLOUT.WRONG_CLUSTER, FENCED_OUT, RECORD_MISSING, IMAGE_MISSING and what stamping the fence throws
 */
export async function retirePrevious(cluster: Cluster, set: ReleaseSet, options: RetireOptions): Promise<Retired> {
	await assertCluster(cluster, clusterOfRecord(options.record));
	await raiseWholeFence(cluster, set, options.fence);
	const { autoscalers, warnings } = await findAutoscalers(cluster, set.namespace);
	const retired: RetiredColour[] = [];
	const kept: Array<{ deployment: string; reason: string }> = [];
	for (const workload of set.workloads) {
		const { liveColour } = recordOf(workload, options.record);
		const deployment = workload.deployments[liveColour];
		const autoscaler = autoscalers.find((one) => one.deployment === deployment);
		try {
			const outcome = await retireOne(cluster, set.namespace, { workload, autoscaler, options });
			if ('reason' in outcome) kept.push({ deployment, reason: outcome.reason });
			else retired.push(outcome);
		} catch (error) {
			if (!(error instanceof RunbookError) || isFencedOut(error)) throw error;
			kept.push({ deployment, reason: error.message });
		}
	}
	return { retired, kept, warnings };
}

interface Retiring {
	readonly workload: Workload;
	readonly autoscaler: AutoscalerFacts | undefined;
	readonly options: RetireOptions;
}

async function retireOne(
	cluster: Cluster,
	namespace: string,
	{ workload, autoscaler, options }: Retiring,
): Promise<RetiredColour | { readonly reason: string }> {
	const { record, images, fence, clock } = options;
	const recorded = recordOf(workload, record);
	const name = workload.deployments[recorded.liveColour];
	const previous = await cluster.readDeployment(namespace, name);
	const retirement = await readRetirement(cluster, namespace, {
		workload,
		previous,
		autoscaler,
		record,
		target: digestOf(targetOf(workload, images), workload),
	});
	if (retirement.action === 'keep') return { reason: retirement.reason };
	const found = autoscaler ? { name: autoscaler.name, least: autoscaler.least } : null;
	if (retirement.action === 'already') {
		const note = scaleDownNoteOf(previous);
		const isOurs = note !== undefined && note.release === (fence?.release ?? '');
		const from = isOurs ? note.replicas : 0;
		return { deployment: name, from, to: 0, already: true, autoscaler: isOurs ? note.autoscaler : found };
	}
	let from = previous.wanted;
	const at = clock.now().toISOString();
	const noted = { release: fence?.release ?? '', digest: recorded.live.digest, autoscaler: found, at };
	await changeDeployment(cluster, { namespace, deployment: name, fence }, (current) => {
		if (current.wanted === 0) return undefined;
		from = current.wanted;
		const note: ScaleDownNote = { ...noted, replicas: current.wanted };
		return {
			spec: [{ op: 'add', path: '/spec/replicas', value: 0 }],
			annotations: { [SCALED_DOWN_ANNOTATION]: JSON.stringify(note) },
		};
	});
	return { deployment: name, from, to: 0, already: false, autoscaler: found };
}

async function readRetirement(
	cluster: Cluster,
	namespace: string,
	{
		workload,
		previous,
		autoscaler,
		record,
		target,
	}: Pick<Retiring, 'workload' | 'autoscaler'> & { previous: DeploymentFacts; record: LiveRecord; target: string },
): Promise<Retirement> {
	const recorded = recordOf(workload, record);
	const { live } = coloursOf(workload, await cluster.readService(namespace, workload.service));
	const deployment = await cluster.readDeployment(namespace, workload.deployments[live]);
	return assessRetirement(recorded, {
		live: { colour: live, digest: await findRunningDigest(cluster, { namespace, workload, deployment }) },
		target,
		ready: readyPods(await cluster.listEndpointSlices(namespace, workload.service)).length,
		// As many as carried the traffic before are enough while an autoscaler adds more.
		required: Math.min(deployment.wanted, previous.wanted),
		previous: { replicas: previous.wanted, frozen: freezeRecordOf(previous) !== undefined },
		autoscaler,
	});
}

/** Without the right to list them nothing is noted of them. */
async function findAutoscalers(
	cluster: Cluster,
	namespace: string,
): Promise<{ autoscalers: AutoscalerFacts[]; warnings: string[] }> {
	try {
		return { autoscalers: await cluster.listAutoscalers(namespace), warnings: [] };
	} catch (error) {
		if (!(error instanceof RunbookError)) throw error;
		return { autoscalers: [], warnings: [`autoscalers were not looked at: ${error.message}`] };
	}
}
