import { buildReport } from '../../../../lib/release/report/buildReport';
import type { ReleaseFacts } from '../../../../lib/release/report/model';
import { renderReport } from '../../../../lib/release/report/renderReport';
import {
	at,
	diedTwice,
	emptyFacts,
	exampleRelease,
	exampleSamples,
	exampleStep,
	exampleVote,
	rejected,
	rolledBack,
	succeeded,
} from './exampleFacts';
import { findMarkupProblems, textOfPage } from './readMarkup';

const PLACE = { namespace: 'production', containers: { 'case-backend': 'backend', 'case-frontend': 'frontend' } };
const SHA256 = 'ab'.repeat(32);

async function pageOf(facts: ReleaseFacts): Promise<string> {
	return await renderReport(buildReport(facts, { now: at(4100), place: PLACE }), { sha256: SHA256 });
}

const EVIL = `</style></title><script>alert(1)</script><img src=x onerror="alert(1)">"'&amp;`;

function hostile(): ReleaseFacts {
	const facts = rejected();
	const [first] = facts.gates;
	const gate = { ...(first as (typeof facts.gates)[number]).gate, reason: EVIL, evidence: { [EVIL]: EVIL } };
	return {
		...facts,
		release: exampleRelease({
			version: EVIL,
			environment: EVIL,
			commit: EVIL,
			startedBy: EVIL,
			reason: EVIL,
			images: [{ workload: EVIL, image: EVIL }],
			pointOfNoReturn: { stepKey: EVIL, since: at(10).toISOString(), reason: EVIL },
			override: { person: EVIL, reason: EVIL },
		}),
		steps: [
			exampleStep({
				stepKey: EVIL,
				itemKey: EVIL,
				state: 'failed',
				error: { code: EVIL, message: EVIL },
				result: { targets: [{ name: EVIL, url: EVIL, reason: EVIL, limit: EVIL }] },
			}),
			exampleStep({
				stepKey: '3.1/record-live',
				kind: 'change',
				inverse: { [EVIL]: EVIL },
				result: { workloads: [{ service: EVIL, selector: { app: EVIL } }] },
			}),
		],
		gates: [{ gate, votes: [exampleVote(gate, 1, { approver: EVIL, comment: EVIL })] }],
		refusals: [{ releaseId: '', environment: '', code: EVIL, message: EVIL, person: EVIL, at: at(5) }],
		samples: exampleSamples({ from: 0, until: 50 }).map((sample) => ({
			...sample,
			metric: sample.metric === 'health' ? EVIL : sample.metric,
			target: EVIL,
		})),
		phases: [{ phase: EVIL, startedAt: at(1), finishedAt: at(2) }],
		plan: [{ part: EVIL, hash: EVIL }],
	};
}

const EXAMPLES: ReadonlyArray<readonly [string, () => ReleaseFacts]> = [
	['succeeded', succeeded],
	['was rolled back', rolledBack],
	['was rejected', rejected],
	['died twice', diedTwice],
	['recorded nothing', () => ({ ...emptyFacts(exampleRelease({ state: 'running', finishedAt: null })), events: [] })],
	['holds hostile text everywhere', hostile],
];

describe.each(EXAMPLES)('the page of a release that %s', (_, facts) => {
	it('is well-formed', async () => {
		expect(findMarkupProblems(await pageOf(facts()))).toEqual([]);
	});

	it('runs nothing and fetches nothing', async () => {
		const page = await pageOf(facts());
		expect(page).not.toMatch(/<(script|link|img|iframe|object|embed|base|form|input|video|audio|source)[\s>/]/i);
		expect(page).not.toMatch(/<[^>]*\s(on\w+|src|srcset|action|formaction|xlink:href|data|poster)\s*=/i);
		expect([...page.matchAll(/\shref="([^"]*)"/g)].map(([, target]) => target?.[0])).toEqual(Array(10).fill('#'));
		expect(page.match(/<style>([^]*?)<\/style>/)?.[1]).not.toMatch(/url\(|@import|expression\(/i);
		expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline';`);
	});

	it('leads from its contents to sections that are there, each once', async () => {
		const page = await pageOf(facts());
		const ids = [...page.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
		expect(new Set(ids).size).toBe(ids.length);
		for (const [, target] of page.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(target);
		for (const [, title] of page.matchAll(/aria-labelledby="([^"]+)"/g)) expect(ids).toContain(title);
	});

	it('holds no place that could not be computed', async () => {
		expect(await pageOf(facts())).not.toMatch(/NaN|Infinity|undefined|\[object/);
	});
});

it('shows hostile text as the text that it is', async () => {
	const text = textOfPage(await pageOf(hostile()));
	expect(text).toContain(`Release of ${EVIL} to ${EVIL}`);
	expect(text).toContain(`Recorded reason: ${EVIL}`);
});

it.each([
	[succeeded, 'tone-good', 'Succeeded'],
	[rolledBack, 'tone-back', 'Rolled back, verified'],
	[rejected, 'tone-stopped', 'Rejected'],
	[diedTwice, 'tone-bad', 'Needs a person'],
	[() => emptyFacts(exampleRelease({ state: 'running', finishedAt: null })), 'tone-open', 'Running'],
	[
		() => emptyFacts(exampleRelease({ state: 'running', finishedAt: null, rollingBackAt: at(5) })),
		'tone-bad',
		'Rolling back',
	],
	[
		() => emptyFacts(exampleRelease({ state: 'running', finishedAt: null, rehearsal: true })),
		'tone-open',
		'Rehearsal: running',
	],
])('tells the outcome by colour and word (%#)', async (facts, tone, word) => {
	const [banner = ''] = /<div class="banner[^]*?<\/div>/.exec(await pageOf(facts())) ?? [];
	expect(banner).toContain(tone);
	expect(textOfPage(banner)).toContain(word);
});

it('names the JSON beside it, the chain and the lines to go back', async () => {
	const facts = succeeded();
	const text = textOfPage(await pageOf(facts));
	expect(text).toContain(`sha256 ${SHA256}`);
	expect(text).toContain(facts.events.at(-1)?.hash);
	expect(text).toContain('kubectl --namespace production patch service case-backend');
	expect(text).not.toMatch(/sealed-wake-address|@example\.com(?!\/)/);
});

it('puts a broken chain where nobody can miss it', async () => {
	const facts = succeeded();
	const events = facts.events.map((event) => (event.sequence === 3 ? { ...event, hash: '0'.repeat(64) } : event));
	const page = await pageOf({ ...facts, events });
	expect(page).toMatch(/role="alert"[^]*The record was changed[^]*Link 3 of the hash chain does not hold/);
});

it('draws the lines, the limits and the moments of each chart', async () => {
	const page = await pageOf(rolledBack());
	const [chart = ''] = /<figure>[^]*?<\/figure>/.exec(page) ?? [];
	expect(chart.match(/<path d="M[^"]+"/g)).toHaveLength(1);
	expect(chart.match(/class="limit /g)).toHaveLength(3);
	expect(chart.match(/class="mark (gate|switch|rollback)"/g)).toEqual([
		'class="mark gate"',
		'class="mark gate"',
		'class="mark switch"',
		'class="mark rollback"',
		'class="mark rollback"',
	]);
	expect(chart).toContain('aria-label="Error rate: case-backend: 0.2');
});

it('stays small with five thousand samples', async () => {
	const samples = exampleSamples({ from: 0, until: 5000 });
	expect(samples.length).toBeGreaterThan(5000);
	expect((await pageOf({ ...succeeded(), samples })).length).toBeLessThan(400_000);
});
