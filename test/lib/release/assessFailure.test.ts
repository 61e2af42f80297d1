import { assessFailure, type FailureAction } from '../../../lib/release/assessFailure';
import { releaseErrors } from '../../../lib/release/errors';
import type { Release, StepRecord, StepState } from '../../../lib/release/model';
import { newRelease } from '../../support/memoryLedger';

const STARTED = new Date('2026-11-23T20:00:00Z');
const LIVE: Release = {
	...newRelease(),
	token: 1,
	state: 'running',
	resumes: 0,
	startedAt: STARTED,
	waitingUntil: null,
	watchUntil: null,
	rollingBackAt: null,
	pointOfNoReturn: null,
	finishedAt: null,
	reason: '',
	heartbeatAt: STARTED,
};
const FAILED = {
	executionId: LIVE.executionId,
	workflow: 'Deploy',
	lastNode: 'n',
	errorName: 'NodeOperationError',
	message: 'no',
	isCalled: false,
};
const KILLED = { ...FAILED, errorName: 'WorkflowCrashedError' };
const fencedOut = releaseErrors.FENCED_OUT({ releaseId: 'r-1', token: 1 });
/** As n8n hands on the error of a node. */
const FENCED = { ...FAILED, message: `${fencedOut.message} (${fencedOut.code})` };

function migrated(oldCode: StepState): StepRecord[] {
	const [step] = switched('passed');
	return [
		{ ...step!, stepKey: '2.1/old-code', state: oldCode },
		{ ...step!, stepKey: '2.1/deploy-migrations' },
	];
}

function switched(state: StepState): StepRecord[] {
	const facts = { stepKey: '3.2/switch-traffic', itemKey: '', kind: 'change' as const, state, inputHash: '' };
	const none = { result: null, evidence: null, inverse: null, error: null };
	return [{ ...facts, ...none, attempts: 1, startedAt: STARTED, finishedAt: null }];
}

describe('what is done about an execution that failed', () => {
	it.each<[string, FailureAction, typeof FAILED, Release | undefined, StepRecord[]]>([
		['before the switch', 'finish', FAILED, LIVE, []],
		['once the switch was begun', 'roll-back', FAILED, LIVE, switched('started')],
		['after a switch that failed: it may have happened', 'roll-back', FAILED, LIVE, switched('failed')],
		['after the switch', 'roll-back', FAILED, LIVE, switched('passed')],
		[
			'after the switch, to a version that is proven on the new schema',
			'roll-back',
			FAILED,
			LIVE,
			[...migrated('passed'), ...switched('passed')],
		],
		[
			'after the switch, from a version that nobody can tell runs on the new schema',
			'keep',
			FAILED,
			LIVE,
			[...migrated('inconclusive'), ...switched('passed')],
		],
		['before the switch, proven or not', 'finish', FAILED, LIVE, migrated('failed')],
		['because n8n was killed', 'keep', KILLED, LIVE, []],
		['because n8n was killed after the switch', 'keep', KILLED, LIVE, switched('passed')],
		['because its worker was killed', 'keep', { ...FAILED, errorName: 'MaxStalledCountError' }, LIVE, []],
		[
			'because its sub-workflow was killed',
			'keep',
			{ ...FAILED, errorName: 'Error', message: 'Workflow did not finish, possible out-of-memory issue' },
			LIVE,
			[],
		],
		[
			'because the queue gave it up',
			'keep',
			{
				...FAILED,
				errorName: '',
				message: 'This execution failed to be processed too many times and will no longer retry',
			},
			LIVE,
			[],
		],
		['and began no release', 'page', FAILED, undefined, []],
		['and began no release, killed', 'page', KILLED, undefined, []],
		['after its release had finished', 'page', FAILED, { ...LIVE, finishedAt: STARTED }, switched('passed')],
		['after its release had finished, killed', 'page', KILLED, { ...LIVE, finishedAt: STARTED }, []],
		['and was a rehearsal', 'page', FAILED, { ...LIVE, rehearsal: true }, []],
		['because another run had taken the release over', 'page', FENCED, { ...LIVE, token: 2 }, []],
		['because a rollback had taken the release over', 'page', FENCED, { ...LIVE, token: 2 }, switched('passed')],
		['and is a sub-workflow: its caller tells of it', 'none', { ...FAILED, isCalled: true }, undefined, []],
		['killed in a sub-workflow', 'none', { ...KILLED, isCalled: true }, LIVE, switched('passed')],
		[
			'of a run that another one has replaced since',
			'none',
			{ ...KILLED, executionId: 'an earlier one' },
			LIVE,
			switched('passed'),
		],
		['and told nothing of its error', 'finish', { ...FAILED, errorName: '', message: '' }, LIVE, []],
	])('%s: %s', (_, action, failed, release, steps) => {
		expect(assessFailure(failed, release, steps)).toBe(action);
	});
});
