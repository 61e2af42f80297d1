import { badRequest, tooLargeVersion } from './apiError.ts';
import { parseFieldSelector, parseLabelSelector } from './matchSelectors.ts';
import type { ApiObject } from './model.ts';
import type { ObjectStore } from './objectStore.ts';
import type { Resource } from './resources.ts';

/** What a list or watch is about. `namespace` is absent for all namespaces and for cluster-scoped kinds. */
export interface Selection {
	readonly resource: Resource;
	readonly namespace?: string | undefined;
	readonly labelSelector?: string | undefined;
	readonly fieldSelector?: string | undefined;
}

/** One page: `resourceVersion` is where a watch goes on, `continueToken` is absent on the last page. */
export interface Page {
	readonly items: ApiObject[];
	readonly resourceVersion: string;
	readonly continueToken?: string;
	readonly remainingItemCount?: number;
}

/**
 * Lists the objects of a selection as they are now. Pages follow the order of namespace and name; unlike etcd's, a later
 * page shows the objects of its own moment. Throws ApiError 400 (selector, token), 504 (version of the future).
 */
export function listObjects(
	store: ObjectStore,
	selection: Selection,
	paging: { limit?: number; continueToken?: string; resourceVersion?: string } = {},
): Page {
	const asked = Number(paging.resourceVersion ?? 0);
	if (asked > store.version) throw tooLargeVersion(asked, store.version);
	const matches = selectionFilter(selection);
	const after = paging.continueToken ? readToken(paging.continueToken) : '';
	const rest = store
		.list(selection.resource, selection.namespace)
		.filter((object) => matches(object) && place(object) > after);
	const items = paging.limit ? rest.slice(0, paging.limit) : rest;
	const last = items.at(-1);
	const left = rest.length - items.length;
	return {
		items,
		resourceVersion: String(store.version),
		...(left > 0 && last
			? { continueToken: Buffer.from(place(last)).toString('base64url'), remainingItemCount: left }
			: {}),
	};
}

/** Compiles a selection into a test of one object, its namespace included. Throws ApiError 400. */
export function selectionFilter(selection: Selection): (object: ApiObject) => boolean {
	const byLabel = parseLabelSelector(selection.labelSelector ?? '');
	const byField = parseFieldSelector(selection.resource, selection.fieldSelector ?? '');
	return (object) =>
		(selection.namespace === undefined || object.metadata.namespace === selection.namespace) &&
		byLabel(object) &&
		byField(object);
}

function place(object: ApiObject): string {
	return `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
}

function readToken(token: string): string {
	const text = Buffer.from(token, 'base64url').toString();
	if (!text.includes('/')) throw badRequest('continue key is not valid');
	return text;
}
