const MAXIMUM_LENGTH = 600;

/**
 * What pg_dump or pg_restore complained about, in at most 600 characters. Rows of the database must not reach a log: PostgreSQL
 * quotes them in DETAIL and CONTEXT lines and behind `COPY failed for table …`, so only the tools' own error lines are kept.
 */
export function summarizeStderr(stderr: string): string {
	const lines = stderr
		.split('\n')
		.filter((line) => /^pg_(dump|restore): (error:|detail: Error message from server:)/.test(line))
		.map((line) =>
			line.replace(/^pg_\w+: (error: |detail: )/, '').replace(/(COPY failed for table "[^"]*").*/, '$1'),
		);
	const summary = lines.join('; ') || 'it gave no reason';
	return summary.length > MAXIMUM_LENGTH ? `${summary.slice(0, MAXIMUM_LENGTH)}…` : summary;
}
