import { buildEvidence, findChanges } from '../../../lib/approval/buildEvidence';
import { isUsed } from '../../../lib/approval/readGateState';
import type { Release, StepRecord } from '../../../lib/release/model';
import { stepHash } from '../../../lib/release/stepHash';
import { BUILT, digest, facts, gate, PENDING, PLAN, QUESTION, release, step, STEPS } from './gateFixture';

const without = (stepKey: string): StepRecord[] => STEPS.filter((one) => one.stepKey !== stepKey);
const replaced = (replacement: StepRecord): StepRecord[] => [...without(replacement.stepKey), replacement];
const hashOf = (change: Parameters<typeof facts>[0]): string => buildEvidence(facts(change), QUESTION, stepHash).hash;
const changes = (change: Parameters<typeof facts>[0]): string[] =>
	findChanges(BUILT.evidence.bound, facts(change), stepHash);
const withRelease = (change: Partial<Release>): Parameters<typeof facts>[0] => ({ release: release(change) });

it('binds a vote to what runs, what it was checked by, and who may decide', () => {
	const { bound } = BUILT.evidence;
	expect(bound).toMatchObject({
		gate: 'gate-1/approval',
		guards: '2.1/deploy-migrations',
		version: '2026.11.23',
		environment: 'production',
		migrations: PENDING.map(({ name, checksum }) => ({ name, checksum })),
		backup: { backupId: '20261123T194012Z-3f9a1c2b4d5e', sha256: 'f'.repeat(64) },
		numbers: [
			{ stepKey: '1.1/error-rate', itemKey: '', value: 0.0021, limit: 0.01 },
			{ stepKey: '1.1/response-time', itemKey: '', value: 0.142, limit: 0.2 },
		],
		gates: [],
		rules: { quorum: 2, leastStrength: 'link', approvers: ['ada', 'grace', 'linus'] },
	});
	expect(bound.plan.map(({ part }) => part)).toEqual([
		'package',
		'workflow/deploy-production',
		'workflow/phase-2-migration',
	]);
	expect(BUILT.hash).toMatch(/^[0-9a-f]{64}$/);
});

it('what is recorded between the gate and its change is no part of it, and does not count as the change', () => {
	const question = { ...QUESTION, guards: '2.2/record-counts, 2.1/deploy-migrations' };
	const built = (steps: StepRecord[]): string => buildEvidence(facts({ steps }), question, stepHash).hash;
	expect(built([...STEPS, step('2.2/record-counts')])).toBe(built([...STEPS]));
	expect(built([...STEPS, step('2.2/integrity-before')])).not.toBe(built([...STEPS]));
	const approved = gate({ state: 'approved' });
	expect(isUsed(approved, [step('2.2/record-counts')], question.guards)).toBe(false);
	expect(isUsed(approved, [step('2.1/deploy-migrations')], question.guards)).toBe(true);
});

describe('other evidence is named, and has another hash', () => {
	it.each<[string, string, Parameters<typeof facts>[0]]>([
		['another version', 'version', withRelease({ version: '2026.11.24' })],
		['another commit', 'commit', withRelease({ commit: 'abc' })],
		['another environment', 'environment', withRelease({ environment: 'staging' })],
		[
			'another digest',
			'images',
			withRelease({ images: [{ workload: 'case-management-backend', image: `r@${digest('9')}` }] }),
		],
		['an edited workflow', 'plan', { plan: [{ part: 'package', hash: '9'.repeat(64) }, ...PLAN.slice(0, 2)] }],
		['a plan part that is gone', 'plan', { plan: PLAN.slice(1) }],
		['another backup', 'backup', { steps: replaced(step('1.2/verify-backup', { backupId: 'x', sha256: 'y' })) }],
		[
			'a migration that was edited',
			'migrations',
			{
				steps: replaced(
					step('2.1/migration-status', { pending: [{ ...PENDING[0]!, checksum: 'x' }, PENDING[1]!] }),
				),
			},
		],
		[
			'a migration more',
			'migrations',
			{ steps: replaced(step('2.1/migration-status', { pending: [...PENDING, { name: 'n', checksum: 'c' }] })) },
		],
		[
			'another measurement',
			'numbers',
			{ steps: replaced(step('1.1/error-rate', { metric: 'http_requests_total', value: 0.009, limit: 0.01 })) },
		],
		[
			'another limit',
			'numbers',
			{ steps: replaced(step('1.1/error-rate', { metric: 'http_requests_total', value: 0.0021, limit: 0.1 })) },
		],
		['a check that fails now', 'steps', { steps: replaced(step('1.1/check-redis', null, 'failed')) }],
		['a check that is gone', 'steps', { steps: without('1.1/check-redis') }],
	])('%s: %s', (_, part, change) => {
		expect(changes(change)).toContain(part);
		expect(hashOf(change)).not.toBe(BUILT.hash);
	});
});

it('what the previous version did on the new schema is a part of it', () => {
	const tried = (state: StepRecord['state']) => facts({ steps: [...STEPS, step('2.1/old-code', null, state)] });
	const { evidence } = buildEvidence(tried('passed'), QUESTION, stepHash);
	expect(findChanges(evidence.bound, tried('passed'), stepHash)).toEqual([]);
	expect(findChanges(evidence.bound, tried('failed'), stepHash)).toEqual(['steps']);
});

describe('what is no part of it changes nothing', () => {
	const later = { startedAt: new Date('2026-11-23T20:10:00Z'), finishedAt: null, attempts: 2 };
	it.each<[string, Parameters<typeof facts>[0]]>([
		['nothing', {}],
		['the same in another order', { steps: [...STEPS].reverse(), plan: [...PLAN].reverse() }],
		['times and attempts', { steps: STEPS.map((one) => ({ ...one, ...later })) }],
		['a resumed release', withRelease({ token: 9, resumes: 1, executionId: '99', state: 'running' })],
		['the gate’s own step', { steps: [...STEPS, step('gate-1/approval', null, 'started')] }],
		['the change behind it', { steps: [...STEPS, step('2.1/deploy-migrations', null, 'started')] }],
		['pages and reports', { steps: [...STEPS, step('on-failure/page'), step('watch/health', null, 'failed')] }],
	])('%s', (_, change) => {
		expect(changes(change)).toEqual([]);
		expect(hashOf(change)).toBe(BUILT.hash);
	});

	it('steps and plan parts that came after it was shown do not void it, though a new question would show them', () => {
		const steps = [...STEPS, step('3.1/set-image')];
		const plan = [...PLAN, { part: 'workflow/phase-3-rollout', hash: '4'.repeat(64) }];
		expect(changes({ steps, plan })).toEqual([]);
		expect(hashOf({ steps, plan })).not.toBe(BUILT.hash);
	});
});

describe('the second gate', () => {
	const first = step('gate-1/approval', { evidenceHash: BUILT.hash });
	const deployed = step('2.1/deploy-migrations');
	const ask = (steps: readonly StepRecord[]) =>
		buildEvidence(
			facts({ steps }),
			{ ...QUESTION, gate: 'gate-2/approval', guards: '3.2/switch-traffic' },
			stepHash,
		);

	it('stands on what the first one was passed for', () => {
		const { evidence, hash } = ask([...STEPS, first, deployed]);
		expect(evidence.bound.gates).toEqual([{ gate: 'gate-1/approval', state: 'passed', evidenceHash: BUILT.hash }]);
		expect(ask([...STEPS, step('gate-1/approval', { evidenceHash: 'other' }), deployed]).hash).not.toBe(hash);
	});

	it('is not voided by migrations that are pending no more', () => {
		const applied = replaced(step('2.1/migration-status', { pending: [] }));
		expect(ask([...applied, first, deployed]).hash).toBe(ask([...STEPS, first, deployed]).hash);
	});
});

describe('what is shown', () => {
	it('names what is replaced, the checks with value and limit, and the backup', () => {
		const { shown } = BUILT.evidence;
		expect(shown.from?.version).toBe('2026.11.9');
		expect(shown.checks.find(({ stepKey }) => stepKey === '1.1/error-rate')).toEqual({
			stepKey: '1.1/error-rate',
			itemKey: '',
			title: 'Error rate',
			state: 'passed',
			value: '0.21 %',
			limit: '1 %',
			problem: '',
		});
		expect(shown.backup).toEqual({
			backupId: '20261123T194012Z-3f9a1c2b4d5e',
			sizeBytes: 48_300_000,
			tables: 14,
			rows: 182_344,
			takenAt: '2026-11-23T19:40:12.000Z',
			verifiedAt: '2026-11-23T19:46:31.000Z',
		});
	});

	it('says so when nothing is known to be replaced, backed up or measured', () => {
		const steps = [step('1.1/error-rate', { metric: 'm', value: null, limit: 0.01 }, 'inconclusive')];
		const { evidence } = buildEvidence(facts({ steps, plan: [], lastStable: undefined }), QUESTION, stepHash);
		expect(evidence.shown).toMatchObject({ from: null, backup: null, checks: [{ value: '', limit: '1 %' }] });
		expect(evidence.bound).toMatchObject({ backup: null, migrations: null, numbers: [] });
	});

	it.each([
		['passed', { stagingFirst: true }],
		['none', { stagingFirst: false }],
		[undefined, { workloads: [] }],
	])('staging is %s when the images were set with %j', (staging, result) => {
		const { evidence } = buildEvidence(
			facts({ steps: [...STEPS, step('3.1/set-image', result)] }),
			QUESTION,
			stepHash,
		);
		expect(evidence.shown.staging).toBe(staging);
	});

	it('a backup that did not pass is none', () => {
		const steps = STEPS.map((one) =>
			one.stepKey === '1.2/verify-backup' ? { ...one, state: 'failed' as const } : one,
		);
		const { evidence } = buildEvidence(facts({ steps }), QUESTION, stepHash);
		expect([evidence.bound.backup, evidence.shown.backup]).toEqual([null, null]);
	});

	it('what was live by the cluster’s own word outranks the last release', () => {
		const live = { image: 'registry.example.com/backend:2026.11.8', digest: digest('8') };
		const recorded = step('3.1/record-live', { workloads: [{ service: 'case-management-backend', live }] });
		const { evidence } = buildEvidence(facts({ steps: [...STEPS, recorded] }), QUESTION, stepHash);
		expect(evidence.shown.from?.images).toEqual([
			{ workload: 'case-management-backend', image: `registry.example.com/backend:2026.11.8@${digest('8')}` },
		]);
	});
});
