import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';

/**
 * The guard outlives us: a shell that reads our end of a pipe and, when we die without a word (SIGKILL, crash), stops
 * the guarded processes and deletes the guarded directories. The last line it read holds everything it has to undo.
 */
const guardScript = `
trap '' INT TERM HUP
entries=
while IFS= read -r line; do entries=$line; done
IFS='	'
set -f
for entry in $entries; do case $entry in /*) ;; *) kill -INT "$entry" 2>/dev/null ;; esac; done
for entry in $entries; do
	case $entry in /*) continue ;; esac
	tries=0
	while kill -0 "$entry" 2>/dev/null; do
		tries=$((tries + 1))
		[ $tries -gt 50 ] && kill -KILL "$entry" 2>/dev/null && break
		sleep 0.1
	done
done
for entry in $entries; do
	case $entry in /*) ;; *) continue ;; esac
	tries=0
	while rm -rf "$entry"; [ -e "$entry" ] && [ $tries -lt 50 ]; do tries=$((tries + 1)); sleep 0.1; done
done
`;

const guarded = new Set<string>();
let guard: ChildProcess | undefined;

/** Has the process stopped (SIGINT, after 5 s SIGKILL) should this process die first. Returns the release to call when it ended. */
export function guardProcess(pid: number): () => void {
	return add(String(pid));
}

/** Has the directory (an absolute path) deleted should this process die first. Returns the release to call once it is gone. */
export function guardDirectory(path: string): () => void {
	if (!path.startsWith('/') || path.includes('\t') || path.includes('\n')) {
		throw new Error(`cannot guard the directory ${JSON.stringify(path)}: an absolute path without tabs is needed`);
	}
	return add(path);
}

function add(entry: string): () => void {
	guarded.add(entry);
	tell();
	return () => {
		if (guarded.delete(entry)) tell();
	};
}

function tell(): void {
	guard ??= startGuard();
	guard.stdin?.write(`${[...guarded].join('\t')}\n`);
	if (guarded.size > 0) return;
	guard.stdin?.end();
	guard = undefined;
}

function startGuard(): ChildProcess {
	const child = spawn('/bin/sh', ['-c', guardScript], {
		detached: true,
		stdio: ['pipe', 'ignore', 'ignore'],
		cwd: '/',
	});
	child.on('error', () => {});
	child.stdin?.on('error', () => {});
	child.unref();
	(child.stdin as unknown as { unref?: () => void } | null)?.unref?.();
	return child;
}
