import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createCertificate } from '../kubernetes/createCertificate.ts';

/** Files by which the parts of a control plane know each other, and the authority that clients verify the server by. */
export interface Identities {
	/** PEM. */
	readonly ca: string;
	readonly certificateFile: string;
	readonly keyFile: string;
	/** The tokens that the API server takes. */
	readonly tokensFile: string;
	/** Signs the tokens of service accounts. */
	readonly signingKeyFile: string;
	/** How the controller manager reaches the API server. */
	readonly kubeconfigFile: string;
}

/** Writes them into the folder, readable by us alone. `token` is let do everything. */
export async function createIdentities(
	directory: string,
	{ url, token }: { readonly url: string; readonly token: string },
): Promise<Identities> {
	const write = async (name: string, content: string): Promise<string> => {
		const file = join(directory, name);
		await writeFile(file, content, { mode: 0o600 });
		return file;
	};
	const { cert: ca, private: key } = await createCertificate();
	const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
	const kubeconfig = {
		apiVersion: 'v1',
		kind: 'Config',
		clusters: [
			{
				name: 'local',
				cluster: { server: url, 'certificate-authority-data': Buffer.from(ca).toString('base64') },
			},
		],
		users: [{ name: 'admin', user: { token } }],
		contexts: [{ name: 'local', context: { cluster: 'local', user: 'admin' } }],
		'current-context': 'local',
	};
	return {
		ca,
		certificateFile: await write('apiserver.crt', ca),
		keyFile: await write('apiserver.key', key),
		tokensFile: await write('tokens.csv', `${token},admin,admin,"system:masters"\n`),
		signingKeyFile: await write('accounts.key', String(privateKey.export({ type: 'pkcs1', format: 'pem' }))),
		kubeconfigFile: await write('manager.kubeconfig', JSON.stringify(kubeconfig)),
	};
}
