/** A node of n8n's own package. */
export function stockNode(name, type, typeVersion, parameters) {
	return { id: name, name, type: `n8n-nodes-base.${type}`, typeVersion, position: [0, 0], parameters };
}

/** Connections of nodes that run one after the other. */
export function chain(nodes) {
	const to = ({ name }) => ({ main: [[{ node: name, type: 'main', index: 0 }]] });
	return Object.fromEntries(nodes.slice(0, -1).map(({ name }, index) => [name, to(nodes[index + 1])]));
}
