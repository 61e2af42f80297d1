import { startScriptedServer, type ScriptedServer } from '../support/scriptedServer';
import { nodeOf, ranOf, Stage, type Ending } from './story';

const KEY = 'lighthouse-key-4711';
let stage: Stage;
let audits: ScriptedServer;
let answer: object;

beforeAll(async () => {
	stage = await Stage.build();
	audits = await startScriptedServer((request, response) => {
		const isKnown = request.headers['x-goog-api-key'] === KEY;
		response.writeHead(isKnown ? 200 : 403, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
	});
});
afterAll(async () => {
	await audits.close();
	await stage.strike();
});

const scored = (score: number): object => ({ lighthouseResult: { categories: { performance: { score } } } });

/** A release whose site is audited once, as the PageSpeed Insights API answers. */
async function deploy(
	answered: object,
	{ dryRun, key = KEY }: { readonly dryRun: boolean; readonly key?: string },
): Promise<Ending> {
	answer = answered;
	const auditUrl = `${audits.url}/pagespeedonline/v5/runPagespeed?url=https%3A%2F%2Fyourdomain.com`;
	const lighthouse = { enabled: true, auditUrl, atLeast: 0.95, audits: 1, dryRun };
	return await stage.deploy({
		configure: (settings) => void (settings.lighthouse = lighthouse),
		outcomes: { 'phase-4-validation/Lighthouse': 'real' },
		// So that an audit that fails is not asked again for a minute.
		edit: (workflows) => (nodeOf(workflows, 'phase-4-validation/Lighthouse').parameters.intervalSeconds = 0.1),
		credentials: { httpHeaderAuth: { name: 'X-Goog-Api-Key', value: key } },
	});
}

async function recorded(): Promise<unknown> {
	const sql = "SELECT state, result FROM deployment_runbook.step WHERE step_key = '4.2/lighthouse'";
	return (await stage.database.query(sql))[0];
}

describe('the Lighthouse audit of phase 4', () => {
	it('passes a score at the limit', async () => {
		const ending = await deploy(scored(0.95), { dryRun: false });
		expect(await recorded()).toMatchObject({ state: 'passed', result: { value: 0.95, limit: 0.95 } });
		expect(ending.release).toMatchObject({ state: 'watching' });
		expect(JSON.stringify(await recorded())).not.toContain(KEY);
	});

	it('records a lower score in a dry run, and the release goes on', async () => {
		const ending = await deploy(scored(0.94), { dryRun: true });
		expect(await recorded()).toMatchObject({
			state: 'passed',
			result: { value: 0.94, dryRun: true, wouldBe: 'failed' },
		});
		expect(ranOf(ending, 'phase-4-validation').slice(-3)).toEqual(['Lighthouse', 'Resource usage', 'Database']);
		expect(ending.release).toMatchObject({ state: 'watching' });
	});

	it('takes the release back otherwise', async () => {
		const ending = await deploy(scored(0.94), { dryRun: false });
		expect(await recorded()).toMatchObject({ state: 'failed' });
		expect(ranOf(ending, 'phase-4-validation').at(-1)).toBe('Lighthouse');
		expect(ranOf(ending, 'roll-back-production')).toContain('Switch back');
	});

	it('that could not be made is no low score, and in a dry run the release goes on', async () => {
		const ending = await deploy({ lighthouseResult: { runtimeError: { code: 'NO_FCP' } } }, { dryRun: true });
		expect(await recorded()).toMatchObject({ state: 'passed', result: { dryRun: true, wouldBe: 'inconclusive' } });
		expect(ending.release).toMatchObject({ state: 'watching' });
	});

	it('that is refused for its key does not take a release back in a dry run', async () => {
		const ending = await deploy(scored(0.99), { dryRun: true, key: 'another key' });
		const reason = expect.stringContaining('METRICS.QUERY_REFUSED') as unknown;
		expect(await recorded()).toMatchObject({ state: 'passed', result: { wouldBe: 'inconclusive', reason } });
		expect(ending.release).toMatchObject({ state: 'watching' });
	});

	it('is left out where the configuration says that there is none', async () => {
		const ending = await stage.deploy({
			configure: (settings) => void (settings.lighthouse = { enabled: false }),
		});
		expect(ranOf(ending, 'phase-4-validation')).not.toContain('Lighthouse');
		expect(await recorded()).toBeUndefined();
		expect(ending.release).toMatchObject({ state: 'watching' });
	});
});
