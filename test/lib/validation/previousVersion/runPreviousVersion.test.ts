import { validationErrors } from '../../../../lib/validation/errors';
import { runPreviousVersion } from '../../../../lib/validation/previousVersion/runPreviousVersion';
import type { JobSecret, JobSecrets, SuiteCluster, SuiteJob } from '../../../../lib/validation/suite/model';
import { createFakeClock } from '../../../support/fakeClock';

const JOB: SuiteJob = {
	name: 'old-code-1',
	namespace: 'rehearsal',
	image: 'registry.example.com/a@sha256:0',
	command: [],
	args: [],
	environment: {},
	secrets: [],
	serviceAccount: '',
	deadlineSeconds: 60,
	release: 'r',
};
const SECRET = { DATABASE_URL: 'postgresql://scratch:canary-4711@host/db' };
const REFUSED = validationErrors.CLUSTER_REFUSED({ verb: 'create', kind: 'secrets', namespace: 'n', status: 403 });

/** A cluster whose Job ends well at the second look. */
function scripted({ refuse = false, keep = false }: { refuse?: boolean; keep?: boolean } = {}) {
	const calls: string[] = [];
	const made: SuiteJob[] = [];
	const put: JobSecret[] = [];
	let uid: string | undefined;
	let looks = 0;
	const cluster: SuiteCluster & JobSecrets = {
		readJob: async () => {
			if (uid === undefined) return undefined;
			looks += 1;
			return { uid, state: looks > 2 ? 'complete' : 'running', reason: '' };
		},
		createJob: async (job) => {
			calls.push('create job');
			made.push(job);
			uid = 'uid-1';
			return true;
		},
		deleteJob: async () => {
			calls.push('delete job');
			uid = undefined;
		},
		readPod: async () => ({ name: 'pod-1', waiting: '', exitCode: 0 }),
		readLog: async () => ({ text: '<testsuites><testcase name="a"/></testsuites>', isCut: false }),
		putSecret: async (secret) => {
			calls.push('put secret');
			if (refuse) throw REFUSED;
			put.push(secret);
		},
		deleteSecret: async () => {
			calls.push('delete secret');
			if (keep) throw REFUSED;
		},
		close: async () => undefined,
	};
	return { cluster, calls, made, put };
}

function options(log: (message: string) => void = () => undefined) {
	const { signal } = new AbortController();
	return { secret: SECRET, leastTests: 1, pollMs: 1000, clock: createFakeClock(), signal, log };
}

it('the Secret belongs to the Job, holds what nobody else may read, and is gone at the end', async () => {
	const { cluster, calls, made, put } = scripted();
	await expect(runPreviousVersion(cluster, JOB, options())).resolves.toMatchObject({ verdict: 'passed' });
	expect(calls).toEqual(['create job', 'put secret', 'delete secret']);
	expect(put).toEqual([{ name: 'old-code-1', namespace: 'rehearsal', jobUid: 'uid-1', values: SECRET }]);
	expect(made).toEqual([{ ...JOB, keys: [{ variable: 'DATABASE_URL', secret: 'old-code-1' }] }]);
	expect(JSON.stringify(made)).not.toContain('canary');
});

it('a Job whose Secret is refused does not wait for it: it is taken away', async () => {
	const { cluster, calls } = scripted({ refuse: true });
	await expect(runPreviousVersion(cluster, JOB, options())).rejects.toBe(REFUSED);
	expect(calls).toEqual(['create job', 'put secret', 'delete job', 'delete secret']);
});

it('a Secret that cannot be deleted is told of, and the verdict stands', async () => {
	const { cluster } = scripted({ keep: true });
	const logged: string[] = [];
	await expect(
		runPreviousVersion(
			cluster,
			JOB,
			options((line) => logged.push(line)),
		),
	).resolves.toMatchObject({
		verdict: 'passed',
	});
	expect(logged.at(-1)).toBe('the Secret old-code-1 could not be deleted: it goes together with its Job');
});
