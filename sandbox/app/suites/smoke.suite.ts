import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

const baseUrl = process.env['BASE_URL'] ?? '';
const attempts = 5;

/** Asks again after a server's own failure, as a browser's user would. */
async function ask(path: string, options: RequestInit = {}): Promise<Response> {
	for (let attempt = 1; ; attempt += 1) {
		const response = await fetch(`${baseUrl}${path}`, { ...options, signal: AbortSignal.timeout(10_000) });
		if (response.status < 500 || attempt === attempts) return response;
		await delay(200);
	}
}

void test('the application is healthy', async () => {
	const response = await ask('/health');
	assert.equal(response.status, 200);
});

void test('the cases are listed, newest first', async () => {
	const response = await ask('/cases?limit=5');
	assert.equal(response.status, 200);
	const { cases } = (await response.json()) as { cases: Array<{ created_at: string }> };
	assert.equal(cases.length, 5);
	const times = cases.map(({ created_at: createdAt }) => Date.parse(createdAt));
	assert.deepEqual(
		times,
		times.toSorted((a, b) => b - a),
	);
});

void test('nobody creates a case without logging in', async () => {
	const response = await ask('/cases', { method: 'POST', body: '{"title":"nobody"}' });
	assert.equal(response.status, 401);
});

void test('a wrong password is refused', async () => {
	const body = JSON.stringify({ email: 'nobody@example.com', password: 'wrong' });
	assert.equal((await ask('/auth/login', { method: 'POST', body })).status, 401);
});
