import type { Cluster, PatchOperation } from './cluster';
import { COLOUR_LABEL } from './coloursOf';
import { rolloutErrors } from './errors';
import { fenceOperations } from './fence';
import type { Colour, Fence, ServiceFacts } from './model';
import { patchUntilWritten } from './patchUntilWritten';

/**
 * Makes a Service select a colour, testing the colour it replaces. Done already: only carries the fence.
 * `from`: the only colour it may replace; absent: any.
 * @throws RunbookError ROLLOUT.LIVE_CHANGED, FENCED_OUT and what the calls throw
 */
export async function pointService(
	cluster: Cluster,
	namespace: string,
	{ service, to, from, fence }: { service: string; to: Colour; from?: Colour; fence: Fence | undefined },
): Promise<void> {
	await patchUntilWritten<ServiceFacts>({
		read: async () => await cluster.readService(namespace, service),
		decide: (current) => {
			const now = current.selector[COLOUR_LABEL];
			const fencing = fenceOperations(current, { kind: 'Service', fence });
			if (now === to) return fencing.length === 0 ? undefined : fencing;
			if (from !== undefined && now !== from)
				throw rolloutErrors.LIVE_CHANGED({ service, actual: now ?? 'nothing', recorded: from });
			return [...fencing, ...switchOperations(now, to)];
		},
		patch: async (operations) => await cluster.patchService(namespace, service, operations),
	});
}

function switchOperations(now: string | undefined, to: Colour): PatchOperation[] {
	const path = `/spec/selector/${COLOUR_LABEL}`;
	if (now === undefined) return [{ op: 'add', path, value: to }];
	return [
		{ op: 'test', path, value: now },
		{ op: 'replace', path, value: to },
	];
}
