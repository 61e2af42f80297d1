import { readFile } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import type { ClusterConnection } from './cluster';
import { rolloutErrors } from './errors';
import { chooseContext, type KubeconfigContext } from './kubeconfig';
import { refuseRisks, type KubeconfigRisk } from './kubeconfigRisks';
import { parseCertificates } from './parseCertificates';
import { parseServerUrl, parseToken } from './parseConnection';

export interface KubeconfigOptions {
	/** Empty: the kubeconfig's current one. */
	readonly context: string;
	/** Empty: the context's. */
	readonly namespace: string;
	/** What of the dangerous things is allowed; everything else is refused. */
	readonly allowed: readonly KubeconfigRisk[];
}

/**
 * A connection from a pasted kubeconfig. Nothing is run and no file is read unless allowed by name.
 * @throws RunbookError ROLLOUT.CREDENTIAL_INVALID
 */
export async function readKubeconfig(
	text: string,
	{ context: wanted, namespace, allowed }: KubeconfigOptions,
): Promise<ClusterConnection> {
	const context = chooseContext(await parseYaml(text), wanted.trim());
	refuseRisks(context, allowed);
	const { cluster, user } = context;
	const clientCertificate = await readClientCertificate(context);
	const base = {
		serverUrl: parseServerUrl(cluster.server),
		certificateAuthority: parseCertificates(
			cluster['certificate-authority-data'] ?? (await readPath(cluster['certificate-authority'])) ?? '',
			'certificate authority',
		),
		namespace: namespace.trim() || context.namespace || 'default',
		bearerToken: user.token === undefined ? '' : parseToken(user.token),
		...(cluster['tls-server-name'] === undefined ? {} : { tlsServerName: cluster['tls-server-name'] }),
		...(cluster['insecure-skip-tls-verify'] === true ? { skipTlsVerify: true } : {}),
		...(clientCertificate === undefined ? {} : { clientCertificate }),
	};
	if (user.token !== undefined) return base;
	if (user.tokenFile !== undefined) return { ...base, bearerTokenFile: absolute(user.tokenFile) };
	if (user.exec !== undefined) {
		const { command, args, env, apiVersion } = user.exec;
		const variables = Object.fromEntries((env ?? []).map(({ name, value }) => [name, value]));
		return { ...base, plugin: { command, args: args ?? [], env: variables, apiVersion } };
	}
	if (clientCertificate !== undefined) return base;
	throw refusal('its user has neither a token nor a client certificate', 'Paste a kubeconfig whose user has one');
}

async function parseYaml(text: string): Promise<unknown> {
	const { loadYaml } = await import('@kubernetes/client-node');
	try {
		return loadYaml<unknown>(text);
	} catch {
		// The parser's message quotes lines of the text.
		throw refusal(
			'its kubeconfig is not YAML',
			'Paste the whole output of: kubectl config view --minify --flatten --raw',
		);
	}
}

async function readClientCertificate({
	user,
}: KubeconfigContext): Promise<{ certificate: string; key: string } | undefined> {
	const certificate = user['client-certificate-data'] ?? (await readPath(user['client-certificate']));
	const key = decode(user['client-key-data']) ?? (await readPath(user['client-key']));
	if (certificate === undefined && key === undefined) return undefined;
	if (certificate === undefined || key === undefined || !key.includes('PRIVATE KEY'))
		throw refusal('its client certificate comes without a key', 'Paste both, or neither');
	return { certificate: parseCertificates(certificate, 'client certificate'), key };
}

function decode(text: string | undefined): string | undefined {
	return text === undefined ? undefined : Buffer.from(text, 'base64').toString('utf8');
}

async function readPath(path: string | undefined): Promise<string | undefined> {
	if (path === undefined) return undefined;
	const file = absolute(path);
	try {
		return await readFile(file, 'utf8');
	} catch {
		throw refusal(`the file ${path} of its kubeconfig cannot be read`, 'Let n8n read it, or paste its content');
	}
}

/** A relative path would be one of the folder that n8n happens to be started in. */
function absolute(path: string): string {
	if (isAbsolute(path)) return path;
	throw refusal(`the path ${path} in its kubeconfig is not absolute`, 'Give the whole path, or paste the content');
}

function refusal(problem: string, remedy: string): Error {
	return rolloutErrors.CREDENTIAL_INVALID({ problem, remedy });
}
