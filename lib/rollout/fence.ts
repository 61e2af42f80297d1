import { RunbookError } from '../support/runbookError';
import type { PatchOperation } from './cluster';
import { rolloutErrors } from './errors';
import type { Fence, Writable } from './model';

export const TOKEN_ANNOTATION = 'deployment-runbook/token';
export const RELEASE_ANNOTATION = 'deployment-runbook/release';
export const RECORD_ANNOTATION = 'deployment-runbook/record';
/** What a Deployment had before its writers were stopped. */
export const FREEZE_ANNOTATION = 'deployment-runbook/freeze';
/** What a Deployment had before a release that succeeded scaled it down. */
export const SCALED_DOWN_ANNOTATION = 'deployment-runbook/scaled-down';
/** Who rolled back without n8n, when and why. */
export const OFFLINE_ANNOTATION = 'deployment-runbook/offline-rollback';

/** Which versions can no longer run on the database's schema. */
export const FLOOR_ANNOTATION = 'deployment-runbook/schema-floor';

/** True when a write was refused because a newer holder has stamped the object. */
export function isFencedOut(error: unknown): boolean {
	return error instanceof RunbookError && error.code === 'ROLLOUT.FENCED_OUT';
}

/** True when the object carries exactly this release and token. */
export function isHeldBy(object: Writable, fence: Fence): boolean {
	return isOfRelease(object, fence) && object.annotations[TOKEN_ANNOTATION] === String(fence.token);
}

/** True when this release wrote to the object last, under whatever token. */
export function isOfRelease({ annotations }: Writable, fence: Fence | undefined): boolean {
	return fence !== undefined && annotations[RELEASE_ANNOTATION] === fence.release;
}

/** Annotations to write; null: to remove, where it is there. */
export type AnnotationChanges = Readonly<Record<string, string | null>>;

/**
 * Operations that write annotations and refuse a stale writer: the object is tested to be as it was read (its token, or all of it
 * while it carries none), then carries ours. A race therefore ends in ROLLOUT.TEST_FAILED.
 * Without a fence (a node used alone) only `annotations` are written and nothing is tested.
 * @throws RunbookError ROLLOUT.FENCED_OUT when the object carries a higher token
 */
export function fenceOperations(
	object: Writable,
	{ kind, fence, annotations = {} }: { kind: string; fence: Fence | undefined; annotations?: AnnotationChanges },
): PatchOperation[] {
	const written = fence
		? { ...annotations, [RELEASE_ANNOTATION]: fence.release, [TOKEN_ANNOTATION]: String(fence.token) }
		: annotations;
	const writes = Object.entries(written).flatMap(([name, value]): PatchOperation[] => {
		const path = annotationPath(name);
		if (value !== null) return [{ op: 'add', path, value }];
		return object.annotations[name] === undefined ? [] : [{ op: 'remove', path }];
	});
	const hasNone = Object.keys(object.annotations).length === 0;
	const room: PatchOperation[] =
		hasNone && writes.length > 0 ? [{ op: 'add', path: '/metadata/annotations', value: {} }] : [];
	return [...tests(object, { kind, fence, replacesAnnotations: room.length > 0 }), ...room, ...writes];
}

/**
 * Holds while nobody has changed the spec or an annotation. By the generation where the kind counts one, as Deployments do for both: controllers
 * write status all the time, and each write makes another resourceVersion.
 */
export function unchangedTest({ generation, resourceVersion }: Writable): PatchOperation {
	return generation === undefined
		? { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion }
		: { op: 'test', path: '/metadata/generation', value: generation };
}

function tests(
	object: Writable,
	{ kind, fence, replacesAnnotations }: { kind: string; fence: Fence | undefined; replacesAnnotations: boolean },
): PatchOperation[] {
	if (!fence) return replacesAnnotations ? [unchangedTest(object)] : [];
	const stored = object.annotations[TOKEN_ANNOTATION];
	if (stored === undefined) return [unchangedTest(object)];
	// A token that is no number was not written by us: it outranks nobody, but is still tested.
	if (Number(stored) > fence.token) {
		throw rolloutErrors.FENCED_OUT({ kind, name: object.name, stored, release: fence.release, token: fence.token });
	}
	return [{ op: 'test', path: annotationPath(TOKEN_ANNOTATION), value: stored }];
}

/** Where an annotation is, for a JSON patch. */
function annotationPath(name: string): string {
	return `/metadata/annotations/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
