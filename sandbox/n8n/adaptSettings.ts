import { rehearsalSecret } from '../createRehearsalSecrets.ts';
import { pathIn, production } from '../environments.ts';
import type { EnvironmentEndpoints } from '../environments.ts';
import { workerName, workloadName } from '../manifests.ts';
import type { SandboxAddresses, Workflow } from './readWorkflows.ts';

/** The settings of the configuration workflow, as far as the sandbox changes them. */
interface Settings {
	workloads: Array<{ service: string; repository: string }>;
	workers: readonly object[];
	rollout: object;
	policy: {
		sampling: { intervalSeconds: number; minimumSamples: number; minimumRequests: number };
		errorRate: { rollback: { heldForSeconds: number } };
		baseline: object;
		health: { intervalSeconds: number; rollback: { heldForSeconds: number } };
		watch: object;
	};
	reports: object;
	journey: object;
	suites: ReadonlyArray<{ readonly name: string; readonly workload: string }>;
	previousVersion: { readonly workload: string };
	staging: {
		namespace: string;
		clusterUid?: string;
		healthTargets: readonly object[];
		loginTargets: readonly object[];
	};
	monitoring: object;
	backup: object;
	files: object;
	[key: string]: unknown;
}

/** Where the workflows of an environment run. */
export interface SettingsPlace extends SandboxAddresses {
	readonly environment: EnvironmentEndpoints;
}

/** Production's worker; it runs the backend's image. */
const caseWorker = {
	name: workerName,
	role: 'worker',
	workload: workloadName('backend'),
	deployments: { blue: `${workerName}-blue`, green: `${workerName}-green` },
	container: 'worker',
};
/** Shorter than the watch, as in the shipped settings. */
const drainSeconds = 10;

/** How often the watch looks, in seconds, and for how long a breach is held. */
interface Pace {
	readonly look: number;
	readonly errorsHeld: number;
	readonly healthHeld: number;
	readonly window: number;
	readonly clear: number;
}

/** In production a breach is held within seconds, unless it is to be calm; the other environments leave the processor to what is tested there. */
function paceOf({ environment: { name }, calm = false }: SettingsPlace): Pace {
	return name === production && !calm
		? { look: 3, errorsHeld: 6, healthHeld: 5, window: 25, clear: 6 }
		: { look: 15, errorsHeld: 20, healthHeld: 20, window: 45, clear: 15 };
}

/** The configuration workflow with the addresses of an environment of the sandbox, and the watch as often as it says; other workflows as they are. */
export function adaptSettings(workflow: Workflow, place: SettingsPlace): Workflow {
	if (workflow.id === 'watch-production') return schedule(workflow, paceOf(place).look);
	if (workflow.id !== 'configuration') return workflow;
	const nodes = workflow.nodes.map((node) => {
		if (node.name !== 'Settings') return node;
		const settings = adapt(JSON.parse(String(node.parameters['jsonOutput'])) as Settings, place);
		return { ...node, parameters: { ...node.parameters, jsonOutput: JSON.stringify(settings, null, 2) } };
	});
	return { ...workflow, nodes };
}

function schedule(workflow: Workflow, seconds: number): Workflow {
	const rule = { interval: [{ field: 'seconds', secondsInterval: seconds }] };
	const nodes = workflow.nodes.map((node) =>
		node.type === 'n8n-nodes-base.scheduleTrigger' ? { ...node, parameters: { ...node.parameters, rule } } : node,
	);
	return { ...workflow, nodes };
}

/** The application's image holds one suite, which it runs when it is given the name. */
function adaptSuites(shipped: Settings['suites'], backend: string): Settings['suites'] {
	return shipped
		.filter(({ name }) => name === 'smoke')
		.map(({ name, workload }) => ({
			name,
			workload,
			arguments: ['test:smoke'],
			environment: { BASE_URL: backend },
			leastTests: 4,
		}));
}

/** The image's own command takes the name of a suite; this one starts the application by itself. */
function adaptPreviousVersion({ workload }: Settings['previousVersion']): Settings['previousVersion'] {
	const how = { arguments: ['test:critical-path:alone'], environmentFrom: [rehearsalSecret], leastTests: 6 };
	return { workload, ...how };
}

/** All environments share one staging, as they share the version that they get. */
function adaptStaging(
	shipped: Settings['staging'],
	{ staging: { namespace, services }, kubernetes: { clusterUid } }: SettingsPlace['endpoints'],
): Settings['staging'] {
	return {
		...shipped,
		namespace,
		clusterUid,
		healthTargets: [
			{ name: 'backend on staging', url: `${services.backend}/health` },
			{ name: 'frontend on staging', url: `${services.frontend}/api/health` },
		],
		loginTargets: shipped.loginTargets.map((target) => ({ ...target, url: `${services.backend}/auth/login` })),
	};
}

/** Said to be none where the programs are not installed. */
function adaptMonitoring(
	shipped: Settings['monitoring'],
	{ monitoring }: SettingsPlace['endpoints'],
): Settings['monitoring'] {
	if (monitoring === null) return { enabled: false };
	const { prometheusUrl, alertmanagerUrl, receiver } = monitoring;
	return { ...shipped, prometheusUrl, alertmanagerUrl, receiver, patienceSeconds: 30 };
}

/** Addresses of the sandbox, and a policy with shorter durations and fewer samples; its limits stay the shipped ones. */
function adapt(settings: Settings, place: SettingsPlace): Settings {
	const { endpoints, n8nUrl, environment } = place;
	const { policy } = settings;
	const { registry, migrationsFolder, s3 } = endpoints;
	const { name, namespace, services, backupPrefix } = environment;
	const pace = paceOf(place);
	return {
		...settings,
		environment: name,
		namespace,
		clusterUid: endpoints.kubernetes.clusterUid,
		n8nUrl,
		workloads: settings.workloads.map((workload) => ({
			...workload,
			repository: `${registry.host}/${workload.service}`,
		})),
		workers: name === production ? [caseWorker] : [],
		rollout: { ...settings.rollout, drainSeconds },
		healthTargets: [
			{ name: 'backend', url: `${services.backend}/health` },
			{ name: 'frontend', url: `${services.frontend}/api/health` },
		],
		previewTargets: [
			{ name: 'backend preview', url: `${services.backendPreview}/health` },
			{ name: 'frontend preview', url: `${services.frontendPreview}/api/health` },
		],
		journeyTargets: (settings['journeyTargets'] as Array<{ name: string; url: string }>).map((target) => ({
			...target,
			url: `${services.backend}${new URL(target.url).pathname}`,
		})),
		journey: { ...settings.journey, baseUrl: services.backend },
		suites: adaptSuites(settings.suites, services.backend),
		previousVersion: adaptPreviousVersion(settings.previousVersion),
		staging: adaptStaging(settings.staging, endpoints),
		monitoring: adaptMonitoring(settings.monitoring, endpoints),
		// An audit wants a browser, and as much of the processor as all else.
		lighthouse: { enabled: false },
		migrationsFolder,
		backup: {
			...settings.backup,
			bucket: s3.buckets.backups,
			prefix: backupPrefix,
			// So that both kinds are backed up, verified and restored.
			...(name === production ? { recipients: endpoints.backupIdentity.recipient, encrypted: true } : {}),
		},
		files: {
			...settings.files,
			bucket: s3.buckets.files,
			destinationBucket: s3.buckets.filesBackup,
			destinationPrefix: backupPrefix,
		},
		reports: { ...settings.reports, bucket: s3.buckets.backups, prefix: pathIn(name, 'reports/') },
		policy: {
			...policy,
			sampling: { intervalSeconds: 1, minimumSamples: 4, minimumRequests: 20 },
			errorRate: {
				...policy.errorRate,
				rollback: { ...policy.errorRate.rollback, heldForSeconds: pace.errorsHeld },
			},
			// Two cores that do everything are slower by more than the shipped rise, whatever is released.
			baseline: { ...policy.baseline, responseTimeRiseSeconds: 0.2 },
			health: { intervalSeconds: 1, rollback: { heldForSeconds: pace.healthHeld } },
			watch: {
				windowSeconds: pace.window,
				intervalSeconds: pace.look,
				minimumSamples: 3,
				clearAfterSeconds: pace.clear,
				answerWithinSeconds: 20,
			},
		},
		usage: { looks: 2, intervalSeconds: 0.5 },
		rollback: { watchSeconds: 6 },
		watchdog: { staleAfterSeconds: 15, rollBackAfterSeconds: 120 },
	};
}
