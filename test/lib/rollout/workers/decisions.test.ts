import { describe, expect, it } from '@jest/globals';
import { FREEZE_ANNOTATION } from '../../../../lib/rollout/fence';
import type { LiveRecord, TargetImage, Worker } from '../../../../lib/rollout/model';
import { assessWorkerColours, type WorkerDeployments } from '../../../../lib/rollout/workers/assessWorkerColours';
import { assessWorkerReturn, type ColourNow } from '../../../../lib/rollout/workers/assessWorkerReturn';
import { planMove } from '../../../../lib/rollout/workers/planMove';
import { NEW, OLD, OTHER, RECORD, REPOSITORY, WORKER, WORKER_RECORD, workerColour } from '../facts';

const FROZEN = { [FREEZE_ANNOTATION]: JSON.stringify({ replicas: 2, autoscaler: null }) };
const refusal = (code: string) => expect.objectContaining({ code });

describe('which colour of a worker runs', () => {
	it('is the one that has replicas', () => {
		expect(
			assessWorkerColours(WORKER, {
				blue: workerColour('blue', { wanted: 0 }),
				green: workerColour('green', { wanted: 2 }),
			}),
		).toEqual({ live: 'green', idle: 'blue' });
	});
	it('is the one that a thaw would start, while the writers are frozen', () => {
		expect(
			assessWorkerColours(WORKER, {
				blue: workerColour('blue', { wanted: 0, annotations: FROZEN }),
				green: workerColour('green', { wanted: 0 }),
			}),
		).toEqual({ live: 'blue', idle: 'green' });
	});
	it.each([
		['both have replicas', 1, 1],
		['none has', 0, 0],
	])('cannot be told when %s', (_, blue, green) => {
		const deployments = {
			blue: workerColour('blue', { wanted: blue }),
			green: workerColour('green', { wanted: green }),
		};
		expect(() => assessWorkerColours(WORKER, deployments)).toThrow(refusal('ROLLOUT.WORKER_UNCLEAR'));
	});
});

describe('the move of a worker', () => {
	const images: TargetImage[] = [{ workload: 'api', image: `${REPOSITORY}@${NEW}` }];
	const record: LiveRecord = { workloads: [RECORD], workers: [WORKER_RECORD] };
	const before: WorkerDeployments = {
		blue: workerColour('blue', { wanted: 2 }),
		green: workerColour('green', { wanted: 0 }),
	};
	const moved: WorkerDeployments = {
		blue: workerColour('blue', { wanted: 0 }),
		green: workerColour('green', { wanted: 2, digest: NEW }),
	};
	const alone = (deployments: WorkerDeployments, worker: Worker = WORKER) =>
		planMove(worker, deployments, { images, record: undefined });
	const plan = (deployments: WorkerDeployments, worker: Worker = WORKER) =>
		planMove(worker, deployments, { images, record });

	it.each([
		['with its record', plan],
		['alone', alone],
	])('goes to the idle colour with the image of its workload: %s', (_, planned) => {
		expect(planned(before)).toEqual({
			worker: WORKER,
			from: 'blue',
			to: 'green',
			image: `${REPOSITORY}@${NEW}`,
			digest: NEW,
			replicas: 2,
			done: false,
		});
	});
	it.each([
		['with its record', plan],
		['alone', alone],
	])('is done once only the new version is to run, and a second run does not move it back: %s', (_, planned) => {
		expect(planned(moved)).toMatchObject({ from: 'blue', to: 'green', replicas: 2, done: true });
	});
	it('is completed where the old version is still there', () => {
		const both = { ...moved, blue: workerColour('blue', { wanted: 2 }) };
		expect(plan(both)).toMatchObject({ to: 'green', done: false });
	});
	it('is completed where a singleton was killed between stop and start', () => {
		const none = { blue: workerColour('blue', { wanted: 0 }), green: workerColour('green', { wanted: 0 }) };
		expect(plan(none, { ...WORKER, role: 'singleton' })).toMatchObject({ to: 'green', done: false });
		expect(() => alone(none)).toThrow(refusal('ROLLOUT.WORKER_UNCLEAR'));
	});
	it('keeps what an autoscaler has added to a worker, and the recorded number of a singleton', () => {
		const scaled = { ...before, blue: workerColour('blue', { wanted: 5 }) };
		expect(plan(scaled).replicas).toBe(5);
		expect(plan(scaled, { ...WORKER, role: 'singleton' }).replicas).toBe(2);
	});
	it("refuses to replace a version on the idle colour that is not the release's", () => {
		const foreign = { ...before, green: workerColour('green', { wanted: 1, digest: OTHER }) };
		expect(() => plan(foreign)).toThrow(refusal('ROLLOUT.WORKER_UNCLEAR'));
	});
	it('is refused while the writers are frozen, and without an image', () => {
		const frozen = { ...before, blue: workerColour('blue', { wanted: 0, annotations: FROZEN }) };
		expect(() => plan(frozen)).toThrow(refusal('ROLLOUT.FROZEN'));
		expect(() => planMove(WORKER, before, { images: [], record })).toThrow(refusal('ROLLOUT.IMAGE_MISSING'));
	});
});

describe('assessWorkerReturn', () => {
	const colour = (replicas: number, digest: string | undefined): ColourNow => ({ replicas, digest });
	const rows: Array<[string, ColourNow, ColourNow, string | undefined, string]> = [
		['nothing had been moved', colour(2, OLD), colour(0, OLD), NEW, 'already-there'],
		['the release runs', colour(0, OLD), colour(2, NEW), NEW, 'go-back'],
		['both run', colour(2, OLD), colour(2, NEW), NEW, 'go-back'],
		['none runs', colour(0, OLD), colour(0, NEW), NEW, 'go-back'],
		['the release was set in place on the recorded colour', colour(2, NEW), colour(0, OLD), NEW, 'go-back'],
		['what runs on the recorded colour cannot be told', colour(2, undefined), colour(0, OLD), NEW, 'go-back'],
		['another version runs on the other colour', colour(0, OLD), colour(1, OTHER), NEW, 'left-alone'],
		['another version runs on the recorded colour', colour(1, OTHER), colour(0, NEW), NEW, 'left-alone'],
		['another version has no replicas', colour(2, OLD), colour(0, OTHER), NEW, 'already-there'],
		['whatever runs, when nothing is known of the release', colour(0, OLD), colour(1, OTHER), undefined, 'go-back'],
	];
	it.each(rows)('%s', (_promise, recorded, other, target, action) =>
		expect(assessWorkerReturn(WORKER_RECORD, { recorded, other }, target)).toBe(action),
	);
});
