import { createApprovalLinks } from '../../lib/approval/approvalLinks';
import { awaitLinks, openCard, vote, type Decision } from '../../sandbox/stories/approve.ts';
import { awaitEnd, beginRelease } from '../../sandbox/stories/beginRelease.ts';
import { queryDatabase, readGate, type LedgerGate, type LedgerRelease } from '../../sandbox/stories/ledgerView.ts';
import { world } from './world';

const MINUTES = 60_000;
const GATE = 'gate-1/approval';
const ON_CALL = 'on-call@yourdomain.com';
const DEVOPS_LEAD = 'devops-lead@yourdomain.com';
const TECHNICAL_LEAD = 'technical-lead@yourdomain.com';

interface Claims {
	readonly approver: string;
	readonly gate: string;
	readonly releaseId: string;
	readonly evidenceHash: string;
	readonly expiresAt: Date;
}

let release: LedgerRelease;
let gate: LedgerGate;
let links: ReadonlyMap<string, string>;
let forge: (change: Partial<Claims>) => Promise<string>;

async function count(table: 'vote' | 'refusal'): Promise<number> {
	const sql = `SELECT count(*)::int AS rows FROM deployment_runbook.${table} WHERE release_id = $1`;
	const rows = await queryDatabase<{ rows: number }>(world().endpoints.databases.operations, sql, [release.id]);
	return rows[0]?.rows ?? -1;
}

async function lastRefusal(): Promise<{ code: string; person: string } | undefined> {
	const sql = 'SELECT code, person FROM deployment_runbook.refusal WHERE release_id = $1 ORDER BY id DESC LIMIT 1';
	const { operations } = world().endpoints.databases;
	return (await queryDatabase<{ code: string; person: string }>(operations, sql, [release.id]))[0];
}

function link(approver: string): string {
	const found = links.get(approver);
	if (found === undefined) throw new Error(`no mail went to ${approver}`);
	return found;
}

/** The technical lead's link with another token in it. */
function withToken(token: string): string {
	const changed = new URL(link(TECHNICAL_LEAD));
	changed.searchParams.set('vote', token);
	return changed.href;
}

/** A release that the on-call engineer started and the DevOps lead wrote, waiting at gate 1. */
beforeAll(async () => {
	release = await beginRelease(world(), {
		version: '2026.11.2',
		startedBy: 'On-call engineer',
		authors: [`DevOps lead <${DEVOPS_LEAD}>`],
	});
	links = await awaitLinks(world(), { releaseId: release.id, gate: 1 }, 2 * MINUTES);
	await openCard(link(TECHNICAL_LEAD));
	const open = await readGate(world(), release.id, GATE);
	if (!open) throw new Error('gate 1 is not in the ledger');
	gate = open;
	const signer = createApprovalLinks(world().approvalSecret);
	const claims = { approver: 'technical-lead', gate: GATE, releaseId: release.id, evidenceHash: gate.evidence_hash };
	forge = async (change) =>
		withToken(await signer.signVote({ ...claims, expiresAt: new Date(Date.now() + MINUTES), ...change }));
}, 3 * MINUTES);

describe('an approval link through real HTTP', () => {
	test('decides nothing when it is opened, fetched ahead or scanned', async () => {
		for (const method of ['GET', 'HEAD'] as const) {
			const answer = await fetch(link(TECHNICAL_LEAD), { method, headers: { purpose: 'prefetch' } });
			expect({ method, status: answer.status }).toEqual({ method, status: 200 });
		}
		expect((await readGate(world(), release.id, GATE))?.state).toBe('open');
		expect([await count('vote'), await count('refusal')]).toEqual([0, 0]);
	});

	test('shows a card that no other page may frame or keep, without scripts of strangers', async () => {
		const { headers } = await fetch(link(TECHNICAL_LEAD));
		expect(headers.get('cache-control')).toContain('no-store');
		expect(headers.get('referrer-policy')).toBe('no-referrer');
		const policy = headers.get('content-security-policy');
		expect(policy).toContain("default-src 'none'");
		expect(policy).toContain("frame-ancestors 'none'");
	});

	test.each<[string, number, string, string, () => Promise<string>, Decision | '', string]>([
		['without a token', 401, 'TOKEN_MISSING', '', async () => withToken(''), 'approve', ''],
		[
			'with a forged token',
			401,
			'TOKEN_FORGED',
			'',
			async () => withToken('eyJhbGciOiJub25lIn0.e30.'),
			'approve',
			'',
		],
		[
			'with a token of another secret',
			401,
			'TOKEN_FORGED',
			'',
			async () =>
				withToken(
					await createApprovalLinks('another secret that is long enough').signVote({
						approver: 'technical-lead',
						gate: GATE,
						releaseId: release.id,
						evidenceHash: gate.evidence_hash,
						expiresAt: new Date(Date.now() + MINUTES),
					}),
				),
			'approve',
			'',
		],
		[
			'with an expired token',
			410,
			'TOKEN_EXPIRED',
			'technical-lead',
			async () => await forge({ expiresAt: new Date(Date.now() - MINUTES) }),
			'approve',
			'',
		],
		[
			'with a token of the other gate',
			403,
			'WRONG_GATE',
			'technical-lead',
			async () => await forge({ gate: 'gate-2/approval' }),
			'approve',
			'',
		],
		[
			'with a token of another release',
			403,
			'WRONG_GATE',
			'technical-lead',
			async () => await forge({ releaseId: 'r-1' }),
			'approve',
			'',
		],
		[
			'for another plan',
			409,
			'EVIDENCE_CHANGED',
			'technical-lead',
			async () => await forge({ evidenceHash: 'f'.repeat(64) }),
			'approve',
			'',
		],
		[
			'of somebody who is no approver',
			403,
			'NOT_APPROVER',
			'intern',
			async () => await forge({ approver: 'intern' }),
			'approve',
			'',
		],
		['of the starter', 403, 'STARTER', 'on-call', async () => link(ON_CALL), 'approve', ''],
		['of an author of the commits', 403, 'AUTHOR', 'devops-lead', async () => link(DEVOPS_LEAD), 'approve', ''],
		[
			'that breaks the glass without the right to',
			403,
			'BREAK_GLASS_NOT_ALLOWED',
			'technical-lead',
			async () => link(TECHNICAL_LEAD),
			'break-glass',
			'now',
		],
		[
			'that rejects without a reason',
			422,
			'COMMENT_MISSING',
			'technical-lead',
			async () => link(TECHNICAL_LEAD),
			'reject',
			'',
		],
		[
			'that says nothing known',
			422,
			'DECISION_UNKNOWN',
			'technical-lead',
			async () => link(TECHNICAL_LEAD),
			'',
			'',
		],
	])('refuses and records a vote %s (%d %s)', async (_, status, code, person, to, decision, comment) => {
		const votes = await count('vote');
		const answer = await vote(await to(), { decision: decision as Decision, comment });
		expect(answer.status).toBe(status);
		expect(await answer.json()).toMatchObject({ error: { code: `APPROVAL.${code}` } });
		expect(await lastRefusal()).toEqual({ code: `APPROVAL.${code}`, person });
		expect(await count('vote')).toBe(votes);
		expect((await readGate(world(), release.id, GATE))?.state).toBe('open');
	});

	test(
		'counts one explicit no with a reason, and the release ends rejected',
		async () => {
			const answer = await vote(link(TECHNICAL_LEAD), { decision: 'reject', comment: 'not tonight' });
			expect(await answer.json()).toMatchObject({ status: 'recorded', decision: 'reject' });
			const ended = await awaitEnd(world(), release, 2 * MINUTES);
			expect(ended.state).toBe('rejected');
			expect((await readGate(world(), release.id, GATE))?.state).toBe('rejected');
		},
		3 * MINUTES,
	);
});
