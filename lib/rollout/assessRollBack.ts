import type { Colour, WorkloadRecord } from './model';

/**
 * `already-there`: the Service selects the recorded colour and it runs the recorded digest. `switch-back`: the other colour is
 * live. `restore-image`: the recorded colour is live, but its image was changed in place. `not-live`: what is live is neither the
 * record nor what the release deployed.
 */
export type RollBackAction = 'already-there' | 'switch-back' | 'restore-image' | 'not-live';

export interface LiveNow {
	readonly colour: Colour;
	/** Undefined when it cannot be told. */
	readonly digest: string | undefined;
}

/** What a rollback to the record means for one workload. `target`: the digest the release deployed; undefined: not known, nothing is refused. */
export function assessRollBack(record: WorkloadRecord, live: LiveNow, target: string | undefined): RollBackAction {
	const isRecordedColour = live.colour === record.liveColour;
	if (isRecordedColour && live.digest === record.live.digest) return 'already-there';
	const isOurs = target === undefined || live.digest === target;
	// An unknown digest on the recorded colour: pinning the recorded image there is right whatever it was.
	if (isRecordedColour) return isOurs || live.digest === undefined ? 'restore-image' : 'not-live';
	return isOurs ? 'switch-back' : 'not-live';
}
