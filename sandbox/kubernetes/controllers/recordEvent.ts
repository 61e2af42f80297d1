import { timestamp } from '../clock.ts';
import { apiVersionOf, events } from '../resources.ts';
import type { ClusterClient } from '../clusterClient.ts';
import type { ApiObject } from '../model.ts';
import type { Resource } from '../resources.ts';

/** What happened to an object, in the words that `kubectl get events` shows. */
export interface ObjectEvent {
	readonly type: 'Normal' | 'Warning';
	readonly reason: string;
	readonly message: string;
	/** The name of the controller that speaks. */
	readonly component: string;
}

/** Writes an Event about an object. An event that cannot be written is lost: no controller stops for that. */
export async function recordEvent(
	client: ClusterClient,
	about: { resource: Resource; object: ApiObject },
	event: ObjectEvent,
): Promise<void> {
	const { name, uid, resourceVersion, namespace = 'default' } = about.object.metadata;
	const now = timestamp();
	const body = {
		metadata: { generateName: `${name}.` },
		involvedObject: {
			apiVersion: apiVersionOf(about.resource),
			kind: about.resource.kind,
			namespace,
			name,
			uid,
			resourceVersion,
		},
		type: event.type,
		reason: event.reason,
		message: event.message,
		source: { component: event.component },
		reportingComponent: event.component,
		firstTimestamp: now,
		lastTimestamp: now,
		count: 1,
	};
	await client.create(events, namespace, body).catch(() => undefined);
}
