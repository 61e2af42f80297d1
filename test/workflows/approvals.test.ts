import { createApprovalLinks } from '../../lib/approval/approvalLinks';
import { linkOf, voteUnder, type Answer, type Mail, type WaitingGate } from './people';
import { nodeOf, ranOf, reached, SECRET, Stage, type Plot } from './story';

let stage: Stage;
beforeAll(async () => {
	stage = await Stage.build();
});
afterAll(async () => {
	await stage.strike();
});

const GATE_1 = 'phase-2-migration/Gate 1';
const GATE_2 = 'phase-3-rollout/Gate 2';
const DEPLOY = 'phase-2-migration/Deploy migrations';
const SWITCH = 'phase-3-rollout/Switch traffic';
const TWO_EACH = { 'gate-1/approval': { quorum: 2 }, 'gate-2/approval': { quorum: 2 } };
const PENDING = [{ name: '20261123_add_column', checksum: 'a1' }];
const STATUS = { 'phase-2-migration/Migration status': { verdict: 'passed' as const, result: { pending: PENDING } } };

function mailTo({ mails }: Pick<WaitingGate, 'mails'>, person: string): Mail {
	const mail = mails.find(({ to }) => to.startsWith(person));
	if (!mail) throw new Error(`${person} was not asked`);
	return mail;
}

/** Deploys and gives the gate's people to the story; what it leaves undecided expires. */
async function atGate(gate: string, story: (gate: WaitingGate) => Promise<void>, plot: Plot = {}) {
	const answer: Answer = async (waiting) => {
		await story(waiting);
		if (waiting.isOpen()) await waiting.expire();
	};
	return await stage.deploy({ ...plot, answers: { [gate]: answer } });
}

/** Another link for the same person, as asking again gives it. */
async function secondLink(mail: Mail, approver: string): Promise<Mail> {
	const [row] = await stage.database.query<{
		releaseId: string;
		evidenceHash: string;
		gate: string;
		expiresAt: Date;
	}>(
		`SELECT release_id AS "releaseId", gate, evidence_hash AS "evidenceHash", expires_at AS "expiresAt"
		 FROM deployment_runbook.gate WHERE state = 'open'`,
	);
	if (!row) throw new Error('no gate is open');
	const link = new URL(linkOf(mail));
	link.searchParams.set('vote', await createApprovalLinks(SECRET).signVote({ ...row, approver }));
	return { ...mail, text: link.href };
}

describe('gate 2 needs two persons', () => {
	it('and goes on with the second one’s yes, not before', async () => {
		const ending = await atGate(GATE_2, async (gate) => {
			await expect(gate.vote(mailTo(gate, 'devops-lead'), 'approve')).resolves.toEqual({
				status: 200,
				outcome: 'recorded',
			});
			expect(gate.isOpen()).toBe(true);
			expect(stage.called).not.toContain(SWITCH);
			await gate.vote(mailTo(gate, 'technical-lead'), 'approve');
			expect(gate.isOpen()).toBe(false);
		});
		expect(ending.called).toContain(SWITCH);
		expect(ending.release).toMatchObject({ state: 'watching' });
		expect(ending.runner.output('phase-3-rollout', 'Gate 2', 1)?.[0]).toMatchObject({
			approval: { state: 'approved', quorum: 2, breakGlass: false, approvers: ['DevOps lead', 'Technical lead'] },
		});
	});

	it('and a link votes once', async () => {
		const ending = await atGate(GATE_2, async (gate) => {
			const mail = mailTo(gate, 'devops-lead');
			await gate.vote(mail, 'approve');
			await expect(gate.vote(mail, 'approve')).resolves.toMatchObject({ code: 'APPROVAL.REPLAYED' });
			expect(gate.isOpen()).toBe(true);
		});
		expect(ending.called).not.toContain(SWITCH);
	});

	it('and two links of one person count once', async () => {
		const ending = await atGate(GATE_2, async (gate) => {
			const mail = mailTo(gate, 'devops-lead');
			await gate.vote(mail, 'approve');
			const second = await secondLink(mail, 'devops-lead');
			await expect(gate.vote(second, 'approve')).resolves.toMatchObject({ outcome: 'recorded' });
			expect(gate.isOpen()).toBe(true);
		});
		expect(ending.called).not.toContain(SWITCH);
	});

	it('and one no outranks a yes', async () => {
		const ending = await atGate(GATE_2, async (gate) => {
			await gate.vote(mailTo(gate, 'devops-lead'), 'approve');
			await gate.vote(mailTo(gate, 'technical-lead'), 'reject', 'not on a Friday');
			expect(gate.isOpen()).toBe(false);
		});
		expect(ending.called).not.toContain(SWITCH);
		expect(ending.runner.output('phase-3-rollout', 'Gate 2', 2)?.[0]).toMatchObject({
			approval: { state: 'rejected', reason: 'rejected by Technical lead: not on a Friday' },
		});
	});
});

describe('break-glass', () => {
	it.each([
		[GATE_1, 'phase-2-migration', 'Page: break-glass 1', 'Record counts'],
		[GATE_2, 'phase-3-rollout', 'Page: break-glass 2', 'Switch traffic'],
	])('passes %s alone, and a page goes out before anything else', async (name, workflowId, page, next) => {
		const ending = await atGate(name, async (gate) => {
			await gate.vote(mailTo(gate, 'on-call'), 'break-glass', 'logins fail for everybody');
		});
		const ran = ranOf(ending, workflowId);
		expect(ran.slice(ran.indexOf(page), ran.indexOf(page) + 2)).toEqual([page, next]);
		expect(stage.given(`${workflowId}/${page}`)).toMatchObject({
			page: { severity: 'critical', summary: expect.stringContaining('logins fail for everybody') as string },
		});
		expect(ending.release).toMatchObject({ state: 'watching' });
	});

	it('needs a reason, and a person who may', async () => {
		const ending = await atGate(GATE_1, async (gate) => {
			const { vote } = gate;
			await expect(vote(mailTo(gate, 'on-call'), 'break-glass')).resolves.toMatchObject({
				code: 'APPROVAL.COMMENT_MISSING',
			});
			await expect(vote(mailTo(gate, 'technical-lead'), 'break-glass', 'now')).resolves.toMatchObject({
				code: 'APPROVAL.BREAK_GLASS_NOT_ALLOWED',
			});
			expect(gate.isOpen()).toBe(true);
		});
		expect(ending.called).not.toContain(DEPLOY);
	});

	it('is not paged where two persons agreed', async () => {
		const { called } = await stage.deploy();
		expect(called.filter((name) => name.includes('break-glass'))).toEqual([]);
	});
});

describe('a vote is refused and recorded as refused', () => {
	it.each([
		['the starter', { startedBy: 'DevOps Lead' }, 'APPROVAL.STARTER'],
		['an author', { authors: ['Somebody <devops-lead@yourdomain.com>'] }, 'APPROVAL.AUTHOR'],
	])('of %s', async (_, request, code) => {
		const ending = await atGate(
			GATE_1,
			async (gate) => {
				await expect(gate.vote(mailTo(gate, 'devops-lead'), 'approve')).resolves.toMatchObject({ code });
				expect(gate.isOpen()).toBe(true);
			},
			{ request },
		);
		expect(ending.called).not.toContain(DEPLOY);
		await expect(stage.refusals()).resolves.toContain(code);
	});

	it('under a link signed with another secret', async () => {
		const ending = await atGate(GATE_1, async (gate) => {
			const mail = mailTo(gate, 'on-call');
			const link = new URL(linkOf(mail));
			const claims = { approver: 'on-call', gate: 'gate-1/approval', releaseId: 'r-1', evidenceHash: 'e' };
			const forger = createApprovalLinks('another secret of more than thirty-two letters');
			link.searchParams.set(
				'vote',
				await forger.signVote({ ...claims, expiresAt: new Date(Date.now() + 60_000) }),
			);
			await expect(gate.vote({ ...mail, text: link.href }, 'approve')).resolves.toMatchObject({
				code: 'APPROVAL.TOKEN_FORGED',
			});
		});
		expect(ending.called).not.toContain(DEPLOY);
		await expect(stage.refusals()).resolves.toContain('APPROVAL.TOKEN_FORGED');
	});

	it('of gate 1 at gate 2', async () => {
		const first: Mail[] = [];
		const ending = await stage.deploy({
			answers: {
				[GATE_1]: async (gate) => {
					first.push(mailTo(gate, 'technical-lead'));
					await gate.vote(mailTo(gate, 'on-call'), 'approve');
				},
				[GATE_2]: async (gate) => {
					const link = new URL(linkOf(mailTo(gate, 'technical-lead')));
					const old = new URL(linkOf(mailTo({ mails: first }, 'technical-lead')));
					link.searchParams.set('vote', old.searchParams.get('vote') ?? '');
					await expect(voteUnder(link.href, 'approve')).resolves.toMatchObject({
						code: 'APPROVAL.WRONG_GATE',
					});
					await gate.expire();
				},
			},
		});
		expect(ending.called).not.toContain(SWITCH);
	});

	it('without the token of the waiting execution n8n does not even ask the gate', async () => {
		const ending = await atGate(GATE_1, async (gate) => {
			const link = new URL(linkOf(mailTo(gate, 'on-call')));
			link.searchParams.delete('signature');
			await expect(voteUnder(link.href, 'approve')).resolves.toEqual({ status: 401 });
		});
		expect(ending.called).not.toContain(DEPLOY);
	});
});

it('opening a link decides nothing, however often', async () => {
	const ending = await atGate(GATE_1, async (gate) => {
		const link = linkOf(mailTo(gate, 'on-call'));
		for (const method of ['HEAD', 'GET', 'GET']) {
			const response = await fetch(link, { method });
			expect(response.status).toBe(200);
			expect(await response.text()).toContain(method === 'HEAD' ? '' : '2026.11.2');
		}
		expect(gate.isOpen()).toBe(true);
		await expect(stage.database.query('SELECT 1 FROM deployment_runbook.vote')).resolves.toEqual([]);
	});
	expect(ending.called).not.toContain(DEPLOY);
});

describe('what was shown changes while the release waits', () => {
	const OTHER_CHECKSUM = `UPDATE deployment_runbook.step SET result = jsonb_set(result, '{pending,0,checksum}', '"b2"')
		WHERE step_key = '2.1/migration-status'`;
	const ANOTHER_RESULT = "UPDATE deployment_runbook.step SET state = 'failed' WHERE step_key = '1.1/check-redis'";

	it.each([
		['another migration checksum', OTHER_CHECKSUM],
		['a step recorded anew with another verdict', ANOTHER_RESULT],
	])('%s: the vote is refused', async (_, sql) => {
		const ending = await atGate(
			GATE_1,
			async (gate) => {
				await stage.database.query(sql);
				await expect(gate.vote(mailTo(gate, 'on-call'), 'approve')).resolves.toMatchObject({
					code: 'APPROVAL.EVIDENCE_CHANGED',
				});
				expect(gate.isOpen()).toBe(false);
			},
			{ outcomes: STATUS },
		);
		expect(ending.called).not.toContain(DEPLOY);
		expect(ending.runner.output('phase-2-migration', 'Gate 1', 2)?.[0]).toMatchObject({
			approval: { state: 'void' },
		});
		await expect(stage.refusals()).resolves.toContain('APPROVAL.EVIDENCE_CHANGED');
		expect(ending.release).toMatchObject({ state: 'rejected' });
	});

	it('after the first of two votes: that vote is void, too, and the release ends', async () => {
		const ending = await atGate(GATE_2, async (gate) => {
			await gate.vote(mailTo(gate, 'devops-lead'), 'approve');
			await stage.database.query(ANOTHER_RESULT);
			await expect(gate.vote(mailTo(gate, 'technical-lead'), 'approve')).resolves.toMatchObject({
				code: 'APPROVAL.EVIDENCE_CHANGED',
			});
			expect(gate.isOpen()).toBe(false);
		});
		expect(ending.runner.output('phase-3-rollout', 'Gate 2', 2)?.[0]).toMatchObject({
			approval: { state: 'void' },
		});
		expect(ending.called).not.toContain(SWITCH);
		expect(ending.release).toMatchObject({ state: 'stopped-schema-ahead' });
	});
});

describe('a vote whose wake-up was lost', () => {
	it('is the only one that the watchdog wakes for: a gate that misses a vote is left to wait', async () => {
		const { runner, gate } = await stage.deployUntilGate({
			configure: ({ approval }) => Object.assign(approval as object, { gates: TWO_EACH }),
		});
		await gate.vote(mailTo(gate, 'on-call'), 'approve');
		await stage.database.query(
			`UPDATE deployment_runbook.gate SET opened_at = opened_at - interval '1 hour', looked_at = looked_at - interval '59 minutes'`,
		);
		await stage.database.query("UPDATE deployment_runbook.vote SET voted_at = voted_at - interval '1 hour'");
		const looks = stage.called.filter((name) => name === GATE_1).length;
		await stage.tick(runner, 'watchdog');
		expect(stage.called.filter((name) => name === GATE_1)).toHaveLength(looks);
		expect(stage.called).not.toContain('watchdog/Page: release stopped');
	});

	it('still decides, once the watchdog wakes the execution', async () => {
		const { runner, gate } = await stage.deployUntilGate();
		await stage.database.query(
			`INSERT INTO deployment_runbook.vote (release_id, gate, approver, nonce, decision, strength, evidence_hash, voted_at)
			 SELECT release_id, gate, 'on-call', 'n-1', 'approve', 'link', evidence_hash, opened_at FROM deployment_runbook.gate`,
		);
		await stage.tick(runner, 'watchdog');
		expect(gate.isOpen()).toBe(true);
		await stage.database.query(
			"UPDATE deployment_runbook.gate SET opened_at = opened_at - interval '1 minute', looked_at = looked_at - interval '1 minute'",
		);
		await stage.database.query("UPDATE deployment_runbook.vote SET voted_at = voted_at - interval '31 seconds'");
		await stage.tick(runner, 'watchdog');
		expect(gate.isOpen()).toBe(false);
		expect(stage.called).toContain(DEPLOY);
	});
});

describe('something is edited while the release waits at gate 1', () => {
	const expectRefused = async (edit: () => void, part: string): Promise<void> => {
		const ending = await atGate(GATE_1, async (gate) => {
			edit();
			await gate.vote(mailTo(gate, 'on-call'), 'approve');
		});
		expect(ranOf(ending, 'phase-3-rollout')).toEqual([]);
		expect(reached(ending.runner, 'phase-4-validation')).toBe(false);
		const messages = ending.runner.executions.map(({ run }) => run.data.resultData.error?.message ?? '');
		expect(messages).toContainEqual(expect.stringMatching(new RegExp(`${part}.*RELEASE.WORKFLOW_CHANGED`)));
		await expect(stage.refusals()).resolves.toContain('RELEASE.WORKFLOW_CHANGED');
		expect(ranOf(ending, 'on-failure')).toContain('Page: a run died');
		expect(ending.release).toMatchObject({ state: 'stopped-schema-ahead' });
		expect(ending.release?.finishedAt).not.toBeNull();
	};

	it.each([
		['a parameter', { parameters: { operation: 'switchTraffic' } }],
		['an error setting', { onError: 'continueRegularOutput' as const }],
	])('%s of phase 3: nothing of it runs', async (_, settings) => {
		await expectRefused(
			() => stage.edit((workflows) => Object.assign(nodeOf(workflows, SWITCH), settings)),
			'workflow/phase-3-rollout',
		);
	});

	it('a wire of phase 3: nothing of it runs', async () => {
		await expectRefused(
			() =>
				stage.edit((workflows) => {
					Object.assign(workflows['phase-3-rollout']?.connections ?? {}, {
						'Check preview': { main: [[{ node: 'Switch traffic', type: 'main', index: 0 }]] },
					});
				}),
			'workflow/phase-3-rollout',
		);
	});

	it('the configuration: nothing of phase 3 runs', async () => {
		await expectRefused(() => stage.configure((settings) => (settings.namespace = 'elsewhere')), 'configuration');
	});

	it('only where a node stands on the canvas: the release goes on', async () => {
		const ending = await atGate(GATE_1, async (gate) => {
			stage.edit((workflows) => Object.assign(nodeOf(workflows, SWITCH), { position: [1, 1], notes: 'moved' }));
			await gate.vote(mailTo(gate, 'on-call'), 'approve');
		});
		expect(ending.release).toMatchObject({ state: 'watching' });
	});
});
