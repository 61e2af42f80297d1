import { waitForWebhooks } from '../../sandbox/n8n/waitForWebhooks.ts';
import { queryDatabase } from '../../sandbox/stories/ledgerView.ts';
import { waitUntil } from '../../sandbox/stories/world.ts';
import { createWorkflow, publishWorkflow } from '../createWorkflow.mjs';
import { chain, stockNode } from '../stockNodes.mjs';

const RELEASE = 'bench-floor';
/** The nodes of a phase that record no step: Plan only?, Release, Return verdict. */
const BOOKKEEPING = 3;
/** The first ones of a fresh n8n are slower, as our releases are. */
const RUNS = 3;

/**
 * What n8n alone takes for as many nodes and executions as a release has: the same phases as sub-workflows that read the same
 * configuration, each step a node that does nothing, without gates and without asking for plans. In the n8n that ran the releases.
 * @param stepsOfPhases how many steps each phase of the release recorded
 * @returns seconds, of the last of three runs
 */
export async function floor({ n8n, production }, stepsOfPhases) {
	const phases = stepsOfPhases.map((steps, index) => phaseOf(`${RELEASE}-${String(index + 1)}`, steps));
	const release = workflowOf(RELEASE, [
		stockNode('Webhook', 'webhook', 2, {
			httpMethod: 'POST',
			path: RELEASE,
			responseMode: 'onReceived',
			options: {},
		}),
		nothing('Request'),
		call('Configuration', 'configuration'),
		nothing('Release'),
		...phases.flatMap(({ id }) => [call(id, id), nothing(`${id} passed?`)]),
	]);
	for (const workflow of [...phases, release])
		await publishWorkflow(n8n.client, await createWorkflow(n8n.client, workflow));
	await waitForWebhooks(n8n.url, [RELEASE]);
	const taken = [];
	while (taken.length < RUNS) {
		await fetch(`${n8n.url}/webhook/${RELEASE}`, { method: 'POST' });
		taken.push(await secondsOfRun(production.endpoints.databases.n8n, taken.length));
	}
	return taken.at(-1);
}

function phaseOf(id, steps) {
	const nodes = Array.from({ length: steps + BOOKKEEPING }, (_, index) => nothing(`Step ${String(index)}`));
	const called = stockNode('When called', 'executeWorkflowTrigger', 1.1, { inputSource: 'passthrough' });
	return workflowOf(id, [called, call('Configuration', 'configuration'), ...nodes]);
}

async function secondsOfRun(database, before) {
	const runs = await waitUntil(
		'a run of the floor ends',
		async () => {
			const rows = await queryDatabase(
				database,
				`SELECT status, extract(epoch FROM "stoppedAt" - "startedAt")::float AS seconds FROM execution_entity
				 WHERE "workflowId" = $1 AND "stoppedAt" IS NOT NULL ORDER BY id`,
				[RELEASE],
			);
			return rows.length > before ? rows : undefined;
		},
		60_000,
		1000,
	);
	const { status, seconds } = runs.at(-1);
	if (status !== 'success') throw new Error(`a run of the floor ended with ${status}`);
	return seconds;
}

function nothing(name) {
	return stockNode(name, 'noOp', 1, {});
}

function call(name, workflow) {
	return stockNode(name, 'executeWorkflow', 1.2, {
		workflowId: { __rl: true, mode: 'id', value: workflow },
		workflowInputs: { mappingMode: 'defineBelow', value: {} },
		options: { waitForSubWorkflow: true },
	});
}

/** A workflow with one node after the other, stored as ours are. */
function workflowOf(id, nodes) {
	const settings = { executionOrder: 'v1', saveExecutionProgress: false };
	return { id, name: id, nodes, connections: chain(nodes), settings };
}
