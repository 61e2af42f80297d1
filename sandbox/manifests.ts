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
export function buildDeployment({ application, color, ...choice }: DeploymentChoice): Plain<V1Deployment> {
	const name = workloadName(application);
	return describeDeployment({
		...choice,
		name: color === undefined ? name : `${name}-${color}`,
		labels: labelsOf(application, color),
		container: application,
		args: [],
		port: containerPorts[application],
		healthPath: healthPaths[application],
	});
}

/** The name that the worker's Deployments begin with. */
export const workerName = 'case-management-worker';

/** A colour of the worker: the backend's image by another command, without a Service. */
export function buildWorker({
	color,
	...choice
}: Omit<DeploymentChoice, 'application' | 'color'> & { readonly color: Color }): Plain<V1Deployment> {
	return describeDeployment({
		...choice,
		name: `${workerName}-${color}`,
		labels: { app: workerName, color },
		container: 'worker',
		args: ['worker'],
		port: containerPorts.backend,
		healthPath: healthPaths.backend,
	});
}

interface DeploymentDescription extends Pick<DeploymentChoice, 'namespace' | 'image' | 'replicas' | 'environment'> {
	readonly name: string;
	readonly labels: Record<string, string>;
	readonly container: string;
	readonly args: string[];
	readonly port: number;
	readonly healthPath: string;
}

function describeDeployment({
	namespace,
	name,
	labels,
	container,
	args,
	port,
	healthPath,
	image,
	replicas,
	environment,
}: DeploymentDescription): Plain<V1Deployment> {
	const env: Plain<V1EnvVar>[] = Object.entries(environment).map(([variable, value]) => ({ name: variable, value }));
	return {
		apiVersion: 'apps/v1',
		kind: 'Deployment',
		metadata: { name, namespace, labels },
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
							name: container,
							image,
							args,
							env,
							resources: { limits: { cpu: '2', memory: '512Mi' } },
							ports: [{ name: 'http', containerPort: port }],
							readinessProbe: {
								httpGet: { path: healthPath, port: 'http' },
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
