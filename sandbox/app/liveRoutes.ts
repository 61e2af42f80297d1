import { setTimeout as delay } from 'node:timers/promises';
import { RefusedRequest } from './route.ts';
import type { Route } from './route.ts';

const longestWaitSeconds = 30;

/** GET /cases/changes?wait=10: answers when the time is over, as a long poll without news does. At most 30 s. */
export function createLiveRoutes(): readonly Route[] {
	const changes: Route = {
		method: 'GET',
		path: /^\/cases\/changes$/,
		label: '/cases/changes',
		async answer({ url }) {
			const seconds = Number(url.searchParams.get('wait') ?? 0);
			if (!(seconds >= 0 && seconds <= longestWaitSeconds))
				throw new RefusedRequest(400, `wait must be from 0 to ${String(longestWaitSeconds)} seconds`);
			await delay(seconds * 1000, undefined, { ref: false });
			return { status: 200, body: { changes: [] } };
		},
	};
	return [changes];
}
