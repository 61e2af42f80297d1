import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { beginRelease, type ReleasePlan, type ReleaseRequest } from '../../../lib/release/beginRelease';
import { createRegistry } from '../../../lib/release/registry.client';
import { MemoryLedger } from '../../support/memoryLedger';
import { startScriptedServer, type ScriptedServer } from '../../support/scriptedServer';

const digest = (digit: string): string => `sha256:${digit.repeat(64)}`;
const PUSHED: Readonly<Record<string, string>> = {
	'/v2/case/backend/manifests/2026.11.23': digest('a'),
	'/v2/case/frontend/manifests/2026.11.23': digest('b'),
};

let server: ScriptedServer;
let host: string;
let ledger: MemoryLedger;

beforeAll(async () => {
	server = await startScriptedServer((request, response) => {
		const pushed = PUSHED[request.url ?? ''];
		if (request.url?.startsWith('/v2/busy/')) response.writeHead(503).end();
		else if (request.url?.startsWith('/v2/vague/')) response.writeHead(200).end();
		else if (pushed === undefined) response.writeHead(404).end();
		else response.writeHead(200, { 'docker-content-digest': pushed }).end();
	});
	host = new URL(server.url).host;
});
afterAll(async () => await server.close());
beforeEach(() => {
	ledger = new MemoryLedger();
	server.requests.length = 0;
});

const REQUEST: ReleaseRequest = {
	environment: 'production',
	version: '2026.11.23',
	commit: '4f9c2a1',
	startedBy: 'ci',
	images: [],
	deliveryId: 'msg_1',
};

function planOf(change: Partial<ReleasePlan> = {}): ReleasePlan {
	const workloads = [
		{ service: 'backend', repository: `${host}/case/backend` },
		{ service: 'frontend', repository: `${host}/case/frontend` },
	];
	return { expectedEnvironment: 'production', workloads, rehearsal: false, executionId: '7', ...change };
}

async function begin(request: Partial<ReleaseRequest> = {}, plan: Partial<ReleasePlan> = {}) {
	return await beginRelease(ledger, createRegistry(), {
		request: { ...REQUEST, ...request },
		plan: planOf(plan),
	});
}

/** Nothing may stand in the ledger after a refusal. */
async function expectNothingBegun(): Promise<void> {
	expect(await ledger.listLiveReleases('production')).toEqual([]);
	expect(await ledger.readReleaseByExecution('7')).toBeUndefined();
}

describe('a release that begins', () => {
	it('names the digests of its whole set, holds the lock and is what the ledger reads back', async () => {
		const { release, started } = await begin();
		expect(started).toBe(true);
		expect(release).toEqual({
			...REQUEST,
			images: [
				{ workload: 'backend', image: `${host}/case/backend@${digest('a')}` },
				{ workload: 'frontend', image: `${host}/case/frontend@${digest('b')}` },
			],
			id: expect.stringMatching(/^r-2026\.11\.23-[0-9a-f]{6}$/) as string,
			token: 1,
			state: 'running',
			rehearsal: false,
			executionId: '7',
			startedAt: expect.any(Date) as Date,
			watchUntil: null,
			finishedAt: null,
		});
		expect(await ledger.readRelease(release.id)).toEqual(release);
		expect(server.requests.map(({ method }) => method)).toEqual(['HEAD', 'HEAD']);
		expect(server.requests[0]?.headers.accept).toContain('application/vnd.oci.image.index.v1+json');
	});

	it('answers a second start with the release that stands', async () => {
		const first = await begin();
		const other = await begin({ deliveryId: 'msg_2' });
		expect(other).toEqual({ release: first.release, started: false });
	});

	it('answers a delivery that began one with that one, also when it has finished', async () => {
		const { release } = await begin();
		const finished = await ledger.finishRelease(release, 'succeeded');
		expect(await begin()).toEqual({ release: finished, started: false });
		expect(await begin({ deliveryId: 'msg_2' })).toMatchObject({ started: true });
	});

	it('as a rehearsal holds no lock, keeps no delivery and stands in nobody’s way', async () => {
		const rehearsal = await begin({}, { rehearsal: true });
		expect(rehearsal).toMatchObject({ started: true, release: { rehearsal: true, token: 0, deliveryId: '' } });
		const real = await begin();
		expect(real).toMatchObject({ started: true, release: { token: 1 } });
		expect(await begin({}, { rehearsal: true })).toMatchObject({ started: true, release: { token: 0 } });
	});
});

describe('a request is refused as a whole, with the field named', () => {
	it.each<[string, Partial<ReleaseRequest>]>([
		['environment', { environment: '' }],
		['environment', { environment: 'Production' }],
		['environment', { environment: 'production; drop' }],
		['environment', { environment: 'a'.repeat(64) }],
		['version', { version: '' }],
		['version', { version: 'latest image' }],
		['version', { version: '../../etc' }],
		['version', { version: '.hidden' }],
		['version', { version: '2@sha256:1' }],
		['version', { version: 'v'.repeat(129) }],
		['commit', { commit: 'main' }],
		['commit', { commit: '4f9c2' }],
		['startedBy', { startedBy: '' }],
		['startedBy', { startedBy: '  \n' }],
		['startedBy', { startedBy: 'a'.repeat(201) }],
		['deliveryId', { deliveryId: 'm'.repeat(201) }],
		['images.0.image', { images: [{ workload: 'backend', image: 'registry.example.com/backend:2' }] }],
		['images.0.workload', { images: [{ workload: '', image: `registry.example.com/backend@${digest('c')}` }] }],
	])('%s: %j', async (field, request) => {
		await expect(begin(request)).rejects.toMatchObject({ code: 'RELEASE.INVALID', meta: { field } });
		expect(server.requests).toEqual([]);
		await expectNothingBegun();
	});

	it('another environment than the one the configuration deploys to', async () => {
		await expect(begin({ environment: 'staging' })).rejects.toMatchObject({
			code: 'RELEASE.ENVIRONMENT_UNKNOWN',
			meta: { environment: 'staging', expected: 'production' },
		});
		expect(server.requests).toEqual([]);
		await expectNothingBegun();
	});
});

describe('the version', () => {
	it('that the registry does not know is refused, with its repository', async () => {
		await expect(begin({ version: '2026.11.24' })).rejects.toMatchObject({
			code: 'RELEASE.VERSION_UNKNOWN',
			meta: { version: '2026.11.24', repository: expect.stringContaining(`${host}/case/`) as string },
		});
		await expectNothingBegun();
	});

	it('that only half of the release set has is refused', async () => {
		const workloads = [
			{ service: 'backend', repository: `${host}/case/backend` },
			{ service: 'worker', repository: `${host}/case/worker` },
		];
		await expect(begin({}, { workloads })).rejects.toMatchObject({
			code: 'RELEASE.VERSION_UNKNOWN',
			meta: { repository: `${host}/case/worker` },
		});
		await expectNothingBegun();
	});

	it.each([
		['answers with an error', 'busy', 'it answered 503'],
		['names no digest', 'vague', 'it sent no Docker-Content-Digest'],
	])('cannot be resolved by a registry that %s', async (_, repository, problem) => {
		const workloads = [{ service: 'backend', repository: `${host}/${repository}/backend` }];
		await expect(begin({}, { workloads })).rejects.toMatchObject({
			code: 'RELEASE.REGISTRY_UNREACHABLE',
			retryable: true,
			meta: { problem },
		});
		await expectNothingBegun();
	});

	it.each(['127.0.0.1', 'localhost'])('cannot be resolved by a registry that is down, at %s', async (name) => {
		const closed = await freePort();
		const workloads = [{ service: 'backend', repository: `${name}:${closed}/case/backend` }];
		await expect(begin({}, { workloads })).rejects.toMatchObject({
			code: 'RELEASE.REGISTRY_UNREACHABLE',
			meta: { problem: expect.stringMatching(/refused/i) as string },
		});
		await expectNothingBegun();
	});
});

describe('digests that the CI recorded', () => {
	const recorded = () => [
		{ workload: 'frontend', image: `${host}/case/frontend@${digest('d')}` },
		{ workload: 'backend', image: `${host}/case/backend@${digest('c')}` },
	];

	it('stand for the release set, without asking the registry', async () => {
		const { release } = await begin({ version: 'not-pushed', images: recorded() });
		expect(release.images).toEqual([
			{ workload: 'backend', image: `${host}/case/backend@${digest('c')}` },
			{ workload: 'frontend', image: `${host}/case/frontend@${digest('d')}` },
		]);
		expect(server.requests).toEqual([]);
	});

	it('that leave a workload out are refused, with its name', async () => {
		await expect(begin({ images: recorded().slice(0, 1) })).rejects.toMatchObject({
			code: 'RELEASE.INVALID',
			meta: { field: 'images', problem: 'backend is missing' },
		});
		await expectNothingBegun();
	});

	it.each(['registry.example.com/case/backend', 'prefix/case/backend', 'backend-evil'])(
		'of another repository (%s) are refused',
		async (repository) => {
			const [frontend] = recorded();
			const images = [frontend!, { workload: 'backend', image: `${repository}@${digest('c')}` }];
			await expect(begin({ images })).rejects.toMatchObject({
				code: 'RELEASE.INVALID',
				meta: { problem: expect.stringContaining('backend comes from another repository') as string },
			});
			await expectNothingBegun();
		},
	);
});

async function freePort(): Promise<number> {
	const probe = createServer();
	await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
	const { port } = probe.address() as AddressInfo;
	await new Promise<void>((resolve) => void probe.close(() => resolve()));
	return port;
}
