import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { releaseErrors } from './errors';
import type { Ledger } from './ledger';
import type { Release, ReleaseImage } from './model';
import type { Registry } from './registry.client';

/** What somebody asks for: through the form, the CI's webhook, or by hand in the editor. */
export interface ReleaseRequest {
	readonly environment: string;
	/** Image tag, e.g. `2026.11.23`. */
	readonly version: string;
	readonly commit: string;
	readonly startedBy: string;
	/** Digests from the CI's record; empty to resolve the version in the registry. */
	readonly images: readonly ReleaseImage[];
	readonly deliveryId: string;
}

export interface ReleasePlan {
	/** The environment that the configuration deploys to. */
	readonly expectedEnvironment: string;
	readonly workloads: ReadonlyArray<{ readonly service: string; readonly repository: string }>;
	readonly rehearsal: boolean;
	readonly executionId: string;
}

const requestSchema = z.object({
	environment: z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'lower-case letters, digits and dashes, e.g. production'),
	version: z.string().regex(/^[0-9A-Za-z_][0-9A-Za-z._-]{0,127}$/, 'an image tag, e.g. 2026.11.23'),
	commit: z.string().regex(/^([0-9a-f]{7,64})?$/, 'a Git commit id, or empty'),
	startedBy: z.string().trim().min(1, 'who starts the release').max(200),
	deliveryId: z.string().max(200),
	images: z.array(
		z.object({
			workload: z.string().min(1),
			image: z.string().regex(/@sha256:[0-9a-f]{64}$/, 'repository@sha256:…'),
		}),
	),
});

/**
 * Begins a release: validates the request as a whole, resolves its version to digests, and takes the environment's lock.
 * Answers with the release that stands when the environment is locked or the delivery already began one (`started: false`).
 * @throws RunbookError RELEASE.INVALID, ENVIRONMENT_UNKNOWN, VERSION_UNKNOWN, REGISTRY_UNREACHABLE, LEDGER_UNREACHABLE
 */
export async function beginRelease(
	ledger: Ledger,
	registry: Registry,
	{ request, plan }: { request: ReleaseRequest; plan: ReleasePlan },
): Promise<{ release: Release; started: boolean }> {
	const valid = validate(request);
	if (valid.environment !== plan.expectedEnvironment) {
		throw releaseErrors.ENVIRONMENT_UNKNOWN({ environment: valid.environment, expected: plan.expectedEnvironment });
	}
	const images = await resolveImages(registry, valid, plan);
	return await ledger.beginRelease({
		id: createReleaseId(valid.version),
		environment: valid.environment,
		version: valid.version,
		commit: valid.commit,
		images,
		startedBy: valid.startedBy,
		rehearsal: plan.rehearsal,
		deliveryId: plan.rehearsal ? '' : valid.deliveryId,
		executionId: plan.executionId,
	});
}

function validate(request: ReleaseRequest): z.infer<typeof requestSchema> {
	const parsed = requestSchema.safeParse(request);
	if (parsed.success) return parsed.data;
	const issue = parsed.error.issues[0];
	const field = issue?.path.join('.') ?? 'request';
	throw releaseErrors.INVALID({
		field,
		problem: 'it does not have the expected form',
		remedy: `Give ${issue?.message ?? 'a valid value'}`,
	});
}

async function resolveImages(
	registry: Registry,
	request: z.infer<typeof requestSchema>,
	plan: ReleasePlan,
): Promise<ReleaseImage[]> {
	return await Promise.all(
		plan.workloads.map(async ({ service, repository }) => {
			const recorded = request.images.find(({ workload }) => workload === service);
			if (request.images.length === 0) {
				return {
					workload: service,
					image: `${repository}@${await registry.resolveDigest(repository, request.version)}`,
				};
			}
			if (recorded?.image.startsWith(`${repository}@`)) return recorded;
			const problem = recorded
				? `${service} comes from another repository than ${repository}`
				: `${service} is missing`;
			throw releaseErrors.INVALID({
				field: 'images',
				problem,
				remedy: `Name ${repository}@sha256:… for ${service}`,
			});
		}),
	);
}

/** Readable, sortable by version, unique: `r-2026.11.23-4f9c2a`. */
function createReleaseId(version: string): string {
	return `r-${version}-${randomBytes(3).toString('hex')}`;
}
