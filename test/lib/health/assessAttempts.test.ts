import { assessAttempts } from '../../../lib/health/assessAttempts';
import type { ProbeOutcome } from '../../../lib/health/model';

const O = 'ok';
const F = 'failed';
const G = 'gap';

describe('assessAttempts: 2 of 3 must succeed', () => {
	it.each<[ProbeOutcome[], string | undefined]>([
		[[], undefined],
		[[O], undefined],
		[[O, O], 'passed'],
		[[O, F], undefined],
		[[O, F, O], 'passed'],
		[[F, F], 'failed'],
		[[O, F, F], 'failed'],
		[[G], undefined],
		[[G, G, G], 'inconclusive'],
		[[O, G, G], 'inconclusive'],
		[[O, F, G], 'inconclusive'],
		[[F, G, F], 'failed'],
		[[G, O, O], 'passed'],
	])('%j is %s', (outcomes, verdict) => {
		expect(assessAttempts(outcomes, { attempts: 3, required: 2 })).toBe(verdict);
	});
});
