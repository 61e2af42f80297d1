import { randomBytes } from 'node:crypto';
import { createApprovalLinks } from '../../../lib/approval/approvalLinks';
import { releaseErrors } from '../../../lib/release/errors';
import { openLedger } from '../../../lib/release/ledger.client';
import { APPROVAL, ApprovalStage, PASSWORD, SECRET, type Answer } from './approvalStage';

jest.mock('../../../lib/release/ledger.client', () => ({ openLedger: jest.fn() }));

const GATE = 'gate-1/approval';
let stage: ApprovalStage;
let links: Record<string, string>;

beforeEach(async () => {
	await open();
});
afterEach(() => jest.useRealTimers());

async function open(release: Parameters<ApprovalStage['begin']>[0] = {}, approval: object = APPROVAL): Promise<void> {
	stage = new ApprovalStage();
	stage.parameters.approval = approval;
	jest.mocked(openLedger).mockImplementation(async () => await Promise.resolve(stage.ledger));
	await stage.begin(release);
	links = await stage.ask();
	await stage.execute('wait');
}

const linkOf = (approver: string): string => {
	const link = links[approver];
	if (link === undefined) throw new Error(`${approver} has no link`);
	return link;
};
const withToken = (token: string): string => {
	const link = new URL(linkOf('ada'));
	link.searchParams.set('vote', token);
	return link.href;
};
const tokenFor = async (change: object = {}): Promise<string> => {
	const { evidenceHash, expiresAt } = (await stage.ledger.gates.readGate('r-1', GATE))!;
	const claims = { approver: 'ada', gate: GATE, releaseId: 'r-1', evidenceHash, expiresAt };
	return await stage.links.signVote({ ...claims, ...change });
};
const votes = async () => await stage.ledger.gates.readVotes('r-1', GATE);

/** Refused and recorded: one answer with the code, no vote, and nothing that lets the execution go on. */
async function expectRefused(
	answer: Answer,
	{ status, code, person }: { status: number; code: string; person: string },
) {
	expect({ status: answer.status, json: answer.json }).toMatchObject({ status, json: { error: { code } } });
	// Evidence that changed may have made the gate void: the execution looks itself. Any other refused vote lets nothing go on.
	const wakes = code === 'APPROVAL.EVIDENCE_CHANGED';
	expect(answer.result).toEqual({
		noWebhookResponse: true,
		...(wakes
			? {
					workflowData: [
						[],
						[],
						[],
						[{ json: expect.objectContaining({ approval: { gate: GATE, woken: true } }) }],
					],
				}
			: {}),
	});
	expect(stage.ledger.refusals).toMatchObject([{ releaseId: 'r-1', code, person }]);
	expectNoSecret(answer);
	await Promise.resolve();
}

function expectNoSecret({ body, headers, logged }: Answer): void {
	const told = JSON.stringify([body, headers, logged]);
	for (const canary of [SECRET, PASSWORD, 'n8n-signature', new URL(linkOf('ada')).searchParams.get('vote') ?? 'x'])
		expect(told).not.toContain(canary);
}

describe('opening a link decides nothing', () => {
	it.each(['GET', 'HEAD'])('%s leaves the ledger as it is and lets the execution wait', async (method) => {
		const before = JSON.stringify([stage.ledger.writes, await stage.ledger.gates.readGate('r-1', GATE)]);
		const answer = await stage.visit(method, linkOf('ada'));
		expect(answer).toMatchObject({ status: 200, result: { noWebhookResponse: true } });
		expect(answer.result).not.toHaveProperty('workflowData');
		expect(JSON.stringify([stage.ledger.writes, await stage.ledger.gates.readGate('r-1', GATE)])).toBe(before);
		expect([await votes(), stage.ledger.refusals]).toEqual([[], []]);
	});

	it('HEAD asks the ledger nothing and has no body', async () => {
		jest.mocked(openLedger).mockClear();
		expect((await stage.visit('HEAD', linkOf('ada'))).body).toBe('');
		expect(openLedger).not.toHaveBeenCalled();
	});

	it('a link with a decision in it decides nothing either', async () => {
		await stage.visit('GET', `${linkOf('ada')}&decision=approve&comment=x`);
		expect(await votes()).toEqual([]);
	});

	it('shows the card of its approver, under a policy of its own', async () => {
		const { body, headers } = await stage.visit('GET', linkOf('grace'));
		expect(body).toContain('Your decision, Grace Example');
		const nonce = /script-src 'nonce-([^']+)'/.exec(headers['Content-Security-Policy'] ?? '')?.[1];
		expect(body).toContain(`<script nonce="${nonce ?? ''}">`);
		expect(headers).toMatchObject({
			'Cache-Control': 'no-store',
			'Referrer-Policy': 'no-referrer',
			'X-Robots-Tag': 'noindex',
			'Content-Type': 'text/html; charset=utf-8',
		});
		expect(headers).not.toHaveProperty('Set-Cookie');
	});

	it('the card holds no secret and no token', async () => {
		expectNoSecret(await stage.visit('GET', linkOf('ada')));
	});

	it.each<[number, string, () => string | Promise<string>]>([
		[401, 'APPROVAL.TOKEN_MISSING', () => 'http://n8n.example.com/webhook-waiting/1?signature=n8n-signature'],
		[401, 'APPROVAL.TOKEN_FORGED', () => `${linkOf('ada')}x`],
		[403, 'APPROVAL.WRONG_GATE', async () => withToken(await tokenFor({ gate: 'gate-2/approval' }))],
		[409, 'APPROVAL.EVIDENCE_CHANGED', async () => withToken(await tokenFor({ evidenceHash: 'older' }))],
		[410, 'APPROVAL.TOKEN_EXPIRED', async () => withToken(await tokenFor({ expiresAt: new Date(1000) }))],
	])('%i %s instead of a card, and nothing is recorded', async (status, code, link) => {
		const answer = await stage.visit('GET', await link());
		expect(answer.status).toBe(status);
		expect(answer.body).toContain(code);
		expect(answer.body).not.toContain('<form');
		expect(stage.ledger.refusals).toEqual([]);
	});

	it('a gate that is decided says so', async () => {
		await stage.ledger.gates.decideGate(stage.release, GATE, {
			state: 'rejected',
			reason: 'rejected by Ada Example: no',
		});
		const { status, body } = await stage.visit('GET', linkOf('linus'));
		expect(status).toBe(200);
		expect(body).toContain('Gate 1 is decided already');
		expect(body).not.toContain('<form');
	});
});

describe('a vote', () => {
	it('is one row, and lets the execution go on through Pending', async () => {
		const answer = await stage.vote(linkOf('ada'), 'approve', ' looks good ');
		expect(answer).toMatchObject({
			status: 200,
			json: { status: 'recorded', decision: 'approve', approver: 'ada' },
		});
		const item = {
			json: {
				release: { id: 'r-1', token: stage.release.token },
				approval: { gate: GATE, vote: { approver: 'ada', decision: 'approve' } },
			},
		};
		expect(answer.result).toEqual({ noWebhookResponse: true, workflowData: [[], [], [], [item]] });
		expect(await votes()).toMatchObject([
			{ approver: 'ada', decision: 'approve', comment: 'looks good', strength: 'link', gate: GATE },
		]);
		expect(stage.ledger.refusals).toEqual([]);
		expectNoSecret(answer);
	});

	it('is answered with a page for a browser', async () => {
		const { body, json } = await stage.visit('POST', linkOf('ada'), {
			body: { decision: 'reject', comment: 'no' },
		});
		expect(json).toBeUndefined();
		expect(body).toContain('Your rejection is recorded');
	});

	it('does not decide the gate: only execute() does', async () => {
		await stage.vote(linkOf('ada'), 'approve');
		await stage.vote(linkOf('linus'), 'approve');
		expect(await stage.ledger.gates.readGate('r-1', GATE)).toMatchObject({ state: 'open', decidedAt: null });
	});

	it('a long comment is cut', async () => {
		await stage.vote(linkOf('ada'), 'reject', 'x'.repeat(5000));
		expect((await votes())[0]?.comment).toHaveLength(2000);
	});
});

describe('a vote that is refused is recorded and decides nothing', () => {
	const approve = async (link: string): Promise<Answer> => await stage.vote(link, 'approve');

	it('no token', async () => {
		const answer = await approve('http://n8n.example.com/webhook-waiting/1?signature=n8n-signature');
		await expectRefused(answer, { status: 401, code: 'APPROVAL.TOKEN_MISSING', person: '' });
	});

	it.each<[string, () => string | Promise<string>]>([
		['with a changed signature', () => `${new URL(linkOf('ada')).searchParams.get('vote') ?? ''}x`],
		[
			'of another secret',
			async () => {
				const mallory = createApprovalLinks(randomBytes(32).toString('hex'));
				const claims = {
					approver: 'canary-mallory',
					gate: GATE,
					releaseId: 'r-1',
					evidenceHash: 'x',
					expiresAt: new Date(9e12),
				};
				return await mallory.signVote(claims);
			},
		],
		['that is a wake token', async () => await stage.links.signWake({ releaseId: 'r-1', gate: GATE }, new Date())],
	])('a forged token %s: what it says is recorded nowhere', async (_, token) => {
		const answer = await approve(withToken(await token()));
		await expectRefused(answer, { status: 401, code: 'APPROVAL.TOKEN_FORGED', person: '' });
		expect(JSON.stringify([stage.ledger.refusals, answer.body])).not.toContain('canary-mallory');
	});

	it.each<[number, string, string, object]>([
		[410, 'APPROVAL.TOKEN_EXPIRED', 'ada', { expiresAt: new Date(Date.now() - 1000) }],
		[403, 'APPROVAL.WRONG_GATE', 'ada', { gate: 'gate-2/approval' }],
		[403, 'APPROVAL.WRONG_GATE', 'ada', { releaseId: 'r-0' }],
		[403, 'APPROVAL.NOT_APPROVER', 'mallory', { approver: 'mallory' }],
		[409, 'APPROVAL.EVIDENCE_CHANGED', 'ada', { evidenceHash: 'f'.repeat(64) }],
	])('%i %s', async (status, code, person, claims) => {
		await expectRefused(await approve(withToken(await tokenFor(claims))), { status, code, person });
		expect(await votes()).toEqual([]);
	});

	it('by the starter', async () => {
		await open({ startedBy: 'GRACE' });
		await expectRefused(await approve(linkOf('grace')), { status: 403, code: 'APPROVAL.STARTER', person: 'grace' });
		expect(await votes()).toEqual([]);
	});

	it('by an author', async () => {
		await open({ authors: ['Grace Example <elsewhere@example.com>'] });
		await expectRefused(await approve(linkOf('grace')), { status: 403, code: 'APPROVAL.AUTHOR', person: 'grace' });
	});

	it('by an identity that is too weak here', async () => {
		await open({}, { ...APPROVAL, leastStrength: 'oidc' });
		await expectRefused(await approve(linkOf('ada')), {
			status: 403,
			code: 'APPROVAL.IDENTITY_TOO_WEAK',
			person: 'ada',
		});
	});

	it('because the evidence has changed since', async () => {
		await stage.record('1.1/check-http', null, 'failed');
		await expectRefused(await approve(linkOf('ada')), {
			status: 409,
			code: 'APPROVAL.EVIDENCE_CHANGED',
			person: 'ada',
		});
		expect(await votes()).toEqual([]);
	});

	it('because a workflow was edited while it waited', async () => {
		jest.spyOn(stage.ledger, 'readPlan').mockResolvedValue([{ part: 'package', hash: 'e'.repeat(64) }]);
		await expectRefused(await approve(linkOf('ada')), {
			status: 409,
			code: 'APPROVAL.EVIDENCE_CHANGED',
			person: 'ada',
		});
	});

	it('because the gate was voided', async () => {
		await stage.ledger.gates.voidGate('r-1', GATE, 'error rate above 10 %');
		const answer = await approve(linkOf('ada'));
		await expectRefused(answer, { status: 409, code: 'APPROVAL.EVIDENCE_CHANGED', person: 'ada' });
		expect(answer.body).toContain('error rate above 10 %');
	});

	it('because the link has voted; the page says how', async () => {
		await stage.vote(linkOf('ada'), 'reject', 'no');
		await expectRefused(await approve(linkOf('ada')), { status: 409, code: 'APPROVAL.REPLAYED', person: 'ada' });
		expect(await votes()).toHaveLength(1);
		expect((await stage.visit('GET', linkOf('ada'))).body).toContain('Recorded under this link: <b>reject</b>');
	});

	it('because the same vote was counted in the same instant', async () => {
		const answers = await Promise.all(Array.from({ length: 10 }, async () => await approve(linkOf('ada'))));
		expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
		expect(answers.filter(({ json }) => JSON.stringify(json).includes('APPROVAL.REPLAYED'))).toHaveLength(9);
		expect(answers.filter(({ result }) => 'workflowData' in result)).toHaveLength(1);
		expect(await votes()).toHaveLength(1);
	});

	it('because it is decided', async () => {
		await stage.ledger.gates.decideGate(stage.release, GATE, {
			state: 'expired',
			reason: 'nobody decided in time',
		});
		await expectRefused(await approve(linkOf('ada')), {
			status: 409,
			code: 'APPROVAL.ALREADY_DECIDED',
			person: 'ada',
		});
	});

	it('because the release is rolled back', async () => {
		await stage.ledger.takeOver('r-1', { reason: 'outage', intent: 'rollBack' });
		await expectRefused(await approve(linkOf('ada')), {
			status: 409,
			code: 'APPROVAL.ALREADY_DECIDED',
			person: 'ada',
		});
	});

	it.each<[number, string, string, string]>([
		[422, 'APPROVAL.COMMENT_MISSING', 'ada', 'reject'],
		[422, 'APPROVAL.COMMENT_MISSING', 'grace', 'break-glass'],
		[422, 'APPROVAL.DECISION_UNKNOWN', 'ada', 'yes'],
		[422, 'APPROVAL.DECISION_UNKNOWN', 'ada', ''],
		[403, 'APPROVAL.BREAK_GLASS_NOT_ALLOWED', 'ada', 'break-glass'],
	])('%i %s by %s: "%s"', async (status, code, person, decision) => {
		await expectRefused(await stage.vote(linkOf(person), decision), { status, code, person });
		expect(await votes()).toEqual([]);
	});

	it.each([[undefined], ['text'], [null], [{ decision: ['approve', 'approve'] }], [{ decision: { a: 1 } }]])(
		'because its body says no decision: %j',
		async (body) => {
			const answer = await stage.visit('POST', linkOf('ada'), { body, accept: 'application/json' });
			await expectRefused(answer, { status: 422, code: 'APPROVAL.DECISION_UNKNOWN', person: 'ada' });
		},
	);

	it('a refused link may still vote when the reason was a missing comment', async () => {
		await stage.vote(linkOf('ada'), 'reject');
		expect((await stage.vote(linkOf('ada'), 'reject', 'no')).status).toBe(200);
	});
});

describe('trouble never ends the waiting execution', () => {
	const unreachable = () =>
		releaseErrors.LEDGER_UNREACHABLE({ host: 'ledger.example.com', problem: `${PASSWORD} refused` });

	it.each(['GET', 'POST'])('%s: 503 while the ledger is down, and the link can be used again', async (method) => {
		stage.credentials.releaseLedger = { ...stage.credentials.releaseLedger, database: `other${method}` };
		jest.mocked(openLedger).mockRejectedValueOnce(unreachable());
		const answer = await stage.visit(method, linkOf('ada'), { body: { decision: 'approve' } });
		expect(answer).toMatchObject({ status: 503, result: { noWebhookResponse: true } });
		expect(answer.result).not.toHaveProperty('workflowData');
		expect(answer.body).toContain('APPROVAL.LEDGER_UNREACHABLE');
		expectNoSecret(answer);
		expect((await stage.vote(linkOf('ada'), 'approve')).status).toBe(200);
	});

	it.each(['readGate', 'readVotes', 'castVote'] as const)('503 when the ledger goes away at %s', async (call) => {
		jest.spyOn(stage.ledger.gates, call as 'castVote').mockRejectedValueOnce(unreachable());
		const answer = await stage.vote(linkOf('ada'), 'approve');
		expect(answer).toMatchObject({ status: 503, json: { error: { code: 'APPROVAL.LEDGER_UNREACHABLE' } } });
		expect(answer.result).toEqual({ noWebhookResponse: true });
		expect([await votes(), stage.ledger.refusals]).toEqual([[], []]);
	});

	it('503 when a refusal cannot be recorded', async () => {
		jest.spyOn(stage.ledger.gates, 'refuseVote').mockRejectedValueOnce(unreachable());
		expect((await stage.vote(linkOf('ada'), 'yes')).status).toBe(503);
	});

	it.each<[string, () => unknown, number]>([
		['no links credential', () => delete stage.credentials.approvalLinks, 503],
		['a short secret', () => void (stage.credentials.approvalLinks = { secret: 'short' }), 503],
		['no ledger credential', () => delete stage.credentials.releaseLedger, 503],
		['an unreadable links credential', () => void (stage.unreadable = 'approvalLinks'), 503],
		['an unreadable ledger credential', () => void (stage.unreadable = 'releaseLedger'), 503],
		['no release', () => void (stage.parameters.releaseId = undefined), 500],
		['a gate that is gone', () => void (stage.parameters.stepKey = 'gate-2/approval'), 404],
	])('%s', async (_, spoil, status) => {
		spoil();
		const answer = await stage.vote(linkOf('ada'), 'approve');
		expect(answer).toMatchObject({ status, result: { noWebhookResponse: true } });
		expect(answer.result).not.toHaveProperty('workflowData');
	});

	it('500 for an error nobody foresaw: its text goes to the log, masked, and not to the voter', async () => {
		jest.spyOn(stage.ledger, 'readSteps').mockRejectedValueOnce(new TypeError(`exploded at ${PASSWORD} ${SECRET}`));
		const answer = await stage.visit('POST', linkOf('ada'), { body: { decision: 'approve' } });
		expect(answer.status).toBeGreaterThanOrEqual(500);
		expect(answer.body).not.toContain('exploded');
		expect(answer.logged.join()).toContain('exploded');
		expectNoSecret(answer);
	});
});

describe('a wake-up', () => {
	const post = async (wake: string): Promise<Answer> =>
		await stage.visit('POST', 'http://n8n.example.com/webhook-waiting/1', {
			body: { wake, decision: 'approve' },
			accept: 'application/json',
		});

	it('lets the execution go on and votes nothing', async () => {
		const answer = await post(await stage.links.signWake({ releaseId: 'r-1', gate: GATE }, new Date()));
		expect(answer).toMatchObject({ status: 200, json: { status: 'woken' } });
		expect(answer.result.workflowData?.[3]).toEqual([
			{ json: { release: { id: 'r-1', token: stage.release.token }, approval: { gate: GATE, woken: true } } },
		]);
		expect(await votes()).toEqual([]);
	});

	it.each<[string, () => Promise<string>]>([
		[
			'of another gate',
			async () => await stage.links.signWake({ releaseId: 'r-1', gate: 'gate-2/approval' }, new Date()),
		],
		['of another release', async () => await stage.links.signWake({ releaseId: 'r-2', gate: GATE }, new Date())],
		[
			'long ago',
			async () => await stage.links.signWake({ releaseId: 'r-1', gate: GATE }, new Date(Date.now() - 600_000)),
		],
		['that is a vote token', async () => await tokenFor({ gate: 'wake' })],
		['that is nothing', async () => await Promise.resolve('hello')],
	])('%s wakes nothing', async (_, token) => {
		const answer = await post(await token());
		expect(answer).toMatchObject({ status: 401, result: { noWebhookResponse: true } });
		expect(answer.result).not.toHaveProperty('workflowData');
	});
});
