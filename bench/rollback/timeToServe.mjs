import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { NEW, OLD } from './createWorld.mjs';

const run = promisify(execFile);
/** Fresh connections in a row that must report the version: the Services balance over several pods. */
const PROOFS = 8;
const PAUSE_MS = 5;

/**
 * From the decision to both Services serving the old version, proven by fresh connections; against kubectl doing the same by hand: is the
 * old colour complete, then the two patches. The replaced colour stays in both, so that the next round can begin.
 */
export async function timeToServe(world, { rounds = 7 } = {}) {
	const ours = [];
	const kubectl = [];
	for (let round = 0; round < rounds; round++) {
		for (const [times, act] of [
			[ours, async () => await world.goBack({ scaleDownReplaced: false })],
			[kubectl, async () => await byKubectl(world)],
		]) {
			await world.switchTo(NEW);
			await serves(world.services, NEW);
			const startedAt = performance.now();
			const [, servedAt] = await Promise.all([act(), serves(world.services, OLD)]);
			times.push(servedAt - startedAt);
		}
	}
	const rollbackMsP50 = median(ours);
	const kubectlMsP50 = median(kubectl);
	return {
		rows: [
			{ what: 'rollback to old version served, ms at the median', value: rollbackMsP50, bound: '' },
			{ what: 'the same by kubectl, ms at the median', value: kubectlMsP50, bound: '' },
			{ what: 'ratio', value: rollbackMsP50 / kubectlMsP50, bound: '<= 0.7' },
		],
		figures: { rollbackMsP50, kubectlMsP50, ratios: { againstKubectl: rollbackMsP50 / kubectlMsP50 } },
	};
}

async function byKubectl({ kubeconfig, set }) {
	const kubectl = async (...args) => await run('kubectl', ['--kubeconfig', kubeconfig, ...args]);
	for (const { deployments } of set.workloads)
		await kubectl('rollout', 'status', `deployment/${deployments.blue}`, '--timeout=60s');
	for (const { service } of set.workloads)
		await kubectl('patch', 'service', service, '--patch', '{"spec":{"selector":{"color":"blue"}}}');
}

/** When both Services were proven to serve a version. */
async function serves({ backend, frontend }, version) {
	const both = await Promise.all([prove(`${backend}/health`, version), prove(`${frontend}/api/health`, version)]);
	return Math.max(...both);
}

/** The time of the first of a row of fresh connections that all report the version. */
async function prove(url, version) {
	for (let row = 0, firstAt = 0; ;) {
		const askedAt = performance.now();
		const reported = await askFresh(url);
		row = reported === version ? row + 1 : 0;
		if (row === 1) firstAt = askedAt;
		if (row === PROOFS) return firstAt;
		await delay(PAUSE_MS);
	}
}

async function askFresh(url) {
	try {
		const response = await fetch(url, { headers: { connection: 'close' }, signal: AbortSignal.timeout(5_000) });
		await response.arrayBuffer();
		return response.headers.get('x-app-version');
	} catch {
		return undefined;
	}
}

function median(values) {
	return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
