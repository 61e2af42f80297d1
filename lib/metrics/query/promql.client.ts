import { z } from 'zod';
import { metricsErrors } from '../errors';
import type { Measurement, QuerySource } from './model';
import { readAnswer } from './readAnswer.client';
import { toMeasurement } from './toMeasurement';

export interface PromqlSettings {
	/** Where the HTTP API is, up to and without `/api`. */
	readonly baseUrl: string;
	readonly query: string;
	/** May carry secrets. */
	readonly headers: Readonly<Record<string, string>>;
	readonly timeoutMs: number;
}

const point = z.tuple([z.number(), z.string()]);
const answer = z.object({
	status: z.literal('success'),
	data: z.discriminatedUnion('resultType', [
		z.object({ resultType: z.literal('scalar'), result: point }),
		z.object({ resultType: z.literal('vector'), result: z.array(z.object({ value: point.optional() })) }),
		z.object({ resultType: z.enum(['matrix', 'string']) }),
	]),
});
const refusal = z.object({ errorType: z.string(), error: z.string() });
const CONFIGURATION = [400, 401, 403, 404];

/** An instant query of the Prometheus HTTP API (`/api/v1/query`); Thanos, Mimir and VictoriaMetrics serve it, too. */
export function createPromqlSource({ baseUrl, query, headers, timeoutMs }: PromqlSettings): QuerySource {
	const url = `${baseUrl.replace(/\/+$/, '')}/api/v1/query`;
	return {
		measure: async (signal) => {
			const reply = await readAnswer({ url, headers, form: { query }, timeoutMs }, signal);
			if ('failure' in reply) return reply.failure;
			const { status, json } = reply;
			// What the operator wrote is wrong: asking again would not help. 422 is said of a query that could not be run now.
			if (CONFIGURATION.includes(status))
				throw metricsErrors.QUERY_REFUSED({ source: 'Prometheus', problem: `HTTP ${status}${describe(json)}` });
			if (status !== 200) return { kind: 'error', reason: `Prometheus answered HTTP ${status}${describe(json)}` };
			const parsed = answer.safeParse(json);
			if (!parsed.success) return { kind: 'error', reason: 'the answer is not that of the Prometheus API' };
			return readData(parsed.data.data);
		},
		close: async () => await Promise.resolve(),
	};
}

function readData(data: z.infer<typeof answer>['data']): Measurement {
	if (data.resultType === 'scalar') return toMeasurement(toNumber(data.result[1]));
	if (data.resultType !== 'vector')
		return { kind: 'error', reason: `the query gives a ${data.resultType}, one number is asked for` };
	const [series, ...others] = data.result;
	if (series === undefined) return { kind: 'no-data', reason: 'the query matches no series' };
	if (others.length > 0)
		return {
			kind: 'error',
			reason: `the query gives ${data.result.length} series, one is asked for: aggregate them`,
		};
	if (series.value === undefined)
		return { kind: 'error', reason: 'the query gives a histogram, one number is asked for' };
	return toMeasurement(toNumber(series.value[1]));
}

/** Prometheus writes `+Inf`, which JavaScript's Number takes for NaN. */
function toNumber(text: string): number {
	const infinite = /^([+-]?)Inf$/.exec(text);
	if (infinite) return infinite[1] === '-' ? -Infinity : Infinity;
	return text === '' ? Number.NaN : Number(text);
}

function describe(json: unknown): string {
	const parsed = refusal.safeParse(json);
	return parsed.success ? ` (${parsed.data.errorType}: ${parsed.data.error.slice(0, 200)})` : '';
}
