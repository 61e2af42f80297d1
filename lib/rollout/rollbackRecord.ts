import { z } from 'zod';
import { parameterErrors } from '../support/errors';
import type { Fence, LiveRecord, ReleaseSet, TargetImage, WorkloadRecord } from './model';
import { IMAGES, parse, RECORDS, WORKLOADS } from './schemas';

/** Names the format, so that a later version of the package tells it from its own. */
const FORMAT = 'deployment-runbook/rollback-record@1';

/** Everything that a rollback needs to know when nobody can be asked any more. */
export interface RollbackRecord {
	/** The release that would be rolled back; empty when the record was taken without one. */
	readonly release: string;
	readonly set: ReleaseSet;
	/** What the release deploys; empty when unknown: then whatever is live is rolled back. */
	readonly images: readonly TargetImage[];
	readonly record: LiveRecord;
}

const REMEDY = 'Give the file that "Record Live" wrote to object storage (record.json)';
const DOCUMENT = z.object({
	format: z.literal(FORMAT),
	release: z.string(),
	namespace: z.string().min(1),
	workloads: WORKLOADS,
	images: IMAGES,
	record: RECORDS,
});
/** What a Service's annotation holds besides its record. */
const ANNOTATED = z.object({
	release: z.string().default(''),
	token: z.number().default(0),
	order: z.number().int().nonnegative(),
	workload: WORKLOADS.element,
	image: z.string().optional(),
});

/** The record as one JSON document, for object storage. */
export function writeRollbackRecord({ release, set, images, record }: RollbackRecord): string {
	const { namespace, workloads } = set;
	return JSON.stringify({ format: FORMAT, release, namespace, workloads, images, record: record.workloads }, null, 2);
}

/** Reads it back. @throws RunbookError PARAMETER.INVALID naming the field */
export function parseRollbackRecord(text: string): RollbackRecord {
	const { release, namespace, workloads, images, record } = parse(DOCUMENT, {
		field: 'record',
		value: text,
		remedy: REMEDY,
	});
	return { release, set: { namespace, workloads }, images, record: { workloads: record } };
}

/** One workload's part of it, for the annotation `deployment-runbook/record`. */
export function writeAnnotation(
	record: WorkloadRecord,
	{ set, images, fence }: { set: ReleaseSet; images: readonly TargetImage[]; fence: Fence | undefined },
): string {
	const order = set.workloads.findIndex(({ service }) => service === record.service);
	const image = images.find(({ workload }) => workload === record.service)?.image;
	return JSON.stringify({ ...record, ...fence, order, workload: set.workloads[order], image });
}

/** The token under which an annotation was written; 0 when it does not say. */
export function tokenOf(text: string): number {
	try {
		const value: unknown = JSON.parse(text);
		const token = value !== null && typeof value === 'object' && 'token' in value ? Number(value.token) : 0;
		return Number.isFinite(token) ? token : 0;
	} catch {
		return 0;
	}
}

/** The parts as they were found on the Services of a namespace, put together in their declared order. @throws RunbookError PARAMETER.INVALID */
export function joinAnnotations(namespace: string, texts: readonly string[]): RollbackRecord {
	const remedy = 'Look at the annotations deployment-runbook/record of the Services, or give the record as a file';
	const parts = texts
		.map((value) => ({
			...parse(ANNOTATED, { field: 'deployment-runbook/record', value, remedy }),
			record: parse(RECORDS, { field: 'deployment-runbook/record', value: `[${value}]`, remedy }),
		}))
		.sort((one, other) => one.order - other.order);
	const releases = [...new Set(parts.map(({ release }) => release))];
	if (releases.length > 1)
		throw parameterErrors.INVALID({
			field: 'deployment-runbook/record',
			problem: `the Services carry records of different releases (${releases.join(', ')})`,
			remedy: 'Give the record of one release as a file (--record)',
		});
	return {
		release: releases[0] ?? '',
		set: { namespace, workloads: parts.map(({ workload }) => workload) },
		images: parts.flatMap(({ image, workload }) =>
			image === undefined ? [] : [{ workload: workload.service, image }],
		),
		record: { workloads: parts.flatMap(({ record }) => record) },
	};
}
