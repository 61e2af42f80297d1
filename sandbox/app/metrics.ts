import { Counter, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** The numbers of this process, in Prometheus text format. */
export interface Metrics {
	readonly contentType: string;
	observe(request: {
		readonly method: string;
		readonly route: string;
		readonly status: number;
		readonly durationSeconds: number;
	}): void;
	text(): Promise<string>;
}

/** 0.2, 0.5 and 1 are the limits that response times are judged by. */
const durationBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.35, 0.5, 1, 2.5, 5];

/** Makes a registry with Node's default metrics and the two of HTTP; every series carries the label `version`. */
export function createMetrics(version: string): Metrics {
	const registry = new Registry();
	registry.setDefaultLabels({ version });
	collectDefaultMetrics({ register: registry });
	const labelNames = ['method', 'route', 'status'] as const;
	const requests = new Counter({
		name: 'http_requests_total',
		help: 'Requests answered.',
		labelNames,
		registers: [registry],
	});
	const durations = new Histogram({
		name: 'http_request_duration_seconds',
		help: 'Time from the request to the end of its answer, in seconds.',
		labelNames,
		buckets: durationBuckets,
		registers: [registry],
	});
	return {
		contentType: registry.contentType,
		observe({ method, route, status, durationSeconds }) {
			const labels = { method, route, status: String(status) };
			requests.inc(labels);
			durations.observe(labels, durationSeconds);
		},
		text: () => registry.metrics(),
	};
}
