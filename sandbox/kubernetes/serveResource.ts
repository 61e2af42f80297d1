import { ApiError, notFound } from './apiError.ts';
import { applyPatch } from './applyPatch.ts';
import { bindPod } from './bindPod.ts';
import { createObject } from './createObject.ts';
import { deleteObject } from './deleteObject.ts';
import { mediaTypeOf, readBody, readJson, sendJson } from './exchange.ts';
import { listObjects, selectionFilter } from './listObjects.ts';
import { toTable, wantsTable } from './renderTable.ts';
import { apiVersionOf } from './resources.ts';
import { readScale, updateScale } from './scaleSubresource.ts';
import { updateObject } from './updateObject.ts';
import type { DeleteOptions } from './deleteObject.ts';
import type { Exchange } from './exchange.ts';
import type { Selection } from './listObjects.ts';
import type { ApiObject } from './model.ts';
import type { ResourcePath } from './parseRequestPath.ts';
import type { UpdateTarget } from './updateObject.ts';

/** A path that names one object. */
type ObjectPath = ResourcePath & { readonly name: string };

/** Answers list, create and delete of a collection. Throws ApiError. */
export async function serveCollection(exchange: Exchange, path: ResourcePath, selection: Selection): Promise<void> {
	const { store, request, response } = exchange;
	const { resource, namespace } = path;
	switch (request.method ?? '') {
		case 'GET':
		case 'HEAD':
			sendList(exchange, selection);
			return;
		case 'POST': {
			if (resource.namespaced && namespace === undefined) throw methodNotAllowed();
			const input = await readJson(request);
			sendJson(response, 201, createObject(store, { resource, namespace, dryRun: isDryRun(exchange) }, input));
			return;
		}
		case 'DELETE': {
			if (resource.kind === 'Namespace') throw methodNotAllowed();
			const options = await readDeleteOptions(exchange);
			const matches = selectionFilter(selection);
			const items = store.list(resource, namespace).filter(matches);
			for (const { metadata } of items) {
				deleteObject(store, { resource, namespace: metadata.namespace, name: metadata.name }, options);
			}
			const metadata = { resourceVersion: String(store.version) };
			sendJson(response, 200, {
				kind: `${resource.kind}List`,
				apiVersion: apiVersionOf(resource),
				metadata,
				items,
			});
			return;
		}
		default:
			throw methodNotAllowed();
	}
}

/** Answers get, update, patch and delete of an object and of its status, scale and binding. Throws ApiError. */
export async function serveObject(exchange: Exchange, path: ObjectPath): Promise<void> {
	const { store, request, response } = exchange;
	const { resource, namespace, name, subresource } = path;
	const target: UpdateTarget = {
		resource,
		namespace,
		name,
		part: subresource === 'status' ? 'status' : 'object',
		dryRun: isDryRun(exchange),
	};
	if (subresource === 'binding') {
		if (request.method !== 'POST' || namespace === undefined) throw methodNotAllowed();
		bindPod(store, namespace, name, await readJson(request));
		sendJson(response, 201, {
			kind: 'Status',
			apiVersion: 'v1',
			metadata: {},
			status: 'Success',
			code: 201,
		});
		return;
	}
	const isScale = subresource === 'scale';
	const read = () => (isScale ? readScale(store, target) : readObjectAt(exchange, path));
	const write = (input: unknown) => (isScale ? updateScale : updateObject)(store, target, input);
	switch (request.method ?? '') {
		case 'GET':
		case 'HEAD': {
			const object = read();
			sendJson(response, 200, !isScale && wantsTable(request) ? toTable(resource, [object]) : object);
			return;
		}
		case 'PUT':
			sendJson(response, 200, write(await readJson(request)));
			return;
		case 'PATCH': {
			const body = await readBody(request);
			sendJson(response, 200, write(applyPatch(read(), mediaTypeOf(request), body)));
			return;
		}
		case 'DELETE': {
			if (subresource) throw methodNotAllowed();
			const deletion = deleteObject(store, { resource, namespace, name }, await readDeleteOptions(exchange));
			sendJson(response, 200, deletionAnswer(path, deletion));
			return;
		}
		default:
			throw methodNotAllowed();
	}
}

function sendList({ store, request, response, url }: Exchange, selection: Selection): void {
	const query = url.searchParams;
	const page = listObjects(store, selection, {
		limit: Number(query.get('limit') ?? 0),
		continueToken: query.get('continue') ?? '',
		resourceVersion: query.get('resourceVersion') ?? '0',
	});
	const metadata = {
		resourceVersion: page.resourceVersion,
		...(page.continueToken ? { continue: page.continueToken, remainingItemCount: page.remainingItemCount } : {}),
	};
	const { resource } = selection;
	const list = { kind: `${resource.kind}List`, apiVersion: apiVersionOf(resource), metadata, items: page.items };
	sendJson(response, 200, wantsTable(request) ? toTable(resource, page.items, { metadata }) : list);
}

function readObjectAt({ store }: Exchange, { resource, namespace, name }: ObjectPath): ApiObject {
	const found = store.get(resource, namespace, name);
	if (!found) throw notFound(resource, name);
	return found;
}

/** Pods answer with themselves; other kinds with a Status once they are gone, as in the API. */
function deletionAnswer(
	{ resource, name }: ObjectPath,
	{ object, gone }: { object: ApiObject; gone: boolean },
): object {
	if (!gone || resource.kind === 'Pod' || resource.kind === 'Service') return object;
	const details = {
		name,
		...(resource.group ? { group: resource.group } : {}),
		kind: resource.plural,
		uid: object.metadata.uid,
	};
	return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
}

async function readDeleteOptions(exchange: Exchange): Promise<DeleteOptions> {
	const query = exchange.url.searchParams;
	const body = ((await readJson(exchange.request)) ?? {}) as DeleteOptions;
	const grace =
		body.gracePeriodSeconds ??
		(query.has('gracePeriodSeconds') ? Number(query.get('gracePeriodSeconds')) : undefined);
	const policy =
		body.propagationPolicy ?? (query.get('propagationPolicy') as DeleteOptions['propagationPolicy'] | null);
	return {
		...(grace === undefined || grace === null ? {} : { gracePeriodSeconds: grace }),
		...(policy ? { propagationPolicy: policy } : {}),
		...(body.preconditions ? { preconditions: body.preconditions } : {}),
		dryRun: isDryRun(exchange) || (body.dryRun as unknown) !== undefined,
	};
}

function isDryRun({ url }: Exchange): boolean {
	return url.searchParams.get('dryRun') === 'All';
}

function methodNotAllowed(): ApiError {
	return new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});
}
