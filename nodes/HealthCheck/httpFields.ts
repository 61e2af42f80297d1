import type { INodeProperties } from 'n8n-workflow';
import { fillAccount } from '../../lib/health/fillAccount';
import { httpTargets } from '../../lib/health/httpTargets';
import type { HttpTarget } from '../../lib/health/model';
import type { OperationContext, ParameterReader } from '../shared/operation';
import { readJson } from '../shared/readJson';
import { readNumber } from '../shared/readNumber';
import { accountCredential } from './accountCredential';
import { httpHeaderCredential } from '../shared/httpHeaderCredential';

/** What both HTTP operations ask for. */
export interface HttpParameters {
	readonly targets: readonly HttpTarget[];
	readonly timeoutMs: number;
	readonly authentication: 'none' | 'headerAuth' | 'accountInBody';
	readonly followRedirects: boolean;
}

const TARGETS_REMEDY =
	'Give a JSON list such as [{"name": "api", "url": "https://api.example.com/health", "expectedStatus": 200}]';

export const targetsField: INodeProperties = {
	displayName: 'Targets',
	name: 'targets',
	type: 'json',
	default: '[]',
	required: true,
	placeholder: 'e.g. [{"name": "api", "url": "https://api.example.com/health", "expectedVersion": "2026.11.2"}]',
	description:
		'The addresses that are asked, each with what a healthy answer is. A target has a name and an address, and may have method, headers, body, expectedStatus, expectJson, jsonAssertions ([{path, equals}]), textContains, expectedVersion, versionPath, allowHtml, external, certificateDays and certificateAuthority. One target that fails fails the check.',
};

export const connectionFields: INodeProperties[] = [
	{
		displayName: 'Authentication',
		name: 'authentication',
		type: 'options',
		default: 'none',
		options: [
			{ name: 'None', value: 'none', description: 'Nothing is added to the requests' },
			{
				name: 'Account in Body',
				value: 'accountInBody',
				description: 'User and password of the credential replace ${user} and ${password} in the bodies',
			},
			{
				name: 'Header Auth',
				value: 'headerAuth',
				description: 'The header of the credential is sent to every target of this node',
			},
		],
		description:
			'How the targets know who asks. A header credential goes to every target, so give targets of one owner only.',
	},
	{
		displayName: 'Expected Version',
		name: 'expectedVersion',
		type: 'string',
		default: '',
		placeholder: 'e.g. 2026.11.2',
		description:
			"The version that every target must report, unless it is external; it goes before the ones in the list. Empty: each target's own.",
	},
	{
		displayName: 'Follow Redirects',
		name: 'followRedirects',
		type: 'boolean',
		default: false,
		displayOptions: { show: { authentication: ['none'] } },
		description:
			'Whether an answer that points elsewhere is followed. Otherwise its status counts, so that a redirect to a login or maintenance page is no health.',
	},
];

/** @throws RunbookError PARAMETER.INVALID naming the field */
export function readHttpParameters(context: ParameterReader, itemIndex: number): HttpParameters {
	const authentication = context.getNodeParameter(
		'authentication',
		itemIndex,
		'none',
	) as HttpParameters['authentication'];
	const expectedVersion = String(context.getNodeParameter('expectedVersion', itemIndex, '') ?? '').trim();
	const targets = readJson(context, { itemIndex, name: 'targets', schema: httpTargets, remedy: TARGETS_REMEDY });
	return {
		targets:
			expectedVersion === ''
				? targets
				: targets.map((target) =>
						target.external ? target : { ...target, expectedVersion, expectJson: true },
					),
		timeoutMs: readNumber(context, { itemIndex, name: 'timeoutSeconds', minimum: 0.1, maximum: 300 }) * 1000,
		authentication,
		// A redirect could carry the credential, in the header or in the body, to another host.
		followRedirects:
			authentication === 'none' && context.getNodeParameter('followRedirects', itemIndex, false) === true,
	};
}

/** The headers that the credential adds; none without one. */
export async function openHeaders({
	parameters,
	open,
}: OperationContext<HttpParameters>): Promise<Readonly<Record<string, string>>> {
	return parameters.authentication === 'headerAuth' ? await open(httpHeaderCredential) : {};
}

/** The targets as they are asked: with the account in their bodies when there is one. */
export async function openTargets({
	parameters,
	open,
}: OperationContext<HttpParameters>): Promise<readonly HttpTarget[]> {
	if (parameters.authentication !== 'accountInBody') return parameters.targets;
	const account = await open(accountCredential);
	return parameters.targets.map((target) => fillAccount(target, account));
}
