import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { queryDatabase } from '../../sandbox/stories/ledgerView.ts';
import { createWorkflow, publishWorkflow } from '../createWorkflow.mjs';
import { cpuSecondsOfN8n } from './cpuOf.mjs';
import { stockWorkflow } from './stockWorkflow.mjs';
import { startTargets } from './targets.mjs';

const WORKFLOWS = join(import.meta.dirname, '..', '..', 'workflows');
const CONFIGURATION = 'bench-configuration';
/** Ticks before the measurement: nodes are loaded, the first look only begins to count. */
const WARM_UP = 2;
/** Each watch is measured as often, in turn: the first one finds an n8n that is still warming up. */
const ROUNDS = 2;

/**
 * What watching many environments costs one n8n: the shipped watch and the same checks built from stock HTTP Request and Code nodes, in
 * the same n8n, in turn. Processor time of n8n and its task runner, nothing subtracted; the least of each.
 */
export async function cost(sandbox, { environments = 200, ticks = 5 } = {}) {
	const targets = await startTargets();
	try {
		const settings = await readSettings();
		const seconds = settings.policy.watch.intervalSeconds;
		const list = Array.from({ length: environments }, (_, index) =>
			describe(settings, { index, url: targets.url }),
		);
		const checks = list[0].healthTargets.length + list[0].metrics.urls.length;
		const { client } = sandbox.n8n;
		await publishWorkflow(client, await createWorkflow(client, configurationOf(list)));
		const watches = {
			own: await createWorkflow(client, await watchWorkflow()),
			stock: await createWorkflow(
				client,
				stockWorkflow({ id: 'bench-stock', configuration: CONFIGURATION, seconds }),
			),
		};
		const measured = { own: [], stock: [] };
		for (let round = 0; round < ROUNDS; round++)
			for (const [name, id] of Object.entries(watches)) {
				await publishWorkflow(client, id);
				await delay(WARM_UP * seconds * 1000 + 5000);
				const before = { asked: targets.asked(), cpu: cpuSecondsOfN8n(), at: performance.now() };
				await delay(ticks * seconds * 1000);
				const elapsed = (performance.now() - before.at) / 1000;
				measured[name].push((cpuSecondsOfN8n() - before.cpu) / elapsed);
				const asked = targets.asked() - before.asked;
				await client.post(`/rest/workflows/${id}/deactivate`, {});
				await refuseIdle(sandbox, { id, asked, expected: ticks * environments * checks });
			}
		// What else the machine does only adds.
		const own = Math.min(...measured.own);
		const stock = Math.min(...measured.stock);
		const ratio = own / stock;
		return {
			rows: [
				{
					what: `${String(environments)} environments × ${String(checks)} checks each ${String(seconds)} s: share of one core`,
					value: own,
					bound: '<= 0.6',
				},
				{ what: 'the same of stock HTTP Request and Code nodes', value: stock, bound: '' },
				{ what: 'processor time against stock nodes', value: ratio, bound: '<= 0.5' },
			],
			figures: {
				coreShare: own,
				stockCoreShare: stock,
				environments,
				ratios: { cpuAgainstStockNodes: ratio },
			},
		};
	} finally {
		await targets.stop();
	}
}

async function readWorkflow(file) {
	return JSON.parse(await readFile(join(WORKFLOWS, `${file}.json`), 'utf8'));
}

async function readSettings() {
	const { nodes } = await readWorkflow('configuration');
	return JSON.parse(nodes.find(({ name }) => name === 'Settings').parameters.jsonOutput);
}

/** The shipped settings under another name, with addresses of ours. */
function describe(settings, { index, url }) {
	const environment = `bench-${String(index)}`;
	const healthTargets = ['backend', 'frontend', 'worker', 'search', 'mail'].map((name) => ({
		name,
		url: `${url}/${environment}/${name}/health`,
		jsonAssertions: [{ path: 'status', equals: 'ok' }],
	}));
	const { policy, watchdog } = settings;
	return { environment, policy, watchdog, healthTargets, metrics: { urls: [`${url}/${environment}/metrics`] } };
}

/** One configuration for both, built from nodes that need no task runner. */
function configurationOf(list) {
	const nodes = [
		{
			name: 'When called',
			type: 'executeWorkflowTrigger',
			typeVersion: 1.1,
			parameters: { inputSource: 'passthrough' },
		},
		{
			name: 'Settings',
			type: 'set',
			typeVersion: 3.4,
			parameters: { mode: 'raw', jsonOutput: JSON.stringify({ list }), options: {} },
		},
		{ name: 'Each', type: 'splitOut', typeVersion: 1, parameters: { fieldToSplitOut: 'list', options: {} } },
	].map((node) => ({ id: node.name, position: [0, 0], ...node, type: `n8n-nodes-base.${node.type}` }));
	const to = (node) => ({ main: [[{ node, type: 'main', index: 0 }]] });
	const connections = { 'When called': to('Settings'), Settings: to('Each') };
	return {
		id: CONFIGURATION,
		name: 'Configuration of the benchmark',
		nodes,
		connections,
		settings: { executionOrder: 'v1' },
	};
}

/** The shipped watch over the configuration of the benchmark. */
async function watchWorkflow() {
	const workflow = await readWorkflow('watch-production');
	const nodes = workflow.nodes
		.filter(({ name }) => !name.startsWith('Acknowledge'))
		.map((node) =>
			node.name === 'Configuration'
				? {
						...node,
						parameters: {
							...node.parameters,
							workflowId: { __rl: true, mode: 'id', value: CONFIGURATION },
						},
					}
				: node,
		);
	const connections = { ...workflow.connections };
	delete connections['Acknowledge form'];
	const { executionOrder } = workflow.settings;
	return { id: 'bench-watch', name: 'Watch of the benchmark', nodes, connections, settings: { executionOrder } };
}

/** A watch that did not ask, asked twice, or failed would be another watch. @throws naming what it did instead */
async function refuseIdle({ production }, { id, asked, expected }) {
	const rows = await queryDatabase(
		production.endpoints.databases.n8n,
		'SELECT status, count(*)::int AS count FROM execution_entity WHERE "workflowId" = $1 GROUP BY status',
		[id],
	);
	const failed = rows.filter(({ status }) => !['success', 'running', 'new'].includes(status));
	if (failed.length > 0 || Math.abs(asked - expected) > expected * 0.05)
		throw new Error(
			`${id} asked ${String(asked)} of ${String(expected)} times; its executions: ${JSON.stringify(rows)}`,
		);
}
