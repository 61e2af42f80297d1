import { targetOf } from '../chooseIdle';
import { otherColour } from '../coloursOf';
import { rolloutErrors } from '../errors';
import { freezeRecordOf } from '../freeze/freezeRecord';
import { imageDigest } from '../imageDigest';
import type { Colour, DeploymentFacts, LiveRecord, TargetImage, Worker } from '../model';
import { declaredImage } from '../readRunningImage';
import { digestOf } from '../waitForRollout';
import { assessWorkerColours, type WorkerDeployments } from './assessWorkerColours';

/** What moving one worker will do. */
export interface WorkerMove {
	readonly worker: Worker;
	readonly from: Colour;
	readonly to: Colour;
	readonly image: string;
	readonly digest: string;
	/** For the colour that it moves to. */
	readonly replicas: number;
	/** True when only `to` is to run, and it runs the image. */
	readonly done: boolean;
}

/**
 * Decides from where to where a worker goes: by its record; without one by the colour that runs. A worker keeps at least the replicas that it
 * has; a singleton exactly those that were recorded.
 * @throws RunbookError ROLLOUT.IMAGE_MISSING, DIGEST_UNKNOWN, CONTAINER_MISSING, WORKER_UNCLEAR (also when the other colour runs a version
 * that is not the release's), FROZEN
 */
export function planMove(
	worker: Worker,
	deployments: WorkerDeployments,
	{ images, record }: { images: readonly TargetImage[]; record: LiveRecord | undefined },
): WorkerMove {
	const frozen = Object.values(deployments).find((one) => freezeRecordOf(one) !== undefined);
	if (frozen) throw rolloutErrors.FROZEN({ deployment: frozen.name });
	const image = targetOf({ service: worker.workload }, images);
	const digest = digestOf(image, { service: worker.name });
	const asksFor = (deployment: DeploymentFacts): string | undefined =>
		imageDigest(declaredImage(deployment, worker.container));
	const recorded = record?.workers?.find((one) => one.worker === worker.name);
	const to = recorded?.idleColour ?? chooseTarget(worker, deployments, { digest, asksFor });
	const from = otherColour(to);
	const next = deployments[to];
	const previous = deployments[from];
	// Somebody else's version: a release stops and replaces only what it found or brought itself.
	if (next.wanted > 0 && asksFor(next) !== digest)
		throw rolloutErrors.WORKER_UNCLEAR({
			worker: worker.name,
			problem: `${next.name} is to be idle, and runs ${declaredImage(next, worker.container)}`,
		});
	const least = recorded?.live.replicas ?? (previous.wanted > 0 ? previous.wanted : next.wanted);
	const replicas = worker.role === 'singleton' ? least : Math.max(least, previous.wanted, next.wanted);
	const done = previous.wanted === 0 && next.wanted > 0 && asksFor(next) === digest;
	return { worker, from, to, image, digest, replicas: Math.max(1, replicas), done };
}

/** Without a record the colour that runs the image already is the one to go to: a second run must not move it back. */
function chooseTarget(
	worker: Worker,
	deployments: WorkerDeployments,
	{ digest, asksFor }: { digest: string; asksFor(deployment: DeploymentFacts): string | undefined },
): Colour {
	const { live, idle } = assessWorkerColours(worker, deployments);
	return asksFor(deployments[live]) === digest ? live : idle;
}
