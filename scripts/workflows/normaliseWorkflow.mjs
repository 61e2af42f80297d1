/** What stays of an exported workflow, in this order. Everything else belongs to the instance it was exported from. */
const WORKFLOW_KEYS = ['id', 'name', 'nodes', 'connections', 'settings'];
/** A node's keys in the order in which a person reads them; keys that are not listed follow by name. */
const NODE_KEYS = [
	'id',
	'name',
	'type',
	'typeVersion',
	'position',
	'webhookId',
	'notesInFlow',
	'notes',
	'parameters',
	'credentials',
];
/** What n8n means when a key is absent. */
const NODE_DEFAULTS = {
	disabled: false,
	notes: '',
	notesInFlow: false,
	retryOnFail: false,
	alwaysOutputData: false,
	executeOnce: false,
	onError: 'stopWorkflow',
	continueOnFail: false,
};
/** What n8n itself adds to the settings of every workflow that it stores. */
const SETTING_DEFAULTS = { binaryMode: 'separate', availableInMCP: false, callerPolicy: 'workflowsFromSameOwner' };

/**
 * A workflow as the repository keeps it, from an export or an API answer of any n8n: fixed key order, without ids of the
 * instance, versions, dates, pinned data, static data, sharing, tags and meta. Normalising twice changes nothing.
 */
export function normaliseWorkflow(json) {
	const workflow = Object.fromEntries(
		WORKFLOW_KEYS.filter((key) => json[key] !== undefined).map((key) => [key, json[key]]),
	);
	return {
		...workflow,
		nodes: (json.nodes ?? []).map(normaliseNode),
		connections: normaliseConnections(json),
		settings: sortKeys(withoutDefaults(json.settings ?? {}, SETTING_DEFAULTS)),
	};
}

/** The text of a workflow file. */
export function formatWorkflow(json) {
	return `${JSON.stringify(normaliseWorkflow(json), null, 2)}\n`;
}

function normaliseNode(node) {
	const kept = withoutDefaults(node, NODE_DEFAULTS);
	const rest = Object.keys(kept)
		.filter((key) => !NODE_KEYS.includes(key))
		.sort();
	const ordered = Object.fromEntries(
		[...NODE_KEYS, ...rest].filter((key) => kept[key] !== undefined).map((key) => [key, kept[key]]),
	);
	if (ordered.credentials) ordered.credentials = sortKeys(mapValues(ordered.credentials, sortKeys));
	return { ...ordered, parameters: ordered.parameters ?? {} };
}

/** Connections in the order of the nodes, then of the outputs; unwired outputs at the end are left out. */
function normaliseConnections({ nodes = [], connections = {} }) {
	const known = nodes.map(({ name }) => name).filter((name) => connections[name] !== undefined);
	const unknown = Object.keys(connections)
		.filter((name) => !known.includes(name))
		.sort();
	const entries = [...known, ...unknown].map((name) => [
		name,
		mapValues(sortKeys(connections[name]), normaliseOutputs),
	]);
	return Object.fromEntries(
		entries.filter(([, types]) => Object.values(types).some((outputs) => outputs.length > 0)),
	);
}

function normaliseOutputs(outputs) {
	const wired = outputs.map((targets) => (targets ?? []).map(({ node, type, index }) => ({ node, type, index })));
	while (wired.length > 0 && wired.at(-1).length === 0) wired.pop();
	return wired;
}

function withoutDefaults(value, defaults) {
	return Object.fromEntries(
		Object.entries(value).filter(
			([key, entry]) => entry !== null && entry !== undefined && !(key in defaults && defaults[key] === entry),
		),
	);
}

function mapValues(value, change) {
	return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, change(entry)]));
}

function sortKeys(value) {
	return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
