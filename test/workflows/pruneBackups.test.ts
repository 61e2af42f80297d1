import { Stage, type Ending, type Plot } from './story';

let stage: Stage;
beforeAll(async () => {
	stage = await Stage.build();
});
afterAll(async () => {
	await stage.strike();
});

const DRY_RUN = 'prune-backups/What would go';
const PRUNE = 'prune-backups/Prune';

async function prune(plot: Plot = {}): Promise<Ending> {
	const runner = await stage.open(plot);
	return await stage.ending(runner, await runner.start('prune-backups', { at: 'Every night' }));
}
const withRetention = (retention: object): Plot => ({
	configure: (settings) => {
		settings.backup = { ...(settings.backup as object), retention };
	},
});

it('as it is shipped it only says what would go', async () => {
	expect((await prune()).called).toEqual([DRY_RUN, PRUNE]);
	for (const name of [DRY_RUN, PRUNE]) expect(stage.given(name)).toMatchObject({ dryRun: true });
});

it('the dry run comes first, then what the configuration lets go is removed, under the same policy', async () => {
	const pin = '20261123T064012Z-3f9a1c2b4d5e';
	const { called } = await prune(withRetention({ keepLast: 3, minimumAgeDays: 2, pins: pin, dryRun: false }));
	expect(called).toEqual([DRY_RUN, PRUNE]);
	const policy = { keepLast: 3, minimumAgeMs: 172_800_000, pins: [pin] };
	expect(stage.given(DRY_RUN)).toMatchObject({ policy, dryRun: true });
	expect(stage.given(PRUNE)).toMatchObject({ policy, dryRun: false });
});

describe('nothing is removed', () => {
	it('when the dry run fails', async () => {
		const { called } = await prune({
			...withRetention({ keepLast: 3, minimumAgeDays: 2, pins: '', dryRun: false }),
			outcomes: { [DRY_RUN]: new Error('the bucket is gone') },
		});
		expect(called).not.toContain(PRUNE);
	});

	it.each([
		['no policy', {}],
		['a policy that keeps nothing', { keepLast: 0, minimumAgeDays: 0, pins: '', dryRun: false }],
	])('when the configuration has %s', async (_, retention) => {
		const { called } = await prune(withRetention(retention));
		expect(called).not.toContain(PRUNE);
	});

	it.each(['no', 0, null, undefined])('when dryRun is %j, which is no plain false', async (dryRun) => {
		await prune(withRetention({ keepLast: 3, minimumAgeDays: 2, pins: '', dryRun }));
		expect(stage.given(PRUNE)).toMatchObject({ dryRun: true });
	});
});
