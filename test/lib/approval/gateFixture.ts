import { buildEvidence, type EvidenceFacts, type GateQuestion } from '../../../lib/approval/buildEvidence';
import type { Approver, GateRecord, VoteRecord } from '../../../lib/release/gate';
import type { Json, Release, Sample, StepRecord, StepState } from '../../../lib/release/model';
import { stepHash } from '../../../lib/release/stepHash';

export const OPENED_AT = new Date('2026-11-23T20:00:00Z');
export const EXPIRES_AT = new Date('2026-11-23T21:00:00Z');
/** A minute after the gate was opened. */
export const NOW = new Date('2026-11-23T20:01:00Z');
export const GATE = 'gate-1/approval';

export const approver = (id: string, breakGlass = false): Approver => ({
	id,
	name: `${id.charAt(0).toUpperCase()}${id.slice(1)} Example`,
	email: `${id}@example.com`,
	breakGlass,
});

export const APPROVERS = [approver('ada'), approver('grace', true), approver('linus')];

export const digest = (character: string): string => `sha256:${character.repeat(64)}`;

export function release(change: Partial<Release> = {}): Release {
	return {
		id: 'r-2026.11.23-4f9c2a',
		token: 7,
		environment: 'production',
		version: '2026.11.23',
		commit: '4f9c2a1b7d3e5f60718293a4b5c6d7e8f9012345',
		images: [
			{
				workload: 'case-management-backend',
				image: `registry.example.com/case-management-backend@${digest('b')}`,
			},
			{
				workload: 'case-management-frontend',
				image: `registry.example.com/case-management-frontend@${digest('c')}`,
			},
		],
		startedBy: 'ci',
		authors: [],
		state: 'waiting',
		rehearsal: false,
		contracts: false,
		deliveryId: '',
		executionId: '12',
		override: null,
		resumes: 0,
		startedAt: new Date('2026-11-23T19:40:00Z'),
		waitingUntil: EXPIRES_AT,
		watchUntil: null,
		rollingBackAt: null,
		pointOfNoReturn: null,
		finishedAt: null,
		reason: '',
		heartbeatAt: OPENED_AT,
		...change,
	};
}

export function step(stepKey: string, result: Json = null, state: StepState = 'passed', itemKey = ''): StepRecord {
	const startedAt = new Date('2026-11-23T19:50:00Z');
	return {
		stepKey,
		itemKey,
		kind: 'verdict',
		state,
		inputHash: '',
		attempts: 1,
		startedAt,
		finishedAt: startedAt,
		result,
		evidence: null,
		inverse: null,
		error: null,
	};
}

export const PENDING = [
	{ name: '20261102083000_add_case_priority', checksum: 'd'.repeat(64), transaction: 'one' },
	{ name: '20261118120000_index_cases_by_owner', checksum: 'e'.repeat(64), transaction: 'own' },
];

export const STEPS: readonly StepRecord[] = [
	step('1.1/check-http', null, 'passed', 'backend'),
	step('1.1/check-postgres'),
	step('1.1/check-redis'),
	step('1.1/error-rate', { metric: 'http_requests_total', value: 0.0021, limit: 0.01 }),
	step('1.1/response-time', { metric: 'http_request_duration_seconds', value: 0.142, limit: 0.2 }),
	step('1.2/create-backup', { backupId: '20261123T194012Z-3f9a1c2b4d5e' }),
	step('1.2/verify-backup', {
		backupId: '20261123T194012Z-3f9a1c2b4d5e',
		sha256: 'f'.repeat(64),
		sizeBytes: 48_300_000,
		tables: 14,
		rows: 182_344,
		token: { verifiedAt: '2026-11-23T19:46:31.000Z' },
	}),
	step('2.1/migration-status', { pending: PENDING }),
];

export const PLAN = [
	{ part: 'workflow/deploy-production', hash: '1'.repeat(64) },
	{ part: 'workflow/phase-2-migration', hash: '2'.repeat(64) },
	{ part: 'package', hash: '3'.repeat(64) },
];

export const QUESTION: GateQuestion = {
	gate: GATE,
	guards: '2.1/deploy-migrations',
	whatFollows:
		'The migrations run against the production database: from then on its schema is the new one, and only restoring a backup brings the old one back.',
	rules: { quorum: 2, leastStrength: 'link', approvers: APPROVERS.map(({ id }) => id) },
};

export function facts(change: Partial<EvidenceFacts> = {}): EvidenceFacts {
	return {
		release: release(),
		steps: STEPS,
		plan: PLAN,
		lastStable: release({
			id: 'r-2026.11.9-1a2b3c',
			version: '2026.11.9',
			images: release().images.map(({ workload, image }) => ({
				workload,
				image: image.replace(/@.*/, `@${digest('a')}`),
			})),
		}),
		...change,
	};
}

export const BUILT = buildEvidence(facts(), QUESTION, stepHash);

export function gate(change: Partial<GateRecord> = {}): GateRecord {
	return {
		releaseId: release().id,
		gate: GATE,
		state: 'open',
		quorum: 2,
		approvers: APPROVERS,
		evidence: BUILT.evidence as unknown as Json,
		evidenceHash: BUILT.hash,
		openedAt: OPENED_AT,
		expiresAt: EXPIRES_AT,
		decidedAt: null,
		reason: '',
		executionId: '12',
		wakeSeal: '',
		...change,
	};
}

let nonces = 0;
export function vote(voter: string, change: Partial<VoteRecord> = {}): VoteRecord {
	nonces += 1;
	return {
		releaseId: release().id,
		gate: GATE,
		approver: voter,
		nonce: `n${nonces}`,
		decision: 'approve',
		comment: '',
		strength: 'link',
		evidenceHash: BUILT.hash,
		votedAt: NOW,
		...change,
	};
}

export const sample = (metric: string, target: string, change: Partial<Sample> = {}): Sample => ({
	metric,
	target,
	value: 0.002,
	problem: '',
	takenAt: '2026-11-23T19:59:10.000Z',
	monotonicMs: 1,
	bootId: 'b',
	...change,
});

/** What a function throws. */
export function catchError(act: () => unknown): Error {
	try {
		act();
	} catch (error) {
		if (error instanceof Error) return error;
	}
	throw new Error('nothing was thrown');
}
