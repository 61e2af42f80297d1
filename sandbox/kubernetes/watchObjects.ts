import { expired, tooLargeVersion } from './apiError.ts';
import { listObjects, selectionFilter } from './listObjects.ts';
import type { Selection } from './listObjects.ts';
import type { ApiObject, ChangeType } from './model.ts';
import type { ObjectStore, StoreChange } from './objectStore.ts';

/** One line of a watch about an object. */
export interface WatchEvent {
	readonly type: ChangeType;
	readonly object: ApiObject;
}

/** A running watch. */
export interface Watch {
	stop(): void;
}

/**
 * Reports the changes of a selection after `resourceVersion`, in order. Without a version (or with "0") it first reports
 * every object as ADDED and then calls `onInitialEnd`. An object that begins or ceases to match the selectors is reported
 * as ADDED or DELETED. Throws ApiError 400 (selector), 410 (version no longer kept), 504 (version of the future).
 */
export function watchObjects(
	store: ObjectStore,
	watch: { selection: Selection; resourceVersion?: string | undefined; initialEvents?: boolean },
	onEvent: (event: WatchEvent) => void,
	onInitialEnd: () => void = () => {},
): Watch {
	const { selection } = watch;
	const matches = selectionFilter(selection);
	const from = Number(watch.resourceVersion ?? 0);
	if (watch.initialEvents || !(from > 0)) {
		for (const object of listObjects(store, selection).items) onEvent({ type: 'ADDED', object });
		onInitialEnd();
	} else {
		if (from < store.oldestVersion) throw expired(from, store.oldestVersion);
		if (from > store.version) throw tooLargeVersion(from, store.version);
		for (const change of store.changesSince(from)) report(change);
	}
	return { stop: store.subscribe(report) };

	function report(change: StoreChange): void {
		if (change.resource !== selection.resource) return;
		const before = change.previous !== undefined && matches(change.previous);
		const now = change.type !== 'DELETED' && matches(change.object);
		if (now) onEvent({ type: before ? 'MODIFIED' : 'ADDED', object: change.object });
		else if (before) onEvent({ type: 'DELETED', object: lastMatching(change) });
	}
}

/** The state an object had when it last matched, under the version of the change that ended it. */
function lastMatching(change: StoreChange): ApiObject {
	if (change.type === 'DELETED' || !change.previous) return change.object;
	const { previous } = change;
	return { ...previous, metadata: { ...previous.metadata, resourceVersion: change.object.metadata.resourceVersion } };
}
