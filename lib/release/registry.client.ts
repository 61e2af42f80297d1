import { classifyNetworkFailure } from '../support/networkFailure';
import { releaseErrors } from './errors';

/** What the release asks of a container registry (OCI Distribution API). */
export interface Registry {
	/** Digest (`sha256:…`) of a tag. @throws RunbookError RELEASE.VERSION_UNKNOWN, RELEASE.REGISTRY_UNREACHABLE */
	resolveDigest(repository: string, tag: string): Promise<string>;
}

const TIMEOUT_MS = 10_000;
const MANIFEST_TYPES = [
	'application/vnd.oci.image.index.v1+json',
	'application/vnd.oci.image.manifest.v1+json',
	'application/vnd.docker.distribution.manifest.list.v2+json',
	'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');
const DIGEST = /^sha256:[0-9a-f]{64}$/;
/** As container engines do: a registry on loopback speaks plain HTTP. */
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/;

/** A registry that is asked without a login. Private ones: let the CI send digests in its webhook. */
export function createRegistry(): Registry {
	return { resolveDigest };
}

async function resolveDigest(repository: string, tag: string): Promise<string> {
	const { fetch } = await import('undici');
	const slash = repository.indexOf('/');
	const host = repository.slice(0, slash);
	const url = `${LOOPBACK.test(host) ? 'http' : 'https'}://${host}/v2/${repository.slice(slash + 1)}/manifests/${encodeURIComponent(tag)}`;
	const request = { method: 'HEAD', headers: { accept: MANIFEST_TYPES }, signal: AbortSignal.timeout(TIMEOUT_MS) };
	const response = await fetch(url, request).catch((error: unknown) => {
		throw releaseErrors.REGISTRY_UNREACHABLE({ repository, problem: classifyNetworkFailure(error).reason }, error);
	});
	if (response.status === 404) throw releaseErrors.VERSION_UNKNOWN({ version: tag, repository });
	const digest = response.headers.get('docker-content-digest') ?? '';
	if (response.ok && DIGEST.test(digest)) return digest;
	const problem = response.ok ? 'it sent no Docker-Content-Digest' : `it answered ${String(response.status)}`;
	throw releaseErrors.REGISTRY_UNREACHABLE({ repository, problem });
}
