import type { Clock } from '../../support/clock';
import type { RunbookError } from '../../support/runbookError';
import type { Cluster } from '../cluster';
import { otherColour } from '../coloursOf';
import { endConnections, type EndedConnections } from '../endConnections';
import { rolloutErrors } from '../errors';
import { isFencedOut } from '../fence';
import { keepFrozen } from '../freeze/keepFrozen';
import type { Fence } from '../model';
import { declaredImage, findRunningDigest } from '../readRunningImage';
import { scaleCommand } from '../repairCommands';
import { runImage } from '../setImage';
import type { WorkerReturn } from './assessWorkerReturn';
import type { UnreadWorker, WorkerReturnPlan } from './planReturns';
import { startWorker } from './startWorker';
import { stopDeployment } from './stopWorker';

export interface ReturnOptions {
	readonly plans: readonly WorkerReturnPlan[];
	readonly unread: readonly UnreadWorker[];
	readonly fence: Fence | undefined;
	/** How long the recorded version of one worker may take to come up. */
	readonly timeoutMs: number;
	readonly clock: Clock;
	readonly signal: AbortSignal;
	log?(message: string): void;
}

export interface ReturnedWorker {
	readonly worker: string;
	readonly action: WorkerReturn;
	/** The Deployment that was recorded. */
	readonly deployment: string;
	readonly digest: string;
}

export interface ReturnedWorkers {
	readonly workers: readonly ReturnedWorker[];
	/** Old pods that were there, and how long they took to end. */
	readonly ended: readonly EndedConnections[];
	readonly warnings: readonly string[];
	/** What did not come back; undefined when all did. To be thrown once the rest of the rollback is done. */
	readonly failure: RunbookError | undefined;
}

interface Failure extends Pick<WorkerReturnPlan, 'worker' | 'record'> {
	readonly error: unknown;
}

/**
 * Takes every worker back to its record, in the declared order: the version that the release brought is stopped and ended within 30 s, then the
 * recorded one started. Going back cuts, so for all roles the new one stops first. One that does not come back does not hold up the others.
 * @throws RunbookError ROLLOUT.FENCED_OUT; the signal's reason when aborted
 */
export async function returnWorkers(
	cluster: Cluster,
	namespace: string,
	options: ReturnOptions,
): Promise<ReturnedWorkers> {
	const ended: EndedConnections[] = [];
	const warnings: string[] = [];
	const failures: Failure[] = [...options.unread];
	for (const plan of options.plans) {
		if (plan.action === 'left-alone')
			warnings.push(
				`${plan.worker.name} runs a version that is neither the record nor the release's: it was left alone`,
			);
		if (plan.action !== 'go-back') continue;
		try {
			const cut = await returnOne(cluster, namespace, { plan, options });
			ended.push(...cut.ended);
			warnings.push(...cut.warnings);
		} catch (error) {
			options.signal.throwIfAborted();
			if (isFencedOut(error)) throw error;
			failures.push({ ...plan, error });
		}
	}
	const workers = options.plans.map(({ worker, record, action }) => ({
		worker: worker.name,
		action,
		deployment: record.live.deployment,
		digest: record.live.digest,
	}));
	return { workers, ended, warnings, failure: describeFailure(namespace, failures) };
}

async function returnOne(
	cluster: Cluster,
	namespace: string,
	{ plan, options }: { plan: WorkerReturnPlan; options: ReturnOptions },
): Promise<{ ended: EndedConnections[]; warnings: string[] }> {
	const { worker, record } = plan;
	const { fence, timeoutMs, clock, signal } = options;
	const name = worker.deployments[record.liveColour];
	const replaced = worker.deployments[otherColour(record.liveColour)];
	const deployment = await cluster.readDeployment(namespace, name);
	const runs = await findRunningDigest(cluster, { namespace, workload: worker, deployment });
	const image = runs === record.live.digest ? declaredImage(deployment, worker.container) : record.live.image;
	const replicas = Math.max(1, record.live.replicas);
	// Stopped writers stay stopped: what the thaw gives back changes.
	await keepFrozen(cluster, { namespace, deployment: replaced, fence }, { replicas: 0 });
	if (await keepFrozen(cluster, { namespace, deployment: name, fence }, { replicas })) {
		const wanted = { image, replicas: 0, container: worker.container };
		await runImage(cluster, namespace, { deployment: name, wanted, fence });
		return { ended: [], warnings: [] };
	}
	await stopDeployment(cluster, namespace, { deployment: replaced, fence });
	const cut = await endConnections(cluster, namespace, { deployments: [replaced], clock, signal });
	// Two of a singleton would be worse than none.
	if (worker.role === 'singleton' && cut.warnings.length > 0)
		throw rolloutErrors.WORKER_NOT_STOPPED({ worker: worker.name, seconds: 30, pods: cut.warnings.join(', ') });
	const start = { worker, deployment: name, image, replicas, patient: true };
	await startWorker(cluster, namespace, { ...start, fence, timeoutMs, clock, signal });
	options.log?.(`${worker.name} runs as ${name} again`);
	return cut;
}

function describeFailure(namespace: string, failures: readonly Failure[]): RunbookError | undefined {
	const [first] = failures;
	if (!first) return undefined;
	const problems = failures.map(
		({ worker, error }) => `${worker.name}: ${error instanceof Error ? error.message : String(error)}`,
	);
	const commands = failures.flatMap(({ worker, record }) => [
		scaleCommand(namespace, worker.deployments[otherColour(record.liveColour)], 0),
		scaleCommand(namespace, worker.deployments[record.liveColour], Math.max(1, record.live.replicas)),
	]);
	const repair = `Press rollback again: it goes on. By hand: ${commands.join(' && ')}`;
	return rolloutErrors.WORKERS_NOT_BACK({ problems: problems.join('; '), repair }, first.error);
}
