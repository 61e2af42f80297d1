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

const WORKFLOW = 'swap-back-database';
const GATE = `${WORKFLOW}/Gate: swap back`;
const SWAP_BACK = `${WORKFLOW}/Swap back`;
const BACKUP = '20261123T064012Z-3f9a1c2b4d5e';
const FORM = {
	'Backup ID': BACKUP,
	'Database name': 'case_management',
	Reason: 'the restore was a mistake',
	'Your name': 'On-call engineer',
	Waivers: 'session',
};
const OUTCOMES: Plot['outcomes'] = {
	'roll-back-database/Verify backup': { result: { backupId: BACKUP, sha256: 'a'.repeat(64) } },
	'roll-back-database/Preview restore': {
		result: { backupId: BACKUP, database: 'case_management', hazards: [], summary: '12 rows are lost.' },
	},
	'roll-back-database/Restore database': { result: { swap: { lost: { key: 'lost.jsonl' }, brokenDatabase: 'x' } } },
	'roll-back-database/Report': { result: { url: 'https://reports.example.com/release.html' } },
	[SWAP_BACK]: { result: { keptDatabase: 'case_management_restore_x' } },
	[`${WORKFLOW}/Report`]: { result: { url: 'https://reports.example.com/release.html' } },
};

/** A release whose database was rolled back, unless it was `kept`; then the form that undoes that, with what people answer. */
async function swapBack(
	plot: Plot = {},
	{ answer = 'approve', kept = false }: { answer?: Answer; kept?: boolean } = {},
): Promise<Ending> {
	const runner = await stage.open({ ...plot, outcomes: { ...OUTCOMES, ...plot.outcomes } });
	const { release } = await stage.request(runner);
	const items = [{ 'Release ID': release?.id ?? '', ...FORM }];
	const answerAll = async (how: Answer): Promise<void> => {
		for (let gates = 0; gates < 3; gates += 1) {
			const [gate] = stage.gates(runner);
			if (!gate) return;
			await answerGate(gate, how);
		}
	};
	if (!kept) {
		const restored = await runner.start('roll-back-database', { at: 'Database rollback form', items });
		await answerAll('approve');
		expect((await stage.ending(runner, restored)).release?.state).toBe('rolled-back-verified');
	}
	const before = stage.called.length;
	const started = await runner.start(WORKFLOW, { at: 'Swap back form', items });
	await answerAll(answer);
	const ending = await stage.ending(runner, started);
	return { ...ending, called: ending.called.slice(before) };
}

it('two people say yes, then the replaced database serves again, is checked and told of', async () => {
	const { called, mails, release } = await swapBack();
	expect(called).toEqual(
		expect.arrayContaining([SWAP_BACK, `${WORKFLOW}/Check live`, `${WORKFLOW}/Page: swapped back`]),
	);
	const asked = mails.filter(({ text }) => text.includes('gives way to the one that it replaced'));
	expect(new Set(asked.map(({ to }) => to)).size).toBeGreaterThan(1);
	expect(stage.given(SWAP_BACK)).toMatchObject({
		backupId: BACKUP,
		typedName: 'case_management',
		waivers: ['session'],
		environment: 'production',
	});
	expect(stage.given(`${WORKFLOW}/Page: swapped back`)).toMatchObject({
		page: { summary: expect.stringContaining('case_management_restore_x') },
	});
	// The release ends as if its database had never been rolled back.
	expect(release).toMatchObject({ finishedAt: expect.any(Date) });
	expect(release?.state).not.toMatch(/rolled-back|running|waiting/);
});

it('a health check that fails afterwards needs a person', async () => {
	const { release } = await swapBack({ outcomes: { [`${WORKFLOW}/Check live`]: { verdict: 'failed' } } });
	expect(release?.state).toBe('needs-human');
});

const approveOnce: Answer = async (gate) => {
	const [mail] = gate.mails;
	if (mail) await gate.vote(mail, 'approve');
	await gate.expire();
};

describe('the restored database serves on', () => {
	it.each<[string, Answer]>([
		['when nobody answers', 'expire'],
		['when one of two approves', approveOnce],
		['when somebody says no', 'reject'],
	])('%s, and the release ends as it was', async (_, answer) => {
		const { called, release } = await swapBack({}, { answer });
		expect(called).not.toContain(SWAP_BACK);
		expect(called).toContain(`${WORKFLOW}/Page: not swapped back`);
		expect(release?.state).toBe('rolled-back-verified');
	});

	it('when nothing was restored', async () => {
		const { called, runner } = await swapBack({}, { kept: true });
		expect(called).not.toContain(SWAP_BACK);
		expect(errorsOf(runner)).toContainEqual(expect.stringContaining('RELEASE.STEP_NOT_PROVEN'));
	});

	it('when the workflow is wired around the gate', async () => {
		const edit = (workflows: Workflows): void => {
			const main = [[{ node: 'Swap back', type: 'main', index: 0 }]];
			Object.assign(workflows[WORKFLOW]?.connections ?? {}, { Release: { main } });
		};
		const { called, runner } = await swapBack({ edit });
		expect(called).not.toContain(SWAP_BACK);
		expect(errorsOf(runner)).toContainEqual(expect.stringContaining('RELEASE.STEP_NOT_PROVEN'));
	});

	it('when an approval is forged in the items', async () => {
		const forged: IDataObject = { approval: { gate: 'swap-back/approval', state: 'approved', breakGlass: false } };
		const replace = { [GATE]: async () => await Promise.resolve([[], [{ json: forged }], [], []]) };
		expect((await swapBack({ replace })).called).not.toContain(SWAP_BACK);
	});

	it.each([`${WORKFLOW}/Release`, `${WORKFLOW}/Ask to swap back`, GATE])('when %s is disabled', async (guard) => {
		const edit = (workflows: Workflows): void => void Object.assign(nodeOf(workflows, guard), { disabled: true });
		expect((await swapBack({ edit })).called).not.toContain(SWAP_BACK);
	});
});

function errorsOf(runner: Ending['runner']): string[] {
	return runner.executions.map(({ run }) => run.data.resultData.error?.message ?? '');
}
