import type { Colour } from './model';

/** The kubectl line that gives a Deployment so many replicas. */
export function scaleCommand(namespace: string, deployment: string, replicas: number): string {
	return `kubectl --namespace ${namespace} scale deployment ${deployment} --replicas ${replicas}`;
}

/** The kubectl line that makes a Service select a colour, for people who act without n8n. */
export function selectorCommand(namespace: string, service: string, colour: Colour): string {
	return `kubectl --namespace ${namespace} patch service ${service} --patch '{"spec":{"selector":{"color":"${colour}"}}}'`;
}
