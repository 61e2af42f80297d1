type Json = Record<string, unknown>;

/** What is wrong with an alert event, in the words of the Events API; empty when it is valid. */
export function findAlertErrors(body: Json | undefined, routingKey: string): string[] {
	if (!body) return ['the body is not a JSON object'];
	const errors = findRoutingErrors(body, routingKey);
	const action = body['event_action'];
	if (action !== 'trigger' && action !== 'acknowledge' && action !== 'resolve') {
		errors.push("'event_action' is invalid (must be one of the following: 'trigger', 'acknowledge' or 'resolve')");
	}
	const dedupKey = body['dedup_key'];
	if (
		dedupKey === undefined
			? action !== 'trigger' && errors.length === 0
			: typeof dedupKey !== 'string' || dedupKey.length > 255
	) {
		errors.push(
			dedupKey === undefined
				? "'dedup_key' is missing or blank"
				: "'dedup_key' must be a string of at most 255 characters",
		);
	}
	if (action === 'trigger') errors.push(...findPayloadErrors(body['payload'], ['summary', 'source', 'severity']));
	return errors;
}

/** What is wrong with a change event; empty when it is valid. */
export function findChangeErrors(body: Json | undefined, routingKey: string): string[] {
	if (!body) return ['the body is not a JSON object'];
	return [...findRoutingErrors(body, routingKey), ...findPayloadErrors(body['payload'], ['summary'])];
}

function findRoutingErrors(body: Json, routingKey: string): string[] {
	const given = body['routing_key'];
	if (typeof given !== 'string' || given === '') return ["'routing_key' is missing or blank"];
	return given === routingKey ? [] : ["'routing_key' is invalid"];
}

function findPayloadErrors(payload: unknown, required: readonly string[]): string[] {
	if (!isObject(payload)) return ["'payload' is missing or blank"];
	const errors = required
		.filter((field) => typeof payload[field] !== 'string' || payload[field] === '')
		.map((field) => `'payload.${field}' is missing or blank`);
	const severity = payload['severity'];
	if (
		typeof severity === 'string' &&
		severity !== '' &&
		!['critical', 'error', 'warning', 'info'].includes(severity)
	) {
		errors.push(
			"'payload.severity' is invalid (must be one of the following: 'critical', 'warning', 'error' or 'info')",
		);
	}
	if (typeof payload['summary'] === 'string' && payload['summary'].length > 1024)
		errors.push("'payload.summary' is longer than 1024 characters");
	return errors;
}

/** True for what JSON calls an object. */
export function isObject(value: unknown): value is Json {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
