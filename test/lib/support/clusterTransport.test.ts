import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { generate } from 'selfsigned';
import { request } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ClusterAccess } from '../../../lib/support/clusterAccess';
import { createClusterTransport, type ClusterTransport } from '../../../lib/support/clusterTransport.client';

const TOKEN = 'canary-token-77ab01';
const BASE: ClusterAccess = { serverUrl: '', certificateAuthority: '', bearerToken: '' };

let folder: string;
const opened: ClusterTransport[] = [];
beforeEach(async () => {
	folder = await mkdtemp(path.join(tmpdir(), 'transport-'));
});
afterEach(async () => {
	for (const transport of opened.splice(0)) await transport.destroy();
	await rm(folder, { recursive: true, force: true });
});

const open = async (access: Partial<ClusterAccess>): Promise<ClusterTransport> => {
	const transport = await createClusterTransport({ ...BASE, ...access }, { connectTimeoutMs: 5_000 });
	opened.push(transport);
	return transport;
};

describe('what a call shows', () => {
	it('is the token, and nothing where a certificate speaks', async () => {
		expect(await (await open({ bearerToken: TOKEN })).authorization()).toBe(`Bearer ${TOKEN}`);
		expect(await (await open({})).authorization()).toBeUndefined();
	});

	it('is read from the file again once the cluster renewed it, and every one of them counts as a secret', async () => {
		const bearerTokenFile = path.join(folder, 'token');
		await writeFile(bearerTokenFile, 'first-token\n');
		const transport = await open({ bearerTokenFile });
		expect(await transport.authorization()).toBe('Bearer first-token');
		await writeFile(bearerTokenFile, 'second-token\n');
		expect(await transport.authorization()).toBe('Bearer second-token');
		expect(transport.secrets()).toEqual(['first-token', 'second-token']);
		await rm(bearerTokenFile);
		await expect(transport.authorization()).rejects.toMatchObject({
			code: 'CLUSTER_ACCESS.TOKEN_FILE',
			message: expect.stringMatching(/ENOENT/) as unknown,
		});
	});
});

describe('an exec plugin', () => {
	/** A program that notes how it was run and prints what it is told to. */
	const plugin = async (output: string, exitCode = 0) => {
		const command = path.join(folder, 'print-token');
		const script = `#!/bin/sh
printf '%s\\n' "$*" >> "${folder}/arguments"
env >> "${folder}/environment"
cat <<'END'
${output}
END
echo "complaint of ${TOKEN}" >&2
exit ${exitCode}
`;
		await writeFile(command, script);
		await chmod(command, 0o700);
		const apiVersion = 'client.authentication.k8s.io/v1';
		return { command, args: ['--cluster', 'a b;$(id)'], env: { AWS_PROFILE: 'production' }, apiVersion };
	};
	const credential = (expiresInMs?: number): string =>
		JSON.stringify({
			apiVersion: 'client.authentication.k8s.io/v1',
			kind: 'ExecCredential',
			status: {
				token: TOKEN,
				...(expiresInMs === undefined
					? {}
					: { expirationTimestamp: new Date(Date.now() + expiresInMs).toISOString() }),
			},
		});
	const runs = async (): Promise<string[]> =>
		(await readFile(path.join(folder, 'arguments'), 'utf8')).trimEnd().split('\n');

	it("is run without a shell, and without n8n's environment", async () => {
		process.env.N8N_ENCRYPTION_KEY = 'canary-of-n8n';
		try {
			const transport = await open({ plugin: await plugin(credential()) });
			expect(await transport.authorization()).toBe(`Bearer ${TOKEN}`);
			expect(await runs()).toEqual(['--cluster a b;$(id)']);
			const environment = await readFile(path.join(folder, 'environment'), 'utf8');
			expect(environment).toMatch(/^AWS_PROFILE=production$/m);
			expect(environment).toMatch(/^KUBERNETES_EXEC_INFO=.*"interactive":false/m);
			expect(environment).not.toContain('canary-of-n8n');
		} finally {
			delete process.env.N8N_ENCRYPTION_KEY;
		}
	});

	it('is run once while its token holds, and again when the API refused it or it ends soon', async () => {
		const lasting = await open({ plugin: await plugin(credential(3_600_000)) });
		await lasting.authorization();
		await lasting.authorization();
		expect(await runs()).toHaveLength(1);
		lasting.refused();
		await lasting.authorization();
		expect(await runs()).toHaveLength(2);
		const ending = await open({ plugin: await plugin(credential(10_000)) });
		await ending.authorization();
		await ending.authorization();
		expect(await runs()).toHaveLength(4);
	});

	it.each([
		['fails', credential(), 3, /exit code 3/],
		['prints something else', `hello ${TOKEN}`, 0, /no ExecCredential/],
		['prints no token', JSON.stringify({ kind: 'ExecCredential', status: {} }), 0, /no ExecCredential/],
	])('that %s is an error that repeats nothing of what it wrote', async (_name, output, exitCode, problem) => {
		const transport = await open({ plugin: await plugin(output, exitCode) });
		const error = await transport.authorization().catch((thrown: unknown) => thrown);
		expect(error).toMatchObject({
			code: 'CLUSTER_ACCESS.PLUGIN_FAILED',
			message: expect.stringMatching(problem) as unknown,
		});
		const { message, stack, cause } = error as Error;
		expect(JSON.stringify([error, message, stack, String(cause)])).not.toContain(TOKEN);
	});

	it('that is not there is named', async () => {
		const missing = { ...(await plugin('')), command: path.join(folder, 'none') };
		await expect((await open({ plugin: missing })).authorization()).rejects.toThrow(/none.*ENOENT/);
	});
});

describe('a connection', () => {
	let server: Server;
	let ca: string;
	let url: string;
	let client: { certificate: string; key: string };
	const certify = async (commonName: string) =>
		await generate([{ name: 'commonName', value: commonName }], {
			// An RSA key takes seconds on a busy machine.
			keyType: 'ec',
			algorithm: 'sha256',
			extensions: [
				{ name: 'basicConstraints', cA: true },
				{ name: 'subjectAltName', altNames: [{ type: 2, value: 'kubernetes' }] },
			],
		});
	beforeEach(async () => {
		const [own, other] = [await certify('kubernetes'), await certify('deployment-runbook')];
		ca = own.cert;
		client = { certificate: other.cert, key: other.private };
		const options = {
			cert: own.cert,
			key: own.private,
			ca: other.cert,
			requestCert: true,
			rejectUnauthorized: false,
		};
		server = createServer(options, ({ socket }, response) => {
			response.end(socket instanceof TLSSocket && socket.authorized ? 'known' : 'unknown');
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
	});
	afterEach(async () => {
		server.closeAllConnections();
		await new Promise((resolve) => server.close(resolve));
	});
	const ask = async (access: Partial<ClusterAccess>): Promise<string> => {
		const { agent } = await open(access);
		return await (await request(url, { dispatcher: agent })).body.text();
	};

	it('shows the client certificate, to a server that the authority and the named server prove', async () => {
		const tlsServerName = 'kubernetes';
		expect(await ask({ certificateAuthority: ca, tlsServerName, clientCertificate: client })).toBe('known');
		expect(await ask({ certificateAuthority: ca, tlsServerName })).toBe('unknown');
	});

	it('is not made to a server of another name or authority, unless that is allowed', async () => {
		await expect(ask({ certificateAuthority: ca })).rejects.toMatchObject({
			code: 'ERR_TLS_CERT_ALTNAME_INVALID',
		});
		await expect(ask({})).rejects.toThrow();
		expect(await ask({ skipTlsVerify: true })).toBe('unknown');
	});
});
