import type { Clock } from '../support/clock';
import { RunbookError } from '../support/runbookError';
import { assessEndpoints, type EndpointExpectation } from './assessEndpoints';
import type { Cluster } from './cluster';
import { rolloutErrors } from './errors';
import type { Labels } from './model';

const POLL_MS = 500;

/** What is wrong with the ready endpoints of a Service; undefined when they are as expected. `selector`: labels of the expected pods. */
export async function readEndpointProblem(
	cluster: Cluster,
	namespace: string,
	{ service, selector, expected }: { service: string; selector: Labels; expected: EndpointExpectation },
): Promise<string | undefined> {
	const endpoints = await cluster.listEndpointSlices(namespace, service);
	return assessEndpoints(endpoints, await cluster.listPods(namespace, selector), expected);
}

/**
 * Waits until a Service's ready endpoints are enough pods of the expected colour and image, and no others.
 * @throws RunbookError ROLLOUT.NOT_SETTLED at the deadline, naming what was wrong last; the signal's reason when aborted
 */
export async function waitForEndpoints(
	cluster: Cluster,
	namespace: string,
	{
		service,
		selector,
		expected,
		timeoutMs,
		clock,
		signal,
	}: {
		service: string;
		selector: Labels;
		expected: EndpointExpectation;
		timeoutMs: number;
		clock: Clock;
		signal: AbortSignal;
	},
): Promise<void> {
	const startedAt = clock.monotonicMs();
	for (;;) {
		const problem = await readEndpointProblem(cluster, namespace, { service, selector, expected }).catch(
			unreachable,
		);
		if (problem === undefined) return;
		if (clock.monotonicMs() - startedAt >= timeoutMs) {
			throw rolloutErrors.NOT_SETTLED({
				service,
				colour: expected.colour,
				seconds: Math.round(timeoutMs / 1000),
				problem,
			});
		}
		await clock.sleep(POLL_MS, signal);
	}
}

function unreachable(error: unknown): string {
	if (error instanceof RunbookError && error.code === 'ROLLOUT.UNREACHABLE') return error.message;
	throw error;
}
