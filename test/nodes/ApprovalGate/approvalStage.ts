import { randomBytes } from 'node:crypto';
import type {
	ICredentialDataDecryptedObject,
	IDataObject,
	IExecuteData,
	INodeExecutionData,
	IWebhookFunctions,
	IWebhookResponseData,
} from 'n8n-workflow';
import { createApprovalLinks } from '../../../lib/approval/approvalLinks';
import type { Json, Release, StepState } from '../../../lib/release/model';
import type { NewRelease } from '../../../lib/release/ledger';
import type { Step } from '../../../lib/release/recordStep';
import { ApprovalGate } from '../../../nodes/ApprovalGate/ApprovalGate.node';
import { fakeExecuteContext } from '../../support/fakeExecuteContext';
import { MemoryLedger } from '../../support/memoryLedger';

export const SECRET = randomBytes(32).toString('base64');
export const PASSWORD = 'canary-s3cret-4711';
export const RESUME_URL = 'http://n8n.example.com/webhook-waiting/1?signature=n8n-signature';
export const APPROVAL = {
	leastStrength: 'link',
	expiresMinutes: 60,
	gates: { 'gate-1/approval': { quorum: 2 }, 'gate-2/approval': { quorum: 1 } },
	approvers: [
		{ id: 'ada', name: 'Ada Example', email: 'ada@example.com' },
		{ id: 'grace', name: 'Grace Example', email: 'grace@example.com', breakGlass: true },
		{ id: 'linus', name: 'Linus Example', email: 'linus@example.com' },
	],
};

export interface Answer {
	readonly result: IWebhookResponseData;
	readonly status: number;
	readonly headers: Record<string, string>;
	readonly body: string;
	readonly json: IDataObject | undefined;
	readonly logged: string[];
}

let stages = 0;

/** One release at one gate: its ledger in memory, the node's execution and its webhook. */
export class ApprovalStage {
	readonly ledger = new MemoryLedger();
	readonly links = createApprovalLinks(SECRET);
	readonly parameters: Record<string, unknown> = {
		stepKey: 'gate-1/approval',
		guards: '2.1/deploy-migrations',
		whatFollows: 'The migrations run against the production database.',
		approval: APPROVAL,
	};
	readonly credentials: Record<string, ICredentialDataDecryptedObject>;
	/** A credential that the node names and n8n cannot hand out. */
	unreadable: string | undefined;
	release!: Release;
	waitsUntil: Date | undefined;
	held: IExecuteData['data'] | undefined;

	constructor() {
		// A ledger is kept per credential as long as the process lives; each stage has one of its own.
		stages += 1;
		this.credentials = {
			approvalLinks: { secret: SECRET },
			releaseLedger: { host: 'ledger.example.com', database: `d${stages}`, user: 'runbook', password: PASSWORD },
		};
	}

	async begin(change: Partial<NewRelease> = {}): Promise<void> {
		const images = [{ workload: 'backend', image: `registry.example.com/backend@sha256:${'b'.repeat(64)}` }];
		const facts = { id: 'r-1', environment: 'production', version: '2026.11.23', commit: '4f9c2a1', images };
		const starter = {
			startedBy: 'ci',
			authors: [],
			rehearsal: false,
			contracts: false,
			deliveryId: '',
			executionId: '1',
			override: null,
		};
		this.release = (await this.ledger.beginRelease({ ...facts, ...starter, ...change })).release;
		await this.ledger.registerPlan('r-1', [{ part: 'package', hash: 'p'.repeat(64) }]);
		await this.record('1.1/check-http', null);
		await this.record('1.2/verify-backup', { backupId: '20261123T194012Z-3f9a1c2b4d5e', sha256: 'f'.repeat(64) });
		await this.record('2.1/migration-status', { pending: [{ name: '2026_add', checksum: 'c'.repeat(64) }] });
	}

	async record(stepKey: string, result: Json, state: StepState = 'passed'): Promise<void> {
		const { id, token } = this.release;
		const step: Step = {
			release: { id, token },
			stepKey,
			itemKey: '',
			kind: 'verdict',
			inputs: null,
			requires: [],
		};
		await this.ledger.startStep(step, { inputHash: '', inverse: null });
		if (state !== 'started') await this.ledger.finishStep(step, { state, result, evidence: null, error: null });
	}

	async execute(
		operation: string,
		items: INodeExecutionData[] = [{ json: { kept: 1 } }],
	): Promise<{ outputs: INodeExecutionData[][]; logged: string[] }> {
		const parameters = { ...this.#context(), operation };
		const { context, logged } = fakeExecuteContext({ parameters, items, credentials: this.credentials });
		const data: IExecuteData['data'] = { main: [items] };
		this.waitsUntil = undefined;
		Object.assign(context, {
			evaluateExpression: (expression: string) => (expression.includes('resumeUrl') ? RESUME_URL : undefined),
			getExecuteData: () => ({ data }),
			putExecutionToWait: async (until: Date) => {
				this.waitsUntil = until;
				this.held = data;
				await Promise.resolve();
			},
		});
		const outputs: INodeExecutionData[][] = await new ApprovalGate().execute.call(context);
		return { outputs, logged };
	}

	/** What `ask` gives: each approver's link by their id. */
	async ask(): Promise<Record<string, string>> {
		const { outputs } = await this.execute('ask');
		return Object.fromEntries(
			(outputs[0] ?? []).map(({ json }) => {
				const { approver, link } = json.approval as { approver: { id: string }; link: string };
				return [approver.id, link];
			}),
		);
	}

	async visit(
		method: string,
		link: string,
		{ body = {}, accept = 'text/html' }: { body?: unknown; accept?: string } = {},
	): Promise<Answer> {
		const answers: Array<{ body: string; json: IDataObject | undefined }> = [];
		const headers: Record<string, string> = {};
		const logged: string[] = [];
		let status = 200;
		const response = {
			status: (code: number) => {
				status = code;
				return response;
			},
			setHeader: (name: string, value: string) => void (headers[name] = value),
			json: (json: IDataObject) => void answers.push({ body: JSON.stringify(json), json }),
			end: (text: string) => void answers.push({ body: text, json: undefined }),
		};
		const log = (message: string): void => void logged.push(message);
		const query = Object.fromEntries(new URL(link).searchParams);
		const parameters = this.#context();
		const context = {
			getRequestObject: () => ({ method, headers: { accept }, query }),
			getResponseObject: () => response,
			getBodyData: () => body,
			getNodeParameter: (name: string, fallback?: unknown) => parameters[name] ?? fallback,
			getNode: () => ({ name: 'Gate 1', credentials: this.credentials }),
			getCredentials: async (type: string) => {
				if (type === this.unreadable) throw new Error(`Credential data could not be decrypted`);
				const data = this.credentials[type];
				if (!data) throw new Error(`Node does not have any credentials set for "${type}"`);
				return await Promise.resolve(data);
			},
			logger: { debug: log, info: log, warn: log, error: log },
		};
		const result = await new ApprovalGate().webhook.call(context as unknown as IWebhookFunctions);
		if (answers.length !== 1) throw new Error(`answered ${answers.length} times`);
		return { result, status, headers, logged, body: answers[0]?.body ?? '', json: answers[0]?.json };
	}

	async vote(link: string, decision: string, comment = ''): Promise<Answer> {
		return await this.visit('POST', link, { body: { decision, comment }, accept: 'application/json' });
	}

	#context(): Record<string, unknown> {
		return { releaseId: this.release.id, token: this.release.token, ...this.parameters };
	}
}

/** Through which output one item left, and the item. */
export function single(outputs: INodeExecutionData[][]): { output: number; json: IDataObject } {
	if (outputs.flat().length !== 1) throw new Error(`${outputs.flat().length} items left`);
	const output = outputs.findIndex((items) => items.length > 0);
	return { output, json: outputs[output]?.[0]?.json ?? {} };
}
