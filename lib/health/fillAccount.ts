import type { HttpTarget } from './model';

/** A synthetic account, for checks that log in. */
export interface Account {
	readonly user: string;
	readonly password: string;
}

/** The target with `${user}` and `${password}` in its body replaced; escaped when the body is JSON. */
export function fillAccount(target: HttpTarget, { user, password }: Account): HttpTarget {
	if (target.body === undefined) return target;
	const isJson = Object.entries(target.headers).some(
		([name, value]) => name.toLowerCase() === 'content-type' && value.includes('json'),
	);
	const escape = (text: string): string => (isJson ? JSON.stringify(text).slice(1, -1) : text);
	const values: Readonly<Record<string, string>> = { user: escape(user), password: escape(password) };
	return {
		...target,
		body: target.body.replaceAll(/\$\{(user|password)\}/g, (whole, name: string) => values[name] ?? whole),
	};
}
