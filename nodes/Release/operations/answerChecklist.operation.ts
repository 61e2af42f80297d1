import { z } from 'zod';
import { answerChecklist as answer, type ChecklistForm } from '../../../lib/release/answerChecklist';
import { CHECKLISTS, type ChecklistName } from '../../../lib/release/checklist';
import { parameterErrors } from '../../../lib/support/errors';
import { releaseLedger } from '../../shared/credentials';
import { fieldsOf } from '../../shared/describeOperations';
import type { Operation } from '../../shared/operation';
import { readJson } from '../../shared/readJson';
import { splitList } from '../../shared/splitList';
import { releaseJson } from '../releaseJson';

/** Of n8n's form, besides its fields. */
const OF_THE_FORM = ['submittedAt', 'formMode', 'formQueryParameters'];
const NAMED = 'Release ID, Your name, Checklist, Comment';
const REMEDY = 'Leave the expression that hands on what the form gave';

/** Records the answers of a person to a list of questions about a live release, under their name. */
export const answerChecklist: Operation<ChecklistForm> = {
	name: 'answerChecklist',
	kind: 'verdict',
	description: fieldsOf('answerChecklist', [
		{
			displayName: 'Answers',
			name: 'answers',
			type: 'json',
			default: '={{ JSON.stringify($json) }}',
			required: true,
			description: 'What the form gave: each field is a question, and "yes" is the only answer that is a yes',
		},
		{
			displayName: 'Release ID',
			name: 'checklistReleaseId',
			type: 'string',
			default: "={{ $json['Release ID'] }}",
			required: true,
			placeholder: 'e.g. r-2026.11.23-4f9c2a',
			description: 'The release that the answers are about; it must not have ended',
		},
		{
			displayName: 'Checklist',
			name: 'checklist',
			type: 'string',
			default: '={{ $json.Checklist }}',
			required: true,
			placeholder: 'e.g. business',
			description: 'Which list it is: readiness (before the release) or business (while the new version serves)',
		},
		{
			displayName: 'Person',
			name: 'person',
			type: 'string',
			default: "={{ $json['Your name'] }}",
			required: true,
			placeholder: 'e.g. the product manager',
			description: 'Whose answers they are',
		},
		{
			displayName: 'Comment',
			name: 'comment',
			type: 'string',
			default: '={{ $json.Comment }}',
			placeholder: 'e.g. reports still show the old layout',
			description: 'What else there is to say',
		},
		{
			displayName: 'Fields That Are No Questions',
			name: 'noQuestions',
			type: 'string',
			default: NAMED,
			placeholder: `e.g. ${NAMED}`,
			description: 'Names of the fields of the form that are not answers, with commas',
		},
	]),
	readParameters: (context, itemIndex) => {
		const text = (name: string): string => String(context.getNodeParameter(name, itemIndex, '') ?? '').trim();
		const given = readJson(context, { itemIndex, name: 'answers', schema: z.record(z.unknown()), remedy: REMEDY });
		const others = new Set([...OF_THE_FORM, ...splitList(text('noQuestions'))]);
		const questions = Object.fromEntries(Object.entries(given).filter(([field]) => !others.has(field)));
		const [releaseId, person, checklist] = [text('checklistReleaseId'), text('person'), text('checklist')];
		if (releaseId === '') throw invalid('checklistReleaseId', 'it is empty');
		if (person === '') throw invalid('person', 'it is empty: answers are recorded under a name');
		if (!isChecklist(checklist)) throw invalid('checklist', `there is no checklist "${checklist}"`);
		if (Object.keys(questions).length === 0) throw invalid('answers', 'there is no question');
		return { releaseId, checklist, person, comment: text('comment'), given: questions };
	},
	plan: ({ checklist, person }) => ({ key: person, inputs: { checklist, person } }),
	run: async ({ parameters, open }) => {
		const { release, answered } = await answer(await open(releaseLedger), parameters);
		const { verdict, answers, refused } = answered;
		const checklist = {
			name: parameters.checklist,
			person: parameters.person,
			comment: parameters.comment,
			answers: answers.map((one) => ({ ...one })),
			refused: [...refused],
		};
		return { verdict, result: { ...releaseJson(release), checklist } };
	},
};

function isChecklist(name: string): name is ChecklistName {
	return Object.hasOwn(CHECKLISTS, name);
}

function invalid(field: string, problem: string): Error {
	const remedy = `Fill in the form: a release id, a name, one of the checklists ${Object.keys(CHECKLISTS).join(', ')}, and its questions`;
	return parameterErrors.INVALID({ field, problem, remedy });
}
