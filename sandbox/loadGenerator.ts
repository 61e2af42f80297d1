import { Agent, request } from 'node:http';

/** One kind of request; of the weights' sum, `weight` requests are of it. */
export interface LoadTarget {
	readonly url: string;
	readonly weight: number;
	/** GET unless said. */
	readonly method?: string;
	/** Sent as JSON. */
	readonly body?: unknown;
}

/** Counts since the start. `failed` = 5xx or no answer; `byStatus` names the latter by its error code, such as ECONNREFUSED. */
export interface LoadStats {
	readonly sent: number;
	readonly ok: number;
	readonly failed: number;
	readonly byVersion: Readonly<Record<string, number>>;
	readonly byStatus: Readonly<Record<string, number>>;
}

export interface LoadGeneratorHandle {
	stats(): LoadStats;
	stop(): Promise<void>;
}

const requestTimeoutMs = 5_000;
/** Connections are kept alive, as browsers do, yet renewed this often, so that a switched Service is soon seen. */
const requestsPerAgent = 10;

/** Sends requests at a steady rate, whether or not earlier ones were answered, until stopped. */
export function startLoadGenerator({
	targets,
	requestsPerSecond,
}: {
	targets: readonly LoadTarget[];
	requestsPerSecond: number;
}): LoadGeneratorHandle {
	const schedule = spreadByWeight(targets);
	const counts = {
		sent: 0,
		ok: 0,
		failed: 0,
		byVersion: {} as Record<string, number>,
		byStatus: {} as Record<string, number>,
	};
	const agents = new Set<Agent>();
	const inFlight = new Set<Promise<void>>();
	const startedAt = performance.now();
	let agent = renewAgent();

	function renewAgent(): Agent {
		const fresh = new Agent({ keepAlive: true, maxSockets: 8 });
		agents.add(fresh);
		if (agents.size > 3) retireOldest();
		return fresh;
	}

	/** By now its requests have been answered; those that have not are counted as they fail. */
	function retireOldest(): void {
		for (const oldest of agents) {
			if (Object.keys(oldest.sockets).length > 0) continue;
			oldest.destroy();
			agents.delete(oldest);
			return;
		}
	}

	function tick(): void {
		const due = Math.floor(((performance.now() - startedAt) / 1000) * requestsPerSecond);
		while (counts.sent < due) {
			const target = schedule[counts.sent % schedule.length];
			if (target) {
				const answered = send(target, agent).then(count);
				inFlight.add(answered);
				void answered.finally(() => inFlight.delete(answered));
			}
			counts.sent += 1;
			if (counts.sent % requestsPerAgent === 0) agent = renewAgent();
		}
	}

	function count({ status, version }: Outcome): void {
		const failed = typeof status === 'string' || status >= 500;
		counts[failed ? 'failed' : 'ok'] += 1;
		counts.byStatus[status] = (counts.byStatus[status] ?? 0) + 1;
		if (version) counts.byVersion[version] = (counts.byVersion[version] ?? 0) + 1;
	}

	const timer = setInterval(tick, Math.max(5, 1000 / requestsPerSecond));
	return {
		stats: () => structuredClone(counts),
		async stop() {
			clearInterval(timer);
			for (const used of agents) used.destroy();
			await Promise.all(inFlight);
		},
	};
}

interface Outcome {
	readonly status: number | string;
	/** Absent without an answer. */
	readonly version?: string;
}

function send(target: LoadTarget, agent: Agent): Promise<Outcome> {
	return new Promise((resolve) => {
		const body = target.body === undefined ? undefined : JSON.stringify(target.body);
		const headers =
			body === undefined ? {} : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
		const call = request(
			target.url,
			{ agent, method: target.method ?? 'GET', headers, timeout: requestTimeoutMs },
			(response) => {
				response.resume();
				response.once('error', () => resolve({ status: 'ECONNRESET' }));
				response.once('end', () => {
					const version = response.headers['x-app-version'];
					resolve({ status: response.statusCode ?? 0, ...(typeof version === 'string' ? { version } : {}) });
				});
			},
		);
		call.once('timeout', () => call.destroy(Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' })));
		call.once('error', (error: NodeJS.ErrnoException) => resolve({ status: error.code ?? 'error' }));
		call.end(body);
	});
}

/** Each target as often as its weight says, spread evenly (largest credit first). */
function spreadByWeight(targets: readonly LoadTarget[]): readonly LoadTarget[] {
	const total = targets.reduce((sum, { weight }) => sum + weight, 0);
	const entries = targets.map((target) => ({ target, credit: 0 }));
	const schedule: LoadTarget[] = [];
	for (let slot = 0; slot < total; slot++) {
		for (const entry of entries) entry.credit += entry.target.weight;
		const next = entries.reduce((best, entry) => (entry.credit > best.credit ? entry : best));
		next.credit -= total;
		schedule.push(next.target);
	}
	return schedule;
}
