import type { BehaviourName } from './configuration.ts';

/** How a version misbehaves; asked once per request and once per health check. */
export interface Behaviour {
	/** What to do with this request before the route sees it. Health, metrics and API health are never asked. */
	beforeRoute(): { readonly fail: boolean; readonly delayMs: number };
	isHealthy(): boolean;
}

/** Load is this many requests within this time: a smoke test stays below, traffic does not. */
const loadRequests = 10;
const loadWindowMs = 2_000;
/** One request in five fails. */
const failureInterval = 5;
const slownessMs = 400;

/**
 * `errors` and `unhealthy-later` begin only under load, as a defect does that a smoke test cannot find. `now` is in
 * milliseconds and monotonic.
 */
export function createBehaviour(
	name: BehaviourName,
	unhealthyAfterMs: number,
	now: () => number = () => performance.now(),
): Behaviour {
	const latest: number[] = [];
	let loadedSince: number | undefined;
	let loadedRequests = 0;

	function isUnderLoad(): boolean {
		latest.push(now());
		if (latest.length > loadRequests) latest.shift();
		const [oldest = 0] = latest;
		return latest.length === loadRequests && now() - oldest <= loadWindowMs;
	}

	return {
		beforeRoute() {
			if (isUnderLoad()) {
				loadedSince ??= now();
				loadedRequests += 1;
				if (name === 'errors' && loadedRequests % failureInterval === 0) return { fail: true, delayMs: 0 };
			}
			return { fail: false, delayMs: name === 'slow' ? slownessMs : 0 };
		},
		isHealthy: () =>
			name !== 'unhealthy-later' || loadedSince === undefined || now() - loadedSince < unhealthyAfterMs,
	};
}
