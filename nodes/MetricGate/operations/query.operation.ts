import { queryBounds } from '../../../lib/metrics/query/assessQuery';
import { createHttpJsonSource } from '../../../lib/metrics/query/httpJson.client';
import type { QueryRule, QuerySource, TimedMeasurement } from '../../../lib/metrics/query/model';
import { createPostgresSource } from '../../../lib/metrics/query/postgresQuery.client';
import { createPromqlSource } from '../../../lib/metrics/query/promql.client';
import { watchQuery } from '../../../lib/metrics/query/watchQuery';
import type { Json, Sample } from '../../../lib/release/model';
import type { Clock } from '../../../lib/support/clock';
import { parameterErrors } from '../../../lib/support/errors';
import { targetPostgres } from '../../shared/credentials';
import { fieldsOf } from '../../shared/describeOperations';
import { httpHeaderCredential } from '../../shared/httpHeaderCredential';
import type { Operation, OperationContext, ParameterReader } from '../../shared/operation';
import { readNumber } from '../../shared/readNumber';
import { takeSample } from '../../shared/takeSample';
import { queryFields } from '../queryFields';

type Asked =
	| { readonly provider: 'promql'; readonly baseUrl: string; readonly query: string }
	| { readonly provider: 'postgres'; readonly sql: string }
	| { readonly provider: 'httpJson'; readonly url: string; readonly path: string; readonly errorPath: string };

interface Parameters {
	readonly name: string;
	readonly asked: Asked;
	readonly withHeader: boolean;
	readonly timeoutMs: number;
	readonly rule: QueryRule;
}

/** Asks somebody else for one number, again and again, and judges it. */
export const query: Operation<Parameters> = {
	name: 'query',
	kind: 'verdict',
	description: fieldsOf('query', queryFields),
	deadlineMs: ({ rule, timeoutMs }) => queryBounds(rule).limitMs + 2 * timeoutMs + 60_000,
	readParameters: (context, itemIndex) => ({
		name: readText(context, itemIndex, 'metricName'),
		asked: readAsked(context, itemIndex),
		withHeader: context.getNodeParameter('queryAuthentication', itemIndex, 'none') === 'headerAuth',
		timeoutMs: readNumber(context, { itemIndex, name: 'timeoutSeconds', minimum: 0.1, maximum: 300 }) * 1000,
		rule: readRule(context, itemIndex),
	}),
	plan: ({ name, asked, rule }) => ({ key: '', inputs: { name, asked: { ...asked }, rule: { ...rule } } }),
	run: async (context) => {
		const { parameters, clock, signal } = context;
		const { name, asked, rule } = parameters;
		const source = await openSource(context);
		try {
			const { verdict, measurements, held, ...measured } = await watchQuery(source, { rule, clock, signal });
			const samples = measurements.map((one) => toSample(clock, name, one));
			const result = { metric: name, provider: asked.provider, limit: rule.pass, ...measured, held: { ...held } };
			return { verdict, result: result as unknown as Json, samples };
		} finally {
			await source.close();
		}
	},
};

async function openSource({ parameters, open }: OperationContext<Parameters>): Promise<QuerySource> {
	const { asked, timeoutMs, withHeader } = parameters;
	if (asked.provider === 'postgres') return createPostgresSource(await open(targetPostgres), { ...asked, timeoutMs });
	const headers = withHeader ? await open(httpHeaderCredential) : {};
	return asked.provider === 'promql'
		? createPromqlSource({ ...asked, headers, timeoutMs })
		: createHttpJsonSource({ ...asked, headers, timeoutMs });
}

function toSample(clock: Clock, name: string, { atMs, measurement }: TimedMeasurement): Sample {
	return takeSample(clock, {
		atMs,
		metric: name,
		target: '',
		...(measurement.kind === 'value'
			? { value: measurement.value, problem: '' }
			: { value: null, problem: measurement.reason }),
	});
}

function readAsked(context: ParameterReader, itemIndex: number): Asked {
	const provider: unknown = context.getNodeParameter('provider', itemIndex);
	if (provider === 'postgres') return { provider, sql: readText(context, itemIndex, 'sql') };
	if (provider === 'httpJson')
		return {
			provider,
			url: readUrl(context, itemIndex, 'jsonUrl'),
			path: readText(context, itemIndex, 'jsonPath'),
			errorPath: String(context.getNodeParameter('jsonErrorPath', itemIndex, '')).trim(),
		};
	return {
		provider: 'promql',
		baseUrl: readUrl(context, itemIndex, 'prometheusUrl'),
		query: readText(context, itemIndex, 'promql'),
	};
}

function readRule(context: ParameterReader, itemIndex: number): QueryRule {
	const limit = (name: string): number =>
		readNumber(context, { itemIndex, name, minimum: -Number.MAX_VALUE, maximum: Number.MAX_VALUE });
	const seconds = (name: string, minimum: number): number =>
		readNumber(context, { itemIndex, name, minimum, maximum: 86_400 }) * 1000;
	const count = (name: string): number =>
		readNumber(context, { itemIndex, name, minimum: 1, maximum: 1000, whole: true });
	const direction = context.getNodeParameter('direction', itemIndex) === 'atLeast' ? 'atLeast' : 'atMost';
	const [pass, fail] = [limit('passLimit'), limit('failLimit')];
	if (direction === 'atMost' ? fail < pass : fail > pass)
		throw parameterErrors.INVALID({
			field: 'failLimit',
			problem: 'it lies on the fine side of the pass limit',
			remedy: 'Give a fail limit that is at least as bad as the pass limit',
		});
	return {
		direction,
		pass,
		fail,
		heldForMs: seconds('heldForSeconds', 0),
		intervalMs: seconds('intervalSeconds', 0.1),
		minimumSamples: count('minimumSamples'),
		errorLimit: count('errorLimit'),
	};
}

function readText(context: ParameterReader, itemIndex: number, field: string): string {
	const value = String(context.getNodeParameter(field, itemIndex, '')).trim();
	if (value !== '') return value;
	throw parameterErrors.INVALID({ field, problem: 'it is empty', remedy: 'Fill it in' });
}

/** Without user and password in it: they would stand in the ledger. */
function readUrl(context: ParameterReader, itemIndex: number, field: string): string {
	const value = readText(context, itemIndex, field);
	const url = URL.canParse(value) ? new URL(value) : undefined;
	if (url && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '') return value;
	throw parameterErrors.INVALID({
		field,
		problem: 'it is no address that starts with http:// or https://, or it has a password in it',
		remedy: 'Give a URL such as https://prometheus.example.com; passwords belong into a Header Auth credential',
	});
}
