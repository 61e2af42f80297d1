import type { SuiteJob } from './model';

/** How long the Job and its log stay for people to look at, in seconds. */
const KEPT_SECONDS = 3600;

/** The Job: one pod that is never started again, ended at the deadline, without a token for the cluster. */
export function buildJob(job: SuiteJob): object {
	const { name, namespace, image, command, args, secrets, serviceAccount, deadlineSeconds, release } = job;
	const labels = { 'app.kubernetes.io/managed-by': 'deployment-runbook' };
	return {
		apiVersion: 'batch/v1',
		kind: 'Job',
		metadata: {
			name,
			namespace,
			labels,
			...(release === '' ? {} : { annotations: { 'deployment-runbook/release': release } }),
		},
		spec: {
			parallelism: 1,
			completions: 1,
			backoffLimit: 0,
			activeDeadlineSeconds: deadlineSeconds,
			ttlSecondsAfterFinished: KEPT_SECONDS,
			template: {
				metadata: { labels },
				spec: {
					restartPolicy: 'Never',
					automountServiceAccountToken: false,
					...(serviceAccount === '' ? {} : { serviceAccountName: serviceAccount }),
					containers: [
						{
							name: 'suite',
							image,
							...(command.length === 0 ? {} : { command: [...command] }),
							...(args.length === 0 ? {} : { args: [...args] }),
							env: variablesOf(job),
							...(secrets.length === 0
								? {}
								: { envFrom: secrets.map((secret) => ({ secretRef: { name: secret } })) }),
						},
					],
				},
			},
		},
	};
}

function variablesOf({ environment, keys = [] }: SuiteJob): object[] {
	return [
		...Object.entries(environment).map(([name, value]) => ({ name, value })),
		...keys.map(({ variable, secret }) => ({
			name: variable,
			valueFrom: { secretKeyRef: { name: secret, key: variable } },
		})),
	];
}
