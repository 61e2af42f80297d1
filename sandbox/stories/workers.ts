import { Redis } from 'ioredis';
import { Agent, fetch } from 'undici';
import { workerRunsKey } from '../app/worker.ts';
import type { World } from './world.ts';

interface DeploymentList {
	readonly items: ReadonlyArray<{
		readonly metadata: { readonly name: string };
		readonly spec: { readonly replicas: number };
	}>;
}

/** How many replicas each Deployment of a world's namespace is to have, by its name. */
export async function readReplicas({ endpoints }: World): Promise<Readonly<Record<string, number>>> {
	const { url, ca, token, namespace } = endpoints.kubernetes;
	const dispatcher = new Agent({ connect: { ca } });
	try {
		const response = await fetch(`${url}/apis/apps/v1/namespaces/${namespace}/deployments`, {
			headers: { authorization: `Bearer ${token}` },
			dispatcher,
		});
		const { items } = (await response.json()) as DeploymentList;
		return Object.fromEntries(items.map(({ metadata, spec }) => [metadata.name, spec.replicas]));
	} finally {
		await dispatcher.close();
	}
}

/** How often production's workers have done their work, by version. */
export async function readWorkerRuns({ endpoints }: World): Promise<Readonly<Record<string, number>>> {
	const { host, port, password } = endpoints.redis;
	const redis = new Redis({ host, port, password, maxRetriesPerRequest: 1 });
	try {
		const runs = await redis.hgetall(workerRunsKey);
		return Object.fromEntries(Object.entries(runs).map(([version, count]) => [version, Number(count)]));
	} finally {
		redis.disconnect();
	}
}
