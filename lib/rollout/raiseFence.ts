import type { Cluster, PatchOperation } from './cluster';
import { fenceOperations, isFencedOut, isHeldBy } from './fence';
import type { Fence, ReleaseSet, Writable } from './model';
import { deploymentsOf, servicesOf } from './objectsOf';
import { patchUntilWritten } from './patchUntilWritten';

/** An object that could not be stamped. */
export interface UnstampedObject {
	readonly kind: FencedKind;
	readonly name: string;
	readonly error: unknown;
}

type FencedKind = 'Service' | 'Deployment';

/**
 * Stamps the token on every object of the set, before the first effect of its holder: an older holder that sleeps is then refused
 * whatever it was about to write, also to an object that the newer one has no need to touch. Stamped already: only read.
 * Returns what could not be stamped. @throws RunbookError ROLLOUT.FENCED_OUT
 */
export async function raiseFence(
	cluster: Cluster,
	set: ReleaseSet,
	fence: Fence | undefined,
): Promise<UnstampedObject[]> {
	if (!fence) return [];
	const { namespace } = set;
	const objects = [
		...servicesOf(set).map((name) => ({ kind: 'Service' as const, name })),
		...deploymentsOf(set).map((name) => ({ kind: 'Deployment' as const, name })),
	];
	const unstamped: UnstampedObject[] = [];
	await Promise.all(
		objects.map(async ({ kind, name }) => {
			try {
				await stamp(cluster, { namespace, kind, name, fence });
			} catch (error) {
				if (isFencedOut(error)) throw error;
				unstamped.push({ kind, name, error });
			}
		}),
	);
	return unstamped;
}

/** The same, for a holder that does not go on unless every object is stamped. @throws also what the calls throw */
export async function raiseWholeFence(cluster: Cluster, set: ReleaseSet, fence: Fence | undefined): Promise<void> {
	const [first] = await raiseFence(cluster, set, fence);
	if (first) throw first.error;
}

async function stamp(
	cluster: Cluster,
	{ namespace, kind, name, fence }: { namespace: string; kind: FencedKind; name: string; fence: Fence },
): Promise<void> {
	const isService = kind === 'Service';
	await patchUntilWritten<Writable>({
		read: async () =>
			isService ? await cluster.readService(namespace, name) : await cluster.readDeployment(namespace, name),
		decide: (object) => (isHeldBy(object, fence) ? undefined : fenceOperations(object, { kind, fence })),
		patch: async (operations: readonly PatchOperation[]) =>
			isService
				? await cluster.patchService(namespace, name, operations)
				: await cluster.patchDeployment(namespace, name, operations),
	});
}
