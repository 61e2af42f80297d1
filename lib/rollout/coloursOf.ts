import { rolloutErrors } from './errors';
import type { Colour, DeploymentFacts, Labels, ServiceFacts, Workload } from './model';

/** The label by which a Service tells the colours apart. */
export const COLOUR_LABEL = 'color';

export interface Colours {
	readonly live: Colour;
	readonly idle: Colour;
}

/** Which colour a Service sends traffic to, and which one is idle. @throws RunbookError ROLLOUT.COLOUR_UNKNOWN */
export function coloursOf(workload: Workload, service: ServiceFacts): Colours {
	const live = service.selector[COLOUR_LABEL];
	if (live !== 'blue' && live !== 'green') {
		throw rolloutErrors.COLOUR_UNKNOWN({ service: workload.service, selector: labelsText(service.selector) });
	}
	return { live, idle: otherColour(live) };
}

export function otherColour(colour: Colour): Colour {
	return colour === 'blue' ? 'green' : 'blue';
}

/**
 * Refuses a colour whose pods the Service would not select: a switch to it would leave no endpoints.
 * @throws RunbookError ROLLOUT.SELECTOR_MISMATCH
 */
export function assertSelectable(service: ServiceFacts, colour: Colour, deployment: DeploymentFacts): void {
	const wanted = { ...service.selector, [COLOUR_LABEL]: colour };
	if (Object.entries(wanted).every(([label, value]) => deployment.podLabels[label] === value)) return;
	const selector = labelsText(wanted);
	throw rolloutErrors.SELECTOR_MISMATCH({ service: service.name, deployment: deployment.name, colour, selector });
}

function labelsText(labels: Labels): string {
	return (
		Object.entries(labels)
			.map(([label, value]) => `${label}=${value}`)
			.join(',') || 'empty'
	);
}
