import type { Colours } from './coloursOf';
import { rolloutErrors } from './errors';
import type { LiveRecord, TargetImage, Workload, WorkloadRecord } from './model';

/** The image of a workload. @throws RunbookError ROLLOUT.IMAGE_MISSING */
export function targetOf(workload: Pick<Workload, 'service'>, images: readonly TargetImage[]): string {
	const found = images.find((entry) => entry.workload === workload.service);
	if (!found) throw rolloutErrors.IMAGE_MISSING({ workload: workload.service });
	return found.image;
}

/** A workload's record. @throws RunbookError ROLLOUT.RECORD_MISSING */
export function recordOf(workload: Workload, record: LiveRecord): WorkloadRecord {
	const found = record.workloads.find((entry) => entry.service === workload.service);
	if (!found) throw rolloutErrors.RECORD_MISSING({ missing: workload.service });
	return found;
}

/** Refuses when another colour is live than the release recorded. @throws RunbookError ROLLOUT.LIVE_CHANGED, ROLLOUT.RECORD_MISSING */
export function assertRecorded(workload: Workload, colours: Colours, record: LiveRecord | undefined): void {
	if (!record) return;
	const recorded = recordOf(workload, record).liveColour;
	if (recorded !== colours.live)
		throw rolloutErrors.LIVE_CHANGED({ service: workload.service, actual: colours.live, recorded });
}
