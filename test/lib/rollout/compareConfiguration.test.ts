import { compareConfiguration } from '../../../lib/rollout/compareConfiguration';
import type { RecordedConfiguration } from '../../../lib/rollout/model';

const recorded: RecordedConfiguration = {
	templateHash: 'a',
	references: ['ConfigMap/flags', 'Secret/keys'],
	versions: { 'ConfigMap/flags': '7' },
};

describe('the configuration that a rollback does not bring back', () => {
	it.each<[string, Partial<RecordedConfiguration>, string[]]>([
		['nothing differs', {}, []],
		[
			'a ConfigMap was changed',
			{ versions: { 'ConfigMap/flags': '8' } },
			['ConfigMap/flags of api-blue was changed'],
		],
		['one that cannot be read any more is not compared', { versions: {} }, []],
		[
			'another Secret is used',
			{ references: ['ConfigMap/flags', 'Secret/other'], templateHash: 'b' },
			[
				'api-blue no longer uses Secret/keys',
				'api-blue uses Secret/other, which it did not',
				'the pod template of api-blue was changed in more than its image',
			],
		],
	])('%s', (_, changes, expected) => {
		expect(compareConfiguration('api-blue', recorded, { ...recorded, ...changes })).toEqual(expected);
	});

	it('is not judged against a record that holds none', () => {
		expect(compareConfiguration('api-blue', undefined, recorded)).toEqual([]);
	});
});
