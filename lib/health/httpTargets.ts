import { z } from 'zod';
import type { HttpTarget } from './model';

const text = z.string().min(1, 'must not be empty');

const httpUrl = z
	.string()
	.url('must be an absolute URL')
	.refine((value) => /^https?:\/\//i.test(value), 'must start with http:// or https://');

const httpTarget = z
	.object({
		name: text,
		url: httpUrl,
		method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']).default('GET'),
		headers: z.record(z.string()).default({}),
		/** An object is sent as JSON. */
		body: z.union([z.string(), z.record(z.unknown()), z.array(z.unknown())]).optional(),
		expectedStatus: z.number().int().min(100).max(599).default(200),
		jsonAssertions: z.array(z.object({ path: text, equals: z.unknown() }).strict()).default([]),
		textContains: text.optional(),
		expectedVersion: text.optional(),
		versionPath: text.default('version'),
		expectJson: z.boolean().optional(),
		/** Where a text is expected, it tells the right page from a wrong one. */
		allowHtml: z.boolean().optional(),
		external: z.boolean().default(false),
		certificateDays: z.number().min(0).max(3650).optional(),
		certificateAuthority: z.string().includes('-----BEGIN CERTIFICATE-----').optional(),
	})
	.strict()
	.refine(({ url, certificateDays }) => certificateDays === undefined || /^https:/i.test(url), {
		path: ['certificateDays'],
		message: 'an address without https has no certificate',
	})
	.transform((parsed): HttpTarget => {
		const { body, textContains, expectedVersion, expectJson, allowHtml, headers, jsonAssertions, ...rest } = parsed;
		const { certificateDays, certificateAuthority, external, ...plain } = rest;
		const isText = body === undefined || typeof body === 'string';
		return {
			...plain,
			jsonAssertions: jsonAssertions.map(({ path, equals }) => ({ path, equals: equals ?? null })),
			headers: isText ? headers : { 'content-type': 'application/json', ...headers },
			expectJson: expectJson ?? (jsonAssertions.length > 0 || expectedVersion !== undefined),
			allowHtml: allowHtml ?? textContains !== undefined,
			...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
			...(textContains === undefined ? {} : { textContains }),
			...(expectedVersion === undefined ? {} : { expectedVersion }),
			...(certificateDays === undefined ? {} : { certificateDays }),
			...(certificateAuthority === undefined ? {} : { certificateAuthority }),
			...(external ? { external } : {}),
		};
	});

/** The parameter `targets`: at least one target, each with a name of its own. */
export const httpTargets = z
	.array(httpTarget)
	.min(1, 'there is no target: nothing would be checked')
	.superRefine((targets, context) => {
		const names = targets.map(({ name }) => name);
		const index = names.findIndex((name, position) => names.indexOf(name) !== position);
		if (index >= 0)
			context.addIssue({ code: 'custom', path: [index, 'name'], message: `"${names[index]}" is named twice` });
	});
