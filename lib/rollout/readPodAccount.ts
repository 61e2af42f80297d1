import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClusterConnection } from './cluster';
import { rolloutErrors } from './errors';
import { parseCertificates } from './parseCertificates';
import { parseServerUrl } from './parseConnection';

/** Where a kubelet mounts the token of a pod's service account. */
const ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

export interface PodAccountOptions {
	/** Empty: the namespace of the pod. */
	readonly namespace: string;
	/** Absent: where kubelets mount it. */
	readonly folder?: string;
	/** Absent: this process's. */
	readonly environment?: Readonly<Record<string, string | undefined>>;
}

/**
 * The connection of the pod that n8n runs in. Its token is not read here: the kubelet renews the file, so every call reads it again.
 * @throws RunbookError ROLLOUT.CREDENTIAL_INVALID when n8n does not run in a pod
 */
export async function readPodAccount({
	namespace,
	folder = ACCOUNT_FOLDER,
	environment = process.env,
}: PodAccountOptions): Promise<ClusterConnection> {
	const host = environment.KUBERNETES_SERVICE_HOST ?? '';
	const port = environment.KUBERNETES_SERVICE_PORT ?? '443';
	if (host === '') throw outside('the variable KUBERNETES_SERVICE_HOST is not set');
	const read = async (name: string): Promise<string> => {
		try {
			return (await readFile(join(folder, name), 'utf8')).trim();
		} catch {
			throw outside(`${join(folder, name)} cannot be read`);
		}
	};
	return {
		serverUrl: parseServerUrl(`https://${host.includes(':') ? `[${host}]` : host}:${port}`),
		certificateAuthority: parseCertificates(await read('ca.crt'), 'certificate authority'),
		bearerToken: '',
		bearerTokenFile: join(folder, 'token'),
		namespace: namespace.trim() || (await read('namespace')),
	};
}

function outside(problem: string): Error {
	return rolloutErrors.CREDENTIAL_INVALID({
		problem: `it is the one of the pod that n8n runs in, and ${problem}`,
		remedy: 'Run n8n in a pod with automountServiceAccountToken, or choose a token or a kubeconfig',
	});
}
