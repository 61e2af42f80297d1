import { defineErrors } from '../../support/runbookError';

export const syncErrors = defineErrors('SYNC', {
	OVERLAP: {
		message: 'The destination {destination} lies in the source {source}, or the other way round',
		why: 'A sync would copy its own copies; nothing was copied',
		fix: 'Use another bucket for the copies, or prefixes neither of which begins with the other',
	},
	SOURCE_EMPTY: {
		message: 'There is no object under {source}',
		why: 'A wrong bucket or prefix would make an empty copy that looks like a good one; none was made',
		fix: 'Correct bucket and prefix, or turn on "Allow an Empty Source" when there really are no files',
	},
	MIRROR_NOT_VERSIONED: {
		message: 'The bucket {bucket} keeps no versions of its objects',
		why: 'A mirror overwrites what changed at the source: a file that a release damages would replace its only good copy',
		fix: 'Enable versioning on the bucket, or make one copy per release',
	},
	INCOMPLETE: {
		message: '{missed} of {objects} objects were not copied: {keys}',
		why: 'A copy that leaves something out is none; no manifest was written. What was copied stays',
		fix: 'Mend what is named, then run the operation again: it copies only what is missing',
		retryable: true,
	},
	INTERRUPTED: {
		message: 'The sync was stopped after {objects} objects: {reason}',
		why: 'The execution was cancelled, or the deadline of the operation passed; no manifest was written. What was copied stays',
		fix: 'Run the operation again: it copies only what is missing. Raise its deadline when there is more than it can copy in time',
		retryable: true,
	},
	OBJECT_CHANGING: {
		message: 'The object {key} was overwritten each time it was being copied',
		why: 'A copy is of one version or none',
		fix: 'Find out what writes to this key, then run the operation again',
		retryable: true,
	},
	CONTENT_DIFFERS: {
		message: 'The object {key} did not arrive as it was sent: {problem}',
		why: 'Its MD5 or size is not the one that the source names',
		fix: 'Run the operation again; when it happens again, read the object itself from the source and compare',
		retryable: true,
	},
});
