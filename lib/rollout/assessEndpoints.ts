import { COLOUR_LABEL } from './coloursOf';
import { runningDigest } from './imageDigest';
import type { Colour, EndpointFacts, PodFacts } from './model';

export interface EndpointExpectation {
	readonly colour: Colour;
	readonly container: string;
	readonly digest: string;
	/** Least number of pods that take traffic. */
	readonly required: number;
}

/** What is wrong with a Service's ready endpoints; undefined when enough of them, and no others, are the expected pods. */
export function assessEndpoints(
	endpoints: readonly EndpointFacts[],
	pods: readonly PodFacts[],
	expected: EndpointExpectation,
): string | undefined {
	const podsByName = new Map(pods.map((pod) => [pod.name, pod]));
	const ready = readyPods(endpoints);
	for (const name of ready) {
		const problem = strangeness(name, podsByName.get(name), expected);
		if (problem !== undefined) return problem;
	}
	return ready.length < expected.required ? `${ready.length} of ${expected.required} endpoints are ready` : undefined;
}

/** Names of the pods behind ready endpoints, each once: a dual-stack Service lists a pod in several slices. */
export function readyPods(endpoints: readonly EndpointFacts[]): string[] {
	return [
		...new Set(
			endpoints
				.filter(({ ready }) => ready)
				.map(({ pod, addresses }) => (pod === '' ? (addresses[0] ?? '') : pod)),
		),
	];
}

function strangeness(
	name: string,
	pod: PodFacts | undefined,
	{ colour, container, digest }: EndpointExpectation,
): string | undefined {
	if (!pod) return `the endpoint ${name} is not one of the ${colour} pods`;
	if (pod.labels[COLOUR_LABEL] !== colour)
		return `the endpoint ${name} is ${pod.labels[COLOUR_LABEL] ?? 'of no colour'}`;
	const found = pod.containers.find((candidate) => candidate.name === container);
	const running = found ? runningDigest(found) : undefined;
	return running === digest ? undefined : `the endpoint ${name} runs ${running ?? 'an unknown image'}`;
}
