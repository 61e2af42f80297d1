import { RunbookError } from '../support/runbookError';
import type { Cluster } from './cluster';
import type { DeploymentFacts, RecordedConfiguration } from './model';

const CONFIG_MAP = 'ConfigMap/';
/** A role need not allow to read them; then the names alone are compared. */
const UNREAD = ['ROLLOUT.FORBIDDEN', 'ROLLOUT.NOT_FOUND'];

/**
 * What a Deployment takes its settings from: a hash of its pod template, the names of its ConfigMaps and Secrets, and of ConfigMaps the
 * version, where the role may read them. Secrets are never read. @throws what the reads throw
 */
export async function readConfiguration(
	cluster: Cluster,
	namespace: string,
	{ configuration: { templateHash, references } }: DeploymentFacts,
): Promise<RecordedConfiguration> {
	const versions: Record<string, string> = {};
	for (const reference of references.filter((entry) => entry.startsWith(CONFIG_MAP))) {
		const version = await readVersion(cluster, namespace, reference.slice(CONFIG_MAP.length));
		if (version !== undefined) versions[reference] = version;
	}
	return { templateHash, references, versions };
}

async function readVersion(cluster: Cluster, namespace: string, name: string): Promise<string | undefined> {
	try {
		return await cluster.readConfigMapVersion(namespace, name);
	} catch (error) {
		if (error instanceof RunbookError && UNREAD.includes(error.code)) return undefined;
		throw error;
	}
}
