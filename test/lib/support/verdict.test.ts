import { worstVerdict } from '../../../lib/support/verdict';

describe('worstVerdict', () => {
	it.each([
		[[], 'inconclusive'],
		[['passed'], 'passed'],
		[['passed', 'passed'], 'passed'],
		[['passed', 'inconclusive'], 'inconclusive'],
		[['inconclusive', 'failed', 'passed'], 'failed'],
		[['failed'], 'failed'],
	] as const)('of %j is %s', (verdicts, worst) => {
		expect(worstVerdict(verdicts)).toBe(worst);
	});
});
