import type { Cluster } from './cluster';
import { isOfRelease } from './fence';
import type { ReleaseSet } from './model';
import { expectationOf, planSwitch } from './planSwitch';
import type { Switched, SwitchOptions } from './switchTraffic';
import { readEndpointProblem } from './waitForEndpoints';

/**
 * What switchTraffic would return, when this release has switched every workload and the endpoints follow. Undefined when anything
 * of it is left to do: switching again finishes it, or takes back what was switched.
 * @throws RunbookError ROLLOUT.RECORD_MISSING, COLOUR_UNKNOWN, SELECTOR_MISMATCH and what the reads throw
 */
export async function observeSwitch(
	cluster: Cluster,
	{ namespace, workloads }: ReleaseSet,
	{ images, record, fence }: Pick<SwitchOptions, 'images' | 'record' | 'fence'>,
): Promise<{ workloads: Switched[]; alreadySwitched: true } | undefined> {
	// Without a record nobody could tell a switch of this release from what was live before it.
	if (!record) return undefined;
	const switched: Switched[] = [];
	for (const workload of workloads) {
		const { service } = workload;
		const plan = await planSwitch(cluster, namespace, { workload, images, record });
		if (!plan.done || !isOfRelease(await cluster.readService(namespace, service), fence)) return undefined;
		const { from, to, selector } = plan;
		const expected = expectationOf(plan);
		if ((await readEndpointProblem(cluster, namespace, { service, selector, expected })) !== undefined)
			return undefined;
		switched.push({ service, from, to });
	}
	return { workloads: switched, alreadySwitched: true };
}
