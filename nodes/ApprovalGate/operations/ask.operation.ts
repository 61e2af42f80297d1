import type { IExecuteFunctions } from 'n8n-workflow';
import { approvalPolicy, type ApprovalPolicy } from '../../../lib/approval/approvalPolicy';
import { buildEvidence } from '../../../lib/approval/buildEvidence';
import { approvalErrors } from '../../../lib/approval/errors';
import { exclusionOf, refuseImpossibleQuorum } from '../../../lib/approval/exclusion';
import { writeMail } from '../../../lib/approval/mail';
import type { Evidence } from '../../../lib/approval/model';
import { isUsed } from '../../../lib/approval/readGateState';
import { LEAST_VOTES_TO_CONTRACT } from '../../../lib/release/assessContraction';
import type { Approver, GateRecord } from '../../../lib/release/gate';
import type { Json } from '../../../lib/release/model';
import { stepHash } from '../../../lib/release/stepHash';
import { fieldsOf } from '../../shared/describeOperations';
import { readJson } from '../../shared/readJson';
import { guardsField, readStepKeys, stepKeyField } from '../gateFields';
import type { ApprovalJson, GateOutputs, GateRun } from '../runGate';

interface Question {
	readonly policy: ApprovalPolicy;
	readonly guards: string;
	readonly whatFollows: string;
}

export const askFields = fieldsOf('ask', [
	stepKeyField,
	guardsField,
	{
		displayName: 'Approval Settings',
		name: 'approval',
		type: 'json',
		default: "={{ JSON.stringify($('Configuration').first().json.approval) }}",
		required: true,
		description:
			'Who may approve and how many must: the least strength of an identity, how long a gate stays open, the quorum of each gate, and the approvers with name and e-mail address',
	},
	{
		displayName: 'What Follows',
		name: 'whatFollows',
		type: 'string',
		default:
			'The migrations run against the production database: from then on its schema is the new one, and only restoring a backup brings the old one back.',
		required: true,
		placeholder: 'e.g. Users get the new version at once.',
		description: 'What happens once the gate is passed, in one plain sentence. The card and the mails say it.',
	},
]);

/**
 * Opens the gate in the ledger and gives one item for each person to be asked, with their own link and mail (output 0). A gate that is
 * decided already for this very evidence asks nobody again (output 1).
 */
export async function ask(context: IExecuteFunctions, run: GateRun): Promise<GateOutputs> {
	const { ledger, links, gate, release, held, log } = run;
	const { policy, guards, whatFollows } = readQuestion(context);
	const configured = policy.gates[gate]?.quorum;
	if (configured === undefined) throw approvalErrors.GATE_NOT_CONFIGURED({ gate });
	const quorum = held.contracts ? Math.max(configured, LEAST_VOTES_TO_CONTRACT) : configured;
	const steps = await ledger.readSteps(release.id);
	const known = await ledger.gates.readGate(release.id, gate);
	if (known && isUsed(known, steps, guards)) return decided(known);

	refuseImpossibleQuorum(policy.approvers, held, { gate, quorum });
	const rules = { quorum, leastStrength: policy.leastStrength, approvers: policy.approvers.map(({ id }) => id) };
	const plan = await ledger.readPlan(release.id);
	const lastStable = await ledger.readLastStable(held.environment);
	const question = { gate, guards, whatFollows, rules };
	const { evidence, hash } = buildEvidence({ release: held, steps, plan, lastStable }, question, stepHash);
	// A no stays a no: only other evidence is asked about again.
	if (known?.evidenceHash === hash && ['approved', 'rejected'].includes(known.state)) return decided(known);

	const resumeUrl = String(context.evaluateExpression('{{ $execution.resumeUrl }}', 0));
	const opened = await ledger.gates.openGate(release, {
		gate,
		quorum,
		approvers: policy.approvers,
		evidence: evidence as unknown as Json,
		evidenceHash: hash,
		expiresInMs: policy.expiresMinutes * 60_000,
		executionId: context.getExecutionId(),
		wakeSeal: await links.sealUrl(resumeUrl),
	});
	if (opened.state !== 'open') return decided(opened);
	const asked = policy.approvers.filter((one) => one.breakGlass || exclusionOf(one, held) === undefined);
	log(`${gate} is open until ${opened.expiresAt.toISOString()}; ${asked.length} persons are asked`);
	return [await Promise.all(asked.map(async (one) => await invite(one, { run, opened, evidence, resumeUrl }))), []];
}

function readQuestion(context: IExecuteFunctions): Question {
	return {
		policy: readJson(context, {
			itemIndex: 0,
			name: 'approval',
			schema: approvalPolicy,
			remedy: 'Correct the field "approval" of the configuration workflow',
		}),
		guards: readStepKeys((field) => context.getNodeParameter(field, 0), 'guards'),
		whatFollows: String(context.getNodeParameter('whatFollows', 0)).trim(),
	};
}

function decided({ gate, state, reason }: GateRecord): GateOutputs {
	return [[], [{ gate, alreadyDecided: true, state, reason }]];
}

/** One person's item: their link, and the mail that brings it. */
async function invite(
	approver: Approver,
	{ run, opened, evidence, resumeUrl }: { run: GateRun; opened: GateRecord; evidence: Evidence; resumeUrl: string },
): Promise<ApprovalJson> {
	const { gate, evidenceHash, expiresAt } = opened;
	const claims = { approver: approver.id, gate, releaseId: run.release.id, evidenceHash, expiresAt };
	const link = new URL(resumeUrl);
	link.searchParams.set('vote', await run.links.signVote(claims));
	const emergencyOnly = exclusionOf(approver, run.held) !== undefined;
	const mail = writeMail({ evidence, name: approver.name, link: link.href, expiresAt, emergencyOnly });
	const { id, name, email } = approver;
	return { gate, approver: { id, name, email }, ...mail, link: link.href, expiresAt: expiresAt.toISOString() };
}
