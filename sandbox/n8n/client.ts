/** The calls that the sandbox makes to a running n8n's internal REST API, logged in as its owner. */
export interface N8nClient {
	get<T>(path: string): Promise<T>;
	post<T>(path: string, body: unknown): Promise<T>;
	/** The cookie and browser id of the session, for a browser that should be logged in. */
	readonly session: { readonly cookie: string; readonly browserId: string };
}

export interface Owner {
	readonly email: string;
	readonly password: string;
}

const browserId = 'deployment-runbook-sandbox';

/** Creates the owner of a fresh n8n and logs in. */
export async function setUpOwner(baseUrl: string, owner: Owner): Promise<N8nClient> {
	return await openSession(baseUrl, '/rest/owner/setup', { ...owner, firstName: 'Sandbox', lastName: 'Operator' });
}

/** Logs in to an n8n that has its owner. */
export async function logIn(baseUrl: string, { email, password }: Owner): Promise<N8nClient> {
	return await openSession(baseUrl, '/rest/login', { emailOrLdapLoginId: email, password });
}

async function openSession(baseUrl: string, path: string, body: object): Promise<N8nClient> {
	const response = await send(`${baseUrl}${path}`, {
		method: 'POST',
		headers: { 'content-type': 'application/json', 'browser-id': browserId },
		body: JSON.stringify(body),
	});
	const cookie = response.headers
		.getSetCookie()
		.map((value) => value.split(';')[0])
		.join('; ');
	const headers = { 'content-type': 'application/json', 'browser-id': browserId, cookie };
	const read = async <T>(answer: Response): Promise<T> => ((await answer.json()) as { data: T }).data;
	return {
		session: { cookie, browserId },
		get: async <T>(where: string) => read<T>(await send(`${baseUrl}${where}`, { headers })),
		post: async <T>(where: string, content: unknown) =>
			read<T>(await send(`${baseUrl}${where}`, { method: 'POST', headers, body: JSON.stringify(content) })),
	};
}

async function send(url: string, init: RequestInit): Promise<Response> {
	const response = await fetch(url, { ...init, signal: AbortSignal.timeout(60_000) });
	if (response.ok) return response;
	const text = (await response.text()).slice(0, 500);
	throw new Error(
		`n8n answered ${String(response.status)} to ${init.method ?? 'GET'} ${new URL(url).pathname}: ${text}`,
	);
}
