import type { Release, ReleaseState } from '../model';
import type { Outcome } from './model';

const OUTCOMES: Readonly<Record<ReleaseState, Outcome>> = {
	succeeded: {
		tone: 'good',
		word: 'Succeeded',
		meaning: 'The new version serves production: it passed every check and its watch ended without a breach.',
		todo: 'Nothing is to be done.',
	},
	rejected: {
		tone: 'stopped',
		word: 'Rejected',
		meaning: 'An approval gate was not passed, so production was left as it was.',
		todo: 'Read why below; then start a new release.',
	},
	'failed-before-change': {
		tone: 'stopped',
		word: 'Failed before any change',
		meaning: 'A step failed before production was changed, so the old version serves as before.',
		todo: 'Mend what failed, then start a new release.',
	},
	'stopped-schema-ahead': {
		tone: 'stopped',
		word: 'Stopped, schema ahead',
		meaning: 'The old version serves, but the database schema has already moved on.',
		todo: 'Make sure that the old version runs well on the new schema, then start a new release.',
	},
	'rolled-back-verified': {
		tone: 'back',
		word: 'Rolled back, verified',
		meaning: 'The version that was recorded before the release serves again, and was checked.',
		todo: 'Find the cause before the next release.',
	},
	'rolled-back-unverified': {
		tone: 'bad',
		word: 'Rolled back, not verified',
		meaning: 'Traffic went back to the recorded version, but it was not proven that this version serves well.',
		todo: 'Check production by hand now.',
	},
	'needs-human': {
		tone: 'bad',
		word: 'Needs a person',
		meaning: 'The release ended in a state that cannot be proven to be safe.',
		todo: 'Look at production now. The timeline says what is proven; the kubectl lines below go back without n8n.',
	},
	running: {
		tone: 'open',
		word: 'Running',
		meaning: 'The release is being carried out; this report shows it as it stood when the report was written.',
		todo: 'Nothing is to be done unless a check failed.',
	},
	waiting: {
		tone: 'open',
		word: 'Waiting for approval',
		meaning: 'The release waits for people at a gate and changes nothing meanwhile.',
		todo: 'The approvers are to decide before the gate expires.',
	},
	watching: {
		tone: 'open',
		word: 'Watching',
		meaning: 'The new version serves and is watched; the rollback is armed until the watch ends.',
		todo: 'Nothing is to be done unless a page arrives.',
	},
};

/** Of a release that deploys no image and runs what was held back; the other states mean the same. */
const OF_CONTRACTION: Partial<Readonly<Record<ReleaseState, Pick<Outcome, 'meaning' | 'todo'>>>> = {
	succeeded: {
		meaning:
			'The migrations that were held back have run. Versions older than this one can no longer run on the schema.',
		todo: 'Nothing is to be done.',
	},
	'needs-human': {
		meaning:
			'The way back to older versions is closed, and the migrations behind it are not proven to have run well.',
		todo: 'Look at the migration and at the data now. The version that serves was not touched.',
	},
};

/** What the state of a release means and what is to be done. */
export function describeOutcome({ state, rehearsal, contracts, rollingBackAt, finishedAt }: Release): Outcome {
	const outcome = { ...OUTCOMES[state], ...(contracts ? OF_CONTRACTION[state] : {}) };
	if (rehearsal)
		return {
			tone: outcome.tone,
			word: `Rehearsal: ${outcome.word.toLowerCase()}`,
			meaning: 'This was a rehearsal: checks ran, and nothing was changed.',
			todo: 'Start the release through the form or the CI to carry it out.',
		};
	if (rollingBackAt !== null && finishedAt === null)
		return {
			tone: 'bad',
			word: 'Rolling back',
			meaning: 'A rollback took the release over and has not ended yet.',
			todo: 'Follow the rollback until it is verified. The kubectl lines below do the same without n8n.',
		};
	return outcome;
}
