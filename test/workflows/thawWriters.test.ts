import type { IDataObject } from 'n8n-workflow';
import { answerGate, type Answer } from './people';
import { nodeOf, Stage, type Ending, type Plot, type Workflows } from './story';

let stage: Stage;
beforeAll(async () => {
	stage = await Stage.build();
});
afterAll(async () => {
	await stage.strike();
});

const FREEZE = 'freeze-writers/Freeze writers';
const THAW = 'thaw-writers/Thaw writers';
const GATE = 'thaw-writers/Gate: thaw';
const FORM = { Reason: 'cases were overwritten', 'Your name': 'On-call engineer', 'Other deployments': 'case-worker' };

/** A release that succeeded, whose writers are stopped; then the form that starts them again, with what people answer. */
async function thaw(plot: Plot = {}, answer: Answer = 'approve'): Promise<Ending> {
	const runner = await stage.open(plot);
	const { release } = await stage.request(runner);
	const answers = { 'Release ID': release?.id ?? '', ...FORM };
	const frozen = await runner.start('freeze-writers', { at: 'Freeze form', items: [answers] });
	expect((await stage.ending(runner, frozen)).release?.finishedAt).toEqual(expect.any(Date));
	const started = await runner.start('thaw-writers', { at: 'Thaw form', items: [answers] });
	for (let gates = 0; gates < 3; gates += 1) {
		const [gate] = stage.gates(runner);
		if (!gate) break;
		await answerGate(gate, answer);
	}
	return await stage.ending(runner, started);
}

it('everything that writes is stopped, the environment is free, and on-call hears of it', async () => {
	const { called, release } = await thaw();
	expect(called).toEqual(expect.arrayContaining([FREEZE, 'freeze-writers/Page: frozen']));
	expect(stage.given(FREEZE)).toMatchObject({ others: ['case-worker'] });
	expect(release?.reason).not.toBe('');
});

it('two people say yes, then what was stopped starts again, is checked and told of', async () => {
	const { called, mails, release } = await thaw();
	expect(called).toEqual(expect.arrayContaining([THAW, 'thaw-writers/Check live', 'thaw-writers/Page: thawed']));
	expect(new Set(mails.filter(({ text }) => text.includes('starts again')).map(({ to }) => to)).size).toBeGreaterThan(
		1,
	);
	expect(release).toMatchObject({ finishedAt: expect.any(Date) });
	expect(release?.state).not.toMatch(/rolled-back|running|waiting/);
});

const approveOnce: Answer = async (gate) => {
	const [mail] = gate.mails;
	if (mail) await gate.vote(mail, 'approve');
	await gate.expire();
};

describe('the writers stay stopped', () => {
	it.each<[string, Answer]>([
		['when nobody answers', 'expire'],
		['when one of two approves', approveOnce],
		['when somebody says no', 'reject'],
	])('%s, and on-call hears of it', async (_, answer) => {
		const { called } = await thaw({}, answer);
		expect(called).not.toContain(THAW);
		expect(called).toContain('thaw-writers/Page: still frozen');
	});

	it('when the workflow is wired around the gate', async () => {
		const edit = (workflows: Workflows): void => {
			const main = [[{ node: 'Thaw writers', type: 'main', index: 0 }]];
			Object.assign(workflows['thaw-writers']?.connections ?? {}, { Release: { main } });
		};
		const { called, runner } = await thaw({ edit });
		expect(called).not.toContain(THAW);
		const errors = runner.executions.map(({ run }) => run.data.resultData.error?.message ?? '');
		expect(errors).toContainEqual(expect.stringContaining('RELEASE.STEP_NOT_PROVEN'));
	});

	it('when an approval is forged in the items', async () => {
		const forged: IDataObject = { approval: { gate: 'thaw/approval', state: 'approved', breakGlass: false } };
		const replace = { [GATE]: async () => await Promise.resolve([[], [{ json: forged }], [], []]) };
		expect((await thaw({ replace })).called).not.toContain(THAW);
	});

	it.each(['thaw-writers/Release', 'thaw-writers/Ask to thaw', GATE])('when %s is disabled', async (guard) => {
		const edit = (workflows: Workflows): void => void Object.assign(nodeOf(workflows, guard), { disabled: true });
		expect((await thaw({ edit })).called).not.toContain(THAW);
	});
});

it('a thaw that fails rolls nothing back: on-call is paged, and the release keeps its environment for the form to be sent again', async () => {
	const { called, release } = await thaw({ outcomes: { [THAW]: new Error('the pods do not come up') } });
	expect(called).not.toContain('roll-back-production/Switch back');
	expect(called).toContain('on-failure/Page: a run died');
	expect(release).toMatchObject({ state: 'running', finishedAt: null });
});
