import { parseStaging } from '../../../lib/rollout/staging/parseStaging';
import { WORKLOAD } from './facts';

const SET = { namespace: 'production', workloads: [WORKLOAD] };
const STAGING = { enabled: true, namespace: 'staging', deployments: { api: 'api' } };

it.each([
	['a value', STAGING],
	['its JSON text', JSON.stringify(STAGING)],
	['one with addresses that only health checks need', { ...STAGING, healthTargets: [] }],
	['a Deployment of production’s name in another namespace', { ...STAGING, deployments: { api: 'api-blue' } }],
])('takes %s', (_, value) => {
	const { deployments } = typeof value === 'string' ? STAGING : value;
	expect(parseStaging(value, SET)).toEqual({
		namespace: 'staging',
		workloads: [{ service: 'api', deployment: deployments.api, container: WORKLOAD.container }],
	});
});

it.each([
	['no staging, which is no place to deploy to', { enabled: false }, 'staging'],
	['a namespace that is none', { ...STAGING, namespace: 'Staging!' }, 'staging.namespace'],
	['a workload without a Deployment', { ...STAGING, deployments: { other: 'other' } }, 'names no deployment for api'],
	[
		'production’s own Deployment',
		{ ...STAGING, namespace: 'production', deployments: { api: 'api-green' } },
		"production's own",
	],
])('refuses %s', (_, value, problem) => {
	expect(() => parseStaging(value, SET)).toThrow(problem);
});
