import { createHash } from 'node:crypto';
import type { GateRecord, VoteRecord } from '../../../../lib/release/gate';
import type { LedgerEvent } from '../../../../lib/release/ledger';
import type { Json, Release, Sample, StepRecord } from '../../../../lib/release/model';
import type { ReleaseFacts } from '../../../../lib/release/report/model';

const START_MS = Date.parse('2026-11-23T14:00:00.000Z');
const DIGEST = (letter: string): string => `sha256:${letter.repeat(64)}`;

/** An instant so many seconds after the example's release began. */
export function at(seconds: number): Date {
	return new Date(START_MS + seconds * 1000);
}

export function exampleRelease(change: Partial<Release> = {}): Release {
	return {
		id: 'rel-20261123-140000-7f3a',
		token: 41,
		environment: 'production',
		version: '2026.11.23',
		commit: '4f9c2a1b7d',
		images: [
			{ workload: 'case-backend', image: `registry.example.com/case/backend@${DIGEST('b')}` },
			{ workload: 'case-frontend', image: `registry.example.com/case/frontend@${DIGEST('f')}` },
		],
		startedBy: 'ci',
		authors: ['dev.one'],
		state: 'succeeded',
		rehearsal: false,
		contracts: false,
		deliveryId: 'msg_2KWPBgLlAfxdpx2AI54pPJ85f4W',
		executionId: '1207',
		override: null,
		resumes: 0,
		startedAt: at(0),
		waitingUntil: null,
		watchUntil: at(4000),
		rollingBackAt: null,
		pointOfNoReturn: null,
		finishedAt: at(4012),
		reason: '',
		heartbeatAt: null,
		...change,
	};
}

export function exampleStep(change: Partial<StepRecord> & { readonly stepKey: string }): StepRecord {
	return {
		itemKey: '',
		kind: 'verdict',
		state: 'passed',
		inputHash: 'c0ffee',
		attempts: 1,
		startedAt: at(10),
		finishedAt: at(12),
		result: null,
		evidence: null,
		inverse: null,
		error: null,
		...change,
	};
}

export const RECORD_LIVE: Json = {
	workloads: ['backend', 'frontend'].map((name, index) => ({
		service: `case-${name}`,
		liveColour: 'blue',
		idleColour: 'green',
		live: {
			deployment: `case-${name}-blue`,
			revision: '17',
			image: `registry.example.com/case/${name}@${DIGEST('a')}`,
			digest: DIGEST('a'),
			replicas: 3 - index,
		},
		selector: { app: `case-${name}`, color: 'blue' },
	})),
};

const ERROR_LIMITS = { pass: 0.01, warning: 0.01, critical: 0.05, rollback: { above: 0.1, heldForSeconds: 60 } };
const TIME_LIMITS = { quantile: 0.95, pass: 0.2, warning: 0.5, critical: 1 };

const httpTarget = (name: string, verdict = 'passed'): Json => ({
	name,
	url: `https://${name}.example.com/health`,
	verdict,
	reason: verdict === 'passed' ? 'status 200, version 2026.11.23' : 'answered 503',
	status: verdict === 'passed' ? 200 : 503,
	succeeded: verdict === 'passed' ? 3 : 0,
	attempted: 3,
	durationMs: 34,
});

export function errorRateResult(value: number): Json {
	return {
		metric: 'http_requests_total',
		limit: value > 0.1 ? 0.1 : 0.01,
		limits: ERROR_LIMITS,
		query: 'sum(increase(http_requests_total{status=~"5.."}[60s])) / sum(increase(http_requests_total{}[60s]))',
		value,
		requests: 1841,
		errors: Math.round(1841 * value),
		samples: 12,
		reason: value > 0.1 ? 'above 10 % for 60 s' : 'calm',
		target: 'pods of case-backend in production',
		held: { state: value > 0.1 ? 'held' : 'clear', forMs: value > 0.1 ? 60_000 : 0, samples: 12 },
	};
}

function responseTimeResult(value: number): Json {
	return {
		metric: 'http_request_duration_seconds',
		limit: 0.2,
		limits: TIME_LIMITS,
		query: 'histogram_quantile(0.95, sum by (le) (increase(http_request_duration_seconds_bucket{}[60s])))',
		value,
		atLeast: false,
		requests: 1841,
		samples: 12,
		reason: '',
		target: 'pods of case-backend in production',
	};
}

type Draft = readonly [stepKey: string, from: number, until: number | null, change?: Partial<StepRecord>];

const BEFORE_SWITCH: readonly Draft[] = [
	['1.1/check-http', 5, 8, { result: { targets: [httpTarget('api'), httpTarget('www')] } }],
	[
		'1.1/check-postgres',
		9,
		10,
		{
			result: {
				targets: [
					{
						name: 'cases',
						verdict: 'passed',
						reason: '18 of 97 connections in use',
						durationMs: 12,
						facts: { connectionsUsed: 18, connectionsAllowed: 97 },
					},
				],
			},
		},
	],
	[
		'1.2/create-backup',
		12,
		96,
		{
			kind: 'change',
			result: { backupId: '20261123T140012Z-3f9a1c2b4d5e', bucket: 'case-backups', sizeBytes: 734003200 },
		},
	],
	[
		'1.2/verify-backup',
		97,
		290,
		{
			result: {
				backupId: '20261123T140012Z-3f9a1c2b4d5e',
				bucket: 'case-backups',
				folder: 'backups/20261123T140012Z-3f9a1c2b4d5e/',
				sizeBytes: 734003200,
				sha256: 'e'.repeat(64),
				tables: 14,
				rows: 2_481_330,
				differenceCount: 0,
				differences: [],
				reasons: [],
			},
			evidence: { tables: 14, rows: 2_481_330, sizeBytes: 734003200 },
		},
	],
	[
		'2.1/migration-status',
		300,
		302,
		{
			result: {
				pending: [{ name: '20261102083000_add_case_priority', checksum: 'd'.repeat(64), transaction: 'one' }],
				problems: [],
				migrationsFolder: '/srv/migrations',
			},
		},
	],
];

const UNTIL_SWITCH: readonly Draft[] = [
	['2.1/deploy-migrations', 910, 918, { kind: 'change', result: { applied: ['20261102083000_add_case_priority'] } }],
	['3.1/record-live', 925, 926, { kind: 'change', result: RECORD_LIVE }],
	[
		'3.1/set-image',
		927,
		929,
		{
			kind: 'change',
			inverse: { idle: [{ service: 'case-backend', deployment: 'case-backend-green', replicas: 0 }] },
		},
	],
	[
		'3.1/wait-for-rollout',
		930,
		978,
		{
			result: {
				workloads: [
					{
						service: 'case-backend',
						deployment: 'case-backend-green',
						digest: DIGEST('b'),
						verdict: 'passed',
						reason: '',
						pod: null,
						lastLogLine: '',
						waitedMs: 41_200,
					},
					{
						service: 'case-frontend',
						deployment: 'case-frontend-green',
						digest: DIGEST('f'),
						verdict: 'passed',
						reason: '',
						pod: null,
						lastLogLine: '',
						waitedMs: 47_900,
					},
				],
			},
		},
	],
	['3.1/check-preview', 980, 983, { result: { targets: [httpTarget('preview-api')] } }],
];

const SWITCH: Draft = [
	'3.2/switch-traffic',
	1400,
	1404,
	{
		kind: 'change',
		inverse: { selectors: [{ service: 'case-backend', selector: { app: 'case-backend', color: 'blue' } }] },
	},
];

const AFTER_SWITCH: readonly Draft[] = [
	['3.2/check-live', 1405, 1409, { result: { targets: [httpTarget('api'), httpTarget('www')] } }],
	['3.2/read-logs', 1410, 1411, { kind: 'observe', result: { lines: ['server started'] } }],
	['4.1/check-login', 1420, 1424, { result: { targets: [httpTarget('login')] } }],
	['4.2/error-rate', 1425, 1490, { result: errorRateResult(0.0038) }],
	['4.2/response-time', 1491, 1555, { result: responseTimeResult(0.142) }],
];

function stepsOf(drafts: readonly Draft[]): StepRecord[] {
	return drafts.map(([stepKey, from, until, change]) =>
		exampleStep({ stepKey, startedAt: at(from), finishedAt: until === null ? null : at(until), ...change }),
	);
}

export function exampleGate(gate: string, from: number, change: Partial<GateRecord> = {}): GateRecord {
	return {
		releaseId: exampleRelease().id,
		gate,
		state: 'approved',
		quorum: 2,
		approvers: ['Approver One', 'Approver Two', 'Approver Three'].map((name, index) => ({
			id: `approver-${index + 1}`,
			name,
			email: `approver-${index + 1}@example.com`,
			breakGlass: index === 0,
		})),
		evidence: {
			version: '2026.11.23',
			pending: ['20261102083000_add_case_priority'],
			backup: '20261123T140012Z-3f9a1c2b4d5e',
		},
		evidenceHash: '9'.repeat(64),
		openedAt: at(from),
		expiresAt: at(from + 3600),
		decidedAt: at(from + 380),
		reason: 'quorum reached',
		executionId: '1207',
		wakeSeal: 'sealed-wake-address-never-shown',
		...change,
	};
}

export function exampleVote(gate: GateRecord, number: number, change: Partial<VoteRecord> = {}): VoteRecord {
	return {
		releaseId: gate.releaseId,
		gate: gate.gate,
		approver: `approver-${number}`,
		nonce: `nonce-${number}`,
		decision: 'approve',
		comment: number === 1 ? 'Backup verified, migration is additive.' : '',
		strength: number === 1 ? 'github' : 'link',
		evidenceHash: gate.evidenceHash,
		votedAt: new Date(gate.openedAt.getTime() + number * 180_000),
		...change,
	};
}

/** One sample of each metric every five seconds, with a gap and, where asked, a breach. */
export function exampleSamples({
	from,
	until,
	breachFrom,
}: {
	from: number;
	until: number;
	breachFrom?: number;
}): Sample[] {
	const samples: Sample[] = [];
	for (let second = from; second <= until; second += 5) {
		const wave = (Math.sin(second / 37) + Math.sin(second / 11)) / 4 + 0.5;
		const isBreached = breachFrom !== undefined && second >= breachFrom;
		const isGap = second % 600 < 10;
		const sample = (metric: string, target: string, value: number): Sample => ({
			metric,
			target,
			value: isGap ? null : value,
			problem: isGap ? 'the pods could not be listed' : '',
			takenAt: at(second).toISOString(),
			monotonicMs: 1_000_000 + second * 1000,
			bootId: 'boot-1',
		});
		samples.push(
			sample('error-rate', 'case-backend', isBreached ? 0.14 + wave * 0.05 : 0.002 + wave * 0.004),
			sample('response-time', 'case-backend', 0.11 + wave * 0.06 + (isBreached ? 0.3 : 0)),
			sample('response-time', 'case-frontend', 0.05 + wave * 0.03),
			sample('health', 'api', isBreached && second % 40 < 25 ? 0 : 1),
			sample('health', 'www', 1),
		);
	}
	return samples;
}

function phasesOf(ends: readonly [number | null, number | null, number | null, number | null]): ReleaseFacts['phases'] {
	const phases = ['phase-1-pre-deployment', 'phase-2-migration', 'phase-3-rollout', 'phase-4-validation'];
	const starts = [3, 299, 920, 1415];
	return ends.flatMap((end, index) =>
		end === null ? [] : [{ phase: phases[index] ?? '', startedAt: at(starts[index] ?? 0), finishedAt: at(end) }],
	);
}

function factsOf(facts: Partial<ReleaseFacts> & Pick<ReleaseFacts, 'release'>): ReleaseFacts {
	const whole: ReleaseFacts = {
		steps: [],
		phases: [],
		gates: [],
		refusals: [],
		samples: [],
		events: [],
		plan: [],
		moving: false,
		...facts,
	};
	return { ...whole, events: facts.events ?? chainOf(whole) };
}

export function emptyFacts(release: Release): ReleaseFacts {
	return factsOf({ release });
}

const GATE_1 = exampleGate('gate-1/approval', 310);
const GATE_2 = exampleGate('gate-2/approval', 990);
const GATES = [GATE_1, GATE_2].map((gate) => ({ gate, votes: [exampleVote(gate, 1), exampleVote(gate, 2)] }));
const PLAN = ['configuration', 'package', 'workflow/deploy-production', 'workflow/phase-1-pre-deployment'].map(
	(part, index) => ({
		part,
		hash: String(index + 1).repeat(64),
	}),
);

export function succeeded(): ReleaseFacts {
	const watches: readonly Draft[] = [
		[
			'watch/health',
			1560,
			3999,
			{
				result: {
					targets: [httpTarget('api')],
					held: { state: 'clear', forMs: 0, samples: 488 },
					sampled: 488,
				},
			},
		],
		['watch/error-rate', 1561, 3998, { result: errorRateResult(0.0031) }],
	];
	return factsOf({
		release: exampleRelease(),
		steps: stepsOf([...BEFORE_SWITCH, ...UNTIL_SWITCH, SWITCH, ...AFTER_SWITCH, ...watches]),
		phases: phasesOf([296, 919, 1412, 1558]),
		gates: GATES,
		samples: exampleSamples({ from: 60, until: 3990 }),
		plan: PLAN,
		refusals: [
			{
				releaseId: exampleRelease().id,
				environment: 'production',
				code: 'APPROVAL.OWN_RELEASE',
				message: 'dev.one wrote a commit of this release and may not approve it',
				person: 'dev.one',
				at: at(402),
			},
		],
	});
}

export function rolledBack(): ReleaseFacts {
	const failed: readonly Draft[] = [
		['watch/error-rate', 1561, 1790, { state: 'failed', result: errorRateResult(0.162) }],
		['rollback/switch-back', 1812, 1838, { kind: 'change', result: { alreadyThere: false, warnings: [] } }],
		['rollback/check-live', 1840, 1846, { result: { targets: [httpTarget('api')] } }],
		['rollback/check-login', 1847, 1848, { result: { targets: [httpTarget('login')] } }],
		['rollback/watch', 1849, 2449, { result: { targets: [httpTarget('api')], sampled: 121, watchedMs: 600_000 } }],
	];
	return factsOf({
		release: exampleRelease({
			state: 'rolled-back-verified',
			token: 42,
			rollingBackAt: at(1805),
			finishedAt: at(2460),
			reason: 'error rate above 10 % for 60 s',
		}),
		steps: stepsOf([...BEFORE_SWITCH, ...UNTIL_SWITCH, SWITCH, ...AFTER_SWITCH, ...failed]),
		phases: phasesOf([296, 919, 1412, 1558]),
		gates: GATES,
		samples: exampleSamples({ from: 60, until: 1835, breachFrom: 1725 }),
		plan: PLAN,
	});
}

export function rejected(): ReleaseFacts {
	const gate = exampleGate('gate-1/approval', 310, { state: 'rejected', reason: 'rejected by Approver Two' });
	const votes = [
		exampleVote(gate, 1, { evidenceHash: '8'.repeat(64) }),
		exampleVote(gate, 2, { decision: 'reject', comment: 'Not during month-end closing.' }),
	];
	return factsOf({
		release: exampleRelease({
			state: 'rejected',
			watchUntil: null,
			finishedAt: at(700),
			reason: 'gate 1 was rejected',
		}),
		steps: stepsOf([...BEFORE_SWITCH, ['gate-1/approval', 310, 690, { state: 'failed' }]]),
		phases: phasesOf([296, null, null, null]),
		gates: [{ gate, votes }],
		plan: PLAN,
	});
}

/** Died while the backup was verified, and again while the rollout was waited for; a person has to look. */
export function diedTwice(): ReleaseFacts {
	const release = exampleRelease({
		state: 'needs-human',
		token: 43,
		resumes: 2,
		executionId: '1219',
		watchUntil: null,
		finishedAt: at(3000),
		reason: 'the run stopped giving signs of life',
		pointOfNoReturn: {
			stepKey: '2.1/deploy-migrations',
			since: at(918).toISOString(),
			reason: 'drops the column cases.legacy_note',
		},
		override: { person: 'release manager', reason: 'security fix' },
	});
	const steps = stepsOf([
		...BEFORE_SWITCH.map((draft): Draft =>
			draft[0] === '1.2/verify-backup' ? ['1.2/verify-backup', 240, 400, { ...draft[3], attempts: 2 }] : draft,
		),
		[
			'2.1/deploy-migrations',
			910,
			918,
			{ kind: 'change', result: { applied: ['20261102083000_add_case_priority'] } },
		],
		['3.1/wait-for-rollout', 1500, null, { state: 'started', attempts: 2 }],
	]);
	const begun = rowOfRelease({
		...release,
		state: 'running',
		token: 41,
		resumes: 0,
		executionId: '1207',
		finishedAt: null,
		pointOfNoReturn: null,
	});
	const resumed = { ...begun, resumes: 1, token: 42, execution_id: '1211' };
	const noReturn = { no_return: rowOfRelease(release).no_return ?? null };
	const verify = rowOfStep(exampleStep({ stepKey: '1.2/verify-backup', state: 'started' }));
	const wait = rowOfStep(exampleStep({ stepKey: '3.1/wait-for-rollout', state: 'started' }));
	const step = (stepKey: string): StepRecord => steps.find((one) => one.stepKey === stepKey) as StepRecord;
	const settled = steps.filter(({ stepKey }) => !['1.2/verify-backup', '3.1/wait-for-rollout'].includes(stepKey));
	const verified = step('1.2/verify-backup');
	const waited = step('3.1/wait-for-rollout');
	const drafts: EventDraft[] = [
		{ at: at(0), kind: 'release.begun', detail: begun },
		...settled.flatMap(stepEvents),
		{ at: at(97), kind: 'step.started', detail: verify },
		{ at: at(230), kind: 'release.running', detail: resumed },
		{ at: at(240), kind: 'step.started', detail: { ...verify, attempts: 2 } },
		{ at: at(400), kind: 'step.passed', detail: rowOfStep(verified) },
		{ at: at(918.5), kind: 'release.running', detail: { ...resumed, ...noReturn } },
		{ at: at(930), kind: 'step.started', detail: wait },
		{
			at: at(1490),
			kind: 'release.running',
			detail: { ...begun, ...noReturn, resumes: 2, token: 43, execution_id: '1219' },
		},
		{ at: at(1500), kind: 'step.started', detail: rowOfStep(waited) },
		{ at: at(3000), kind: 'release.needs-human', detail: rowOfRelease(release) },
	];
	return factsOf({ release, steps, phases: phasesOf([401, 919, null, null]), plan: [], events: link(drafts) });
}

interface EventDraft {
	readonly at: Date;
	readonly kind: string;
	readonly detail: Json;
}

/** The links that the ledger's triggers would have written. */
function chainOf({ release, steps, gates, refusals, plan }: ReleaseFacts): LedgerEvent[] {
	const before: Release = {
		...release,
		state: 'running',
		token: 41,
		finishedAt: null,
		rollingBackAt: null,
		reason: '',
	};
	const row = (change: Partial<Release>): Json => rowOfRelease({ ...before, ...change });
	return link([
		{ at: at(0), kind: 'release.begun', detail: row({}) },
		...plan.map(({ part, hash }) => ({ at: at(1), kind: 'plan_part.recorded', detail: { part, hash } })),
		...steps.flatMap(stepEvents),
		...gates.flatMap(({ gate, votes }) => gateEvents(gate, votes)),
		...refusals.map(({ at: instant, code, message, person }) => ({
			at: instant,
			kind: 'refusal.recorded',
			detail: { code, message, person },
		})),
		...(release.rollingBackAt
			? [
					{
						at: release.rollingBackAt,
						kind: 'release.running',
						detail: row({ rollingBackAt: release.rollingBackAt, token: 42, reason: release.reason }),
					},
				]
			: []),
		...(release.finishedAt
			? [{ at: release.finishedAt, kind: `release.${release.state}`, detail: rowOfRelease(release) }]
			: []),
	]);
}

function stepEvents(step: StepRecord): EventDraft[] {
	const started = { ...step, state: 'started' as const, result: null, evidence: null, error: null, finishedAt: null };
	// A watch's beginnings are not chained, and neither is what it found while all was well.
	if (step.stepKey.startsWith('watch/')) {
		const { result: _result, evidence: _evidence, ...passed } = rowOfStep(step);
		const detail = step.state === 'passed' ? passed : rowOfStep(step);
		return step.finishedAt ? [{ at: step.finishedAt, kind: `step.${step.state}`, detail }] : [];
	}
	return [
		{ at: step.startedAt, kind: 'step.started', detail: rowOfStep(started) },
		...(step.finishedAt ? [{ at: step.finishedAt, kind: `step.${step.state}`, detail: rowOfStep(step) }] : []),
	];
}

function gateEvents(gate: GateRecord, votes: readonly VoteRecord[]): EventDraft[] {
	const row = (record: GateRecord): Json => ({
		gate: record.gate,
		state: record.state,
		quorum: record.quorum,
		evidence_hash: record.evidenceHash,
		reason: record.reason,
	});
	return [
		{ at: gate.openedAt, kind: 'gate.open', detail: row({ ...gate, state: 'open', reason: '' }) },
		...votes.map((vote) => ({
			at: vote.votedAt,
			kind: 'vote.recorded',
			detail: {
				gate: vote.gate,
				approver: vote.approver,
				nonce: vote.nonce,
				decision: vote.decision,
				comment: vote.comment,
				evidence_hash: vote.evidenceHash,
			},
		})),
		...(gate.decidedAt ? [{ at: gate.decidedAt, kind: `gate.${gate.state}`, detail: row(gate) }] : []),
	];
}

function rowOfRelease(release: Release): Readonly<Record<string, Json>> {
	const {
		id,
		state,
		token,
		version,
		commit,
		startedBy,
		images,
		reason,
		resumes,
		override,
		pointOfNoReturn,
		executionId,
	} = release;
	const time = (date: Date | null): string | null => date?.toISOString() ?? null;
	return {
		id,
		state,
		token,
		version,
		commit,
		started_by: startedBy,
		images: images.map((image) => ({ ...image })),
		reason,
		resumes,
		execution_id: executionId,
		override: override && { ...override },
		no_return: pointOfNoReturn && { ...pointOfNoReturn },
		rolling_back_at: time(release.rollingBackAt),
		watch_until: time(release.watchUntil),
		finished_at: time(release.finishedAt),
	};
}

function rowOfStep(step: StepRecord): Readonly<Record<string, Json>> {
	const { stepKey, itemKey, state, inputHash, attempts, result, evidence, inverse, error } = step;
	return {
		step_key: stepKey,
		item_key: itemKey,
		state,
		input_hash: inputHash,
		attempts,
		result,
		evidence,
		inverse,
		error,
	};
}

/** Hashes events into a chain, as the ledger's function append_event does. */
export function link(drafts: readonly EventDraft[]): LedgerEvent[] {
	let previous = '';
	return drafts
		.toSorted((one, other) => one.at.getTime() - other.at.getTime())
		.map(({ at: instant, kind, detail }, index) => {
			const payload = JSON.stringify({
				release: exampleRelease().id,
				sequence: index + 1,
				at: instant.toISOString(),
				kind,
				detail,
			});
			previous = createHash('sha256').update(`${previous}\n${payload}`).digest('hex');
			return { sequence: index + 1, at: instant, kind, payload, hash: previous };
		});
}
