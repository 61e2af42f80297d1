/** What a container wrote, the latest lines of it, kept in memory. */
export interface ContainerLog {
	append(text: string): void;
	select(selection: LogSelection): readonly LogLine[];
	/** Calls back for each line to come, until the returned function is called. */
	follow(onLine: (line: LogLine) => void): () => void;
}

export interface LogLine {
	readonly at: Date;
	readonly text: string;
}

export interface LogSelection {
	/** Absent: all. */
	readonly tailLines?: number;
	/** Absent: from the beginning. */
	readonly since?: Date;
}

const keptLines = 5_000;
const longestLine = 16 * 1024;

/** Makes an empty log of at most 5000 lines of 16 KiB. */
export function createContainerLog(): ContainerLog {
	const lines: LogLine[] = [];
	const followers = new Set<(line: LogLine) => void>();
	return {
		append(text) {
			const line = { at: new Date(), text: text.slice(0, longestLine) };
			lines.push(line);
			if (lines.length > keptLines) lines.shift();
			for (const follower of followers) follower(line);
		},
		select({ tailLines, since }) {
			const recent = since ? lines.filter(({ at }) => at >= since) : lines;
			return tailLines === undefined ? [...recent] : tailLines === 0 ? [] : recent.slice(-tailLines);
		},
		follow(onLine) {
			followers.add(onLine);
			return () => followers.delete(onLine);
		},
	};
}
