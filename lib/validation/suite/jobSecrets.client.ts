import type { CoreV1Api } from '@kubernetes/client-node' with { 'resolution-mode': 'import' };
import { apiCall } from './explainJobError';
import type { JobSecret, JobSecrets } from './model';

/** The calls for Secrets that belong to a Job. */
export function secretCalls(core: CoreV1Api): JobSecrets {
	const deleteSecret: JobSecrets['deleteSecret'] = async (namespace, name) => {
		await apiCall(
			{ verb: 'delete', kind: 'secrets', namespace, absent: [404] },
			async () => await core.deleteNamespacedSecret({ name, namespace }),
		);
	};
	return {
		putSecret: async (secret) => {
			const { namespace, name } = secret;
			const create = async (absent: readonly number[]): Promise<object | undefined> =>
				await apiCall(
					{ verb: 'create', kind: 'secrets', namespace, name, absent },
					async () => await core.createNamespacedSecret({ namespace, body: secretBody(secret) }),
				);
			if (await create([409])) return;
			await deleteSecret(namespace, name);
			await create([]);
		},
		deleteSecret,
	};
}

function secretBody({ name, namespace, jobUid, values }: JobSecret): object {
	return {
		metadata: {
			name,
			namespace,
			labels: { 'app.kubernetes.io/managed-by': 'deployment-runbook' },
			ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name, uid: jobUid }],
		},
		type: 'Opaque',
		data: Object.fromEntries(
			Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
		),
	};
}
