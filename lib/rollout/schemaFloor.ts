import { z } from 'zod';
import type { Cluster } from './cluster';
import { rollbackErrors } from './errors';
import { fenceOperations, FLOOR_ANNOTATION, RECORD_ANNOTATION } from './fence';
import { imageDigest } from './imageDigest';
import type { Fence, ReleaseSet, ServiceFacts, TargetImage, WorkloadRecord } from './model';
import { patchUntilWritten } from './patchUntilWritten';

const FLOOR = z.object({
	release: z.string(),
	token: z.number(),
	/** The oldest version that can run on the schema. */
	version: z.string(),
	/** Its digest, for this workload. */
	digest: z.string(),
	/** ISO 8601. */
	since: z.string(),
});

/** What a Service's record says of itself. */
const RECORDED = z.object({ token: z.number(), live: z.object({ digest: z.string() }) });

/** What an older version would need is no longer in the schema. */
export type SchemaFloorMark = Readonly<z.infer<typeof FLOOR>>;

/**
 * Leaves word of the floor on every Service, so that a rollback without a ledger knows it, too. Writing it again writes nothing.
 * @throws RunbookError ROLLOUT.FENCED_OUT and what the calls throw
 */
export async function writeSchemaFloor(
	cluster: Cluster,
	{ namespace, workloads }: ReleaseSet,
	{
		floor,
		images,
		fence,
	}: { floor: Omit<SchemaFloorMark, 'digest'>; images: readonly TargetImage[]; fence: Fence | undefined },
): Promise<void> {
	for (const { service: name } of workloads) {
		const image = images.find(({ workload }) => workload === name)?.image ?? '';
		const value = JSON.stringify({ ...floor, digest: imageDigest(image) ?? '' });
		await patchUntilWritten<ServiceFacts>({
			read: async () => await cluster.readService(namespace, name),
			decide: (service) =>
				service.annotations[FLOOR_ANNOTATION] === value
					? undefined
					: fenceOperations(service, {
							kind: 'Service',
							fence,
							annotations: { [FLOOR_ANNOTATION]: value },
						}),
			patch: async (operations) => await cluster.patchService(namespace, name, operations),
		});
	}
}

/**
 * Whether the record may be gone back to: it is the version that raised the floor, or the Service's own record says that it was live when a
 * later release began. A mark that cannot be read stands in the way like one that can.
 * @throws RunbookError ROLLBACK.BELOW_SCHEMA_FLOOR
 */
export function refuseBelowSchemaFloor({ annotations, name }: ServiceFacts, { live }: WorkloadRecord): void {
	const text = annotations[FLOOR_ANNOTATION];
	if (text === undefined) return;
	const floor = parse(FLOOR, text);
	if (floor?.digest === live.digest) return;
	const own = parse(RECORDED, annotations[RECORD_ANNOTATION] ?? '');
	if (floor && own?.live.digest === live.digest && own.token > floor.token) return;
	throw rollbackErrors.BELOW_SCHEMA_FLOOR({
		service: name,
		recorded: live.digest,
		version: floor?.version ?? 'an unknown version',
		release: floor?.release ?? 'an unknown release',
		since: floor?.since ?? 'an unknown time',
	});
}

function parse<Schema extends z.ZodTypeAny>(schema: Schema, text: string): z.output<Schema> | undefined {
	try {
		const parsed = schema.safeParse(JSON.parse(text));
		return parsed.success ? (parsed.data as z.output<Schema>) : undefined;
	} catch {
		return undefined;
	}
}
