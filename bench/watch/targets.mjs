import { createServer } from 'node:http';
import { listenOnLoopback } from '../../sandbox/listenOnLoopback.ts';

/** Other metrics of an application, as prom-client gives them: a page is never only what is asked for. */
const OTHERS = Array.from({ length: 60 }, (_, index) =>
	[
		`# HELP process_figure_${String(index)} One of the runtime's own figures.`,
		`# TYPE process_figure_${String(index)} gauge`,
		`process_figure_${String(index)}{kind="total"} ${String(index * 1024 + 0.5)}`,
		'',
	].join('\n'),
).join('\n');

/** The environments that are watched: each has health pages and a metrics page whose counters rise. Counts what it is asked. */
export async function startTargets() {
	const counts = { asked: 0 };
	const startedMs = performance.now();
	const server = createServer((request, response) => {
		counts.asked += 1;
		const seconds = (performance.now() - startedMs) / 1000;
		if (request.url?.endsWith('/metrics')) {
			response.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8');
			response.end(metricsPage(seconds));
		} else {
			response.setHeader('content-type', 'application/json');
			response.end(JSON.stringify({ status: 'ok', uptime: Math.round(seconds), checks: { database: 'ok' } }));
		}
	});
	const listening = await listenOnLoopback(server);
	return {
		url: `http://127.0.0.1:${String(listening.port)}`,
		asked: () => counts.asked,
		stop: async () => await listening.close(),
	};
}

function metricsPage(seconds) {
	const served = Math.round(seconds * 50);
	const requests = ['GET', 'POST'].flatMap((method) => [
		`http_requests_total{method="${method}",status="200"} ${String(served)}`,
		`http_requests_total{method="${method}",status="503"} ${String(Math.floor(served / 1000))}`,
	]);
	return ['# TYPE http_requests_total counter', ...requests, OTHERS].join('\n');
}
