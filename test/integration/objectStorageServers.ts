import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ObjectStorageConnection } from '../../lib/storage/model';
import { sandboxEndpoints } from '../support/sandboxEndpoints';

/** A real S3-compatible server, and what it can do. */
export interface StorageServer {
	readonly name: string;
	/** Copies parts of objects on the server, and heeds conditions. */
	readonly copiesParts: boolean;
	readonly keepsVersions: boolean;
	/** Keeps objects as files of their names: `a` and `a/b` cannot both be there, nor content under `a/`. */
	readonly isFileSystem: boolean;
	/** Lists uploads in parts that nobody finished or discarded. */
	readonly listsUploads: boolean;
	start(): Promise<{ readonly connection: ObjectStorageConnection; stop(): Promise<void> }>;
}

const s3rver: StorageServer = {
	name: "the sandbox's s3rver",
	copiesParts: false,
	keepsVersions: false,
	isFileSystem: false,
	listsUploads: false,
	start: async () => {
		const { endpoint, region, accessKeyId, secretAccessKey } = sandboxEndpoints().s3;
		const connection = { endpoint, region, accessKeyId, secretAccessKey };
		const stop = async (): Promise<void> => await Promise.resolve();
		return await Promise.resolve({
			connection: { ...connection, forcePathStyle: true, ignoreCertificate: false },
			stop,
		});
	},
};

/** versitygw, when the environment or PATH has it: `go install github.com/versity/versitygw/cmd/versitygw@v1.8.0`. */
const VERSITYGW = process.env.VERSITYGW ?? 'versitygw';

const versitygw: StorageServer = {
	name: 'versitygw',
	copiesParts: true,
	keepsVersions: true,
	isFileSystem: true,
	listsUploads: true,
	start: async () => {
		const folder = mkdtempSync(path.join(tmpdir(), 'versitygw-'));
		const [data, versions] = ['data', 'versions'].map((name) => mkdtempSync(path.join(folder, name)));
		const port = await freePort();
		const keys = { accessKeyId: 'VERSITYGW', secretAccessKey: 'versitygw-secret' };
		const child = spawn(
			VERSITYGW,
			['--port', `127.0.0.1:${port}`, '--quiet', 'posix', '--versioning-dir', String(versions), String(data)],
			{
				env: { ...process.env, ROOT_ACCESS_KEY: keys.accessKeyId, ROOT_SECRET_KEY: keys.secretAccessKey },
				stdio: 'ignore',
			},
		);
		const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
		const endpoint = `http://127.0.0.1:${port}`;
		while (
			!(await fetch(endpoint).then(
				() => true,
				() => false,
			))
		) {
			if (child.exitCode !== null) throw new Error('versitygw ended');
			await new Promise((resolve) => setTimeout(resolve, 50));
		}
		const stop = async (): Promise<void> => {
			child.kill();
			await exited;
			rmSync(folder, { recursive: true, force: true });
		};
		const connection = { endpoint, region: 'us-east-1', ...keys, forcePathStyle: true, ignoreCertificate: false };
		return { connection, stop };
	},
};

export async function freePort(): Promise<number> {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	await new Promise((resolve) => server.close(resolve));
	return port;
}

/** Those that this machine has. The second is said aloud when it is missing; the first is always there. */
export function storageServers(): StorageServer[] {
	if (spawnSync(VERSITYGW, ['--version']).status === 0) return [s3rver, versitygw];
	process.stderr.write(
		'SKIPPED: the tests of object storage against versitygw: it is neither in VERSITYGW nor on PATH\n',
	);
	return [s3rver];
}
