import { assessNeed } from '../../../../lib/validation/previousVersion/assessNeed';

it.each<[string, Parameters<typeof assessNeed>[0], string | undefined]>([
	['it has to run where migrations were rehearsed', { configured: true, rehearsed: 2 }, undefined],
	['nothing that was not tried is proven', { configured: false, rehearsed: 2 }, 'inconclusive: not configured'],
	[
		'where nothing is migrated it serves on the schema that it knows',
		{ configured: true, rehearsed: 0 },
		'passed: no migration',
	],
	['so it does where it is not configured', { configured: false, rehearsed: 0 }, 'passed: no migration'],
	[
		'without a rehearsal there is nothing to run it on',
		{ configured: true, rehearsed: undefined },
		'inconclusive: no rehearsal',
	],
])('%s', (_, facts, expected) => {
	const without = assessNeed(facts);
	expect(without && `${without.verdict}: ${without.reason}`.slice(0, expected?.length)).toBe(expected);
});
