import type { Resolution, ResolutionProof, Trace, Traces } from './model';

export interface ResolutionFacts {
	readonly resolution: Resolution;
	readonly traces: Traces;
	/** Objects that are there now. */
	readonly objects: ReadonlySet<string>;
	/** True when the server reported that the script failed, it is one transaction, and it is the very same script. */
	readonly nothingWasLeft: boolean;
	/** Empty when nobody compared. */
	readonly comparedBy: string;
}

export interface ResolutionJudgement {
	/** Null when it is not proven. */
	readonly proof: ResolutionProof | null;
	/** What speaks against it; empty when nothing does. */
	readonly against: readonly string[];
	/** Lines of statements that only a person can compare. */
	readonly untold: readonly number[];
	readonly findings: readonly string[];
}

/** Whether what is said about a migration is so. Nobody's word outweighs what the catalogs say. */
export function assessResolution({
	resolution,
	traces,
	objects,
	nothingWasLeft,
	comparedBy,
}: ResolutionFacts): ResolutionJudgement {
	const tookEffect = ({ object, isMade }: Trace): boolean => objects.has(object) === isMade;
	const say = ({ object, line }: Trace): string =>
		`${objects.has(object) ? 'there' : 'not there'}: ${object} (line ${line})`;
	const findings = traces.told.map(say);
	const { untold } = traces;
	if (resolution === 'rolled-back' && nothingWasLeft)
		return { proof: 'one-transaction', against: [], untold: [], findings };
	const expected = resolution === 'applied';
	const against = traces.told.filter((trace) => tookEffect(trace) !== expected).map(say);
	if (against.length > 0) return { proof: null, against, untold, findings };
	if (untold.length === 0) return { proof: 'catalogs', against, untold, findings };
	return { proof: comparedBy === '' ? null : 'person', against, untold, findings };
}
