import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import type { ApprovalLinks } from '../../lib/approval/approvalLinks';
import { releaseErrors } from '../../lib/release/errors';
import type { Ledger } from '../../lib/release/ledger';
import type { Release } from '../../lib/release/model';
import { redact, redactJson } from '../../lib/support/redact';
import type { CredentialOpener } from '../shared/credentialOpener';
import { releaseLedger } from '../shared/credentials';
import { toNodeError } from '../shared/toNodeError';
import { approvalLinks } from './approvalLinksCredential';
import { readGateParameters, type GateParameters } from './gateFields';

/** What asking and waiting get. */
export interface GateRun extends GateParameters {
	readonly ledger: Ledger;
	readonly links: ApprovalLinks;
	/** The release as the ledger holds it, under a token that is current. */
	readonly held: Release;
	log(message: string): void;
}

/** Items by output; `release` and `approval` are added to what came in. */
export type GateOutputs = ReadonlyArray<readonly ApprovalJson[]>;
export type ApprovalJson = Readonly<Record<string, unknown>>;

/**
 * Runs an operation that asks or waits: once, whatever number of items came in, since a gate is one however many mails went out before it.
 * A release whose token is stale, or that only rehearses, is refused. Errors are mapped, secrets masked; it always throws.
 */
export async function runGate(
	context: IExecuteFunctions,
	run: (gate: GateRun) => Promise<GateOutputs>,
): Promise<INodeExecutionData[][]> {
	const secrets: string[] = [];
	const open = async <Client>(opener: CredentialOpener<Client>): Promise<Client> => {
		const data = await context.getCredentials(opener.credential, 0);
		secrets.push(...opener.secrets(data).filter((secret) => secret !== ''));
		return (await opener.open(data)).client;
	};
	const name = context.getNode().name;
	try {
		const parameters = readGateParameters((field) => context.getNodeParameter(field, 0));
		const links = await open(approvalLinks);
		const ledger = await open(releaseLedger);
		const held = await readHeld(ledger, parameters);
		const log = (message: string): void => context.logger.info(`${name}: ${redact(message, secrets)}`);
		const outputs = await run({ ...parameters, ledger, links, held, log });
		const input = context.getInputData()[0]?.json ?? {};
		return outputs.map((items) => items.map((approval) => toItem(input, held, redactJson(approval, secrets))));
	} catch (error) {
		const nodeError = toNodeError(context.getNode(), error, { itemIndex: 0, secrets });
		context.logger.error(`${name}: ${nodeError.message}`);
		throw nodeError;
	}
}

/** @throws RunbookError RELEASE.UNKNOWN, MANUAL_RUN_NOT_ARMED, FENCED_OUT */
async function readHeld(ledger: Ledger, { release, gate }: GateParameters): Promise<Release> {
	const held = await ledger.readRelease(release.id);
	if (!held) throw releaseErrors.UNKNOWN({ releaseId: release.id });
	if (held.rehearsal) throw releaseErrors.MANUAL_RUN_NOT_ARMED({ stepKey: gate, environment: held.environment });
	if (held.token !== release.token || held.finishedAt !== null)
		throw releaseErrors.FENCED_OUT({ releaseId: held.id, environment: held.environment, token: release.token });
	return held;
}

function toItem(
	input: IDataObject,
	{ id, token, environment, version }: Release,
	approval: ApprovalJson,
): INodeExecutionData {
	const carried = typeof input.release === 'object' && input.release !== null ? (input.release as IDataObject) : {};
	const release = { ...carried, id, token, environment, version };
	return { json: { ...input, release, approval: approval }, pairedItem: { item: 0 } };
}
