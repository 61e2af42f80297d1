import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import type { WaitingServer } from './waitingServer';
import type { Execution, Replacement, WorkflowRunner } from './runWorkflow';

/** A mail that n8n's Send Email node was told to send. */
export interface Mail {
	/** Execution that asks. */
	readonly executionId: string;
	readonly from: string;
	readonly to: string;
	readonly subject: string;
	readonly text: string;
	readonly html: string;
}

/** What somebody decides under their link. */
export type Decision = 'approve' | 'reject' | 'break-glass';

/** What the page behind a link answered. */
export interface VoteAnswer {
	readonly status: number;
	/** `recorded`; absent when it was refused. */
	readonly outcome?: string;
	/** Code of the refusal; absent when it was recorded. */
	readonly code?: string;
}

/** A gate at which a release waits, with what people were sent. */
export interface WaitingGate {
	readonly runner: WorkflowRunner;
	readonly execution: Execution;
	/** As `workflowId/Node name`. */
	readonly name: string;
	readonly mails: readonly Mail[];
	/** False once the release went on. */
	isOpen(): boolean;
	/** Votes under the link of a mail and lets the release go on as far as it does. */
	vote(mail: Mail, decision: Decision, comment?: string): Promise<VoteAnswer>;
	/** Nobody decides in time. */
	expire(): Promise<void>;
}

export type Answer = 'approve' | 'reject' | 'break-glass' | 'expire' | ((gate: WaitingGate) => Promise<void>);

/** Stands in for Send Email: keeps what it was given. As the real one it drops the items, and sends nothing without a recipient. */
export function keepMails(mails: Mail[], called: string[]): Replacement {
	return async function (this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		called.push(`${this.getWorkflow().id}/${this.getNode().name}`);
		const sent = this.getInputData().map((_, item) => {
			const read = (name: string): string => (this.getNodeParameter(name, item) as string | undefined) ?? '';
			if (read('toEmail') === '') throw new Error('No recipients defined');
			mails.push({
				executionId: this.getExecutionId(),
				from: read('fromEmail'),
				to: read('toEmail'),
				subject: read('subject'),
				text: read('text'),
				html: read('html'),
			});
			return { json: { messageId: `<${mails.length}@example.com>` }, pairedItem: { item } };
		});
		return await Promise.resolve([sent]);
	};
}

/** The link in a mail's text. */
export function linkOf({ text }: Mail): string {
	const link = /^https?:\S+$/m.exec(text)?.[0];
	if (link === undefined) throw new Error(`there is no link in the mail: ${text}`);
	return link;
}

/** Sends a decision to the address of a link, as the card's form does. */
export async function voteUnder(link: string, decision: Decision, comment = ''): Promise<VoteAnswer> {
	const response = await fetch(link, {
		method: 'POST',
		headers: { accept: 'application/json' },
		body: new URLSearchParams({ decision, comment }),
	});
	const text = await response.text();
	const { status, error } = (text === '' ? {} : JSON.parse(text)) as { status?: string; error?: { code: string } };
	return {
		status: response.status,
		...(status === undefined ? {} : { outcome: status }),
		...(error === undefined ? {} : { code: error.code }),
	};
}

/** The gate at which one execution waits. */
export function waitingGate(
	{ runner, server, mails }: { runner: WorkflowRunner; server: WaitingServer; mails: readonly Mail[] },
	execution: Execution,
): WaitingGate {
	const name = runner.waitsAt(execution);
	const isOpen = (): boolean => execution.status === 'waiting' && runner.waitsAt(execution) === name;
	return {
		runner,
		execution,
		name,
		mails: mails.filter(({ executionId }) => executionId === execution.id),
		isOpen,
		vote: async (mail, decision, comment = '') => {
			const answer = await voteUnder(linkOf(mail), decision, comment);
			await server.settled();
			return answer;
		},
		expire: async () => {
			await runner.expire(execution);
		},
	};
}

/** Lets people answer; a gate that nobody was asked about, or that their answers do not decide, expires. */
export async function answerGate(gate: WaitingGate, answer: Answer): Promise<void> {
	if (typeof answer === 'function') {
		await answer(gate);
		return;
	}
	if (answer !== 'expire') {
		const comment = answer === 'approve' ? '' : 'as the story wants it';
		for (const mail of gate.mails) if (gate.isOpen()) await gate.vote(mail, answer, comment);
	}
	if (gate.isOpen()) await gate.expire();
}
