import type { FilledFile, JourneyRequest } from './journey.client';
import { fillJson, fillText } from './fillValues';
import type { JourneyStep, Values } from './model';

/** A step's request at an address, with the values in their places. `file`: the bytes of the step's file; absent without one. */
export function fillStep(
	{ method, path, headers, body }: JourneyStep,
	{ baseUrl, values, file }: { baseUrl: string; values: Values; file?: FilledFile },
): JourneyRequest {
	const filled = Object.entries(headers).map(
		([name, value]) => [name.toLowerCase(), fillText(value, values)] as const,
	);
	const isJson = body !== undefined && !file;
	return {
		// Appended, not resolved: a path can then never lead to another host.
		url: `${baseUrl.replace(/\/+$/, '')}${fillText(path, values, encodeURIComponent)}`,
		method,
		headers: { ...(isJson ? { 'content-type': 'application/json' } : {}), ...Object.fromEntries(filled) },
		...(file ? { body: file } : isJson ? { body: JSON.stringify(fillJson(body, values)) } : {}),
	};
}
