import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readKubeconfig, type KubeconfigOptions } from '../../../lib/rollout/kubeconfig.client';
import { readPodAccount } from '../../../lib/rollout/readPodAccount';

const TOKEN = 'canary-token-9c2b7e';
const NONE: KubeconfigOptions = { context: '', namespace: '', allowed: [] };

let folder: string;
let certificate: string;
let key: string;
beforeAll(async () => {
	// The driver is loaded on first use; on a busy machine that alone takes seconds.
	await import('@kubernetes/client-node');
	folder = await mkdtemp(path.join(tmpdir(), 'kubeconfig-'));
	const generated = await generate([{ name: 'commonName', value: 'test' }], { algorithm: 'sha256' });
	certificate = `${generated.cert.replaceAll('\r', '').trim()}\n`;
	key = generated.private;
}, 60_000);
afterAll(async () => await rm(folder, { recursive: true, force: true }));

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** A kubeconfig as `kubectl config view --minify --flatten --raw` prints it, in JSON, which is YAML too. */
function kubeconfig(user: object, cluster: object = {}): string {
	return JSON.stringify({
		apiVersion: 'v1',
		kind: 'Config',
		'current-context': 'production',
		contexts: [
			{ name: 'production', context: { cluster: 'c', user: 'u', namespace: 'shop' } },
			{ name: 'staging', context: { cluster: 'c', user: 'u' } },
			{ name: 'broken', context: { cluster: 'c', user: 'nobody' } },
		],
		clusters: [{ name: 'c', cluster: { server: 'https://kubernetes.example.com:6443/', ...cluster } }],
		users: [{ name: 'u', user }],
	});
}

const refusal = (problem: RegExp) =>
	expect.objectContaining({
		code: 'ROLLOUT.CREDENTIAL_INVALID',
		message: expect.stringMatching(problem) as unknown,
	});

describe('a pasted kubeconfig', () => {
	it('gives address, authority, token and namespace of its current context, from YAML', async () => {
		const yaml = `apiVersion: v1
kind: Config
current-context: production
contexts:
  - name: production
    context: {cluster: c, user: u, namespace: shop}
clusters:
  - name: c
    cluster:
      server: https://kubernetes.example.com:6443/
      certificate-authority-data: ${base64(certificate)}
      tls-server-name: kubernetes
users:
  - name: u
    user:
      token: ${TOKEN}
`;
		expect(await readKubeconfig(yaml, NONE)).toEqual({
			serverUrl: 'https://kubernetes.example.com:6443',
			certificateAuthority: certificate,
			bearerToken: TOKEN,
			namespace: 'shop',
			tlsServerName: 'kubernetes',
		});
	});

	it('gives another context where one is named, and the namespace of the credential before its own', async () => {
		const text = kubeconfig({ token: TOKEN });
		expect(await readKubeconfig(text, { ...NONE, context: 'staging' })).toMatchObject({ namespace: 'default' });
		expect(await readKubeconfig(text, { ...NONE, namespace: 'mine' })).toMatchObject({ namespace: 'mine' });
	});

	it('gives a client certificate instead of a token', async () => {
		const text = kubeconfig({
			'client-certificate-data': base64(certificate),
			'client-key-data': base64(key),
		});
		expect(await readKubeconfig(text, NONE)).toMatchObject({
			bearerToken: '',
			clientCertificate: { certificate, key },
		});
	});

	const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'print-token', args: null };
	it.each<[string, object, object, KubeconfigOptions['allowed']]>([
		['exec', { exec }, {}, ['files', 'skipTlsVerify']],
		[
			'certificate-authority',
			{ token: TOKEN },
			{ 'certificate-authority': '/etc/ca.crt' },
			['exec', 'skipTlsVerify'],
		],
		['client-certificate', { token: TOKEN, 'client-certificate': '/etc/a' }, {}, ['exec', 'skipTlsVerify']],
		['client-key', { token: TOKEN, 'client-key': '/etc/a' }, {}, ['exec', 'skipTlsVerify']],
		['tokenFile', { tokenFile: '/etc/token' }, {}, ['exec', 'skipTlsVerify']],
		['insecure-skip-tls-verify', { token: TOKEN }, { 'insecure-skip-tls-verify': true }, ['exec', 'files']],
		['auth-provider', { 'auth-provider': { name: 'gcp' } }, {}, ['exec', 'files', 'skipTlsVerify']],
		['username', { username: 'me', password: TOKEN }, {}, ['exec', 'files', 'skipTlsVerify']],
		['as', { token: TOKEN, as: 'admin' }, {}, ['exec', 'files', 'skipTlsVerify']],
		['proxy-url', { token: TOKEN }, { 'proxy-url': 'http://proxy' }, ['exec', 'files', 'skipTlsVerify']],
	])('refuses "%s" unless just that is allowed', async (name, user, cluster, allowed) => {
		await expect(readKubeconfig(kubeconfig(user, cluster), { ...NONE, allowed })).rejects.toThrow(
			refusal(new RegExp(`has "${name}"`)),
		);
	});

	it('takes what is allowed by name: a plugin, files, a server that is not verified', async () => {
		const token = path.join(folder, 'token');
		const authority = path.join(folder, 'ca.crt');
		await writeFile(authority, certificate);
		expect(await readKubeconfig(kubeconfig({ exec }), { ...NONE, allowed: ['exec'] })).toMatchObject({
			bearerToken: '',
			plugin: { command: 'print-token', args: [], env: {} },
		});
		const files = kubeconfig({ tokenFile: token }, { 'certificate-authority': authority });
		expect(await readKubeconfig(files, { ...NONE, allowed: ['files'] })).toMatchObject({
			certificateAuthority: certificate,
			bearerTokenFile: token,
		});
		const unverified = kubeconfig({ token: TOKEN }, { 'insecure-skip-tls-verify': true });
		expect(await readKubeconfig(unverified, { ...NONE, allowed: ['skipTlsVerify'] })).toMatchObject({
			skipTlsVerify: true,
		});
	});

	it('refuses a path that is relative or that nobody can read', async () => {
		const allowed = ['files'] as const;
		await expect(readKubeconfig(kubeconfig({ tokenFile: 'token' }), { ...NONE, allowed })).rejects.toThrow(
			refusal(/not absolute/),
		);
		await expect(
			readKubeconfig(kubeconfig({ token: TOKEN }, { 'certificate-authority': path.join(folder, 'none') }), {
				...NONE,
				allowed,
			}),
		).rejects.toThrow(refusal(/cannot be read/));
	});

	it.each([
		['nothing', ''],
		['text', 'hello'],
		['YAML that is broken', `users: [${TOKEN}`],
		['no users', JSON.stringify({ contexts: [], clusters: [], token: TOKEN })],
		['a user without anything', kubeconfig({})],
		['a certificate without a key', 'certificate-only'],
		['an unknown context', 'unknown-context'],
		['a context of nobody', 'broken-context'],
		['a token with a line break', kubeconfig({ token: `${TOKEN}\r\nX: y` })],
	])('refuses %s, and repeats nothing of it', async (_name, text) => {
		const given =
			text === 'certificate-only' ? kubeconfig({ 'client-certificate-data': base64(certificate) }) : text;
		const context = text.endsWith('-context') ? text.replace('-context', '') : '';
		const pasted = text.endsWith('-context') ? kubeconfig({ token: TOKEN }) : given;
		const error = await readKubeconfig(pasted, { ...NONE, context }).catch((thrown: unknown) => thrown);
		expect(error).toEqual(refusal(/./));
		const { message, stack, cause } = error as Error;
		expect(JSON.stringify([error, message, stack, String(cause)])).not.toContain(TOKEN);
	});
});

describe('the service account of the pod that n8n runs in', () => {
	const environment = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };

	it('is its address, its authority, its namespace, and the file of its token', async () => {
		for (const [name, content] of [
			['ca.crt', certificate],
			['namespace', 'shop\n'],
		] as const)
			await writeFile(path.join(folder, name), content);
		expect(await readPodAccount({ namespace: '', folder, environment })).toEqual({
			serverUrl: 'https://[fd00::1]',
			certificateAuthority: certificate,
			bearerToken: '',
			bearerTokenFile: path.join(folder, 'token'),
			namespace: 'shop',
		});
	});

	it.each([
		['without its variables', { environment: {} }, /KUBERNETES_SERVICE_HOST/],
		['without its files', { environment, folder: '/nowhere' }, /cannot be read/],
	])('is refused outside of a pod: %s', async (_name, options, problem) => {
		await expect(readPodAccount({ namespace: '', folder, ...options })).rejects.toThrow(refusal(problem));
	});
});
