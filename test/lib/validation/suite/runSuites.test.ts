import type { SuiteResult } from '../../../../lib/validation/suite/model';
import { runSuites } from '../../../../lib/validation/suite/runSuites';
import type { Verdict } from '../../../../lib/support/verdict';

const result = (verdict: Verdict): SuiteResult => ({
	verdict,
	reason: `it is ${verdict}`,
	job: 'j',
	pod: 'p',
	exitCode: 0,
	report: null,
	durationMs: 1,
});

async function run(verdicts: Readonly<Record<string, Verdict>>) {
	const ran: string[] = [];
	const outcome = await runSuites(Object.keys(verdicts), async (name) => {
		ran.push(name);
		return await Promise.resolve(result(verdicts[name] ?? 'inconclusive'));
	});
	return { ...outcome, ran };
}

describe('runSuites', () => {
	it('passes when every suite passes', async () => {
		expect(await run({ smoke: 'passed', path: 'passed' })).toMatchObject({
			verdict: 'passed',
			configured: true,
			ran: ['smoke', 'path'],
			notRun: [],
			reason: 'smoke: it is passed; path: it is passed',
		});
	});

	it('stops behind the first that failed, and names those that were not run', async () => {
		expect(await run({ smoke: 'passed', path: 'failed', data: 'passed' })).toMatchObject({
			verdict: 'failed',
			ran: ['smoke', 'path'],
			notRun: ['data'],
			reason: 'path: it is failed',
		});
	});

	it('goes on behind one that cannot tell, and never calls the whole passed', async () => {
		expect(await run({ smoke: 'inconclusive', path: 'passed' })).toMatchObject({
			verdict: 'inconclusive',
			ran: ['smoke', 'path'],
			reason: 'smoke: it is inconclusive',
		});
	});

	it('with none says that none is configured', async () => {
		expect(await run({})).toEqual({
			verdict: 'passed',
			configured: false,
			reason: 'not configured: the configuration names no suite, so none was run',
			suites: [],
			notRun: [],
			ran: [],
		});
	});
});
