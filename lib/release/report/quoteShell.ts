const PLAIN = /^[\w@%+=:,./-]+$/;

/** Text as one word of a POSIX shell: as it is when no character means anything there, else in single quotes. */
export function quoteShell(text: string): string {
	return PLAIN.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
