import { metricsErrors } from '../errors';
import type { Measurement, QuerySource } from './model';
import { readAnswer } from './readAnswer.client';
import { toMeasurement } from './toMeasurement';

export interface HttpJsonSettings {
	readonly url: string;
	/** Dotted path of the number, e.g. `data.errorRate`. */
	readonly path: string;
	/** Dotted path of what stands in an answer that is an error; empty: there is no such thing. */
	readonly errorPath: string;
	/** May carry secrets. */
	readonly headers: Readonly<Record<string, string>>;
	readonly timeoutMs: number;
}

/** A number in a JSON answer. It must be a JSON number: a text that looks like one is an error. */
export function createHttpJsonSource({ url, path, errorPath, headers, timeoutMs }: HttpJsonSettings): QuerySource {
	return {
		measure: async (signal) => {
			const reply = await readAnswer({ url, headers, timeoutMs }, signal);
			if ('failure' in reply) return reply.failure;
			const { status, json } = reply;
			if (status === 401 || status === 403)
				throw metricsErrors.QUERY_REFUSED({ source: 'the address', problem: `HTTP ${status}` });
			if (status !== 200) return { kind: 'error', reason: `the address answered HTTP ${status}` };
			if (json === undefined) return { kind: 'error', reason: 'the answer is not JSON' };
			const failure = errorPath === '' ? undefined : readPath(json, errorPath);
			if (failure !== undefined && failure !== null)
				return { kind: 'error', reason: `the answer is an error: ${shown(failure)}` };
			return readNumber(json, path);
		},
		close: async () => await Promise.resolve(),
	};
}

function readNumber(json: unknown, path: string): Measurement {
	const found = readPath(json, path);
	if (found === undefined || found === null) return { kind: 'no-data', reason: `there is nothing at ${path}` };
	if (typeof found !== 'number') return { kind: 'error', reason: `what is at ${path} is no number` };
	return toMeasurement(found);
}

function readPath(json: unknown, path: string): unknown {
	return path.split('.').reduce<unknown>((value, key) => {
		if (value === null || typeof value !== 'object' || !Object.hasOwn(value, key)) return undefined;
		return (value as Record<string, unknown>)[key];
	}, json);
}

/** An extract only: the answer is somebody else's. */
function shown(value: unknown): string {
	const text = typeof value === 'string' ? value : JSON.stringify(value);
	return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
