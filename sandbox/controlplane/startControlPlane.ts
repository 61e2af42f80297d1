import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createCleanups } from '../cleanups.ts';
import type { ApiAddress } from '../kubelet/connectToApi.ts';
import { reservePort } from '../reservePort.ts';
import { startDaemon } from '../startDaemon.ts';
import type { Daemon, DaemonOptions } from '../startDaemon.ts';
import { createIdentities } from './createIdentities.ts';
import type { Identities } from './createIdentities.ts';
import { waitUntilReady } from './waitUntilReady.ts';

export interface ControlPlaneOptions {
	/** For data and keys; deleted by `stop()`. */
	readonly directory: string;
	/** Folders that hold etcd, kube-apiserver and kube-controller-manager, separated as PATH is. */
	readonly programs: string;
}

export interface ControlPlane extends ApiAddress {
	stop(): Promise<void>;
}

/**
 * Those of the controllers that the sandbox's API has too, and quota. Without the node lifecycle: the nodes of the tests are played
 * and send no heartbeat. Without the one of service accounts: no pod of ours has one.
 */
const controllers = [
	'deployment-controller',
	'replicaset-controller',
	'job-controller',
	'endpointslice-controller',
	'garbage-collector-controller',
	'namespace-controller',
	'resourcequota-controller',
];

/**
 * Starts a real Kubernetes control plane on loopback: etcd, an API server with token authentication and RBAC, and the controller
 * manager. It has no scheduler and no node: a kubelet binds pods itself.
 *
 * @throws when a program is missing or one of them is not ready in time; the message quotes its last lines.
 */
export async function startControlPlane({ directory, programs }: ControlPlaneOptions): Promise<ControlPlane> {
	const cleanups = createCleanups();
	await mkdir(directory, { recursive: true, mode: 0o700 });
	cleanups.add('control plane folder', () => rm(directory, { recursive: true, force: true }));
	const start = async (options: Omit<Program, 'directory' | 'programs'>): Promise<void> => {
		const daemon = await startProgram({ ...options, directory, programs });
		cleanups.add(options.command, () => daemon.stop());
	};
	try {
		const [etcdPort, peerPort, port, managerPort] = await Promise.all([
			reservePort(),
			reservePort(),
			reservePort(),
			reservePort(),
		]);
		const url = `https://127.0.0.1:${port}`;
		const token = randomBytes(24).toString('base64url');
		const identities = await createIdentities(directory, { url, token });
		await start({
			command: 'etcd',
			args: etcdArguments(join(directory, 'etcd'), { etcdPort, peerPort }),
			readyPattern: /serving client traffic/,
		});
		await start({
			command: 'kube-apiserver',
			args: apiServerArguments(identities, { port, etcdPort }),
			readyPattern: /Serving securely on/,
		});
		const address = { url, ca: identities.ca, token };
		await waitUntilReady(address, 60_000);
		await start({
			command: 'kube-controller-manager',
			args: managerArguments(identities, managerPort),
			readyPattern: /Serving securely on/,
		});
		return { ...address, stop: () => cleanups.run() };
	} catch (error) {
		await cleanups.run();
		throw error;
	}
}

interface Program {
	readonly directory: string;
	readonly programs: string;
	readonly command: string;
	readonly args: readonly string[];
	readonly readyPattern: DaemonOptions['readyPattern'];
}

async function startProgram({ directory, programs, command, args, readyPattern }: Program): Promise<Daemon> {
	return await startDaemon({
		name: command,
		command,
		args,
		cwd: directory,
		env: { PATH: programs, HOME: directory },
		readyPattern,
		readyTimeoutMs: 60_000,
		stopSignal: 'SIGTERM',
		// An API server drains for a while; nobody waits for ours.
		stopTimeoutMs: 2_000,
	});
}

function etcdArguments(folder: string, { etcdPort, peerPort }: { etcdPort: number; peerPort: number }): string[] {
	return [
		`--data-dir=${folder}`,
		`--listen-client-urls=http://127.0.0.1:${etcdPort}`,
		`--advertise-client-urls=http://127.0.0.1:${etcdPort}`,
		`--listen-peer-urls=http://127.0.0.1:${peerPort}`,
		`--initial-advertise-peer-urls=http://127.0.0.1:${peerPort}`,
		`--initial-cluster=default=http://127.0.0.1:${peerPort}`,
		'--logger=zap',
	];
}

function apiServerArguments(
	{ certificateFile, keyFile, tokensFile, signingKeyFile }: Identities,
	{ port, etcdPort }: { port: number; etcdPort: number },
): string[] {
	return [
		`--etcd-servers=http://127.0.0.1:${etcdPort}`,
		'--bind-address=127.0.0.1',
		`--secure-port=${port}`,
		`--tls-cert-file=${certificateFile}`,
		`--tls-private-key-file=${keyFile}`,
		`--token-auth-file=${tokensFile}`,
		'--authorization-mode=RBAC',
		'--service-account-issuer=https://kubernetes.default.svc',
		`--service-account-key-file=${signingKeyFile}`,
		`--service-account-signing-key-file=${signingKeyFile}`,
		'--service-cluster-ip-range=198.19.0.0/16',
		// There is one API server, on an address that no Endpoints object may carry.
		'--endpoint-reconciler-type=none',
		// It would refuse pods until a controller has made the namespace's account, and mount its token into each.
		'--disable-admission-plugins=ServiceAccount',
	];
}

function managerArguments({ kubeconfigFile, signingKeyFile }: Identities, port: number): string[] {
	return [
		`--kubeconfig=${kubeconfigFile}`,
		`--service-account-private-key-file=${signingKeyFile}`,
		'--bind-address=127.0.0.1',
		`--secure-port=${port}`,
		'--leader-elect=false',
		`--controllers=${controllers.join(',')}`,
	];
}
