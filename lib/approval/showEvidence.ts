import type { StepRecord } from '../release/model';
import type { EvidenceFacts, GateQuestion } from './buildEvidence';
import { formatMeasurement, titleOf } from './format';
import type { ShownBackup, ShownCheck, ShownEvidence } from './model';
import { readRehearsal } from './readRehearsal';
import { readRisks } from './readRisks';
import {
	asObject,
	readBackup,
	readLiveImages,
	readMeasurement,
	readReasons,
	readStagingFirst,
	text,
} from './stepResults';

const RECORD_LIVE = '3.1/record-live';
const VERIFIED_BACKUP = '1.2/verify-backup';
const LINT = '2.1/lint';
const REHEARSE = '2.1/rehearse';
const OLD_CODE = '2.1/old-code';
const SET_IMAGE = '3.1/set-image';
const BACKUP_TO_RESTORE = 'database/verify-backup';
/** Those of a release; the others are about going back, or about what was frozen. */
const GOES_FORWARD = /^gate-[12]\//;

/** What the card shows beside what a vote is bound to. `steps` are those before the gate. */
export function showEvidence(
	{ release, steps, lastStable }: Omit<EvidenceFacts, 'plan'>,
	{ gate, whatFollows }: Pick<GateQuestion, 'gate' | 'whatFollows'>,
): ShownEvidence {
	const passed = (key: string): StepRecord | undefined =>
		steps.find(({ stepKey, state }) => stepKey === key && state === 'passed');
	const live = readLiveImages(steps.find(({ stepKey }) => stepKey === RECORD_LIVE));
	const from =
		live === undefined && lastStable === undefined
			? null
			: {
					version: lastStable?.version ?? '',
					images: live ?? (lastStable?.images ?? []).map(({ workload, image }) => ({ workload, image })),
				};
	return {
		startedBy: release.startedBy,
		from,
		checks: steps.map(showCheck),
		backup: showBackup(passed(BACKUP_TO_RESTORE) ?? passed(VERIFIED_BACKUP)),
		risks: readRisks(steps.find(({ stepKey }) => stepKey === LINT)),
		rehearsal: readRehearsal(steps.find(({ stepKey }) => stepKey === REHEARSE)),
		...(GOES_FORWARD.test(gate) ? showOldCode(steps, release.contracts) : {}),
		...showStaging(passed(SET_IMAGE)),
		whatFollows,
	};
}

function showOldCode(steps: readonly StepRecord[], contracts: boolean): Pick<ShownEvidence, 'oldCode'> {
	const [rehearsed, step] = [REHEARSE, OLD_CODE].map((key) => steps.find(({ stepKey }) => stepKey === key));
	const whose = contracts ? ({ servesOn: true } as const) : {};
	if (!step) return rehearsed ? { oldCode: { passed: false, ...whose, reason: 'it was not run' } } : {};
	const reason = text(step.result, 'reason') || problemOf(step) || `it is ${step.state}`;
	return { oldCode: { passed: step.state === 'passed', ...whose, reason } };
}

function showStaging(step: StepRecord | undefined): Pick<ShownEvidence, 'staging'> {
	const stagingFirst = step && readStagingFirst(step);
	return stagingFirst === undefined ? {} : { staging: stagingFirst ? 'passed' : 'none' };
}

function showCheck(step: StepRecord): ShownCheck {
	const { stepKey, itemKey, state } = step;
	const measured = readMeasurement(step);
	const show = (value: number | undefined): string =>
		value === undefined ? '' : formatMeasurement(`${stepKey} ${measured?.metric ?? ''}`, value);
	return {
		stepKey,
		itemKey,
		title: titleOf(stepKey),
		state,
		value: show(measured?.value),
		limit: show(measured?.limit),
		problem: state === 'passed' ? unprovenOf(step) : problemOf(step),
	};
}

/** A step passes, too, where the operators have nothing of what it checks, and where it is only tried: that is said. */
function unprovenOf({ result }: StepRecord): string {
	const { configured, dryRun } = asObject(result);
	if (dryRun === true) return `dry run, would be ${text(result, 'wouldBe')}: ${text(result, 'reason')}`;
	return configured === false ? text(result, 'reason') : '';
}

function problemOf({ error, result }: StepRecord): string {
	return text(error, 'message') || readReasons(result)[0] || '';
}

function showBackup(step: StepRecord | undefined): ShownBackup | null {
	const backup = readBackup(step);
	if (!backup) return null;
	const { backupId, sizeBytes, tables, rows, verifiedAt } = backup;
	return { backupId, sizeBytes, tables, rows, verifiedAt, takenAt: takenAt(backupId) };
}

/** A backup's id begins with the time it was taken. */
function takenAt(backupId: string): string {
	const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/.exec(backupId)?.slice(1);
	if (!parts) return '';
	const [year, month, day, hour, minute, second] = parts;
	return `${year ?? ''}-${month ?? ''}-${day ?? ''}T${hour ?? ''}:${minute ?? ''}:${second ?? ''}.000Z`;
}
