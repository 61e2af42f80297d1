import { z } from 'zod';
import { namesIn } from './fillValues';
import { JSON_POINTER } from './jsonPointer';
import type { Extraction, JourneyStep, JsonValue } from './model';

/** Always there: the accounts of the credential, and a mark of the run. */
export const GIVEN_NAMES = ['user', 'password', 'otherUser', 'otherPassword', 'run'] as const;

const text = z.string().min(1, 'must not be empty');
const status = z.number().int().min(100).max(599);
const pointer = z.string().regex(JSON_POINTER, 'must be a JSON pointer such as /data/id');
const headerName = z.string().regex(/^[!#$%&'*+.^_`|~\w-]+$/, 'is no name of a header');
const json: z.ZodType<JsonValue> = z.lazy(() =>
	z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(json), z.record(json)]),
);

const extraction = z.union([
	pointer.transform((value): Extraction => ({ pointer: value, show: false })),
	z.object({ pointer, show: z.boolean().default(false) }).strict(),
]);

const expectation = z
	.object({
		status: z.union([status, z.array(status).min(1)]).default(200),
		json: z.record(pointer, json).default({}),
		bytesOf: text.optional(),
	})
	.strict()
	.default({});

const step = z
	.object({
		name: text,
		method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']).default('GET'),
		path: z.string().startsWith('/', 'must start with /'),
		headers: z.record(headerName, z.string()).default({}),
		body: json.optional(),
		file: z
			.object({
				field: text.default('file'),
				name: text.default('journey.bin'),
				contentType: text.default('application/octet-stream'),
				sizeBytes: z.number().int().min(1).max(1_048_576).default(4096),
			})
			.strict()
			.optional(),
		expect: expectation,
		extract: z.record(z.string().regex(/^[A-Za-z]\w*$/, 'is no name'), extraction).default({}),
		timing: z
			.object({ samples: z.number().int().min(2).max(200), p95Ms: z.number().positive().optional() })
			.strict()
			.optional(),
		retry: z.boolean().default(true),
		cleanup: z.boolean().default(false),
	})
	.strict()
	.transform(({ body, file, timing, expect, ...rest }): JourneyStep => ({
		...rest,
		expect: {
			statuses: [expect.status].flat(),
			json: expect.json,
			...(expect.bytesOf === undefined ? {} : { bytesOf: expect.bytesOf }),
		},
		...(body === undefined ? {} : { body }),
		...(file === undefined ? {} : { file }),
		...(timing === undefined
			? {}
			: {
					timing: {
						samples: timing.samples,
						...(timing.p95Ms === undefined ? {} : { p95Ms: timing.p95Ms }),
					},
				}),
	}));

/** The parameter `steps`, checked as a whole: whatever a step uses, an earlier one gave. */
export const journeySteps = z.array(step).superRefine((steps, context) => {
	const known = new Set<string>(GIVEN_NAMES);
	const names = new Set<string>();
	const files = new Set<string>();
	if (steps.every(({ cleanup }) => cleanup)) complain([], 'there is no step: nothing would be checked');
	for (const [index, one] of steps.entries()) {
		const { name, method, path, headers, body, file, expect, extract, timing, cleanup } = one;
		if (names.has(name)) complain([index, 'name'], `"${name}" is named twice`);
		names.add(name);
		const missing = namesIn([path, ...Object.values(headers), body ?? null, expect.json]).find(
			(asked) => !known.has(asked),
		);
		if (missing !== undefined)
			complain([index], `\${${missing}} is neither given nor extracted by an earlier step`);
		if (body !== undefined && file) complain([index], 'it has a body and a file: one of them can be sent');
		if (method === 'GET' && (body !== undefined || file)) complain([index], 'a GET sends no body');
		if (timing && method !== 'GET' && method !== 'HEAD') complain([index, 'timing'], 'only a GET may be repeated');
		if (timing && cleanup) complain([index, 'timing'], 'a clean-up step is asked once');
		if (expect.bytesOf !== undefined && !files.has(expect.bytesOf))
			complain([index, 'expect', 'bytesOf'], `no earlier step "${expect.bytesOf}" sends a file`);
		const taken = Object.keys(extract).find((extracted) => known.has(extracted));
		if (taken !== undefined) complain([index, 'extract', taken], 'this name stands for something already');
		for (const extracted of Object.keys(extract)) known.add(extracted);
		if (file) files.add(name);
	}

	function complain(path: Array<string | number>, message: string): void {
		context.addIssue({ code: 'custom', path, message });
	}
});
