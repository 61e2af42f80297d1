import type { V1EndpointSlice, V1Pod } from '@kubernetes/client-node';
import { addressAnnotation } from './connectToApi.ts';

/** A port of a Service; the name is empty for a Service's only, unnamed port. */
export interface ServicePort {
	readonly namespace: string;
	readonly name: string;
	readonly portName: string;
}

/** The real addresses of a Service port's ready endpoints: slice → targetRef → the pod's annotation. */
export function findReadyAddresses(
	port: ServicePort,
	slices: readonly V1EndpointSlice[],
	pods: readonly V1Pod[],
): readonly string[] {
	return slices
		.filter((slice) => belongsTo(slice, port))
		.flatMap((slice) => slice.endpoints ?? [])
		.filter(({ conditions, targetRef }) => conditions?.ready !== false && targetRef?.kind === 'Pod')
		.map(({ targetRef }) => pods.find(({ metadata }) => metadata?.uid === targetRef?.uid))
		.map((pod) => pod?.metadata?.annotations?.[addressAnnotation])
		.filter((address) => address !== undefined);
}

function belongsTo({ metadata, ports }: V1EndpointSlice, { namespace, name, portName }: ServicePort): boolean {
	const isOfService = metadata?.namespace === namespace && metadata.labels?.['kubernetes.io/service-name'] === name;
	return isOfService && (ports ?? []).some((port) => (port.name ?? '') === portName);
}
