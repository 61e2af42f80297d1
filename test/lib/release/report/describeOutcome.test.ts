import { describeOutcome } from '../../../../lib/release/report/describeOutcome';
import { exampleRelease } from './exampleFacts';

it.each([
	[false, 'succeeded', 'The new version serves production'],
	[true, 'succeeded', 'The migrations that were held back have run'],
	[true, 'needs-human', 'The way back to older versions is closed'],
	[true, 'failed-before-change', 'A step failed before production was changed'],
] as const)('contracts: %s, %s: %s', (contracts, state, meaning) => {
	expect(describeOutcome(exampleRelease({ contracts, state })).meaning).toContain(meaning);
});
