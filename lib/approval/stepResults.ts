import type { Json, StepRecord } from '../release/model';
import type { BoundEvidence } from './model';

/** What a step measured, as its result tells. */
export interface Measurement {
	/** e.g. `http_requests_total`; empty when it has no name. */
	readonly metric: string;
	/** Absent when nothing could be measured. */
	readonly value?: number;
	/** Absent when there is none. */
	readonly limit?: number;
}

/** A measuring step has a value and a limit; undefined for every other step. */
export function readMeasurement({ result }: StepRecord): Measurement | undefined {
	const fields = asObject(result);
	if (!('value' in fields) || typeof fields.limit !== 'number') return undefined;
	const { value, limit } = fields;
	return { metric: text(result, 'metric'), limit, ...(typeof value === 'number' ? { value } : {}) };
}

/** Whether production's images had to pass staging, as the step that set them says; undefined where it says nothing. */
export function readStagingFirst({ result }: StepRecord): boolean | undefined {
	const { stagingFirst } = asObject(result);
	return typeof stagingFirst === 'boolean' ? stagingFirst : undefined;
}

/** Pending migrations of a migration-status step; undefined without one. */
export function readMigrations(
	step: StepRecord | undefined,
): Array<{ readonly name: string; readonly checksum: string }> | undefined {
	const { pending } = asObject(step?.result ?? null);
	if (!Array.isArray(pending)) return undefined;
	return pending.map((entry: Json) => ({ name: text(entry, 'name'), checksum: text(entry, 'checksum') }));
}

export interface VerifiedBackup {
	readonly backupId: string;
	readonly sha256: string;
	readonly sizeBytes: number;
	readonly tables: number;
	readonly rows: number;
	/** ISO 8601; empty when unknown. */
	readonly verifiedAt: string;
}

/** The backup that a verify step proved; null without one. */
export function readBackup(step: StepRecord | undefined): VerifiedBackup | null {
	const result = step?.result ?? null;
	const backupId = text(result, 'backupId');
	if (backupId === '') return null;
	return {
		backupId,
		sha256: text(result, 'sha256'),
		sizeBytes: number(result, 'sizeBytes'),
		tables: number(result, 'tables'),
		rows: number(result, 'rows'),
		verifiedAt: text(asObject(result).token ?? null, 'verifiedAt'),
	};
}

/** What a preview of a restore said; undefined without one. */
export function readRestore(step: StepRecord | undefined): BoundEvidence['restore'] | undefined {
	const result = step?.result ?? null;
	const [backupId, database] = [text(result, 'backupId'), text(result, 'database')];
	if (backupId === '' || database === '') return undefined;
	const hazards = asObject(result).hazards ?? null;
	const waived = (Array.isArray(hazards) ? (hazards as readonly Json[]) : [])
		.filter((hazard) => text(hazard, 'standing') === 'waived')
		.map((hazard) => text(hazard, 'kind'));
	return { backupId, database, waived };
}

/** Images that were live before, of a record-live step; undefined without one. */
export function readLiveImages(
	step: StepRecord | undefined,
): Array<{ readonly workload: string; readonly image: string }> | undefined {
	const { workloads } = asObject(step?.result ?? null);
	if (!Array.isArray(workloads)) return undefined;
	return workloads.map((workload: Json) => {
		const live = asObject(workload).live ?? null;
		const [image, digest] = [text(live, 'image'), text(live, 'digest')];
		return {
			workload: text(workload, 'service'),
			image: image.includes('@') || digest === '' ? image : `${image}@${digest}`,
		};
	});
}

/** Why a step did not pass, in its own words; empty when it gives none. */
export function readReasons(result: Json): string[] {
	const { reasons } = asObject(result);
	if (!Array.isArray(reasons)) return [];
	return reasons.map((reason: Json) => (typeof reason === 'string' ? reason : text(reason, 'message')));
}

/** A list; empty when it is none. */
export function listOf(value: Json | undefined): readonly Json[] {
	return Array.isArray(value) ? (value as readonly Json[]) : [];
}

/** A text field of a JSON object; empty when absent. */
export function text(value: Json, field: string): string {
	const found = asObject(value)[field];
	return typeof found === 'string' ? found : '';
}

/** A number field of a JSON object; 0 when absent. */
export function number(value: Json, field: string): number {
	const found = asObject(value)[field];
	return typeof found === 'number' ? found : 0;
}

/** The fields of a JSON object; none when it is something else. */
export function asObject(value: Json): Readonly<Record<string, Json>> {
	if (value === null || typeof value !== 'object' || Array.isArray(value)) return {};
	return value as Readonly<Record<string, Json>>;
}
