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

interface EndpointWait {
	readonly service: string;
	/** Labels of the expected pods. */
	readonly selector: Labels;
	readonly expected: EndpointExpectation;
	readonly timeoutMs: number;
	readonly clock: Clock;
	readonly signal: AbortSignal;
}

/**
 * Waits until a Service's ready endpoints are enough pods of the expected colour and image, and no others.
 * @throws RunbookError ROLLOUT.NOT_SETTLED at the deadline, naming what was wrong last; the signal's reason when aborted
 */
export async function waitForEndpoints(cluster: Cluster, namespace: string, wait: EndpointWait): Promise<void> {
	const problem = await watchEndpoints(cluster, namespace, wait);
	if (problem === undefined) return;
	const { service, expected, timeoutMs } = wait;
	const seconds = Math.round(timeoutMs / 1000);
	throw rolloutErrors.NOT_SETTLED({ service, colour: expected.colour, seconds, problem });
}

/** The same wait; at its end what was wrong last, undefined when they came to be as expected. @throws the signal's reason when aborted */
export async function watchEndpoints(
	cluster: Cluster,
	namespace: string,
	{ service, selector, expected, timeoutMs, clock, signal }: EndpointWait,
): Promise<string | undefined> {
	const startedAt = clock.monotonicMs();
	for (;;) {
		const problem = await readEndpointProblem(cluster, namespace, { service, selector, expected }).catch(
			unreachable,
		);
		if (problem === undefined || clock.monotonicMs() - startedAt >= timeoutMs) return problem;
		await clock.sleep(POLL_MS, signal);
	}
}

function unreachable(error: unknown): string {
	if (error instanceof RunbookError && error.code === 'ROLLOUT.UNREACHABLE') return error.message;
	throw error;
}
