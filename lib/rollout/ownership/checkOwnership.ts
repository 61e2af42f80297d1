import { RunbookError } from '../../support/runbookError';
import type { Verdict } from '../../support/verdict';
import type { Cluster } from '../cluster';
import { coloursOf } from '../coloursOf';
import type { ReleaseSet } from '../model';
import { deploymentsOf, servicesOf } from '../objectsOf';
import { assessManagement } from './assessManagement';
import { assessArgoRollouts, assessRouting } from './assessRouting';
import { assessScalers, assessUndeclared, assessWorkerScalers } from './assessWorkloads';
import { FOREIGN_KINDS, foreignOf, runningOf, scaledObjectOf, WORKLOAD_KINDS, type ListedKind } from './listedKinds';
import type { DeclaredWorkload, Finding, Scaler } from './model';

export interface OwnershipOptions {
	/** Workloads on the same images that the release does not move. */
	readonly declared: readonly DeclaredWorkload[];
	/** Names of findings that operators have dealt with. */
	readonly accepted: readonly string[];
}

export interface CheckedOwnership {
	/** `failed`: somebody else owns a field. `inconclusive`: not everything could be looked at. */
	readonly verdict: Verdict;
	readonly findings: readonly Finding[];
	/** Findings that were accepted by their name. */
	readonly accepted: readonly Finding[];
	/** What the credential may not list, e.g. `virtualservices`. */
	readonly unseen: readonly string[];
	/** What runs on the same images and stays where it is, e.g. `CronJob/nightly (cron)`. */
	readonly notMoved: readonly string[];
}

const SERVICE_FIELDS = /^spec\.selector(\.|$)/;
const DEPLOYMENT_FIELDS = /^spec\.(replicas|template\.spec\.containers\[[^\]]*\]\.image)$/;

/**
 * Looks for whoever else writes what a release writes, or routes past it, and for workloads that the release does not know of. Nothing is
 * written. Kinds that the cluster does not have are not asked for.
 * @throws RunbookError what the reads throw
 */
export async function checkOwnership(
	cluster: Cluster,
	set: ReleaseSet,
	{ declared, accepted }: OwnershipOptions,
): Promise<CheckedOwnership> {
	const look = new Look(cluster, set.namespace, await cluster.listGroups());
	const management = await findManagement(cluster, set);
	const running = (await Promise.all(WORKLOAD_KINDS.map((kind) => look.list(kind, runningOf)))).flat();
	const foreign = async (kind: keyof typeof FOREIGN_KINDS) => await look.list(FOREIGN_KINDS[kind], foreignOf);
	const routes = [
		...(await foreign('virtualService')),
		...(await foreign('httpRoute')),
		...(await foreign('trafficSplit')),
	];
	const scalers = [...(await look.autoscalers()), ...(await look.list(FOREIGN_KINDS.scaledObject, scaledObjectOf))];
	const findings = [
		...management,
		...assessRouting(routes, set),
		...assessArgoRollouts(await foreign('rollout'), set),
		...assessScalers(scalers, await readLiveReplicas(cluster, set)),
		...assessWorkerScalers(scalers, set),
		...assessUndeclared(running, set, declared),
	];
	const open = findings.filter(({ name }) => !accepted.includes(name));
	return {
		verdict: open.length > 0 ? 'failed' : look.unseen.length > 0 ? 'inconclusive' : 'passed',
		findings: open,
		accepted: findings.filter(({ name }) => accepted.includes(name)),
		unseen: look.unseen,
		notMoved: declared.map(({ object, role }) => `${object} (${role})`),
	};
}

async function findManagement(cluster: Cluster, set: ReleaseSet): Promise<Finding[]> {
	const objects = [
		...servicesOf(set).map((name) => ({ kind: 'services' as const, name, fields: SERVICE_FIELDS })),
		...deploymentsOf(set).map((name) => ({ kind: 'deployments' as const, name, fields: DEPLOYMENT_FIELDS })),
	];
	const found = await Promise.all(
		objects.map(async ({ kind, name, fields }) =>
			assessManagement(await cluster.readManagement(set.namespace, kind, name), fields),
		),
	);
	return found.flat();
}

/** The live colour's replicas, for the Deployments of both colours. */
async function readLiveReplicas(
	cluster: Cluster,
	{ namespace, workloads }: ReleaseSet,
): Promise<ReadonlyMap<string, number>> {
	const replicas = new Map<string, number>();
	for (const workload of workloads) {
		const { live } = coloursOf(workload, await cluster.readService(namespace, workload.service));
		const { wanted } = await cluster.readDeployment(namespace, workload.deployments[live]);
		for (const name of Object.values(workload.deployments)) replicas.set(name, wanted);
	}
	return replicas;
}

/** Lists what there is, and remembers what it was not let see. */
class Look {
	readonly unseen: string[] = [];

	constructor(
		private readonly cluster: Cluster,
		private readonly namespace: string,
		private readonly groups: ReadonlyMap<string, string>,
	) {}

	async list<T>(kind: ListedKind, parse: (kind: ListedKind, object: unknown) => T): Promise<T[]> {
		const version = this.groups.get(kind.group);
		if (version === undefined) return [];
		const { group, plural } = kind;
		const objects = await this.see(plural, () =>
			this.cluster.listObjects(this.namespace, { group, version, plural }),
		);
		return objects.map((object) => parse(kind, object));
	}

	async autoscalers(): Promise<Scaler[]> {
		const found = await this.see('horizontalpodautoscalers', () => this.cluster.listAutoscalers(this.namespace));
		return found.map(({ name, deployment, least, most }) => ({
			object: `HorizontalPodAutoscaler/${name}`,
			deployment,
			least,
			most,
		}));
	}

	private async see<T>(plural: string, list: () => Promise<readonly T[]>): Promise<readonly T[]> {
		try {
			return await list();
		} catch (error) {
			if (!(error instanceof RunbookError)) throw error;
			// The group is there, and this kind of it is not.
			if (error.code === 'ROLLOUT.NOT_FOUND') return [];
			if (error.code !== 'ROLLOUT.FORBIDDEN') throw error;
			this.unseen.push(plural);
			return [];
		}
	}
}
