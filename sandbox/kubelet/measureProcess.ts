import { readFileSync } from 'node:fs';

/** What a process uses: CPU in nanocores since the last look, memory that it holds in bytes. */
export interface ProcessUsage {
	readonly cpuNanoCores: number;
	readonly memoryBytes: number;
	readonly measuredAt: Date;
	/** What the CPU was measured over, in milliseconds. */
	readonly windowMs: number;
}

/** Linux counts a process's CPU in ticks of 1/100 s, and its memory in pages. */
const tickMs = 10;
const pageBytes = 4096;
/** Two looks closer to each other than this give the same answer: a rate over less is noise. */
const shortestWindowMs = 1_000;

/** Measures a process as a kubelet measures a container. Undefined when it is gone, or the system has no /proc. */
export function createProcessMeter(pid: number | undefined, startedAt: Date): () => ProcessUsage | undefined {
	let basis = { atMs: startedAt.getTime(), cpuMs: 0 };
	let latest: ProcessUsage | undefined;
	return () => {
		const read = pid === undefined ? undefined : readProcess(pid);
		if (!read) return undefined;
		const now = new Date();
		const windowMs = now.getTime() - basis.atMs;
		if (windowMs < shortestWindowMs && latest) return latest;
		const cpuNanoCores = Math.round(((read.cpuMs - basis.cpuMs) / Math.max(windowMs, 1)) * 1e9);
		basis = { atMs: now.getTime(), cpuMs: read.cpuMs };
		latest = { cpuNanoCores, memoryBytes: read.memoryBytes, measuredAt: now, windowMs };
		return latest;
	};
}

function readProcess(pid: number): { cpuMs: number; memoryBytes: number } | undefined {
	try {
		// The command's name, in parentheses, may hold spaces: the fields are counted from behind it.
		const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
		const [user, system, resident] = [fields[11], fields[12], fields[21]].map(Number);
		if (user === undefined || system === undefined || resident === undefined) return undefined;
		return { cpuMs: (user + system) * tickMs, memoryBytes: resident * pageBytes };
	} catch {
		return undefined;
	}
}
