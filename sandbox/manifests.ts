import type { V1Deployment, V1EnvVar, V1Service } from '@kubernetes/client-node';
import type { Plain } from './kubelet/plain.ts';
import type { Application } from './registry.ts';

export type Color = 'blue' | 'green';

const containerPorts: Record<Application, number> = { backend: 3000, frontend: 8080 };
const healthPaths: Record<Application, string> = { backend: '/health', frontend: '/api/health' };

/** The name that a Deployment's and a Service's names begin with. */
export function workloadName(application: Application): string {
	return `case-management-${application}`;
}

function labelsOf(application: Application, color: Color | undefined): Record<string, string> {
	return { app: workloadName(application), ...(color === undefined ? {} : { color }) };
}

export interface DeploymentChoice {
	readonly namespace: string;
	readonly application: Application;
	/** Undefined: the application has one Deployment only. */
	readonly color: Color | undefined;
	readonly image: string;
	readonly replicas: number;
	/** Besides what the image says itself. */
	readonly environment: Readonly<Record<string, string>>;
}

/** The Deployment of an application, or of one of its colours. */
export function buildDeployment({
	namespace,
	application,
	color,
	image,
	replicas,
	environment,
}: DeploymentChoice): Plain<V1Deployment> {
	const name = workloadName(application);
	const labels = labelsOf(application, color);
	const env: Plain<V1EnvVar>[] = Object.entries(environment).map(([variable, value]) => ({ name: variable, value }));
	return {
		apiVersion: 'apps/v1',
		kind: 'Deployment',
		metadata: { name: color === undefined ? name : `${name}-${color}`, namespace, labels },
		spec: {
			replicas,
			revisionHistoryLimit: 10,
			progressDeadlineSeconds: 60,
			selector: { matchLabels: labels },
			strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
			template: {
				metadata: { labels },
				spec: {
					terminationGracePeriodSeconds: 10,
					containers: [
						{
							name: application,
							image,
							env,
							resources: { limits: { cpu: '2', memory: '512Mi' } },
							ports: [{ name: 'http', containerPort: containerPorts[application] }],
							readinessProbe: {
								httpGet: { path: healthPaths[application], port: 'http' },
								periodSeconds: 1,
								timeoutSeconds: 2,
								failureThreshold: 2,
							},
						},
					],
				},
			},
		},
	};
}

/** The name that the worker's Deployments begin with. */
export const workerName = 'case-management-worker';

/** A colour of the worker: the backend's image by another command, without a Service. */
export function buildWorker(choice: Omit<DeploymentChoice, 'application'> & { readonly color: Color }): Plain<V1Deployment> {
	const { color, namespace, replicas } = choice;
	const labels = { app: workerName, color };
	const { spec, ...backend } = buildDeployment({ ...choice, application: 'backend' });
	const containers = spec.template.spec.containers.map((container) => ({
		...container,
		name: 'worker',
		args: ['worker'],
	}));
	return {
		...backend,
		metadata: { name: `${workerName}-${color}`, namespace, labels },
		spec: {
			...spec,
			replicas,
			selector: { matchLabels: labels },
			template: { metadata: { labels }, spec: { ...spec.template.spec, containers } },
		},
	};
}

export interface ServiceChoice {
	readonly namespace: string;
	readonly application: Application;
	/** Undefined: it selects whatever runs of the application. */
	readonly color: Color | undefined;
	readonly kind: 'live' | 'preview';
}

/** The live Service of an application, or the one that previews the colour without traffic. */
export function buildService({ namespace, application, color, kind }: ServiceChoice): Plain<V1Service> {
	const name = workloadName(application);
	return {
		apiVersion: 'v1',
		kind: 'Service',
		metadata: {
			name: kind === 'live' ? name : `${name}-preview`,
			namespace,
			labels: { app: name },
		},
		spec: { selector: labelsOf(application, color), ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
	};
}
