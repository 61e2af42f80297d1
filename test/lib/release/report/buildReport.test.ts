import { buildReport } from '../../../../lib/release/report/buildReport';
import type { ReleaseFacts, ReportModel } from '../../../../lib/release/report/model';
import {
	at,
	diedTwice,
	emptyFacts,
	exampleRelease,
	exampleSamples,
	exampleStep,
	link,
	rejected,
	rolledBack,
	succeeded,
} from './exampleFacts';

const NOW = at(4100);
const reportOf = (facts: ReleaseFacts): ReportModel => buildReport(facts, { now: NOW });
const titles = (report: ReportModel): string[] => report.timeline.map(({ title }) => title);

const clock = ({ clocks }: ReportModel) =>
	clocks.map(({ title, elapsedMs, verdict }) => [title, elapsedMs / 1000, verdict]);

describe('the report of a release that succeeded', () => {
	const report = reportOf(succeeded());

	it('says so, and how long it took without and with people', () => {
		const { state, outcome, durationMs, waitedMs, switchedAt, steps, resumes } = report.summary;
		expect({
			state,
			word: outcome.word,
			tone: outcome.tone,
			durationMs,
			waitedMs,
			switchedAt,
			steps,
			resumes,
		}).toEqual({
			state: 'succeeded',
			word: 'Succeeded',
			tone: 'good',
			durationMs: 4_012_000,
			waitedMs: 760_000,
			switchedAt: '2026-11-23T14:23:24.000Z',
			steps: { passed: 18, failed: 0, inconclusive: 0, started: 0 },
			resumes: 0,
		});
	});

	it('holds each phase against its clock without the time in which people were waited for', () => {
		expect(clock(report)).toEqual([
			['Phase 1: pre-deployment', 293, 'passed'],
			['Phase 2: migration', 240, 'passed'],
			['Phase 3: rollout', 112, 'passed'],
			['Phase 4: validation', 143, 'passed'],
		]);
	});

	it('names every judged number with its limit and what was asked', () => {
		const measured = (stepKey: string) => report.checks.find((step) => step.stepKey === stepKey)?.measurements;
		expect(measured('4.2/error-rate')?.[0]).toEqual({
			subject: 'Error rate, pods of case-backend in production',
			value: '0.38 % of 1,841 requests',
			limit: 'at most 1 %',
			query: 'sum(increase(http_requests_total{status=~"5.."}[60s])) / sum(increase(http_requests_total{}[60s]))',
			verdict: 'passed',
			reason: 'calm',
		});
		expect(measured('4.2/response-time')?.[0]).toMatchObject({
			subject: 'Response time, 95 % quantile, pods of case-backend in production',
			value: '142 ms of 1,841 requests',
			limit: 'at most 200 ms',
		});
		expect(measured('1.1/check-http')?.[0]).toEqual({
			subject: 'api',
			value: 'HTTP 200, 3 of 3 probes good, answered in 34 ms',
			limit: '',
			query: 'https://api.example.com/health',
			verdict: 'passed',
			reason: 'status 200, version 2026.11.23',
		});
		expect(measured('1.2/verify-backup')?.map(({ subject, value, limit }) => [subject, value, limit])).toEqual([
			['Archive read back', '700 MiB', ''],
			['Differences after restoring', '0 in 14 tables, 2,481,330 rows', '0'],
		]);
		expect(measured('3.1/wait-for-rollout')?.map(({ subject, query }) => [subject, query])).toEqual([
			['case-backend', 'deployment/case-backend-green'],
			['case-frontend', 'deployment/case-frontend-green'],
		]);
	});

	it('says what was not checked because there is nothing to check', () => {
		const reason = 'not configured: the configuration names no monitoring, so none was checked';
		const { release, steps, ...facts } = succeeded();
		const unchecked = exampleStep({ stepKey: '1.1/check-monitoring', result: { configured: false, reason } });
		const { checks } = reportOf({ ...facts, release, steps: [...steps, unchecked] });
		expect(checks.find(({ stepKey }) => stepKey === '1.1/check-monitoring')?.measurements).toEqual([
			{ subject: 'Not checked', value: 'nothing', limit: '', query: '', verdict: null, reason },
		]);
	});

	it('says of a gate that was only tried what it would have been', () => {
		const { steps, ...facts } = succeeded();
		const result = { dryRun: true, wouldBe: 'failed', reason: 'too slow' };
		const { checks } = reportOf({ ...facts, steps: [...steps, exampleStep({ stepKey: '4.2/query', result })] });
		expect(checks.find(({ stepKey }) => stepKey === '4.2/query')?.measurements).toEqual([
			{
				subject: 'Dry run: it proves nothing',
				value: 'would be failed',
				limit: '',
				query: '',
				verdict: null,
				reason: 'too slow',
			},
		]);
	});

	it('tells who approved what, with which identity, and nothing of where to wake or write to', () => {
		expect(
			report.approvals.map(({ gate, state, quorum, votes }) => [
				gate,
				state,
				quorum,
				votes.map(({ person, strength, counts }) => [person, strength, counts]),
			]),
		).toEqual([
			[
				'gate-1/approval',
				'approved',
				2,
				[
					['Approver One', 'github', true],
					['Approver Two', 'link', true],
				],
			],
			[
				'gate-2/approval',
				'approved',
				2,
				[
					['Approver One', 'github', true],
					['Approver Two', 'link', true],
				],
			],
		]);
		const { chain: _, ...rest } = report;
		expect(JSON.stringify(rest)).not.toMatch(/sealed-wake-address|approver-\d@example\.com|nonce-/);
		expect(JSON.stringify(report)).not.toContain('sealed-wake-address');
	});

	it('keeps changes apart from checks, each with its inverse', () => {
		expect(report.changes.map(({ stepKey }) => stepKey)).toEqual([
			'1.2/create-backup',
			'2.1/deploy-migrations',
			'3.1/record-live',
			'3.1/set-image',
			'3.2/switch-traffic',
		]);
		expect(report.changes.at(-1)?.inverse).toEqual({
			selectors: [{ service: 'case-backend', selector: { app: 'case-backend', color: 'blue' } }],
		});
		expect(report.checks.some(({ kind }) => kind === 'change')).toBe(false);
	});

	it('draws every metric with the limits that were judged by and the moments that explain it', () => {
		expect(
			report.charts.map(({ metric, series, limits, emptyBecause }) => [
				metric,
				series.map(({ target }) => target),
				limits,
				emptyBecause,
			]),
		).toEqual([
			[
				'error-rate',
				['case-backend'],
				[
					{ name: 'pass and warning', value: 0.01 },
					{ name: 'critical', value: 0.05 },
					{ name: 'rollback', value: 0.1 },
				],
				'',
			],
			[
				'response-time',
				['case-backend', 'case-frontend'],
				[
					{ name: 'pass', value: 0.2 },
					{ name: 'warning', value: 0.5 },
					{ name: 'critical', value: 1 },
				],
				'',
			],
			['health', ['api', 'www'], [], ''],
		]);
		expect(report.charts[0]?.marks.map(({ kind, title }) => [kind, title])).toEqual([
			['gate', 'Gate 1 approved'],
			['gate', 'Gate 2 approved'],
			['switch', 'Traffic switched'],
		]);
	});

	it('proves its chain and finds every row in it', () => {
		const { verified, broken, differences, links, events } = report.chain;
		expect({ verified, broken, differences }).toEqual({ verified: true, broken: null, differences: [] });
		expect(events).toHaveLength(links);
		expect(titles(report)).toContain('Plan registered: 4 parts');
		expect(titles(report)).toContain('Refused: APPROVAL.OWN_RELEASE');
		expect(report.timeline.map(({ offsetMs }) => offsetMs)).toEqual(
			report.timeline.map(({ offsetMs }) => offsetMs).sort((one, other) => one - other),
		);
	});
});

describe('the report of a release that was rolled back', () => {
	const report = reportOf(rolledBack());

	it('measures the rollback from the breach to the recorded version', () => {
		expect(report.summary.outcome).toMatchObject({ tone: 'back', word: 'Rolled back, verified' });
		expect(clock(report).slice(-3)).toEqual([
			['Start of the rollback', 15, 'passed'],
			['Rollback', 33, 'passed'],
			['Time to restore', 48, 'passed'],
		]);
		expect(titles(report)).toEqual(
			expect.arrayContaining([
				'watch/error-rate failed',
				'Taken over for a rollback',
				'State: running → rolled-back-verified',
			]),
		);
	});

	it('marks it in the charts and ends the watch with it', () => {
		expect(report.charts[0]?.marks.map(({ title }) => title).slice(-2)).toEqual([
			'Rollback began',
			'Recorded version serves again',
		]);
		expect(report.spans.find(({ kind }) => kind === 'watch')?.until).toBe(at(1805).toISOString());
	});
});

it('shows a rejection with its reason, and that a vote on other evidence does not count', () => {
	const report = reportOf(rejected());
	expect(report.summary.outcome).toMatchObject({ tone: 'stopped', word: 'Rejected' });
	expect(report.approvals[0]).toMatchObject({ state: 'rejected', verdict: 'failed', waitedMs: 380_000 });
	expect(report.approvals[0]?.votes.map(({ decision, counts, comment }) => [decision, counts, comment])).toEqual([
		['approve', false, 'Backup verified, migration is additive.'],
		['reject', true, 'Not during month-end closing.'],
	]);
	expect(report.checks.map(({ stepKey }) => stepKey)).not.toContain('gate-1/approval');
	expect(report.rollback).toMatchObject({ recorded: false, blocks: [] });
});

it('tells of each run that died and of each resume, and of an open step only that its end is not recorded', () => {
	const report = reportOf(diedTwice());
	expect(report.summary).toMatchObject({
		resumes: 2,
		override: { person: 'release manager', reason: 'security fix' },
		steps: { started: 1 },
	});
	const died = report.timeline
		.filter(({ verdict }) => verdict === 'inconclusive')
		.map(({ title, detail }) => `${title}: ${detail}`);
	expect(died).toEqual([
		'1.2/verify-backup started: It never finished: the run died, and it was started again.',
		'Point of no return: from here on going back loses data: drops the column cases.legacy_note',
		'3.1/wait-for-rollout started: It never finished: the run died, and it was started again.',
		'3.1/wait-for-rollout started: Its end is not recorded.',
	]);
	expect(titles(report)).toEqual(
		expect.arrayContaining([
			'Resumed (1) by execution 1211',
			'Resumed (2) by execution 1219',
			'State: running → needs-human',
		]),
	);
	expect(clock(report)).toEqual([
		['Phase 1: pre-deployment', 398, 'passed'],
		['Phase 2: migration', 620, 'failed'],
		['Phase 3: rollout', 1500, 'failed'],
	]);
	expect(report.chain).toMatchObject({ verified: true, differences: [] });
});

it('is whole for a release of which nothing was recorded, and says why each chart is empty', () => {
	const facts = {
		...emptyFacts(exampleRelease({ state: 'running', finishedAt: null, watchUntil: null })),
		events: [],
	};
	const report = reportOf(facts);
	expect({ ...report, chain: report.chain.verified, summary: report.summary.outcome.word }).toMatchObject({
		summary: 'Running',
		clocks: [],
		spans: [],
		checks: [],
		changes: [],
		approvals: [],
		chain: false,
		timeline: [{ title: 'Release of 2026.11.23 begun by ci', sequence: null }],
		omissions: [],
	});
	expect(report.charts.map(({ emptyBecause }) => emptyBecause)).toEqual(
		Array(3).fill('The release did not get as far as measuring it, so there is nothing to draw.'),
	);
});

it('says that a metric was judged when only its samples are missing', () => {
	const report = reportOf({ ...succeeded(), samples: [] });
	expect(report.charts[0]?.emptyBecause).toBe(
		'Error rate was judged (4.2/error-rate, watch/error-rate), but the single samples were not recorded. The judged numbers are among the checks.',
	);
	const blind = exampleSamples({ from: 0, until: 20 }).map((sample) => ({ ...sample, value: null }));
	expect(reportOf({ ...succeeded(), samples: blind }).charts[0]?.emptyBecause).toBe(
		'Error rate was asked for, but no sample had data.',
	);
});

it('thins five thousand samples and loses neither the spike nor the gap', () => {
	const samples = Array.from({ length: 5000 }, (_, index) => ({
		metric: 'error-rate',
		target: 'api',
		value: index === 2501 ? 0.42 : index === 3333 ? null : 0.004,
		problem: '',
		takenAt: at(index).toISOString(),
		monotonicMs: index * 1000,
		bootId: 'boot-1',
	}));
	const [series] = reportOf({ ...succeeded(), samples }).charts[0]?.series ?? [];
	expect(series).toMatchObject({ samples: 5000, withoutData: 1, lowest: 0.004, highest: 0.42, last: 0.004 });
	expect(series?.points.length).toBeLessThanOrEqual(600);
	expect(series?.points).toContainEqual({ at: at(2501).toISOString(), value: 0.42 });
	expect(series?.points).toContainEqual({ at: at(3333).toISOString(), value: null });
	expect(series?.points.at(0)?.at).toBe(at(0).toISOString());
	expect(series?.points.at(-1)?.at).toBe(at(4999).toISOString());
});

describe('tampering', () => {
	it('with a link is named with the link', () => {
		const facts = succeeded();
		const events = facts.events.map((event) =>
			event.sequence === 9 ? { ...event, payload: event.payload.replace('"state"', '"State"') } : event,
		);
		expect(reportOf({ ...facts, events }).chain).toMatchObject({ verified: false, broken: { sequence: 9 } });
	});

	it('with a row past the triggers is named with the row and its columns', () => {
		const facts = rolledBack();
		const steps = facts.steps.map((step) =>
			step.stepKey === 'watch/error-rate' ? { ...step, state: 'passed' as const, result: { value: 0 } } : step,
		);
		const { chain } = reportOf({ ...facts, steps });
		expect({ verified: chain.verified, differences: chain.differences }).toEqual({
			verified: true,
			differences: ['step watch/error-rate differs from its last link in state, result'],
		});
	});

	it('is not claimed while the ledger is being written to', () => {
		const facts = rolledBack();
		const report = reportOf({
			...facts,
			steps: facts.steps.slice(1),
			phases: [],
			moving: true,
			release: { ...facts.release, state: 'running' },
		});
		expect(report.chain.differences).toEqual([]);
		expect(report.omissions).toEqual([
			'The ledger was being written to, so its rows were not compared with the hash chain.',
		]);
	});
});

it('cuts long logs and says so', () => {
	const step = exampleStep({
		stepKey: '3.2/read-logs',
		kind: 'observe',
		result: { log: 'x'.repeat(50_000), lines: Array(1000).fill('line') },
	});
	const report = reportOf({ ...emptyFacts(exampleRelease()), steps: [step], events: [] });
	const result = report.checks[0]?.result as { log: string; lines: string[] };
	expect(result.log).toMatch(/x… \(cut: 50000 characters\)$/);
	expect(result.lines).toHaveLength(201);
	expect(report.omissions).toEqual(['2 long texts or lists of step records were cut; the ledger holds them whole.']);
});

it('takes the times of a phase from its steps when the phase itself was not recorded', () => {
	const report = reportOf({ ...succeeded(), phases: [] });
	expect(report.clocks.map(({ name, recorded }) => [name, recorded])).toEqual([
		['phase-1-pre-deployment', false],
		['phase-2-migration', false],
		['phase-3-rollout', false],
		['phase-4-validation', false],
	]);
});

it('gives the same report for the same facts', () => {
	expect(reportOf(rolledBack())).toEqual(reportOf(rolledBack()));
});

it('can be stored as JSON and read again without loss', () => {
	const report = reportOf(rolledBack());
	expect(JSON.parse(JSON.stringify(report))).toEqual(report);
});

it('makes one entry of a watch that passes many times, and a new one after it did not', () => {
	const detail = (state: string, attempts: number) => ({ step_key: 'watch/health', item_key: '', state, attempts });
	const states = ['passed', 'passed', 'passed', 'inconclusive', 'passed', 'passed'];
	const events = link(
		states.map((state, index) => ({
			at: at(1600 + index * 5),
			kind: `step.${state}`,
			detail: detail(state, index + 1),
		})),
	);
	const facts = { ...succeeded(), events, phases: [] };
	expect(reportOf(facts).timeline.map(({ title, detail: text, sequence }) => [title, text, sequence])).toEqual([
		['watch/health passed', '3 times in a row, until 14:26:50.', 1],
		['watch/health inconclusive', '', 4],
		['watch/health passed', '2 times in a row, until 14:27:05.', 5],
	]);
});

it('does not take a watch that has begun again for a row that was changed', () => {
	const facts = succeeded();
	const steps = facts.steps.map((step) =>
		step.stepKey === 'watch/health'
			? { ...step, state: 'started' as const, attempts: 9, result: null, finishedAt: null }
			: step,
	);
	expect(reportOf({ ...facts, steps }).chain.differences).toEqual([]);
});

it('takes over measurements that an operation declared itself', () => {
	const declared = {
		subject: 'Replication lag',
		value: '0.4 s',
		limit: 'at most 5 s',
		query: 'standby-1',
		verdict: 'passed',
		reason: '',
	};
	const step = exampleStep({
		stepKey: '1.1/check-lag',
		evidence: { measurements: [declared, 'nothing', { value: 3 }] },
	});
	const { checks } = reportOf({ ...emptyFacts(exampleRelease()), steps: [step], events: [] });
	const empty = { subject: '', value: '', limit: '', query: '', verdict: null, reason: '' };
	expect(checks[0]?.measurements).toEqual([declared, empty, { ...empty, value: '3' }]);
});
