const MASK = '***';
const URL_USERINFO = /([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s@]+@/gi;
const AUTHORIZATION = /\b(bearer|basic)\s+[\w.~+/=-]{6,}/gi;

/**
 * Text with every known secret masked, and whatever looks like a password in a URL or an Authorization header too.
 * `secrets` are literal values from credentials; those shorter than 4 characters are left alone (masking "a" would maul the text).
 */
export function redact(text: string, secrets: readonly string[] = []): string {
	const known = secrets
		.filter((secret) => secret.length >= 4)
		.flatMap((secret) => [secret, encodeURIComponent(secret)]);
	const masked = [...new Set(known)]
		.sort((a, b) => b.length - a.length)
		.reduce((result, secret) => result.replaceAll(secret, MASK), text);
	return masked.replaceAll(URL_USERINFO, `$1:${MASK}@`).replaceAll(AUTHORIZATION, `$1 ${MASK}`);
}

/** The same for every string inside a JSON value. */
export function redactJson<T>(value: T, secrets: readonly string[]): T {
	if (typeof value === 'string') return redact(value, secrets) as T;
	if (Array.isArray(value)) return value.map((entry: unknown) => redactJson(entry, secrets)) as T;
	if (value !== null && typeof value === 'object' && !(value instanceof Date)) {
		return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, redactJson(entry, secrets)])) as T;
	}
	return value;
}
