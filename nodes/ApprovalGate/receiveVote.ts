import { randomBytes } from 'node:crypto';
import type { IDataObject, IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';
import { renderRecorded, renderRefusal } from '../../lib/approval/answerPages';
import { approvalErrors, STATUS_OF_REFUSAL } from '../../lib/approval/errors';
import { linkIdentity } from '../../lib/approval/identity';
import { pageHeaders } from '../../lib/approval/page';
import { showGate } from '../../lib/approval/showGate';
import { takeVote, type VoteOutcome, type VotingStation } from '../../lib/approval/takeVote';
import type { Ledger } from '../../lib/release/ledger';
import { stepHash } from '../../lib/release/stepHash';
import { systemClock } from '../../lib/support/clock';
import { redact } from '../../lib/support/redact';
import { RunbookError } from '../../lib/support/runbookError';
import { releaseLedger } from '../shared/credentials';
import { readWebhookCredential } from '../shared/readWebhookCredential';
import { approvalLinks } from './approvalLinksCredential';
import { readGateParameters } from './gateFields';

/** Longer comments are cut: a reason is a sentence, not an upload. */
const LONGEST_COMMENT = 2000;

interface Answer {
	readonly status: number;
	readonly html: string;
	readonly json: IDataObject;
	/** What the waiting execution goes on with, through Pending. Absent: it keeps waiting. */
	readonly wakes?: IDataObject;
}

/**
 * Answers a request under an approval link. Opening it shows the card and changes nothing; a POST records one vote or its refusal. Only a
 * recorded vote, a wake-up, and a vote that found the evidence changed let the execution go on, through Pending; execute() then decides
 * by the ledger. An exception here would end the waiting execution, so none leaves.
 */
export async function receiveVote(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	const secrets: string[] = [];
	const nonce = randomBytes(16).toString('base64');
	let answer: Answer;
	try {
		answer = await answerRequest(context, { secrets, nonce });
	} catch (error) {
		logTrouble(context, error, secrets);
		answer = refusal(error instanceof RunbookError ? error : approvalErrors.UNEXPECTED());
	}
	try {
		send(context, answer, nonce);
	} catch (error) {
		logTrouble(context, error, secrets);
	}
	if (!answer.wakes) return { noWebhookResponse: true };
	return { noWebhookResponse: true, workflowData: [[], [], [], [{ json: answer.wakes }]] };
}

async function answerRequest(
	context: IWebhookFunctions,
	{ secrets, nonce }: { secrets: string[]; nonce: string },
): Promise<Answer> {
	const { method, headers, query } = context.getRequestObject();
	if (method === 'HEAD') return { status: 200, html: '', json: {} };
	const { release, gate } = readGateParameters((field) => context.getNodeParameter(field, ''));
	const station = await openStation(context, secrets);
	const name = { releaseId: release.id, gate };
	const visit = { gate: name, token: textOf(query.vote), request: { headers } };
	if (method === 'GET') {
		const { status, html } = await showGate(station, visit, nonce);
		return { status, html, json: { gate, status } };
	}
	const body = fieldsOf(context.getBodyData());
	const wake = textOf(body.wake);
	if (wake !== '') {
		if (!(await station.links.isWake(wake, name, systemClock.now()))) return refusal(approvalErrors.TOKEN_FORGED());
		const wakes = { release: { ...release }, approval: { gate, woken: true } };
		return { status: 200, html: '', json: { status: 'woken', gate }, wakes };
	}
	const ballot = { decision: textOf(body.decision), comment: textOf(body.comment).slice(0, LONGEST_COMMENT) };
	return answerVote(await takeVote(station, visit, ballot), { release: { ...release }, gate });
}

async function openStation(
	context: IWebhookFunctions,
	secrets: string[],
): Promise<VotingStation & { readonly ledger: Ledger }> {
	const secret = await readWebhookCredential(context, 'approvalLinks');
	secrets.push(...approvalLinks.secrets(secret));
	const connection = await readWebhookCredential(context, 'releaseLedger');
	secrets.push(...releaseLedger.secrets(connection));
	const { client: links } = await approvalLinks.open(secret);
	const { client: ledger } = await releaseLedger.open(connection).catch((error: unknown) => {
		throw approvalErrors.LEDGER_UNREACHABLE({}, error);
	});
	return { ledger, links, identity: linkIdentity, clock: systemClock, hash: stepHash };
}

function answerVote(vote: VoteOutcome, { release, gate }: { release: IDataObject; gate: string }): Answer {
	if (vote.outcome === 'refused') {
		const answer = { ...refusal(vote.refusal), html: renderRefusal(vote.refusal, vote.earlier) };
		// Nobody can pass it any more: the execution looks itself, and ends the wait instead of holding the environment until it expires.
		const isVoid = vote.refusal.code === 'APPROVAL.EVIDENCE_CHANGED';
		return isVoid ? { ...answer, wakes: { release, approval: { gate, woken: true } } } : answer;
	}
	const { decision, approver, standing } = vote;
	const { version, environment } = standing.evidence.bound;
	return {
		status: 200,
		html: renderRecorded(decision, { gate, version, environment }),
		json: { status: 'recorded', decision, gate, approver },
		wakes: { release, approval: { gate, vote: { approver, decision } } },
	};
}

function refusal(error: RunbookError): Answer {
	const { code, message, why, fix } = error;
	const status = STATUS_OF_REFUSAL[code] ?? 500;
	return { status, html: renderRefusal(error), json: { error: { code, message, why, fix } } };
}

function send(context: IWebhookFunctions, { status, html, json }: Answer, nonce: string): void {
	const response = context.getResponseObject();
	const { headers, method } = context.getRequestObject();
	for (const [header, value] of Object.entries(pageHeaders(nonce))) response.setHeader(header, value);
	if (method === 'POST' && textOf(headers.accept).includes('application/json')) {
		response.status(status).json(json);
		return;
	}
	response.setHeader('Content-Type', 'text/html; charset=utf-8');
	response.status(status).end(html);
}

/** Only what nobody foresaw is trouble; its cause goes to the log, masked. */
function logTrouble(context: IWebhookFunctions, error: unknown, secrets: readonly string[]): void {
	const { code, cause } = error instanceof RunbookError ? error : { code: 'APPROVAL.UNEXPECTED', cause: error };
	const reason =
		cause === undefined ? '' : `: ${redact(cause instanceof Error ? cause.message : String(cause), secrets)}`;
	try {
		context.logger.warn(`${context.getNode().name}: ${code}${reason}`);
	} catch {
		// A log that fails must not end the waiting execution either.
	}
}

function fieldsOf(body: unknown): Readonly<Record<string, unknown>> {
	return typeof body === 'object' && body !== null ? (body as Readonly<Record<string, unknown>>) : {};
}

/** A field given twice is no text, and no vote. */
function textOf(value: unknown): string {
	return typeof value === 'string' ? value : '';
}
