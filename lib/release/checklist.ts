import type { Verdict } from '../support/verdict';

/** The lists that people answer about a release, and the step that holds their answers. */
export const CHECKLISTS = {
	readiness: '1.0/readiness-checklist',
	business: '4.3/business-checklist',
} as const;

export type ChecklistName = keyof typeof CHECKLISTS;

export interface ChecklistAnswer {
	readonly question: string;
	readonly answer: 'yes' | 'no';
}

export interface AssessedChecklist {
	/** `failed` as soon as one answer is no. */
	readonly verdict: Verdict;
	readonly answers: readonly ChecklistAnswer[];
	/** The questions that were not answered with yes. */
	readonly refused: readonly string[];
}

/** What a person answered, question by question. Only an explicit yes is one: anything else, and nothing at all, is a no. */
export function assessChecklist(given: Readonly<Record<string, unknown>>): AssessedChecklist {
	const answers = Object.entries(given).map(([question, answer]): ChecklistAnswer => ({
		question,
		answer: answer === 'yes' ? 'yes' : 'no',
	}));
	const refused = answers.filter(({ answer }) => answer === 'no').map(({ question }) => question);
	return { verdict: answers.length > 0 && refused.length === 0 ? 'passed' : 'failed', answers, refused };
}
