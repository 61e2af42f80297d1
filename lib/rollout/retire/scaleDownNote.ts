import { z } from 'zod';
import { SCALED_DOWN_ANNOTATION } from '../fence';
import type { DeploymentFacts } from '../model';

const NOTE = z.object({
	/** Empty: it was scaled down without one. */
	release: z.string(),
	digest: z.string(),
	replicas: z.number().int().nonnegative(),
	/** Null: it has none, or none could be seen. */
	autoscaler: z.object({ name: z.string(), least: z.number().int().positive() }).nullable(),
	/** ISO 8601. */
	at: z.string(),
});

/** What a Deployment had when the release that replaced it succeeded. */
export type ScaleDownNote = Readonly<z.infer<typeof NOTE>>;

/** The note on a Deployment; undefined when there is none that can be read: the record of the release then says enough. */
export function scaleDownNoteOf({ annotations }: Pick<DeploymentFacts, 'annotations'>): ScaleDownNote | undefined {
	try {
		const parsed = NOTE.safeParse(JSON.parse(annotations[SCALED_DOWN_ANNOTATION] ?? ''));
		return parsed.success ? parsed.data : undefined;
	} catch {
		return undefined;
	}
}

/**
 * With how many replicas a version served when it was scaled down, and no fewer than its autoscaler's minimum; 0 when the note is of another
 * version, or of a time before it was scaled up again.
 */
export function replicasBeforeScaleDown(
	deployment: Pick<DeploymentFacts, 'annotations' | 'wanted'>,
	digest: string,
): number {
	const note = deployment.wanted === 0 ? scaleDownNoteOf(deployment) : undefined;
	return note?.digest === digest ? Math.max(note.replicas, note.autoscaler?.least ?? 0) : 0;
}
