import type { INodeProperties } from 'n8n-workflow';
import { splitList } from '../shared/splitList';
import type { CredentialOpener } from '../shared/credentialOpener';
import { text } from '../shared/credentials';
import type { OperationContext, ParameterReader } from '../shared/operation';

export const recipientsField: INodeProperties = {
	displayName: 'Recipients',
	name: 'recipients',
	type: 'string',
	default: '',
	placeholder: 'e.g. age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p',
	description:
		'Public keys of age that the archives are encrypted for before they leave this machine, separated by commas. Who has the identity of one of them can restore, and nobody else. Empty: not encrypted.',
};

export const encryptedField: INodeProperties = {
	displayName: 'The Backup Is Encrypted',
	name: 'encrypted',
	type: 'boolean',
	default: false,
	description: 'Whether archives are opened with the Backup Identity credential',
};

/** The credential that holds an identity of age. */
const backupIdentity: CredentialOpener<string> = {
	credential: 'backupIdentity',
	secrets: (data) => [text(data, 'secretKey').trim()],
	open: async (data) => await Promise.resolve({ client: text(data, 'secretKey').trim() }),
};

export function readRecipients(context: ParameterReader, itemIndex: number): readonly string[] {
	return splitList(String(context.getNodeParameter('recipients', itemIndex, '') ?? ''));
}

export function readEncrypted(context: ParameterReader, itemIndex: number): boolean {
	return context.getNodeParameter('encrypted', itemIndex, false) === true;
}

/** Undefined where the backup is not said to be encrypted. */
export async function openIdentity({
	parameters: { encrypted },
	open,
}: Pick<OperationContext<{ readonly encrypted: boolean }>, 'parameters' | 'open'>): Promise<string | undefined> {
	return encrypted ? await open(backupIdentity) : undefined;
}
