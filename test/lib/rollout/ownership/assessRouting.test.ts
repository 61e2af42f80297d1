import { assessArgoRollouts, assessRouting } from '../../../../lib/rollout/ownership/assessRouting';
import { WORKLOAD } from '../facts';

const SET = { namespace: 'production', workloads: [WORKLOAD] };
const to = (host: string, more: object = {}) => ({ destination: { host, ...more } });
const ref = (name: string, more: object = {}) => ({ name, port: 80, ...more });

describe('a route that chooses past the selector is found', () => {
	it.each<[string, string, unknown]>([
		['a subset', 'VirtualService/api', { http: [{ route: [to('api', { subset: 'v2' })] }] }],
		['weights', 'VirtualService/api', { http: [{ route: [to('api'), to('api-next')] }] }],
		['the preview Service', 'VirtualService/api', { tcp: [{ route: [to('api-preview')] }] }],
		[
			'the full name',
			'VirtualService/a',
			{ http: [{ route: [to('api.production.svc.cluster.local', { subset: 'a' })] }] },
		],
		['several backends', 'HTTPRoute/api', { rules: [{ backendRefs: [ref('api'), ref('api-canary')] }] }],
		['a split', 'TrafficSplit/api', { service: 'api', backends: [{ service: 'api-a', weight: 100 }] }],
	])('%s', (_, object, spec) => {
		expect(assessRouting([{ object, spec }], SET)).toMatchObject([{ name: `mesh:${object}`, kind: 'mesh' }]);
	});
});

describe('a route is no finding', () => {
	it.each<[string, string, unknown]>([
		['to the live Service alone', 'VirtualService/api', { http: [{ route: [to('api')] }] }],
		['to the live Service alone, by the gateway', 'HTTPRoute/api', { rules: [{ backendRefs: [ref('api')] }] }],
		[
			'of the same name in another namespace',
			'VirtualService/a',
			{ http: [{ route: [to('api.other', { subset: 'x' })] }] },
		],
		['to somebody else', 'HTTPRoute/x', { rules: [{ backendRefs: [ref('x'), ref('y')] }] }],
		['without destinations', 'VirtualService/x', { http: [{ redirect: { uri: '/' } }] }],
		['without anything', 'HTTPRoute/x', null],
	])('%s', (_, object, spec) => {
		expect(assessRouting([{ object, spec }], SET)).toEqual([]);
	});
});

it.each<[string, unknown, boolean]>([
	['takes the Deployment over', { workloadRef: { kind: 'Deployment', name: 'api-blue' } }, true],
	['switches the Service', { strategy: { blueGreen: { activeService: 'api', previewService: 'x' } } }, true],
	['drives its canary', { strategy: { canary: { stableService: 'x', canaryService: 'api-preview' } } }, true],
	['is about somebody else', { strategy: { blueGreen: { activeService: 'x' } } }, false],
])('a Rollout that %s', (_, spec, found) => {
	expect(assessArgoRollouts([{ object: 'Rollout/r', spec }], SET)).toHaveLength(found ? 1 : 0);
});
