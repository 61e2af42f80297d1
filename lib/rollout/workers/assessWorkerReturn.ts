import type { WorkerRecord } from '../model';

/**
 * `already-there`: only the recorded colour is to run, and runs the recorded digest. `go-back`: the release's version is stopped and the
 * recorded one started. `left-alone`: something runs that is neither, which no release may stop; people look.
 */
export type WorkerReturn = 'already-there' | 'go-back' | 'left-alone';

export interface ColourNow {
	/** Replicas that it is to have, frozen or not. */
	readonly replicas: number;
	/** Undefined when it cannot be told. */
	readonly digest: string | undefined;
}

/** What going back to its record means for a worker. `target`: the digest that the release brought; undefined: not known, nothing is left alone. */
export function assessWorkerReturn(
	{ live }: Pick<WorkerRecord, 'live'>,
	{ recorded, other }: { readonly recorded: ColourNow; readonly other: ColourNow },
	target: string | undefined,
): WorkerReturn {
	const isForeign = ({ replicas, digest }: ColourNow): boolean =>
		replicas > 0 && target !== undefined && digest !== undefined && digest !== target && digest !== live.digest;
	if (isForeign(recorded) || isForeign(other)) return 'left-alone';
	return other.replicas === 0 && recorded.replicas > 0 && recorded.digest === live.digest
		? 'already-there'
		: 'go-back';
}
