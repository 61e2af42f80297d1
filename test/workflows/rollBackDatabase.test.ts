import type { IDataObject, INode } from 'n8n-workflow';
import { answerGate, type Answer } from './people';
import { nodeOf, Stage, type Ending, type Plot, type Workflows } from './story';

let stage: Stage;
beforeAll(async () => {
	stage = await Stage.build();
});
afterAll(async () => {
	await stage.strike();
});

const WORKFLOW = 'roll-back-database';
const GATE_3 = `${WORKFLOW}/Gate 3`;
const RESTORE = `${WORKFLOW}/Restore database`;
const BACKUP = '20261123T064012Z-3f9a1c2b4d5e';
const FORM = {
	'Backup ID': BACKUP,
	'Database name': 'case_management',
	Reason: 'a script deleted cases',
	'Your name': 'On-call engineer',
	Waivers: 'session',
};
const VERIFIED = { backupId: BACKUP, sha256: 'a'.repeat(64), sizeBytes: 1, tables: 1, rows: 1 };
const PREVIEW = {
	backupId: BACKUP,
	database: 'case_management',
	hazards: [{ kind: 'session', standing: 'waived' }],
	summary: 'The database case_management is replaced: 12 rows are lost.',
};
const RESTORED = { swap: { lost: { key: 'backups/lost.jsonl' }, brokenDatabase: 'case_management_broken_x' } };
const OUTCOMES: Plot['outcomes'] = {
	[`${WORKFLOW}/Verify backup`]: { result: VERIFIED },
	[`${WORKFLOW}/Preview restore`]: { result: PREVIEW },
	[RESTORE]: { result: RESTORED },
	[`${WORKFLOW}/Report`]: { result: { url: 'https://reports.example.com/release.html' } },
};

/** A release that succeeded, then the form that rolls its database back; people answer at the gate. */
async function rollBack(plot: Plot = {}): Promise<Ending> {
	const runner = await stage.open({ ...plot, outcomes: { ...OUTCOMES, ...plot.outcomes } });
	const deployed = await stage.request(runner);
	const releaseId = deployed.release?.id ?? '';
	return await sendForm(runner, releaseId, plot.answers?.[GATE_3] ?? 'approve');
}

async function sendForm(
	runner: Ending['runner'],
	releaseId: string,
	answer: Answer,
	fields: Partial<typeof FORM> = {},
): Promise<Ending> {
	const before = stage.called.length;
	const started = await runner.start(WORKFLOW, {
		at: 'Database rollback form',
		items: [{ 'Release ID': releaseId, ...FORM, ...fields }],
	});
	for (let gates = 0; gates < 3; gates += 1) {
		const [gate] = stage.gates(runner);
		if (!gate) break;
		await answerGate(gate, answer);
	}
	const ending = await stage.ending(runner, started);
	return { ...ending, called: ending.called.slice(before) };
}

const change =
	(name: string, settings: Partial<INode>) =>
	(workflows: Workflows): void =>
		void Object.assign(nodeOf(workflows, name), settings);
const throwing = (guard: string, onError: 'continueRegularOutput' | 'continueErrorOutput'): Plot => ({
	edit: change(guard, { onError }),
	replace: { [guard]: async () => await Promise.reject(new Error('connection reset')) },
});
const LEAKS: Record<string, (guard: string) => Plot> = {
	'throws and is set to continue': (guard) => throwing(guard, 'continueRegularOutput'),
	'throws and is set to continue with its error output': (guard) => throwing(guard, 'continueErrorOutput'),
	'is disabled': (guard) => ({ edit: change(guard, { disabled: true }) }),
	'gives nothing and is set to always output data': (guard) => ({
		edit: change(guard, { alwaysOutputData: true }),
		replace: { [guard]: async () => await Promise.resolve([[]]) },
	}),
};
const GUARDS = [
	`${WORKFLOW}/Release`,
	`${WORKFLOW}/Verify backup`,
	`${WORKFLOW}/Preview restore`,
	`${WORKFLOW}/Ask 3`,
	`${WORKFLOW}/Mail approvers 3`,
	GATE_3,
	`${WORKFLOW}/Close gate 3`,
];

it('two people read what would be lost, then the database is restored, checked and told of', async () => {
	const { called, mails, release } = await rollBack();
	expect(called.filter((name) => !name.endsWith('/Release'))).toEqual(
		expect.arrayContaining([
			`${WORKFLOW}/Preview restore`,
			RESTORE,
			`${WORKFLOW}/Check live`,
			`${WORKFLOW}/Page: restored`,
		]),
	);
	const asked = mails.filter(({ text }) => text.includes('12 rows are lost'));
	expect(asked.length).toBeGreaterThan(1);
	expect(stage.given(RESTORE)).toMatchObject({
		backupId: BACKUP,
		typedName: 'case_management',
		waivers: ['session'],
	});
	expect(stage.given(`${WORKFLOW}/Page: restored`)).toMatchObject({
		page: { summary: expect.stringContaining('case_management_broken_x') },
	});
	expect(release?.state).toBe('rolled-back-verified');
});

it('a health check that fails afterwards leaves the rollback unverified', async () => {
	const { release } = await rollBack({ outcomes: { [`${WORKFLOW}/Check live`]: { verdict: 'failed' } } });
	expect(release?.state).toBe('rolled-back-unverified');
});

const approveOnce: Answer = async (gate) => {
	const [mail] = gate.mails;
	if (mail) await gate.vote(mail, 'approve');
	await gate.expire();
};

describe('the database is not restored', () => {
	it.each<[string, Plot]>([
		['when nobody answers', { answers: { [GATE_3]: 'expire' } }],
		['when one of two approves', { answers: { [GATE_3]: approveOnce } }],
		['when somebody says no', { answers: { [GATE_3]: 'reject' } }],
		['when the backup is not proven', { outcomes: { [`${WORKFLOW}/Verify backup`]: { verdict: 'failed' } } }],
		[
			'when the backup could not be judged',
			{ outcomes: { [`${WORKFLOW}/Verify backup`]: { verdict: 'inconclusive' } } },
		],
		['when something stands in the way', { outcomes: { [`${WORKFLOW}/Preview restore`]: { verdict: 'failed' } } }],
	])('%s, and the release ends as it was', async (_, plot) => {
		const { called, release } = await rollBack(plot);
		expect(called).not.toContain(RESTORE);
		expect(called).toContain(`${WORKFLOW}/Page: not restored`);
		expect(release).toMatchObject({ finishedAt: expect.any(Date) });
		expect(release?.state).not.toMatch(/rolled-back|running|waiting/);
	});

	describe.each(Object.entries(LEAKS))('when a guard %s:', (_, leak) => {
		it.each(GUARDS)('%s', async (guard) => {
			const answers = guard.endsWith('/Close gate 3') ? { [GATE_3]: 'expire' as const } : {};
			const { called, runner } = await rollBack({ ...leak(guard), answers });
			expect(runner.ran).toContain(guard);
			expect(called).not.toContain(RESTORE);
		});
	});

	it('when it is wired around the gate', async () => {
		const edit = (workflows: Workflows): void => {
			const main = Array.from({ length: 3 }, () => [{ node: 'Restore database', type: 'main', index: 0 }]);
			Object.assign(workflows[WORKFLOW]?.connections ?? {}, { 'Preview restore': { main } });
		};
		const { called, runner } = await rollBack({ edit });
		expect(called).not.toContain(RESTORE);
		const errors = runner.executions.map(({ run }) => run.data.resultData.error?.message ?? '');
		expect(errors).toContainEqual(expect.stringContaining('RELEASE.STEP_NOT_PROVEN'));
	});

	it('when an approval is forged in the items', async () => {
		const forged: IDataObject = { approval: { gate: 'gate-3/approval', state: 'approved', breakGlass: false } };
		const { called } = await rollBack({
			replace: { [GATE_3]: async () => await Promise.resolve([[], [{ json: forged }], [], []]) },
		});
		expect(called).not.toContain(RESTORE);
	});
});

it('other waivers are another question: the votes for the first one do not count', async () => {
	const runner = await stage.open({ outcomes: OUTCOMES });
	const { release } = await stage.request(runner);
	// Approved, and killed before the restore began.
	stage.set(RESTORE, new Error('killed'));
	const releaseId = release?.id ?? '';
	await sendForm(runner, releaseId, 'approve');
	await stage.database.query("DELETE FROM deployment_runbook.step WHERE step_key = 'database/restore'");
	stage.set(RESTORE, { result: RESTORED });
	const more = [...PREVIEW.hazards, { kind: 'logicalSlot', standing: 'waived' }];
	stage.set(`${WORKFLOW}/Preview restore`, { result: { ...PREVIEW, hazards: more } });
	const { called } = await sendForm(runner, releaseId, 'expire', { Waivers: 'session, logicalSlot' });
	expect(called).not.toContain(RESTORE);
});
