import { z } from 'zod';
import { parameterErrors } from '../support/errors';
import type { LiveRecord, TargetImage, Worker, Workload, WorkloadRecord } from './model';
import { liveRecord } from './rollbackRecord';
import { fromJson, IMAGES, NAME, parse, RECORDS, WORKER_RECORDS, WORKERS, WORKLOADS } from './schemas';
import type { IdleBefore } from './setImage';

const IDLE_BEFORE = z.object({
	idle: z.array(
		z.object({
			service: NAME,
			deployment: NAME,
			image: z.string(),
			replicas: z.number().int().nonnegative(),
			previewColour: z.string(),
		}),
	),
});

/**
 * The field "workloads": JSON text or the value itself. Blue-green is for workloads of the role "web"; each service is named once.
 * @throws RunbookError PARAMETER.INVALID
 */
export function parseWorkloads(value: unknown): Workload[] {
	const remedy =
		'Give a list such as [{"service":"api","previewService":"api-preview","deployments":{"blue":"api-blue","green":"api-green"},"container":"api","repository":"registry.example.com/api","role":"web"}]';
	const workloads = parse(WORKLOADS, { field: 'workloads', value, remedy });
	const refuse = (problem: string): never => {
		throw parameterErrors.INVALID({ field: 'workloads', problem, remedy });
	};
	const services = workloads.map(({ service }) => service);
	if (new Set(services).size < services.length) refuse('a service is named twice');
	for (const { service, previewService, deployments, role } of workloads) {
		if (service === previewService) refuse(`${service} is its own preview service`);
		if (deployments.blue === deployments.green) refuse(`both colours of ${service} are the same deployment`);
		if (role === 'worker' || role === 'singleton')
			refuse(`${service} has the role "${role}": it takes no traffic, and belongs into "workers"`);
		if (role !== 'web') refuse(`${service} has the role "${role}", and blue-green is for "web"`);
	}
	return workloads;
}

/**
 * The field "workers": JSON text, the value itself, or nothing. Each runs the image of a declared workload, in Deployments of its own.
 * @throws RunbookError PARAMETER.INVALID
 */
export function parseWorkers(value: unknown, workloads: readonly Workload[]): Worker[] {
	const remedy =
		'Give a list such as [{"name":"case-worker","role":"worker","workload":"api","deployments":{"blue":"case-worker-blue","green":"case-worker-green"},"container":"worker"}], or []';
	const isNothing = value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
	const workers = isNothing ? [] : parse(WORKERS, { field: 'workers', value, remedy });
	const refuse = (problem: string): never => {
		throw parameterErrors.INVALID({ field: 'workers', problem, remedy });
	};
	const taken = new Set(workloads.flatMap(({ service, deployments }) => [service, ...Object.values(deployments)]));
	for (const { name, workload, deployments } of workers) {
		if (!workloads.some(({ service }) => service === workload)) refuse(`there is no workload "${workload}"`);
		for (const one of new Set([name, deployments.blue, deployments.green])) {
			if (taken.has(one)) refuse(`${one} is named twice`);
			taken.add(one);
		}
		if (deployments.blue === deployments.green) refuse(`both colours of ${name} are the same deployment`);
	}
	return workers;
}

/**
 * The field "images": each of a declared workload, pinned by digest, from that workload's repository.
 * @throws RunbookError PARAMETER.INVALID
 */
export function parseImages(value: unknown, workloads: readonly Workload[]): TargetImage[] {
	const remedy =
		"Give the images of the release, e.g. ={{ $('Release').first().json.release.images }}, pinned by digest";
	const images = parse(IMAGES, { field: 'images', value, remedy });
	for (const { workload, image } of images) {
		const declared = workloads.find(({ service }) => service === workload);
		if (!declared)
			throw parameterErrors.INVALID({ field: 'images', problem: `there is no workload "${workload}"`, remedy });
		if (image.split('@')[0] !== declared.repository) {
			throw parameterErrors.INVALID({
				field: 'images',
				problem: `${image} is not of the repository ${declared.repository} of ${workload}`,
				remedy,
			});
		}
	}
	return images;
}

/** The field "record": what "Record Live" returned, or its list of workloads. @throws RunbookError PARAMETER.INVALID */
export function parseRecord(value: unknown): LiveRecord {
	const remedy =
		'Give what "Record Live" returned, or the annotations deployment-runbook/record of the Services as a list';
	const given = fromJson(value, { field: 'record', remedy });
	const list = given !== null && typeof given === 'object' && 'workloads' in given ? given.workloads : given;
	const workers = given !== null && typeof given === 'object' && 'workers' in given ? (given.workers ?? []) : [];
	return liveRecord(
		parse(RECORDS, { field: 'record', value: list, remedy }),
		parse(WORKER_RECORDS, { field: 'record.workers', value: workers, remedy }),
	);
}

/** The record in a Service's annotation, when it says that this release wrote it; undefined for any other text. */
export function parseRecordOf(text: string, release: string): WorkloadRecord | undefined {
	try {
		const value: unknown = JSON.parse(text);
		if (value === null || typeof value !== 'object' || !('release' in value) || value.release !== release)
			return undefined;
		const parsed = RECORDS.safeParse([value]);
		return parsed.success ? parsed.data[0] : undefined;
	} catch {
		return undefined;
	}
}

/** What setImage noted as its inverse; empty when it noted nothing that can be read: a rollback then leaves more as it is. */
export function parseIdleBefore(value: unknown): IdleBefore[] {
	const parsed = IDLE_BEFORE.safeParse(value);
	return parsed.success ? parsed.data.idle : [];
}
