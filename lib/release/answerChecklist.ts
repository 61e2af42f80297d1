import { assessChecklist, CHECKLISTS, type AssessedChecklist, type ChecklistName } from './checklist';
import { releaseErrors } from './errors';
import type { Release } from './model';
import { recordStep, type StepLedger } from './recordStep';

export interface ChecklistForm {
	readonly releaseId: string;
	readonly checklist: ChecklistName;
	/** Whose answers they are. Several people may answer one list; each answers once more to change what was said. */
	readonly person: string;
	readonly comment: string;
	/** By question. */
	readonly given: Readonly<Record<string, unknown>>;
}

/**
 * Records what a person answered about a live release, under their name. It is a statement, not an act: it needs no token of its own, and is
 * recorded under the one that the release has now.
 * @throws RunbookError RELEASE.UNKNOWN, NOT_JOINABLE (it has finished), MANUAL_RUN_NOT_ARMED (a rehearsal)
 */
export async function answerChecklist(
	ledger: StepLedger,
	{ releaseId, checklist, person, comment, given }: ChecklistForm,
): Promise<{ readonly release: Release; readonly answered: AssessedChecklist }> {
	const release = await ledger.readRelease(releaseId);
	if (!release) throw releaseErrors.UNKNOWN({ releaseId });
	const stepKey = CHECKLISTS[checklist];
	if (release.rehearsal) throw releaseErrors.MANUAL_RUN_NOT_ARMED({ stepKey, environment: release.environment });
	if (release.finishedAt) throw releaseErrors.NOT_JOINABLE({ releaseId, state: release.state });
	const answered = assessChecklist(given);
	const { verdict, answers, refused } = answered;
	await recordStep(
		ledger,
		{
			release: { id: release.id, token: release.token },
			stepKey,
			itemKey: person,
			kind: 'verdict',
			inputs: { checklist, person },
			requires: [],
		},
		{
			run: async () =>
				await Promise.resolve({
					verdict,
					result: { person, comment, answers: answers.map((answer) => ({ ...answer })), refused },
				}),
		},
	);
	return { release, answered };
}
