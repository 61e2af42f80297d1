import type { INodeProperties } from 'n8n-workflow';
import { httpTargets } from '../../lib/health/httpTargets';
import type { HttpTarget } from '../../lib/health/model';
import type { OperationContext, ParameterReader } from '../shared/operation';
import { readJson } from '../shared/readJson';
import { readNumber } from '../shared/readNumber';
import { httpHeaderCredential } from './httpHeaderCredential';

/** What both HTTP operations ask for. */
export interface HttpParameters {
	readonly targets: readonly HttpTarget[];
	readonly timeoutMs: number;
	readonly authenticated: boolean;
	readonly followRedirects: boolean;
}

const TARGETS_REMEDY = 'Give a JSON list such as [{"name": "api", "url": "https://api.example.com/health", "expectedStatus": 200}]';

export const targetsField: INodeProperties = {
	displayName: 'Targets',
	name: 'targets',
	type: 'json',
	default: '[]',
	required: true,
	placeholder: 'e.g. [{"name": "api", "url": "https://api.example.com/health", "expectedVersion": "2026.11.2"}]',
	description: 'The addresses that are asked, each with what a healthy answer is: name, url, and optionally method, headers, body, expectedStatus, expectJson, jsonAssertions ([{path, equals}]), textContains, expectedVersion, versionPath. One target that fails fails the check.',
};

export const connectionFields: INodeProperties[] = [
	{
		displayName: 'Authentication',
		name: 'authentication',
		type: 'options',
		default: 'none',
		options: [
			{ name: 'None', value: 'none', description: 'Nothing is added to the requests' },
			{ name: 'Header Auth', value: 'headerAuth', description: 'The header of the credential is sent to every target of this node' },
		],
		description: 'How the targets know who asks. A header credential goes to every target, so give targets of one owner only.',
	},
	{
		displayName: 'Follow Redirects',
		name: 'followRedirects',
		type: 'boolean',
		default: false,
		displayOptions: { show: { authentication: ['none'] } },
		description: 'Whether an answer that points elsewhere is followed. Otherwise its status counts, so that a redirect to a login or maintenance page is no health.',
	},
];

/** @throws RunbookError PARAMETER.INVALID naming the field */
export function readHttpParameters(context: ParameterReader, itemIndex: number): HttpParameters {
	const authenticated = context.getNodeParameter('authentication', itemIndex, 'none') === 'headerAuth';
	return {
		targets: readJson(context, { itemIndex, name: 'targets', schema: httpTargets, remedy: TARGETS_REMEDY }),
		timeoutMs: readNumber(context, { itemIndex, name: 'timeoutSeconds', minimum: 0.1, maximum: 300 }) * 1000,
		authenticated,
		// A redirect could carry the credential's header to another host.
		followRedirects: !authenticated && context.getNodeParameter('followRedirects', itemIndex, false) === true,
	};
}

/** The headers that the credential adds; none without one. */
export async function openHeaders({ parameters, open }: OperationContext<HttpParameters>): Promise<Readonly<Record<string, string>>> {
	return parameters.authenticated ? await open(httpHeaderCredential) : {};
}
