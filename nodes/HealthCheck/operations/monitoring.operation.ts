import { z } from 'zod';
import {
	checkMonitoring,
	NOT_CONFIGURED,
	type CheckedMonitoring,
} from '../../../lib/health/monitoring/checkMonitoring';
import { connectMonitoring } from '../../../lib/health/monitoring/monitoring.client';
import type { Json } from '../../../lib/release/model';
import { parameterErrors } from '../../../lib/support/errors';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation, ParameterReader } from '../../shared/operation';
import { readJson } from '../../shared/readJson';
import { readNumber } from '../../shared/readNumber';

interface Addressed {
	readonly enabled: true;
	readonly prometheusUrl: string;
	readonly alertmanagerUrl: string;
	readonly receiver: string;
	readonly labels: Readonly<Record<string, string>>;
	readonly patienceMs: number;
	readonly timeoutMs: number;
}

type Parameters = Addressed | { readonly enabled: false };

const labels = z.record(z.string().regex(/^[a-zA-Z_]\w*$/, 'is no name of a label'), z.string());

/** Whether monitoring itself works: every target of Prometheus is fresh, and an alert that is sent is routed and sent out. */
export const monitoring: Operation<Parameters> = {
	name: 'monitoring',
	kind: 'verdict',
	description: fieldsOf('monitoring', [
		{
			displayName: 'Enabled',
			name: 'enabled',
			type: 'boolean',
			default: true,
			description:
				'Whether there is monitoring to check. Off: nothing is checked, and the step passes and says "not configured".',
		},
		{
			displayName: 'Prometheus URL',
			name: 'prometheusUrl',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. http://prometheus.monitoring:9090',
			description: 'Whose targets must be up and lately scraped',
		},
		{
			displayName: 'Alertmanager URL',
			name: 'alertmanagerUrl',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. http://alertmanager.monitoring:9093',
			description: 'Where the synthetic alert is sent, and resolved again. It really notifies.',
		},
		{
			displayName: 'Receiver',
			name: 'receiver',
			type: 'string',
			default: '',
			placeholder: 'e.g. on-call',
			description: 'The receiver that it must be routed to. Empty for any.',
		},
		{
			displayName: 'Labels',
			name: 'labels',
			type: 'json',
			default: '{}',
			placeholder: 'e.g. {"severity": "info", "team": "cases"}',
			description: 'What decides its route, besides its name DeploymentRunbookSynthetic',
		},
		{
			displayName: 'Patience (Seconds)',
			name: 'patienceSeconds',
			type: 'number',
			default: 60,
			typeOptions: { minValue: 1, maxValue: 900 },
			description: 'How long it may take until the notification is sent: longer than the group_wait of the route',
		},
		{
			displayName: 'Timeout (Seconds)',
			name: 'timeoutSeconds',
			type: 'number',
			default: 10,
			typeOptions: { minValue: 0.1, maxValue: 300 },
			description: 'How long one call may take',
		},
	]),
	deadlineMs: (parameters) =>
		parameters.enabled ? parameters.patienceMs + 10 * parameters.timeoutMs + 30_000 : 30_000,
	readParameters: (context, itemIndex) =>
		context.getNodeParameter('enabled', itemIndex, true) === false
			? { enabled: false }
			: readAddressed(context, itemIndex),
	plan: (parameters) => {
		if (!parameters.enabled) return { key: '', inputs: { enabled: false } };
		const { prometheusUrl, alertmanagerUrl, receiver } = parameters;
		return { key: '', inputs: { prometheusUrl, alertmanagerUrl, receiver } };
	},
	run: async ({ parameters, clock, signal }) => {
		if (!parameters.enabled) {
			const { verdict, ...result } = NOT_CONFIGURED;
			return { verdict, result };
		}
		const monitored = await connectMonitoring(parameters);
		try {
			const { verdict, ...result } = await checkMonitoring(monitored, { ...parameters, clock, signal });
			return {
				verdict,
				result: result as unknown as Json,
				evidence: { measurements: measurementsOf(result, parameters) },
			};
		} finally {
			await monitored.close();
		}
	},
};

/** As the report shows them. */
function measurementsOf(
	{ targets, alert }: Omit<CheckedMonitoring, 'verdict'>,
	{ prometheusUrl, alertmanagerUrl, patienceMs }: Addressed,
): Json {
	const fresh = targets.targets - targets.problems.length;
	return [
		{
			subject: 'Targets that are up and fresh',
			value: `${fresh} of ${targets.targets}`,
			limit: 'all',
			query: prometheusUrl,
			verdict: targets.verdict,
			reason: targets.reason,
		},
		{
			subject: 'Synthetic alert, from sending it to the notification',
			value: alert.tookMs === null ? '' : `${alert.tookMs} ms`,
			limit: `${patienceMs / 1000} s`,
			query: alertmanagerUrl,
			verdict: alert.verdict,
			reason: alert.reason,
		},
	];
}

/** @throws RunbookError PARAMETER.INVALID */
function readAddressed(context: ParameterReader, itemIndex: number): Addressed {
	return {
		enabled: true,
		prometheusUrl: readUrl(context, itemIndex, 'prometheusUrl'),
		alertmanagerUrl: readUrl(context, itemIndex, 'alertmanagerUrl'),
		receiver: String(context.getNodeParameter('receiver', itemIndex, '')).trim(),
		labels: readJson(context, {
			itemIndex,
			name: 'labels',
			schema: labels,
			whenAbsent: {},
			remedy: 'Give a JSON object such as {"severity": "info"}',
		}),
		patienceMs: readNumber(context, { itemIndex, name: 'patienceSeconds', minimum: 1, maximum: 900 }) * 1000,
		timeoutMs: readNumber(context, { itemIndex, name: 'timeoutSeconds', minimum: 0.1, maximum: 300 }) * 1000,
	};
}

function readUrl(context: ParameterReader, itemIndex: number, field: string): string {
	const text = String(context.getNodeParameter(field, itemIndex, '')).trim();
	const url = URL.parse(text);
	if (url && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '') return text;
	throw parameterErrors.INVALID({
		field,
		problem: 'it is no address without a password',
		remedy: 'Give an address such as http://alertmanager.monitoring:9093',
	});
}
