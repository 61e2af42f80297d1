import { z } from 'zod';
import { releaseErrors } from './errors';

const image = z.object({
	workload: z.string().min(1),
	image: z.string().regex(/@sha256:[0-9a-f]{64}$/, 'repository@sha256:…'),
});

/** What somebody asks for: through the form, the CI's webhook, or by hand in the editor. */
const requestSchema = z
	.object({
		/**
		 * `begin` a release, `resume` one whose run died, `rehearse`: look at everything and change nothing, or `contract`: run the migrations
		 * that the version which serves held back.
		 */
		intent: z.enum(['begin', 'resume', 'rehearse', 'contract'], { message: 'begin, resume, rehearse or contract' }),
		environment: z
			.string()
			.regex(/^[a-z][a-z0-9-]{0,62}$/, 'lower-case letters, digits and dashes, e.g. production'),
		/** Image tag. Empty for a resume; not looked at to contract. */
		version: z.string().regex(/^([0-9A-Za-z_][0-9A-Za-z._-]{0,127})?$/, 'an image tag, e.g. 2026.11.23'),
		commit: z.string().regex(/^([0-9a-f]{7,64})?$/, 'a Git commit id, or empty'),
		startedBy: z.string().trim().min(1, 'who starts the release').max(200),
		/** Authors of the commits, by name or address: they may not approve. */
		authors: z.array(z.string().trim().min(1).max(200)).max(100, 'at most 100 authors'),
		/** The release to resume; empty otherwise. */
		releaseId: z.string().max(200),
		/** Starts although the change calendar is closed; null when nobody asks for that. */
		override: z
			.object({
				person: z.string().trim().min(1, 'who overrides the change calendar').max(200),
				reason: z.string().trim().min(1, 'why the change calendar is overridden').max(2000),
			})
			.nullable(),
		deliveryId: z.string().max(200),
		/** Digests from the CI's record; empty to resolve the version in the registry. */
		images: z.array(image),
	})
	.superRefine(({ intent, version, releaseId }, context) => {
		const isNamed = intent === 'contract' || version !== '';
		const missing = intent === 'resume' ? releaseId === '' && 'releaseId' : !isNamed && 'version';
		if (missing) {
			const message = missing === 'version' ? 'an image tag, e.g. 2026.11.23' : 'the id of the release to resume';
			context.addIssue({ code: 'custom', path: [missing], message });
		}
	});

export type ReleaseRequest = Readonly<z.infer<typeof requestSchema>>;

/** The request, trimmed and checked as a whole. @throws RunbookError RELEASE.INVALID naming the field and what it wants */
export function validateRequest(request: ReleaseRequest): ReleaseRequest {
	const parsed = requestSchema.safeParse(request);
	if (parsed.success) return parsed.data;
	const issue = parsed.error.issues[0];
	throw releaseErrors.INVALID({
		field: issue?.path.join('.') ?? 'request',
		problem: 'it does not have the expected form',
		remedy: `Give ${issue?.message ?? 'a valid value'}`,
	});
}
