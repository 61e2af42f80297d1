import { validationErrors } from '../../../../lib/validation/errors';
import type { JobFacts, SuiteCluster, SuiteJob, SuitePod } from '../../../../lib/validation/suite/model';
import { runSuite, type RunSuiteOptions } from '../../../../lib/validation/suite/runSuite';
import { createFakeClock } from '../../../support/fakeClock';

const JOB: SuiteJob = {
	name: 'suite-a-1',
	namespace: 'production',
	image: 'registry.example.com/a@sha256:0',
	command: [],
	args: [],
	environment: {},
	secrets: [],
	serviceAccount: '',
	deadlineSeconds: 60,
	release: 'r',
};
const REPORT = '<testsuites><testcase name="a"/></testsuites>';
const unreachable = validationErrors.CLUSTER_UNREACHABLE({
	verb: 'get',
	kind: 'jobs',
	namespace: 'n',
	problem: 'ECONNREFUSED',
});

interface Look {
	readonly job?: Partial<JobFacts> | Error;
	readonly pod?: Partial<SuitePod>;
}

/** A cluster whose Job looks so at each look; the last one stays. */
function scriptedCluster(looks: readonly Look[], { present }: { present?: JobFacts['state'] } = {}) {
	const calls: string[] = [];
	let current: JobFacts | undefined = present && { uid: 'old', state: present, reason: '' };
	let looked = 0;
	let pod: SuitePod | undefined;
	const cluster: SuiteCluster = {
		readJob: async () => {
			if (!current || (current.uid === 'old' && current.state !== 'running')) return current;
			const look = looks[Math.min(looked, looks.length - 1)];
			looked += 1;
			if (look?.job instanceof Error) throw look.job;
			pod = look?.pod && { name: 'pod-1', waiting: '', exitCode: null, ...look.pod };
			return { uid: current.uid, state: 'running', reason: '', ...look?.job };
		},
		createJob: async ({ name }) => {
			calls.push(`create ${name}`);
			current = { uid: 'new', state: 'running', reason: '' };
			return true;
		},
		deleteJob: async (_, __, uid) => {
			calls.push(`delete ${uid}`);
			current = undefined;
		},
		readPod: async () => pod,
		readLog: async () => ({ text: REPORT, isCut: false }),
		close: async () => undefined,
	};
	return { cluster, calls };
}

function options(change: Partial<RunSuiteOptions> = {}): RunSuiteOptions {
	return {
		leastTests: 1,
		pollMs: 1000,
		clock: createFakeClock(),
		signal: new AbortController().signal,
		log: () => undefined,
		...change,
	};
}

const ENDED: Look = { job: { state: 'complete', reason: 'CompletionsReached' }, pod: { exitCode: 0 } };

describe('runSuite', () => {
	it('starts the job, follows it to its end and judges the report', async () => {
		const { cluster, calls } = scriptedCluster([{}, { pod: {} }, ENDED]);
		expect(await runSuite(cluster, JOB, options())).toEqual({
			verdict: 'passed',
			reason: '1 test passed',
			job: 'suite-a-1',
			pod: 'pod-1',
			exitCode: 0,
			report: { tests: 1, failed: 0, skipped: 0, durationMs: 0, failures: [] },
			durationMs: 2000,
		});
		expect(calls).toEqual(['create suite-a-1']);
	});

	it('goes on with a job that a killed run left running, and starts no second one', async () => {
		const { cluster, calls } = scriptedCluster([{ pod: {} }, ENDED], { present: 'running' });
		expect(await runSuite(cluster, JOB, options())).toMatchObject({ verdict: 'passed' });
		expect(calls).toEqual([]);
	});

	it('judges anew where an earlier job has ended', async () => {
		const { cluster, calls } = scriptedCluster([ENDED], { present: 'failed' });
		expect(await runSuite(cluster, JOB, options())).toMatchObject({ verdict: 'passed' });
		expect(calls).toEqual(['delete old', 'create suite-a-1']);
	});

	it('an API that is away for a while is asked again', async () => {
		const { cluster } = scriptedCluster([{ job: unreachable }, { job: unreachable }, ENDED]);
		expect(await runSuite(cluster, JOB, options())).toMatchObject({ verdict: 'passed' });
	});

	it('one that stays away is inconclusive after the deadline, not an error', async () => {
		const { cluster } = scriptedCluster([{ job: unreachable }]);
		const clock = createFakeClock();
		expect(await runSuite(cluster, JOB, options({ clock }))).toMatchObject({
			verdict: 'inconclusive',
			reason: 'the job did not end although its deadline has passed',
		});
		expect(clock.monotonicMs()).toBe(120_000);
	});

	it('a suite that cannot start is inconclusive long before the deadline, and taken away', async () => {
		const { cluster, calls } = scriptedCluster([{ pod: { waiting: 'ImagePullBackOff' } }]);
		const clock = createFakeClock();
		expect(await runSuite(cluster, JOB, options({ clock }))).toMatchObject({
			verdict: 'inconclusive',
			reason: 'the suite cannot start: ImagePullBackOff',
			pod: 'pod-1',
		});
		expect(clock.monotonicMs()).toBe(30_000);
		expect(calls).toEqual(['create suite-a-1', 'delete new']);
	});

	it('an image that comes at the third try is waited for', async () => {
		const slow = { pod: { waiting: 'ErrImagePull' } };
		const { cluster } = scriptedCluster([slow, slow, { pod: { waiting: 'ContainerCreating' } }, ENDED]);
		expect(await runSuite(cluster, JOB, options())).toMatchObject({ verdict: 'passed' });
	});

	it('a cancelled execution takes the job away', async () => {
		const controller = new AbortController();
		const { cluster, calls } = scriptedCluster([{ pod: {} }]);
		const clock = createFakeClock();
		const sleep = clock.sleep.bind(clock);
		clock.sleep = async (ms, signal) => {
			if (clock.monotonicMs() >= 3000) controller.abort(new Error('cancelled in n8n'));
			await sleep(ms, signal);
		};
		await expect(runSuite(cluster, JOB, options({ clock, signal: controller.signal }))).rejects.toThrow(
			'cancelled in n8n',
		);
		expect(calls).toEqual(['create suite-a-1', 'delete new']);
	});

	it('a refusal is an error: the role must be mended', async () => {
		const refused = validationErrors.CLUSTER_REFUSED({ verb: 'get', kind: 'jobs', namespace: 'n', status: 403 });
		const { cluster } = scriptedCluster([{ job: refused }]);
		await expect(runSuite(cluster, JOB, options())).rejects.toMatchObject({ code: 'VALIDATION.CLUSTER_REFUSED' });
	});
});
