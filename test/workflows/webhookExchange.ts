/** A request to a waiting node, as n8n's server hands it on. */
export interface WebhookRequest {
	readonly method: 'GET' | 'HEAD' | 'POST';
	/** Names in lower case. */
	readonly headers?: Readonly<Record<string, string>>;
	readonly query?: Readonly<Record<string, string>>;
	/** Fields of the form, or JSON. */
	readonly body?: Readonly<Record<string, unknown>>;
}

/** What a node answered by itself. */
export interface WebhookAnswer {
	status: number;
	body: string;
}

/** The request and the response of n8n's server for one call; `answer` holds what the node writes into the response. */
export function webhookExchange({ method, headers = {}, query = {}, body = {} }: WebhookRequest): {
	readonly httpRequest: object;
	readonly httpResponse: object;
	readonly answer: WebhookAnswer;
} {
	const answer: WebhookAnswer = { status: 200, body: '' };
	const httpRequest = {
		method,
		headers,
		query,
		body,
		params: {},
		contentType: 'application/x-www-form-urlencoded',
		ip: '127.0.0.1',
		ips: [],
	};
	const write = (text: unknown): object => {
		answer.body = typeof text === 'string' ? text : JSON.stringify(text ?? '');
		return httpResponse;
	};
	const ignore = (): object => httpResponse;
	const httpResponse: object = {
		status: (status: number) => {
			answer.status = status;
			return httpResponse;
		},
		setHeader: ignore,
		writeHead: ignore,
		json: write,
		send: write,
		end: write,
	};
	return { httpRequest, httpResponse, answer };
}
