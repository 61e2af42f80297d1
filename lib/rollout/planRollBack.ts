import { assessRollBack, type RollBackAction } from './assessRollBack';
import { recordOf } from './chooseIdle';
import type { Cluster } from './cluster';
import { coloursOf } from './coloursOf';
import { rollbackErrors } from './errors';
import { RELEASE_ANNOTATION } from './fence';
import { imageDigest } from './imageDigest';
import type { Colour, LiveRecord, TargetImage, Workload, WorkloadRecord } from './model';
import { findRunningDigest } from './readRunningImage';
import { refuseBelowSchemaFloor } from './schemaFloor';

/** What the rollback of one workload will do. */
export interface RollBackPlan {
	readonly workload: Workload;
	readonly record: WorkloadRecord;
	readonly liveColour: Colour;
	readonly action: Exclude<RollBackAction, 'not-live'>;
	/** Digest that the release deployed; undefined when unknown. */
	readonly target: string | undefined;
}

/**
 * Decides what going back to its record means for a workload.
 * @throws RunbookError ROLLBACK.NOT_LIVE, BELOW_SCHEMA_FLOOR, ROLLOUT.RECORD_MISSING, COLOUR_UNKNOWN and what the reads throw
 */
export async function planRollBack(
	cluster: Cluster,
	namespace: string,
	{ workload, images, record: all }: { workload: Workload; images: readonly TargetImage[]; record: LiveRecord },
): Promise<RollBackPlan> {
	const record = recordOf(workload, all);
	const image = images.find((entry) => entry.workload === workload.service)?.image;
	const target = image === undefined ? undefined : imageDigest(image);
	const service = await cluster.readService(namespace, workload.service);
	const { live } = coloursOf(workload, service);
	const deployment = await cluster.readDeployment(namespace, workload.deployments[live]);
	const digest = await findRunningDigest(cluster, { namespace, workload, deployment });
	const action = assessRollBack(record, { colour: live, digest }, target);
	if (action !== 'not-live') {
		if (action !== 'already-there') refuseBelowSchemaFloor(service, record);
		return { workload, record, liveColour: live, action, target };
	}
	const recorded = `${record.liveColour} ${record.live.digest}`;
	// Every write of a release leaves its name.
	const writer = service.annotations[RELEASE_ANNOTATION];
	const by = writer === undefined ? '' : `, last written by release ${writer}`;
	throw rollbackErrors.NOT_LIVE({
		service: workload.service,
		actual: `${live} ${digest ?? 'of an unknown digest'}${by}`,
		recorded,
	});
}
