/** What the container's environment says; see the Deployments in `manifests.ts`. */
export interface Configuration {
	readonly application: 'backend' | 'frontend';
	readonly version: string;
	readonly behaviour: BehaviourName;
	/** How long after it first carried load a version that turns unhealthy does so. */
	readonly unhealthyAfterMs: number;
	/** 0: the system chooses. */
	readonly port: number;
	readonly podName: string;
}

export type BehaviourName = 'good' | 'crash' | 'errors' | 'slow' | 'unhealthy-later';

const behaviourNames: readonly BehaviourName[] = ['good', 'crash', 'errors', 'slow', 'unhealthy-later'];

/** Reads the part of the environment that both applications need. @throws naming the variable that is missing or wrong. */
export function readConfiguration(): Configuration {
	const application = requireVariable('APPLICATION');
	if (application !== 'backend' && application !== 'frontend')
		throw new Error('APPLICATION must be backend or frontend');
	const behaviour = behaviourNames.find((name) => name === (process.env['BEHAVIOUR'] ?? 'good'));
	if (!behaviour) throw new Error(`BEHAVIOUR must be one of ${behaviourNames.join(', ')}`);
	return {
		application,
		version: requireVariable('VERSION'),
		behaviour,
		unhealthyAfterMs: readInteger('UNHEALTHY_AFTER_MS', 26_000),
		port: readInteger('PORT', 0),
		podName: process.env['POD_NAME'] ?? '',
	};
}

/** @throws when the variable is not set or empty. */
export function requireVariable(name: string): string {
	const value = process.env[name];
	if (!value) throw new Error(`the environment variable ${name} is missing`);
	return value;
}

function readInteger(name: string, fallback: number): number {
	const text = process.env[name];
	if (text === undefined || text === '') return fallback;
	const value = Number(text);
	if (!Number.isSafeInteger(value) || value < 0)
		throw new Error(`${name} must be a whole number, not ${JSON.stringify(text)}`);
	return value;
}
