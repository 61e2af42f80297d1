import { unknownPath } from './apiError.ts';
import { resources } from './resources.ts';
import type { Resource, Subresource } from './resources.ts';

/** What a path under `/api` or `/apis` names. `name` is absent for collections, `namespace` for all namespaces. */
export interface ResourcePath {
	readonly resource: Resource;
	readonly namespace?: string;
	readonly name?: string;
	readonly subresource?: Subresource;
	/** What follows `/proxy`, with its leading slash, as it was sent (still percent-encoded). */
	readonly rest?: string;
}

/** Whether the server has the path's group: what lies outside is answered in text, not with a Status. */
export function isKnownGroup(pathname: string): boolean {
	const [, root, group] = pathname.split('/');
	return root === 'api' || (root === 'apis' && resources.some((candidate) => candidate.group === group));
}

/** Reads `/api/v1/…` and `/apis/<group>/<version>/…`. Throws ApiError 404 for anything the server does not have. */
export function parseRequestPath(pathname: string): ResourcePath {
	const parts = pathname.split('/').slice(1);
	const [group, version, rest] =
		parts[0] === 'api' ? ['', parts[1], parts.slice(2)] : [parts[1] ?? '', parts[2], parts.slice(3)];
	const isNamespaced = rest[0] === 'namespaces' && rest.length > 2 && rest[2] !== 'status' && rest[2] !== 'finalize';
	const namespace = isNamespaced ? decode(rest[1]) : undefined;
	const [plural, name, subresource, ...tail] = isNamespaced ? rest.slice(2) : rest;
	const resource = resources.find(
		(candidate) => candidate.group === group && candidate.version === version && candidate.plural === plural,
	);
	if (!resource || (isNamespaced && !resource.namespaced)) throw unknownPath();
	const known = resource.subresources.find((candidate) => candidate === subresource);
	if (subresource !== undefined && subresource !== '' && !known) throw unknownPath();
	if (tail.length > 0 && known !== 'proxy') throw unknownPath();
	if (name && resource.namespaced && namespace === undefined) throw unknownPath();
	return {
		resource,
		...(namespace === undefined ? {} : { namespace }),
		...(name ? { name: decode(name) } : {}),
		...(known ? { subresource: known } : {}),
		...(known === 'proxy' ? { rest: `/${tail.join('/')}` } : {}),
	};
}

function decode(part: string | undefined): string {
	try {
		return decodeURIComponent(part ?? '');
	} catch {
		throw unknownPath();
	}
}
