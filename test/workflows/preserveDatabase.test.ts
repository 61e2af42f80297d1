import { Stage, type Ending, type Plot } from './story';

let stage: Stage;
beforeAll(async () => {
	stage = await Stage.build();
});
afterAll(async () => {
	await stage.strike();
});

const CREATE = 'preserve-database/Create emergency backup';
const VERIFY = 'preserve-database/Verify emergency backup';
const TOLD = 'preserve-database/Page: preserved';
const PROVEN = 'preserve-database/Page: proven';
const NOT_PROVEN = 'preserve-database/Page: not proven';

const ID = '20261123T064012Z-3f9a1c2b4d5e';
const CREATED = { result: { backupId: ID, manifestKey: `production/emergency/${ID}.manifest.json` } };

async function preserve({ outcomes }: Plot = {}): Promise<Ending> {
	const runner = await stage.open({ outcomes: { [CREATE]: CREATED, ...outcomes } });
	const items = [{ Reason: 'cases were overwritten', 'Your name': 'On-call engineer' }];
	return await stage.ending(runner, await runner.start('preserve-database', { at: 'Preserve form', items }));
}

it('the state is dumped beside the backups of releases, restored once to prove it, and on-call hears where it is', async () => {
	expect((await preserve()).called).toEqual([CREATE, TOLD, VERIFY, PROVEN]);
	for (const name of [CREATE, VERIFY])
		expect(stage.given(name)).toMatchObject({ location: { prefix: expect.stringMatching(/\/emergency$/) } });
	expect(stage.given(VERIFY)).toMatchObject({ backupId: ID, allowSourceServer: false, keepMinutes: null });
	expect(JSON.stringify(stage.given(TOLD))).toContain(`production/emergency/${ID}`);
});

it.each(['failed', 'inconclusive'] as const)(
	'on-call hears of a state whose proof is %s, which is kept',
	async (verdict) => {
		const { called } = await preserve({ outcomes: { [VERIFY]: { verdict } } });
		expect(called).toEqual([CREATE, TOLD, VERIFY, NOT_PROVEN]);
	},
);

it('a proof that cannot be tried is told as a run that died, after on-call heard where the state is kept', async () => {
	const { called } = await preserve({ outcomes: { [VERIFY]: new Error('the scratch server refuses the login') } });
	expect(called).toEqual([CREATE, TOLD, VERIFY, 'on-failure/Failed release', 'on-failure/Page: a run died']);
});

it('on-call hears of a dump that failed, and nothing is said to be preserved', async () => {
	const { called } = await preserve({ outcomes: { [CREATE]: new Error('a page of the table is damaged') } });
	expect(called).toEqual([CREATE, 'on-failure/Failed release', 'on-failure/Page: a run died']);
});
