import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { PostgresConnection } from '../support/postgres.client';
import { withCertificates } from './certificates.client';
import type { Tool } from './findTool.client';
import { libpqConninfo, libpqEnvironment } from './libpqConnection';
import { startTool, type ToolExit } from './tool.client';

export interface RestoreOutcome {
	readonly exit: ToolExit;
	/** Of the bytes read, whether or not pg_restore wanted them all. */
	readonly sizeBytes: number;
	readonly sha256: string;
}

interface RestoreOptions {
	readonly tool: Tool;
	readonly signal: AbortSignal;
	onBytes(bytes: number): void;
}

/**
 * Feeds an archive to pg_restore, the first error being fatal, and hashes what it reads. Owners, grants, comments, publications,
 * subscriptions and tablespaces are left out: they need roles or disks that a scratch server has not, and a subscription would connect.
 */
export async function restoreArchive(
	target: PostgresConnection,
	content: AsyncIterable<Uint8Array>,
	options: RestoreOptions,
): Promise<RestoreOutcome> {
	return await withCertificates(
		target,
		async (certificates) => await feedRestore(target, content, { ...options, certificates }),
	);
}

async function feedRestore(
	target: PostgresConnection,
	content: AsyncIterable<Uint8Array>,
	{ tool, signal, onBytes, certificates }: RestoreOptions & { certificates: string | undefined },
): Promise<RestoreOutcome> {
	const unread = new AbortController();
	const restore = startTool({
		path: tool.path,
		args: [
			'--format=custom',
			'--exit-on-error',
			'--no-password',
			'--no-owner',
			'--no-acl',
			'--no-comments',
			'--no-publications',
			'--no-subscriptions',
			'--no-security-labels',
			'--no-tablespaces',
			`--dbname=${libpqConninfo(target)}`,
		],
		env: libpqEnvironment(target, certificates),
		signal: AbortSignal.any([signal, unread.signal]),
		secrets: [target.password],
	});
	// With no reader its output would fill the pipe and stop it.
	restore.stdout.resume();
	const digest = createHash('sha256');
	let sizeBytes = 0;
	try {
		for await (const chunk of content) {
			digest.update(chunk);
			sizeBytes += chunk.length;
			onBytes(chunk.length);
			await write(restore.stdin, chunk);
		}
	} catch (error) {
		unread.abort();
		await restore.exit;
		throw error;
	}
	restore.stdin.end();
	return { exit: await restore.exit, sizeBytes, sha256: digest.digest('hex') };
}

/** Waits while the pipe is full; goes on without it once pg_restore has closed it, since the rest is still to be hashed. */
async function write(pipe: Writable, chunk: Uint8Array): Promise<void> {
	if (pipe.destroyed || pipe.write(chunk)) return;
	const settled = new AbortController();
	const events = ['drain', 'close'].map(async (event): Promise<void> => {
		await once(pipe, event, { signal: settled.signal });
	});
	await Promise.race(events).catch(() => undefined);
	settled.abort();
	await Promise.allSettled(events);
}
