import { createReleaseNode, FAILED, PASSED, type ReleaseNode } from './releaseNode';

let node: ReleaseNode;
beforeEach(async () => {
	node = createReleaseNode();
	await node.begun();
});

const FORM = {
	'Release ID': 'r-1',
	'Your name': 'Ann',
	Checklist: 'business',
	Comment: 'seen on the phone',
	'Login works': 'yes',
	'Reports are generated correctly': 'yes',
	submittedAt: '2026-11-26T20:00:00.000Z',
	formMode: 'production',
};
const answer = (change: Record<string, unknown> = {}, form: Record<string, unknown> = FORM) => ({
	operation: 'answerChecklist',
	answers: JSON.stringify(form),
	checklistReleaseId: form['Release ID'],
	checklist: form.Checklist,
	person: form['Your name'],
	comment: form.Comment,
	noQuestions: 'Release ID, Your name, Checklist, Comment',
	...change,
});

describe('Answer Checklist', () => {
	it('every question answered with yes leaves through Passed, recorded under the name', async () => {
		const { output, json } = await node.single(answer());
		expect(output).toBe(PASSED);
		expect(json.release).toMatchObject({
			id: 'r-1',
			checklist: {
				name: 'business',
				person: 'Ann',
				answers: [
					{ question: 'Login works', answer: 'yes' },
					{ question: 'Reports are generated correctly', answer: 'yes' },
				],
				refused: [],
			},
		});
		expect(await node.ledger.readStep('r-1', '4.3/business-checklist', 'Ann')).toMatchObject({ state: 'passed' });
	});

	it('one no leaves through Failed and names the question', async () => {
		const form = { ...FORM, Checklist: 'readiness', 'Login works': 'no' };
		const { output, json } = await node.single(answer({}, form));
		expect(output).toBe(FAILED);
		expect(json.release).toMatchObject({ checklist: { refused: ['Login works'] } });
		expect(await node.ledger.readStep('r-1', '1.0/readiness-checklist', 'Ann')).toMatchObject({ state: 'failed' });
	});

	it.each([
		['no name', { person: ' ' }, /person/],
		['no release', { checklistReleaseId: '' }, /checklistReleaseId/],
		['a checklist that there is not', { checklist: 'toString' }, /there is no checklist "toString"/],
		['no question', { answers: '{"Comment": "x"}' }, /there is no question/],
		['answers that are none', { answers: 'yes' }, /answers/],
	])('%s is refused and nothing is recorded', async (_, change, message) => {
		await expect(node.single(answer(change))).rejects.toThrow(message);
		expect(await node.ledger.readSteps('r-1')).toEqual([]);
	});
});
