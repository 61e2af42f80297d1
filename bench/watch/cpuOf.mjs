import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const TICKS_A_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** Processor seconds of n8n, its task runner included, since they started: those of our children that run its program, and theirs. */
export function cpuSecondsOfN8n() {
	const processes = readdirSync('/proc')
		.filter((name) => /^\d+$/.test(name))
		.flatMap((pid) => readProcess(pid) ?? []);
	const roots = processes.filter(({ parent, command }) => parent === process.pid && command.includes('n8n/bin/n8n'));
	if (roots.length !== 1) throw new Error(`${String(roots.length)} processes of n8n run, not one`);
	const tree = [...roots];
	for (const { pid } of tree) tree.push(...processes.filter(({ parent }) => parent === pid));
	return tree.reduce((sum, { ticks }) => sum + ticks, 0) / TICKS_A_SECOND;
}

/** Undefined for a process that ended meanwhile. */
function readProcess(pid) {
	try {
		const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
		// Its name stands in parentheses and may hold anything.
		const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
		return {
			pid: Number(pid),
			parent: Number(fields[1]),
			ticks: Number(fields[11]) + Number(fields[12]),
			command: readFileSync(`/proc/${pid}/cmdline`, 'utf8'),
		};
	} catch {
		return undefined;
	}
}
