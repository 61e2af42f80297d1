import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { queryDatabase } from '../../sandbox/stories/ledgerView.ts';
import { runRelease } from '../../sandbox/stories/runRelease.ts';

const BAD_VERSION = '2026.11.6-unhealthy';
const POLL_MS = 50;

/**
 * From the moment at which users get errors to the moment at which the old version serves them again, seen from outside: a version that turns
 * unhealthy while it is watched, on the whole sandbox.
 */
export async function reaction(sandbox, { rounds = 2 } = {}) {
	const { endpoints } = sandbox.production;
	const world = { endpoints, n8n: { url: sandbox.n8n.url }, webhookSecret: sandbox.webhookSecret };
	const rule = await readRule(sandbox.n8n.client);
	const measured = [];
	for (let round = 0; round < rounds; round++) measured.push(await measure(world));
	const worst = (read) => Math.max(...measured.map(read));
	const startLateSeconds = worst(({ toStart }) => toStart) - rule.windowSeconds;
	const servingSeconds = worst(({ toServing }) => toServing);
	return {
		rows: [
			{
				what: 'breach → rollback started, s behind the window',
				value: startLateSeconds,
				bound: `<= ${String(rule.intervalSeconds + 1)}`,
			},
			{ what: 'rollback started → old version serves, s', value: servingSeconds, bound: '<= 10' },
		],
		figures: { ...rule, startLateSeconds, startBoundSeconds: rule.intervalSeconds + 1, servingSeconds },
	};
}

/** The window is held in whole intervals: a look in between there is not. Both signals of the sandbox have one of two. */
async function readRule(client) {
	const { nodes } = await client.get('/rest/workflows/configuration');
	const { policy } = JSON.parse(nodes.find(({ name }) => name === 'Settings').parameters.jsonOutput);
	const { intervalSeconds, minimumSamples } = policy.watch;
	const held = Math.max(policy.health.rollback.heldForSeconds, policy.errorRate.rollback.heldForSeconds);
	const windowSeconds = Math.max(Math.ceil(held / intervalSeconds), minimumSamples - 1) * intervalSeconds;
	return { intervalSeconds, windowSeconds };
}

async function measure(world) {
	const { operations } = world.endpoints.databases;
	const watched = {};
	const { release } = await runRelease(world, {
		version: BAD_VERSION,
		timeoutMs: 420_000,
		whileWatched: async () => {
			// While it is watched the bad version serves: the first answer that is none is the breach.
			watched.breachAt = await untilAnswer(world, ({ ok }) => !ok);
			watched.servingAt = await untilAnswer(world, ({ ok, version }) => ok && version !== BAD_VERSION);
		},
	});
	if (release.state !== 'rolled-back-verified')
		throw new Error(`the release ended as ${release.state}: ${release.reason}`);
	// The rollback has started once roll-back-production holds the lock.
	const [started] = await queryDatabase(
		operations,
		`SELECT extract(epoch FROM r.rolling_back_at)::float AS at FROM deployment_runbook.release r
			JOIN deployment_runbook.watch_act a ON a.release_id = r.id AND a.act = 'roll-back' WHERE r.id = $1`,
		[release.id],
	);
	if (!started) throw new Error(`the watch did not roll ${release.id} back`);
	return { toStart: started.at - watched.breachAt, toServing: watched.servingAt - started.at };
}

/** Asks on a connection of its own each time, and tells when an answer was as wanted, in seconds since 1970. */
async function untilAnswer({ endpoints }, isWanted) {
	const deadline = performance.now() + 120_000;
	for (;;) {
		const at = Date.now() / 1000;
		if (isWanted(await ask(`${endpoints.services.backend}/health`))) return at;
		if (performance.now() > deadline) throw new Error('the backend answered the same for two minutes');
		await delay(POLL_MS);
	}
}

async function ask(url) {
	return await new Promise((resolve) => {
		const asked = request(url, { agent: false, timeout: 2000 }, (response) => {
			response.resume();
			resolve({ ok: response.statusCode === 200, version: response.headers['x-app-version'] });
		});
		asked.on('timeout', () => asked.destroy(new Error('timeout')));
		asked.on('error', () => resolve({ ok: false }));
		asked.end();
	});
}
