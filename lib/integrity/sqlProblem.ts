/** The five-character SQLSTATE of a server's error; undefined for everything else, also for a lost connection. */
export function sqlStateOf(error: unknown): string | undefined {
	const { code, severity } = (error ?? {}) as { readonly code?: unknown; readonly severity?: unknown };
	return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && severity !== undefined ? code : undefined;
}

/** Classes whose message is about the query and its rights, not about rows: they may be told. */
const TELLABLE = /^(28|3D|42|53|55|57)/;

/** Why something could not be measured; the server's message only where it cannot quote a row. */
export function describeProblem(error: unknown): string {
	const state = sqlStateOf(error);
	const { message, code } = (error ?? {}) as { readonly message?: unknown; readonly code?: unknown };
	if (state !== undefined && !TELLABLE.test(state)) return `SQLSTATE ${state}`;
	const text = typeof message === 'string' ? (message.split('\n')[0] ?? '') : '';
	const told = text === '' && typeof code === 'string' ? code : text;
	return state === undefined ? told : `${told} (SQLSTATE ${state})`;
}
