import { assessStopped } from '../../../lib/release/assessStopped';
import type { Release, StepRecord, StepState } from '../../../lib/release/model';
import { newRelease } from '../../support/memoryLedger';

const NOW = new Date('2026-11-23T20:00:00Z');
const ROLL_BACK_AFTER_MS = 600_000;
const ago = (ms: number): Date => new Date(NOW.getTime() - ms);

function release(change: Partial<Release> = {}): Release {
	return {
		...newRelease(),
		token: 1,
		state: 'running',
		resumes: 0,
		startedAt: ago(3_600_000),
		waitingUntil: null,
		watchUntil: null,
		rollingBackAt: null,
		pointOfNoReturn: null,
		finishedAt: null,
		reason: '',
		heartbeatAt: ago(120_000),
		...change,
	};
}

function step(stepKey: string, state: StepState = 'passed'): StepRecord {
	const facts = { stepKey, itemKey: '', kind: 'change' as const, state, inputHash: '', attempts: 1 };
	return { ...facts, startedAt: NOW, finishedAt: null, result: null, evidence: null, inverse: null, error: null };
}

const BACKUP = step('1.2/create-backup');
const SWITCH = step('3.2/switch-traffic');
const longAgo = { heartbeatAt: ago(ROLL_BACK_AFTER_MS + 1) };

describe('what is done about a release whose run died', () => {
	it.each<[string, 'stopped' | 'roll-back', Partial<Release>, StepRecord[], string]>([
		[
			'while its writers were thawed, after a switch long ago',
			'stopped',
			longAgo,
			[SWITCH, step('thaw/approval'), step('thaw/writers', 'started')],
			'the thaw of its writers died; the last step in the ledger is thaw/writers (started); send its form again, it goes on where it stopped',
		],
		[
			'while its database was swapped back',
			'stopped',
			longAgo,
			[SWITCH, step('database/restore'), step('swap-back/approval'), step('database/swap-back', 'started')],
			'the swap back of its database died; the last step in the ledger is database/swap-back (started); send its form again, it goes on where it stopped',
		],
		['before any step', 'stopped', {}, [], 'its run died; no step was begun; the old version serves'],
		[
			'before the switch',
			'stopped',
			{},
			[BACKUP, step('2.1/deploy-migrations', 'started')],
			'its run died; the last step in the ledger is 2.1/deploy-migrations (started); the old version serves',
		],
		[
			'before the switch, however long ago',
			'stopped',
			longAgo,
			[BACKUP],
			'its run died; the last step in the ledger is 1.2/create-backup (passed); the old version serves',
		],
		[
			'after the switch, a moment ago',
			'stopped',
			{},
			[BACKUP, SWITCH],
			'its run died; the last step in the ledger is 3.2/switch-traffic (passed); traffic may be on the new version',
		],
		[
			'at the switch, whose outcome is unknown, long ago',
			'roll-back',
			longAgo,
			[BACKUP, step('3.2/switch-traffic', 'started')],
			'nobody came for 600 s; the last step in the ledger is 3.2/switch-traffic (started)',
		],
		[
			'after the switch, exactly as long ago as is given to people',
			'stopped',
			{ heartbeatAt: ago(ROLL_BACK_AFTER_MS) },
			[SWITCH],
			'its run died; the last step in the ledger is 3.2/switch-traffic (passed); traffic may be on the new version',
		],
		[
			'after a switch that failed, long ago: it may have happened',
			'roll-back',
			longAgo,
			[step('3.2/switch-traffic', 'failed')],
			'nobody came for 600 s; the last step in the ledger is 3.2/switch-traffic (failed)',
		],
		[
			'after a switch long ago, with a schema on which the version before was not proven',
			'stopped',
			longAgo,
			[step('2.1/old-code', 'inconclusive'), step('2.1/deploy-migrations'), SWITCH],
			'nobody came for 600 s; the last step in the ledger is 3.2/switch-traffic (passed); it does not go back by itself: ' +
				'the previous version is not proven to run on the new schema',
		],
		[
			'after a switch long ago, with a schema on which it was',
			'roll-back',
			longAgo,
			[step('2.1/old-code'), step('2.1/deploy-migrations'), SWITCH],
			'nobody came for 600 s; the last step in the ledger is 3.2/switch-traffic (passed)',
		],
		[
			'in a rollback that a person had begun, proven or not',
			'roll-back',
			{ rollingBackAt: ago(1000) },
			[step('2.1/deploy-migrations'), SWITCH],
			'its rollback died; the last step in the ledger is 3.2/switch-traffic (passed)',
		],
		[
			'in its rollback, at once',
			'roll-back',
			{ rollingBackAt: ago(1000), heartbeatAt: ago(61_000) },
			[SWITCH, step('rollback/switch-back', 'started')],
			'its rollback died; the last step in the ledger is rollback/switch-back (started)',
		],
		[
			'in a rollback that had not begun any step',
			'roll-back',
			{ rollingBackAt: ago(1000) },
			[],
			'its rollback died; no step was begun',
		],
		[
			'with a page as its last act: the page says nothing of where it stands',
			'stopped',
			{},
			[BACKUP, step('page/stopped', 'failed')],
			'its run died; the last step in the ledger is 1.2/create-backup (passed); the old version serves',
		],
		[
			'while it waited without a lock, counted from the end of the wait',
			'roll-back',
			{ state: 'waiting', heartbeatAt: null, waitingUntil: ago(ROLL_BACK_AFTER_MS + 1) },
			[SWITCH],
			'nobody came for 600 s; the last step in the ledger is 3.2/switch-traffic (passed)',
		],
		[
			'with nothing to count from but its start',
			'roll-back',
			{ heartbeatAt: null },
			[SWITCH],
			'nobody came for 3600 s; the last step in the ledger is 3.2/switch-traffic (passed)',
		],
		[
			'when the clock went back: nothing is hurried',
			'stopped',
			{ heartbeatAt: ago(-3_600_000) },
			[SWITCH],
			'its run died; the last step in the ledger is 3.2/switch-traffic (passed); traffic may be on the new version',
		],
	])('%s: %s', (_, action, change, steps, detail) => {
		const at = { now: NOW, rollBackAfterMs: ROLL_BACK_AFTER_MS };
		expect(assessStopped(release(change), steps, at)).toEqual({ action, detail });
	});
});
