import { z } from 'zod';
import { parameterErrors } from '../support/errors';

export const NAME = z.string().regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, 'not a Kubernetes name');
const COLOUR = z.enum(['blue', 'green']);
const PINNED = z.string().regex(/^[^@\s]+@sha256:[0-9a-f]{64}$/, 'not an image with a digest (repository@sha256:…)');

export const WORKLOADS = z
	.array(
		z.object({
			service: NAME,
			previewService: NAME,
			deployments: z.object({ blue: NAME, green: NAME }),
			container: NAME,
			repository: z.string().min(1),
			role: z.enum(['web', 'worker', 'cron', 'singleton', 'stateful']),
		}),
	)
	.min(1);
export const IMAGES = z.array(z.object({ workload: NAME, image: PINNED }));
export const WORKERS = z.array(
	z.object({
		name: NAME,
		role: z.enum(['worker', 'singleton']),
		workload: NAME,
		deployments: z.object({ blue: NAME, green: NAME }),
		container: NAME,
	}),
);
const LIVE = z.object({
	deployment: NAME,
	revision: z.string(),
	image: PINNED,
	digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
	replicas: z.number().int().nonnegative(),
});
const CONFIGURATION = z.object({
	templateHash: z.string(),
	references: z.array(z.string()),
	versions: z.record(z.string()),
});
export const RECORDS = z
	.array(
		z.object({
			service: NAME,
			liveColour: COLOUR,
			idleColour: COLOUR,
			live: LIVE,
			selector: z.record(z.string()),
			cluster: z.string().optional(),
			configuration: CONFIGURATION.optional(),
		}),
	)
	.min(1);
export const WORKER_RECORDS = z.array(
	z.object({
		worker: NAME,
		liveColour: COLOUR,
		idleColour: COLOUR,
		live: LIVE,
		configuration: CONFIGURATION.optional(),
	}),
);

/** A value, or its JSON text, checked against a schema. @throws RunbookError PARAMETER.INVALID naming the field inside it */
export function parse<Schema extends z.ZodTypeAny>(
	schema: Schema,
	{ field, value, remedy }: { field: string; value: unknown; remedy: string },
): z.output<Schema> {
	const parsed = schema.safeParse(fromJson(value, { field, remedy }));
	if (parsed.success) return parsed.data as z.output<Schema>;
	const [issue] = parsed.error.issues;
	const path = issue?.path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('') ?? '';
	throw parameterErrors.INVALID({ field: `${field}${path}`, problem: issue?.message ?? 'unreadable', remedy });
}

/** JSON text as a value; a value as it is. @throws RunbookError PARAMETER.INVALID */
export function fromJson(value: unknown, { field, remedy }: { field: string; remedy: string }): unknown {
	if (typeof value !== 'string') return value;
	try {
		return JSON.parse(value);
	} catch {
		throw parameterErrors.INVALID({ field, problem: 'it is not JSON', remedy });
	}
}
