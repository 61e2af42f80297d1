/** Whether a driver's error carries an SQLSTATE that is, or begins with, one of these. */
export function isSqlState(error: unknown, ...states: readonly string[]): boolean {
	const state = sqlStateOf(error);
	return state !== undefined && states.some((candidate) => state.startsWith(candidate));
}

/** The five-character SQLSTATE of a server's error; undefined for everything else (also for a lost connection). */
export function sqlStateOf(error: unknown): string | undefined {
	const code = fieldOf(error, 'code');
	return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && fieldOf(error, 'severity') !== undefined
		? code
		: undefined;
}

/** The first line of an error, without the engine's trace; `detail` is left out because it quotes rows. */
export function problemOf(error: unknown): string {
	const message = fieldOf(error, 'message') ?? error;
	const lines = typeof message === 'string' ? message.split('\n') : [];
	const line = lines.find((text) => text.trim() !== '' && text !== 'external connector error') ?? '';
	if (line !== '') return line.replace(/^(Error querying the database: )?(ERROR: )?/, '');
	// A refused connection comes as an AggregateError without a message.
	const code = fieldOf(error, 'code');
	return typeof code === 'string' ? code : 'no message';
}

/** A property of an error, whatever class it is of. */
export function fieldOf(error: unknown, name: string): unknown {
	return error !== null && typeof error === 'object' ? (error as Readonly<Record<string, unknown>>)[name] : undefined;
}
