import { z } from 'zod';
import type { RestoreNote } from './model';

const noteSchema = z.object({
	deploymentRunbook: z.object({
		state: z.enum(['restored', 'replaced', 'taken-back']),
		restoreId: z.string(),
		backupId: z.string(),
		snapshotAt: z.string(),
		at: z.string(),
		reason: z.string(),
		replacedBy: z.number().optional(),
		swapTransaction: z.string().regex(/^\d+$/).optional(),
		comment: z.string().nullable(),
	}),
});

/** A note as the comment of its database. */
export function writeNote(note: RestoreNote): string {
	return JSON.stringify({ deploymentRunbook: note });
}

/** The note in a comment; undefined for every comment that is not one of ours. */
export function parseNote(comment: string | null): RestoreNote | undefined {
	if (comment === null || !comment.startsWith('{"deploymentRunbook":')) return undefined;
	try {
		const parsed = noteSchema.safeParse(JSON.parse(comment));
		if (!parsed.success) return undefined;
		const { replacedBy, swapTransaction, ...note } = parsed.data.deploymentRunbook;
		return {
			...note,
			...(replacedBy === undefined ? {} : { replacedBy }),
			...(swapTransaction === undefined ? {} : { swapTransaction }),
		};
	} catch {
		return undefined;
	}
}
