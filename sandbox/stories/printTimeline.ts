import type { Story } from './runRelease.ts';

/** A release as a table: each step with when it began (seconds after the release), how long it took, and its verdict. */
export function printTimeline({ release, steps }: Story): string {
	const start = release.started_at.getTime();
	const rows = steps.map(({ step_key, state, started_at, finished_at, error }) => {
		const began = ((started_at.getTime() - start) / 1000).toFixed(1).padStart(7);
		const took = finished_at
			? ((finished_at.getTime() - started_at.getTime()) / 1000).toFixed(1).padStart(6)
			: '     –';
		return `  ${began} s ${took} s  ${step_key.padEnd(24)} ${state}${error?.code === undefined ? '' : `  ${error.code}`}`;
	});
	const total = release.finished_at ? ((release.finished_at.getTime() - start) / 1000).toFixed(1) : '–';
	return [
		`Release ${release.id} (version ${release.version}): ${release.state} after ${total} s`,
		'    began    took  step                     verdict',
		...rows,
	].join('\n');
}
