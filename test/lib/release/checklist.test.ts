import { answerChecklist } from '../../../lib/release/answerChecklist';
import { assessChecklist } from '../../../lib/release/checklist';
import { MemoryLedger, newRelease } from '../../support/memoryLedger';

describe('assessChecklist', () => {
	it.each<[string, Record<string, unknown>, string, string[]]>([
		['every answer is yes', { login: 'yes', reports: 'yes' }, 'passed', []],
		['one is no', { login: 'yes', reports: 'no' }, 'failed', ['reports']],
		['one is empty', { login: 'yes', reports: '' }, 'failed', ['reports']],
		['one is true, which the form does not say', { login: true }, 'failed', ['login']],
		['one is YES', { login: 'YES' }, 'failed', ['login']],
		['nothing was asked', {}, 'failed', []],
	])('%s', (_, given, verdict, refused) => {
		expect(assessChecklist(given)).toMatchObject({ verdict, refused });
	});
});

describe('answerChecklist', () => {
	let ledger: MemoryLedger;
	const form = { releaseId: 'r-1', checklist: 'business', comment: '' } as const;
	beforeEach(async () => {
		ledger = new MemoryLedger();
		await ledger.beginRelease(newRelease({ id: 'r-1' }));
	});

	it('records the answers under the name of who gave them', async () => {
		await answerChecklist(ledger, { ...form, person: 'Ann', comment: 'fine', given: { login: 'yes' } });
		await answerChecklist(ledger, { ...form, person: 'Bob', given: { login: 'no' } });
		expect(await ledger.readSteps('r-1', '4.3/business-checklist')).toMatchObject([
			{
				itemKey: 'Ann',
				state: 'passed',
				result: {
					person: 'Ann',
					comment: 'fine',
					answers: [{ question: 'login', answer: 'yes' }],
					refused: [],
				},
			},
			{ itemKey: 'Bob', state: 'failed', result: { person: 'Bob', refused: ['login'] } },
		]);
	});

	it('lets a person take a no back', async () => {
		await answerChecklist(ledger, { ...form, person: 'Bob', given: { login: 'no' } });
		await answerChecklist(ledger, { ...form, person: 'Bob', given: { login: 'yes' } });
		expect(await ledger.readSteps('r-1', '4.3/business-checklist')).toMatchObject([
			{ itemKey: 'Bob', state: 'passed', attempts: 2 },
		]);
	});

	it('refuses a release that nobody knows', async () => {
		const unknown = answerChecklist(ledger, { ...form, releaseId: 'r-2', person: 'Ann', given: { login: 'yes' } });
		await expect(unknown).rejects.toMatchObject({ code: 'RELEASE.UNKNOWN' });
	});

	it('refuses a release that has ended', async () => {
		const release = await ledger.readRelease('r-1');
		await ledger.finishRelease({ id: 'r-1', token: release?.token ?? 0 }, 'succeeded', '');
		const late = answerChecklist(ledger, { ...form, person: 'Ann', given: { login: 'yes' } });
		await expect(late).rejects.toMatchObject({ code: 'RELEASE.NOT_JOINABLE' });
	});

	it('refuses a rehearsal', async () => {
		await ledger.beginRelease(newRelease({ id: 'r-2', rehearsal: true }));
		const rehearsed = answerChecklist(ledger, {
			...form,
			releaseId: 'r-2',
			person: 'Ann',
			given: { login: 'yes' },
		});
		await expect(rehearsed).rejects.toMatchObject({ code: 'RELEASE.MANUAL_RUN_NOT_ARMED' });
	});
});
