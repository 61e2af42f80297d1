/** RFC 6901: empty, or reference tokens that each begin with `/`; `~` only as `~0` or `~1`. */
export const JSON_POINTER = /^(?:\/(?:[^~/]|~[01])*)*$/;

/** What the pointer points to; undefined when there is nothing. */
export function readPointer(document: unknown, pointer: string): unknown {
	const tokens = pointer
		.split('/')
		.slice(1)
		.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
	return tokens.reduce<unknown>((value, token) => {
		if (value === null || typeof value !== 'object' || !Object.hasOwn(value, token)) return undefined;
		return (value as Record<string, unknown>)[token];
	}, document);
}
