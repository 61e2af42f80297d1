import type { Colours } from '../coloursOf';
import { rolloutErrors } from '../errors';
import { replicasMeant } from '../freeze/freezeRecord';
import type { Colour, DeploymentFacts, Worker } from '../model';

/** Both Deployments of a worker. */
export type WorkerDeployments = Readonly<Record<Colour, DeploymentFacts>>;

/**
 * Which colour of a worker runs: the one that has replicas, or would have them after a thaw. No Service tells it.
 * @throws RunbookError ROLLOUT.WORKER_UNCLEAR when both have, or none
 */
export function assessWorkerColours({ name }: Pick<Worker, 'name'>, { blue, green }: WorkerDeployments): Colours {
	const runs = { blue: replicasMeant(blue) > 0, green: replicasMeant(green) > 0 };
	if (runs.blue !== runs.green) return runs.blue ? { live: 'blue', idle: 'green' } : { live: 'green', idle: 'blue' };
	const problem = runs.blue
		? `both ${blue.name} and ${green.name} have replicas`
		: `neither ${blue.name} nor ${green.name} has replicas`;
	throw rolloutErrors.WORKER_UNCLEAR({ worker: name, problem });
}
