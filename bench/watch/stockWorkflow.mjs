import { chain, stockNode } from '../stockNodes.mjs';

/** Asks for every check of every environment, one item each. */
const LIST = `
return $input.all().flatMap(({ json }) => [
	...json.healthTargets.map(({ url }) => ({ json: { environment: json.environment, kind: 'health', url } })),
	...json.metrics.urls.map((url) => ({ json: { environment: json.environment, kind: 'metrics', url } })),
]);`;

/** The same verdicts as the watch: health held for two minutes, errors above 10 % held for one, from looks that survive a restart. */
const JUDGE = `
const memory = $getWorkflowStaticData('global');
memory.looks ??= {};
memory.counters ??= {};
const asked = $('Checks').all();
const byEnvironment = new Map();
$input.all().forEach(({ json }, index) => {
	const { environment, kind } = asked[index].json;
	const checks = byEnvironment.get(environment) ?? { total: 0, bad: 0, requests: 0, errors: 0 };
	byEnvironment.set(environment, checks);
	const ok = json.statusCode === 200;
	if (kind === 'health') {
		checks.total += 1;
		if (!ok || JSON.parse(json.data).status !== 'ok') checks.bad += 1;
		return;
	}
	if (!ok) return;
	const before = memory.counters[environment] ?? {};
	const now = {};
	for (const line of json.data.split('\\n')) {
		const match = /^http_requests_total\\{(.*)\\} (\\S+)$/.exec(line);
		if (!match) continue;
		now[match[1]] = Number(match[2]);
		const increase = Math.max(0, now[match[1]] - (before[match[1]] ?? now[match[1]]));
		checks.requests += increase;
		if (/status="5/.test(match[1])) checks.errors += increase;
	}
	memory.counters[environment] = now;
});
const at = Date.now();
const held = (looks, ms, isBad) => {
	const first = looks.findLastIndex((look) => !isBad(look)) + 1;
	return first < looks.length && at - looks[first].at >= ms;
};
const found = [];
for (const [environment, checks] of byEnvironment) {
	const looks = (memory.looks[environment] ?? []).filter((look) => at - look.at <= 180000);
	looks.push({ at, ...checks });
	memory.looks[environment] = looks;
	const health = held(looks, 120000, (look) => look.bad > 0);
	const errors = held(looks, 60000, (look) => look.requests >= 20 && look.errors / look.requests > 0.1);
	if (health || errors) found.push({ json: { environment, health, errors } });
}
return found;`;

/** The checks of the watch as somebody without this package would build them: HTTP Request and Code nodes. */
export function stockWorkflow({ id, configuration, seconds }) {
	const nodes = [
		stockNode('Every tick', 'scheduleTrigger', 1.2, {
			rule: { interval: [{ field: 'seconds', secondsInterval: seconds }] },
		}),
		stockNode('Configuration', 'executeWorkflow', 1.2, {
			workflowId: { __rl: true, mode: 'id', value: configuration },
			workflowInputs: { mappingMode: 'defineBelow', value: {} },
			options: {},
		}),
		stockNode('Checks', 'code', 2, { jsCode: LIST }),
		stockNode('HTTP Request', 'httpRequest', 4.2, {
			url: '={{ $json.url }}',
			options: {
				timeout: 30_000,
				batching: { batch: { batchSize: 50, batchInterval: 0 } },
				response: { response: { fullResponse: true, neverError: true, responseFormat: 'text' } },
			},
		}),
		stockNode('Judge', 'code', 2, { jsCode: JUDGE }),
	];
	return { id, name: 'Watch of stock nodes', nodes, connections: chain(nodes), settings: { executionOrder: 'v1' } };
}
