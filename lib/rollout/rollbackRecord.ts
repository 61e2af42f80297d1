import { z } from 'zod';
import { parameterErrors } from '../support/errors';
import { RECORD_ANNOTATION } from './fence';
import type { Fence, LiveRecord, ReleaseSet, TargetImage, WorkerRecord, WorkloadRecord } from './model';
import { IMAGES, parse, RECORDS, WORKER_RECORDS, WORKERS, WORKLOADS } from './schemas';

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
	workers: WORKERS.default([]),
	workerRecords: WORKER_RECORDS.default([]),
});
/** What a Service's annotation holds besides its record. */
const ANNOTATED = z.object({
	release: z.string().default(''),
	token: z.number().default(0),
	order: z.number().int().nonnegative(),
	workload: WORKLOADS.element,
	image: z.string().optional(),
	workers: WORKERS.default([]),
	workerRecords: WORKER_RECORDS.default([]),
});
/** The part of an annotation that is the same on every Service. */
const ANNOTATED_WORKERS = ANNOTATED.pick({ workerRecords: true });

/** The record as one JSON document, for object storage. */
export function writeRollbackRecord({ release, set, images, record }: RollbackRecord): string {
	const { namespace, workloads, workers } = set;
	const workerRecords = record.workers;
	const document = { format: FORMAT, release, namespace, workloads, images, record: record.workloads };
	return JSON.stringify({ ...document, workers, workerRecords }, null, 2);
}

/** Reads it back. @throws RunbookError PARAMETER.INVALID naming the field */
export function parseRollbackRecord(text: string): RollbackRecord {
	const { release, namespace, workloads, images, record, workers, workerRecords } = parse(DOCUMENT, {
		field: 'record',
		value: text,
		remedy: REMEDY,
	});
	const set = workers.length === 0 ? { namespace, workloads } : { namespace, workloads, workers };
	return { release, set, images, record: liveRecord(record, workerRecords) };
}

/** What was live, without an empty list of workers. */
export function liveRecord(workloads: readonly WorkloadRecord[], workers: readonly WorkerRecord[]): LiveRecord {
	return workers.length === 0 ? { workloads } : { workloads, workers };
}

/**
 * One workload's part of it, for the annotation `deployment-runbook/record`. The workers have no Service of their own: each workload's part holds
 * all of them.
 */
export function writeAnnotation(
	record: WorkloadRecord,
	{
		set,
		images,
		fence,
		workers,
	}: {
		set: ReleaseSet;
		images: readonly TargetImage[];
		fence: Fence | undefined;
		workers: readonly WorkerRecord[];
	},
): string {
	const order = set.workloads.findIndex(({ service }) => service === record.service);
	const image = images.find(({ workload }) => workload === record.service)?.image;
	const part = { ...record, ...fence, order, workload: set.workloads[order], image };
	return JSON.stringify(workers.length === 0 ? part : { ...part, workers: set.workers, workerRecords: workers });
}

/** The workers' records in an annotation. @throws RunbookError PARAMETER.INVALID */
export function parseWorkerRecords(text: string): WorkerRecord[] {
	const remedy = 'Look at the annotations deployment-runbook/record of the Services, or give the record as a file';
	return parse(ANNOTATED_WORKERS, { field: RECORD_ANNOTATION, value: text, remedy }).workerRecords;
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
	const workloads = parts.map(({ workload }) => workload);
	// The same on each; one that an older version of the package wrote has none.
	const { workers, workerRecords } = parts.find((part) => part.workers.length > 0) ?? NO_WORKERS;
	return {
		release: releases[0] ?? '',
		set: workers.length === 0 ? { namespace, workloads } : { namespace, workloads, workers },
		images: parts.flatMap(({ image, workload }) =>
			image === undefined ? [] : [{ workload: workload.service, image }],
		),
		record: liveRecord(
			parts.flatMap(({ record }) => record),
			workerRecords,
		),
	};
}

const NO_WORKERS = { workers: [], workerRecords: [] };
