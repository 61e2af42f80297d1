import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { ApplicationParts } from './backend.ts';
import { requireVariable } from './configuration.ts';
import type { Configuration } from './configuration.ts';
import { createHealthRoute } from './healthRoute.ts';
import { RefusedRequest, readBody } from './route.ts';
import type { Answer, Route } from './route.ts';

/** A backend slower than this is answered for with 504. */
const backendTimeoutMs = 10_000;

/**
 * Builds the frontend: the page on `/`, its own health on /api/health (not the backend's: one ill backend must not take
 * every frontend out of service), and /api/* passed on to BACKEND_URL without the prefix.
 */
export function createFrontend(configuration: Configuration, isServing: () => boolean): ApplicationParts {
	const backendUrl = requireVariable('BACKEND_URL');
	const health = { version: configuration.version, isServing, checks: {} };
	const page: Route = {
		method: 'GET',
		path: /^\/$/,
		label: '/',
		answer: () =>
			Promise.resolve({
				status: 200,
				body: renderPage(configuration.version),
				headers: { 'Content-Type': 'text/html; charset=utf-8' },
			}),
	};
	const proxy: Route = {
		method: '*',
		path: /^\/api\/(?<rest>.*)$/,
		label: '/api/*',
		answer: async ({ message, url, parameters }) =>
			passOn(new URL(`/${parameters['rest']}${url.search}`, backendUrl), message),
	};
	return {
		routes: [
			createHealthRoute({ path: /^\/api\/health$/, label: '/api/health', ...health }),
			createHealthRoute({ path: /^\/health$/, label: '/health', ...health }),
			page,
			proxy,
		],
		close: () => Promise.resolve(),
	};
}

/** A fresh connection each time, so that the backend Service balances every call. */
async function passOn(target: URL, message: IncomingMessage): Promise<Answer> {
	const body = await readBody(message);
	const { authorization, 'content-type': contentType } = message.headers;
	const headers = {
		...(authorization ? { authorization } : {}),
		...(contentType ? { 'content-type': contentType } : {}),
	};
	const options = {
		method: message.method ?? 'GET',
		headers: { ...headers, 'content-length': body.length },
		agent: false,
		timeout: backendTimeoutMs,
	} as const;
	return new Promise((resolve, reject) => {
		const call = request(target, options, (response) => {
			readBody(response).then((bytes) => {
				const type = response.headers['content-type'] ?? 'application/octet-stream';
				resolve({
					status: response.statusCode ?? 502,
					body: bytes,
					headers: {
						'Content-Type': type,
						'X-Backend-Version': String(response.headers['x-app-version'] ?? ''),
					},
				});
			}, reject);
		});
		call.once('timeout', () => call.destroy(new RefusedRequest(504, 'the backend did not answer in time')));
		call.once('error', (error) =>
			reject(
				error instanceof RefusedRequest ? error : new RefusedRequest(502, 'the backend could not be reached'),
			),
		);
		call.end(body);
	});
}

function renderPage(version: string): string {
	return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="app-version" content="${version}">
<title>Case management</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.3rem;border-bottom:1px solid #ccc}</style>
</head>
<body>
<h1>Case management</h1>
<p>Version ${version}</p>
<table><thead><tr><th>Case</th><th>Status</th><th>Assignee</th></tr></thead><tbody id="cases"></tbody></table>
<script>
fetch('/api/cases').then((answer) => answer.json()).then(({ cases }) => {
	for (const { title, status, assignee } of cases) {
		const row = document.getElementById('cases').insertRow();
		for (const text of [title, status, assignee ?? '']) row.insertCell().textContent = text;
	}
});
</script>
</body>
</html>
`;
}
