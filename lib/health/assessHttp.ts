import { isDeepStrictEqual } from 'node:util';
import type { HttpAnswer, HttpTarget, ProbeResult } from './model';

/** Decides whether an answer is the healthy one: status, then JSON, then text, then version. The first thing wrong is the reason. */
export function assessHttp(target: HttpTarget, answer: HttpAnswer): ProbeResult {
	const problem = findProblem(target, answer);
	return problem === undefined
		? { outcome: 'ok', reason: `status ${answer.status}` }
		: { outcome: 'failed', reason: problem };
}

function findProblem(target: HttpTarget, answer: HttpAnswer): string | undefined {
	const { status, body, contentType } = answer;
	if (status !== target.expectedStatus) {
		const redirected = status >= 300 && status < 400 ? ' (redirects are not followed)' : '';
		return `status ${status}, expected ${target.expectedStatus}${redirected}`;
	}
	if (body === undefined) return 'the body is larger than 1 MiB';
	if (target.textContains !== undefined && !body.includes(target.textContains))
		return `the body does not hold ${shown(target.textContains)}`;
	if (!target.expectJson) return undefined;
	if (contentType === 'text/html') return 'an HTML page where JSON was expected';
	const json = parse(body);
	if (json === undefined) return 'the body is not JSON';
	return findWrongVersion(target, json.value) ?? findWrongValue(target, json.value);
}

function findWrongVersion({ expectedVersion, versionPath }: HttpTarget, json: unknown): string | undefined {
	if (expectedVersion === undefined) return undefined;
	const found = readPath(json, versionPath);
	return found === expectedVersion
		? undefined
		: `${versionPath} is ${shown(found)}, expected ${shown(expectedVersion)}`;
}

function findWrongValue({ jsonAssertions }: HttpTarget, json: unknown): string | undefined {
	for (const { path, equals } of jsonAssertions) {
		const found = readPath(json, path);
		if (!isDeepStrictEqual(found, equals)) return `${path} is ${shown(found)}, expected ${shown(equals)}`;
	}
	return undefined;
}

function parse(text: string): { readonly value: unknown } | undefined {
	try {
		return { value: JSON.parse(text) as unknown };
	} catch {
		return undefined;
	}
}

function readPath(json: unknown, path: string): unknown {
	return path.split('.').reduce<unknown>((value, key) => {
		if (value === null || typeof value !== 'object' || !Object.hasOwn(value, key)) return undefined;
		return (value as Record<string, unknown>)[key];
	}, json);
}

/** An extract only: a whole body may hold what must not be stored. */
function shown(value: unknown): string {
	if (value === undefined) return 'missing';
	const text = JSON.stringify(value);
	return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
