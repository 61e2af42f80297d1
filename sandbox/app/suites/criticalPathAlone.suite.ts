import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { createBackend } from '../backend.ts';
import { createBehaviour } from '../behaviour.ts';
import { readConfiguration, requireVariable } from '../configuration.ts';
import { createMetrics } from '../metrics.ts';
import { serveRoutes } from '../serveRoutes.ts';

/** This version's critical path, which it serves itself on the database of its environment: nothing that is deployed is asked. */
const configuration = readConfiguration();
const { version, podName, behaviour, unhealthyAfterMs } = configuration;
const parts = createBackend(configuration, () => true);
const server = serveRoutes({
	version,
	podName,
	routes: parts.routes,
	behaviour: createBehaviour(behaviour, unhealthyAfterMs),
	metrics: createMetrics(version),
	isDraining: () => false,
});
let authorization = '';
let created = { id: '', title: '' };

async function ask(path: string, method = 'GET', body?: object): Promise<Response> {
	const { port } = server.address() as AddressInfo;
	return await fetch(`http://127.0.0.1:${port}${path}`, {
		method,
		headers: { authorization },
		...(body === undefined ? {} : { body: JSON.stringify(body) }),
		signal: AbortSignal.timeout(10_000),
	});
}

before(async () => {
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
});

after(async () => {
	server.close();
	server.closeAllConnections();
	await parts.close();
});

void test('the application is healthy on this database', async () => {
	assert.equal((await ask('/health')).status, 200);
});

void test('a user of this database logs in', async () => {
	const [email, password] = [requireVariable('REHEARSAL_USER'), requireVariable('REHEARSAL_PASSWORD')];
	const response = await ask('/auth/login', 'POST', { email, password });
	assert.equal(response.status, 200);
	authorization = `Bearer ${((await response.json()) as { token: string }).token}`;
});

void test('a case is created', async () => {
	const response = await ask('/cases', 'POST', { title: `Rehearsed by ${version}` });
	assert.equal(response.status, 201);
	created = (await response.json()) as typeof created;
});

void test('the case is assigned', async () => {
	const response = await ask(`/cases/${created.id}`, 'PATCH', { assignee: 'worker1@example.com' });
	assert.equal(response.status, 200);
	assert.equal(((await response.json()) as { status: string }).status, 'in_progress');
});

void test('the case is listed first', async () => {
	const response = await ask('/cases?limit=5');
	assert.equal(response.status, 200);
	const { cases } = (await response.json()) as { cases: Array<{ id: string; title: string }> };
	assert.deepEqual(
		cases.slice(0, 1).map(({ id, title }) => ({ id, title })),
		[{ id: created.id, title: created.title }],
	);
});

void test('the case is deleted', async () => {
	assert.equal((await ask(`/cases/${created.id}`, 'DELETE')).status, 200);
});
