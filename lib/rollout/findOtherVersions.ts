import type { Verdict } from '../support/verdict';
import type { Cluster } from './cluster';
import { imageDigest, runningDigest } from './imageDigest';
import type { DeploymentFacts, PodFacts, ReleaseSet, TargetImage, Workload } from './model';
import { declaredImage } from './readRunningImage';

/** What the cluster says of one of the two Deployments of a workload or a worker. */
export interface ColourFacts {
	/** `service`: by which its image is named; `name`: by which it is told of, that of the workload unless said. */
	readonly workload: Pick<Workload, 'service' | 'container'> & { readonly name?: string };
	readonly deployment: DeploymentFacts;
	readonly pods: readonly PodFacts[];
}

export interface OtherVersions {
	/** passed: nothing but the given images runs, and each of them does. */
	readonly verdict: Verdict;
	/** What else runs or would, in words. */
	readonly others: readonly string[];
	readonly reasons: readonly string[];
}

/** Looks at both colours of every workload and worker for pods of another version. @throws RunbookError ROLLOUT.* of the reads */
export async function findOtherVersions(
	cluster: Cluster,
	{ namespace, workloads, workers = [] }: ReleaseSet,
	images: readonly TargetImage[],
): Promise<OtherVersions> {
	const facts: ColourFacts[] = [];
	const moved = workers.map((worker) => ({ ...worker, service: worker.workload }));
	for (const workload of [...workloads, ...moved]) {
		for (const deploymentName of Object.values(workload.deployments)) {
			const deployment = await cluster.readDeployment(namespace, deploymentName);
			facts.push({ workload, deployment, pods: await cluster.listPods(namespace, deployment.selector) });
		}
	}
	return assessOtherVersions(facts, images);
}

/** A pod that is ending still reads and writes; a Deployment that wants replicas of another image has them in a moment. */
export function assessOtherVersions(facts: readonly ColourFacts[], images: readonly TargetImage[]): OtherVersions {
	const others: string[] = [];
	const unknown: string[] = [];
	const serving = new Set<string>();
	for (const { workload, deployment, pods } of facts) {
		const expected = imageDigest(images.find((one) => one.workload === workload.service)?.image ?? '');
		const declared = imageDigest(declaredImage(deployment, workload.container));
		if (deployment.wanted > 0 && declared !== undefined && declared !== expected)
			others.push(`Deployment ${deployment.name} asks for ${deployment.wanted} of ${declared}`);
		for (const { name, ready, ended, containers } of pods) {
			if (ended) continue;
			const container = containers.find((one) => one.name === workload.container);
			const digest = container && runningDigest(container);
			if (digest === undefined) unknown.push(`what pod ${name} runs cannot be told`);
			else if (digest !== expected) others.push(`pod ${name} runs ${digest}`);
			else if (ready) serving.add(nameOf(workload));
		}
	}
	const idle = [...new Set(facts.map(({ workload }) => nameOf(workload)))].filter((one) => !serving.has(one));
	const silent = idle.map((service) => `no ready pod of ${service} runs the version that is to be the oldest`);
	return {
		verdict: others.length > 0 ? 'failed' : unknown.length + silent.length > 0 ? 'inconclusive' : 'passed',
		others,
		reasons: [...others, ...unknown, ...silent],
	};
}

function nameOf({ service, name }: ColourFacts['workload']): string {
	return name ?? service;
}
