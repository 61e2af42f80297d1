import type { INodeProperties } from 'n8n-workflow';
import { httpTargets } from '../../lib/health/httpTargets';
import type { HttpTarget } from '../../lib/health/model';
import { parameterErrors } from '../../lib/support/errors';
import type { HeldForRule } from '../../lib/support/heldFor';
import type { ParameterReader } from '../shared/operation';
import { readNumber } from '../shared/readNumber';

/** How targets are sampled, and when a breach counts as held. */
export const samplingFields: INodeProperties[] = [
	{
		displayName: 'Interval (Seconds)',
		name: 'intervalSeconds',
		type: 'number',
		default: 5,
		typeOptions: { minValue: 0.1, maxValue: 3600 },
		description: 'Time between two samples. A sample asks every target once, and is healthy when all of them are.',
	},
	{
		displayName: 'Held For (Seconds)',
		name: 'heldForSeconds',
		type: 'number',
		default: 120,
		typeOptions: { minValue: 1, maxValue: 86400 },
		description:
			'How long every sample must have failed before the verdict is failed. The first healthy sample passes at once.',
	},
	{
		displayName: 'Minimum Samples',
		name: 'minimumSamples',
		type: 'number',
		default: 6,
		typeOptions: { minValue: 1, maxValue: 10000 },
		description: 'How many failed samples there must be at least before the verdict is failed',
	},
	{
		displayName: 'Timeout (Seconds)',
		name: 'timeoutSeconds',
		type: 'number',
		default: 5,
		typeOptions: { minValue: 0.1, maxValue: 300 },
		description: 'How long one probe may take; never longer than the interval',
	},
	{
		displayName: 'Canary URL',
		name: 'canaryUrl',
		type: 'string',
		default: '',
		placeholder: 'e.g. https://status.example.org/',
		description:
			'An address outside this system that is asked with every sample. When it is silent too, the trouble is ours: the sample counts as a gap, neither for nor against. Empty to ask none.',
	},
];

export interface SamplingParameters {
	readonly rule: HeldForRule;
	readonly canary: HttpTarget | undefined;
}

/** @throws RunbookError PARAMETER.INVALID */
export function readSampling(context: ParameterReader, itemIndex: number): SamplingParameters {
	const seconds = (name: string, minimum: number): number =>
		readNumber(context, { itemIndex, name, minimum, maximum: 86_400 }) * 1000;
	const rule = {
		intervalMs: seconds('intervalSeconds', 0.1),
		heldForMs: seconds('heldForSeconds', 1),
		minimumSamples: readNumber(context, {
			itemIndex,
			name: 'minimumSamples',
			minimum: 1,
			maximum: 10_000,
			whole: true,
		}),
	};
	return { rule, canary: readCanary(context, itemIndex) };
}

function readCanary(context: ParameterReader, itemIndex: number): HttpTarget | undefined {
	const url = String(context.getNodeParameter('canaryUrl', itemIndex, '')).trim();
	if (url === '') return undefined;
	const parsed = httpTargets.safeParse([{ name: 'canary', url, allowHtml: true }]);
	const [canary] = parsed.success ? parsed.data : [];
	if (canary) return canary;
	throw parameterErrors.INVALID({
		field: 'canaryUrl',
		problem: 'it is not an address',
		remedy: 'Give a URL that starts with https://, or leave it empty',
	});
}
