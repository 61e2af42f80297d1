import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { generate } from 'selfsigned';
import { listenOnLoopback } from '../listenOnLoopback.ts';
import type { Listening } from '../listenOnLoopback.ts';
import type { ContainerLog, LogLine } from './containerLog.ts';
import type { ContainerUsage } from './runPod.ts';

/** Finds the log of a container; undefined when there is none. */
export type FindLog = (container: {
	namespace: string;
	pod: string;
	container: string;
	previous: boolean;
}) => ContainerLog | undefined;

/** A pod, and what its one container uses. */
export interface PodUsage {
	readonly name: string;
	readonly namespace: string;
	readonly used: ContainerUsage;
}

/**
 * Serves `/stats/summary`, and `/containerLogs/<namespace>/<pod>/<container>` over TLS, as an API server asks a kubelet for it: tailLines,
 * sinceSeconds, sinceTime, limitBytes, timestamps, previous, follow.
 */
export async function serveLogs(findLog: FindLog, listUsage: () => readonly PodUsage[]): Promise<Listening> {
	const { private: key, cert } = await generate([{ name: 'commonName', value: 'kubelet' }], {
		keyType: 'ec',
		algorithm: 'sha256',
		extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
	});
	return listenOnLoopback(
		createServer({ key, cert }, (request, response) => {
			if (request.url === '/stats/summary') sendSummary(listUsage(), response);
			else answer(findLog, request, response);
		}),
	);
}

function answer(findLog: FindLog, request: IncomingMessage, response: ServerResponse): void {
	const url = new URL(request.url ?? '/', 'https://kubelet');
	const [, route, ...parts] = url.pathname.split('/').map(decodeURIComponent);
	if (route === 'healthz') {
		sendText(response, 200, 'ok');
		return;
	}
	const [namespace = '', pod = '', container = ''] = parts;
	if (request.method !== 'GET' || route !== 'containerLogs' || parts.length !== 3) {
		sendText(response, 404, 'not found');
		return;
	}
	const previous = url.searchParams.get('previous') === 'true';
	const log = findLog({ namespace, pod, container, previous });
	if (log) {
		sendLog(log, url.searchParams, response);
		return;
	}
	const message = previous
		? `previous terminated container "${container}" in pod "${pod}" not found`
		: `container "${container}" in pod "${pod}" is waiting to start or not known`;
	sendText(response, 400, message);
}

/** The part of a kubelet's summary that says what containers use. */
function sendSummary(pods: readonly PodUsage[], response: ServerResponse): void {
	const summary = {
		pods: pods.map(({ name, namespace, used }) => ({
			podRef: { name, namespace },
			containers: [
				{
					name: used.container,
					cpu: { time: used.measuredAt.toISOString(), usageNanoCores: used.cpuNanoCores },
					memory: { time: used.measuredAt.toISOString(), workingSetBytes: used.memoryBytes },
				},
			],
		})),
	};
	response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(summary));
}

function sendLog(log: ContainerLog, parameters: URLSearchParams, response: ServerResponse): void {
	const since = readSince(parameters);
	const tailLines = readNumber(parameters, 'tailLines');
	const limitBytes = readNumber(parameters, 'limitBytes') ?? Infinity;
	const timestamps = parameters.get('timestamps') === 'true';
	const format = ({ at, text }: LogLine) => `${timestamps ? `${at.toISOString()} ` : ''}${text}\n`;
	response.writeHead(200, { 'Content-Type': 'text/plain' });
	const selected = log.select({ ...(tailLines === undefined ? {} : { tailLines }), ...(since ? { since } : {}) });
	const bytes = Buffer.from(selected.map(format).join(''));
	response.write(bytes.length > limitBytes ? bytes.subarray(0, limitBytes) : bytes);
	if (parameters.get('follow') !== 'true') return void response.end();
	const unfollow = log.follow((line) => response.write(format(line)));
	response.once('close', unfollow);
}

function readSince(parameters: URLSearchParams): Date | undefined {
	const seconds = readNumber(parameters, 'sinceSeconds');
	if (seconds !== undefined) return new Date(Date.now() - seconds * 1000);
	const time = new Date(parameters.get('sinceTime') ?? '');
	return Number.isNaN(time.getTime()) ? undefined : time;
}

function readNumber(parameters: URLSearchParams, name: string): number | undefined {
	const text = parameters.get(name);
	const value = Number(text);
	return text === null || text === '' || !Number.isSafeInteger(value) || value < 0 ? undefined : value;
}

function sendText(response: ServerResponse, status: number, text: string): void {
	response.writeHead(status, { 'Content-Type': 'text/plain' }).end(text);
}
