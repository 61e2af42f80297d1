import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { beginRelease, type ReleasePlan } from '../../../lib/release/beginRelease';
import { createRegistry } from '../../../lib/release/registry.client';
import type { ReleaseRequest } from '../../../lib/release/releaseRequest';
import type { Release } from '../../../lib/release/model';
import type { Step } from '../../../lib/release/recordStep';
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

/** A Monday. */
const NOW = new Date('2026-11-23T20:00:00Z');
const PARTS = [
	{ part: 'workflow/deploy', hash: 'a' },
	{ part: 'configuration', hash: 'b' },
];
const REQUEST: ReleaseRequest = {
	intent: 'begin',
	environment: 'production',
	version: '2026.11.23',
	commit: '4f9c2a1',
	startedBy: 'ci',
	authors: ['dev@example.com'],
	releaseId: '',
	override: null,
	images: [],
	deliveryId: 'msg_1',
};

function planOf(change: Partial<ReleasePlan> = {}): ReleasePlan {
	const workloads = [
		{ service: 'backend', repository: `${host}/case/backend` },
		{ service: 'frontend', repository: `${host}/case/frontend` },
	];
	return {
		expectedEnvironment: 'production',
		workloads,
		byHand: false,
		executionId: '7',
		changeCalendar: [],
		staleAfterMs: 60_000,
		parts: PARTS,
		...change,
	};
}

const switching = (release: Release): Step => ({
	release,
	stepKey: '3.2/switch-traffic',
	itemKey: '',
	kind: 'change',
	inputs: {},
	requires: [],
});

/** The releases whose phases were asked for their plan. */
let planned: string[] = [];
beforeEach(() => (planned = []));

async function begin(request: Partial<ReleaseRequest> = {}, plan: Partial<ReleasePlan> = {}, now = NOW) {
	const planPhases = async (id: string): Promise<void> => await Promise.resolve(void planned.push(id));
	return await beginRelease(
		{ ledger, registry: createRegistry(), now, planPhases },
		{ request: { ...REQUEST, ...request }, plan: planOf(plan) },
	);
}

/** Nothing may stand in the ledger after a refusal. */
async function expectNothingBegun(): Promise<void> {
	expect(await ledger.listReleases('production', 10)).toEqual([]);
	expect(await ledger.readReleaseByExecution('7')).toBeUndefined();
	expect(planned).toEqual([]);
}

describe('a release that begins', () => {
	it('names the digests of its whole set, holds the lock and is what the ledger reads back', async () => {
		const { release, outcome } = await begin();
		expect(outcome).toBe('started');
		const { intent: _, releaseId: __, ...asked } = REQUEST;
		expect(release).toEqual({
			...asked,
			images: [
				{ workload: 'backend', image: `${host}/case/backend@${digest('a')}` },
				{ workload: 'frontend', image: `${host}/case/frontend@${digest('b')}` },
			],
			id: expect.stringMatching(/^r-2026\.11\.23-[0-9a-f]{6}$/) as string,
			token: 1,
			state: 'running',
			rehearsal: false,
			contracts: false,
			executionId: '7',
			resumes: 0,
			startedAt: expect.any(Date) as Date,
			waitingUntil: null,
			watchUntil: null,
			rollingBackAt: null,
			pointOfNoReturn: null,
			finishedAt: null,
			reason: '',
			heartbeatAt: expect.any(Date) as Date,
		});
		expect(await ledger.readRelease(release.id)).toEqual(release);
		expect(server.requests.map(({ method }) => method)).toEqual(['HEAD', 'HEAD']);
		expect(server.requests[0]?.headers.accept).toContain('application/vnd.oci.image.index.v1+json');
	});

	it('to run what was held back is of the version that serves, with its images, and of no other intent', async () => {
		const { release } = await begin();
		await ledger.startStep(switching(release), { inputHash: '', inverse: null });
		const lint = { ...switching(release), stepKey: '2.1/lint' };
		await ledger.startStep(lint, { inputHash: '', inverse: null });
		const linted = { result: { heldBack: ['3_drop'] }, evidence: null, error: null };
		await ledger.finishStep(lint, { state: 'passed', ...linted });
		await ledger.finishRelease(release, 'succeeded');
		const contracting = await begin({ intent: 'contract', version: '', deliveryId: '' });
		expect(contracting).toMatchObject({
			outcome: 'started',
			release: {
				id: expect.stringMatching(/^r-2026\.11\.23-contract-/),
				contracts: true,
				version: release.version,
				images: release.images,
			},
		});
	});

	it.each(['watching', 'needs-human', 'rolled-back-verified'] as const)(
		'does not run what was held back when the last that moved traffic is %s',
		async (state) => {
			const { release } = await begin();
			await ledger.startStep(switching(release), { inputHash: '', inverse: null });
			await ledger.finishRelease(release, state);
			const wanted = begin({ intent: 'contract', version: '', deliveryId: '' });
			await expect(wanted).rejects.toMatchObject({ code: 'RELEASE.NOT_CONTRACTIBLE' });
		},
	);

	it('does not run what was held back when nothing was', async () => {
		const { release } = await begin();
		await ledger.startStep(switching(release), { inputHash: '', inverse: null });
		await ledger.finishRelease(release, 'succeeded');
		const wanted = begin({ intent: 'contract', version: '', deliveryId: '' });
		await expect(wanted).rejects.toThrow('has held nothing back');
	});

	it('does not run what was held back where nothing was ever deployed', async () => {
		const wanted = begin({ intent: 'contract', version: '' });
		await expect(wanted).rejects.toMatchObject({ code: 'RELEASE.NOT_CONTRACTIBLE' });
	});

	it('registers what it would do before its phases are asked for theirs', async () => {
		const { release } = await begin();
		expect(await ledger.readPlan(release.id)).toEqual(PARTS);
		expect(planned).toEqual([release.id]);
	});

	it('stays in the ledger when a phase does not tell its plan, so that its failure can be looked after', async () => {
		const planPhases = async (): Promise<void> => await Promise.reject(new Error('no such workflow'));
		const ports = { ledger, registry: createRegistry(), now: NOW, planPhases };
		await expect(beginRelease(ports, { request: REQUEST, plan: planOf() })).rejects.toThrow('no such workflow');
		expect(await ledger.readReleaseByExecution('7')).toMatchObject({ state: 'running' });
	});

	it('answers a second start with the release that stands, and plans nothing', async () => {
		const { release } = await begin();
		expect(await begin({ deliveryId: 'msg_2' })).toEqual({ release, outcome: 'known-version' });
		const images = [
			{ workload: 'backend', image: `${host}/case/backend@${digest('c')}` },
			{ workload: 'frontend', image: `${host}/case/frontend@${digest('d')}` },
		];
		expect(await begin({ deliveryId: 'msg_3', version: '2026.11.24', images })).toEqual({
			release,
			outcome: 'locked',
		});
		expect(planned).toEqual([release.id]);
	});

	it('answers a delivery that began one with that one, also when it has finished', async () => {
		const { release } = await begin();
		const finished = await ledger.finishRelease(release, 'rejected');
		expect(await begin()).toEqual({ release: finished, outcome: 'known-delivery' });
		expect(await begin({ deliveryId: 'msg_2' })).toMatchObject({ outcome: 'started' });
	});

	it('answers the version that already serves with the release that brought it', async () => {
		const { release } = await begin();
		const serving = await ledger.finishRelease(release, 'succeeded');
		expect(await begin({ deliveryId: 'msg_2' })).toEqual({ release: serving, outcome: 'known-version' });
	});

	it.each<[string, Partial<ReleaseRequest>, Partial<ReleasePlan>]>([
		['by hand', {}, { byHand: true }],
		['when asked to', { intent: 'rehearse' }, {}],
		['by hand, whatever was asked for', { intent: 'resume', releaseId: 'r-1' }, { byHand: true }],
	])('rehearses %s: no lock, no delivery, and it stands in nobody’s way', async (_, request, plan) => {
		const rehearsal = await begin(request, plan);
		expect(rehearsal).toMatchObject({
			outcome: 'started',
			release: { rehearsal: true, token: 0, deliveryId: '', override: null },
		});
		expect(await ledger.readPlan(rehearsal.release.id)).toEqual(PARTS);
		expect(await begin()).toMatchObject({ outcome: 'started', release: { token: 1 } });
		expect(await begin(request, plan)).toMatchObject({ outcome: 'started', release: { token: 0 } });
	});
});

describe('a request is refused as a whole, with the field named', () => {
	it.each<[string, Partial<ReleaseRequest>]>([
		['intent', { intent: '' as never }],
		['intent', { intent: 'takeOver' as never }],
		['environment', { environment: '' }],
		['environment', { environment: 'Production' }],
		['environment', { environment: 'production; drop' }],
		['environment', { environment: 'a'.repeat(64) }],
		['version', { version: '' }],
		['version', { version: '', intent: 'rehearse' }],
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
		['authors.1', { authors: ['dev@example.com', ' '] }],
		['authors', { authors: Array.from({ length: 101 }, () => 'a') }],
		['releaseId', { intent: 'resume', version: '' }],
		['override.person', { override: { person: ' ', reason: 'a security fix' } }],
		['override.reason', { override: { person: 'the release manager', reason: '' } }],
		['deliveryId', { deliveryId: 'm'.repeat(201) }],
		['images.0.image', { images: [{ workload: 'backend', image: 'registry.example.com/backend:2' }] }],
		['images.0.workload', { images: [{ workload: '', image: `registry.example.com/backend@${digest('c')}` }] }],
	])('%s: %j', async (field, request) => {
		await expect(begin(request)).rejects.toMatchObject({ code: 'RELEASE.INVALID', meta: { field } });
		expect(server.requests).toEqual([]);
		await expectNothingBegun();
	});

	it.each<ReleaseRequest['intent']>(['begin', 'rehearse', 'resume'])(
		'another environment than the one the configuration deploys to, to %s',
		async (intent) => {
			await expect(begin({ intent, environment: 'staging', releaseId: 'r-1' })).rejects.toMatchObject({
				code: 'RELEASE.ENVIRONMENT_UNKNOWN',
				meta: { environment: 'staging', expected: 'production' },
			});
			expect(server.requests).toEqual([]);
			await expectNothingBegun();
		},
	);
});

describe('the change calendar', () => {
	const calendar = {
		changeCalendar: [
			{ name: 'evenings', kind: 'allow', schedule: '0 21 * * *', timeZone: 'UTC', durationMinutes: 120 } as const,
		],
	};
	const override = { person: 'the release manager', reason: 'a security fix' };
	const freeze = async (change: object = {}): Promise<void> => {
		const declared = { environment: 'production', reason: 'year end', declaredBy: 'finance' };
		await ledger.declareFreeze({ ...declared, from: new Date(0), until: null, ...change });
	};

	it('that is closed refuses the start, says why and when it opens, and asks no registry', async () => {
		const refused = begin({}, calendar);
		await expect(refused).rejects.toMatchObject({
			code: 'RELEASE.WINDOW_CLOSED',
			message: expect.stringContaining('outside every allow window ("evenings")') as string,
			why: expect.stringContaining('It opens at 2026-11-23T21:00:00.000Z') as string,
		});
		expect(server.requests).toEqual([]);
		await expectNothingBegun();
	});

	it('that is closed lets a written override pass, and the release keeps it', async () => {
		const { release, outcome } = await begin({ override }, calendar);
		expect(outcome).toBe('started');
		expect(await ledger.readRelease(release.id)).toMatchObject({ override });
	});

	it('that is open takes no note of an override that nobody needed', async () => {
		const open = await begin({ override }, calendar, new Date('2026-11-23T21:00:00Z'));
		expect(open.release.override).toBeNull();
	});

	it('that is frozen refuses, also inside a window, with who froze it and why', async () => {
		await freeze();
		const refused = begin({}, calendar, new Date('2026-11-23T21:30:00Z'));
		await expect(refused).rejects.toMatchObject({
			code: 'RELEASE.WINDOW_CLOSED',
			message: expect.stringContaining('declared by finance: year end') as string,
			why: expect.stringContaining('Nothing that is known opens it') as string,
		});
		await expectNothingBegun();
	});

	it.each<[string, object]>([
		['of another environment', { environment: 'staging' }],
		['that has not begun', { from: new Date(NOW.getTime() + 1) }],
	])('with a freeze %s is open', async (_, change) => {
		await freeze(change);
		expect(await begin()).toMatchObject({ outcome: 'started' });
	});

	it('with a freeze that was lifted is open', async () => {
		await freeze();
		await ledger.liftFreeze('freeze-1');
		expect(await begin()).toMatchObject({ outcome: 'started' });
	});

	it('does not stand in the way of a rehearsal', async () => {
		await freeze();
		expect(await begin({ intent: 'rehearse' }, calendar)).toMatchObject({ outcome: 'started' });
	});
});

describe('resuming', () => {
	let died: Release;
	const resume = async (request: Partial<ReleaseRequest> = {}, plan: Partial<ReleasePlan> = {}) =>
		await begin({ intent: 'resume', version: '', releaseId: died.id, ...request }, { executionId: '8', ...plan });

	beforeEach(async () => {
		died = (await begin()).release;
		ledger.silentForMs = 60_001;
		planned = [];
	});

	it('goes on with a release whose run died, under a higher token and in the new execution', async () => {
		expect(await resume()).toEqual({
			outcome: 'resumed',
			release: { ...died, token: 2, resumes: 1, executionId: '8' },
		});
		expect(planned).toEqual([died.id]);
		await expect(ledger.beginRelease({ ...died, id: 'r-2', deliveryId: '' })).resolves.toMatchObject({
			release: { id: died.id },
		});
	});

	it('asks neither the calendar nor the registry: it has begun', async () => {
		const declared = { environment: 'production', reason: 'year end', declaredBy: 'finance' };
		await ledger.declareFreeze({ ...declared, from: new Date(0), until: null });
		server.requests.length = 0;
		expect(await resume()).toMatchObject({ outcome: 'resumed' });
		expect(server.requests).toEqual([]);
	});

	it('is refused while its run gives signs of life', async () => {
		ledger.silentForMs = 60_000;
		await expect(resume()).rejects.toMatchObject({
			code: 'RELEASE.NOT_RESUMABLE',
			meta: { problem: 'its run gave a sign of life a moment ago' },
		});
		expect(await ledger.readRelease(died.id)).toEqual(died);
	});

	it.each<[string, number, string]>([
		['the workflow', 0, 'workflow/deploy'],
		['the configuration', 1, 'configuration'],
	])('is refused when %s is not what it began with', async (_, index, part) => {
		const parts = PARTS.map((one, at) => (at === index ? { ...one, hash: 'edited' } : one));
		await expect(resume({}, { parts })).rejects.toMatchObject({
			code: 'RELEASE.WORKFLOW_CHANGED',
			meta: { releaseId: died.id, part },
		});
		expect(planned).toEqual([]);
		expect(await ledger.readRelease(died.id)).toEqual(died);
	});

	it('is refused when a phase is not what it began with, before the token rises', async () => {
		const planPhases = async (): Promise<void> => await Promise.reject(new Error('phase 2 was edited'));
		const ports = { ledger, registry: createRegistry(), now: NOW, planPhases };
		const request = { ...REQUEST, intent: 'resume' as const, releaseId: died.id };
		await expect(beginRelease(ports, { request, plan: planOf() })).rejects.toThrow('phase 2 was edited');
		expect(await ledger.readRelease(died.id)).toEqual(died);
	});

	it.each<[string, Partial<ReleaseRequest>, Partial<ReleasePlan>]>([
		['that the ledger does not know', { releaseId: 'r-unknown' }, {}],
		['of another environment', { environment: 'staging' }, { expectedEnvironment: 'staging' }],
	])('of a release %s is refused, and registers nothing', async (_, request, plan) => {
		await expect(resume(request, { parts: [{ part: 'new', hash: 'x' }], ...plan })).rejects.toMatchObject({
			code: 'RELEASE.UNKNOWN',
		});
		expect(await ledger.readPlan(died.id)).toEqual(PARTS);
	});

	it.each<[string, () => Promise<unknown>, string]>([
		['that has finished', async () => await ledger.finishRelease(died, 'succeeded'), 'it has finished'],
		[
			'that is being watched',
			async () => await ledger.enterWatching(died, 1000),
			'its deployment is done and it is being watched',
		],
		[
			'that is rolling back',
			async () => await ledger.takeOver(died.id, { reason: 'errors', intent: 'rollBack' }),
			'its rollback has begun',
		],
	])('of a release %s is refused', async (_, happen, problem) => {
		await happen();
		await expect(resume()).rejects.toMatchObject({ code: 'RELEASE.NOT_RESUMABLE', meta: { problem } });
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
