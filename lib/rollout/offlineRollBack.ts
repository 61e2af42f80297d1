import { z } from 'zod';
import type { Cluster } from './cluster';
import { fenceOperations, OFFLINE_ANNOTATION } from './fence';
import type { Fence, ReleaseSet, ServiceFacts } from './model';
import { patchUntilWritten } from './patchUntilWritten';

const OFFLINE = z.object({ release: z.string(), person: z.string(), reason: z.string(), at: z.string() });

/** A rollback that was done while the ledger could not be reached. */
export type OfflineRollBack = Readonly<z.infer<typeof OFFLINE>>;

/** Leaves word of it on every Service, for the ledger to take in later. @throws what the calls throw */
export async function writeOfflineRollBack(
	cluster: Cluster,
	{ namespace, workloads }: ReleaseSet,
	{ offline, fence }: { offline: OfflineRollBack; fence: Fence },
): Promise<void> {
	const value = JSON.stringify(offline);
	for (const { service: name } of workloads) {
		await patchUntilWritten<ServiceFacts>({
			read: async () => await cluster.readService(namespace, name),
			decide: (service) =>
				service.annotations[OFFLINE_ANNOTATION] === value
					? undefined
					: fenceOperations(service, {
							kind: 'Service',
							fence,
							annotations: { [OFFLINE_ANNOTATION]: value },
						}),
			patch: async (operations) => await cluster.patchService(namespace, name, operations),
		});
	}
}

/** What such a rollback of this release left word of; undefined when there was none. Unreadable text counts as none. */
export async function readOfflineRollBack(
	cluster: Cluster,
	{ namespace, workloads }: ReleaseSet,
	release: string | undefined,
): Promise<OfflineRollBack | undefined> {
	for (const { service } of workloads) {
		const text = (await cluster.readService(namespace, service)).annotations[OFFLINE_ANNOTATION];
		const found = text === undefined ? undefined : parseOffline(text);
		if (found && found.release === release) return found;
	}
	return undefined;
}

function parseOffline(text: string): OfflineRollBack | undefined {
	try {
		const parsed = OFFLINE.safeParse(JSON.parse(text));
		return parsed.success ? parsed.data : undefined;
	} catch {
		return undefined;
	}
}
