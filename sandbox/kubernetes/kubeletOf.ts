import { ApiError, notFound } from './apiError.ts';
import { nodes } from './resources.ts';
import type { Exchange } from './exchange.ts';
import type { Node } from './model.ts';

/** Where a node's kubelet listens. Throws ApiError 404 (no such node), 500 (it names no address). */
export function kubeletOf({ store }: Exchange, nodeName: string): { host: string; port: number } {
	const node = store.get(nodes, undefined, nodeName) as Node | undefined;
	if (!node) throw notFound(nodes, nodeName);
	const addresses = node.status?.addresses ?? [];
	const order = ['Hostname', 'InternalDNS', 'InternalIP', 'ExternalDNS', 'ExternalIP'];
	const host = order
		.map((type) => addresses.find((address) => address.type === type))
		.find((found) => found)?.address;
	const port = node.status?.daemonEndpoints?.kubeletEndpoint?.Port;
	if (!host || !port) throw new ApiError(500, 'InternalError', `node ${nodeName} has no kubelet endpoint`);
	return { host, port };
}
