import { assessContraction, type ContractionFacts } from '../../../lib/release/assessContraction';
import type { GateRecord, VoteRecord } from '../../../lib/release/gate';
import type { Release } from '../../../lib/release/model';

const DROP = { name: '3_drop', checksum: 'c'.repeat(64) };
const HASH = 'e'.repeat(64);
const vote = (approver: string, change: Partial<VoteRecord> = {}): VoteRecord =>
	({ approver, decision: 'approve', evidenceHash: HASH, ...change }) as VoteRecord;
const FACTS: ContractionFacts = {
	release: { id: 'r-2', contracts: true } as Release,
	gate: { state: 'approved', evidenceHash: HASH } as GateRecord,
	votes: [vote('on-call'), vote('lead')],
	deploys: [DROP],
	heldBack: [DROP],
	others: [],
	oldCode: 'passed',
};

it.each([['passed'], ['inconclusive'], [undefined]] as const)(
	'what was held back may run once the older version is gone and two persons said yes (serving version: %s)',
	(oldCode) => expect(assessContraction({ ...FACTS, oldCode })).toBeUndefined(),
);

it.each<[string, Partial<ContractionFacts>, string]>([
	['a release that deploys images', { release: { id: 'r-2', contracts: false } as Release }, 'deploys images'],
	['nothing to run', { deploys: [] }, 'nothing that was held back is pending'],
	['a migration that nobody held back', { heldBack: [] }, 'has not held back 3_drop'],
	['other bytes under its name', { heldBack: [{ ...DROP, checksum: 'd'.repeat(64) }] }, 'not with these bytes'],
	['a pod of another version', { others: ['pod api-blue-1 runs sha256:1'] }, 'pod api-blue-1 runs sha256:1'],
	['a serving version that fails without it', { oldCode: 'failed' }, 'failed its critical path on a copy without it'],
	['no gate', { gate: undefined }, '0 of 2 persons'],
	['a gate that was voided', { gate: { state: 'void', evidenceHash: HASH } as GateRecord }, '0 of 2 persons'],
	['one person', { votes: [vote('on-call')] }, '1 of 2 persons'],
	['one person twice', { votes: [vote('on-call'), vote('on-call')] }, '1 of 2 persons'],
	['break-glass', { votes: [vote('on-call', { decision: 'break-glass' }), vote('lead')] }, '1 of 2 persons'],
	['a yes to other evidence', { votes: [vote('on-call', { evidenceHash: 'f' }), vote('lead')] }, '1 of 2 persons'],
	['a yes that was taken back', { votes: [...FACTS.votes, vote('lead', { decision: 'reject' })] }, '1 of 2 persons'],
])('is refused: %s', (_, change, problem) => {
	expect(assessContraction({ ...FACTS, ...change })).toEqual({
		problem: expect.stringContaining(problem),
		remedy: expect.stringMatching(/./),
	});
});
