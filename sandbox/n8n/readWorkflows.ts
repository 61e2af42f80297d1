import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProductionEndpoints } from '../production.ts';

export interface Workflow {
	readonly id: string;
	readonly name: string;
	readonly nodes: ReadonlyArray<{
		readonly name: string;
		readonly type: string;
		readonly parameters: Record<string, unknown>;
	}>;
	readonly [key: string]: unknown;
}

/** The settings of the configuration workflow, as far as the sandbox changes them. */
interface Settings {
	workloads: Array<{ service: string; repository: string }>;
	policy: {
		sampling: { intervalSeconds: number; minimumSamples: number; minimumRequests: number };
		errorRate: { rollback: { heldForSeconds: number } };
		health: { intervalSeconds: number; rollback: { heldForSeconds: number } };
		watch: { windowSeconds: number };
	};
	[key: string]: unknown;
}

/** Callees before callers: n8n publishes a caller only when what it calls is published. */
const publishingOrder = [
	'configuration',
	'roll-back-production',
	'on-failure',
	'phase-1-pre-deploy',
	'phase-2-migration',
	'phase-3-rollout',
	'phase-4-validation',
	'deploy-production',
	'roll-back-database',
	'watch-production',
	'watchdog',
];

/** The exported workflows, callees first; only the configuration workflow is adapted to the sandbox. */
export async function readWorkflows(folder: string, endpoints: ProductionEndpoints): Promise<Workflow[]> {
	const files = (await readdir(folder)).filter((file) => file.endsWith('.json'));
	const workflows = await Promise.all(
		files.map(async (file) => JSON.parse(await readFile(join(folder, file), 'utf8')) as Workflow),
	);
	const unknown = workflows.filter(({ id }) => !publishingOrder.includes(id));
	if (unknown.length > 0)
		throw new Error(`no publishing order for the workflows ${unknown.map(({ id }) => id).join(', ')}`);
	const ordered = workflows.toSorted((a, b) => publishingOrder.indexOf(a.id) - publishingOrder.indexOf(b.id));
	return ordered.map((workflow) => (workflow.id === 'configuration' ? configure(workflow, endpoints) : workflow));
}

function configure(workflow: Workflow, endpoints: ProductionEndpoints): Workflow {
	const nodes = workflow.nodes.map((node) => {
		if (node.name !== 'Settings') return node;
		const settings = adapt(JSON.parse(String(node.parameters['jsonOutput'])) as Settings, endpoints);
		return { ...node, parameters: { ...node.parameters, jsonOutput: JSON.stringify(settings, null, 2) } };
	});
	return { ...workflow, nodes };
}

/** Addresses of the sandbox, and a policy with shorter durations and fewer samples; its limits stay the shipped ones. */
function adapt(settings: Settings, { registry, services, migrationsFolder, s3 }: ProductionEndpoints): Settings {
	const { policy } = settings;
	return {
		...settings,
		workloads: settings.workloads.map((workload) => ({
			...workload,
			repository: `${registry.host}/${workload.service}`,
		})),
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
		migrationsFolder,
		backup: { bucket: s3.buckets.backups, prefix: 'production/' },
		policy: {
			...policy,
			sampling: { intervalSeconds: 1, minimumSamples: 4, minimumRequests: 20 },
			errorRate: { ...policy.errorRate, rollback: { ...policy.errorRate.rollback, heldForSeconds: 6 } },
			health: { intervalSeconds: 1, rollback: { heldForSeconds: 5 } },
			watch: { windowSeconds: 25 },
		},
	};
}
