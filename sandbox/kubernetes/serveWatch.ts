import { ApiError } from './apiError.ts';
import { apiVersionOf } from './resources.ts';
import { toTable, wantsTable } from './renderTable.ts';
import { watchObjects } from './watchObjects.ts';
import type { Exchange } from './exchange.ts';
import type { Selection } from './listObjects.ts';
import type { Watch } from './watchObjects.ts';

/** How often a watch that allows bookmarks is told the current version, in milliseconds. */
const bookmarkIntervalMs = 60_000;

/**
 * Streams a watch as one JSON line an event until the client leaves or `timeoutSeconds` is over. A version that is too old
 * is reported inside the stream as an ERROR event with a 410 Status, as the API does. Returns the function that ends it.
 */
export function serveWatch({ store, request, response, url }: Exchange, selection: Selection): () => void {
	const query = url.searchParams;
	const asTable = wantsTable(request);
	const bookmarks = query.get('allowWatchBookmarks') === 'true';
	const initialEvents = query.get('sendInitialEvents') === 'true';
	let watch: Watch | undefined;
	let isFirstRow = true;
	const timers: NodeJS.Timeout[] = [];
	const stop = () => {
		watch?.stop();
		for (const timer of timers) clearTimeout(timer);
		response.end();
	};
	const send = (type: string, object: unknown) => void response.write(`${JSON.stringify({ type, object })}\n`);
	const bookmark = (annotations?: Record<string, string>) => {
		const { kind } = selection.resource;
		const metadata = { resourceVersion: String(store.version), ...(annotations ? { annotations } : {}) };
		send('BOOKMARK', { kind, apiVersion: apiVersionOf(selection.resource), metadata });
	};
	const begin = () => {
		response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-cache, private' });
		response.flushHeaders();
	};
	response.on('close', stop);
	try {
		const parameters = { selection, resourceVersion: query.get('resourceVersion') ?? undefined, initialEvents };
		const lines: [string, unknown][] = [];
		let emit = (type: string, object: unknown): unknown => lines.push([type, object]);
		watch = watchObjects(
			store,
			parameters,
			({ type, object }) => {
				const shown = asTable ? toTable(selection.resource, [object], { columns: isFirstRow }) : object;
				isFirstRow = false;
				emit(type, shown);
			},
			() => emit('INITIAL', undefined),
		);
		begin();
		emit = (type, object) => {
			if (type !== 'INITIAL') send(type, object);
			else if (initialEvents && bookmarks) bookmark({ 'k8s.io/initial-events-end': 'true' });
		};
		for (const [type, object] of lines) emit(type, object);
	} catch (error) {
		if (!(error instanceof ApiError) || error.status.code !== 410) throw error;
		begin();
		send('ERROR', error.status);
		stop();
		return stop;
	}
	if (bookmarks) timers.push(setInterval(bookmark, bookmarkIntervalMs).unref());
	const timeoutSeconds = Number(query.get('timeoutSeconds') ?? 0);
	if (timeoutSeconds > 0) {
		const end = () => {
			if (bookmarks) bookmark();
			stop();
		};
		timers.push(setTimeout(end, timeoutSeconds * 1000).unref());
	}
	return stop;
}
