// Where the programs of a real Kubernetes control plane are: in KUBEBUILDER_ASSETS (the convention of envtest), on PATH, or
// built here from Go modules into the user's cache, under the hash of sandbox/controlplane/go.mod and go.sum.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';

const MODULE = join(import.meta.dirname, '..', 'sandbox', 'controlplane');
const BUILT = ['kube-apiserver', 'kube-controller-manager'];
const PROGRAMS = ['etcd', ...BUILT];

/** The folders to look into, in order, as one text like PATH, and which programs none of them has. */
export function findControlPlane() {
	const folders = [process.env.KUBEBUILDER_ASSETS, builtFolder(), ...(process.env.PATH ?? '').split(delimiter)];
	const present = folders.filter((folder) => folder && PROGRAMS.some((name) => existsSync(join(folder, name))));
	const missing = PROGRAMS.filter((name) => !present.some((folder) => existsSync(join(folder, name))));
	return { programs: present.join(delimiter), missing };
}

/** Builds what is missing. @throws when there is no Go, or no etcd and no way to install it. */
export async function makeControlPlane() {
	const { missing } = findControlPlane();
	if (missing.includes('etcd')) await installEtcd();
	if (missing.some((name) => BUILT.includes(name))) await build();
	return findControlPlane().programs;
}

function builtFolder() {
	const hash = createHash('sha256');
	for (const file of ['go.mod', 'go.sum']) hash.update(readFileSync(join(MODULE, file)));
	return join(process.env.RUNBOOK_CACHE, `controlplane-${hash.digest('hex').slice(0, 16)}`);
}

/** The folder appears only when it is complete. */
async function build() {
	const target = builtFolder();
	const partial = `${target}.partial-${process.pid}`;
	mkdirSync(partial, { recursive: true });
	console.log(
		`building ${BUILT.join(' and ')} from Go modules; the first time takes half an hour on two cores and 4 GB of disk`,
	);
	const version = /^\s*k8s\.io\/kubernetes (v\d+\.\d+\.\d+)$/m.exec(readFileSync(join(MODULE, 'go.mod'), 'utf8'))[1];
	const [, major, minor] = /^v(\d+)\.(\d+)/.exec(version);
	const stamp = Object.entries({ gitVersion: version, gitMajor: major, gitMinor: minor })
		.map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`)
		.join(' ');
	try {
		await run(
			goProgram(),
			[
				...['build', '-mod=readonly', '-buildvcs=false', '-trimpath', '-ldflags', `-s -w ${stamp}`],
				...['-o', `${partial}/`, ...BUILT.map((name) => `k8s.io/kubernetes/cmd/${name}`)],
			],
			{ cwd: MODULE },
		);
		if (!existsSync(target)) renameSync(partial, target);
	} finally {
		rmSync(partial, { recursive: true, force: true });
	}
}

function goProgram() {
	const installed = '/usr/local/go/bin/go';
	return existsSync(installed) ? installed : 'go';
}

async function installEtcd() {
	const install = ['apt-get', 'install', '-y', '--no-install-recommends', 'etcd-server'];
	if (process.getuid?.() !== 0) throw new Error(`etcd is missing; install it: sudo ${install.join(' ')}`);
	// Run level 1 keeps Debian from starting the service it installs.
	const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
	await run('apt-get', ['update', '-qq'], { env });
	await run(install[0], install.slice(1), { env });
}

async function run(command, args, { cwd, env = process.env }) {
	const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'inherit', 'inherit'] });
	const code = await new Promise((resolve, reject) => {
		child.once('error', (error) => reject(new Error(`${command} could not be started: ${error.message}`)));
		child.once('exit', (exitCode) => resolve(exitCode ?? 1));
	});
	if (code !== 0) throw new Error(`${command} ended with ${code}`);
}
