import { readFile } from 'node:fs/promises';
import type { Agent } from 'undici';
import type { ClusterAccess } from './clusterAccess';
import { clusterAccessErrors } from './errors';
import { runExecPlugin, type PluginToken } from './execPlugin.client';

/** A token that ends so soon may end on its way. */
const EXPIRY_MARGIN_MS = 30_000;

/** Connections to one Kubernetes API, and what each call shows to be let in. */
export interface ClusterTransport {
	readonly agent: Agent;
	/**
	 * The Authorization header; undefined when a client certificate alone says who asks.
	 * @throws RunbookError CLUSTER_ACCESS.TOKEN_FILE, PLUGIN_FAILED
	 */
	authorization(): Promise<string | undefined>;
	/** The API answered 401: what a plugin printed is not used again. */
	refused(): void;
	/** What was shown so far and must appear in no text. */
	secrets(): readonly string[];
	/** Closes the connections once their calls ended. */
	close(): Promise<void>;
	/** Closes them at once. */
	destroy(): Promise<void>;
}

/** Opens nothing before the first call. */
export async function createClusterTransport(
	access: ClusterAccess,
	{ connectTimeoutMs }: { readonly connectTimeoutMs: number },
): Promise<ClusterTransport> {
	const { Agent: AgentClass } = await import('undici');
	const { certificateAuthority, clientCertificate, tlsServerName, skipTlsVerify } = access;
	const agent = new AgentClass({
		connect: {
			...(certificateAuthority === '' ? {} : { ca: certificateAuthority }),
			...(clientCertificate ? { cert: clientCertificate.certificate, key: clientCertificate.key } : {}),
			...(tlsServerName === undefined ? {} : { servername: tlsServerName }),
			...(skipTlsVerify === true ? { rejectUnauthorized: false } : {}),
		},
		connectTimeout: connectTimeoutMs,
	});
	const shown = new Set<string>();
	let printed: PluginToken | undefined;

	const readToken = async (): Promise<string> => {
		if (access.bearerTokenFile !== undefined) return await readTokenFile(access.bearerTokenFile);
		if (access.plugin === undefined) return access.bearerToken;
		if (printed === undefined || endsSoon(printed)) printed = await runExecPlugin(access.plugin);
		return printed.token;
	};
	return {
		agent,
		authorization: async () => {
			const token = await readToken();
			if (token === '') return undefined;
			shown.add(token);
			return `Bearer ${token}`;
		},
		refused: () => (printed = undefined),
		secrets: () => [...shown],
		close: async () => await agent.close(),
		destroy: async () => await agent.destroy(),
	};
}

function endsSoon({ expiresAt }: PluginToken): boolean {
	return expiresAt !== undefined && expiresAt.getTime() < Date.now() + EXPIRY_MARGIN_MS;
}

async function readTokenFile(file: string): Promise<string> {
	try {
		return (await readFile(file, 'utf8')).trim();
	} catch (error) {
		const problem = (error as NodeJS.ErrnoException).code ?? 'unreadable';
		throw clusterAccessErrors.TOKEN_FILE({ file, problem });
	}
}
