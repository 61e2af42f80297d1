import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { WorkflowRunner } from './runWorkflow';
import type { WebhookAnswer, WebhookRequest } from './webhookExchange';

/** n8n's own name for the parameter that proves that a request may reach a waiting execution. */
const RESUME_TOKEN = 'signature';

/** n8n's address for waiting executions, over real HTTP on loopback: the approvers' links and the wake-ups lead here. */
export interface WaitingServer {
	/** What n8n calls webhookWaitingBaseUrl. */
	readonly url: string;
	/** Whose executions are reached from now on. */
	serve(runner: WorkflowRunner): void;
	/** Resolves once everything that was woken waits again or has ended. */
	settled(): Promise<void>;
	close(): Promise<void>;
}

export async function startWaitingServer(): Promise<WaitingServer> {
	let served: WorkflowRunner | undefined;
	const woken = new Set<Promise<unknown>>();
	const server = createServer((request, response) => {
		void answerRequest(served, request).then(({ answer, goesOn }) => {
			if (goesOn) woken.add(goesOn);
			send(response, answer);
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhook-waiting`,
		serve: (runner) => {
			served = runner;
		},
		settled: async () => {
			for (const one of woken) {
				await one;
				woken.delete(one);
			}
		},
		close: async () => {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}

/** As n8n answers: 401 without the execution's token, 404 for an unknown execution, 409 for one that does not wait. */
async function answerRequest(
	runner: WorkflowRunner | undefined,
	request: IncomingMessage,
): Promise<{ answer: WebhookAnswer; goesOn?: Promise<unknown> | undefined }> {
	const { pathname, searchParams } = new URL(request.url ?? '', 'http://127.0.0.1');
	const execution = runner?.executions.find(({ id }) => pathname === `/webhook-waiting/${id}`);
	if (!runner || !execution) return { answer: { status: 404, body: '' } };
	if (execution.status !== 'waiting') return { answer: { status: 409, body: '' } };
	if (searchParams.get(RESUME_TOKEN) !== execution.run.data.resumeToken) return { answer: { status: 401, body: '' } };
	const body = Object.fromEntries(new URLSearchParams(await text(request)));
	try {
		return await runner.visit(execution, {
			method: request.method as WebhookRequest['method'],
			headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
			query: Object.fromEntries(searchParams),
			body,
		});
	} catch (error) {
		// n8n ends the execution of a node whose webhook throws; no story may get here.
		return { answer: { status: 500, body: error instanceof Error ? (error.stack ?? '') : String(error) } };
	}
}

function send(response: ServerResponse, { status, body }: WebhookAnswer): void {
	response.writeHead(status).end(body);
}
