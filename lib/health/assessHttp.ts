import { isDeepStrictEqual } from 'node:util';
import type { HttpAnswer, HttpTarget, ProbeResult } from './model';

export interface AskedHow {
	readonly now: Date;
	/** Whether redirects were followed, up to the limit of the client. */
	readonly followRedirects: boolean;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** Decides whether an answer is the healthy one: status, then certificate, text, JSON, version. The first thing wrong is the reason. */
export function assessHttp(target: HttpTarget, answer: HttpAnswer, how: AskedHow): ProbeResult {
	const status = findWrongStatus(target, answer, how);
	const certificate = findOldCertificate(target, answer, how);
	const body = findWrongBody(target, answer);
	const problem = status ?? certificate ?? body;
	if (problem === undefined) return { outcome: 'ok', reason: `status ${answer.status}` };
	const dated = status === undefined && body === undefined;
	return { outcome: 'failed', reason: problem, ...(dated ? { dated } : {}) };
}

function findWrongStatus(
	{ expectedStatus }: HttpTarget,
	{ status }: HttpAnswer,
	{ followRedirects }: AskedHow,
): string | undefined {
	if (status === expectedStatus) return undefined;
	const why = followRedirects ? 'redirected too often' : 'redirects are not followed';
	return `status ${status}, expected ${expectedStatus}${status >= 300 && status < 400 ? ` (${why})` : ''}`;
}

function findOldCertificate(
	{ certificateDays }: HttpTarget,
	{ certificateEndsAt }: HttpAnswer,
	{ now }: AskedHow,
): string | undefined {
	if (certificateDays === undefined) return undefined;
	if (certificateEndsAt === null) return 'there was no certificate to look at';
	const daysLeft = (certificateEndsAt.getTime() - now.getTime()) / DAY_MS;
	if (daysLeft >= certificateDays) return undefined;
	return `the certificate ends in ${daysLeft.toFixed(1)} days, at least ${certificateDays} are wanted`;
}

function findWrongBody(target: HttpTarget, { body, contentType }: HttpAnswer): string | undefined {
	if (body === undefined) return 'the body is larger than 1 MiB';
	if (target.textContains !== undefined && !body.includes(target.textContains))
		return `the body does not hold ${shown(target.textContains)}`;
	if (contentType === 'text/html' && target.expectJson) return 'an HTML page where JSON was expected';
	if (contentType === 'text/html' && !target.allowHtml)
		return 'an HTML page, as a login or an error would be: expect a text of it, or allow it';
	if (!target.expectJson) return undefined;
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
