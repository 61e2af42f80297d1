import { Agent, fetch } from 'undici';
import type { World } from './world.ts';

interface PodList {
	readonly items: ReadonlyArray<{
		readonly metadata: { readonly name: string; readonly labels: Record<string, string> };
	}>;
}

/** Two ticks of the watch, 15 s apart, and the 5 s that health must have failed for: wherever the first tick falls, one sees it whole. */
const killForMs = 40_000;
const everyMs = 300;

/**
 * Deletes the pods of the live backend without grace, again and again, so that the service stays down although the cluster
 * replaces them: what an operator sees when every pod of a release dies.
 */
export async function killBackendPods({ endpoints }: World): Promise<void> {
	const { url, ca, token, namespace } = endpoints.kubernetes;
	const dispatcher = new Agent({ connect: { ca } });
	const headers = { authorization: `Bearer ${token}` };
	const base = `${url}/api/v1/namespaces/${namespace}`;
	try {
		const service = (await (
			await fetch(`${base}/services/case-management-backend`, { headers, dispatcher })
		).json()) as { spec: { selector: Record<string, string> } };
		const colour = service.spec.selector['color'] ?? '';
		const selector = encodeURIComponent(`app=case-management-backend,color=${colour}`);
		const until = performance.now() + killForMs;
		while (performance.now() < until && (await liveColour(base, { headers, dispatcher })) === colour) {
			const pods = (await (
				await fetch(`${base}/pods?labelSelector=${selector}`, { headers, dispatcher })
			).json()) as PodList;
			await Promise.all(
				pods.items.map(({ metadata }) =>
					fetch(`${base}/pods/${metadata.name}?gracePeriodSeconds=0`, {
						method: 'DELETE',
						headers,
						dispatcher,
					}),
				),
			);
			await new Promise((resolve) => setTimeout(resolve, everyMs));
		}
	} finally {
		await dispatcher.close();
	}
}

async function liveColour(
	base: string,
	options: { headers: Record<string, string>; dispatcher: Agent },
): Promise<string> {
	const service = (await (await fetch(`${base}/services/case-management-backend`, options)).json()) as {
		spec: { selector: Record<string, string> };
	};
	return service.spec.selector['color'] ?? '';
}
