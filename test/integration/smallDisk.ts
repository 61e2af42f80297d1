import { execFileSync, spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';

/** Puts a disk of a few megabytes in the place of an empty folder. Undefined, and said aloud, where that is not permitted: it takes root. */
export function mountSmallDisk(folder: string, megabytes: number): { unmount(): void } | undefined {
	const { uid, gid } = statSync(folder);
	const options = `size=${megabytes}m,uid=${uid},gid=${gid},mode=700`;
	if (spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]).status !== 0) {
		process.stderr.write('SKIPPED: a test of a full disk: mounting a small one takes root\n');
		return undefined;
	}
	return { unmount: () => void execFileSync('umount', ['--lazy', folder]) };
}
