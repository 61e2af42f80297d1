import type { ICredentialTestFunctions } from 'n8n-workflow';
import { releaseErrors } from '../../../lib/release/errors';
import { openLedger } from '../../../lib/release/ledger.client';
import { ApprovalGate } from '../../../nodes/ApprovalGate/ApprovalGate.node';
import { startScriptedServer } from '../../support/scriptedServer';
import { APPROVAL, ApprovalStage, PASSWORD, SECRET, single } from './approvalStage';

jest.mock('../../../lib/release/ledger.client', () => ({ openLedger: jest.fn() }));

const GATE = 'gate-1/approval';
const EXPIRED = 0;
const APPROVED = 1;
const REJECTED = 2;
let stage: ApprovalStage;

beforeEach(async () => {
	stage = new ApprovalStage();
	jest.mocked(openLedger).mockImplementation(async () => await Promise.resolve(stage.ledger));
	await stage.begin();
});
afterEach(() => jest.useRealTimers());

const stepOf = async () => await stage.ledger.readStep('r-1', GATE, '');
const gateOf = async () => await stage.ledger.gates.readGate('r-1', GATE);

/** What `wait` does now. */
async function waited() {
	const { outputs } = await stage.execute('wait');
	expect(outputs).toHaveLength(4);
	return single(outputs);
}

describe('ask', () => {
	it('opens the gate and gives one item with a mail for each approver', async () => {
		const { outputs, logged } = await stage.execute('ask');
		expect(outputs).toHaveLength(2);
		expect(outputs[1]).toEqual([]);
		const approvals = (outputs[0] ?? []).map(({ json }) => json.approval as Record<string, unknown>);
		expect(approvals.map(({ approver }) => approver)).toEqual(
			APPROVAL.approvers.map(({ id, name, email }) => ({ id, name, email })),
		);
		expect(approvals[0]).toMatchObject({
			gate: GATE,
			subject: 'Gate 1: release 2026.11.23 to production?',
			expiresAt: (await gateOf())?.expiresAt.toISOString(),
		});
		const [first] = approvals;
		expect(first?.text).toContain(first?.link);
		expect(outputs[0]?.[0]?.json).toMatchObject({ kept: 1, release: { id: 'r-1', token: stage.release.token } });
		expect(await gateOf()).toMatchObject({ state: 'open', quorum: 2, executionId: '1' });
		expect((await stage.ledger.readRelease('r-1'))?.state).toBe('waiting');
		expect(logged.join('\n')).not.toMatch(/vote=|signature/);
	});

	it('links are personal, and hold n8n’s signature and a token of ours', async () => {
		const links = await stage.ask();
		const tokens = Object.values(links).map((link) => new URL(link).searchParams.get('vote') ?? '');
		expect(new Set(tokens).size).toBe(3);
		expect(new URL(links.ada ?? '').searchParams.get('signature')).toBe('n8n-signature');
		expect(await stage.links.readVote(tokens[0] ?? '', new Date())).toMatchObject({
			approver: 'ada',
			gate: GATE,
			releaseId: 'r-1',
			evidenceHash: (await gateOf())?.evidenceHash,
		});
	});

	it('where to wake is sealed in the ledger', async () => {
		await stage.ask();
		const gate = await gateOf();
		expect(gate?.wakeSeal).not.toContain('n8n-signature');
		expect(await stage.links.openSeal(gate?.wakeSeal ?? '')).toContain(
			'/webhook-waiting/1?signature=n8n-signature',
		);
		expect(JSON.stringify(gate)).not.toMatch(new RegExp(`${PASSWORD}|n8n-signature`));
	});

	it('asks neither the starter nor an author, but does send them the glass they may break', async () => {
		stage = new ApprovalStage();
		await stage.begin({ startedBy: 'linus@example.com', authors: ['Grace Example <g@example.com>'] });
		stage.parameters.approval = { ...APPROVAL, gates: { [GATE]: { quorum: 1 } } };
		const { outputs } = await stage.execute('ask');
		const asked = (outputs[0] ?? []).map(({ json }) => json.approval as { approver: { id: string }; text: string });
		expect(asked.map(({ approver }) => approver.id)).toEqual(['ada', 'grace']);
		expect(asked[1]?.text).toContain('In an emergency');
	});

	it('asks nobody when enough approvals cannot come together', async () => {
		stage = new ApprovalStage();
		await stage.begin({ startedBy: 'ada', authors: ['linus'] });
		await expect(stage.execute('ask')).rejects.toThrow(
			'only 1 of 3 approvers may give one: Ada Example started the release, Linus Example wrote a part of it (APPROVAL.QUORUM_IMPOSSIBLE)',
		);
		expect(await gateOf()).toBeUndefined();
	});

	it.each<[string, Record<string, unknown>]>([
		['APPROVAL.GATE_NOT_CONFIGURED', { stepKey: 'gate-9/approval' }],
		['PARAMETER.INVALID', { stepKey: 'gate 1' }],
		['PARAMETER.INVALID', { guards: '' }],
		['PARAMETER.INVALID', { approval: null }],
		['PARAMETER.INVALID', { approval: '{' }],
		['PARAMETER.INVALID', { approval: { ...APPROVAL, approvers: [] } }],
		['PARAMETER.INVALID', { token: '' }],
		['PARAMETER.INVALID', { releaseId: '' }],
		['RELEASE.UNKNOWN', { releaseId: 'r-9' }],
		['RELEASE.FENCED_OUT', { token: 99 }],
	])('refuses with %s: %j', async (code, parameters) => {
		Object.assign(stage.parameters, parameters);
		await expect(stage.execute('ask')).rejects.toThrow(code);
	});

	it.each([{ secret: '' }, { secret: 'canary-short' }, {}])(
		'refuses the secret %j without repeating it',
		async (data) => {
			stage.credentials.approvalLinks = data;
			const refusal = stage.execute('ask');
			await expect(refusal).rejects.toThrow('APPROVAL.SECRET_TOO_SHORT');
			await expect(refusal).rejects.not.toThrow('canary');
		},
	);

	it('asked again for the same evidence the votes stay', async () => {
		const links = await stage.ask();
		await stage.vote(links.ada ?? '', 'approve');
		const again = await stage.ask();
		expect(Object.keys(again)).toHaveLength(3);
		await stage.vote(again.linus ?? '', 'approve');
		expect((await waited()).output).toBe(APPROVED);
	});

	it.each(['approve', 'reject'])('a resumed release asks nobody again after "%s"', async (decision) => {
		const links = await stage.ask();
		await stage.vote(links.ada ?? '', decision, 'reason');
		await stage.vote(links.linus ?? '', decision, 'reason');
		const { output } = await waited();
		stage.ledger.silentForMs = 60_000;
		stage.release = await stage.ledger.resumeRelease('r-1', { executionId: '2', staleAfterMs: 30_000 });
		const asked = single((await stage.execute('ask')).outputs);
		expect(asked).toMatchObject({ output: 1, json: { approval: { gate: GATE, alreadyDecided: true } } });
		expect((await waited()).output).toBe(output);
	});

	it('an approval that was used stays used, although its migrations are pending no more', async () => {
		const links = await stage.ask();
		await stage.vote(links.ada ?? '', 'approve');
		await stage.vote(links.linus ?? '', 'approve');
		await waited();
		await stage.record('2.1/deploy-migrations', null, 'started');
		await stage.record('2.1/migration-status', { pending: [] });
		expect(single((await stage.execute('ask')).outputs).output).toBe(1);
		expect((await waited()).output).toBe(APPROVED);
	});

	it('an approval for other evidence is asked for again', async () => {
		const links = await stage.ask();
		await stage.vote(links.ada ?? '', 'approve');
		await stage.vote(links.linus ?? '', 'approve');
		await waited();
		await stage.record('1.2/verify-backup', { backupId: '20261123T220000Z-000000000000', sha256: '0'.repeat(64) });
		expect(Object.keys(await stage.ask())).toHaveLength(3);
		expect((await waited()).json).toMatchObject({ approval: { state: 'open', missing: 2 } });
	});
});

describe('wait', () => {
	let links: Record<string, string>;
	beforeEach(async () => {
		links = await stage.ask();
	});

	it('waits until the gate’s end, holding one item however many mails went out', async () => {
		const items = [{ json: { mail: 1 } }, { json: { mail: 2 } }, { json: { mail: 3 } }];
		const { outputs } = await stage.execute('wait', items);
		expect(single(outputs)).toMatchObject({ output: EXPIRED, json: { mail: 1, approval: { state: 'open' } } });
		expect(stage.waitsUntil).toEqual((await gateOf())?.expiresAt);
		expect(stage.held?.main).toEqual([[{ json: { mail: 1 } }]]);
		expect(await stepOf()).toMatchObject({ state: 'started', attempts: 1 });
	});

	it('still waits after one of two, and begins its step once', async () => {
		await waited();
		await stage.vote(links.ada ?? '', 'approve');
		expect((await waited()).json).toMatchObject({ approval: { missing: 1 } });
		expect(stage.waitsUntil).toBeDefined();
		expect(await stepOf()).toMatchObject({ state: 'started', attempts: 1 });
	});

	it('two persons pass it; the ledger holds who, how known, and for what', async () => {
		await waited();
		await stage.vote(links.ada ?? '', 'approve', 'fine');
		await stage.vote(links.linus ?? '', 'approve');
		const { output, json } = await waited();
		expect(output).toBe(APPROVED);
		expect(stage.waitsUntil).toBeUndefined();
		const { evidenceHash } = (await gateOf())!;
		expect(json.approval).toMatchObject({
			gate: GATE,
			state: 'approved',
			breakGlass: false,
			evidenceHash,
			approvers: ['Ada Example', 'Linus Example'],
		});
		expect(await stepOf()).toMatchObject({
			state: 'passed',
			kind: 'verdict',
			result: { votes: [{ approver: 'ada', comment: 'fine', strength: 'link' }, { approver: 'linus' }] },
			evidence: { evidenceHash },
		});
		expect(await gateOf()).toMatchObject({ state: 'approved', reason: 'approved by Ada Example, Linus Example' });
		expect((await stage.ledger.readRelease('r-1'))?.state).toBe('running');
	});

	it('one no stops it', async () => {
		await stage.vote(links.ada ?? '', 'approve');
		await stage.vote(links.grace ?? '', 'reject', 'not today');
		await stage.vote(links.linus ?? '', 'approve');
		expect((await waited()).output).toBe(REJECTED);
		expect(await stepOf()).toMatchObject({
			state: 'failed',
			result: { reason: 'rejected by Grace Example: not today' },
		});
	});

	it('break-glass passes it alone and says so', async () => {
		await stage.vote(links.grace ?? '', 'break-glass', 'payments are down');
		const { output, json } = await waited();
		expect(output).toBe(APPROVED);
		expect(json.approval).toMatchObject({
			breakGlass: true,
			reason: 'passed alone by Grace Example: payments are down',
		});
	});

	it('evidence that changed while it waited is a no, however many said yes', async () => {
		await stage.vote(links.ada ?? '', 'approve');
		await stage.vote(links.linus ?? '', 'approve');
		await stage.record('1.1/check-http', null, 'failed');
		expect((await waited()).output).toBe(REJECTED);
		expect(await gateOf()).toMatchObject({
			state: 'void',
			reason: expect.stringContaining('other steps') as string,
		});
		expect(await stepOf()).toMatchObject({ state: 'failed' });
	});

	it('its end, when somebody looks, is Expired', async () => {
		await stage.vote(links.ada ?? '', 'approve');
		jest.useFakeTimers({ now: Date.now() + 61 * 60_000, doNotFake: ['nextTick', 'setImmediate'] });
		expect((await waited()).output).toBe(EXPIRED);
		expect(stage.waitsUntil).toBeUndefined();
		expect(await stepOf()).toMatchObject({ state: 'failed', result: { reason: 'nobody decided in time' } });
	});

	it('what was decided stays decided when n8n asks again', async () => {
		await stage.vote(links.grace ?? '', 'reject', 'no');
		const first = await waited();
		expect((await waited()).output).toBe(first.output);
		expect(await gateOf()).toMatchObject({ state: 'rejected' });
	});

	it('a release that was taken over decides nothing', async () => {
		await stage.vote(links.ada ?? '', 'approve');
		await stage.vote(links.linus ?? '', 'approve');
		await stage.ledger.takeOver('r-1', { reason: 'outage', intent: 'rollBack' });
		await expect(stage.execute('wait')).rejects.toThrow('RELEASE.FENCED_OUT');
		expect(await gateOf()).toMatchObject({ state: 'open' });
		expect(await stepOf()).toBeUndefined();
	});

	it('a gate that was never asked about is refused', async () => {
		stage.parameters.stepKey = 'gate-2/approval';
		await expect(stage.execute('wait')).rejects.toThrow('APPROVAL.GATE_UNKNOWN');
	});

	it('an unreachable ledger stops it, and no secret is told', async () => {
		stage.credentials.releaseLedger = { ...stage.credentials.releaseLedger, database: 'gone' };
		jest.mocked(openLedger).mockRejectedValueOnce(
			releaseErrors.LEDGER_UNREACHABLE({ host: 'ledger.example.com', problem: `no ${PASSWORD} ${SECRET}` }),
		);
		const refusal = stage.execute('wait');
		await expect(refusal).rejects.toThrow('RELEASE.LEDGER_UNREACHABLE');
		await expect(refusal).rejects.not.toThrow(PASSWORD);
	});
});

it.each(['ask', 'wait'])('a rehearsal does not %s: nobody is disturbed for it', async (operation) => {
	stage = new ApprovalStage();
	await stage.begin({ rehearsal: true });
	await expect(stage.execute(operation)).rejects.toThrow('RELEASE.MANUAL_RUN_NOT_ARMED');
});

describe('close', () => {
	it('records that nobody decided in time', async () => {
		await stage.ask();
		await waited();
		const { output, json } = single((await stage.execute('close')).outputs);
		expect({ output, approval: json.approval }).toMatchObject({
			output: 0,
			approval: { state: 'expired', alreadyDecided: false },
		});
		expect(await stepOf()).toMatchObject({ state: 'failed' });
		expect(await gateOf()).toMatchObject({ state: 'expired' });
	});

	it('is a no even when the votes would have been enough: the run went the way of silence', async () => {
		const links = await stage.ask();
		await stage.vote(links.ada ?? '', 'approve');
		await stage.vote(links.linus ?? '', 'approve');
		await stage.execute('close');
		expect(await stepOf()).toMatchObject({ state: 'failed' });
	});

	it('keeps the reason of a gate that was voided', async () => {
		await stage.ask();
		await stage.ledger.gates.voidGate('r-1', GATE, 'breach');
		await stage.execute('close');
		expect(await gateOf()).toMatchObject({ state: 'void', reason: 'breach' });
	});

	it('is harmless when it was decided', async () => {
		const links = await stage.ask();
		await stage.vote(links.ada ?? '', 'approve');
		await stage.vote(links.linus ?? '', 'approve');
		await waited();
		const { json } = single((await stage.execute('close')).outputs);
		expect(json.approval).toMatchObject({ state: 'approved', alreadyDecided: true });
		expect(await stepOf()).toMatchObject({ state: 'passed' });
	});
});

describe('void', () => {
	it('voids what is open; the run then leaves through Rejected', async () => {
		const links = await stage.ask();
		await stage.vote(links.ada ?? '', 'approve');
		Object.assign(stage.parameters, { gates: 'gate-1/approval, gate-2/approval', reason: 'error rate above 10 %' });
		const { json } = single((await stage.execute('void')).outputs);
		expect(json.approval).toEqual({ releaseId: 'r-1', voided: [GATE], reason: 'error rate above 10 %' });
		const { output, json: ended } = await waited();
		expect(output).toBe(REJECTED);
		expect(ended.approval).toMatchObject({ state: 'void', reason: 'error rate above 10 %' });
	});

	it.each([
		{ gates: GATE, reason: ' ' },
		{ gates: ' , ', reason: 'x' },
	])('refuses %j', async (parameters) => {
		Object.assign(stage.parameters, parameters);
		await expect(stage.execute('void')).rejects.toThrow('PARAMETER.INVALID');
	});
});

it('wake posts to where an unanswered gate waits, and reports what it could not reach', async () => {
	const n8n = await startScriptedServer((_, response) => response.writeHead(409).end());
	try {
		const links = await stage.ask();
		await stage.vote(links.ada ?? '', 'approve');
		const gate = (await gateOf())!;
		const here = {
			...gate,
			expiresInMs: 1000,
			wakeSeal: await stage.links.sealUrl(`${n8n.url}/webhook-waiting/1`),
		};
		await stage.ledger.gates.openGate(stage.release, here);
		stage.parameters.environment = 'production';
		const { json } = single((await stage.execute('wake')).outputs);
		expect(json.approval).toEqual({
			woken: [],
			failed: [{ releaseId: 'r-1', gate: GATE, reason: expect.stringContaining('409') as string }],
		});
		expect(n8n.requests).toHaveLength(1);
	} finally {
		await n8n.close();
	}
});

describe('the credential test', () => {
	const test = async (secret: string) =>
		await new ApprovalGate().methods.credentialTest.approvalLinksSecret.call({} as ICredentialTestFunctions, {
			id: '1',
			name: 'Approval links',
			type: 'approvalLinks',
			data: { secret },
		});

	it('accepts 32 characters and refuses less without repeating them', async () => {
		expect(await test(SECRET)).toMatchObject({ status: 'OK' });
		expect(await test('canary')).toMatchObject({
			status: 'Error',
			message: expect.not.stringContaining('canary') as string,
		});
	});
});

it('waits under a plain resume address, by GET, HEAD and POST', () => {
	const { webhooks } = new ApprovalGate().description;
	expect(webhooks?.map(({ httpMethod, path, restartWebhook }) => [httpMethod, path, restartWebhook])).toEqual([
		['GET', '', true],
		['HEAD', '', true],
		['POST', '', true],
	]);
});
