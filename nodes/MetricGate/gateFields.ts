import type { INodeProperties } from 'n8n-workflow';
import { z } from 'zod';
import { createPodProxyScraper, type PodSelection } from '../../lib/metrics/podProxy.client';
import type { PodScraper } from '../../lib/metrics/podScraper';
import { thresholdPolicy, type ThresholdPolicy } from '../../lib/metrics/policy';
import { createUrlScraper } from '../../lib/metrics/url.client';
import { parameterErrors } from '../../lib/support/errors';
import type { OperationContext, ParameterReader } from '../shared/operation';
import { podProxyCredential } from '../shared/podProxyCredential';
import { readJson } from '../shared/readJson';
import { readNumber } from '../shared/readNumber';

/** What both operations ask for. */
export interface GateParameters {
	readonly policy: ThresholdPolicy;
	readonly source:
		| { readonly kind: 'pods'; readonly selection: PodSelection }
		| { readonly kind: 'urls'; readonly urls: readonly string[] };
	readonly timeoutMs: number;
}

const POLICY_REMEDY =
	'Correct the threshold policy: limits are shares from 0 to 1 or seconds, each at least as high as the one below it';

export const gateFields: INodeProperties[] = [
	{
		displayName: 'Threshold Policy',
		name: 'policy',
		type: 'json',
		default: "={{ JSON.stringify($('Configuration').first().json.policy) }}",
		required: true,
		placeholder: 'e.g. {"sampling": {…}, "errorRate": {"pass": 0.01, …}, …}',
		description: 'The one policy of limits and durations; it is checked as a whole before anything is measured',
	},
	{
		displayName: 'Source',
		name: 'source',
		type: 'options',
		default: 'pods',
		options: [
			{
				name: 'Pods',
				value: 'pods',
				description: 'Every running pod of a label selector, through the Kubernetes API',
			},
			{ name: 'URLs', value: 'urls', description: 'A list of metrics pages, one for each process' },
		],
		description: 'Where the metrics are read',
	},
	{
		displayName: 'Namespace',
		name: 'namespace',
		type: 'string',
		default: 'production',
		required: true,
		placeholder: 'e.g. production',
		displayOptions: { show: { source: ['pods'] } },
		description: 'The namespace of the pods',
	},
	{
		displayName: 'Pod Selector',
		name: 'podSelector',
		type: 'string',
		default: '',
		required: true,
		placeholder: 'e.g. app=case-management-backend,color=green',
		displayOptions: { show: { source: ['pods'] } },
		description: 'Label selector of the pods that are measured, all of them',
	},
	{
		displayName: 'Port',
		name: 'port',
		type: 'string',
		default: 'http',
		placeholder: 'e.g. http or 8080',
		displayOptions: { show: { source: ['pods'] } },
		description:
			'The container port of the metrics page, as its name in the pod or its number. Empty for the first declared one.',
	},
	{
		displayName: 'Path',
		name: 'path',
		type: 'string',
		default: '/metrics',
		placeholder: 'e.g. /metrics',
		displayOptions: { show: { source: ['pods'] } },
		description: 'The path of the metrics page',
	},
	{
		displayName: 'URLs',
		name: 'urls',
		type: 'json',
		default: '[]',
		placeholder: 'e.g. ["http://10.1.2.3:8080/metrics", "http://10.1.2.4:8080/metrics"]',
		displayOptions: { show: { source: ['urls'] } },
		description:
			'One metrics page for each process. A page behind a load balancer is another process each time and must not be given.',
	},
	{
		displayName: 'Scrape Timeout (Seconds)',
		name: 'timeoutSeconds',
		type: 'number',
		default: 4,
		typeOptions: { minValue: 0.1, maxValue: 60 },
		description: 'How long reading one page may take; never longer than the sampling interval of the policy',
	},
];

const urlsSchema = z
	.array(
		z
			.string()
			.url('must be an absolute URL')
			.regex(/^https?:\/\//i, 'must start with http:// or https://'),
	)
	.min(1, 'there is no URL: nothing would be measured');

/** @throws RunbookError PARAMETER.INVALID naming the field, inside the policy too */
export function readGateParameters(context: ParameterReader, itemIndex: number): GateParameters {
	const text = (name: string): string => String(context.getNodeParameter(name, itemIndex, '')).trim();
	const urls = (): readonly string[] =>
		readJson(context, { itemIndex, name: 'urls', schema: urlsSchema, remedy: 'Give a JSON list of addresses' });
	return {
		policy: readJson(context, { itemIndex, name: 'policy', schema: thresholdPolicy, remedy: POLICY_REMEDY }),
		source:
			text('source') === 'urls'
				? { kind: 'urls', urls: urls() }
				: { kind: 'pods', selection: readSelection(text) },
		timeoutMs: readNumber(context, { itemIndex, name: 'timeoutSeconds', minimum: 0.1, maximum: 60 }) * 1000,
	};
}

function readSelection(text: (name: string) => string): PodSelection {
	for (const field of ['namespace', 'podSelector']) {
		const remedy = 'Fill it in: without it every pod of the cluster would be meant';
		if (text(field) === '') throw parameterErrors.INVALID({ field, problem: 'it is empty', remedy });
	}
	return {
		namespace: text('namespace'),
		podSelector: text('podSelector'),
		port: text('port'),
		path: text('path') || '/metrics',
	};
}

/** What will be done, for the ledger's hash. */
export function planOf({ source }: GateParameters): {
	readonly key: string;
	readonly inputs: Readonly<Record<string, string>>;
} {
	return { key: '', inputs: source.kind === 'urls' ? { urls: source.urls.join(' ') } : { ...source.selection } };
}

/** The way to the pods, closed when `use` has ended. */
export async function withScraper<Result>(
	{ parameters: { source }, open }: OperationContext<GateParameters>,
	use: (scraper: PodScraper) => Promise<Result>,
): Promise<Result> {
	const scraper =
		source.kind === 'urls'
			? await createUrlScraper(source.urls)
			: await createPodProxyScraper(await open(podProxyCredential), source.selection);
	try {
		return await use(scraper);
	} finally {
		await scraper.close();
	}
}
