import { startDeploymentController } from './deploymentController.ts';
import { startEndpointSliceController } from './endpointSliceController.ts';
import { startGarbageCollector } from './garbageCollector.ts';
import { startJobController } from './jobController.ts';
import { startNamespaceController } from './namespaceController.ts';
import { startReplicaSetController } from './replicaSetController.ts';
import type { ClusterClient } from '../clusterClient.ts';

/** Starts every controller on one client. The returned function stops them; work that is under way ends by itself. */
export function startControllers(client: ClusterClient): () => void {
	const stops = [
		startDeploymentController(client),
		startReplicaSetController(client),
		startJobController(client),
		startEndpointSliceController(client),
		startNamespaceController(client),
		startGarbageCollector(client),
	];
	return () => {
		for (const stop of stops) stop();
	};
}
