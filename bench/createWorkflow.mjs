/** Imports a workflow into a running n8n. @returns its id */
export async function createWorkflow(client, { id, ...workflow }) {
	await client.post('/rest/workflows', { ...workflow, id, active: false });
	return id;
}

/** Callees before callers: n8n publishes nothing that calls what is not published. */
export async function publishWorkflow(client, id) {
	const { versionId } = await client.get(`/rest/workflows/${id}`);
	await client.post(`/rest/workflows/${id}/activate`, { versionId });
}
