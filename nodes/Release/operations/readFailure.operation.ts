import { assessFailure, type FailedExecution } from '../../../lib/release/assessFailure';
import { describeLastStep } from '../../../lib/release/describeLastStep';
import { isLedgerFailure } from '../../../lib/release/isLedgerFailure';
import { releaseLedger } from '../../shared/credentials';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { releaseJson } from '../releaseJson';

/**
 * Reads what an Error Trigger hands over and tells what to do about the release whose run it was. After a crash n8n hands over a live
 * error object, which expressions cannot read; this node reads it itself and gives a plain item. A release whose waiting
 * run was killed waits no longer. A ledger that does not answer is said (`ledgerReachable`), since somebody must be paged all the same.
 */
export const readFailure: Operation<FailedExecution> = {
	name: 'readFailure',
	kind: 'observe',
	resultKey: 'failure',
	description: fieldsOf('readFailure', [
		{
			displayName: 'Put this node right behind an Error Trigger: it reads the item itself.',
			name: 'readFailureNotice',
			type: 'notice',
			default: '',
		},
	]),
	readParameters: (context, itemIndex) => {
		const { execution, workflow } = record(context.getInputData()[itemIndex]?.json);
		const { id, error, lastNodeExecuted, mode } = record(execution);
		const { name, message } = record(error);
		return {
			executionId: text(id),
			workflow: text(record(workflow).name),
			lastNode: text(lastNodeExecuted),
			errorName: text(name),
			message: text(message),
			isCalled: mode === 'integrated',
		};
	},
	plan: ({ executionId }) => ({ key: '', inputs: { executionId } }),
	run: async ({ parameters: failed, open }) => {
		const told = { ...failed, action: 'page', ledgerReachable: true, release: null, standing: '' };
		try {
			const ledger = await open(releaseLedger);
			const release = await ledger.readReleaseByExecution(failed.executionId);
			const steps = release ? await ledger.readSteps(release.id) : [];
			const action = assessFailure(failed, release, steps);
			// Killed between asking and waiting, or with a vote in hand: no vote can wake it any more.
			if (action === 'keep' && release?.state === 'waiting')
				await ledger.stopWaiting(release.id, failed.executionId);
			if (!release) return { replacesItem: true, result: { ...told, action } };
			const known = { release: releaseJson(release), standing: describeLastStep(steps) };
			return { replacesItem: true, result: { ...told, action, ...known } };
		} catch (error) {
			if (!isLedgerFailure(error)) throw error;
			return { replacesItem: true, result: { ...told, ledgerReachable: false } };
		}
	},
};

function record(value: unknown): Readonly<Record<string, unknown>> {
	return value !== null && typeof value === 'object' ? (value as Readonly<Record<string, unknown>>) : {};
}

function text(value: unknown): string {
	return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
