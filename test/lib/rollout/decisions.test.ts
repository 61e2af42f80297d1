import { describe, expect, it } from '@jest/globals';
import { assessEndpoints } from '../../../lib/rollout/assessEndpoints';
import { assessRollBack, type LiveNow } from '../../../lib/rollout/assessRollBack';
import { assertSelectable, coloursOf } from '../../../lib/rollout/coloursOf';
import { fenceOperations } from '../../../lib/rollout/fence';
import { imageDigest, runningDigest } from '../../../lib/rollout/imageDigest';
import type { EndpointFacts } from '../../../lib/rollout/model';
import { replicasAfter } from '../../../lib/rollout/retireReplaced';
import { deployment, NEW, OLD, OTHER, pod, RECORD, REPOSITORY, service, WORKLOAD } from './facts';

describe('assessRollBack', () => {
	const rows: Array<[string, LiveNow, string | undefined, string]> = [
		['the recorded colour runs the recorded digest', { colour: 'blue', digest: OLD }, NEW, 'already-there'],
		['the same, with nothing known of the release', { colour: 'blue', digest: OLD }, undefined, 'already-there'],
		['the release is live', { colour: 'green', digest: NEW }, NEW, 'switch-back'],
		[
			'whatever is live, when nothing is known of the release',
			{ colour: 'green', digest: OTHER },
			undefined,
			'switch-back',
		],
		['another version is live', { colour: 'green', digest: OTHER }, NEW, 'not-live'],
		[
			'the recorded digest on the other colour is not what this release deployed',
			{ colour: 'green', digest: OLD },
			NEW,
			'not-live',
		],
		['a live version that cannot be told', { colour: 'green', digest: undefined }, NEW, 'not-live'],
		['the release was set in place on the recorded colour', { colour: 'blue', digest: NEW }, NEW, 'restore-image'],
		['the recorded colour runs something unknown', { colour: 'blue', digest: undefined }, NEW, 'restore-image'],
		[
			'somebody else put another version on the recorded colour',
			{ colour: 'blue', digest: OTHER },
			NEW,
			'not-live',
		],
		[
			'the release deployed what was live: nothing to go back from',
			{ colour: 'blue', digest: OLD },
			OLD,
			'already-there',
		],
	];
	it.each(rows)('%s', (_promise, live, target, action) => expect(assessRollBack(RECORD, live, target)).toBe(action));
});

describe('assessEndpoints', () => {
	const expected = { colour: 'green' as const, container: 'app', digest: NEW, required: 2 };
	const endpoint = (name: string, changes: Partial<EndpointFacts> = {}): EndpointFacts => ({
		addresses: ['198.18.0.1'],
		ready: true,
		pod: name,
		...changes,
	});
	const pods = [
		pod('p1'),
		pod('p2'),
		pod('blue', { labels: { color: 'blue' } }),
		pod('stale', {}, { image: `${REPOSITORY}@${OLD}` }),
	];
	const rows: Array<[string, EndpointFacts[], RegExp | undefined]> = [
		['enough ready pods of the colour and digest', [endpoint('p1'), endpoint('p2')], undefined],
		[
			'addresses that are not ready take no traffic',
			[endpoint('p1'), endpoint('p2'), endpoint('blue', { ready: false })],
			undefined,
		],
		['a slice without endpoints', [], /0 of 2 endpoints/],
		['not ready is not enough', [endpoint('p1'), endpoint('p2', { ready: false })], /1 of 2/],
		[
			'a pod in two slices (dual stack) counts once',
			[endpoint('p1'), endpoint('p1', { addresses: ['fd00::1'] })],
			/1 of 2/,
		],
		['the other colour still takes traffic', [endpoint('p1'), endpoint('p2'), endpoint('blue')], /blue is blue/],
		['a pod of another digest', [endpoint('p1'), endpoint('stale')], /stale runs sha256:a/],
		[
			'an endpoint behind which nobody knows a pod',
			[endpoint('p1'), endpoint('', { addresses: ['203.0.113.9'] })],
			/203\.0\.113\.9 is not one of the green pods/,
		],
	];
	it.each(rows)('%s', (_promise, endpoints, problem) => {
		const found = assessEndpoints(endpoints, pods, expected);
		if (problem) expect(found).toMatch(problem);
		else expect(found).toBeUndefined();
	});
});

describe('fenceOperations', () => {
	const fence = { release: 'r-7', token: 7 };
	const token = '/metadata/annotations/deployment-runbook~1token';
	const writes = [
		{ op: 'add', path: '/metadata/annotations/deployment-runbook~1release', value: 'r-7' },
		{ op: 'add', path: token, value: '7' },
	];
	it('tests the stored token, so that a race cannot slip through', () => {
		const annotations = { 'deployment-runbook/token': '6' };
		expect(fenceOperations(service({ annotations }), { kind: 'Service', fence })).toEqual([
			{ op: 'test', path: token, value: '6' },
			...writes,
		]);
	});
	it('tests the whole object while it carries no token', () => {
		expect(fenceOperations(service({ annotations: { other: 'x' } }), { kind: 'Service', fence })).toEqual([
			{ op: 'test', path: '/metadata/resourceVersion', value: '17' },
			...writes,
		]);
	});
	it('tests the generation where one is counted, which a status that a controller writes does not change', () => {
		const annotations = { other: 'x' };
		expect(fenceOperations(deployment({ annotations }), { kind: 'Deployment', fence })).toEqual([
			{ op: 'test', path: '/metadata/generation', value: 3 },
			...writes,
		]);
	});
	it('removes an annotation where it is there', () => {
		const annotations = { 'deployment-runbook/token': '7', 'deployment-runbook/freeze': 'x' };
		const changes = { 'deployment-runbook/freeze': null, 'deployment-runbook/record': null };
		expect(
			fenceOperations(service({ annotations }), { kind: 'Service', fence: undefined, annotations: changes }),
		).toEqual([{ op: 'remove', path: '/metadata/annotations/deployment-runbook~1freeze' }]);
	});
	it('makes room for annotations only together with that test', () => {
		expect(fenceOperations(service(), { kind: 'Service', fence }).slice(0, 2)).toEqual([
			{ op: 'test', path: '/metadata/resourceVersion', value: '17' },
			{ op: 'add', path: '/metadata/annotations', value: {} },
		]);
	});
	it.each([
		['8', true],
		['7', false],
		['10', true],
		['07', false],
		['', false],
		['by hand', false],
	])('a stored token %j refuses token 7: %j', (stored, refuses) => {
		const write = () =>
			fenceOperations(service({ annotations: { 'deployment-runbook/token': stored } }), {
				kind: 'Service',
				fence,
			});
		if (refuses) expect(write).toThrow(expect.objectContaining({ code: 'ROLLOUT.FENCED_OUT' }));
		else expect(write()[0]).toEqual({ op: 'test', path: token, value: stored });
	});
	it('writes nothing when a node is used alone', () => {
		expect(
			fenceOperations(service({ annotations: { 'deployment-runbook/token': '99' } }), {
				kind: 'Service',
				fence: undefined,
			}),
		).toEqual([]);
	});
});

describe('colours', () => {
	it.each([
		[{ color: 'blue' }, 'blue', 'green'],
		[{ color: 'green', app: 'x' }, 'green', 'blue'],
	])('%j', (selector, live, idle) => expect(coloursOf(WORKLOAD, service({ selector }))).toEqual({ live, idle }));
	it.each([[{}], [{ color: 'Blue' }], [{ color: '' }], [{ colour: 'blue' }]])('refuses the selector %j', (selector) =>
		expect(() => coloursOf(WORKLOAD, service({ selector }))).toThrow(
			expect.objectContaining({ code: 'ROLLOUT.COLOUR_UNKNOWN' }),
		),
	);
	it('refuses a colour whose pods the Service would not select', () => {
		expect(() => assertSelectable(service(), 'green', deployment())).not.toThrow();
		expect(() =>
			assertSelectable(service({ selector: { app: 'api', color: 'blue', tier: 'web' } }), 'green', deployment()),
		).toThrow(expect.objectContaining({ code: 'ROLLOUT.SELECTOR_MISMATCH' }));
	});
});

describe('digests', () => {
	it.each([
		[`x@${OLD}`, OLD],
		[`docker-pullable://x@${OLD}`, OLD],
		['x:1', undefined],
		[`x@${OLD}0`, undefined],
		['x@sha256:abc', undefined],
		['', undefined],
	])('%s', (image, digest) => expect(imageDigest(image)).toBe(digest));
	it('a pinned reference outranks what the runtime reports, which may name another digest of the same content', () => {
		expect(runningDigest({ image: `x@${NEW}`, imageId: `x@${OLD}` })).toBe(NEW);
	});
});

describe('replicas of the colour without traffic', () => {
	const before = {
		service: 'api',
		deployment: 'api-green',
		image: `${REPOSITORY}@${NEW}`,
		replicas: 1,
		previewColour: 'green',
	};
	const plan = (changes: object) => ({
		action: 'already-there' as const,
		workload: WORKLOAD,
		target: NEW,
		...changes,
	});
	it.each([
		['the replaced version goes to 0', plan({ action: 'switch-back' }), before, 0],
		['what the release started goes to its former replicas', plan({}), before, 1],
		[
			'former replicas of another image are not given to the bad one',
			plan({}),
			{ ...before, image: `${REPOSITORY}@${OLD}` },
			0,
		],
		['what the release started, when its former state is unknown, goes to 0', plan({}), undefined, 0],
		['what somebody else runs there is left alone', plan({ target: OTHER }), before, 2],
		['nothing is touched while nothing is known', plan({ target: undefined }), undefined, 2],
	])('%s', (_promise, given, idleBefore, replicas) =>
		expect(replicasAfter(given, deployment(), idleBefore)).toBe(replicas),
	);
});
