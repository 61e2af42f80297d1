import { accessNeeds, nameOfNeed } from '../../../lib/rollout/access/accessNeeds';
import { WORKLOAD } from './facts';

const SET = { namespace: 'production', workloads: [WORKLOAD] };
const OPTIONS = { freeze: false, pinned: false, suites: false };
const needsOf = (options: Parameters<typeof accessNeeds>[1]) =>
	accessNeeds(SET, options)
		.filter(({ purpose }) => purpose.includes('previous version'))
		.map((need) => `${nameOfNeed(need)} in ${need.namespace ?? 'its own'}`);

it.each([
	['in the namespace of the release set', '', 'its own'],
	['in a namespace of its own', 'rehearsal', 'rehearsal'],
])('the previous version takes Jobs, their logs, and a Secret, %s', (_, previousVersionIn, namespace) => {
	expect(needsOf({ ...OPTIONS, previousVersionIn })).toEqual(
		[
			'get jobs.batch',
			'create jobs.batch',
			'delete jobs.batch',
			'list pods',
			'get pods/log',
			'create secrets',
			'delete secrets',
		].map((need) => `${need} in ${namespace}`),
	);
});

it('nothing is asked for a previous version that is not run', () => {
	expect(needsOf(OPTIONS)).toEqual([]);
});
