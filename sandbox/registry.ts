import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { listenOnLoopback } from './listenOnLoopback.ts';

export type Application = 'backend' | 'frontend';

/** How a version of the demo application behaves; `main.ts` of the application acts on it. */
export type Behaviour = 'good' | 'crash' | 'errors' | 'slow' | 'unhealthy-later';

export interface ImageVersion {
	readonly version: string;
	/** Of the backend; the frontend of every version is good. */
	readonly behaviour: Behaviour;
}

export interface RegistryHandle {
	readonly url: string;
	/** `127.0.0.1:<port>`, as it stands in an image reference. */
	readonly host: string;
	/** The image reference of a version by digest. @throws for an unknown version. */
	image(application: Application, version: string): string;
	stop(): Promise<void>;
}

/** What every sandbox offers: `2026.11.1` runs at first, `2026.11.2` is the release, the rest is bad in one way each. */
export const standardVersions: readonly ImageVersion[] = [
	{ version: '2026.11.1', behaviour: 'good' },
	{ version: '2026.11.2', behaviour: 'good' },
	{ version: '2026.11.3-crash', behaviour: 'crash' },
	{ version: '2026.11.4-errors', behaviour: 'errors' },
	{ version: '2026.11.5-slow', behaviour: 'slow' },
	{ version: '2026.11.6-unhealthy', behaviour: 'unhealthy-later' },
	{ version: '2026.11.7', behaviour: 'good' },
];

interface StoredContent {
	readonly mediaType: string;
	readonly bytes: Buffer;
	readonly digest: string;
}

interface Repository {
	/** By tag and by digest. */
	readonly manifests: Map<string, StoredContent>;
	readonly blobs: Map<string, StoredContent>;
	readonly tags: string[];
}

const applications: readonly Application[] = ['backend', 'frontend'];

/** Starts a read-only OCI distribution API with one image per application and version; the bytes, and so the digests, are the same at each start. */
export async function startRegistry({
	versions = [],
}: { versions?: readonly ImageVersion[] } = {}): Promise<RegistryHandle> {
	const all = [...standardVersions, ...versions];
	const repositories = new Map(
		applications.map((application) => [repositoryName(application), buildRepository(application, all)]),
	);
	const server = createServer((request, response) => answer(repositories, request, response));
	const listening = await listenOnLoopback(server);
	const host = `127.0.0.1:${listening.port}`;
	return {
		url: `http://${host}`,
		host,
		image(application, version) {
			const manifest = repositories.get(repositoryName(application))?.manifests.get(version);
			if (!manifest) throw new Error(`the registry has no version ${version} of ${repositoryName(application)}`);
			return `${host}/${repositoryName(application)}@${manifest.digest}`;
		},
		stop: () => listening.close(),
	};
}

function repositoryName(application: Application): string {
	return `case-management-${application}`;
}

function buildRepository(application: Application, versions: readonly ImageVersion[]): Repository {
	const repository: Repository = {
		manifests: new Map(),
		blobs: new Map(),
		tags: versions.map(({ version }) => version),
	};
	for (const { version, behaviour } of versions) {
		const config = store('application/vnd.oci.image.config.v1+json', {
			architecture: 'amd64',
			os: 'linux',
			config: { Labels: { application, version, behaviour: application === 'backend' ? behaviour : 'good' } },
			rootfs: { type: 'layers', diff_ids: [] },
		});
		const manifest = store('application/vnd.oci.image.manifest.v1+json', {
			schemaVersion: 2,
			mediaType: 'application/vnd.oci.image.manifest.v1+json',
			config: { mediaType: config.mediaType, digest: config.digest, size: config.bytes.length },
			layers: [],
		});
		repository.blobs.set(config.digest, config);
		repository.manifests.set(version, manifest).set(manifest.digest, manifest);
	}
	return repository;
}

function store(mediaType: string, content: object): StoredContent {
	const bytes = Buffer.from(JSON.stringify(content));
	return { mediaType, bytes, digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}` };
}

function answer(
	repositories: ReadonlyMap<string, Repository>,
	request: IncomingMessage,
	response: ServerResponse,
): void {
	response.setHeader('Docker-Distribution-API-Version', 'registry/2.0');
	if (request.method !== 'GET' && request.method !== 'HEAD') {
		sendError(response, 405, 'UNSUPPORTED', 'this registry is read-only');
		return;
	}
	const path = new URL(request.url ?? '/', 'http://registry').pathname;
	if (path === '/v2/' || path === '/v2') {
		send(response, 'application/json', Buffer.from('{}'));
		return;
	}
	const match = /^\/v2\/(?<name>.+)\/(?<kind>manifests|blobs|tags)\/(?<reference>[^/]+)$/.exec(path);
	const { name = '', kind, reference = '' } = match?.groups ?? {};
	const repository = repositories.get(name);
	if (!repository) {
		sendError(response, 404, 'NAME_UNKNOWN', `repository ${name || path} is not known`);
		return;
	}
	if (kind === 'tags' && reference === 'list') {
		send(response, 'application/json', Buffer.from(JSON.stringify({ name, tags: repository.tags })));
		return;
	}
	const content = kind === 'manifests' ? repository.manifests.get(reference) : repository.blobs.get(reference);
	if (content) {
		response.setHeader('Docker-Content-Digest', content.digest);
		send(response, content.mediaType, content.bytes);
		return;
	}
	const code = kind === 'manifests' ? 'MANIFEST_UNKNOWN' : 'BLOB_UNKNOWN';
	sendError(response, 404, code, `${name} has no ${kind === 'manifests' ? 'manifest' : 'blob'} ${reference}`);
}

/** Node drops the body itself when the request was HEAD. */
function send(response: ServerResponse, mediaType: string, bytes: Buffer): void {
	response.writeHead(200, { 'Content-Type': mediaType, 'Content-Length': bytes.length }).end(bytes);
}

function sendError(response: ServerResponse, status: number, code: string, message: string): void {
	response
		.writeHead(status, { 'Content-Type': 'application/json' })
		.end(JSON.stringify({ errors: [{ code, message }] }));
}
