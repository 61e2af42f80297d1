import { setTimeout as delay } from 'node:timers/promises';
import { Agent, request, WebSocket } from 'undici';

const KEPT_CONNECTIONS = 20;
/** A kept connection stays on the pod that it reached first; browsers and proxies renew theirs after a while, too. */
const REQUESTS_PER_CONNECTION = 50;
const SOCKETS = 10;
const LONG_REQUESTS = 5;
const LONG_SECONDS = 10;
const TIMEOUT_MS = 30_000;

/**
 * What users do while a release moves: requests over connections that are kept alive, long requests, and websockets. Each answer is told
 * to `onAnswer(version)`, each failure to `onFailure(what)`. A client whose connection ends opens another one.
 */
export function startClients({ backend }, { requestsPerSecond, onAnswer, onFailure }) {
	const agent = new Agent({
		connections: KEPT_CONNECTIONS,
		maxRequestsPerClient: REQUESTS_PER_CONNECTION,
		headersTimeout: TIMEOUT_MS,
	});
	const slow = new Agent({ connections: LONG_REQUESTS, maxRequestsPerClient: 1 });
	const sockets = new Set();
	let stopped = false;
	const open = new Set();
	let answers = 0;

	async function ask(url, dispatcher) {
		try {
			const { statusCode, headers, body } = await request(url, { dispatcher });
			await body.dump();
			if (statusCode !== 200) return onFailure(`${url} answered ${statusCode}`);
			answers += 1;
			onAnswer(String(headers['x-app-version']));
		} catch (error) {
			if (!stopped) onFailure(`${url}: ${error.code ?? error.message}`);
		}
	}
	function track(promise) {
		open.add(promise);
		void promise.finally(() => open.delete(promise));
	}
	async function sendSteadily() {
		const startedAt = performance.now();
		for (let sent = 0; !stopped;) {
			const due = Math.floor(((performance.now() - startedAt) / 1000) * requestsPerSecond);
			for (; sent < due; sent++) track(ask(`${backend}/cases/changes`, agent));
			await delay(10);
		}
	}
	async function askLong() {
		while (!stopped) await ask(`${backend}/cases/changes?wait=${LONG_SECONDS}`, slow);
	}
	function listen() {
		if (stopped) return;
		const socket = new WebSocket(`${backend.replace('http', 'ws')}/live`);
		sockets.add(socket);
		socket.addEventListener('message', ({ data }) => onAnswer(String(data)));
		socket.addEventListener('error', () => {});
		socket.addEventListener('close', () => {
			sockets.delete(socket);
			if (stopped) return;
			onFailure('a websocket was closed');
			setTimeout(listen, 100);
		});
	}

	const loops = [sendSteadily(), ...Array.from({ length: LONG_REQUESTS }, askLong)];
	for (let index = 0; index < SOCKETS; index++) listen();
	return {
		answers: () => answers,
		/** Lets what is under way come to its end, then closes. */
		async stop() {
			stopped = true;
			for (const socket of sockets) socket.close();
			await Promise.all(loops);
			await Promise.all(open);
			await Promise.all([agent.close(), slow.close()]);
		},
	};
}
